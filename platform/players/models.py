"""선수의 표: 선수, 로그인 자격, 기기. 운영 직원의 계정(accounts)과는 다른 사람들이다."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from kernel.ids import new_id
from players.name_keys import NameKeyField
from players.names import NAME_MAX_CODE_POINTS, USERNAME_MAX_CHARS


class SignInEnd(models.TextChoices):
    """들어온 것이 끝난 까닭."""

    LOGOUT = "logout", pgettext_lazy("choice", "로그아웃")
    EVERYWHERE = "everywhere", pgettext_lazy("choice", "모두 로그아웃")
    REUSED = "reused", pgettext_lazy("choice", "바뀐 토큰이 다시 쓰임")


class Player(models.Model):
    """선수 한 사람. id는 UUIDv7이라 만들어진 순서로 자란다."""

    id = models.UUIDField(pgettext_lazy("field", "선수"), primary_key=True, default=new_id, editable=False)
    name = models.CharField(pgettext_lazy("field", "이름"), max_length=NAME_MAX_CODE_POINTS)
    # 찾는 열쇠. 파이썬이 쓰기 직전에 이름에서 만든다(데이터베이스의 LOWER는 제 표로 접어 어긋난다).
    name_key = NameKeyField(pgettext_lazy("field", "찾는 이름"))
    created_at = models.DateTimeField(pgettext_lazy("field", "만든 때"), auto_now_add=True)
    # 봇의 계정. 스스로 표시할 수 없고 manage.py bots와 bot-opponent만 켠다. 기본값이 표에도 있어
    # 지난 판의 프로세스도 행을 만든다.
    is_bot = models.BooleanField(pgettext_lazy("field", "봇"), default=False, db_default=False)
    # 이보다 앞선 epoch의 접근 토큰은 죽었다. 모두 로그아웃할 때 하나 자란다.
    token_epoch = models.PositiveIntegerField(pgettext_lazy("field", "토큰의 epoch"), default=0, db_default=0)

    class Meta:
        db_table = "player"
        verbose_name = pgettext_lazy("model", "선수")
        verbose_name_plural = pgettext_lazy("models", "선수")
        constraints = (models.CheckConstraint(condition=~models.Q(name=""), name="player_name_not_empty"),)
        indexes = (models.Index(fields=["name_key"], name="player_name_key_idx"),)

    def __str__(self) -> str:
        return self.name


class Credential(models.Model):
    """아이디와 비밀번호. 해시는 argon2id다."""

    player = models.OneToOneField(
        Player,
        models.CASCADE,
        primary_key=True,
        related_name="credential",
        verbose_name=pgettext_lazy("field", "선수"),
    )
    username = models.CharField(pgettext_lazy("field", "아이디"), max_length=USERNAME_MAX_CHARS)
    username_key = models.CharField(pgettext_lazy("field", "견주는 아이디"), max_length=USERNAME_MAX_CHARS)
    password_hash = models.CharField(pgettext_lazy("field", "비밀번호 해시"), max_length=256)

    class Meta:
        db_table = "player_credential"
        verbose_name = pgettext_lazy("model", "로그인 자격")
        verbose_name_plural = pgettext_lazy("models", "로그인 자격")
        constraints = (models.UniqueConstraint(fields=["username_key"], name="credential_username_uniq"),)

    def __str__(self) -> str:
        return self.username


class Device(models.Model):
    """손님을 알아보는 기기. 기기 번호는 열쇠 있는 해시로만 남는다."""

    device_hash = models.CharField(pgettext_lazy("field", "기기 해시"), max_length=64, primary_key=True)
    player = models.ForeignKey(
        Player, models.CASCADE, related_name="devices", verbose_name=pgettext_lazy("field", "선수")
    )

    class Meta:
        db_table = "player_device"
        verbose_name = pgettext_lazy("model", "기기")
        verbose_name_plural = pgettext_lazy("models", "기기")

    def __str__(self) -> str:
        return self.device_hash[:8]


class SignIn(models.Model):
    """들어온 한 번: 갱신 토큰들의 집안. 접근 토큰의 `sid`가 이 id다. 끝난 집안의 토큰은 모두 죽었다."""

    id = models.UUIDField(
        pgettext_lazy("field", "들어온 번호"), primary_key=True, default=new_id, editable=False
    )
    player = models.ForeignKey(
        Player, models.CASCADE, related_name="sign_ins", verbose_name=pgettext_lazy("field", "선수")
    )
    created_at = models.DateTimeField(pgettext_lazy("field", "들어온 때"))
    refreshed_at = models.DateTimeField(pgettext_lazy("field", "마지막으로 갱신한 때"))
    # 이 집안의 가장 늦은 갱신 토큰이 지나는 때. 그 뒤의 행은 치운다.
    expires_at = models.DateTimeField(pgettext_lazy("field", "지나는 때"))
    ended_at = models.DateTimeField(pgettext_lazy("field", "끝낸 때"), null=True)
    end_reason = models.CharField(
        pgettext_lazy("field", "끝낸 까닭"), max_length=16, blank=True, choices=SignInEnd.choices
    )

    class Meta:
        db_table = "player_sign_in"
        verbose_name = pgettext_lazy("model", "들어온 기록")
        verbose_name_plural = pgettext_lazy("models", "들어온 기록")
        indexes = (models.Index(fields=["expires_at"], name="sign_in_expires_idx"),)

    def __str__(self) -> str:
        return str(self.id)


class RefreshToken(models.Model):
    """갱신 토큰 하나. sha256만 남는다. 바뀐 뒤에도 지날 때까지 남아 다시 쓰인 것을 알아본다."""

    token_hash = models.CharField(pgettext_lazy("field", "토큰의 sha256"), max_length=64, primary_key=True)
    sign_in = models.ForeignKey(
        SignIn, models.CASCADE, related_name="tokens", verbose_name=pgettext_lazy("field", "들어온 기록")
    )
    issued_at = models.DateTimeField(pgettext_lazy("field", "준 때"))
    expires_at = models.DateTimeField(pgettext_lazy("field", "지나는 때"))
    rotated_at = models.DateTimeField(pgettext_lazy("field", "새것으로 바꾼 때"), null=True)

    class Meta:
        db_table = "player_refresh_token"
        verbose_name = pgettext_lazy("model", "갱신 토큰")
        verbose_name_plural = pgettext_lazy("models", "갱신 토큰")
        indexes = (models.Index(fields=["expires_at"], name="refresh_token_expires_idx"),)

    def __str__(self) -> str:
        return self.token_hash[:8]
