"""서비스 토큰: 우리가 만든 것만, 제때에만, 선수 토큰과 섞이지 않고 통한다."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accounts.credentials.service_tokens import (
    TTL_MAX_S,
    Scope,
    ServiceTokenIssuer,
    ServiceTokenVerifier,
    ensure_service_keys,
    load_service_issuer,
    load_service_verifier,
)
from accounts.credentials.signing import KeysMissing, TokenSigner, key_id
from kernel.errors import InvalidArgument, PermissionDenied, Unauthenticated
from kernel.ids import new_id
from players.identity.tokens import PlayerTokenIssuer, PlayerTokenVerifier

NOW_S = 1_800_000_000
PRIVATE_KEY = Ed25519PrivateKey.generate()
PUBLIC_KEYS = {key_id(PRIVATE_KEY.public_key()): PRIVATE_KEY.public_key()}


def issuer(key: Ed25519PrivateKey = PRIVATE_KEY) -> ServiceTokenIssuer:
    return ServiceTokenIssuer(key, now_s=lambda: NOW_S)


def verifier(now_s: int = NOW_S) -> ServiceTokenVerifier:
    return ServiceTokenVerifier(PUBLIC_KEYS, now_s=lambda: now_s)


def test_an_issued_token_names_its_service_and_scopes_until_it_expires() -> None:
    token = issuer().issue("arena-eu", [Scope.MATCH_FINALIZE], ttl_s=60)
    claims = verifier().verify(token)
    assert (claims.name, claims.scopes) == ("arena-eu", {"match:finalize"})
    assert claims.expires_at_s == NOW_S + 60
    claims.require(Scope.MATCH_FINALIZE)
    verifier(NOW_S + 59).verify(token)
    with pytest.raises(Unauthenticated):
        verifier(NOW_S + 60).verify(token)


def test_a_token_without_the_scope_may_not() -> None:
    signer = TokenSigner(PRIVATE_KEY, audience="hanpan.service", now_s=lambda: NOW_S)
    claims = verifier().verify(signer.sign({"sub": "s", "scope": "something:else"}, ttl_s=60))
    with pytest.raises(PermissionDenied):
        claims.require(Scope.MATCH_FINALIZE)


def test_player_and_service_tokens_never_stand_in_for_each_other() -> None:
    player = PlayerTokenIssuer(PRIVATE_KEY, ttl_s=60, now_s=lambda: NOW_S).issue(new_id(), "가나")
    with pytest.raises(Unauthenticated):
        verifier().verify(player)
    service = issuer().issue("s", [Scope.MATCH_FINALIZE], ttl_s=60)
    with pytest.raises(Unauthenticated):
        PlayerTokenVerifier(PUBLIC_KEYS, now_s=lambda: NOW_S).verify(service)


def test_a_token_of_an_unknown_key_is_a_forgery() -> None:
    token = issuer(Ed25519PrivateKey.generate()).issue("s", [Scope.MATCH_FINALIZE], ttl_s=60)
    with pytest.raises(Unauthenticated):
        verifier().verify(token)


@pytest.mark.parametrize(
    "claims", [{"scope": "a"}, {"sub": "s"}, {"sub": "S!", "scope": "a"}, {"sub": 1, "scope": 2}]
)
def test_a_signed_token_with_wrong_contents_is_refused(claims: dict[str, object]) -> None:
    signer = TokenSigner(PRIVATE_KEY, audience="hanpan.service", now_s=lambda: NOW_S)
    with pytest.raises(Unauthenticated):
        verifier().verify(signer.sign(claims, ttl_s=60))


@pytest.mark.parametrize("name", ["", "Upper", "-first", "a" * 65, "with space"])
def test_a_name_that_is_no_name_gets_no_token(name: str) -> None:
    with pytest.raises(InvalidArgument):
        issuer().issue(name, [Scope.MATCH_FINALIZE], ttl_s=60)


@pytest.mark.parametrize("ttl_s", [0, -1, TTL_MAX_S + 1])
def test_a_lifetime_outside_the_limits_gets_no_token(ttl_s: int) -> None:
    with pytest.raises(InvalidArgument):
        issuer().issue("s", [Scope.MATCH_FINALIZE], ttl_s=ttl_s)


def test_a_token_without_any_scope_is_not_made() -> None:
    with pytest.raises(InvalidArgument):
        issuer().issue("s", [], ttl_s=60)


def test_the_key_files_are_made_once_and_work_together(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing):
        load_service_issuer(tmp_path)
    assert ensure_service_keys(tmp_path)
    assert not ensure_service_keys(tmp_path)
    token = load_service_issuer(tmp_path).issue("s", [Scope.MATCH_FINALIZE])
    assert load_service_verifier(tmp_path).verify(token).name == "s"
