#!/usr/bin/env bash
# requirements/*.in을 풀어 해시와 함께 *.txt로 고정한다.
set -euo pipefail
cd "$(dirname "$0")/../requirements"
for name in base dev build; do
  ../.venv/bin/uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url \
    --custom-compile-command scripts/lock.sh "$name.in" -o "$name.txt"
done
