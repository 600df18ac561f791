"""선수의 표: 선수, 로그인 자격, 기기. 운영 직원의 계정(accounts)과는 다른 사람들이다."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import pgettext_lazy

from kernel.ids import new_id
from players.names import NAME_MAX_CHARS, USERNAME_MAX_CHARS


class Player(models.Model):
    """선수 한 사람. id는 UUIDv7이라 만들어진 순서로 자란다."""

    id = models.UUIDField(pgettext_lazy("field", "선수"), primary_key=True, default=new_id, editable=False)
    name = models.CharField(pgettext_lazy("field", "이름"), max_length=NAME_MAX_CHARS)
    # 대소문자를 가리지 않고 앞 글자로 찾는 값. 데이터베이스가 이름에서 만든다.
    name_key = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=NAME_MAX_CHARS), db_persist=True,
        verbose_name=pgettext_lazy("field", "찾는 이름"),
    )  # fmt: skip
    created_at = models.DateTimeField(pgettext_lazy("field", "만든 때"), auto_now_add=True)
    # 봇의 계정. 스스로 표시할 수 없고 manage.py bots만 켠다. 기본값이 표에도 있어 지난 판의 프로세스도
    # 행을 만든다.
    is_bot = models.BooleanField(pgettext_lazy("field", "봇"), default=False, db_default=False)

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
