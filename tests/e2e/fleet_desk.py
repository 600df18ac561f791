"""e2e의 운영자: LB 너머의 운영 API로 플릿을 보고 시킨다. 서비스 토큰은 명령이 만든다."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from stack.runtime import Runtime
from tests.e2e.players import BASE_URL, WAIT_S

API = f"{BASE_URL}/ops/api/v1"
# 드레인된 프로세스가 끝나고 되살아나 등록될 때까지.
RETURN_WAIT_S = 40.0


class FleetDesk:
    """운영자 하나. 부름은 막히므로 시험은 `asyncio.to_thread`나 여기의 async 메서드로 부른다."""

    def __init__(self, stack: Runtime) -> None:
        self._stack = stack
        self._token = self.manage("issue_service_token", "--name", "e2e", "--scope", "fleet:operate").strip()

    def manage(self, *arguments: str, timeout_s: float = 120.0) -> str:
        """platform의 환경에서 `manage.py`를 한국어로 돌리고 표준 출력을 준다. 실패하면 StackError다."""
        command = ["env", "LC_ALL=ko_KR.UTF-8", "python", "manage.py", *arguments]
        return self._stack.execute("platform", command, timeout_s=timeout_s)

    def call(self, method: str, path: str, **body: Any) -> Any:
        """운영 API 한 번."""
        request = urllib.request.Request(  # noqa: S310 - 우리 LB다
            f"{API}/{path}",
            method=method,
            data=json.dumps(body).encode() if method == "POST" else None,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:  # noqa: S310 - 우리 LB다
            return json.load(answer)

    def servers(self) -> dict[str, dict[str, Any]]:
        """이름마다의 서버."""
        return {row["server_id"]: row for row in self.call("GET", "servers")["servers"]}

    async def drain(self, server_id: str, **order: Any) -> Any:
        """드레인한다."""
        path = f"servers/{server_id}/drain"
        return await asyncio.to_thread(self.call, "POST", path, reason="e2e", **order)

    async def undrain(self, server_id: str) -> Any:
        """거둔다."""
        return await asyncio.to_thread(self.call, "POST", f"servers/{server_id}/undrain", reason="e2e")

    async def until(self, server_id: str, accepts: Callable[[dict[str, Any] | None], bool]) -> Any:
        """서버가 그렇게 될 때까지 본다. 등록부에 없으면 None으로 본다."""
        deadline_s = time.monotonic() + RETURN_WAIT_S
        while True:
            row = (await asyncio.to_thread(self.servers)).get(server_id)
            if accepts(row):
                return row
            assert time.monotonic() < deadline_s, row
            await asyncio.sleep(0.1)

    async def until_state(self, server_id: str, state: str) -> Any:
        """그 상태가 될 때까지."""
        return await self.until(server_id, lambda row: row is not None and row["state"] == state)

    async def until_known(self, server_id: str) -> Any:
        """도는 판이 등록부에 알려질 때까지."""
        return await self.until(server_id, lambda row: row is not None and row["longest_left_ms"] > 0)

    async def until_reborn(self, before: dict[str, Any]) -> Any:
        """`before`의 서버가 새 프로세스로 등록될 때까지. 그 사이 끊긴 것(lost)으로 보이는 줄은 아직이다."""
        return await self.until(
            before["server_id"],
            lambda row: row is not None and row["state"] != "lost" and row["boot_id"] != before["boot_id"],
        )

    def open_everything(self) -> None:
        """남은 뜻을 모두 거두고 모든 서버가 판을 받을 때까지 기다린다."""
        deadline_s = time.monotonic() + RETURN_WAIT_S
        while True:
            rows = self.servers()
            for server_id, row in rows.items():
                if row["drain_intended"]:
                    self.call("POST", f"servers/{server_id}/undrain", reason="e2e의 뒷정리")
            if len(rows) == 2 and all(row["state"] == "ready" for row in rows.values()):
                return
            assert time.monotonic() < deadline_s, rows
            time.sleep(0.1)
