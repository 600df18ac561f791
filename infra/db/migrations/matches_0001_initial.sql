-- matches.0001_initial: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Create model MatchResult
--
CREATE TABLE `match_result` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `match_id` uuid NOT NULL UNIQUE, `status` varchar(16) NOT NULL, `abort_code` varchar(32) NOT NULL, `mode` varchar(32) NOT NULL, `region` varchar(32) NOT NULL, `server_id` varchar(64) NOT NULL, `digest` varchar(64) NOT NULL, `players` json NOT NULL, `created_at` datetime(6) NOT NULL, `started_at` datetime(6) NULL, `ended_at` datetime(6) NOT NULL, `finalized_at` datetime(6) NOT NULL, `ticks` integer UNSIGNED NOT NULL CHECK (`ticks` >= 0), `seed` bigint UNSIGNED NOT NULL CHECK (`seed` >= 0), `trace_id` varchar(32) NOT NULL, CONSTRAINT `match_result_status_known` CHECK (((`abort_code` = '' AND `status` = 'finalized') OR (`status` = 'aborted' AND NOT (`abort_code` = '')))), CONSTRAINT `match_result_times_ordered` CHECK ((`ended_at` >= (`created_at`) AND (`started_at` IS NULL OR (`ended_at` >= (`started_at`) AND `started_at` >= (`created_at`))))), CONSTRAINT `match_result_mode_not_empty` CHECK (NOT (`mode` = '')));
--
-- Create model Rating
--
CREATE TABLE `rating` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `mode` varchar(32) NOT NULL, `mu` double precision NOT NULL, `sigma` double precision NOT NULL, `games` integer UNSIGNED NOT NULL CHECK (`games` >= 0), `player_id` uuid NOT NULL, CONSTRAINT `rating_player_mode_uniq` UNIQUE (`player_id`, `mode`), CONSTRAINT `rating_sigma_positive` CHECK (`sigma` > 0.0e0), CONSTRAINT `rating_mode_not_empty` CHECK (NOT (`mode` = '')));
--
-- Create model RatingChange
--
CREATE TABLE `rating_change` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `mode` varchar(32) NOT NULL, `mu_before` double precision NOT NULL, `sigma_before` double precision NOT NULL, `mu_after` double precision NOT NULL, `sigma_after` double precision NOT NULL, `match_id` uuid NOT NULL, `player_id` uuid NOT NULL, CONSTRAINT `rating_change_match_player_uniq` UNIQUE (`match_id`, `player_id`), CONSTRAINT `rating_change_sigma_positive` CHECK ((`sigma_after` > 0.0e0 AND `sigma_before` > 0.0e0)));
ALTER TABLE `rating` ADD CONSTRAINT `rating_player_id_3b9df718_fk_player_id` FOREIGN KEY (`player_id`) REFERENCES `player` (`id`);
CREATE INDEX `rating_leaderboard_idx` ON `rating` (`mode`, `mu` DESC, `player_id`);
ALTER TABLE `rating_change` ADD CONSTRAINT `rating_change_match_id_dab7522e_fk_match_result_match_id` FOREIGN KEY (`match_id`) REFERENCES `match_result` (`match_id`);
ALTER TABLE `rating_change` ADD CONSTRAINT `rating_change_player_id_a2cd4ff4_fk_player_id` FOREIGN KEY (`player_id`) REFERENCES `player` (`id`);
COMMIT;
