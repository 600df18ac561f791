#!/usr/bin/env bash
# 단위, 계약, 구조 시험. 서비스도 네트워크도 쓰지 않는다. 인자는 pytest에 그대로 간다.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh --install-for-tests
export HANPAN_TEST_SUITE=unit
exec timeout --foreground --kill-after=30 600 .venv/bin/python -m pytest tests/unit tests/contract tests/architecture "$@"
