-- players.0005_name_search_key: manage.py render_sql이 적은 글이다. 고치지 말고 Django 마이그레이션을 고친다.
BEGIN;
--
-- Raw SQL operation
--
ALTER TABLE `player` MODIFY `name` varchar(96) NOT NULL, MODIFY `name_key` varchar(255) NOT NULL DEFAULT '';
--
-- Raw Python operation
--
-- THIS OPERATION CANNOT BE WRITTEN AS SQL
COMMIT;
