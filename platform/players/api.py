"""들어오는 길의 HTTP: 손님, 가입, 로그인. 모양은 serializers, 일은 admission이 한다."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.errors import Unauthenticated
from players import admission
from players.models import Player
from players.names import username_key
from players.serializers import GuestRequest, LoginRequest, RegisterRequest, SignedIn
from players.wiring import address_of, admission_limits, token_issuer


class GuestView(APIView):
    """POST /api/v1/auth/guest"""

    @extend_schema(operation_id="auth_guest", auth=[], request=GuestRequest, responses={201: SignedIn})
    def post(self, request: Request) -> Response:
        """손님으로 들어온다. 같은 device_id는 같은 선수다."""
        form = GuestRequest(data=request.data)
        form.is_valid(raise_exception=True)
        admission_limits().take_new_player(address_of(request))
        device_id = form.validated_data.get("device_id")
        hashed_device = admission.device_hash(settings.DEVICE_SECRET, device_id) if device_id else None
        return _signed_in(admission.admit_guest(form.validated_data.get("name"), hashed_device), 201)


class RegisterView(APIView):
    """POST /api/v1/auth/register"""

    @extend_schema(operation_id="auth_register", auth=[], request=RegisterRequest, responses={201: SignedIn})
    def post(self, request: Request) -> Response:
        """아이디와 비밀번호가 있는 선수를 만든다."""
        form = RegisterRequest(data=request.data)
        form.is_valid(raise_exception=True)
        admission_limits().take_new_player(address_of(request))
        fields = form.validated_data
        return _signed_in(admission.register(fields["username"], fields["password"], fields.get("name")), 201)


class LoginView(APIView):
    """POST /api/v1/auth/login"""

    @extend_schema(operation_id="auth_login", auth=[], request=LoginRequest, responses={200: SignedIn})
    def post(self, request: Request) -> Response:
        """아이디와 비밀번호로 들어온다. 실패는 계정과 주소로 센다."""
        form = LoginRequest(data=request.data)
        form.is_valid(raise_exception=True)
        fields = form.validated_data
        address, account, limits = address_of(request), username_key(fields["username"]), admission_limits()
        limits.check_login(address, account)
        try:
            player = admission.authenticate(fields["username"], fields["password"])
        except Unauthenticated:
            limits.count_failed_login(address, account)
            raise
        return _signed_in(player, 200)


def _signed_in(player: Player, status: int) -> Response:
    issuer = token_issuer()
    body = {
        "player_id": str(player.id),
        "name": player.name,
        "access_token": issuer.issue(str(player.id), player.name, is_bot=player.is_bot),
        "expires_in_s": issuer.ttl_s,
    }
    return Response(body, status=status, headers={"Cache-Control": "no-store"})
