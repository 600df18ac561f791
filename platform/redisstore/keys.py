"""모든 Redis 키, TTL, 주인. 다른 곳에서 키 글자를 만들지 않는다.

한 스크립트가 만지는 키는 모두 같은 해시 태그(`{...}`)를 가진다. 그래서 Redis Cluster에서도 돈다.
"""

from __future__ import annotations

# TTL은 밀리초.
TICKET_GRACE_MS = 60_000  # 대기표와 선수 가드는 대기 시간 뒤에도 이만큼 산다
MATCH_GRACE_MS = 180_000  # 판의 기록과 가드는 판 길이 뒤에도 이만큼 산다(드레인 120초, 시작까지 13초, 여유)
GATEWAY_LEASE_MS = 6_000
JOIN_REPLY_MS = 60_000
CLAIM_MS = 30_000
SERVER_TTL_MS = 4_000
SERVER_HEARTBEAT_MS = 1_000
LEASE_MS = 10_000
HELD_MATCHES_MS = 86_400_000  # 마지막으로 판을 맡은 뒤 이만큼. 모든 서버가 하루 죽어 있어도 목록은 남는다
ROUTE_TTL_MS = 30_000
ROUTE_REFRESH_MS = 5_000
RESUME_TTL_MS = 120_000
RESUME_KEEP_MS = 600_000  # 만료된 뒤에도 키를 남겨 '지남'과 '모름'을 가른다
RESULT_FAILURES_MS = 3_600_000  # 마지막 실패 뒤 이만큼. 실패가 이어지는 동안은 늘 새로 적힌다
OWED_RESULT_MS = 600_000  # 놓친 결과를 hello가 알려 주는 시간
RESUME_GRACE_MS = 10_000  # 답을 잃은 클라이언트가 옛 토큰으로 다시 올 수 있는 시간


def queue(region: str, mode: str) -> str:
    """zset: 대기표 -> 들어온 시각(ms). 판에 잡혀 아직 정해지지 않은 표는 -잡힌 시각이다. 주인 matchmaking."""
    return f"{{mm:{region}}}:queue:{mode}"


def ticket(region: str, ticket_id: str) -> str:
    """hash: 선수, 이름, 모드, 레이팅, 들어온 시각, gateway, conn, 상태, traceparent. 주인 matchmaking."""
    return f"{{mm:{region}}}:ticket:{ticket_id}"


def gateway_lease(region: str, gateway_id: str) -> str:
    """string: gateway의 임대. 주인 matchmaking."""
    return f"{{mm:{region}}}:gateway:{gateway_id}"


def join_reply(region: str, player_id: str, request_key: str) -> str:
    """string: 멱등한 join의 저장된 답. 주인 matchmaking."""
    return f"{{mm:{region}}}:req:{player_id}:{request_key}"


def claim(region: str, match_id: str) -> str:
    """hash: 판의 claim. 만들어졌는지와 누가 앉는지. 되살리기와 놓친 통지에 쓴다. 주인 matchmaking."""
    return f"{{mm:{region}}}:claim:{match_id}"


def player_guard(region: str, player_id: str) -> str:
    """string: `ticket:<id>` 또는 `match:<id>`. 두 번 들어오지 못하게 한다. 주인 matchmaking."""
    return f"{{mm:{region}}}:player:{player_id}"


def token_epoch(region: str, player_id: str) -> str:
    """string: 선수의 지금 epoch. 이보다 앞선 접근 토큰은 hello에서 거절된다. 주인 platform."""
    return f"{{mm:{region}}}:epoch:{player_id}"


def ended_sign_in(region: str, sign_in_id: str) -> str:
    """string: 로그아웃한 들어온 기록. 그 접근 토큰은 hello에서 거절된다. 주인 platform."""
    return f"{{mm:{region}}}:ended:{sign_in_id}"


def owed_result(region: str, player_id: str) -> str:
    """string: 끝난 판의 결과. `owed:<match_id>`(듣지 못함)나 `told:<match_id>`. 주인 matchmaking, gateway."""
    return f"{{mm:{region}}}:owed:{player_id}"


def match(match_id: str) -> str:
    """hash: MariaDB가 끝을 알기 전까지의 판 기록. 주인 session."""
    return f"match:{{{match_id}}}"


def servers(region: str) -> str:
    """zset: session 서버 -> 부하(도는 판 + 임대). 주인 session."""
    return f"{{fleet:{region}}}:servers"


def server(region: str, server_id: str) -> str:
    """hash: 주소, 상태, 수용량, 부하, 버전, 임대들. 주인 session."""
    return f"{{fleet:{region}}}:server:{server_id}"


def held_matches(region: str, server_id: str) -> str:
    """set: 서버가 맡아 아직 끝이 쓰이지 않은 판들. 서버가 사라지면 남들이 무효로 끝낸다. 주인 session."""
    return f"{{fleet:{region}}}:matches:{server_id}"


def draining(region: str) -> str:
    """set: 드레인하기로 한 서버들. 얼어붙은 서버의 hash보다 오래 남는다. 주인 operator, session."""
    return f"{{fleet:{region}}}:draining"


def drain_grace(region: str) -> str:
    """hash: 드레인하기로 한 서버 -> 그 뜻의 유예(ms). 칸이 없으면 서버의 기본값이다. 주인 operator."""
    return f"{{fleet:{region}}}:drain_grace"


def lease(region: str, match_id: str) -> str:
    """string: 판 하나의 자리: `<server_id>`, 서버가 굳히면 `confirmed:<server_id>`. 주인 matchmaking."""
    return f"{{fleet:{region}}}:lease:{match_id}"


def route(match_id: str) -> str:
    """hash: 판이 도는 서버 이름, 주소, epoch. 주인 session."""
    return f"route:{{{match_id}}}"


def resume(match_id: str, player_id: str) -> str:
    """hash: 지금과 직전 비밀의 sha256, epoch, 기한. 주인 session, gateway."""
    return f"resume:{{{match_id}}}:{player_id}"


def pending_results(region: str) -> str:
    """stream: finalize 전에 적어 둔 판 결과. 커밋되면 지운다. 주인 session."""
    return f"result:{region}:pending"


def result_failures(region: str) -> str:
    """hash: 적어 둔 판 -> 마지막 실패의 JSON. 결과가 쓰이면 그 칸을 지운다. 주인 session."""
    return f"result:{region}:failures"


def rate_limit(scope: str, subject: str) -> str:
    """hash: 토큰 양동이. 주인 gateway, platform."""
    return f"rl:{scope}:{subject}"
