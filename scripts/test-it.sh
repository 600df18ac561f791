#!/usr/bin/env bash
# 통합 시험: 진짜 MariaDB와 Redis(infra/compose/it.yml)를 빈 데이터로 띄워 돌리고 멈춘다. 소켓의 계약도 여기서 본다.
# HANPAN_RUNTIME=docker|local로 런타임을 정한다. 인자는 pytest에 그대로 간다.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh --install-for-tests
export HANPAN_TEST_SUITE=it
exec .venv/bin/python -m stack --file it --project it run --fresh --timeout-s 1200 -- \
  .venv/bin/python -m pytest tests/contract/ws tests/it tests/faults "$@"
