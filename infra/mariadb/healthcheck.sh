#!/bin/sh
# 응용 계정으로 붙어 한 문장을 돌려 본다: 떠 있기만 한 것이 아니라 쓸 수 있어야 준비된 것이다.
export MYSQL_PWD="$HANPAN_DB_PASSWORD"
exec mariadb --no-defaults --protocol=tcp --host="$HANPAN_DB_HOST" --user="$HANPAN_DB_USER" --connect-timeout=2 \
  --execute='SELECT 1' "$HANPAN_DB_NAME"
