"""Every query of every panel, asked of a real Prometheus that scrapes the demo, brings data."""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers.ports import free_port
from tests.servers.prometheus import READY_SECONDS, Prometheus
from tests.tools.grafana.committed import Query, boards, everything, filled_in, queries

pytestmark = [pytest.mark.live, pytest.mark.waits(26)]

ROOT = Path(__file__).parents[3]
#: The demo's first minute shows waits of every channel; a hold on the telephone ends later.
WITHIN_SECONDS = 150.0
STEP_SECONDS = 5

#: Queries that may bring nothing in the first minutes of the demo, each with its reason: (board, panel) -> refIds, why.
#: What only time can bring is asked in `test_figures_on_prometheus`, of contacts that were pushed.
MAY_BE_EMPTY: Mapping[tuple[str, str], tuple[str, str]] = {
    ("contactpoint-monitor", "Failed readings, by reason"): ("A", "only what happened is listed, and nothing fails in the demo"),
    ("contactpoint-monitor", "Refused records, by reason"): ("A", "only what happened is listed; the demo sends nothing wrong"),
    ("contactpoint-now", "On the line now, letters, and today"): ("DEF", "kept or missed; a telephone has no letters"),
    ("contactpoint-now", "$contact_point"): ("EF", "kept or missed: one of the two"),
    ("contactpoint-detail", "Now, and in the chosen time"): ("EF", "kept or missed: one of the two"),
    ("contactpoint-detail", "$wait: half, nine in ten, and the limit"): ("DE", "no letter is answered, nobody called back"),
    ("contactpoint-written", "Now"): ("D", "no limit of a letter may be ahead where all are over"),
    ("contactpoint-written", "First replies: half, nine in ten, and the limit"): ("ABD", "no letter is answered; one limit"),
    ("contactpoint-written", "Promises, most overdue first"): ("ABCDEFGHI", "no promise is open or falls due in these minutes"),
    ("contactpoint-written", "Had to contact us again, had to start anew: furthest below the objective first"): (
        "ABCDE", "nobody comes again in these minutes",
    ),
    ("contactpoint-written", "Came back, passed around, escalated: furthest below the objective first"): (
        "ABCDE", "no ticket is closed in these minutes",
    ),
    ("contactpoint-weekly", "Last full week: what missed its objective, worst first"): ("ABCDEFG", "only what missed is listed"),
    ("contactpoint-weekly", "This week so far: least left first"): ("ABC", "only where half of the budget is used"),
    ("contactpoint-weekly", "How near the line was to an alert"): ("A", "only what comes near one"),
    ("contactpoint-weekly", "Budget of the week: burn-down where less than half is left"): ("A", "only what is named"),
}  # fmt: skip
#: The same on every board.
ONLY_TROUBLE = ("Are all systems read?", "B")


def may_be_empty(query: Query) -> bool:
    return query.ref in MAY_BE_EMPTY.get((query.board, query.panel), ("", ""))[0] or (query.panel, query.ref) == ONLY_TROUBLE


def _spawn(top: Path, address: str, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "monitor", "demo", "--listen", address, "--store", f"sqlite:{top / 'demo.db'}"],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=top, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip


@asynccontextmanager
async def demo(top: Path) -> AsyncIterator[Prometheus]:
    """The demo as a process of its own, scraped by a Prometheus that is there before it: the first increments are seen."""
    address = f"127.0.0.1:{free_port()}"
    log = top / "log"
    async with Prometheus(address) as prometheus:
        process = _spawn(top, address, log)
        try:
            await asyncio.to_thread(_until_scraped, process, log, address)
            yield prometheus
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 20)


def _until_scraped(process: "subprocess.Popen[bytes]", log: Path, address: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://{address}/metrics", timeout=5):
                return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)


def ask(prometheus: Prometheus, query: Query, values: Mapping[str, str]) -> list[Any]:
    """The series that Grafana would get. Raises ValueError with the answer where Prometheus refuses the query."""
    now = time.time()
    fields = {"query": filled_in(query.expr, values)}
    if query.instant:
        path = "query"
    else:
        path = "query_range"
        fields |= {"start": f"{now - 120:.3f}", "end": f"{now:.3f}", "step": str(STEP_SECONDS)}
    body = urllib.parse.urlencode(fields).encode()
    try:
        with urllib.request.urlopen(f"http://{prometheus.address}/api/v1/{path}", body, timeout=20) as answer:
            told = json.load(answer)
    except urllib.error.HTTPError as error:
        raise ValueError(f"{query.name}: {error.read().decode()}\n{fields['query']}") from error
    assert not told.get("warnings"), f"{query.name}: {told['warnings']}"
    return list(told["data"]["result"])


async def test_every_panel_query_brings_data(tmp_path: Path) -> None:
    every = [query for board in boards().values() for query in queries(board)]
    one_point = everything() | {"channel": "phone", "contact_point": "support-line"}
    waiting = [(query, everything()) for query in every]
    waiting += [(query, one_point) for query in every if query.board in ("contactpoint-now", "contactpoint-detail")]
    async with demo(tmp_path) as prometheus:
        until = time.monotonic() + WITHIN_SECONDS
        while True:
            waiting = [each for each in waiting if not await asyncio.to_thread(ask, prometheus, *each)]
            missing = {query.name for query, _ in waiting if not may_be_empty(query)}
            if not missing or time.monotonic() > until:
                break
            await asyncio.sleep(2)
    assert not missing, sorted(missing)
