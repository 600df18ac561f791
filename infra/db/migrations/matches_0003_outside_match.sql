-- matches.0003_outside_match: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Create model OutsideMatch
--
CREATE TABLE `outside_match` (`match_id` uuid NOT NULL PRIMARY KEY, `mode` varchar(32) NOT NULL, `player_ids` json NOT NULL, `service` varchar(64) NOT NULL, `created_at` datetime(6) NOT NULL, CONSTRAINT `outside_match_mode_not_empty` CHECK (NOT (`mode` = '')), CONSTRAINT `outside_match_service_not_empty` CHECK (NOT (`service` = '')));
COMMIT;
