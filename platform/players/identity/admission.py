"""선수가 들어오는 세 길: 손님, 가입, 로그인. 표를 쓰는 것은 여기뿐이다.

속도 제한과 토큰은 모른다. 트랜잭션은 다시 돌아도 같은 결과가 되도록 id를 먼저 정한다.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError

from database.codes import DUPLICATE_KEY, error_code
from database.transactions import run_transaction
from kernel.errors import InvalidArgument, Unauthenticated
from kernel.ids import new_id
from players.models import Credential, Device, Player
from players.names import guest_name, username_key


def device_hash(secret: str, device_id: str) -> str:
    """기기 번호의 열쇠 있는 해시. 표가 새어 나가도 번호를 대어 볼 수 없다."""
    return hmac.new(secret.encode(), device_id.encode(), hashlib.sha256).hexdigest()


def admit_guest(name: str | None, hashed_device: str | None) -> Player:
    """손님을 들인다. 아는 기기면 그 선수이고, 두 요청이 겹쳐도 기기 하나에 선수는 하나다."""
    if hashed_device is not None and (known := _player_of_device(hashed_device)) is not None:
        return known
    player = _new_player(name)

    def insert() -> None:
        player.save(force_insert=True)
        if hashed_device is not None:
            Device(device_hash=hashed_device, player=player).save(force_insert=True)

    try:
        run_transaction(insert)
    except IntegrityError as error:
        if error_code(error) != DUPLICATE_KEY:
            raise
        # 겹친 요청이 먼저 기기를 등록했거나, 답을 잃은 우리의 앞 시도가 이미 반영되었다.
        return player if hashed_device is None else Device.objects.select_related("player").get(
            device_hash=hashed_device
        ).player  # fmt: skip
    return player


def register(username: str, password: str, name: str | None) -> Player:
    """아이디와 비밀번호가 있는 선수를 만든다. 이름이 없으면 아이디가 이름이다.

    Raises:
        InvalidArgument: 이미 있는 아이디다.
    """
    player = _new_player(name or username[:24])
    credential = Credential(
        player=player,
        username=username,
        username_key=username_key(username),
        password_hash=make_password(password),
    )

    def insert() -> None:
        player.save(force_insert=True)
        credential.save(force_insert=True)

    try:
        run_transaction(insert)
    except IntegrityError as error:
        if error_code(error) != DUPLICATE_KEY:
            raise
        # 답을 잃은 우리의 앞 시도가 이미 반영되었다면 성공이다.
        if not Credential.objects.filter(player_id=player.id).exists():
            raise InvalidArgument("이미 쓰는 아이디입니다") from error
    return player


def authenticate(username: str, password: str) -> Player:
    """아이디와 비밀번호의 선수. 아이디가 없어도 같은 시간을 들여, 있는지 새지 않게 한다.

    Raises:
        Unauthenticated: 아이디가 없거나 비밀번호가 다르다.
    """
    credential = (
        Credential.objects.select_related("player").filter(username_key=username_key(username)).first()
    )
    expected = _unknown_user_hash() if credential is None else credential.password_hash
    if not check_password(password, expected) or credential is None:
        raise Unauthenticated("아이디나 비밀번호가 다릅니다")
    return credential.player


def _player_of_device(hashed_device: str) -> Player | None:
    device = Device.objects.select_related("player").filter(device_hash=hashed_device).first()
    return device.player if device else None


def _new_player(name: str | None) -> Player:
    player_id = new_id()
    return Player(id=player_id, name=name or guest_name(player_id))


@cache
def _unknown_user_hash() -> str:
    return make_password("no such user")
