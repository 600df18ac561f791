"""통합 시험이 쓰는 진짜 MariaDB와 Redis(infra/compose/it.yml).

scripts/test-it.sh가 띄운 것에 붙고, 손으로 돌렸으면 스스로 띄우고 멈춘다.
Django의 시험 데이터베이스(test_hanpan)는 스키마 계정으로 만들고, 제한 시간은 응용 계정의 것을 그대로 둔다.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.db import connections
from django.db.backends.mysql.operations import DatabaseOperations
from pytest_django import Settings

from environment.env import env
from redisstore.client import AsyncRedis, RedisSettings, SyncRedis, make_async_client, make_sync_client
from stack.runtime import Runtime
from stack.session import attached_stack, environment_for_tests, restore_services
from tests.fakes.redis_process import RedisProcess, redis_process
from tests.it.platform_parts import forget_parts

REDIS_PORT = 6379
AUDIT_TABLE = "audit_record"


@pytest.fixture(scope="session")
def stack() -> Iterator[Runtime]:
    """도는 it 스택. 환경 변수도 이 스택을 가리킨다."""
    with attached_stack("it", "it", print) as runtime:
        before = dict(os.environ)
        os.environ.update(environment_for_tests(runtime))
        try:
            yield runtime
        finally:
            os.environ.clear()
            os.environ.update(before)


@pytest.fixture
def faults(stack: Runtime) -> Iterator[Runtime]:
    """kill, pause, start로 장애를 내는 손잡이. 시험이 끝나면 모두 되살린다."""
    yield stack
    restore_services(stack)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(stack: Runtime) -> None:
    """시험 데이터베이스를 이 스택의 MariaDB에, 만들 권한이 있는 계정으로."""
    connections["default"].settings_dict.update(
        HOST=env.db_host,
        PORT=env.db_port,
        USER=env.db_migrate_user,
        PASSWORD=env.db_migrate_password,
    )


@pytest.fixture(scope="session", autouse=True)
def _empty_audit() -> None:
    """감사의 표는 DELETE를 거절한다: 시험 데이터를 지울 때 그 표만, 행이 있을 때만 TRUNCATE한다."""
    flush = DatabaseOperations.sql_flush

    def sql_flush(self: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        statements = flush(self, style, [table for table in tables if table != AUDIT_TABLE], **options)
        if AUDIT_TABLE in tables:
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT EXISTS(SELECT 1 FROM audit_record)")
                if cursor.fetchone() == (1,):
                    statements.append("TRUNCATE audit_record")
        return statements

    DatabaseOperations.sql_flush = sql_flush


@pytest.fixture(scope="module")
def private_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    """이 모듈 혼자만의, 비우고 멈추고 죽여도 되는 Redis."""
    with redis_process(tmp_path_factory.mktemp("redis")) as process:
        yield process


@pytest.fixture
def redis_settings(stack: Runtime) -> RedisSettings:
    """이 스택의 Redis에 붙는 설정."""
    host, port = stack.endpoint("redis", REDIS_PORT)
    return RedisSettings(host=host, port=port)


@pytest.fixture
async def redis_client(redis_settings: RedisSettings) -> AsyncIterator[AsyncRedis]:
    """빈 Redis의 클라이언트."""
    client = make_async_client(redis_settings)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def redis(redis_settings: RedisSettings) -> Iterator[SyncRedis]:
    """빈 Redis의, 앱처럼 기다리는 클라이언트."""
    client = make_sync_client(redis_settings)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def stopped_redis(settings: Settings, redis_settings: RedisSettings) -> None:
    """앱의 부품이 아무도 듣지 않는 자리를 가리킨다."""
    settings.REDIS = RedisSettings(host=redis_settings.host, port=1)
    forget_parts()
