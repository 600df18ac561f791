"""들어오고 나가는 길의 HTTP: 손님, 가입, 로그인, 갱신, 로그아웃.

모양은 serializers, 일은 admission과 sign_ins가 한다.
"""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_view import ApiView
from kernel.errors import Unauthenticated, Unavailable
from players.api.authentication import PLAYER_SCHEME, player_of
from players.api.serializers import (
    GuestRequest,
    LoggedOut,
    LoginRequest,
    LogoutRequest,
    RefreshRequest,
    RegisterRequest,
    SignedIn,
)
from players.identity import admission, sign_ins
from players.models import Player
from players.names import username_key
from players.wiring import address_of, admission_limits, revocations, tell_ended, token_issuer
from telemetry.logs import get_logger

log = get_logger(__name__)
NO_STORE = {"Cache-Control": "no-store"}


class GuestView(ApiView):
    """POST /api/v1/auth/guest"""

    @extend_schema(operation_id="auth_guest", auth=[], request=GuestRequest, responses={201: SignedIn})
    def post(self, request: Request) -> Response:
        """손님으로 들어온다. 같은 device_id는 같은 선수다."""
        form = GuestRequest(data=request.data)
        form.is_valid(raise_exception=True)
        admission_limits().take_new_player(address_of(request))
        device_id = form.validated_data.get("device_id")
        hashed_device = admission.device_hash(settings.DEVICE_SECRET, device_id) if device_id else None
        return signed_in(admission.admit_guest(form.validated_data.get("name"), hashed_device), 201)


class RegisterView(ApiView):
    """POST /api/v1/auth/register"""

    @extend_schema(operation_id="auth_register", auth=[], request=RegisterRequest, responses={201: SignedIn})
    def post(self, request: Request) -> Response:
        """아이디와 비밀번호가 있는 선수를 만든다."""
        form = RegisterRequest(data=request.data)
        form.is_valid(raise_exception=True)
        admission_limits().take_new_player(address_of(request))
        fields = form.validated_data
        return signed_in(admission.register(fields["username"], fields["password"], fields.get("name")), 201)


class LoginView(ApiView):
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
        return signed_in(player, 200)


class RefreshView(ApiView):
    """POST /api/v1/auth/refresh"""

    @extend_schema(operation_id="auth_refresh", auth=[], request=RefreshRequest, responses={200: SignedIn})
    def post(self, request: Request) -> Response:
        """갱신 토큰을 새것으로 바꾸고 새 접근 토큰을 받는다."""
        form = RefreshRequest(data=request.data)
        form.is_valid(raise_exception=True)
        token = form.validated_data["refresh_token"]
        admission_limits().take_refresh(address_of(request))
        if (sign_in_id := sign_ins.sign_in_of(token)) is not None:
            admission_limits().take_sign_in_refresh(sign_in_id)
        outcome = sign_ins.refresh(token, settings.PLAYER_REFRESH)
        if isinstance(outcome, sign_ins.Session):
            return _answer(outcome, 200)
        if outcome.ended is not None:
            _tell_reuse(outcome.player_id, outcome.ended)
        raise Unauthenticated("갱신 토큰이 올바르지 않거나 지났습니다")


class LogoutView(ApiView):
    """POST /api/v1/auth/logout"""

    @extend_schema(
        operation_id="auth_logout",
        request=LogoutRequest,
        responses={200: LoggedOut},
        auth=[{PLAYER_SCHEME: []}],  # type: ignore[list-item]  # OpenAPI의 security 그대로다
    )
    def post(self, request: Request) -> Response:
        """이 기기(everywhere면 모든 기기)에서 나간다. 접근 토큰과 갱신 토큰이 함께 죽는다."""
        form = LogoutRequest(data=request.data)
        form.is_valid(raise_exception=True)
        claims = player_of(request)
        if form.validated_data["everywhere"]:
            ended = sign_ins.end_everywhere(claims.player_id, claims.epoch)
        else:
            ended = sign_ins.end_sign_in(claims.player_id, claims.sign_in_id)
        revocations().forget(claims.player_id)
        tell_ended(claims.player_id, ended)
        return Response({"ended": ended.count}, headers=NO_STORE)


def _tell_reuse(player_id: str, ended: sign_ins.Ended) -> None:
    """훔친 이의 접근 토큰도 gateway에서 막는다. 알리지 못해도 갱신은 이미 끝났고 HTTP는 막힌다."""
    revocations().forget(player_id)
    try:
        tell_ended(player_id, ended)
    except Unavailable:
        log.warning("sign_in.untold", player_id=player_id)


def signed_in(player: Player, status: int) -> Response:
    """들어온 선수에게 주는 답. 새 집안을 연다."""
    return _answer(sign_ins.open_sign_in(player, settings.PLAYER_REFRESH), status)


def _answer(session: sign_ins.Session, status: int) -> Response:
    issuer, player = token_issuer(), session.player
    access_token = issuer.issue(
        str(player.id),
        player.name,
        is_bot=player.is_bot,
        sign_in_id=session.sign_in_id,
        epoch=session.epoch,
    )
    body = {
        "player_id": str(player.id),
        "name": player.name,
        "access_token": access_token,
        "expires_in_s": issuer.ttl_s,
        "refresh_token": session.refresh_token,
        "refresh_expires_in_s": settings.PLAYER_REFRESH.ttl_s,
    }
    return Response(body, status=status, headers=NO_STORE)
