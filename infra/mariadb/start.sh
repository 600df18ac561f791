#!/bin/sh
# MariaDB를 띄운다: 빈 데이터 폴더를 처음 한 번 채우고, 데이터베이스와 계정을 맞춘 뒤 mariadbd로 바뀐다(exec).
# 환경: MARIADB_BIND MARIADB_DATA, HANPAN_DB_*(이름과 계정).
#       MARIADB_TESTING=1이면 시험이 쓰는 test_% 데이터베이스의 권한과 장애를 내는 hanpan_admin 계정을 더한다.
set -eu

data=$MARIADB_DATA/db
umask 077

# 초기화가 도중에 끊겨도 반쯤 채운 폴더가 진짜 자리에 남지 않는다: 다 만든 뒤에 이름을 바꾼다.
if [ ! -d "$data" ]; then
  rm -rf "$data.partial"
  mkdir -p "$data.partial"
  set -- --no-defaults --datadir="$data.partial" --skip-test-db --skip-name-resolve \
    --auth-root-authentication-method=socket
  [ "$(id -u)" != 0 ] || set -- "$@" --user=root
  mariadb-install-db "$@" >"$MARIADB_DATA/install.log" 2>&1 || { cat "$MARIADB_DATA/install.log" >&2; exit 1; }
  mv "$data.partial" "$data"
fi

quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/\\\\/\\\\\\\\/g; s/'/''/g")"; }

app="$(quoted "$HANPAN_DB_USER")@'%'"
migrate="$(quoted "$HANPAN_DB_MIGRATE_USER")@'%'"
init=$MARIADB_DATA/init.sql

# 연결을 받기 전에 돈다. 있는 것은 그대로 두고 비밀번호와 권한만 맞춘다.
# 서버마다 스스로 하는 일이라 binlog에는 남기지 않는다. --init-file은 한 줄에 한 문장만 읽는다.
{
  echo "SET sql_log_bin = 0;"
  echo "CREATE DATABASE IF NOT EXISTS \`$HANPAN_DB_NAME\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
  echo "CREATE USER IF NOT EXISTS $app;"
  echo "ALTER USER $app IDENTIFIED BY $(quoted "$HANPAN_DB_PASSWORD");"
  echo "CREATE USER IF NOT EXISTS $migrate;"
  echo "ALTER USER $migrate IDENTIFIED BY $(quoted "$HANPAN_DB_MIGRATE_PASSWORD");"
  echo "GRANT SELECT, INSERT, UPDATE, DELETE ON \`$HANPAN_DB_NAME\`.* TO $app;"
  echo "GRANT ALL PRIVILEGES ON \`$HANPAN_DB_NAME\`.* TO $migrate;"
  if [ "${MARIADB_TESTING:-}" = 1 ]; then
    echo "GRANT ALL PRIVILEGES ON \`test\\_%\`.* TO $migrate;"
    echo "GRANT SELECT, INSERT, UPDATE, DELETE ON \`test\\_%\`.* TO $app;"
    echo "CREATE USER IF NOT EXISTS hanpan_admin@'%' IDENTIFIED BY 'hanpan-admin-dev';"
    echo "GRANT ALL PRIVILEGES ON *.* TO hanpan_admin@'%';"
  fi
} >"$init"

set -- --defaults-file="$PWD/infra/mariadb/hanpan.cnf" --datadir="$data" --bind-address="$MARIADB_BIND" --init-file="$init"
# 클론이 /root 아래에 있으면 mysql 계정은 데이터 폴더에 닿지 못한다: root로 띄웠으면 root로 돈다.
[ "$(id -u)" != 0 ] || set -- "$@" --user=root
exec mariadbd "$@"
