#!/usr/bin/env bash
# proto/에서 proto/gen/의 스텁을 다시 만든다.
#   scripts/proto.sh            스텁을 다시 만든다
#   scripts/proto.sh --check    이름 규칙, 지난 판과의 깨뜨림, 커밋된 스텁과의 다름을 검사한다
#   scripts/proto.sh --release  지금의 계약을 지난 판(proto/released.txtpb)으로 못박는다. 판을 낼 때 부른다
set -euo pipefail
cd "$(dirname "$0")/.."
python=${HANPAN_PYTHON:-.venv/bin/python}
buf=$(dirname "$python")/buf
released=proto/released.txtpb
out=proto/gen

case ${1:-} in
  '') ;;
  --check)
    "$buf" lint proto
    "$buf" breaking proto --against "$released"
    out=$(mktemp -d)
    trap 'rm -rf "$out"' EXIT
    ;;
  --release)
    "$buf" build proto --exclude-source-info -o "$released"
    exit
    ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

# shellcheck disable=SC2046
"$python" -m grpc_tools.protoc -Iproto --python_out="$out" --grpc_python_out="$out" --pyi_out="$out" \
  $(cd proto && find hanpan -name '*.proto' | sort)
if [[ ${1:-} == --check ]]; then
  diff -ru --exclude=__pycache__ proto/gen "$out" || {
    echo "proto/gen이 proto와 다릅니다. scripts/proto.sh를 돌려 다시 만드십시오." >&2
    exit 1
  }
fi
