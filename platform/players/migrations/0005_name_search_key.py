"""이름의 칸을 넓히고, 찾는 이름을 데이터베이스의 LOWER가 아니라 파이썬이 한 번 만든 열쇠로 바꾼다.

칸의 이름을 그대로 두어, 아직 도는 지난 판의 프로세스도 읽고(LOWER와 같은 열쇠가 대부분이다) 행을 만든다(기본값은 빈
글이고 `manage.py setup`이 채운다).
"""

from django.db import migrations, models

import players.name_keys


def fill(apps, _schema_editor):
    players.name_keys.refresh_all(apps.get_model("players", "Player"))


class Migration(migrations.Migration):
    # 행을 묶음마다 고쳐 쓴다. 중간에 멈추면 다시 돌리면 된다.
    atomic = False

    dependencies = [("players", "0004_sign_ins")]

    operations = [
        migrations.RunSQL(
            sql=(
                "ALTER TABLE `player` MODIFY `name` varchar(96) NOT NULL, "
                "MODIFY `name_key` varchar(255) NOT NULL DEFAULT ''"
            ),
            # 24자를 넘는 이름이 있으면 되돌리지 못한다. 지난 판은 새 표에서도 그대로 돈다.
            reverse_sql=[
                "DROP INDEX `player_name_key_idx` ON `player`",
                "ALTER TABLE `player` DROP COLUMN `name_key`",
                "ALTER TABLE `player` MODIFY `name` varchar(24) NOT NULL",
                "ALTER TABLE `player` ADD COLUMN `name_key` varchar(24) GENERATED ALWAYS AS (LOWER(`name`)) STORED",
                "CREATE INDEX `player_name_key_idx` ON `player` (`name_key`)",
            ],
            state_operations=[
                migrations.AlterField(
                    "player", "name", models.CharField(max_length=96, verbose_name="이름")
                ),
                migrations.RemoveField("player", "name_key"),
                migrations.AddField(
                    "player",
                    "name_key",
                    models.CharField(
                        db_default="", default="", editable=False, max_length=255, verbose_name="찾는 이름"
                    ),
                ),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
