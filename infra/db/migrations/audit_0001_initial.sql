-- audit.0001_initial: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Create model AuditRecord
--
CREATE TABLE `audit_record` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `at` datetime(6) NOT NULL, `deed_id` varchar(36) NOT NULL, `actor_kind` varchar(16) NOT NULL, `actor` varchar(150) NOT NULL, `roles` varchar(128) NOT NULL, `action` varchar(64) NOT NULL, `target` varchar(128) NOT NULL, `result` varchar(16) NOT NULL, `code` varchar(32) NOT NULL, `reason` varchar(200) NOT NULL, `details` json NOT NULL, `trace_id` varchar(32) NOT NULL, CONSTRAINT `audit_record_deed_result_uniq` UNIQUE (`deed_id`, `result`), CONSTRAINT `audit_record_code_tells_why` CHECK (((`code` = '' AND `result` = 'allowed') OR (NOT (`result` = 'allowed') AND NOT (`code` = '')))), CONSTRAINT `audit_record_actor_not_empty` CHECK (NOT (`actor` = '')), CONSTRAINT `audit_record_action_not_empty` CHECK (NOT (`action` = '')));
CREATE INDEX `audit_record_actor_idx` ON `audit_record` (`actor`);
CREATE INDEX `audit_record_action_idx` ON `audit_record` (`action`);
CREATE INDEX `audit_record_target_idx` ON `audit_record` (`target`);
COMMIT;
