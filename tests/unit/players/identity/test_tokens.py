"""선수 토큰: 우리가 만든 것만, 제때에만, 제자리에서만 통한다."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from accounts.credentials.signing import key_id
from kernel.errors import Unauthenticated
from kernel.ids import new_id
from players.identity.tokens import PlayerTokenIssuer, PlayerTokenVerifier

NOW_S = 1_800_000_000
TTL_S = 600
PRIVATE_KEY = Ed25519PrivateKey.generate()
PUBLIC_KEYS = {key_id(PRIVATE_KEY.public_key()): PRIVATE_KEY.public_key()}
PLAYER_ID = new_id()


def issuer(key: Ed25519PrivateKey = PRIVATE_KEY) -> PlayerTokenIssuer:
    return PlayerTokenIssuer(key, ttl_s=TTL_S, now_s=lambda: NOW_S)


def verifier(now_s: int = NOW_S) -> PlayerTokenVerifier:
    return PlayerTokenVerifier(PUBLIC_KEYS, now_s=lambda: now_s)


def forged(claims: dict[str, Any] | None = None, headers: dict[str, Any] | None = None) -> str:
    """올바른 열쇠로 서명했지만 내용이나 머리가 다른 토큰."""
    good = {
        "iss": "hanpan", "aud": "hanpan.player", "sub": PLAYER_ID, "name": "가나",
        "iat": NOW_S, "exp": NOW_S + TTL_S,
    }  # fmt: skip
    body = {key: value for key, value in {**good, **(claims or {})}.items() if value is not None}
    kid = {"kid": key_id(PRIVATE_KEY.public_key())}
    return jwt.encode(body, PRIVATE_KEY, "EdDSA", headers=kid if headers is None else headers)


def test_an_issued_token_names_its_player_until_it_expires() -> None:
    claims = verifier().verify(issuer().issue(PLAYER_ID, "가나"))
    assert (claims.player_id, claims.name, claims.expires_at_s) == (PLAYER_ID, "가나", NOW_S + TTL_S)


def test_only_the_token_of_a_bot_says_so() -> None:
    assert verifier().verify(issuer().issue(PLAYER_ID, "봇", is_bot=True)).is_bot
    assert not verifier().verify(issuer().issue(PLAYER_ID, "가나")).is_bot
    assert not verifier().verify(forged({"bot": 1})).is_bot


def test_a_token_dies_exactly_at_its_expiry() -> None:
    token = issuer().issue(PLAYER_ID, "가나")
    verifier(NOW_S + TTL_S - 1).verify(token)
    with pytest.raises(Unauthenticated):
        verifier(NOW_S + TTL_S).verify(token)


def test_the_header_carries_the_rfc7638_thumbprint() -> None:
    header = jwt.get_unverified_header(issuer().issue(PLAYER_ID, "가나"))
    assert header["kid"] == key_id(PRIVATE_KEY.public_key())
    assert header["alg"] == "EdDSA"


def test_the_key_id_is_the_published_thumbprint_of_rfc8037() -> None:
    # RFC 8037 부록 A.3의 열쇠와 지문.
    raw = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    assert (
        key_id(Ed25519PrivateKey.from_private_bytes(raw).public_key())
        == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )


def test_the_previous_key_still_verifies_while_keys_roll() -> None:
    new_key = Ed25519PrivateKey.generate()
    both = PlayerTokenVerifier(
        {**PUBLIC_KEYS, key_id(new_key.public_key()): new_key.public_key()}, now_s=lambda: NOW_S
    )
    assert both.verify(issuer().issue(PLAYER_ID, "옛")).name == "옛"
    assert both.verify(issuer(new_key).issue(PLAYER_ID, "새")).name == "새"


@pytest.mark.parametrize(
    "token",
    [
        None, 7, "", "a.b.c", "x" * 5000, "ㄱㄴㄷ", b"bytes",
        forged(headers={}),
        forged(headers={"kid": "unknown"}),
        forged(headers={"kid": ""}),
        forged({"aud": "hanpan.service"}),
        forged({"aud": None}),
        forged({"iss": "someone"}),
        forged({"sub": "not-a-uuid"}),
        forged({"sub": None}),
        forged({"name": 7}),
        forged({"exp": None}),
        forged({"exp": "soon"}),
        forged({"exp": NOW_S - 1}),
    ],
)  # fmt: skip
def test_a_token_that_is_not_ours_is_refused(token: object) -> None:
    with pytest.raises(Unauthenticated):
        verifier().verify(token)


def test_a_token_signed_by_another_key_is_refused_even_with_our_kid() -> None:
    stranger = Ed25519PrivateKey.generate()
    claims = jwt.decode(forged(), options={"verify_signature": False})
    token = jwt.encode(claims, stranger, "EdDSA", headers={"kid": key_id(PRIVATE_KEY.public_key())})
    with pytest.raises(Unauthenticated):
        verifier().verify(token)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_the_algorithm_cannot_be_talked_down(algorithm: str) -> None:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    header = part({"alg": algorithm, "typ": "JWT", "kid": key_id(PRIVATE_KEY.public_key())})
    body = part(
        {"iss": "hanpan", "aud": "hanpan.player", "sub": PLAYER_ID, "name": "x", "iat": 1, "exp": 2**40}
    )
    with pytest.raises(Unauthenticated):
        verifier().verify(f"{header}.{body}.")


@given(st.text(max_size=200))
def test_any_text_is_answered_with_unauthenticated_and_nothing_else(text: str) -> None:
    with pytest.raises(Unauthenticated):
        verifier().verify(text)


@given(index=st.integers(min_value=0), replacement=st.sampled_from("ABCabc019-_."))
def test_changing_any_character_breaks_the_token(index: int, replacement: str) -> None:
    token = issuer().issue(PLAYER_ID, "가나")
    at = index % (len(token) - 1)  # 마지막 글자의 남는 비트는 뜻이 없다
    if token[at] == replacement:
        return
    with pytest.raises(Unauthenticated):
        verifier().verify(token[:at] + replacement + token[at + 1 :])
