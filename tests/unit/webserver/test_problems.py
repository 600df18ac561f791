"""오류가 RFC 9457로 나가는 모양."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, ProgrammingError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from rest_framework import exceptions, serializers
from structlog.testing import capture_logs

from kernel.errors import Internal
from webserver.problems import FailureMiddleware, bad_request, csrf_refused, error_of


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
        # 이웃이 INTERNAL이라 답한 것도 우리 잘못이고, 로그 없이 500이 되지 않는다.
        (Internal(), "INTERNAL", None),
    ],
)
def test_an_exception_becomes_the_error_it_means(exception: Exception, code: str, status: int | None) -> None:
    with capture_logs() as entries:
        error, narrower = error_of(exception, RequestFactory().get("/"))
    assert (error.code, narrower) == (code, status)
    # 우리 잘못만 스택을 남긴다.
    assert [entry["exc_info"] for entry in entries if "exc_info" in entry] == (
        [exception] if code == "INTERNAL" else []
    )


def test_field_errors_are_one_readable_line() -> None:
    error, _ = error_of(
        exceptions.ValidationError({"name": ["길다", "안 보인다"], "non_field_errors": ["모양이 틀리다"]}),
        RequestFactory().get("/"),
    )
    assert error.message == "name: 길다; name: 안 보인다; 모양이 틀리다"


def test_a_form_that_is_too_big_is_413_and_another_bad_request_400() -> None:
    assert bad_request(HttpRequest(), RequestDataTooBig()).status_code == 413
    assert bad_request(HttpRequest()).status_code == 400


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
    assert error_of(refused.value, RequestFactory().get("/"))[0].message.startswith(path)


def test_several_faults_are_told_each_with_its_place() -> None:
    form = Order(data={"names": ["", "b", ""], "listed": [{}]})
    with pytest.raises(exceptions.ValidationError) as refused:
        form.is_valid(raise_exception=True)
    message = error_of(refused.value, RequestFactory().get("/"))[0].message
    assert [part.partition(":")[0] for part in message.split("; ")] == [
        "names[0]", "names[2]", "listed[0].place",
    ]  # fmt: skip


def _answered(status: int, **headers: str) -> HttpResponse:
    """`status`만 주는 뷰가 미들웨어를 지나 나온 답."""
    request = RequestFactory().get("/ops/x", headers={"accept": headers.pop("accept", "*/*")})

    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("뷰의 말", status=status, headers=headers)

    answer = FailureMiddleware(view)(request)
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "INVALID_ARGUMENT"),
        (401, "UNAUTHENTICATED"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (405, "INVALID_ARGUMENT"),
        (413, "PAYLOAD_TOO_LARGE"),
        (418, "INVALID_ARGUMENT"),
        (429, "RATE_LIMITED"),
        (500, "INTERNAL"),
        (503, "UNAVAILABLE"),
    ],
)
def test_a_failure_that_is_only_a_status_gets_the_shape_of_all_others(status: int, code: str) -> None:
    with capture_logs() as entries:
        answer = _answered(status)
        page = _answered(status, accept="text/html")
    problem = json.loads(answer.content)
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert len(problem["trace_id"]) == 32
    assert page.status_code == status
    assert code in page.content.decode()
    # 예외가 없어 Django가 적지 않는 500도 줄을 남긴다.
    assert [entry["event"] for entry in entries] == (
        ["http.answered_failure"] * 2 if code == "INTERNAL" else []
    )


def test_the_methods_of_a_405_are_kept_and_a_success_is_left_alone() -> None:
    kept = _answered(405, Allow="GET, HEAD", **{"Access-Control-Allow-Origin": "http://a.example"})
    assert (kept["Allow"], kept["Access-Control-Allow-Origin"]) == ("GET, HEAD", "http://a.example")
    assert _answered(200).content.decode() == "뷰의 말"


def test_a_stale_form_says_that_nothing_was_done() -> None:
    request = RequestFactory().post("/ops/roll/start", headers={"accept": "text/html"})
    answer = csrf_refused(request, "reason")
    assert answer.status_code == 403
    assert "아무 일도 하지 않았습니다" in answer.content.decode()
    assert json.loads(csrf_refused(RequestFactory().post("/x")).content)["code"] == "PERMISSION_DENIED"
