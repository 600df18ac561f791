"""모든 API 뷰의 뿌리. 부르는 이의 조건은 주소(`secured`)가 말하고, 여기서 그것을 묻는다.

틀린 메서드는 누구에게나 405이므로 토큰보다 먼저 본다. OPTIONS를 받지 않고, 받지 않는다고 바르게 말한다
(Allow에 이름이 없다). 브라우저의 사전 요청(preflight)은 뷰에 오기 전에 webserver/cors.py가 답한다.
"""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access import NOTHING, Access

METHODS: Final = ("get", "head", "post", "put", "patch", "delete")


class ApiView(APIView):
    """DRF의 뷰에서 OPTIONS를 빼고, 주소의 표를 묻는 것."""

    http_method_names = list(METHODS)  # noqa: RUF012 - DRF가 정한 이름이다
    access: Access = NOTHING

    def get_authenticators(self) -> list[BaseAuthentication]:
        """그 메서드의 조건이 누구인지 아는 길."""
        # OpenAPI를 만드는 쪽은 요청을 주기 전에도 묻는다.
        asked: HttpRequest | Request | None = self.request
        requirement = None if asked is None else self.access.of(asked.method)
        return [] if requirement is None else [each() for each in requirement.authentication]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """메서드, 누구인지, 해도 되는지를 이 차례로 본다."""
        requirement = self.access.of(request.method)
        if requirement is None:
            raise MethodNotAllowed(request.method or "")
        super().initial(request, *args, **kwargs)
        requirement.check(request.user)
