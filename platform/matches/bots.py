"""봇의 표시를 적는 곳: 선수의 행과 그 레이팅의 그림자. `manage.py bots`의 무리와, 선수마다 하나인 연습 상대.

밖에서 있는 계정을 봇이라 할 수는 없다: 표시된 계정은 순위표에서 빠지므로, 남의 순위를 지우는 길이
되지 않게 한다.
연습 상대는 처음부터 봇으로 만든 계정이다.
"""

from __future__ import annotations

from collections.abc import Collection

from database.transactions import run_transaction
from matches.models import Rating
from players.identity.admission import admit_guest, device_hash
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


def bot_opponent_of(player_id: str, secret: str, language: str | None) -> Player:
    """그 선수의 연습 상대. 없으면 봇으로 표시해 만들고, 있으면 그 봇이다(멱등).

    손님의 device_id와 다른 열쇠로 찾으므로, 번호를 지어내어 남의 봇이 될 수 없다.

    Raises:
        Unavailable: 데이터베이스가 지금은 일할 수 없다.
    """
    bot = admit_guest(_bot_name(player_id, language), device_hash(f"{secret}/bot-opponent", player_id))
    if not bot.is_bot:
        mark_bots([str(bot.id)])
        bot.is_bot = True
    return bot


def _bot_name(player_id: str, language: str | None) -> str:
    """처음 부른 이의 언어로 짓는다. 끝의 네 자는 봇들을 가린다."""
    return f"{'봇' if (language or '').startswith('ko') else 'Bot'}-{player_id[-4:]}"
