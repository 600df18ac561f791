"""로드 밸런서의 본문: 커밋된 것이 코드가 그린 것과 같고, 설정이 그것들을 쓴다."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from environment.env import PREFIX, env, env_table
from front.lb_errors import BODY_MAX_BYTES, LB_ERRORS, _Blanks, rendered_errors
from kernel.problem import RETRYABLE_STATUSES

LB = Path(__file__).resolve().parents[3] / "infra" / "lb"
CONFIG = (LB / "haproxy.cfg").read_text("utf-8")


def test_the_committed_bodies_are_those_of_the_code() -> None:
    committed = {path.name: path.read_text("utf-8") for path in (LB / "errors").iterdir()}
    assert committed == dict(rendered_errors()), "`python manage.py render_lb_errors`를 부르고 커밋하십시오"


def test_the_configuration_writes_no_body_of_its_own() -> None:
    used = set(re.findall(r"lf-file infra/lb/errors/(\S+)", CONFIG))
    assert used == {f"{status}.{kind}" for status in LB_ERRORS for kind in ("json", "html")}
    assert "about:blank" not in CONFIG
    assert "problem" not in re.sub(r"content-type application/problem\+json|#.*", "", CONFIG)


def test_every_answer_names_its_type_and_language_and_those_to_be_tried_again_their_wait() -> None:
    lines = [line for line in CONFIG.splitlines() if "lf-file infra/lb/errors/" in line]
    assert len(lines) > 15
    for line in lines:
        status = re.search(r"(?:status )(\d+)", line)
        assert status is not None
        name = f"errors/{status[1]}."
        assert name in line
        assert ("text/html" if f"{name}html" in line else "application/problem+json") in line
        assert "hdr content-language" in line
        assert ("hdr retry-after" in line) == (int(status[1]) in RETRYABLE_STATUSES)


@pytest.mark.parametrize("text", ['a"b', "a%b", "a\\b", "a'b", "a<b"])
def test_a_text_that_haproxy_would_misread_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="HAProxy"):
        _Blanks().by_language(text, "fine")


def test_a_percent_sign_of_the_page_is_kept_from_haproxy() -> None:
    blanks = _Blanks()
    assert blanks.fill("50% " + blanks.of("%[x]")) == "50%% %[x]"


def test_the_limit_of_a_body_is_that_of_the_platform() -> None:
    assert env.http_body_max_bytes == BODY_MAX_BYTES
    assert set(re.findall(r"req\.body_size gt (\d+)", CONFIG)) == {str(BODY_MAX_BYTES)}
    assert set(re.findall(r"at-least (\d+)", CONFIG)) == {str(BODY_MAX_BYTES + 1)}


def test_the_policy_of_the_pages_of_the_balancer_allows_just_their_own_style() -> None:
    for path in (LB / "errors").glob("*.html"):
        allowed = re.search(r"Content-Security-Policy\" content=\"([^\"]+)\"", path.read_text("utf-8"))
        assert allowed is not None
        assert f"\"{allowed[1]}; frame-ancestors 'none'\"" in CONFIG


def test_the_balancer_reads_its_limits_from_the_environment_with_the_defaults_of_the_table() -> None:
    defaults = {PREFIX + variable.name: variable.default for variable in env_table()}
    read = set(re.findall(r"\$\{(HANPAN_\w+)-(\w+)\}", CONFIG))
    assert {name for name, _ in read} == {name for name in defaults if name.startswith(f"{PREFIX}LB_")}
    assert {(name, defaults[name]) for name, _ in read} == read


def test_the_buffers_of_all_connections_fit_in_the_memory_the_policy_names() -> None:
    (files,) = re.findall(r"fd-hard-limit (\d+)", CONFIG)
    (buffer_bytes,) = re.findall(r"tune\.bufsize (\d+)", CONFIG)
    assert int(files) // 2 * int(buffer_bytes) <= 2 * 1024**3
