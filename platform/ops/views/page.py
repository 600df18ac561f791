"""모든 운영 페이지의 바탕: 누구인지, 할 수 있는지, 보안 머리글, 실패를 사람이 읽는 쪽으로.

누가 여는지는 주소(`secured`)가 말한다. 직원이 아니면 로그인으로, 권한이 없으면 403 쪽으로 간다.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import Error as DatabaseFailure
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.generic import TemplateView

from accounts.access import GET, NOTHING, Access
from database.transactions import unavailable_from
from front.content_policy import content_policy
from front.failures import failure_answer
from kernel.errors import HanpanError, Internal, PermissionDenied, Unauthenticated
from ops.navigation import entries_for


class OpsPage(TemplateView):
    """운영 페이지 하나. `nav_key`는 차림표에서 밝힐 줄이다."""

    access: Access = NOTHING
    nav_key: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """문지기. 답은 여기서 다 그려, 그리다 난 데이터베이스의 사정도 쪽으로 답한다."""
        try:
            response = self._admit(request, *args, **kwargs)
        except Internal:
            raise  # 우리 잘못은 한자리(webserver.problems)가 적고 답한다
        except HanpanError as error:
            response = failure_answer(request, error)
        except DatabaseFailure as failure:
            unavailable = unavailable_from(failure)
            if unavailable is None:
                raise
            response = failure_answer(request, unavailable)
        _protect(response, request.get_host())
        return response

    def _admit(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.check_access(request)
        except Unauthenticated:
            return redirect_to_login(self.return_address(request, **kwargs), settings.LOGIN_URL)
        response = super().dispatch(request, *args, **kwargs)
        return response.render() if isinstance(response, TemplateResponse) else response

    def return_address(self, request: HttpRequest, **kwargs: Any) -> str:
        """로그인한 뒤 올 주소. GET으로 열 수 있어야 한다."""
        return request.get_full_path()

    def check_access(self, request: HttpRequest) -> None:
        """주소의 조건을 묻는다. 표에 없는 메서드는 여는 이에게만 없다고(405) 말한다.

        Raises:
            Unauthenticated: 직원으로 로그인하지 않았다.
            PermissionDenied: 권한이 없다.
        """
        requirement = self.access.of(request.method) or self.access.of(GET)
        if requirement is None:
            raise PermissionDenied
        requirement.check(request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """차림표와 이 사람. 페이지가 제 것을 더한다."""
        someone = self.request.user
        return {
            **super().get_context_data(**kwargs),
            "nav_entries": entries_for(someone),
            "nav_key": self.nav_key,
            "roles": [group.name for group in someone.groups.all()],
            "languages": settings.LANGUAGES,
        }


def _protect(response: HttpResponseBase, host: str) -> None:
    """인라인 코드와 남의 자원을 모두 막고, 직원의 쪽을 남기지 않게 한다."""
    response["Content-Security-Policy"] = content_policy(
        scripts=True, fonts=True, forms=True, socket_host=host
    )
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"
