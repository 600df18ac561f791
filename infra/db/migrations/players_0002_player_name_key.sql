-- players.0002_player_name_key: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Add field name_key to player
--
ALTER TABLE `player` ADD COLUMN `name_key` varchar(24) GENERATED ALWAYS AS (LOWER(`name`)) STORED;
--
-- Create index player_name_key_idx on field(s) name_key of model player
--
CREATE INDEX `player_name_key_idx` ON `player` (`name_key`);
COMMIT;
