"""상태 프레임의 표본(golden_frames.json): 서버의 코덱이 만들고, 모든 SDK가 같은 뜻으로 읽는다.

표본을 새로 쓰려면 이 파일을 그대로 실행한다: `python tests/contract/test_golden_frames.py`.
JS는 clients/js/test/state.test.js와 e2e의 브라우저가, Python은 SDK의 시험이 같은 파일을 읽는다.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from gameservices.rules.base import EntityState, StateField
from gameservices.rules.star_collect import STAR, StarCollect
from gameservices.simulation.codec import RecordCodec
from gameservices.simulation.delta import StateEncoder

GOLDEN = Path(__file__).with_name("golden_frames.json")
FIELDS = StarCollect.state_fields
SEED = 20_240_601
STEPS = 40

Step = dict[str, Any]


def test_the_golden_frames_are_what_the_codec_writes_today() -> None:
    assert json.loads(GOLDEN.read_text(encoding="utf-8")) == golden()


def test_the_golden_match_loses_and_regains_stars() -> None:
    counts = [len(step["entities"]) for step in golden()["cases"][0]["steps"]]
    changes = {after - before for before, after in pairwise(counts)}
    assert min(changes) < 0 < max(changes)


def golden() -> dict[str, Any]:
    """표본 전부. 기대하는 값은 코덱이 아니라 규칙의 상태에서 바로 계산한다."""
    return {
        "about": "tests/contract/test_golden_frames.py가 쓴다. entities는 칸의 순서대로 눈금을 나눈 값이다.",
        "schema": json.loads(RecordCodec(FIELDS).schema_json),
        "cases": [_whole_match(), _gap_then_snapshot(), _extremes()],
    }


def _whole_match() -> dict[str, Any]:
    """셋이 움직이며 별을 줍고, 하나가 떠난다. 첫 프레임만 snapshot이다."""
    game = StarCollect(mode=StarCollect.modes[1], player_count=3, seed=SEED)
    encoder = StateEncoder(RecordCodec(FIELDS), game.entities())
    steps = [_step(encoder.snapshot_frame(0), encoder, 0, game.entities())]
    for tick in range(1, STEPS + 1):
        for slot in range(3):
            if slot in game.entities():
                game.apply_input(slot, _toward_a_star(game.entities(), slot))
        if tick == STEPS // 2:
            game.leave(2)
        _advance(game, encoder)
        steps.append(_step(encoder.delta_frame(tick), encoder, tick, game.entities()))
    return {"name": "snapshot 하나와 이어지는 delta들", "steps": steps}


def _gap_then_snapshot() -> dict[str, Any]:
    """delta 하나를 잃으면 다음 delta는 버리고, snapshot에서 다시 잇는다."""
    game = StarCollect(mode=StarCollect.modes[0], player_count=2, seed=SEED)
    encoder = StateEncoder(RecordCodec(FIELDS), game.entities())
    first = _step(encoder.snapshot_frame(0), encoder, 0, game.entities())
    game.apply_input(0, (1, -1))
    _advance(game, encoder)
    _advance(game, encoder)
    skipped = first | {"frame_hex": encoder.delta_frame(9).hex(), "applied": False}
    return {
        "name": "바탕이 다른 delta는 버리고 snapshot에서 다시 잇는다",
        "steps": [first, skipped, _step(encoder.snapshot_frame(9), encoder, 9, game.entities())],
    }


def _extremes() -> dict[str, Any]:
    """칸마다 가장 작은 값과 가장 큰 값."""
    entities = {0: (-32768, 32767, 0, 65535, 255), 65535: (-1, 1, 1, 0, 0)}
    encoder = StateEncoder(RecordCodec(FIELDS), entities)
    return {
        "name": "칸의 끝 값",
        "steps": [_step(encoder.snapshot_frame(4294967295), encoder, 4294967295, entities)],
    }


def _toward_a_star(entities: Mapping[int, EntityState], slot: int) -> tuple[int, int]:
    x, y = entities[slot][:2]
    stars = (state for state in entities.values() if state[2] == STAR)
    star_x, star_y = min(((s[0], s[1]) for s in stars), key=lambda at: (at[0] - x) ** 2 + (at[1] - y) ** 2)
    return ((star_x > x) - (star_x < x), (star_y > y) - (star_y < y))


def _advance(game: StarCollect, encoder: StateEncoder) -> None:
    game.step()
    encoder.advance(game.entities(), game.touched(), game.removed())


def _step(frame: bytes, encoder: StateEncoder, ack_seq: int, entities: Mapping[int, EntityState]) -> Step:
    return {
        "frame_hex": frame.hex(),
        "applied": True,
        "tick": encoder.tick,
        "ack_seq": ack_seq,
        "entities": {str(number): _scaled(FIELDS, state) for number, state in sorted(entities.items())},
    }


def _scaled(fields: Sequence[StateField], state: EntityState) -> list[float]:
    return [value / field.scale for field, value in zip(fields, state, strict=True)]


if __name__ == "__main__":
    text = json.dumps(golden(), ensure_ascii=False)
    GOLDEN.write_text(text.replace('{"frame_hex"', '\n{"frame_hex"') + "\n", encoding="utf-8")
