"""감사의 행을 고치거나 지우는 문장을 데이터베이스가 거절하게 한다.

트리거는 권한보다 안쪽이다: 어느 계정의 UPDATE, DELETE, REPLACE도 막는다. TRUNCATE와 DROP은 트리거를 지나지
않지만 응용 계정에는 그 권한이 없다.
"""

from django.db import migrations

REFUSALS = {"update": "audit_record is append-only", "delete": "audit_record is append-only"}


def _trigger(event, message):
    name = f"audit_record_no_{event}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} BEFORE {event.upper()} ON audit_record FOR EACH ROW "
        f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{message}'",
        f"DROP TRIGGER {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [_trigger(event, message) for event, message in REFUSALS.items()]
