# shellcheck shell=bash
# 터미널의 언어로 말한다. source로 읽는다:  pick '한국어' 'English'
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
  ko*) pick() { printf '%s' "$1"; } ;;
  *) pick() { printf '%s' "$2"; } ;;
esac
