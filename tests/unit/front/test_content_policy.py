"""CSP: 쪽이 쓰는 것만 열고, 무엇을 열어도 인라인 코드와 남의 자원은 막힌다."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from front.content_policy import content_policy


@given(st.booleans(), st.booleans(), st.booleans(), st.sampled_from(("", "play.example:8080")))
def test_no_page_opens_inline_code_or_foreign_resources(
    scripts: bool, fonts: bool, forms: bool, socket_host: str
) -> None:
    directives = content_policy(scripts=scripts, fonts=fonts, forms=forms, socket_host=socket_host).split(
        "; "
    )
    opened = dict(each.split(" ", 1) for each in directives)
    assert opened["default-src"] == "'none'"
    assert "unsafe" not in str(opened)
    assert opened["frame-ancestors"] == opened["base-uri"] == "'none'"
    assert ("script-src" in opened, "font-src" in opened) == (scripts, fonts)
    assert opened["form-action"] == ("'self'" if forms else "'none'")
    assert ("connect-src" in opened) == bool(socket_host)


def test_a_page_that_speaks_names_only_its_own_host() -> None:
    policy = content_policy(scripts=True, fonts=False, forms=False, socket_host="play.example:8080")
    assert "connect-src 'self' ws://play.example:8080 wss://play.example:8080" in policy
