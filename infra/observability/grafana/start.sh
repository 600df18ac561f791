#!/bin/sh
# Grafana를 띄운다: 관리자의 비밀번호가 없거나 짧거나 누구나 아는 것이면 뜨지 않는다. 나머지 인수가 이미지의 명령이다.
# 환경: GF_SECURITY_ADMIN_PASSWORD(Compose의 GRAFANA_PASSWORD. up.sh는 없으면 만들어 var/hanpan에 둔다)
set -eu

readonly SHORTEST=12
password=${GF_SECURITY_ADMIN_PASSWORD:-}
if [ "${#password}" -lt "$SHORTEST" ]; then
  echo "GRAFANA_PASSWORD가 ${SHORTEST}자보다 짧거나 없어 Grafana를 띄우지 않습니다" >&2
  echo "Grafana does not start: GRAFANA_PASSWORD is missing or shorter than $SHORTEST characters" >&2
  exit 1
fi

exec "$@"
