"""감사에 남는 모든 행위. 값은 `갈래.대상:동작`이고 표에 그대로 적히므로 바꾸지 않는다.

v1.6에서 권한과 함께 주소에서 선언된다.
"""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """하려는 일의 이름."""

    SERVER_DRAIN = "fleet.server:drain"
    SERVER_UNDRAIN = "fleet.server:undrain"
    SERVER_FORGET = "fleet.server:forget"
    ROLL_START = "fleet.roll:start"
    ROLL_ABORT = "fleet.roll:abort"
    ROLL_HALT = "fleet.roll:halt"
    ROLL_FINISH = "fleet.roll:finish"
    GRANT_GIVE = "accounts.grant:give"
    GRANT_REVOKE = "accounts.grant:revoke"
