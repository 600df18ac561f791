-- matches.0002_ops_search: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Create model AbortedSeat
--
CREATE TABLE `aborted_seat` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `mode` varchar(32) NOT NULL);
--
-- Add field queued_at to matchresult
--
ALTER TABLE `match_result` ADD COLUMN `queued_at` datetime(6) NULL;
--
-- Create index match_result_mode_idx on field(s) mode of model matchresult
--
CREATE INDEX `match_result_mode_idx` ON `match_result` (`mode`);
--
-- Create index match_result_status_idx on field(s) status of model matchresult
--
CREATE INDEX `match_result_status_idx` ON `match_result` (`status`);
--
-- Add field match to abortedseat
--
ALTER TABLE `aborted_seat` ADD COLUMN `match_id` uuid NOT NULL , ADD CONSTRAINT `aborted_seat_match_id_92f2e0aa_fk_match_result_match_id` FOREIGN KEY (`match_id`) REFERENCES `match_result`(`match_id`);
--
-- Add field player to abortedseat
--
ALTER TABLE `aborted_seat` ADD COLUMN `player_id` uuid NOT NULL;
--
-- Create constraint aborted_seat_match_player_uniq on model abortedseat
--
ALTER TABLE `aborted_seat` ADD CONSTRAINT `aborted_seat_match_player_uniq` UNIQUE (`match_id`, `player_id`);
CREATE INDEX `aborted_seat_player_id_dca753a8` ON `aborted_seat` (`player_id`);
COMMIT;
