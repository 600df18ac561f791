"""SLO의 지난 일을 Prometheus에 묻는다. 없거나 늦으면 Unavailable이고, 쪽은 다른 길을 쓴다."""

from __future__ import annotations

import http.client
import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from kernel.errors import Unavailable
from ops.slo.objectives import BUDGET_WINDOW

TIMEOUT_S = 1.5
MAX_BYTES = 2 * 1024 * 1024
DAY_S = 86_400
STEP_S = 900  # 하루에 아흔여섯 점
Shares = Mapping[str, float]


class _Series(msgspec.Struct, frozen=True):
    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []


class _Data(msgspec.Struct, frozen=True):
    result: list[_Series]


class _Answer(msgspec.Struct, frozen=True):
    data: _Data


_decoder = msgspec.json.Decoder(_Answer)


class SloHistory:
    """Prometheus 하나. 답은 목표의 열쇠마다 나쁜 일의 몫이고, 아무 일도 없던 목표는 빠진다.

    모든 메서드는 닿지 않으면 Unavailable을 던진다.
    """

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)

    def now(self) -> Shares:
        """지난 5분."""
        return self._shares("slo:bad:rate5m / slo:all:rate5m")

    def budget_window(self) -> Shares:
        """예산의 창(30일) 전체. Prometheus가 아는 만큼이다."""
        window = BUDGET_WINDOW
        return self._shares(
            f"avg_over_time(slo:bad:rate5m[{window}]) / avg_over_time(slo:all:rate5m[{window}])"
        )

    def day(self, now_s: float) -> Mapping[str, list[tuple[float, float]]]:
        """지난 하루의 (시각, 몫)들. 아무 일도 없던 때는 빠진다."""
        answer = self._ask(
            "/api/v1/query_range",
            query="avg_over_time(slo:bad:rate5m[15m]) / avg_over_time(slo:all:rate5m[15m])",
            start=now_s - DAY_S, end=now_s, step=STEP_S,
        )  # fmt: skip
        return {
            series.metric["slo"]: [
                (at_s, share) for at_s, text in series.values if math.isfinite(share := float(text))
            ]
            for series in answer
        }

    def _shares(self, query: str) -> Shares:
        found: dict[str, float] = {}
        for series in self._ask("/api/v1/query", query=query):
            share = float(series.value[1]) if series.value else math.nan
            if math.isfinite(share):
                found[series.metric["slo"]] = share
        return found

    def _ask(self, path: str, **parameters: Any) -> list[_Series]:
        connection = http.client.HTTPConnection(
            self._address.hostname or "", self._address.port or 80, timeout=TIMEOUT_S
        )
        try:
            limited = parameters | {"timeout": f"{TIMEOUT_S * 1000:.0f}ms"}
            connection.request("GET", f"{path}?{urlencode(limited)}")
            answer = connection.getresponse()
            body = answer.read(MAX_BYTES)
            if answer.status != 200:
                raise Unavailable("Prometheus가 {status}로 답했습니다", status=answer.status)
            return _decoder.decode(body).data.result
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise Unavailable("Prometheus에 닿지 않습니다") from error
        finally:
            connection.close()
