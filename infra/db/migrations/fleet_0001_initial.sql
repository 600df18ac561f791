-- fleet.0001_initial: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Create model LiveServer
--
-- (no-op)
--
-- Create model DrainIntent
--
CREATE TABLE `drain_intent` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `region` varchar(32) NOT NULL, `server_id` varchar(64) NOT NULL, `intended` bool NOT NULL, `grace_ms` integer UNSIGNED NULL CHECK (`grace_ms` >= 0), `reason` varchar(200) NOT NULL, `actor` varchar(150) NOT NULL, `ordered_at` datetime(6) NOT NULL, CONSTRAINT `drain_intent_server_uniq` UNIQUE (`region`, `server_id`));
--
-- Create model Roll
--
CREATE TABLE `fleet_roll` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `region` varchar(32) NOT NULL, `open_key` varchar(32) NULL UNIQUE, `servers` json NOT NULL, `pools` json NOT NULL, `position` integer UNSIGNED NOT NULL CHECK (`position` >= 0), `phase` varchar(16) NOT NULL, `phase_since` datetime(6) NOT NULL, `boot_before` varchar(32) NOT NULL, `grace_ms` integer UNSIGNED NULL CHECK (`grace_ms` >= 0), `return_timeout_ms` integer UNSIGNED NOT NULL CHECK (`return_timeout_ms` >= 0), `reason` varchar(200) NOT NULL, `actor_kind` varchar(16) NOT NULL, `actor` varchar(150) NOT NULL, `actor_roles` varchar(128) NOT NULL, `note` varchar(200) NOT NULL, `started_at` datetime(6) NOT NULL, `finished_at` datetime(6) NULL, CONSTRAINT `fleet_roll_open_until_finished` CHECK (((`finished_at` IS NOT NULL AND `open_key` IS NULL) OR (`finished_at` IS NULL AND `open_key` IS NOT NULL))));
--
-- Create model ServerScope
--
CREATE TABLE `server_scope` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `region` varchar(32) NOT NULL, `pool` varchar(32) NOT NULL, CONSTRAINT `server_scope_uniq` UNIQUE (`region`, `pool`));
COMMIT;
