"""주소의 메서드마다, 부르는 이가 무엇이어야 하는가. 주소(urls)에서만 말하고 뷰는 스스로 말하지 않는다.

조건은 값이다: 어떻게 누구인지 아는가(`authentication`)와 그가 해도 되는가(`check`). 선수, 서비스, 운영 API의
조건은 그 토큰을 읽는 꾸러미에 있다.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from accounts.permissions import StaffPermission, is_allowed, is_working_staff
from kernel.errors import PermissionDenied, Unauthenticated

if TYPE_CHECKING:
    # 설정(관리 화면의 차림표)이 이 모듈을 읽는다. DRF는 설정이 다 선 뒤에 읽어야 한다.
    from rest_framework.authentication import BaseAuthentication

GET: Final = "GET"
HEAD: Final = "HEAD"
POST: Final = "POST"


class Requirement(ABC):
    """메서드 하나의 조건."""

    authentication: ClassVar[tuple[type[BaseAuthentication], ...]] = ()

    @abstractmethod
    def check(self, caller: Any) -> None:
        """부르는 이를 본다. 아무도 아니면 None이거나 익명의 사용자다.

        Raises:
            Unauthenticated: 누구인지 모른다.
            PermissionDenied: 누구인지 알지만 해서는 안 된다.
        """

    def allows(self, caller: Any) -> bool:
        """그래도 되는가. 거절할 자리가 아니라 보일 자리에서 묻는다."""
        try:
            self.check(caller)
        except (Unauthenticated, PermissionDenied):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Anyone(Requirement):
    """누구나."""

    def check(self, caller: Any) -> None:
        return


@dataclass(frozen=True, slots=True)
class AnyStaff(Requirement):
    """일하는 직원이면 누구나 시도한다. 할 수 있는지는 일을 하는 쪽(fleet)이 정하고, 거절도 감사에 남긴다."""

    def check(self, caller: Any) -> None:
        if caller is None or not is_working_staff(caller):
            raise Unauthenticated


@dataclass(frozen=True, slots=True)
class StaffMay(Requirement):
    """그 권한이 있는 직원."""

    permission: StaffPermission

    def check(self, caller: Any) -> None:
        AnyStaff().check(caller)
        if not is_allowed(caller, self.permission):
            raise PermissionDenied


@dataclass(frozen=True, slots=True)
class AdminSiteDecides(Requirement):
    """관리 화면이 스스로 정한다: 직원이 아니면 로그인으로, 모델마다의 권한은 ModelAdmin이 본다."""

    def check(self, caller: Any) -> None:
        return


ANYONE: Final = Anyone()
ANY_STAFF: Final = AnyStaff()
ADMIN_SITE_DECIDES: Final = AdminSiteDecides()


@dataclass(frozen=True, slots=True)
class Access:
    """주소 하나의 표. 적히지 않은 메서드는 없는 메서드다."""

    by_method: Mapping[str, Requirement]

    def of(self, method: str | None) -> Requirement | None:
        """그 메서드의 조건. HEAD는 GET과 같고, 없는 메서드는 None이다."""
        return self.by_method.get(GET if method == HEAD else method or "")


NOTHING: Final = Access({})


def access_of(callback: object) -> Access | None:
    """주소에 올라 있는 뷰의 표. `secured`로 올리지 않았으면 None이다."""
    access: object = getattr(callback, "access", None)
    return access if isinstance(access, Access) else None
