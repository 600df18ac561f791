#!/usr/bin/env bash
# 통합 시험: 진짜 MariaDB와 Redis(infra/compose/it.yml)를 빈 데이터로 띄워 돌리고 멈춘다. 소켓의 계약도 여기서 본다.
# 로컬 런타임에서는 두 벌을 띄워 두 일꾼이 나란히 돈다. 답의 때나 몰림을 보는 것(`alone` 표시)은 그 뒤에 홀로 돈다.
#   scripts/test-it.sh             모두
#   scripts/test-it.sh tests/...   고른 것만, 홀로(인자는 pytest에 그대로 간다)
# HANPAN_RUNTIME=docker|local로 런타임을 정한다.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/ci/children.sh
source scripts/ci/children.sh

readonly SUITE=(tests/contract/ws tests/it tests/faults)

scripts/build.sh --install-for-tests
export HANPAN_TEST_SUITE=it
# 데이터를 메모리에: 느린 디스크의 fsync가 시험의 때를 흔들지 않는다.
export HANPAN_STACK_DATA_IN_MEMORY=/dev/shm
if (($#)); then
  exec .venv/bin/python -m stack --file it --project it run --fresh --timeout-s 1200 -- \
    .venv/bin/python -m pytest "$@"
fi
run_child .venv/bin/python -m stack --file it --project it run --copies 2 --fresh --timeout-s 900 -- \
  .venv/bin/python -m pytest -n auto --dist worksteal -m 'not alone' "${SUITE[@]}"
export HANPAN_TEST_SUITE=alone
run_child .venv/bin/python -m stack --file it --project it run --fresh --timeout-s 600 -- \
  .venv/bin/python -m pytest -m alone "${SUITE[@]}"
