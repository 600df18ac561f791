#!/usr/bin/env bash
# 온전한 구성(infra/compose/e2e.yml)을 빈 데이터로 띄워 http://localhost:8080만으로 시험하고 멈춘다.
#   scripts/test-e2e.sh          모두
#   scripts/test-e2e.sh --smoke  짧은 부분만(-m smoke)
# HANPAN_RUNTIME=docker|local로 런타임을 정한다(없으면 쓸 수 있는 도커가 있을 때 도커).
# 나머지 인자는 pytest에 그대로 간다.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh --install-for-e2e
export HANPAN_TEST_SUITE=e2e
# 데이터를 메모리에: 느린 디스크의 fsync가 시험의 때를 흔들지 않는다.
export HANPAN_STACK_DATA_IN_MEMORY=/dev/shm
selection=()
if [[ ${1:-} == --smoke ]]; then
  shift
  export HANPAN_TEST_SUITE=smoke
  selection=(-m smoke)
fi

# 판과 드레인을 짧게: 규칙은 같고 길이만 다르다.
export MODE_OVERRIDES=${MODE_OVERRIDES:-'{"duel":{"duration_ms":4000,"rating_window":{"open_after_ms":12000}},"arena":{"duration_ms":6000,"fill_wait_ms":2000}}'}
export START_COUNTDOWN_MS=${START_COUNTDOWN_MS:-150}
export ABANDON_AFTER_MS=${ABANDON_AFTER_MS:-2500}
export CONCEDE_AFTER_MS=${CONCEDE_AFTER_MS:-3000}
export DRAIN_GRACE_MS=${DRAIN_GRACE_MS:-10000}
export SESSION_STOP_GRACE=${SESSION_STOP_GRACE:-15s}
# 추적을 시험이 받고(tests/fakes/otlp_receiver.py) Prometheus도 함께 띄운다. 도커의 컨테이너는 이 기계의 루프백에 닿지
# 못하고 남의 이미지를 받아야 하므로 smoke에는 없다.
if [[ $HANPAN_TEST_SUITE != smoke ]]; then
  export OTLP_ENDPOINT=${OTLP_ENDPOINT:-127.94.43.17:4317}
  export TRACE_URL=${TRACE_URL:-http://traces.invalid/trace/{trace_id\}}
  export COMPOSE_PROFILES=${COMPOSE_PROFILES:-observability}
fi
# 운영 화면의 시험이 시연 직원으로 로그인한다(비밀번호는 열쇠의 폴더에 있다).
export DEMO=${DEMO:-1}
exec .venv/bin/python -m stack --file e2e --project e2e run --fresh --timeout-s 1500 -- \
  .venv/bin/python -m pytest tests/e2e "${selection[@]}" "$@"
