"""봇의 표시를 적는 곳: 선수의 행과 그 레이팅의 그림자. `manage.py bots`만 부른다.

밖에서 스스로 봇이라 할 수는 없다: 표시된 계정은 순위표에서 빠지므로, 남의 순위를 지우는 길이 되지 않게 한다.
"""

from __future__ import annotations

from collections.abc import Collection

from database.transactions import run_transaction
from matches.models import Rating
from players.models import Player


def mark_bots(player_ids: Collection[str]) -> int:
    """선수들을 봇으로 표시한다(멱등). 이번에 표시된 선수의 수를 준다.

    잠금의 차례는 finalize와 같다(레이팅, 선수). 그 사이에 도는 판이 레이팅을 새로 만들었으면 다시 부를 때
    맞춰진다.

    Raises:
        Unavailable: 데이터베이스가 지금은 일할 수 없다.
    """

    def mark() -> int:
        Rating.objects.filter(player_id__in=player_ids, is_bot=False).update(is_bot=True)
        return Player.objects.filter(pk__in=player_ids, is_bot=False).update(is_bot=True)

    return run_transaction(mark)
