"""모드의 표."""

from __future__ import annotations

import pytest

from gateway.protocol.mode_catalog import SEATLESS_DECODER, ModeCatalog
from hanpan.v1 import matchmaking_pb2 as pb
from kernel.errors import InvalidArgument, Unavailable


def test_before_learning_nothing_can_be_joined() -> None:
    with pytest.raises(Unavailable):
        ModeCatalog().check("duel")


def test_after_learning_only_known_modes_can_be_joined() -> None:
    modes = ModeCatalog()
    modes.learn([pb.Mode(name="duel")])
    modes.check("duel")
    with pytest.raises(InvalidArgument):
        modes.check("chess")


def test_a_mode_reads_its_own_input_fields() -> None:
    modes = ModeCatalog()
    modes.learn([pb.Mode(name="snake", input_fields=[pb.InputField(name="turn", min=0, max=3)])])
    decoder = modes.decoder("snake")
    assert decoder.input_values(decoder.decode('{"t":"input","seq":1,"turn":3}')) == [3]
    assert modes.decoder("unknown") is SEATLESS_DECODER
