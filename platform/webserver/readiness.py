"""platform의 /readyz: 떠 있고 마이그레이션이 반영되어 있으면 준비된 것이다.

한 번 확인하면 다시 묻지 않는다. 데이터베이스나 Redis가 멈춰도 준비된 채로 남아 503과 Retry-After를
스스로 답한다: 빠지면 로드 밸런서가 까닭 없는 503을 대신 답하게 된다.
"""

from __future__ import annotations

import asyncio

from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor

from telemetry.logs import get_logger
from telemetry.probes import Readiness

log = get_logger(__name__)


def migrations_applied() -> bool:
    """코드가 아는 마이그레이션이 모두 반영되었는가. 데이터베이스에 닿지 않으면 아니다."""
    close_old_connections()
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseFailure as failure:
        log.warning("readiness.database_unreachable", error=str(failure))
        return False
    finally:
        connection.close()


class PlatformReadiness:
    """/readyz의 답. 확인은 물을 때마다 뒤에서 하나만 돌고, 답은 기다리지 않는다."""

    def __init__(self) -> None:
        self._applied = False
        self._draining = False
        self._checking: asyncio.Task[None] | None = None

    def start_draining(self) -> None:
        """드레인을 시작했다: 새 요청은 다른 인스턴스로 가야 한다."""
        self._draining = True

    def __call__(self) -> Readiness:
        """이벤트 루프에서 불린다."""
        if self._draining:
            return Readiness.DRAINING
        if self._applied:
            return Readiness.READY
        if self._checking is None or self._checking.done():
            self._checking = asyncio.get_running_loop().create_task(self._check())
        return Readiness.NOT_READY

    async def _check(self) -> None:
        self._applied = await asyncio.to_thread(migrations_applied)
