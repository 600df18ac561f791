"""모든 지표의 이름과 라벨. 다른 곳에서 지표를 새로 만들지 않는다.

라벨에는 선수, 판, 소켓, 주소가 오지 않는다(라벨 폭발과 개인 정보).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # 이름마다 따라붙는 `_created`는 표에 없는 이름이고 아무도 보지 않는다

LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
WAIT_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 60.0)

gateway_connections = Gauge("gateway_connections", "열려 있는 선수 소켓 수")
gateway_messages = Counter("gateway_messages_total", "주고받은 메시지 수", ["direction", "type"])
gateway_outbox_dropped = Counter("gateway_outbox_dropped_total", "느린 소켓이라 버린 상태 프레임 수")
gateway_limit_fallback = Counter(
    "gateway_limit_fallback_total", "Redis가 멈춰 프로세스 안의 양동이로 센 새 소켓 수"
)
gateway_socket_limit = Counter(
    "gateway_socket_limit_total",
    "상한을 넘어 닫거나 돌려보낸 소켓 수. player는 선수 하나의, address는 인사하지 않은 것의 상한이다",
    ["limit"],
)
gateway_resume = Counter("gateway_resume_total", "resume의 결과", ["result"])
gateway_resume_seconds = Histogram(
    "gateway_resume_seconds", "resume 요청에서 snapshot까지(초)", buckets=LATENCY_BUCKETS_S
)

matchmaking_queue_depth = Gauge("matchmaking_queue_depth", "기다리는 대기표 수", ["mode"])
matchmaking_wait_seconds = Histogram(
    "matchmaking_wait_seconds", "대기표에서 판까지(초)", buckets=WAIT_BUCKETS_S
)
matchmaking_found_seconds = Histogram(
    "matchmaking_found_seconds", "함께할 사람이 있은 때부터 판까지(초)", buckets=WAIT_BUCKETS_S
)
matchmaking_matches = Counter("matchmaking_matches_total", "만든 판 수", ["mode"])
matchmaking_claim_conflicts = Counter(
    "matchmaking_claim_conflicts_total", "다른 인스턴스나 취소가 먼저 가져가 실패한 claim 수"
)
allocation_no_server = Counter("allocation_no_server_total", "받을 session 서버가 없던 횟수")

fleet_servers = Gauge("fleet_servers", "등록된 session 서버 수", ["state"])
session_matches = Gauge("session_matches", "이 서버에서 도는 판 수")
session_tick_seconds = Histogram(
    "session_tick_seconds",
    "한 틱의 모든 방을 도는 데 든 시간(초)",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1),
)
session_tick_late = Counter("session_tick_late_total", "5 ms보다 늦게 시작한 틱 수")

finalize_total = Counter("finalize_total", "finalize의 결과", ["result"])
finalize_seconds = Histogram("finalize_seconds", "finalize 한 번에 든 시간(초)", buckets=LATENCY_BUCKETS_S)
result_pending = Gauge("result_pending", "아직 MariaDB에 쓰이지 않은 결과 수")
result_pending_age_seconds = Gauge("result_pending_age_seconds", "가장 오래된 미반영 결과의 나이(초)")
invariant_violations = Counter("invariant_violations_total", "깨진 불변조건 수(0이어야 한다)", ["invariant"])

audit_records = Counter("audit_records_total", "감사에 적은 일의 수", ["result"])
ops_denied = Counter("ops_denied_total", "권한이 없어 거부한 운영의 일", ["role"])

refresh = Counter("player_refresh_total", "선수 토큰 갱신의 판정", ["result"])
gateway_revocation_unknown = Counter(
    "gateway_revocation_unknown_total", "Redis가 멈춰 로그아웃했는지 보지 못하고 받은 hello 수"
)

db_retry = Counter("db_retry_total", "DB 재시도 수", ["reason"])
rating_read_fallback = Counter(
    "matchmaking_rating_fallback_total", "DB가 멈춰 기억하던(또는 처음) 레이팅으로 대기표를 만든 횟수"
)

FinalizeResult = Literal[
    "finalized", "aborted", "abandoned", "already_finalized", "conflict", "invalid", "unavailable", "failed"
]
"""`aborted`는 우리 탓으로 무효가 된 판, `abandoned`는 선수들이 버린 판이다. SLO는 앞의 것만 나쁘게 센다."""

INVARIANTS = ("tick_failed", "room_failed", "result_rejected", "result_unreadable", "metrics_withheld")


def start_from_zero() -> None:
    """경보가 세는 라벨들을 0에서 시작한다. 판을 돌리는 프로세스가 처음에 한 번 부른다.

    없던 줄이 1로 나타나면 Prometheus의 increase()는 그 첫 하나를 보지 못한다.
    """
    for result in get_args(FinalizeResult):
        finalize_total.labels(result)
    for invariant in INVARIANTS:
        invariant_violations.labels(invariant)


def start_modes_from_zero(modes: Iterable[str]) -> None:
    """모드마다의 판 수를 0에서 시작한다. 까닭은 `start_from_zero`와 같고, 판을 만드는 프로세스가 부른다."""
    for mode in modes:
        matchmaking_matches.labels(mode)
