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
# shellcheck source=scripts/words.sh
source scripts/words.sh

stack() { .venv/bin/python -m stack --file e2e --project hanpan --default-runtime local "$@"; }
require_built() { [[ -x .venv/bin/python ]] || { echo "$(pick '아직 설치되지 않았습니다: 먼저 ./scripts/up.sh' 'Not installed yet: run ./scripts/up.sh first')" >&2; exit 1; }; }

GREETING=$(pick '
준비되었습니다.
  놀이         http://localhost:8080/play/   (탭 둘이면 한 판)
  WebSocket    ws://localhost:8080/ws
  운영         http://localhost:8080/ops/   관리 http://localhost:8080/admin/
  API 문서     http://localhost:8080/api/schema/
  상태와 로그  ./scripts/up.sh status | logs 이름
' '
Ready.
  Play         http://localhost:8080/play/   (two tabs make a match)
  WebSocket    ws://localhost:8080/ws
  Ops          http://localhost:8080/ops/   Admin http://localhost:8080/admin/
  API schema   http://localhost:8080/api/schema/
  State, logs  ./scripts/up.sh status | logs NAME
')$'\n'
OBSERVABILITY_GREETING=$(pick \
  '  Prometheus   http://localhost:9090/  경보 http://localhost:9090/alerts' \
  '  Prometheus   http://localhost:9090/  Alerts http://localhost:9090/alerts')$'\n'
DOCKER_OBSERVABILITY_GREETING=$(pick \
  '  추적         http://localhost:16686/  Grafana http://localhost:3000/' \
  '  Traces       http://localhost:16686/  Grafana http://localhost:3000/')$'\n'
readonly GRAFANA_PASSWORD_FILE=var/hanpan/grafana-password
GRAFANA_PASSWORD_GREETING=$(pick \
  "  Grafana      admin, 비밀번호는 $PWD/$GRAFANA_PASSWORD_FILE" \
  "  Grafana      admin, the password is in $PWD/$GRAFANA_PASSWORD_FILE")$'\n'
readonly GRAFANA_PASSWORD_GREETING
if [[ ${HANPAN_RUNTIME:-local} == docker ]]; then demo_staff=/keys/demo-staff.txt; else demo_staff=var/hanpan/volumes/keys/demo-staff.txt; fi
DEMO_GREETING=$(pick '  시연 직원    ' '  Demo staff   ')"./scripts/up.sh exec platform cat $demo_staff"$'\n'
readonly DEMO_GREETING
readonly GREETING OBSERVABILITY_GREETING DOCKER_OBSERVABILITY_GREETING

usage() { pick "$(sed -n '2,12s/^# \{0,1\}//p' "$0")" 'Runs Hanpan on this machine. On a fresh Debian 12 run it once as root: it installs what is missing.
  scripts/up.sh             start in the foreground and watch (Ctrl-C stops cleanly)
  scripts/up.sh --detach    start in the background
  scripts/up.sh --observability [--detach]   start with Prometheus (on Docker also collector, Jaeger, Grafana)
  scripts/up.sh down        stop (the data stays in var/hanpan)
  scripts/up.sh status      state of the services
  scripts/up.sh logs NAME   follow the log of a service
  scripts/up.sh env         table of the environment. Here they are given without HANPAN_ (those in infra/compose/e2e.yml)
  scripts/up.sh exec NAME COMMAND...   run a command in the environment of a service (exec setup python manage.py help)
HANPAN_RUNTIME=docker runs on Docker (the default is local).' && echo; }

install=--install-only greeting=$GREETING
if [[ ${1:-} == --observability ]]; then
  shift
  install=--install-for-observability greeting+=$OBSERVABILITY_GREETING
  export COMPOSE_PROFILES=observability
  if [[ ${HANPAN_RUNTIME:-local} == docker ]]; then
    greeting+=$DOCKER_OBSERVABILITY_GREETING
    if [[ -z ${GRAFANA_PASSWORD:-} ]]; then
      GRAFANA_PASSWORD=$(scripts/secret-file.sh "$GRAFANA_PASSWORD_FILE")
      export GRAFANA_PASSWORD
      greeting+=$GRAFANA_PASSWORD_GREETING
    fi
    export OTLP_ENDPOINT=${OTLP_ENDPOINT:-otel-collector:4317}
    export TRACE_URL=${TRACE_URL:-http://localhost:16686/trace/{trace_id\}}
  fi
  [[ ${1:-} == '' || ${1:-} == --detach ]] || set -- --help
fi

case ${1:-} in
  '' | --detach)
    scripts/build.sh "$install"
    export DEMO=${DEMO:-1}
    [[ $DEMO == 0 ]] || greeting+=$DEMO_GREETING
    mode=serve
    [[ ${1:-} == --detach ]] && mode=up
    exec .venv/bin/python -m stack --file e2e --project hanpan --default-runtime local \
      "$mode" --announce "setup:시연 직원|Demo staff" --greeting "$greeting"
    ;;
  down | status) require_built; stack "$1" ;;
  env) require_built; exec .venv/bin/python -m environment.env ;;
  logs) require_built; stack logs -f "${2:?$(pick '서비스의 이름이 필요합니다(up.sh status가 보여 준다)' 'a service name is needed (up.sh status lists them)')}" ;;
  exec) require_built; shift; stack exec "$@" ;;
  *) usage >&2; exit 2 ;;
esac
