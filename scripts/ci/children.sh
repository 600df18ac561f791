# 다른 스크립트를 차례로 돌리는 스크립트가 source한다: 끝내라는 신호를 지금 도는 자식에게 넘기고 그 정리를 기다린다.
# (bash는 앞에서 도는 자식이 끝날 때까지 trap을 미루므로, 자식을 뒤에서 돌리고 기다린다.)

child=

# 자식 하나를 돌리고 그 끝냄 값을 준다.
run_child() {
  "$@" &
  child=$!
  local code=0
  wait "$child" || code=$?
  child=
  return "$code"
}

stop_child() {
  if [[ -n $child ]]; then
    kill -TERM "$child" 2>/dev/null || true
    wait "$child" || true
  fi
  exit "$1"
}

trap 'stop_child 143' TERM
trap 'stop_child 130' INT
trap 'stop_child 129' HUP
