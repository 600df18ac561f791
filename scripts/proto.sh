#!/usr/bin/env bash
# proto/에서 proto/gen/의 스텁을 다시 만든다. `--check`는 커밋된 스텁과 다르면 실패한다.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${HANPAN_PYTHON:-.venv/bin/python}
out=proto/gen
if [[ ${1:-} == --check ]]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
# shellcheck disable=SC2046
"$python" -m grpc_tools.protoc -Iproto --python_out="$out" --grpc_python_out="$out" --pyi_out="$out" \
  $(cd proto && find hanpan -name '*.proto' | sort)
if [[ ${1:-} == --check ]]; then
  diff -ru --exclude=__pycache__ proto/gen "$out" || {
    echo "proto/gen이 proto와 다릅니다. scripts/proto.sh를 돌려 다시 만드십시오." >&2
    exit 1
  }
fi
