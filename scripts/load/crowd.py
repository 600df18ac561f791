"""부하의 선수들: 손님 계정을 만들고, 한꺼번에 붙이고, 닫는다. 동시 수에는 늘 상한이 있다."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

from hanpan_client import (
    Account,
    Backoff,
    ClientOptions,
    HanpanApiError,
    HanpanClient,
    HanpanHttp,
    HeaderView,
)

T = TypeVar("T")
R = TypeVar("R")
CONCURRENT_GUESTS = 16
CONCURRENT_CONNECTS = 64
DEFAULT_RETRY_S = 0.5


async def bounded(work: Callable[[T], Awaitable[R]], items: Iterable[T], concurrency: int) -> list[R]:
    """`items`마다 `work`를 하되 많아야 `concurrency`개를 함께 한다. 답은 순서대로다. 첫 오류를 던진다."""
    gate = asyncio.Semaphore(concurrency)

    async def one(item: T) -> R:
        async with gate:
            return await work(item)

    return list(await asyncio.gather(*(one(item) for item in items)))


async def make_guests(base_url: str, count: int, seed: int) -> list[Account]:
    """손님 `count`명. 기기 번호가 씨앗에서 나오므로 다시 돌리면 같은 선수들이다."""
    async with HanpanHttp(base_url, deadline_s=30, max_connections=CONCURRENT_GUESTS) as http:

        async def one(number: int) -> Account:
            return await http.guest(name=f"load-{number}", device_id=f"load-{seed}-{number}")

        return await bounded(one, range(count), CONCURRENT_GUESTS)


def make_client(
    ws_url: str, account: Account, seed: int, *, reconnect: Backoff | None = None
) -> HanpanClient:
    """머리만 읽는 클라이언트. `reconnect`가 없으면 다시 잇지 않고, 끊기면 시나리오가 실패한다."""
    options = ClientOptions(
        reconnect=reconnect, view=lambda _: HeaderView(), call_timeout_s=30, open_timeout_s=30, seed=seed
    )
    return HanpanClient(ws_url, account.access_token, options)


async def join_patiently(client: HanpanClient, mode: str) -> int:
    """줄을 선다. UNAVAILABLE이면 서버가 말한 만큼 쉬고 다시 청한다. 그 횟수를 준다."""
    refusals = 0
    while True:
        try:
            await client.join(mode)
        except HanpanApiError as error:
            if refusals and error.code in {"ALREADY_QUEUED", "ALREADY_IN_MATCH"}:
                return refusals  # 답을 잃은 청이 사실은 받아들여졌다
            if error.code != "UNAVAILABLE":
                raise
            refusals += 1
            await asyncio.sleep(error.retry_after_s or DEFAULT_RETRY_S)
        else:
            return refusals


async def cancel_patiently(client: HanpanClient) -> None:
    """줄에서 나온다. UNAVAILABLE이면 서버가 말한 만큼 쉬고 다시 청한다."""
    refusals = 0
    while True:
        try:
            await client.cancel()
        except HanpanApiError as error:
            if refusals and error.code == "NOT_QUEUED":
                return  # 답을 잃은 청이 사실은 받아들여졌다
            if error.code != "UNAVAILABLE":
                raise
            refusals += 1
            await asyncio.sleep(error.retry_after_s or DEFAULT_RETRY_S)
        else:
            return


@asynccontextmanager
async def connected(
    ws_url: str, accounts: list[Account], seed: int, *, reconnect: Backoff | None = None
) -> AsyncIterator[list[HanpanClient]]:
    """모두 붙은 클라이언트들. 나갈 때 모두 닫는다. 다시 잇는 쉼은 선수마다 다르다."""
    clients = [
        make_client(ws_url, account, seed + number, reconnect=reconnect)
        for number, account in enumerate(accounts)
    ]
    try:
        await bounded(HanpanClient.connect, clients, CONCURRENT_CONNECTS)
        yield clients
    finally:
        await bounded(HanpanClient.close, clients, CONCURRENT_CONNECTS)
