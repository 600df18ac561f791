"""모든 운영 페이지의 바탕: 누구인지, 할 수 있는지, 보안 머리글, 실패를 사람이 읽는 쪽으로.

페이지는 `permission`을 반드시 말한다. 직원이 아니면 로그인으로, 권한이 없으면 403 쪽으로 간다.
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

from accounts.permissions import StaffPermission, is_allowed, is_working_staff
from database.transactions import unavailable_from
from front.content_policy import content_policy
from front.failures import failure_answer
from kernel.errors import HanpanError, Internal, PermissionDenied
from ops.navigation import entries_for


class OpsPage(TemplateView):
    """운영 페이지 하나. `nav_key`는 차림표에서 밝힐 줄이다."""

    permission: ClassVar[StaffPermission]
    nav_key: ClassVar[str]
    http_method_names: list[str] = ["get", "head", "options"]  # noqa: RUF012 - Django가 정한 모양이다

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
        if not is_working_staff(request.user):
            return redirect_to_login(self.return_address(request, **kwargs), settings.LOGIN_URL)
        if not self.is_admitted(request):
            raise PermissionDenied
        response = super().dispatch(request, *args, **kwargs)
        return response.render() if isinstance(response, TemplateResponse) else response

    def return_address(self, request: HttpRequest, **kwargs: Any) -> str:
        """로그인한 뒤 올 주소. GET으로 열 수 있어야 한다."""
        return request.get_full_path()

    def is_admitted(self, request: HttpRequest) -> bool:
        """이 직원이 이 쪽을 열 수 있는가."""
        return is_allowed(request.user, self.permission)

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
