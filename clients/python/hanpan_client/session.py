"""로그인한 선수의 토큰: 지날 때가 가까우면 쓰기 전에 갱신하고, 거절되면 한 번 갱신하고, 원하면 곳간에 남긴다.

갱신은 한 번에 하나다. 소켓은 모른다.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, Self, TypeVar

import msgspec

from .errors import CallTimeoutError, ConnectionLostError, HanpanApiError
from .http import Account, HanpanHttp

R = TypeVar("R")
REFRESH_AT = 0.2  # 남은 수명이 이만큼(전체의 몫)이면 갱신한다
UNAUTHENTICATED = "UNAUTHENTICATED"


class Saved(msgspec.Struct, frozen=True):
    """곳간에 남는 것. `expires_at_s`는 접근 토큰이 지나는 유닉스 초다."""

    account: Account
    expires_at_s: float


class SessionStore(Protocol):
    """토큰을 남기는 곳. 파일이면 남이 읽지 못하게 한다."""

    def load(self) -> Saved | None:
        """남은 것. 없으면 None."""
        ...

    def save(self, saved: Saved) -> None:
        """남긴다."""
        ...

    def clear(self) -> None:
        """버린다."""
        ...


class SignedOutError(HanpanApiError):
    """갱신 토큰도 통하지 않는다: 다시 로그인해야 한다."""

    def __init__(self, message: str = "다시 로그인해야 합니다") -> None:
        super().__init__(UNAUTHENTICATED, message, status=401)


class PlayerSession:
    """선수 하나의 토큰. 한 이벤트 루프 안에서만 쓴다.

    `account`는 guest, register, login의 답이다. HanpanClient에 토큰 대신 줄 수 있다.
    """

    def __init__(
        self,
        http: HanpanHttp,
        account: Account,
        *,
        store: SessionStore | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._store = store
        self._now_s = now_s
        self._lock = asyncio.Lock()
        self._saved = Saved(account, now_s() + account.expires_in_s)
        self._keep()

    @classmethod
    def restore(
        cls, http: HanpanHttp, store: SessionStore, *, now_s: Callable[[], float] = time.time
    ) -> Self | None:
        """곳간에 남은 선수. 없으면 None이다. 지난 토큰은 처음 쓸 때 갱신한다."""
        saved = store.load()
        if saved is None:
            return None
        session = cls(http, saved.account, store=store, now_s=now_s)
        session._saved = saved
        session._keep()
        return session

    @property
    def account(self) -> Account:
        """지금의 계정. 토큰은 갱신될 때마다 바뀐다."""
        return self._saved.account

    async def token(self) -> str:
        """쓸 수 있는 접근 토큰. 지날 때가 가까우면 먼저 갱신한다.

        갱신이 잠시 되지 않아도 아직 살아 있으면 그것을 준다.

        오류: SignedOutError, 그리고 토큰이 이미 지났는데 서버가 아프면 그 오류.
        """
        if self._saved.expires_at_s - REFRESH_AT * self.account.expires_in_s > self._now_s():
            return self.account.access_token
        try:
            await self.refresh()
        except (CallTimeoutError, ConnectionLostError, HanpanApiError) as error:
            if isinstance(error, SignedOutError) or self._saved.expires_at_s <= self._now_s():
                raise
        return self.account.access_token

    async def refresh(self) -> None:
        """새 토큰을 얻는다. 함께 불러도 서버에는 한 번 묻는다.

        오류: SignedOutError(다시 로그인해야 한다), HanpanApiError, CallTimeoutError, ConnectionLostError.
        """
        held = self.account.refresh_token
        async with self._lock:
            if self.account.refresh_token != held:
                return  # 기다리는 사이 남이 갱신했다
            if not held:
                raise SignedOutError("갱신 토큰이 없습니다")
            try:
                account = await self._http.refresh(held)
            except HanpanApiError as error:
                if error.code == UNAUTHENTICATED:
                    self._forget()
                    raise SignedOutError(error.message) from error
                raise
            self._saved = Saved(account, self._now_s() + account.expires_in_s)
            self._keep()

    async def authorized(self, call: Callable[[str], Awaitable[R]]) -> R:
        """토큰으로 부르고, 401이면 한 번 갱신해서 다시 부른다."""
        used = await self.token()
        try:
            return await call(used)
        except HanpanApiError as error:
            if error.code != UNAUTHENTICATED:
                raise
        if self.account.access_token == used:
            await self.refresh()
        return await call(self.account.access_token)

    async def logout(self, *, everywhere: bool = False) -> None:
        """이 기기에서(everywhere면 모든 기기에서) 나간다. 토큰이 이미 죽었어도 나간 것이다.

        오류: 서버에 닿지 않았으면 그 오류. 토큰은 그대로이니 다시 부를 수 있다.
        """
        try:
            await self.authorized(lambda token: self._http.logout(token, everywhere=everywhere))
        except HanpanApiError as error:
            if error.code != UNAUTHENTICATED:
                raise
        self._forget()

    def _keep(self) -> None:
        if self._store is not None:
            self._store.save(self._saved)

    def _forget(self) -> None:
        self._saved = Saved(msgspec.structs.replace(self.account, refresh_token=""), 0.0)
        if self._store is not None:
            self._store.clear()
