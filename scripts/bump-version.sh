#!/usr/bin/env bash
# 버전을 올린다: 있는 곳 하나(platform/environment/version.py)와, 거기서 나온 Compose의 이미지 이름과 STATE.md의 버전.
#   scripts/bump-version.sh X.Y.Z
# 무엇이 달라졌는지(CHANGELOG.md, VERSIONING.md, STATE.md의 나머지)는 사람이 쓴다.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:-}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || { printf '%s X.Y.Z\n' "$0" >&2; exit 2; }

sed -i -E "s/^(VERSION = )\"[^\"]*\"/\1\"$version\"/" platform/environment/version.py
sed -i -E "s/\\$\\{HANPAN_VERSION:-[^}]*\\}/\${HANPAN_VERSION:-$version}/g" infra/compose/*.yml
sed -i -E "3s/\\*\\*v[0-9.]+\\*\\*/**v$version**/" STATE.md
