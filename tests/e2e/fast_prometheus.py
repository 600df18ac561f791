"""시간을 120배로 접은 Prometheus: 규칙은 그대로이고 창과 기다림만 짧다. 도는 스택의 /metrics를 본다.

여섯 시간짜리 창의 경보를 몇 초에 울려 보고 꺼 보려는 것이다. 스택의 Prometheus와 주소도 데이터도 다르다.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from stack.runtime import Runtime

RULES = Path(__file__).resolve().parents[2] / "infra" / "observability" / "prometheus"
ADDRESS = "127.94.43.18:9090"
SPEEDUP = 120
SCRAPE_MS = 500
LEAST_WINDOW_S = 5  # 이보다 짧으면 rate()가 볼 표본이 모자란다
LEAST_FOR_S = 1
SECONDS = {"s": 1, "m": 60, "h": 3600}
# 창이 아니라 값으로 적힌 시간. 결과의 나이 60초를 2초로 본다.
PENDING_AGE = ("result_pending_age_seconds) > 60", "result_pending_age_seconds) > 2")
START_WAIT_S = 20.0
CALL_S = 5.0


class FastPrometheus:
    """띄운 Prometheus 하나."""

    def query(self, expression: str) -> list[dict[str, Any]]:
        """지금의 답."""
        url = f"http://{ADDRESS}/api/v1/query?{urlencode({'query': expression})}"
        with urllib.request.urlopen(url, timeout=CALL_S) as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
            return found

    def firing(self) -> set[str]:
        """지금 울리는 경보들."""
        return {row["metric"]["alertname"] for row in self.query('ALERTS{alertstate="firing"}')}

    async def until_fired(self, *names: str, within_s: float) -> None:
        """이 경보들이 지난 1분 안에 한 번이라도 울릴 때까지."""
        fired: set[str] = set()
        deadline_s = time.monotonic() + within_s
        while not fired >= set(names):
            assert time.monotonic() < deadline_s, f"울리지 않은 경보: {set(names) - fired}"
            rows = await asyncio.to_thread(self.query, 'max_over_time(ALERTS{alertstate="firing"}[1m])')
            fired = {row["metric"]["alertname"] for row in rows}
            await asyncio.sleep(0.3)

    async def until_quiet(self, *, within_s: float) -> None:
        """울리는 경보가 없을 때까지."""
        deadline_s = time.monotonic() + within_s
        while firing := await asyncio.to_thread(self.firing):
            assert time.monotonic() < deadline_s, f"꺼지지 않은 경보: {firing}"
            await asyncio.sleep(0.5)


def shortened(rules: str) -> str:
    """규칙의 창(`[5m]`)과 기다림(`for: 1m`)을 SPEEDUP배로 접는다."""
    rules = re.sub(r"\[(\d+)([smh])\]", lambda found: f"[{_folded(found, LEAST_WINDOW_S)}s]", rules)
    rules = re.sub(r"\bfor: (\d+)([smh])", lambda found: f"for: {_folded(found, LEAST_FOR_S)}s", rules)
    return rules.replace("interval: 15s", f"interval: {SCRAPE_MS}ms").replace(*PENDING_AGE)


def _folded(found: re.Match[str], least_s: int) -> int:
    return max(least_s, int(found[1]) * SECONDS[found[2]] // SPEEDUP)


@contextmanager
def fast_prometheus(stack: Runtime, processes: tuple[str, ...], folder: Path) -> Iterator[FastPrometheus]:
    """모든 프로세스를 한 번 볼 때까지 기다려 건네고, 끝나면 멈춘다."""
    for name in ("slo.yml", "alerts.yml"):
        (folder / name).write_text(shortened((RULES / name).read_text("utf-8")), "utf-8")
    config = (RULES / "prometheus.yml").read_text("utf-8")
    (folder / "prometheus.yml").write_text(re.sub(r"_interval: 5s", f"_interval: {SCRAPE_MS}ms", config))
    targets = []
    for process in processes:
        host, port = stack.endpoint(process, 8000)
        targets.append({"targets": [f"{host}:{port}"], "labels": {"process": process}})
    (folder / "targets.json").write_text(json.dumps(targets))
    command = [
        "prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={ADDRESS}", "--query.lookback-delta=2s",
    ]  # fmt: skip
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            prometheus = FastPrometheus()
            _wait_for_all(prometheus, len(targets))
            yield prometheus
        finally:
            process.terminate()
            process.wait(timeout=START_WAIT_S)


def _wait_for_all(prometheus: FastPrometheus, count: int) -> None:
    deadline_s = time.monotonic() + START_WAIT_S
    while True:
        try:
            if len(prometheus.query("up == 1")) == count:
                return
        except OSError:
            pass  # 아직 뜨는 중이다
        assert time.monotonic() < deadline_s, "Prometheus가 모든 프로세스를 보지 못했다"
        time.sleep(0.2)
