"""Redis의 실패가 Unavailable과 우리 잘못으로 갈리는 자리."""

from __future__ import annotations

import pytest
from channels_redis.core import RedisChannelLayer
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError

from kernel.errors import Unavailable
from redisstore.client import RedisSettings, channel_layer_host, unavailable_on_failure


@pytest.mark.parametrize(
    "failure",
    [
        OutOfMemoryError("command not allowed", status_code="OOM"),
        ReadOnlyError("You can't write against a read only replica.", status_code="READONLY"),
        ResponseError("BUSY Redis is busy running a script."),
        ResponseError("Command # 2 (ZADD a 1 b) of pipeline caused error: MISCONF Errors writing to the AOF"),
        RedisConnectionError("Connection refused"),
        TimeoutError(),
        OSError("broken pipe"),
    ],
    ids=str,
)
def test_a_redis_that_can_not_work_now_is_unavailable(failure: Exception) -> None:
    with pytest.raises(Unavailable), unavailable_on_failure():
        raise failure


def test_a_wrong_call_of_ours_stays_visible() -> None:
    with pytest.raises(ResponseError), unavailable_on_failure():
        raise ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value")


def test_a_connection_that_listens_outlasts_its_wait_and_does_not_retry() -> None:
    host = channel_layer_host(RedisSettings(host="redis", port=6379, connect_timeout_ms=200))
    assert (host["host"], host["port"], host["socket_connect_timeout"]) == ("redis", 6379, 0.2)
    assert host["socket_timeout"] > RedisChannelLayer.brpop_timeout
    assert host["retry"].get_retries() == 0
