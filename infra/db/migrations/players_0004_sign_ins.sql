-- players.0004_sign_ins: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Add field token_epoch to player
--
ALTER TABLE `player` ADD COLUMN `token_epoch` integer UNSIGNED DEFAULT 0 NOT NULL CHECK (`token_epoch` >= 0);
--
-- Create model SignIn
--
CREATE TABLE `player_sign_in` (`id` uuid NOT NULL PRIMARY KEY, `created_at` datetime(6) NOT NULL, `refreshed_at` datetime(6) NOT NULL, `expires_at` datetime(6) NOT NULL, `ended_at` datetime(6) NULL, `end_reason` varchar(16) NOT NULL, `player_id` uuid NOT NULL);
--
-- Create model RefreshToken
--
CREATE TABLE `player_refresh_token` (`token_hash` varchar(64) NOT NULL PRIMARY KEY, `issued_at` datetime(6) NOT NULL, `expires_at` datetime(6) NOT NULL, `rotated_at` datetime(6) NULL, `sign_in_id` uuid NOT NULL);
--
-- Create index sign_in_expires_idx on field(s) expires_at of model signin
--
CREATE INDEX `sign_in_expires_idx` ON `player_sign_in` (`expires_at`);
--
-- Create index refresh_token_expires_idx on field(s) expires_at of model refreshtoken
--
CREATE INDEX `refresh_token_expires_idx` ON `player_refresh_token` (`expires_at`);
ALTER TABLE `player_sign_in` ADD CONSTRAINT `player_sign_in_player_id_2bb540bd_fk_player_id` FOREIGN KEY (`player_id`) REFERENCES `player` (`id`);
ALTER TABLE `player_refresh_token` ADD CONSTRAINT `player_refresh_token_sign_in_id_8397160d_fk_player_sign_in_id` FOREIGN KEY (`sign_in_id`) REFERENCES `player_sign_in` (`id`);
COMMIT;
