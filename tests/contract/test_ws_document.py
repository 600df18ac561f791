"""contract.md의 메시지 표와 gateway의 글 프레임이 같은지 본다."""

from __future__ import annotations

from gateway.protocol import client_frames, server_frames
from gateway.protocol.frame_fields import kind_of
from gateway.websocket.upgrade import SUBPROTOCOL
from tests.contract.test_contract_document import CONTRACT, table_rows

INPUT_FIELDS_OF_THE_BUILT_IN_GAME = {"dx", "dy"}


def _fields(cell: str) -> set[str]:
    return {name.strip().strip("`").rstrip("?") for name in cell.split(",") if name.strip()}


def test_the_client_message_table_is_what_the_gateway_reads() -> None:
    documented = {row[0]: _fields(row[1]) for row in table_rows("### 2.1 메시지: 클라이언트 → 서버")}
    documented["input"] -= INPUT_FIELDS_OF_THE_BUILT_IN_GAME
    in_code = {
        kind_of(message): set(message.__struct_fields__) - {"id", "trace"}
        for message in client_frames.CLIENT_MESSAGES
    }
    assert documented == in_code


def test_the_server_message_table_is_what_the_gateway_writes() -> None:
    documented = {row[0]: _fields(row[1]) for row in table_rows("### 2.2 메시지: 서버 → 클라이언트")}
    in_code = {
        kind_of(message): set(message.__struct_fields__) - {"re"} for message in server_frames.SERVER_MESSAGES
    }
    documented["error"] -= {"re"}
    assert documented == in_code


def test_the_subprotocol_is_the_documented_one() -> None:
    assert f"`{SUBPROTOCOL}`" in CONTRACT
