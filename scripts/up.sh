#!/usr/bin/env bash
# 한판을 이 기계에서 돌린다. 새 Debian 12에서는 root로 한 번 돌리면 모자란 것을 깐다.
#   scripts/up.sh             앞에서 띄우고 지켜본다(Ctrl-C로 깨끗이 멈춘다)
#   scripts/up.sh --detach    배경으로 띄운다
#   scripts/up.sh --observability [--detach]   Prometheus(도커에서는 수집기, Jaeger, Grafana도)와 함께 띄운다
#   scripts/up.sh down        멈춘다(데이터는 var/hanpan에 남는다)
#   scripts/up.sh status      서비스의 상태
#   scripts/up.sh logs 이름   서비스의 로그를 이어서 본다
#   scripts/up.sh env         환경 변수의 표. 여기에 줄 때는 앞의 HANPAN_을 뗀다(infra/compose/e2e.yml에 있는 것)
#   scripts/up.sh exec 이름 명령...   서비스의 환경에서 명령을 돌린다(예: exec setup python manage.py help)
# HANPAN_RUNTIME=docker면 도커에서 돌린다(기본은 local).
set -euo pipefail
cd "$(dirname "$0")/.."

stack() { .venv/bin/python -m stack --file e2e --project hanpan --default-runtime local "$@"; }
require_built() { [[ -x .venv/bin/python ]] || { echo "아직 설치되지 않았습니다: 먼저 ./scripts/up.sh" >&2; exit 1; }; }

readonly GREETING='
준비되었습니다.
  놀이         http://localhost:8080/play/   (탭 둘이면 한 판)
  WebSocket    ws://localhost:8080/ws
  운영         http://localhost:8080/ops/   관리 http://localhost:8080/admin/
  API 문서     http://localhost:8080/api/schema/
  상태와 로그  ./scripts/up.sh status | logs 이름
'

readonly OBSERVABILITY_GREETING='  Prometheus   http://localhost:9090/  경보 http://localhost:9090/alerts
'
readonly DOCKER_OBSERVABILITY_GREETING='  추적         http://localhost:16686/  Grafana http://localhost:3000/
'

install=--install-only greeting=$GREETING
if [[ ${1:-} == --observability ]]; then
  shift
  install=--install-for-observability greeting+=$OBSERVABILITY_GREETING
  export COMPOSE_PROFILES=observability
  if [[ ${HANPAN_RUNTIME:-local} == docker ]]; then
    greeting+=$DOCKER_OBSERVABILITY_GREETING
    export OTLP_ENDPOINT=${OTLP_ENDPOINT:-otel-collector:4317}
    export TRACE_URL=${TRACE_URL:-http://localhost:16686/trace/{trace_id\}}
  fi
  [[ ${1:-} == '' || ${1:-} == --detach ]] || set -- --help
fi

case ${1:-} in
  '' | --detach)
    scripts/build.sh "$install"
    export DEMO=${DEMO:-1}
    mode=serve
    [[ ${1:-} == --detach ]] && mode=up
    exec .venv/bin/python -m stack --file e2e --project hanpan --default-runtime local \
      "$mode" --announce "setup:시연 직원" --greeting "$greeting"
    ;;
  down | status) require_built; stack "$1" ;;
  env) require_built; exec .venv/bin/python -m config.env ;;
  logs) require_built; stack logs -f "${2:?서비스의 이름이 필요합니다(up.sh status가 보여 준다)}" ;;
  exec) require_built; shift; stack exec "$@" ;;
  *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
