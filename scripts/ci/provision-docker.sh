#!/usr/bin/env bash
# CI 전용: 도커 엔진이 없는 Debian 기계에 엔진을 마련하고(up), 끝나면 멈춘다(down).
#   up    docker.io, docker-compose, debootstrap을 깔고 바탕 이미지를 만들고 dockerd를 손으로 띄운다
#   down  up이 띄운 dockerd만 pid로 멈춘다(이미 돌던 엔진은 건드리지 않는다)
# 끝냄 값: 0 됨, 75 이 기계에서는 마련할 수 없음(root가 아니거나 꾸러미를 받을 수 없거나 커널이 막음), 그 밖은 고장.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly IMPOSSIBLE=75
readonly BASE_IMAGE=debian:bookworm-slim
readonly STATE_DIR=$PWD/var/docker
readonly PID_FILE=$STATE_DIR/dockerd.pid
readonly LOG=$STATE_DIR/dockerd.log

say() { printf '[docker] %s\n' "$*"; }
impossible() { say "마련할 수 없습니다: $*" >&2; exit "$IMPOSSIBLE"; }
answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

install_packages() {
  local missing=()
  command -v dockerd >/dev/null || missing+=(docker.io iptables)
  command -v docker-compose >/dev/null || missing+=(docker-compose)
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  ((${#missing[@]})) || return 0
  [[ $(id -u) == 0 ]] || impossible "root가 아니어서 ${missing[*]}을(를) 깔 수 없습니다"
  command -v apt-get >/dev/null || impossible "apt-get이 없는 기계입니다"
  say "꾸러미 설치: ${missing[*]}"
  scripts/ci/apt-install.sh "${missing[@]}" || impossible "꾸러미를 받지 못했습니다"
}

start_engine() {
  answers && return 0
  [[ $(id -u) == 0 ]] || impossible "root가 아니어서 dockerd를 띄울 수 없습니다"
  mkdir -p "$STATE_DIR"
  say "dockerd 시작(로그: $LOG)"
  # 밖으로 나가는 길의 MTU가 1500보다 작으면 컨테이너의 TLS가 조용히 멎는다: 같은 값을 준다.
  local device mtu
  device=$(ip route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
  mtu=$(cat "/sys/class/net/${device:-lo}/mtu")
  setsid dockerd --data-root "$STATE_DIR/data" --exec-root "$STATE_DIR/exec" --pidfile "$PID_FILE" \
    --mtu "$((mtu < 1500 ? mtu : 1500))" >"$LOG" 2>&1 </dev/null &
  local child=$! waited_s
  for ((waited_s = 0; waited_s < 60; waited_s++)); do
    answers && { remove_leftovers; return 0; }
    kill -0 "$child" 2>/dev/null || break
    sleep 1
  done
  stop_engine
  tail -n 20 "$LOG" >&2
  impossible "dockerd가 이 커널에서 뜨지 않습니다(로그: $LOG)"
}

# 이 엔진의 데이터는 이 클론만의 것이다: 앞선 실행이 끊겨 남은 컨테이너가 되살아나 포트를 쥐지 않게 한다.
remove_leftovers() {
  local left
  left=$(docker ps -aq)
  # shellcheck disable=SC2086 - 여러 id를 낱말로 나눈다
  [[ -z $left ]] || docker rm -f $left >/dev/null
}

make_base_image() {
  docker image inspect "$BASE_IMAGE" >/dev/null 2>&1 && return 0
  say "바탕 이미지 $BASE_IMAGE 만들기(debootstrap)"
  local root=$STATE_DIR/base
  rm -rf "$root"
  timeout 900 debootstrap --variant=minbase bookworm "$root" >"$STATE_DIR/debootstrap.log" 2>&1 \
    || impossible "debootstrap 실패(로그: $STATE_DIR/debootstrap.log)"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  # 이 기계의 apt 출처를 그대로 쓴다: 보안 갱신도 같은 곳에서 받는다.
  if compgen -G '/etc/apt/sources.list.d/*.sources' >/dev/null; then
    rm -f "$root/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/" 2>/dev/null || true
  fi
  tar -C "$root" -c . | docker import - "$BASE_IMAGE" >/dev/null
  rm -rf "$root"
}

stop_engine() {
  [[ -f $PID_FILE ]] || { say "이 스크립트가 띄운 dockerd가 없습니다"; return 0; }
  local pid waited_s
  pid=$(cat "$PID_FILE")
  kill -TERM "$pid" 2>/dev/null || true
  for ((waited_s = 0; waited_s < 60; waited_s++)); do
    kill -0 "$pid" 2>/dev/null || { rm -f "$PID_FILE"; say "dockerd를 멈췄습니다"; return 0; }
    sleep 1
  done
  say "dockerd(pid $pid)가 60초 안에 멈추지 않았습니다" >&2
  return 1
}

case ${1:-} in
  up) install_packages; start_engine; make_base_image; say "엔진이 준비되었습니다" ;;
  down) stop_engine ;;
  *) echo "쓰는 법: $0 up|down" >&2; exit 2 ;;
esac
