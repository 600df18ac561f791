"""gRPC 요청의 번호: 어느 메시지의 어느 칸이든 우리 표기로 읽는다."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from hanpan.v1 import common_pb2, matchmaking_pb2, session_pb2
from kernel.ids import new_id
from rpc.ids import ID_FIELDS, unify_ids

NAMES_NOT_UUIDS = {"gateway_id", "matchmaking_id", "session_id"}


def all_messages() -> list[Descriptor]:
    files = (common_pb2, matchmaking_pb2, session_pb2)
    return [message for file in files for message in file.DESCRIPTOR.message_types_by_name.values()]


def test_every_id_of_the_internal_contract_is_known_as_one() -> None:
    named = {
        field.name
        for message in all_messages()
        for field in message.fields
        if field.type == FieldDescriptor.TYPE_STRING and field.name.endswith(("_id", "_ids"))
    }
    assert named - NAMES_NOT_UUIDS == ID_FIELDS


def test_ids_are_unified_at_any_depth_and_other_words_are_left() -> None:
    one, two, gateway = new_id(), new_id(), new_id().upper()
    join = matchmaking_pb2.JoinRequest(
        wishes=[matchmaking_pb2.JoinWish(player_id=one.upper(), gateway_id=gateway, name="ABC")]
    )
    assert unify_ids(join).wishes[0].player_id == one
    assert (join.wishes[0].gateway_id, join.wishes[0].name) == (gateway, "ABC")
    ended = matchmaking_pb2.EndMatchesRequest(
        matches=[matchmaking_pb2.EndedMatch(match_id=one.upper(), player_ids=[two.upper(), one, "X"])]
    )
    row = unify_ids(ended).matches[0]
    assert (row.match_id, list(row.player_ids)) == (one, [two, one, "X"])
    up = session_pb2.UpItem(attach=session_pb2.Attach(match_id=one.upper(), player_id=two.upper()))
    assert unify_ids(up).attach.match_id == one
    assert up.attach.player_id == two


def test_a_message_without_ids_is_left_alone() -> None:
    request = matchmaking_pb2.ExplainQueueRequest(mode="DUEL")
    assert unify_ids(request).mode == "DUEL"
