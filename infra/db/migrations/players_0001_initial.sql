-- players.0001_initial: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Create model Player
--
CREATE TABLE `player` (`id` uuid NOT NULL PRIMARY KEY, `name` varchar(24) NOT NULL, `created_at` datetime(6) NOT NULL);
--
-- Create model Device
--
CREATE TABLE `player_device` (`device_hash` varchar(64) NOT NULL PRIMARY KEY);
--
-- Create model Credential
--
CREATE TABLE `player_credential` (`player_id` uuid NOT NULL PRIMARY KEY, `username` varchar(32) NOT NULL, `username_key` varchar(32) NOT NULL, `password_hash` varchar(256) NOT NULL);
--
-- Create constraint player_name_not_empty on model player
--
ALTER TABLE `player` ADD CONSTRAINT `player_name_not_empty` CHECK (NOT (`name` = ''));
--
-- Add field player to device
--
ALTER TABLE `player_device` ADD COLUMN `player_id` uuid NOT NULL , ADD CONSTRAINT `player_device_player_id_34b56c9e_fk_player_id` FOREIGN KEY (`player_id`) REFERENCES `player`(`id`);
--
-- Create constraint credential_username_uniq on model credential
--
ALTER TABLE `player_credential` ADD CONSTRAINT `credential_username_uniq` UNIQUE (`username_key`);
ALTER TABLE `player_credential` ADD CONSTRAINT `player_credential_player_id_efad1107_fk_player_id` FOREIGN KEY (`player_id`) REFERENCES `player` (`id`);
COMMIT;
