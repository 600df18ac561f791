-- audit.0002_append_only: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Raw SQL operation
--
CREATE TRIGGER audit_record_no_update BEFORE UPDATE ON audit_record FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_record is append-only';
--
-- Raw SQL operation
--
CREATE TRIGGER audit_record_no_delete BEFORE DELETE ON audit_record FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_record is append-only';
COMMIT;
