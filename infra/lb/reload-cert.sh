#!/bin/sh
# LB_CERT(인증서와 열쇠가 한 파일에 든 PEM)를 다시 읽혀, 도는 HAProxy의 인증서를 소켓을 끊지 않고 바꾼다.
# 파일을 먼저 갈아 두고(같은 이름으로 mv) 부른다: ./scripts/up.sh exec lb sh infra/lb/reload-cert.sh
# 성하지 않은 파일이면 앞의 인증서가 그대로이고 0이 아닌 값으로 끝난다. perl은 Debian에 늘 있는 perl-base의 것이다.
set -eu
: "${LB_CERT:?}" "${LB_RUN:?}"
readonly ANSWER_TIMEOUT_S=5

ask() {
  perl -MIO::Socket::UNIX -e '
    my ($path, $timeout_s) = @ARGV;
    $SIG{ALRM} = sub { die "no answer from $path in $timeout_s s\n" };
    alarm $timeout_s;
    my $socket = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!\n";
    local $/;
    print {$socket} scalar <STDIN>;
    $socket->flush;
    print scalar <$socket>;
  ' "$LB_RUN/admin.sock" "$ANSWER_TIMEOUT_S"
}

# 실행 API의 본문은 빈 줄에서 끝나므로, PEM 사이의 빈 줄은 뺀다.
answer=$(printf 'set ssl cert %s <<\n%s\n\n' "$LB_CERT" "$(sed '/^[[:space:]]*$/d' "$LB_CERT")" | ask)
case $answer in
*"Transaction created"* | *"Transaction updated"*) ;;
*) printf '%s\n' "$answer" >&2; exit 1 ;;
esac
answer=$(printf 'commit ssl cert %s\n' "$LB_CERT" | ask)
case $answer in
*Success!*) printf '%s\n' "$answer" ;;
*)
  printf 'abort ssl cert %s\n' "$LB_CERT" | ask >&2
  printf '%s\n' "$answer" >&2
  exit 1
  ;;
esac
