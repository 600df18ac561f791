"""운영 API의 물음과 답의 모양. OpenAPI의 정본이다."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from rest_framework import serializers

from audit.models import REASON_MAX_CHARS
from fleet.models import Roll, RollPhase
from fleet.rolls import RETURN_TIMEOUT_MS, note_in
from players.api.fields import TextField
from redisstore.servers.rows import ServerState


class Server(serializers.Serializer):
    """session 서버 하나. 하트비트가 끊겼으면 age_ms가 null이고, 드레인이 아니면 drain_left_ms가 null이다."""

    server_id = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField([state.value for state in ServerState])
    pool = serializers.CharField(allow_blank=True)
    version = serializers.CharField(allow_blank=True)
    boot_id = serializers.CharField(allow_blank=True)
    drain_intended = serializers.BooleanField()
    capacity = serializers.IntegerField()
    running = serializers.IntegerField()
    load = serializers.IntegerField()
    longest_left_ms = serializers.IntegerField()
    drain_left_ms = serializers.IntegerField(allow_null=True)
    age_ms = serializers.IntegerField(allow_null=True)


class FleetAnswer(serializers.Serializer):
    """한 순간의 플릿."""

    region = serializers.CharField()
    at_ms = serializers.IntegerField()
    servers = Server(many=True)


class Preview(serializers.Serializer):
    """드레인하면 어떻게 되는가."""

    matches = serializers.IntegerField()
    at_most_ms = serializers.IntegerField()
    grace_ms = serializers.IntegerField()
    cuts_matches = serializers.BooleanField()
    others_ready = serializers.IntegerField()
    room_elsewhere = serializers.IntegerField()


class PreviewQuery(serializers.Serializer):
    """미리보기의 질의."""

    grace_ms = serializers.IntegerField(required=False, min_value=0)


class DrainOrder(serializers.Serializer):
    """드레인 요청."""

    reason = TextField(max_length=REASON_MAX_CHARS)
    grace_ms = serializers.IntegerField(required=False, min_value=0)


class Reason(serializers.Serializer):
    """까닭만 있는 말."""

    reason = TextField(max_length=REASON_MAX_CHARS)


class OrderAnswer(serializers.Serializer):
    """시킨 일의 답. applied가 거짓이면 뜻은 남았고 서버가 5초 안에 따른다."""

    server_id = serializers.CharField()
    drain_intended = serializers.BooleanField()
    changed = serializers.BooleanField()
    applied = serializers.BooleanField()
    preview = Preview()


class RollOrder(serializers.Serializer):
    """갈아 끼우라는 말. servers가 없으면 모두다. 빈 목록은 모두가 아니라 잘못이다."""

    reason = TextField(max_length=REASON_MAX_CHARS)
    servers = serializers.ListField(child=TextField(), required=False, min_length=1, max_length=1000)
    grace_ms = serializers.IntegerField(required=False, min_value=0)
    # 범위는 fleet가 본다: 거절까지 감사에 남게.
    return_timeout_ms = serializers.IntegerField(required=False, default=RETURN_TIMEOUT_MS)


class RollAnswer(serializers.Serializer):
    """갈아 끼우기의 지금. position은 servers의 몇 번째 차례인가(0부터)다."""

    roll_id = serializers.IntegerField()
    servers = serializers.ListField(child=serializers.CharField())
    position = serializers.IntegerField()
    phase = serializers.ChoiceField(RollPhase.values)
    note = serializers.CharField(allow_blank=True)
    actor = serializers.CharField()
    reason = serializers.CharField()
    is_open = serializers.BooleanField()


def roll_fields(roll: Roll) -> dict[str, Any]:
    """행 하나를 RollAnswer의 칸으로."""
    return {
        "roll_id": roll.pk,
        "servers": roll.servers,
        "position": roll.position,
        "phase": roll.phase,
        "note": note_in(roll.note, get_language()),
        "actor": roll.actor,
        "reason": roll.reason,
        "is_open": roll.open_key is not None,
    }
