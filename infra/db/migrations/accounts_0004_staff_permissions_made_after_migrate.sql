-- accounts.0004_staff_permissions_made_after_migrate: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Change Meta options on staff
--
-- (no-op)
COMMIT;
