"""환경 변수를 읽는 유일한 곳: 이름, 형, 기본값, 단위, 뜻이 한 줄에 있다.

모든 이름 앞에 `HANPAN_`이 붙는다. 표는 `python -m environment.env`가 찍는다.
"""

from __future__ import annotations

import gettext
import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from environment.version import VERSION
from kernel.languages import KOREAN, language_of_environment
from kernel.po import load_catalog

T = TypeVar("T")
PREFIX = "HANPAN_"
COUNTDOWN_MAX_MS = 10_000  # 판 기록의 수명(keys.MATCH_GRACE_MS)의 여유 안이다
REPO_ROOT = Path(__file__).resolve().parents[2]
TABLE_HEADS = ("이름", "기본값", "뜻")
ENGLISH_TABLE = Path(__file__).parent / "locale" / "env_en.po"

# gRPC의 C 코드는 import될 때 이 이름을 읽는다. 그 INFO 줄은 JSON이 아니라서 로그를 깨뜨리므로 오류만 남긴다.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")


class EnvError(Exception):
    """환경 변수의 값이 형에 맞지 않는다. 어느 변수인지 문구에 있다."""


def _bool(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("1/0, true/false 가운데 하나여야 합니다")


def _ratio(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError("0과 1 사이여야 합니다")
    return value


def _countdown_ms(text: str) -> int:
    value = int(text)
    if not 0 <= value <= COUNTDOWN_MAX_MS:
        raise ValueError(f"0과 {COUNTDOWN_MAX_MS} 사이여야 합니다")
    return value


def _wait_ms(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise ValueError("0보다 커야 합니다")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError("1 이상이어야 합니다")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise ValueError("0 이상이어야 합니다")
    return value


def _http_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("http://나 https://로 시작해야 합니다")
    return text


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _json_object(text: str) -> dict[str, Any]:
    value = json.loads(text) if text.strip() else {}
    if not isinstance(value, dict):
        raise TypeError("JSON 객체여야 합니다")
    return value


@dataclass(frozen=True)
class Var(Generic[T]):
    """환경 변수 하나. 읽을 때마다 지금 값을 형에 맞춰 준다."""

    name: str
    parse: Callable[[str], T]
    default: str
    help: str

    def __get__(self, instance: object, owner: type) -> T:
        text = os.environ.get(PREFIX + self.name, self.default)
        try:
            return self.parse(text)
        except (ValueError, TypeError) as error:
            raise EnvError(f"{PREFIX}{self.name}={text!r}: {error}") from error


class Env:
    """한판이 읽는 모든 환경 변수."""

    # 프로세스
    instance = Var("INSTANCE", str, "local", "이 프로세스의 이름(예: gateway1). 로그, 지표, 등록부에 쓴다")
    version = Var("VERSION", str, VERSION, "배포 버전. 등록부와 /healthz에 보인다")
    region = Var("REGION", str, "local", "이 프로세스가 속한 리전")
    pool = Var("POOL", str, "default", "session 서버가 속한 무리. 운영자의 권한을 무리마다 줄 수 있다")
    debug = Var("DEBUG", _bool, "0", "Django DEBUG. 개발에서만 켠다")
    log_level = Var("LOG_LEVEL", str, "INFO", "로그의 최소 수준")
    keys_dir = Var("KEYS_DIR", Path, str(REPO_ROOT / "var" / "keys"), "서명 키와 비밀의 폴더")
    demo = Var("DEMO", _bool, "0", "시연 계정을 만든다")

    # 주소
    bind_host = Var("BIND_HOST", str, "127.0.0.1", "듣는 주소")
    advertise_host = Var("ADVERTISE_HOST", str, "127.0.0.1", "남에게 알리는 주소")
    http_port = Var("HTTP_PORT", int, "8000", "HTTP 포트(platform, gateway, 그리고 워커의 상태 확인)")
    probe_port = Var("PROBE_PORT", int, "8001", "gateway가 제 스레드로 /readyz에 답하는 포트. LB가 본다")
    grpc_port = Var("GRPC_PORT", int, "7000", "gRPC 포트(matchmaking, session)")
    matchmaking_addresses = Var(
        "MATCHMAKING_ADDRESSES", _list, "127.0.0.1:7000", "matchmaking들의 host:port 목록(쉼표)"
    )
    public_url = Var(
        "PUBLIC_URL", _http_url, "http://localhost:8080", "밖에서 보는 주소. https면 쿠키는 Secure다"
    )
    allowed_hosts = Var("ALLOWED_HOSTS", _list, "localhost,127.0.0.1", "Django ALLOWED_HOSTS(쉼표)")
    allowed_origins = Var(
        "ALLOWED_ORIGINS",
        _list,
        "http://localhost:8080,http://127.0.0.1:8080",
        "WebSocket, 선수 API(CORS), CSRF가 믿는 Origin(쉼표)",
    )
    trusted_proxies = Var(
        "TRUSTED_PROXIES", _list, "127.0.0.0/8", "X-Forwarded-For를 믿는 프록시의 CIDR(쉼표)"
    )

    # 로드 밸런서(infra/lb/haproxy.cfg가 읽는다). 주소는 IPv4 하나, IPv6의 /64다
    lb_conns_per_address = Var("LB_CONNS_PER_ADDRESS", int, "2000", "LB에 한 주소가 함께 여는 접속의 상한")
    lb_new_conns_per_10s = Var("LB_NEW_CONNS_PER_10S", int, "10000", "LB에 한 주소가 10초에 여는 접속의 상한")
    lb_requests_per_10s = Var("LB_REQUESTS_PER_10S", int, "20000", "LB에 한 주소가 10초에 하는 요청의 상한")
    lb_body_timeout_s = Var("LB_BODY_TIMEOUT_S", int, "10", "LB가 본문이 다 오기를 기다리는 상한(초)")

    # platform의 HTTP
    http_threads = Var("HTTP_THREADS", int, "16", "요청을 처리하는 스레드(DB 연결) 수")
    http_waiting = Var("HTTP_WAITING", int, "128", "스레드를 기다릴 수 있는 요청 수. 넘으면 503")
    http_drain_s = Var("HTTP_DRAIN_S", float, "10", "SIGTERM 뒤 처리 중인 요청을 기다리는 상한(초)")

    # MariaDB
    db_host = Var("DB_HOST", str, "127.0.0.1", "MariaDB 주소")
    db_port = Var("DB_PORT", int, "3306", "MariaDB 포트")
    db_name = Var("DB_NAME", str, "hanpan", "데이터베이스 이름")
    db_role = Var("DB_ROLE", str, "app", "app 또는 migrate. 어느 계정으로 붙을지")
    db_user = Var("DB_USER", str, "hanpan_app", "응용 계정(읽고 쓰기만)")
    db_password = Var("DB_PASSWORD", str, "hanpan-app-dev", "응용 계정의 비밀번호")
    db_migrate_user = Var("DB_MIGRATE_USER", str, "hanpan_migrate", "스키마를 바꾸는 계정")
    db_migrate_password = Var("DB_MIGRATE_PASSWORD", str, "hanpan-migrate-dev", "스키마 계정의 비밀번호")
    db_connect_timeout_s = Var("DB_CONNECT_TIMEOUT_S", int, "2", "MariaDB 연결 제한(초)")
    db_lock_wait_s = Var("DB_LOCK_WAIT_S", int, "3", "행 잠금을 기다리는 제한(초)")
    db_statement_s = Var("DB_STATEMENT_S", float, "4", "문장 하나의 제한(초)")
    db_read_timeout_s = Var("DB_READ_TIMEOUT_S", int, "5", "소켓 읽기/쓰기 제한(초)")
    db_threads = Var("DB_THREADS", int, "8", "워커 프로세스가 DB에 쓰는 스레드(연결) 수")

    # Redis
    redis_host = Var("REDIS_HOST", str, "127.0.0.1", "Redis 주소")
    redis_port = Var("REDIS_PORT", int, "6379", "Redis 포트")
    redis_connect_timeout_ms = Var("REDIS_CONNECT_TIMEOUT_MS", int, "200", "Redis 연결 제한(밀리초)")
    redis_command_timeout_ms = Var("REDIS_COMMAND_TIMEOUT_MS", int, "250", "Redis 명령 제한(밀리초)")
    redis_max_connections = Var("REDIS_MAX_CONNECTIONS", int, "64", "프로세스 하나의 Redis 연결 상한")

    # 게임
    mode_overrides = Var(
        "MODE_OVERRIDES",
        _json_object,
        "",
        '모드 설정 덮어쓰기 JSON. 예: {"duel":{"duration_ms":5000,"rating_window":{"open_after_ms":30000}}}',
    )
    session_capacity_matches = Var("SESSION_CAPACITY_MATCHES", int, "500", "session 서버 하나의 판 수 상한")
    start_countdown_ms = Var(
        "START_COUNTDOWN_MS", _countdown_ms, "1500", "시작을 알리고 틱이 돌기까지의 시간(밀리초, 0~10000)"
    )
    abandon_after_ms = Var(
        "ABANDON_AFTER_MS", _wait_ms, "10000", "모두 떠난 판을 이만큼 뒤에 무효로 끝낸다(밀리초)"
    )
    concede_after_ms = Var(
        "CONCEDE_AFTER_MS", _wait_ms, "15000", "둘의 판에서 혼자 떠난 선수를 이만큼 뒤에 포기로 친다(밀리초)"
    )
    drain_grace_ms = Var("DRAIN_GRACE_MS", int, "120000", "드레인하는 동안 도는 판을 기다리는 상한(밀리초)")
    ticket_timeout_ms = Var("TICKET_TIMEOUT_MS", int, "60000", "대기표의 수명(밀리초)")

    # gateway
    ws_max_frame_bytes = Var("WS_MAX_FRAME_BYTES", int, "16384", "클라이언트 프레임 상한(바이트)")
    ws_messages_per_s = Var("WS_MESSAGES_PER_S", float, "60", "소켓 하나의 메시지 평균 상한(개/초)")
    ws_messages_burst = Var("WS_MESSAGES_BURST", int, "120", "소켓 하나의 메시지 순간 상한(개)")
    ws_hello_timeout_s = Var("WS_HELLO_TIMEOUT_S", float, "5", "첫 프레임을 기다리는 제한(초)")
    ws_greetings_per_address = Var(
        "WS_GREETINGS_PER_ADDRESS",
        _count,
        "1000",
        "gateway 하나에서 주소 하나의 아직 인사하지 않은 소켓 상한(개). 넘으면 429",
    )
    sockets_per_player = Var(
        "SOCKETS_PER_PLAYER",
        _count,
        "5",
        "gateway 하나에서 선수 하나의 소켓 상한(개). 넘으면 가장 오래된 빈손의 소켓을 닫는다",
    )
    ws_heartbeat_s = Var(
        "WS_HEARTBEAT_S",
        float,
        "15",
        "한가한 소켓이 조용할 때의 ping 간격(초). 두 번 놓치면 닫는다",
    )
    ws_busy_ping_s = Var("WS_BUSY_PING_S", float, "2", "기다리거나 두는 소켓이 조용할 때의 ping 간격(초)")
    ws_busy_limit_s = Var("WS_BUSY_LIMIT_S", float, "5", "기다리거나 두는 소켓이 조용해도 되는 상한(초)")
    queue_return_s = Var(
        "QUEUE_RETURN_S", _seconds, "3", "기다리던 소켓이 닫힌 뒤 돌아오기를 기다리며 대기표를 두는 시간(초)"
    )
    outbox_max_frames = Var("OUTBOX_MAX_FRAMES", int, "64", "소켓 하나의 보낼 프레임 상한(개)")
    outbox_max_bytes = Var("OUTBOX_MAX_BYTES", int, "262144", "소켓 하나의 보낼 바이트 상한")
    outbox_lag_s = Var("OUTBOX_LAG_S", float, "5", "상한을 넘은 채 견디는 시간(초). 지나면 4408")

    # 속도 제한(주소와 계정)
    connects_per_s = Var("CONNECTS_PER_S", float, "200", "주소 하나의 새 소켓 평균 상한(개/초)")
    connects_burst = Var("CONNECTS_BURST", int, "2000", "주소 하나의 새 소켓 순간 상한(개)")
    guests_per_s = Var("GUESTS_PER_S", float, "50", "주소 하나의 새 손님 계정 평균 상한(개/초)")
    guests_burst = Var("GUESTS_BURST", int, "2000", "주소 하나의 새 손님 계정 순간 상한(개)")
    refreshes_per_s = Var("REFRESHES_PER_S", float, "50", "주소 하나의 토큰 갱신 평균 상한(번/초)")
    refreshes_burst = Var("REFRESHES_BURST", int, "2000", "주소 하나의 토큰 갱신 순간 상한(번)")
    refreshes_per_min_sign_in = Var(
        "REFRESHES_PER_MIN_SIGN_IN", int, "120", "들어온 하나(기기)의 토큰 갱신 상한(번/분)"
    )
    login_failures_per_min = Var(
        "LOGIN_FAILURES_PER_MIN", int, "10", "계정 하나에 주소 하나에서 온 로그인 실패 상한(번/분)"
    )
    login_failures_per_min_address = Var(
        "LOGIN_FAILURES_PER_MIN_ADDRESS", int, "100", "주소 하나의 로그인 실패 상한(번/분)"
    )
    http_body_max_bytes = Var("HTTP_BODY_MAX_BYTES", int, "65536", "HTTP 본문 상한(바이트)")

    # 토큰
    access_token_ttl_s = Var("ACCESS_TOKEN_TTL_S", int, "3600", "선수 접근 토큰의 수명(초)")
    refresh_token_ttl_s = Var("REFRESH_TOKEN_TTL_S", int, "2592000", "선수 갱신 토큰의 수명(초)")
    refresh_grace_s = Var(
        "REFRESH_GRACE_S", float, "10", "바꾼 갱신 토큰이 아직 통하는 시간(초). 답을 잃은 이를 위해"
    )
    revocation_cache_s = Var(
        "REVOCATION_CACHE_S", float, "5", "로그아웃했는지를 기억해 두는 시간(초). 0이면 매번 본다"
    )

    # 운영 화면
    metrics_targets = Var(
        "METRICS_TARGETS", _list, "", "대시보드가 /metrics를 물을 프로세스들의 `이름=host:port` 목록(쉼표)"
    )
    prometheus_url = Var(
        "PROMETHEUS_URL", str, "", "SLO의 쪽이 묻는 Prometheus의 주소. 비면 프로세스들에 바로 묻는다"
    )

    # 관측
    otlp_endpoint = Var("OTLP_ENDPOINT", str, "", "추적을 보낼 OTLP gRPC의 host:port. 비면 내보내지 않는다")
    trace_ratio = Var(
        "TRACE_RATIO", _ratio, "0.1", "부모 없는 추적을 뽑는 비율(0~1). 오류가 난 추적은 늘 남는다"
    )
    trace_url = Var("TRACE_URL", str, "", "추적 화면의 주소. {trace_id}가 번호로 바뀐다. 비면 번호만 보인다")


env = Env()


def env_table() -> list[Var[Any]]:
    """정의된 순서대로 모든 환경 변수. 문서와 시험이 읽는다."""
    return [value for value in vars(Env).values() if isinstance(value, Var)]


def table_in(language: str) -> str:
    """환경 변수의 표, 그 언어의 마크다운으로. 영어는 `locale/env_en.po`에 있다(시험이 빠진 것을 말한다)."""
    words = gettext.NullTranslations() if language == KOREAN else load_catalog(ENGLISH_TABLE)
    heads = " | ".join(words.gettext(head) for head in TABLE_HEADS)
    lines = [f"| {heads} |", "| --- | --- | --- |"]
    lines += [
        f"| `{PREFIX}{var.name}` | `{var.default.replace(str(REPO_ROOT), '.')}` | {words.gettext(var.help)} |"
        for var in env_table()
    ]
    return "\n".join(lines)


def main() -> None:
    """환경 변수의 표를 터미널의 언어로 찍는다."""
    print(table_in(language_of_environment(os.environ)))  # noqa: T201 - 이 명령의 출력이다


if __name__ == "__main__":
    main()
