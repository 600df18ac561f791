"""내 연습 상대의 HTTP: 선수마다 하나인 봇의 계정을 준다. 봇을 움직이는 것은 부른 이의 클라이언트다."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_view import ApiView
from kernel.errors import PermissionDenied
from matches.bots import bot_opponent_of
from players.api.authentication import player_of
from players.api.serializers import SignedIn
from players.api.views import signed_in
from players.wiring import address_of, admission_limits


class BotOpponentView(ApiView):
    """POST /api/v1/me/bot-opponent"""

    @extend_schema(operation_id="me_bot_opponent", request=None, responses={200: SignedIn})
    def post(self, request: Request) -> Response:
        """나의 봇으로 들어온다. 몇 번 불러도 같은 봇이고, 새 손님과 같은 속도 제한을 받는다."""
        me = player_of(request)
        if me.is_bot:
            raise PermissionDenied("봇은 봇을 부를 수 없습니다")
        admission_limits().take_new_player(address_of(request))
        bot = bot_opponent_of(me.player_id, settings.DEVICE_SECRET, get_language())
        return signed_in(bot, 200)
