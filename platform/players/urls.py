"""players의 경로(/api/v1/ 아래)."""

from accounts.access import ANYONE, POST
from accounts.secured import secured
from players.api.authentication import SIGNED_PLAYER
from players.api.views import GuestView, LoginView, LogoutView, RefreshView, RegisterView

urlpatterns = [
    secured("auth/guest", GuestView, {POST: ANYONE}),
    secured("auth/register", RegisterView, {POST: ANYONE}),
    secured("auth/login", LoginView, {POST: ANYONE}),
    secured("auth/refresh", RefreshView, {POST: ANYONE}),
    # 로그아웃한 토큰도 받는다: 끝낼 뿐이라 해롭지 않고, gateway에 알리다 실패한 로그아웃을 다시 부를 수 있다.
    secured("auth/logout", LogoutView, {POST: SIGNED_PLAYER}),
]
