"""형이 틀린 글 프레임의 까닭: 두 언어로, 라이브러리의 영어 없이."""

from __future__ import annotations

import pytest

from gateway.protocol.client_frames import BadMessage, ClientDecoder, InputRange
from gateway.protocol.wrong_fields import wrong_field
from kernel.messages import is_korean

DECODER = ClientDecoder((InputRange("dx", -1, 1),))
WRONG = {
    '{"t":"nope"}': ("t: 모르는 값입니다('nope')", "t: unknown value ('nope')"),
    '{"t":1}': ("t: str이어야 합니다", "t: must be str"),
    "{}": ("t 칸이 없습니다", "The field t is missing"),
    '{"t":"queue.join"}': ("mode 칸이 없습니다", "The field mode is missing"),
    '{"t":"input","seq":"x","dx":0}': (
        "seq: int이어야 합니다(str이 왔습니다)", "seq: must be int (str came)",
    ),
    '{"t":"input","seq":0,"dx":0}': ("seq: 1 이상이어야 합니다", "seq: must be at least 1"),
    '{"t":"input","seq":1,"dx":9}': ("dx: 1 이하여야 합니다", "dx: must be at most 1"),
    '{"t":"hello","region":"' + "x" * 90 + '"}': (
        "region: 64자까지입니다", "region: at most 64 characters",
    ),
    '{"t":"ping","ts":null}': (
        "ts: int | float이어야 합니다(null이 왔습니다)", "ts: must be int | float (null came)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_field_is_told_in_both_languages(text: str) -> None:
    with pytest.raises(BadMessage) as caught:
        DECODER.decode(text)
    error = caught.value.error
    assert (error.detail_in("ko"), error.detail_in("en")) == WRONG[text]


def test_what_the_library_says_in_new_words_is_only_a_difference_from_the_contract() -> None:
    error = wrong_field("Something nobody has seen - at `$.x`")
    assert error.detail_in("ko") == "칸이 계약과 다릅니다"
    assert not is_korean(error.detail_in("en"))
