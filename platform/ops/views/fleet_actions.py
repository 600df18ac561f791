"""플릿에 시키는 일을 받는 폼들. 일은 fleet가 하고, 여기서는 칸을 읽고 답을 쪽의 알림으로 옮긴다."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from fleet.authority import StaffAuthority
from fleet.orders import Order
from fleet.rolls import RollRequest
from fleet.wiring import drain_orders, rolls
from kernel.errors import InvalidArgument, NotFound
from ops.views.page import OpsPage


class FleetAction(OpsPage):
    """POST 하나. `act`가 한 일을 말하고, 사람이 고칠 수 있는 잘못은 알림이 된다."""

    nav_key = "servers"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """시키고 보던 쪽으로 돌아간다."""
        try:
            messages.success(request, self.act(**kwargs))
        except (InvalidArgument, NotFound) as error:
            messages.error(request, error.detail_in(get_language()))
        return redirect(self.back_to(**kwargs))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """주소를 그냥 연 사람(로그인에서 돌아왔거나 새로 고친 사람)은 시키지 않고 보던 쪽으로 간다."""
        return redirect(self.back_to(**kwargs))

    def return_address(self, request: HttpRequest, **kwargs: Any) -> str:
        """로그인한 뒤에는 시키던 것이 있는 쪽으로."""
        return self.back_to(**kwargs)

    def act(self, **kwargs: Any) -> str:
        """일을 시키고, 사람에게 할 말을 준다."""
        raise NotImplementedError

    def back_to(self, **kwargs: Any) -> str:
        """돌아갈 쪽."""
        return reverse("ops:servers")

    def authority(self) -> StaffAuthority:
        """시키는 직원."""
        return StaffAuthority(self.request.user)  # type: ignore[arg-type]

    def field(self, name: str) -> str:
        """폼의 칸."""
        return str(self.request.POST.get(name, "")).strip()

    def grace_ms(self) -> int | None:
        """초로 적은 유예. 비면 서버의 기본값이다."""
        text = self.field("grace_s")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 6):
            raise InvalidArgument("유예는 초 단위의 정수입니다")
        return int(text) * 1000


class DrainAction(FleetAction):
    """POST /ops/servers/<server_id>/drain"""

    intended = True

    def act(self, **kwargs: Any) -> str:
        order = Order(
            server_id=kwargs["server_id"],
            intended=self.intended,
            reason=self.field("reason"),
            grace_ms=self.grace_ms() if self.intended else None,
        )
        receipt = drain_orders().give(order, self.authority())
        if not receipt.applied:
            return _("뜻을 적었습니다. Redis가 돌아오면 서버가 5초 안에 따릅니다.")
        return _("드레인을 시작했습니다.") if self.intended else _("드레인을 거두었습니다.")

    def back_to(self, **kwargs: Any) -> str:
        return reverse("ops:server", args=[kwargs["server_id"]])


class UndrainAction(DrainAction):
    """POST /ops/servers/<server_id>/undrain"""

    intended = False


class RollAction(FleetAction):
    """POST /ops/roll/start"""

    def act(self, **kwargs: Any) -> str:
        wish = RollRequest(reason=self.field("reason"), servers=self._servers(), grace_ms=self.grace_ms())
        roll = rolls().start(wish, self.authority())
        count = len(roll.servers)
        told = ngettext("%(count)d대를 차례로 갈아 끼웁니다.", "%(count)d대를 차례로 갈아 끼웁니다.", count)
        return told % {"count": count}

    def _servers(self) -> list[str] | None:
        """폼이 고른 서버들. 모두면 None이고, 모두라고 폼이 말해야 모두다(빈 고름은 모두가 아니다)."""
        chosen = [name for name in self.request.POST.getlist("servers") if name.strip()]
        return None if not chosen and "all" in self.request.POST else chosen


class RollAbortAction(FleetAction):
    """POST /ops/roll/abort"""

    def act(self, **kwargs: Any) -> str:
        rolls().abort(self.authority(), self.field("reason"))
        return _("갈아 끼우기를 그만두었습니다.")
