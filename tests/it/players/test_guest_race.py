"""같은 기기의 손님이 한꺼번에 와도 선수는 하나다."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from players.identity.admission import admit_guest
from players.models import Device, Player

DEVICE = "f" * 64
CALLERS = 16


@pytest.mark.django_db(transaction=True)
def test_sixteen_guests_with_one_device_are_one_player() -> None:
    start = threading.Barrier(CALLERS)

    def enter(index: int) -> str:
        try:
            start.wait(timeout=20)
            return str(admit_guest(f"손님{index}", DEVICE).id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CALLERS) as pool:
        player_ids = set(pool.map(enter, range(CALLERS)))
    assert len(player_ids) == 1
    assert Player.objects.count() == Device.objects.count() == 1
