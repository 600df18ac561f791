"""봇의 계정: 무리가 오기 전에 손님을 만들고 봇으로 표시한다. 서버와 같은 데이터베이스와 열쇠가 있어야 한다.

그 뒤의 봇은 같은 device_id로 손님이 되어 들어오므로, 받는 접근 토큰에 이미 표시가 있다.
"""

from __future__ import annotations

from django.conf import settings
from django.db import Error as DatabaseFailure

from bots.swarm import SwarmPlan, bot_name
from database.transactions import unavailable_from
from matches.bots import mark_bots
from players.identity import admission

CHUNK = 200


def admit_bots(plan: SwarmPlan) -> None:
    """무리의 계정을 있게 하고 모두 표시한다(멱등).

    Raises:
        Unavailable: 데이터베이스에 닿지 않는다.
    """
    try:
        for first in range(0, plan.count, CHUNK):
            numbers = range(first, min(first + CHUNK, plan.count))
            mark_bots([_admit(plan, number) for number in numbers])
    except DatabaseFailure as failure:
        raise unavailable_from(failure) or failure from failure


def _admit(plan: SwarmPlan, number: int) -> str:
    hashed = admission.device_hash(settings.DEVICE_SECRET, plan.device_id(number))
    return str(admission.admit_guest(bot_name(number), hashed).id)
