"""Real phones that ring in groups, late, or behind a queue, are picked up or refuse: each call is counted once, and right."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.live.calls.call_runner import run_calls
from tests.live.calls.dialled_calls import DIALLED_CALLS, LIMITS, OUTCOMES, POINTS, RUNG
from tests.servers.asterisk.server import AMI_SECRET, Asterisk
from tests.servers.daemon import Daemon

pytestmark = pytest.mark.waits(30)

#: A visit whose phones fell silent is left when no other Dial() followed for ten seconds, or when the call is over.
SETTLED_SECONDS = 4.0


@pytest.fixture
async def asterisk() -> AsyncIterator[Asterisk]:
    async with Asterisk() as running:
        yield running


def series(page: str, name: str, label: str) -> dict[tuple[str, str], float]:
    """(contact point, label) -> value, where there is any."""
    found: dict[tuple[str, str], float] = {}
    for line in re.findall(rf"^contactpoint_{name}{{.*$", page, re.M):
        labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
        value = float(line.rpartition(" ")[2])
        if value:
            key = labels["contact_point"], labels[label]
            found[key] = found.get(key, 0.0) + value
    return found


@pytest.mark.parametrize(
    ("username", "has_log"), [("monitor", True), ("monitor", False), ("monitormin", False)], ids=["log", "no-log", "two-classes"]
)
async def test_phones_are_counted_as_they_rang(asterisk: Asterisk, tmp_path: Path, username: str, *, has_log: bool) -> None:
    pbx = {"type": "asterisk", "host": asterisk.host, "port": asterisk.ami_port, "username": username, "password": AMI_SECRET}
    if has_log:
        pbx["queue_log"] = str(asterisk.queue_log)
    config = {
        "country": "GB",
        "timezone": "Europe/London",
        "sources": {"pbx": pbx},
        "contact_points": {name: {"source": "pbx", **place} for name, place in POINTS.items()},
        "policies": {"default": LIMITS.policy()},
    }
    async with Daemon(tmp_path, config) as daemon:
        until = time.monotonic() + 30
        while "contactpoint_source_watermark_timestamp_seconds{" not in (await daemon.get("/metrics") or ""):
            assert time.monotonic() < until, daemon.log.read_text()[-4000:]
            await asyncio.sleep(0.1)
        truth = await run_calls(asterisk, DIALLED_CALLS)
        await asyncio.sleep(SETTLED_SECONDS)
        page = await daemon.get("/metrics") or ""

    assert series(page, "outcomes_total", "outcome") == dict.fromkeys(OUTCOMES.items(), 1.0), str(truth)
    # Who reached nobody is owed a call; everybody else was served, within the second ring.
    missed = {("busy", "missed_callback"): 1.0, ("1040", "missed_callback"): 1.0}
    assert series(page, "signals_total", "signal") == missed | {("1040", "slow_answer"): 1.0}, str(truth)
    near = 0.25 + 2 * truth.lag
    rung = series(page, "wait_seconds_sum", "wait")
    for point, name in RUNG.items():
        assert rung[point, "ring"] == pytest.approx(truth.calls[name].rang, abs=near), name
    assert ("busy", "ring") not in rung
