#!/usr/bin/env bash
# 단위, 구조, 문서의 계약 시험. 서비스도 네트워크도 쓰지 않는다. 인자는 pytest에 그대로 간다.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh --install-for-tests
# JS의 순수한 부분. node가 없는 기계에서는 e2e의 브라우저가 같은 표본을 읽는다.
if command -v node >/dev/null; then
  mkdir -p var/log
  timeout --kill-after=10 120 node --test clients/js/test tests/unit/play tests/unit/ops tests/unit/front >var/log/test-js.log 2>&1 ||
    { cat var/log/test-js.log >&2; exit 1; }
  grep -E '^(#|ℹ) (pass|fail) ' var/log/test-js.log
fi
export HANPAN_TEST_SUITE=unit
exec timeout --foreground --kill-after=30 600 .venv/bin/python -m pytest -n auto --dist worksteal tests/unit tests/architecture \
  tests/contract --ignore tests/contract/ws "$@"
