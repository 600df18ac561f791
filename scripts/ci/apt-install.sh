#!/usr/bin/env bash
# Debian 꾸러미를 깐다(root). 꾸러미가 제 서비스를 띄우거나 켜 두지 않게 막는다:
# 한판은 실행 파일만 빌려 쓰고, 데이터와 설정은 var/와 infra/에 따로 둔다.
# 쓰는 법: apt-install.sh 꾸러미...
set -euo pipefail

readonly POLICY=/usr/sbin/policy-rc.d
if [[ ! -e $POLICY ]]; then
  trap 'rm -f "$POLICY"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$POLICY"
  chmod 755 "$POLICY"
fi
export DEBIAN_FRONTEND=noninteractive
timeout 600 apt-get update -qq
timeout 1200 apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" >/dev/null

# systemd가 도는 기계에서는 다음 부팅 때도 뜨지 않게 한다. 방금 깐 것만 그렇게 하고, 전부터 있던 것은 건드리지 않는다.
if [[ -d /run/systemd/system ]]; then
  for name in "$@"; do
    if systemctl list-unit-files --quiet "$name.service" >/dev/null 2>&1; then
      systemctl disable --quiet "$name.service"
    fi
  done
fi
