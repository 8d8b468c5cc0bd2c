"""Real calls on a real Asterisk, through the daemon, into a real Prometheus: what it shows is what the phones measured."""

import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.calls.dozen import DOZEN, LIMITS
from tests.live.calls.expectation import Counts, Limits, expected
from tests.live.calls.scenario import Case, GroundTruth, run_calls
from tests.servers.asterisk.server import AMI_SECRET, Asterisk
from tests.servers.daemon import Daemon
from tests.servers.prometheus import Prometheus

#: The last decision about a call falls this long after it: a reason that queue_log gives, a call's late events.
SETTLED_SECONDS = 4.0


@pytest.fixture
async def asterisk() -> AsyncIterator[Asterisk]:
    async with Asterisk() as running:
        yield running


def configuration(asterisk: Asterisk, cases: tuple[Case, ...], limits: Limits, **source: Any) -> dict[str, Any]:
    pbx = {"type": "asterisk", "host": asterisk.host, "port": asterisk.ami_port, "username": "monitor", "password": AMI_SECRET}
    points = {case.point: {"source": "pbx", "queue": case.point} for case in cases if case.point != "direct"}
    points["direct"] = {"source": "pbx", "extension": "8304"}
    return {
        "country": "GB",
        "timezone": "Europe/London",
        "sources": {"pbx": pbx | source},
        "contact_points": points,
        "policies": {"default": limits.policy()},
    }


async def counted(prometheus: Prometheus, since: float) -> Counts:
    """What Prometheus has counted since that moment; outbound calls aside, for they belong to no contact point of the run."""
    found: Counts = Counter()
    for name, label in (("contacts", "direction"), ("outcomes", "outcome"), ("assessed", "signal"), ("signals", "signal")):
        metric = f"contactpoint_{name}_total"
        for labels, value in await prometheus.query(f"({metric} - {metric} @ {since:.3f}) or {metric}"):
            what = labels[label]
            if what == "outbound":
                continue
            if name == "outcomes":
                what += " in target" if labels["in_target"] == "true" else " late"
            assert value == int(value)
            found[name, labels["contact_point"], what] += int(value)
    return Counter({key: count for key, count in found.items() if count})


async def settled(daemon: Daemon, prometheus: Prometheus, truth: GroundTruth) -> None:
    """Returns when the daemon has seen everything up to some seconds after the last call, and Prometheus has read that."""
    last = max(told.ended_at for told in truth.told.values()) + SETTLED_SECONDS
    until = time.monotonic() + 30
    while True:
        seen = await prometheus.query('contactpoint_source_watermark_timestamp_seconds{source="pbx"}')
        if seen and seen[0][1] > last:
            break
        assert time.monotonic() < until, f"the source is not seen up to the end: {daemon.log.read_text()[-4000:]}"
    await prometheus.scraped_since(time.time())


async def test_a_dozen_calls_are_counted_exactly_as_the_phones_measured_them(asterisk: Asterisk, tmp_path: Path) -> None:
    async with Daemon(tmp_path, configuration(asterisk, DOZEN, LIMITS)) as daemon, Prometheus(daemon.address) as prometheus:
        await prometheus.scraped_since(time.time())
        began = time.time()
        truth = await run_calls(asterisk, DOZEN)
        await settled(daemon, prometheus, truth)

        want = expected(truth, LIMITS)
        assert await counted(prometheus, began) == want, str(truth)

        # The same as people ask for it; increase() extrapolates by a part of a scrape interval.
        span = int(time.time() - began) + 1
        grown = await prometheus.query(f"round(increase(contactpoint_signals_total[{span}s])) > 0")
        assert {("signals", labels["contact_point"], labels["signal"]): value for labels, value in grown} == {
            key: count for key, count in want.items() if key[0] == "signals"
        }
        assert not re.search("0207946", daemon.log.read_text()), "a caller's number is in the log"
