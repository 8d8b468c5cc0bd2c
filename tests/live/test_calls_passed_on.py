"""Real calls that are passed on, through the daemon: what it counts is what the phones measured."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.live.calls.call_runner import GroundTruth, run_calls
from tests.live.calls.passed_on_calls import LIMITS, PASSED_ON, SECOND_QUEUES
from tests.servers.asterisk.server import AMI_SECRET, Asterisk
from tests.servers.daemon import Daemon

pytestmark = pytest.mark.waits(40)

#: Beyond the last call: a reason that queue_log gives, a call back that nobody made.
SETTLED_SECONDS = LIMITS.callback + 4.0

#: Series of /metrics -> the label that says what it counts.
LABELS = {
    "contacts_total": "direction", "outcomes_total": "outcome", "signals_total": "signal",
    "wait_seconds_sum": "wait", "wait_seconds_count": "wait",
}  # fmt: skip


@pytest.fixture
async def asterisk() -> AsyncIterator[Asterisk]:
    async with Asterisk() as running:
        yield running


async def shown(daemon: Daemon) -> dict[tuple[str, str, str], float]:
    """(series, contact point, what) -> value, where it is not 0."""
    found: dict[tuple[str, str, str], float] = {}
    page = await daemon.get("/metrics") or ""
    for name, labels, value in re.findall(r"^contactpoint_(\w+)\{(.*)\} (\S+)$", page, re.M):
        told = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        if name in LABELS and float(value):
            key = (name, told["contact_point"], told[LABELS[name]])
            found[key] = found.get(key, 0.0) + float(value)
    return found


async def settled(daemon: Daemon, truth: GroundTruth) -> None:
    """Returns when the daemon has seen everything up to some seconds after the last call."""
    last = max(call.ended_at for call in truth.calls.values()) + SETTLED_SECONDS
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page = await daemon.get("/metrics") or ""
        seen = re.search(r"^contactpoint_source_watermark_timestamp_seconds\{[^}]*\} (\S+)", page, re.M)
        if seen and float(seen[1]) > last:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the source is not seen up to the end: {daemon.log.read_text()[-4000:]}")


@pytest.mark.parametrize(
    ("username", "has_log"), [("monitor", False), ("monitor", True), ("monitormin", False)], ids=["ami", "log", "least"]
)
async def test_a_customer_who_is_passed_on(username: str, has_log: bool, asterisk: Asterisk, tmp_path: Path) -> None:
    pbx = {"type": "asterisk", "host": asterisk.host, "port": asterisk.ami_port, "username": username, "password": AMI_SECRET}
    if has_log:
        pbx["queue_log"] = str(asterisk.queue_log)
    queues = [*(case.point for case in PASSED_ON), *SECOND_QUEUES]
    config = {
        "country": "GB",
        "timezone": "Europe/London",
        "sources": {"pbx": pbx},
        "contact_points": {queue: {"source": "pbx", "queue": queue} for queue in queues},
        "policies": {"default": LIMITS.policy()},
    }
    async with Daemon(tmp_path, config) as daemon:
        truth = await run_calls(asterisk, PASSED_ON)
        await settled(daemon, truth)
        got = await shown(daemon)
    near = 0.25 + 2 * truth.lag

    def waited(queue: str, wait: str, *spans: float) -> None:
        assert got.get(("wait_seconds_count", queue, wait), 0) == len(spans), f"{queue} {wait}\n{truth}\n{got}"
        if spans:
            assert got["wait_seconds_sum", queue, wait] == pytest.approx(sum(spans), abs=near * len(spans)), f"{queue}\n{truth}"

    calls = truth.calls
    for name, second in (("takes the agent's place in a queue", "q02"), ("gives up in the agent's place", "q04")):
        call = calls[name]
        first, other = call.legs
        assert first.answered_at is not None
        assert first.ended_at is not None
        waited(call.case.point, "queue", first.answered_at - call.dialled_at)
        waited(call.case.point, "hold", *(until - since for since, until in first.holds))
        waited(second, "queue", (other.answered_at or call.ended_at) - first.ended_at)
    for name in ("parked and taken back", "parked and taken by another", "parked and gives up"):
        call = calls[name]
        parked_at = call.legs[0].ended_at
        assert parked_at is not None
        waited(call.case.point, "hold", (call.unparked_at or call.ended_at) - parked_at)
    pressed_at = calls["a key in the second queue"].pressed_at
    assert pressed_at is not None
    waited("q09", "queue", pressed_at - calls["a key in the second queue"].dialled_at - 3.0)

    outcomes = {(point, what): int(n) for (name, point, what), n in got.items() if name == "outcomes_total"}
    assert outcomes == {
        ("q01", "answered"): 1, ("q02", "answered"): 1, ("q03", "answered"): 1, ("q04", "abandoned"): 1,
        ("q05", "answered"): 1, ("q06", "answered"): 1, ("q07", "answered"): 1, ("q08", "flowed_out"): 1,
        ("q09", "flowed_out"): 1,
    }, truth  # fmt: skip
    signals = {(point, what): int(n) for (name, point, what), n in got.items() if name == "signals_total"}
    assert signals == {
        ("q04", "abandoned"): 1, ("q04", "missed_callback"): 1, ("q05", "long_hold"): 1, ("q07", "long_hold"): 1,
        ("q08", "missed_callback"): 1,
    }, truth  # fmt: skip
    assert {point: int(n) for (name, point, _), n in got.items() if name == "contacts_total"} == dict.fromkeys(queues, 1)
