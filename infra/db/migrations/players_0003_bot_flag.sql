-- players.0003_bot_flag: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Add field is_bot to player
--
ALTER TABLE `player` ADD COLUMN `is_bot` bool DEFAULT b'0' NOT NULL;
COMMIT;
