"""session 서버 하나와의 양방향 스트림 하나. 이 gateway의 모든 선수가 나눠 쓴다.

올라가는 것은 모아서 쓰고(입력은 몇 ms, 나머지는 이벤트 루프 한 바퀴), 내려오는 것은 소켓 번호로 나눠 준다.
스트림이 끊기면 앉은 자리가 있는 동안 다시 잇고, 같은 epoch로 모두 다시 붙인다.
서버가 사라졌다는 판단도 여기서 한다.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Any

from concurrency.cancellation import end_tasks
from gateway.seats.link_dispatch import deliver, deliver_frames, deliver_to_leavers
from gateway.seats.ports import LinkedSeat
from hanpan.v1 import session_pb2 as pb
from kernel.clock import Clock
from resilience.retry import RetryPolicy
from rpc.errors import StreamFailure
from telemetry.logs import get_logger

log = get_logger(__name__)

LOST_AFTER_S = 1.6  # 이만큼 답을 듣지 못하고 이어지지도 않으면 사라진 것이다(2초 안에 알린다)
SILENT_AFTER_S = 1.0  # 앉은 자리가 있는데 이만큼 조용하면 등록부에 살아 있는지 묻는다
MISSING_AFTER_S = 2.0  # 등록부에 이만큼 내리 없어야 사라진 것이다: 비었다 돌아온 등록부는 1초 안에 다시 찬다
IDLE_KEEP_S = 30.0  # 자리가 없는 스트림을 이만큼 더 열어 둔다
CHECK_EVERY_S = 0.1
# 입력을 이만큼 모은다. 틱(50 ms)보다 훨씬 짧고, 하나씩 보내면 gRPC 메시지의 값(합 0.2 ms)이 입력마다 든다.
INPUT_GATHER_S = 0.005
MAX_OUTGOING_INPUTS = 8192
MAX_BATCH_ITEMS = 2000
RECONNECT = RetryPolicy(max_attempts=1, base_ms=50, cap_ms=250)


Call = Any  # grpc.aio.StreamStreamCall. grpc에는 형이 없다


class SessionLink:
    """한 서버로 가는 스트림과 거기에 앉은 자리들."""

    def __init__(
        self,
        *,
        address: str,
        gateway_id: str,
        open_call: Callable[[], Call],
        is_registered: Callable[[], Awaitable[bool]],
        clock: Clock,
    ) -> None:
        self.address = address
        self.is_closed = False
        self._gateway_id = gateway_id
        self._open_call = open_call
        self._is_registered = is_registered
        self._clock = clock
        self._seats: dict[int, LinkedSeat] = {}
        # 판을 떠나는 자리들. 답을 들을 때까지 남는다: 소켓이 닫히거나 다른 판에 앉아도 떠난 것은 떠난 것이다.
        self._leaving: dict[tuple[int, str], LinkedSeat] = {}
        self._call: Call | None = None
        self._outgoing: list[pb.UpItem] = []
        self._has_outgoing = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._is_gathering = False
        now_s = clock.monotonic_s()
        self._heard_at_s = now_s
        self._used_at_s = now_s
        # 스트림을 여는 순간부터 첫 답을 듣기까지는 성하지 않은 것으로 친다.
        self._troubled_since_s: float | None = now_s
        self._missing_since_s: float | None = None
        # 스트림은 처음 앉은 선수의 추적 문맥을 물려받지 않는다.
        self._runner = asyncio.create_task(self._run(), name=f"link:{address}", context=Context())
        self._watcher = asyncio.create_task(self._watch(), name=f"link-watch:{address}", context=Context())

    # ---- 자리

    def attach(self, seat: LinkedSeat) -> None:
        """자리를 붙인다. 끊겨 있으면 이어질 때 함께 붙는다."""
        now_s = self._clock.monotonic_s()
        if not self._seats and self._troubled_since_s is not None:
            self._troubled_since_s = now_s  # 앞 사람이 답을 듣기 전에 떠났을 뿐일 수 있다
        self._heard_at_s = now_s
        self._seats[seat.conn_id] = seat
        if self._call is not None:
            self._send(pb.UpItem(attach=seat.begin_attach()))

    def detach(self, seat: LinkedSeat) -> None:
        """소켓이 자리를 떠났다. 같은 소켓이 벌써 다른 자리에 앉았으면 아무 일도 없다."""
        if self._seats.get(seat.conn_id) is seat:
            self._drop(seat.conn_id)
            if self._call is not None:
                self._send(pb.UpItem(detach=pb.Detach(conn_id=seat.conn_id)))

    def send_input(self, conn_id: int, seq: int, values: Sequence[int]) -> None:
        """입력을 보낸다. 끊겼거나 너무 밀렸으면 버린다: 선수가 곧 다음 입력을 낸다."""
        if self._call is not None and len(self._outgoing) < MAX_OUTGOING_INPUTS:
            self._outgoing.append(pb.UpItem(input=pb.InputItem(conn_id=conn_id, seq=seq, values=values)))
            if not self._is_gathering:
                self._is_gathering = True
                self._loop.call_later(INPUT_GATHER_S, self._gathered)

    def leave(self, seat: LinkedSeat) -> None:
        """판을 떠난다. 자리는 비고, 답을 들을 때까지 다시 이을 때마다 또 말한다.

        죽어 가는 스트림에 쓴 것은 닿지 않았을 수 있다. session은 두 번 들은 것을 한 번으로 친다.
        """
        if self._seats.get(seat.conn_id) is seat:
            self._drop(seat.conn_id)
        self._leaving[seat.conn_id, seat.match_id] = seat
        if self._call is not None:
            self._send(_leave(seat))

    def resync(self, seat: LinkedSeat) -> None:
        """새 snapshot을 청한다. 끊겨 있으면 다시 붙을 때 저절로 온다."""
        if self._call is not None:
            self._send(pb.UpItem(resync=pb.Resync(conn_id=seat.conn_id)))

    async def close(self) -> None:
        """스트림을 닫는다. 앉은 자리에는 알리지 않는다(gateway가 내려가는 중이다)."""
        self._finish()
        await end_tasks([self._runner, self._watcher])

    # ---- 스트림

    async def _run(self) -> None:
        attempts = 0
        while True:
            heard_before_s = self._heard_at_s
            await self._serve_stream()
            if self._is_unused:
                break
            attempts = 1 if self._heard_at_s > heard_before_s else attempts + 1
            if self._troubled_since_s is None:
                self._troubled_since_s = self._clock.monotonic_s()
            await asyncio.sleep(RECONNECT.delay_ms(min(attempts, 4), random.random()) / 1000)  # noqa: S311 - 지터다
        self._finish()

    async def _serve_stream(self) -> None:
        """스트림 하나의 한살이. 어떻게 끊겼든 돌아온다: 통지를 전하다 난 우리 잘못도 다시 이으면 된다."""
        call = self._open_call()
        self._outgoing = [
            pb.UpItem(hello=pb.LinkHello(gateway_id=self._gateway_id)),
            *(pb.UpItem(attach=seat.begin_attach()) for seat in self._seats.values()),
            *map(_leave, self._leaving.values()),
        ]
        self._call = call
        self._has_outgoing.set()
        writer = asyncio.create_task(self._write(call), name=f"link-write:{self.address}")
        try:
            async for down in call:
                self._hear(down)
        except StreamFailure as error:
            if self._troubled_since_s is None:
                log.warning("link.broken", peer=self.address, code=error.code().name, seats=len(self._seats))
        except asyncio.CancelledError:
            if _is_cancelled():
                raise  # 아니면 쓰는 쪽이 끊은 스트림이다
        except Exception:
            log.exception("link.failed", peer=self.address, seats=len(self._seats))
        finally:
            self._call = None
            call.cancel()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _write(self, call: Call) -> None:
        """모인 것을 쓴다. 쓰는 동안 새로 온 것은 다음 한 번에 모인다. 실패는 읽는 쪽이 안다."""
        while True:
            await self._has_outgoing.wait()
            self._has_outgoing.clear()
            items, self._outgoing = self._outgoing, []
            for start in range(0, len(items), MAX_BATCH_ITEMS):
                try:
                    await call.write(pb.LinkUp(items=items[start : start + MAX_BATCH_ITEMS]))
                except (StreamFailure, asyncio.InvalidStateError):
                    return
                except Exception:
                    log.exception("link.write_failed", peer=self.address)
                    call.cancel()
                    return

    def _gathered(self) -> None:
        self._is_gathering = False
        if self._outgoing:
            self._has_outgoing.set()

    def _send(self, item: pb.UpItem) -> None:
        self._outgoing.append(item)
        self._has_outgoing.set()

    def _hear(self, down: pb.LinkDown) -> None:
        self._heard_at_s = self._clock.monotonic_s()
        if self._troubled_since_s is not None:
            self._troubled_since_s = None
            log.info("link.connected", peer=self.address, seats=len(self._seats))
        for control in down.controls:
            if self._leaving:
                self._tell_leavers(control)
            deliver(control, self._seats, self._drop)
        deliver_frames(down.frames, self._seats)

    def _tell_leavers(self, control: pb.Control) -> None:
        kind = control.WhichOneof("event")
        match_id = getattr(control, kind).match_id if kind is not None else ""
        held = {conn_id: self._leaving.get((conn_id, match_id)) for conn_id in control.conn_ids}
        leavers = {conn_id: seat for conn_id, seat in held.items() if seat is not None}
        deliver_to_leavers(control, leavers, lambda conn_id: self._drop_leaver(conn_id, match_id))

    def _drop_leaver(self, conn_id: int, match_id: str) -> None:
        del self._leaving[conn_id, match_id]
        self._used_at_s = self._clock.monotonic_s()

    @property
    def _is_unused(self) -> bool:
        return not self._seats and not self._leaving

    def _drop(self, conn_id: int) -> None:
        del self._seats[conn_id]
        self._used_at_s = self._clock.monotonic_s()

    # ---- 사라짐

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            try:
                await self._check()
            except Exception:
                log.exception("link.check_failed", peer=self.address)

    async def _check(self) -> None:
        now_s = self._clock.monotonic_s()
        if self._is_unused:
            if now_s - self._used_at_s >= IDLE_KEEP_S:
                self._finish()
        elif await self._is_gone(now_s):
            log.error("link.lost", peer=self.address, seats=len(self._seats))
            self._lose_everyone()
            self._finish()

    async def _is_gone(self, now_s: float) -> bool:
        if self._troubled_since_s is not None and now_s - self._troubled_since_s >= LOST_AFTER_S:
            return True
        # 얼어붙은 서버의 스트림은 끊기지 않는다. 등록부의 심장 박동이 대신 말해 준다.
        if now_s - self._heard_at_s < SILENT_AFTER_S or await self._is_registered():
            self._missing_since_s = None
            return False
        if self._missing_since_s is None:
            self._missing_since_s = now_s
        return now_s - self._missing_since_s >= MISSING_AFTER_S

    def _lose_everyone(self) -> None:
        while self._seats:
            _, seat = self._seats.popitem()
            seat.lost()
        while self._leaving:
            _, seat = self._leaving.popitem()
            seat.lost()

    def _finish(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._runner.cancel()
            self._watcher.cancel()


def _leave(seat: LinkedSeat) -> pb.UpItem:
    return pb.UpItem(leave=pb.Leave(conn_id=seat.conn_id, match_id=seat.match_id, player_id=seat.player_id))


def _is_cancelled() -> bool:
    """지금의 태스크가 스스로 취소되는 중인가."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
