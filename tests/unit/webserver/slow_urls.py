"""처리기의 시험에만 쓰는 경로들: 막히는 뷰, 되돌려 주는 뷰, 흘려 보내는 뷰."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import ANYONE, GET, POST
from accounts.secured import secured

together = threading.Barrier(4)
gate = threading.Event()
entered = threading.Semaphore(0)


def meet(_request: HttpRequest) -> HttpResponse:
    """네 요청이 함께 들어와야만 답한다."""
    together.wait(timeout=20)
    return HttpResponse(threading.current_thread().name)


def blocked(_request: HttpRequest) -> HttpResponse:
    """문이 열릴 때까지 스레드를 잡고 있다."""
    entered.release()
    gate.wait(timeout=20)
    return HttpResponse("opened")


def stream(_request: HttpRequest) -> StreamingHttpResponse:
    def chunks() -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    return StreamingHttpResponse(chunks())


def broken_stream(_request: HttpRequest) -> StreamingHttpResponse:
    def chunks() -> Iterator[bytes]:
        yield b"one "
        raise RuntimeError("도중의 잘못")

    return StreamingHttpResponse(chunks())


def broken(_request: HttpRequest) -> JsonResponse:
    raise RuntimeError("우리 잘못")


class Echo(APIView):
    """받은 JSON을 돌려준다."""

    def post(self, request: Request) -> Response:
        return Response({"got": request.data})


urlpatterns = [
    secured("meet", meet, {GET: ANYONE}),
    secured("blocked", blocked, {GET: ANYONE}),
    secured("stream", stream, {GET: ANYONE}),
    secured("broken-stream", broken_stream, {GET: ANYONE}),
    secured("broken", broken, {GET: ANYONE}),
    secured("echo", Echo, {POST: ANYONE, "OPTIONS": ANYONE}),
]
handler400 = "webserver.problems.bad_request"
handler404 = "webserver.problems.not_found"
handler500 = "webserver.problems.server_error"
