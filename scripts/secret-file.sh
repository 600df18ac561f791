#!/usr/bin/env bash
# 비밀 하나를 파일에 두고(주인만 읽는다) 그 값을 찍는다. 이미 있으면 있던 것을 찍는다.
#   scripts/secret-file.sh 길
set -euo pipefail
umask 077

readonly FILE=$1 RANDOM_BYTES=24
mkdir -p "$(dirname "$FILE")"
if [[ ! -s $FILE ]]; then
  head -c "$RANDOM_BYTES" /dev/urandom | base64 -w 0 | tr '+/' '-_' >"$FILE"
fi
chmod 600 "$FILE"
cat "$FILE"
