#!/usr/bin/env bash
# 돌리고 시험하는 데 필요한 것을 모두 갖추고 코드를 검사한다. 이미 된 것은 건너뛴다.
#   scripts/build.sh                 설치 + 검사(스텁의 어긋남, ruff, mypy, import-linter)
#   scripts/build.sh --install-only  돌리는 데 필요한 것만 설치(up.sh가 부른다)
#   scripts/build.sh --install-for-observability  Prometheus까지 설치(up.sh --observability가 부른다)
#   scripts/build.sh --install-for-tests  시험에 필요한 것까지 설치(test-*.sh가 부른다)
#   scripts/build.sh --install-for-e2e    브라우저와 zsh까지 설치(test-e2e.sh가 부른다)
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/words.sh
source scripts/words.sh

readonly VENV=.venv
readonly RUNTIME_PACKAGES=(mariadb-server-core mariadb-client-core redis-server redis-tools haproxy curl ca-certificates)
readonly BUILD_PACKAGES=(python3-venv python3-dev gcc libc6-dev libmariadb-dev pkg-config)
readonly OBSERVABILITY_PACKAGES=(prometheus) # 시험도 쓴다: 규칙을 보는 promtool과 경보를 울려 보는 Prometheus
readonly E2E_PACKAGES=(chromium fonts-nanum zsh) # e2e가 /play/를 열고(글꼴이 없으면 한글이 네모다) README의 명령을 zsh로도 돌린다
readonly PIP_TIMEOUT_S=1200
readonly CHECK_TIMEOUT_S=600

say() { printf '[build] %s\n' "$*"; }
fail() { printf '[build] %s: %s\n' "$(pick 오류 error)" "$*" >&2; exit 1; }

# 긴 단계 하나: 무엇을 하는지, 얼마나 걸렸는지 보이고, 실패하면 그 출력을 보인다.
step() {
  local title=$1 log began_s=$SECONDS
  shift
  log=var/log/build-${title%% *}.log
  mkdir -p var/log
  install -m 600 /dev/null "$log"
  printf '[build] %s ... ' "${title#* }"
  if "$@" >"$log" 2>&1; then
    printf "$(pick '됨(%d초)' 'done (%d s)')\n" "$((SECONDS - began_s))"
  else
    printf '%s\n' "$(pick 실패 failed)"
    tail -n 40 "$log" >&2
    fail "${title#* }: $(pick '실패. 온전한 로그' 'failed. Whole log') $PWD/$log"
  fi
}

missing_packages() {
  local name
  for name in "${RUNTIME_PACKAGES[@]}" "${BUILD_PACKAGES[@]}" "$@"; do
    [[ $(dpkg-query -W -f='${Status}' "$name" 2>/dev/null) == *' installed' ]] || printf '%s\n' "$name"
  done
}

install_packages() {
  command -v dpkg-query >/dev/null || fail "$(pick 'Debian 계열이 아닙니다. 다음을 손으로 갖추십시오:' 'This is no Debian. Install by hand:') mariadbd redis-server haproxy curl python3 (>= 3.11)"
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  [[ $(id -u) == 0 ]] || fail "$(pick '꾸러미가 모자랍니다. root로 다시 돌리거나 먼저:' 'Packages are missing. Run again as root, or first:') sudo apt-get install ${missing[*]}"
  step "apt $(pick 'Debian 꾸러미 설치' 'install Debian packages') (${missing[*]})" scripts/ci/apt-install.sh "${missing[@]}"
}

python_3_11() {
  local candidate
  for candidate in python3.11 /usr/bin/python3 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "$(pick 'Python 3.11 이상이 없습니다' 'Python 3.11 or newer is missing')"
}

# 요구 목록이 그대로면 아무 일도 하지 않는다. 표식은 목록들의 해시다.
install_requirements() {
  local set=$1 stamp files hash
  shift
  files=("$@")
  stamp=$VENV/hanpan-$set.sha256
  hash=$(cat requirements/build.txt "${files[@]}" pyproject.toml | sha256sum)
  [[ -f $stamp && $(<"$stamp") == "$hash" ]] && return 0
  local arguments=() file
  for file in "${files[@]}"; do arguments+=(-r "$file"); done
  step "pip-build $(pick '빌드 도구 설치(해시 확인)' 'install build tools (hash-checked)')" timeout "$PIP_TIMEOUT_S" "$VENV/bin/pip" install \
    --disable-pip-version-check --require-hashes -r requirements/build.txt
  step "pip-$set $(pick '파이썬 꾸러미 설치(해시 확인)' 'install Python packages (hash-checked)') ${files[*]}" timeout "$PIP_TIMEOUT_S" "$VENV/bin/pip" install \
    --disable-pip-version-check --require-hashes --no-build-isolation "${arguments[@]}"
  step "editable $(pick '소스 연결' 'link the sources')" timeout 120 "$VENV/bin/pip" install --disable-pip-version-check --no-deps \
    --no-build-isolation -e .
  printf '%s\n' "$hash" >"$stamp"
}

install_environment() {
  if [[ ! -x $VENV/bin/pip ]]; then
    local python
    python=$(python_3_11)
    step "venv $(pick '가상 환경 만들기' 'make the virtual environment') ($python)" "$python" -m venv "$VENV"
  fi
  if [[ $1 == base ]]; then
    install_requirements base requirements/base.txt
  else
    install_requirements dev requirements/base.txt requirements/dev.txt
  fi
}

run_checks() {
  step "proto $(pick '스텁이 proto와 같은지' 'stubs are those of proto')" timeout "$CHECK_TIMEOUT_S" scripts/proto.sh --check
  step "ruff $(pick '코드 모양' 'code style') (ruff)" timeout "$CHECK_TIMEOUT_S" "$VENV/bin/ruff" check .
  step "format $(pick '코드 서식' 'code format') (ruff format)" timeout "$CHECK_TIMEOUT_S" "$VENV/bin/ruff" format --check .
  step "mypy $(pick '형 검사' 'types') (mypy)" timeout "$CHECK_TIMEOUT_S" "$VENV/bin/mypy" gameservices platform clients/python scripts/stack
  if [[ -f .importlinter ]]; then
    step "imports $(pick '층의 규칙' 'layers') (import-linter)" timeout "$CHECK_TIMEOUT_S" "$VENV/bin/lint-imports"
  fi
}

case ${1:-} in
  '') install_packages; install_environment dev; run_checks ;;
  --install-only) install_packages; install_environment base; exit 0 ;;
  --install-for-observability) install_packages "${OBSERVABILITY_PACKAGES[@]}"; install_environment base; exit 0 ;;
  --install-for-tests) install_packages "${OBSERVABILITY_PACKAGES[@]}"; install_environment dev; exit 0 ;;
  --install-for-e2e) install_packages "${OBSERVABILITY_PACKAGES[@]}" "${E2E_PACKAGES[@]}"; install_environment dev; exit 0 ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
say "$(pick 됨 done)"
