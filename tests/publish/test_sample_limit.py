"""The `sample_limit` of the examples holds what 200 contact points expose, and not twice as much.

A scrape beyond the limit fails as a whole: the monitor would be called down on the day on which its figures have grown enough.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.config.loading import build
from monitor.daemon.app import Daemon
from monitor.domain.channels import AGENT_STATES
from monitor.domain.snapshot import PointState, Running, Snapshot
from monitor.engine.live_state import WEEKS_SHOWN
from monitor.publish.exposition import Exposition
from monitor.testing import FakeClock
from tests.publish.snapshots import NOW

TOP = Path(__file__).parents[2]
EXAMPLES = ("config/prometheus/prometheus.yml", "config/compose/prometheus.yml", "config/kubernetes/servicemonitor.yaml")
SCRAPES = re.compile(r"^ *scrape_configs:|^kind: ServiceMonitor", re.MULTILINE)
LIMIT = re.compile(r"sample_?limit: (\d+)", re.IGNORECASE)
CONTACT_POINTS = 200
#: As the examples say; a phone line has most.
SAMPLES_EACH = 520
#: Limits that are no bucket bounds by themselves: each becomes one more at every contact point.
OWN_LIMITS = {
    "long_wait": "25s", "long_hold": "100s", "missed_callback": "5h", "late_reply": "5h", "late_follow_up": "9h",
    "late_resolution": "4d",
}  # fmt: skip


async def exposed_by(channel: str) -> int:
    """Samples of a daemon with so many contact points of a channel: customers in every wait, agents, all weeks."""
    point = {"source": "desk", "channel": channel, "policy": "own"}
    raw: dict[str, Any] = {
        "store": "memory:",
        "sources": {"desk": {"type": "events", "token": "secret"}},
        "contact_points": {f"contact-point-{number}": point for number in range(CONTACT_POINTS)},
        "policies": {"own": {signal: {"after": after} for signal, after in OWN_LIMITS.items()}},
    }
    daemon = Daemon(lambda: build(raw), FakeClock(NOW))
    await daemon.open()
    snapshot = daemon.snapshot()
    running = asyncio.create_task(daemon.run())
    daemon.stop()
    await running
    body, _ = Exposition().render(_in_full(snapshot))
    return sum(not line.startswith(b"#") for line in body.splitlines() if line)


def _in_full(snapshot: Snapshot) -> Snapshot:
    busy = Running(3, 1, NOW - timedelta(minutes=1), 60.0, NOW + timedelta(minutes=1), due_soon=1, broken_business_seconds=60.0)
    agents: Mapping[str, int] = dict.fromkeys(AGENT_STATES, 1)

    def full(state: PointState) -> PointState:
        return replace(state, running=dict.fromkeys(state.info.waits, busy), agents=agents)

    monday = NOW.date() - timedelta(days=NOW.weekday())
    weeks = {
        (state.info.name, signal, (monday - timedelta(weeks=week)).isoformat()): (10, 1)
        for state in snapshot.points.values()
        for signal in state.info.objectives
        for week in range(WEEKS_SHOWN + 1)
    }
    return replace(snapshot, points={key: full(state) for key, state in snapshot.points.items()}, weeks=weeks)


async def test_the_limit_of_the_examples_fits_200_contact_points() -> None:
    exposed = {channel: await exposed_by(channel) for channel in ("phone", "email", "ticket", "chat", "counter")}
    most = max(exposed.values())
    assert exposed["phone"] == most
    assert most <= CONTACT_POINTS * SAMPLES_EACH
    limits = _limits()
    assert limits.keys() == {*EXAMPLES, "docs/first-alert.md", "docs/stack.md"}
    for example, limit in limits.items():
        assert 1.25 * most <= limit <= 2 * most, (example, most)


def _limits() -> dict[str, int]:
    """Every file of the project that shows how to scrape the daemon, and the one limit that it names."""
    files = (
        TOP / "README.md",
        *(TOP / "docs").rglob("*.md"),
        *(TOP / "config").rglob("*.yml"),
        *(TOP / "config").rglob("*.yaml"),
    )
    found = {}
    for path in files:
        text = path.read_text(encoding="utf-8")
        if SCRAPES.search(text):
            [limit] = set(LIMIT.findall(text))
            found[str(path.relative_to(TOP))] = int(limit)
    return found


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_arithmetic_beside_the_limit_is_this_one(example: str) -> None:
    text = (TOP / example).read_text(encoding="utf-8")
    assert f"{CONTACT_POINTS} contact points x {SAMPLES_EACH} samples = {CONTACT_POINTS * SAMPLES_EACH:,}" in text
