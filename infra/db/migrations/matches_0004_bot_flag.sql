-- matches.0004_bot_flag: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Remove index rating_leaderboard_idx from rating
--
DROP INDEX `rating_leaderboard_idx` ON `rating`;
--
-- Add field is_bot to rating
--
ALTER TABLE `rating` ADD COLUMN `is_bot` bool DEFAULT b'0' NOT NULL;
--
-- Create index rating_board_idx on field(s) mode, is_bot, -mu, player of model rating
--
CREATE INDEX `rating_board_idx` ON `rating` (`mode`, `is_bot`, `mu` DESC, `player_id`);
COMMIT;
