#!/usr/bin/env bash
# 빌드, 단위, 통합, e2e를 차례로 돌린다. 하나가 실패하면 거기서 멈춘다. 끝에 pytest의 요약 줄을 모아 보인다.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/ci/children.sh
source scripts/ci/children.sh

export HANPAN_TEST_SUMMARIES=$PWD/var/log/summaries.txt
mkdir -p var/log
: >"$HANPAN_TEST_SUMMARIES"

running=
finish() {
  local code=$?
  printf '\n요약(scripts/test-all.sh)\n'
  cat "$HANPAN_TEST_SUMMARIES"
  ((code == 0)) || printf '실패: %s (끝냄 값 %d)\n' "$running" "$code"
}
trap finish EXIT

for running in scripts/build.sh scripts/test-unit.sh scripts/test-it.sh scripts/test-e2e.sh; do
  printf '\n== %s\n' "$running"
  run_child "$running"
done
