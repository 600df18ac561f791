"""오류가 RFC 9457로 나가는 모양."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, ProgrammingError
from django.http import Http404, HttpRequest
from rest_framework import exceptions, serializers
from structlog.testing import capture_logs

from config.problems import bad_request, error_of, problem
from kernel.errors import ERRORS_BY_CODE, HanpanError, InvalidArgument, RateLimited, Unavailable


@pytest.mark.parametrize("error_class", ERRORS_BY_CODE.values(), ids=ERRORS_BY_CODE.keys())
def test_every_error_of_the_tree_has_its_problem(error_class: type[HanpanError]) -> None:
    status, headers, raw = problem(error_class("까닭"))
    body = json.loads(raw)
    assert status == body["status"] == error_class.http_status
    assert (body["code"], body["title"], body["detail"]) == (error_class.code, error_class.title, "까닭")
    assert headers["Content-Type"] == "application/problem+json"
    assert ("Retry-After" in headers) == (status in {429, 503})
    assert ("WWW-Authenticate" in headers) == (status == 401)


@pytest.mark.parametrize(("wait_ms", "seconds"), [(1, "1"), (1000, "1"), (1001, "2"), (60_000, "60")])
def test_retry_after_is_whole_seconds_rounded_up(wait_ms: int, seconds: str) -> None:
    for error in (Unavailable(retry_after_ms=wait_ms), RateLimited(retry_after_ms=wait_ms)):
        assert problem(error)[1]["Retry-After"] == seconds


@pytest.mark.parametrize(
    ("exception", "code", "status"),
    [
        (exceptions.ParseError(), "INVALID_ARGUMENT", 400),
        (exceptions.MethodNotAllowed("PUT"), "INVALID_ARGUMENT", 405),
        (exceptions.NotAcceptable(), "INVALID_ARGUMENT", 406),
        (exceptions.UnsupportedMediaType("text/plain"), "INVALID_ARGUMENT", 415),
        (exceptions.ValidationError({"name": ["길다"]}), "INVALID_ARGUMENT", None),
        (exceptions.NotAuthenticated(), "UNAUTHENTICATED", None),
        (exceptions.AuthenticationFailed(), "UNAUTHENTICATED", None),
        (exceptions.PermissionDenied(), "PERMISSION_DENIED", None),
        (exceptions.NotFound(), "NOT_FOUND", None),
        (exceptions.Throttled(), "RATE_LIMITED", None),
        (Http404(), "NOT_FOUND", None),
        (DjangoPermissionDenied(), "PERMISSION_DENIED", None),
        (RequestDataTooBig(), "PAYLOAD_TOO_LARGE", None),
        (OperationalError(2013, "Lost connection"), "UNAVAILABLE", None),
        (OperationalError(1040, "Too many connections"), "UNAVAILABLE", None),
        (OperationalError(1142, "denied"), "INTERNAL", None),
        (ProgrammingError(1064, "syntax"), "INTERNAL", None),
        (RuntimeError("우리 잘못"), "INTERNAL", None),
    ],
)
def test_an_exception_becomes_the_error_it_means(exception: Exception, code: str, status: int | None) -> None:
    with capture_logs() as entries:
        error, narrower = error_of(exception)
    assert (error.code, narrower) == (code, status)
    # 우리 잘못만 스택을 남긴다.
    assert [entry["exc_info"] for entry in entries if "exc_info" in entry] == (
        [exception] if code == "INTERNAL" else []
    )


def test_field_errors_are_one_readable_line() -> None:
    error, _ = error_of(
        exceptions.ValidationError({"name": ["길다", "안 보인다"], "non_field_errors": ["모양이 틀리다"]})
    )
    assert error.message == "name: 길다; name: 안 보인다; 모양이 틀리다"


def test_a_form_that_is_too_big_is_413_and_another_bad_request_400() -> None:
    assert bad_request(HttpRequest(), RequestDataTooBig()).status_code == 413
    assert bad_request(HttpRequest()).status_code == 400


def test_a_problem_speaks_one_language_and_names_it() -> None:
    for language, title, detail in (
        ("ko", "잘못된 요청입니다", "이름은 1-24자여야 합니다"),
        ("en", "Invalid request", "A name must have 1 to 24 characters"),
    ):
        _, headers, raw = problem(
            InvalidArgument("이름은 1-{max_chars}자여야 합니다", max_chars=24), language=language
        )
        assert headers["Content-Language"] == language
        assert (json.loads(raw)["title"], json.loads(raw)["detail"]) == (title, detail)


class Leg(serializers.Serializer):
    """겹친 칸의 안쪽."""

    kind = serializers.ChoiceField(["a"])


class Row(serializers.Serializer):
    """겹친 칸의 줄."""

    place = serializers.IntegerField(max_value=9)
    legs = Leg(many=True, required=False)


class Order(serializers.Serializer):
    """줄이 있는 본문."""

    names = serializers.ListField(child=serializers.CharField(), min_length=1)
    listed = serializers.ListField(child=Row(), required=False)
    rows = Row(many=True, required=False)
    by_name = serializers.DictField(child=Row(), required=False)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        raise serializers.ValidationError("서로 맞지 않는다")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"names": ["a", ""]}, "names[1]: "),
        ({"names": []}, "names: "),
        ({"names": ["a"], "listed": [{"place": 1}, {"place": 10}]}, "listed[1].place: "),
        ({"names": ["a"], "listed": [{"place": 1}, 3]}, "listed[1]: "),
        ({"names": ["a"], "rows": [{"place": 1}, {"place": "x"}]}, "rows[1].place: "),
        ({"names": ["a"], "rows": [{"place": 1}, None]}, "rows[1]"),
        ({"names": ["a"], "rows": {}}, "rows: "),
        ({"names": ["a"], "rows": [{"place": 1, "legs": [{"kind": "b"}]}]}, "rows[0].legs[0].kind: "),
        ({"names": ["a"], "by_name": {"kim": {"place": 10}}}, "by_name.kim.place: "),
        ({"names": ["a"]}, "서로 맞지 않는다"),
    ],
)
def test_the_error_of_a_nested_field_names_its_row_and_its_field(body: dict[str, object], path: str) -> None:
    form = Order(data=body)
    with pytest.raises(exceptions.ValidationError) as refused:
        form.is_valid(raise_exception=True)
    assert error_of(refused.value)[0].message.startswith(path)


def test_several_faults_are_told_each_with_its_place() -> None:
    form = Order(data={"names": ["", "b", ""], "listed": [{}]})
    with pytest.raises(exceptions.ValidationError) as refused:
        form.is_valid(raise_exception=True)
    message = error_of(refused.value)[0].message
    assert [part.partition(":")[0] for part in message.split("; ")] == [
        "names[0]", "names[2]", "listed[0].place",
    ]  # fmt: skip
