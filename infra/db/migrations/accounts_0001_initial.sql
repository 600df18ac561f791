-- accounts.0001_initial: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Create model Staff
--
CREATE TABLE `staff` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `password` varchar(128) NOT NULL, `last_login` datetime(6) NULL, `is_superuser` bool NOT NULL, `username` varchar(150) NOT NULL UNIQUE, `first_name` varchar(150) NOT NULL, `last_name` varchar(150) NOT NULL, `email` varchar(254) NOT NULL, `is_staff` bool NOT NULL, `is_active` bool NOT NULL, `date_joined` datetime(6) NOT NULL);
CREATE TABLE `staff_groups` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `staff_id` bigint NOT NULL, `group_id` integer NOT NULL);
CREATE TABLE `staff_user_permissions` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `staff_id` bigint NOT NULL, `permission_id` integer NOT NULL);
ALTER TABLE `staff_groups` ADD CONSTRAINT `staff_groups_staff_id_group_id_87976e92_uniq` UNIQUE (`staff_id`, `group_id`);
ALTER TABLE `staff_groups` ADD CONSTRAINT `staff_groups_staff_id_304c39e2_fk_staff_id` FOREIGN KEY (`staff_id`) REFERENCES `staff` (`id`);
ALTER TABLE `staff_groups` ADD CONSTRAINT `staff_groups_group_id_35bfd2fb_fk_auth_group_id` FOREIGN KEY (`group_id`) REFERENCES `auth_group` (`id`);
ALTER TABLE `staff_user_permissions` ADD CONSTRAINT `staff_user_permissions_staff_id_permission_id_564281a9_uniq` UNIQUE (`staff_id`, `permission_id`);
ALTER TABLE `staff_user_permissions` ADD CONSTRAINT `staff_user_permissions_staff_id_46a14300_fk_staff_id` FOREIGN KEY (`staff_id`) REFERENCES `staff` (`id`);
ALTER TABLE `staff_user_permissions` ADD CONSTRAINT `staff_user_permissio_permission_id_50571769_fk_auth_perm` FOREIGN KEY (`permission_id`) REFERENCES `auth_permission` (`id`);
COMMIT;
