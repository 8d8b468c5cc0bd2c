"""The recording rules and the daemon call the same sources blind: a daemon on a fake clock, its pages scraped into promtool."""

import asyncio
import re
import subprocess
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from monitor.connector import Batch
from monitor.errors import TransientError
from monitor.publish.exposition import Exposition
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event
from tests.publish.rules.promtool import RULES, load
from tests.servers.requirement import require

POINTS = ("well", "silent", "failing", "hanging", "unread")
EVERY = 15
SCRAPES = 50
#: What the rules about blindness read, and what they must agree with.
READ = re.compile(r"contactpoint_(source_(up|watermark|poll|info)|open|info|waiting)")


async def scraped() -> dict[str, dict[int, float]]:
    """Series -> its values by scrape: one silent source, one that fails, one whose polls hang, and one that is well.

    Moments are seconds since the first scrape, which is promtool's beginning of time.
    """
    clock = FakeClock(NINE)

    def seen(seconds: float, name: str) -> Batch:
        return Batch([event(name, "queued", seconds, f"name:{name}")], {"n": seconds}, watermark=at(seconds))

    cut = TransientError("cut", retry_after=100)
    connectors = {
        "well": ScriptedConnector(clock, [Batch([event("w", "queued", 0, "name:well")], live_lag=timedelta(0))], live=True),
        "silent": ScriptedConnector(clock, [seen(1, "silent"), at(500), seen(497, "silent")], live=True),
        "failing": ScriptedConnector(clock, [seen(1, "failing")], [at(200), cut], [at(350), seen(350, "failing")]),
        "hanging": ScriptedConnector(clock, [seen(1, "hanging")], [at(400), seen(11, "hanging")], [at(2000)]),
        "unread": ScriptedConnector(
            clock, [Batch([event("u", "queued", 0, "name:unread")], more=True), at(600), seen(600, "unread")]
        ),
    }
    page, found = Exposition(), defaultdict[str, dict[int, float]](dict)
    async with RunningDaemon(clock, connectors) as daemon:
        await clock.advance(2)
        for scrape in range(SCRAPES):
            for line in page.render(daemon.snapshot())[0].decode().splitlines():
                series, _, value = line.rpartition(" ")
                if READ.match(series):
                    past = at(2).timestamp() if "timestamp_seconds" in series else 0.0
                    found[series][scrape] = float(value) - past
            await clock.advance(EVERY)
    return found


def notation(values: dict[int, float]) -> str:
    """In promtool's notation: a series that is not in a scrape is marked as stale."""
    return " ".join(f"{values[scrape]:.6f}" if scrape in values else "stale" for scrape in range(SCRAPES))


async def test_the_rules_and_the_daemon_agree_at_each_scrape(tmp_path: Path) -> None:
    series = await scraped()
    waiting = {
        point: set(series[f'contactpoint_waiting{{channel="phone",contact_point="{point}",wait="queue"}}']) for point in POINTS
    }
    assert waiting["well"] == set(range(SCRAPES))
    # Complete up to 1 s, blind 90 s later: scrape 5 is at 77 s, 6 at 92 s. At 500 s (before 34, at 512 s) complete up to 497 s,
    # which is known at 587 s (39) and not at 602 s any more.
    assert waiting["silent"] == {*range(6), *range(34, 40)}
    assert all(0 < len(waiting[point]) < SCRAPES for point in POINTS[1:])
    path = tmp_path / "blindness.yml"
    path.write_text(yaml.safe_dump(agreement(series)), encoding="utf-8")
    assert await asyncio.to_thread(promtools_objections, path) == ""


def agreement(series: dict[str, dict[int, float]]) -> dict[str, Any]:
    """A promtool test: at each scrape, each contact point is either blind or has its gauge."""
    point = "on (channel, contact_point) contactpoint_waiting"

    expected = {
        f"contactpoint:source_blind:max == 1 and {point}": [],
        f"contactpoint:source_blind:max == 0 unless {point}": [],
        "count(contactpoint:source_blind:max)": [{"labels": "{}", "value": len(POINTS)}],
    }
    return {
        "rule_files": [str(RULES)],
        "evaluation_interval": f"{EVERY}s",
        "group_eval_order": [group["name"] for group in load()["groups"]],
        "tests": [
            {
                "interval": f"{EVERY}s",
                "input_series": [{"series": name, "values": notation(values)} for name, values in series.items()],
                "promql_expr_test": [
                    {"expr": expr, "eval_time": f"{scrape * EVERY}s", "exp_samples": samples}
                    for scrape in range(SCRAPES)
                    for expr, samples in expected.items()
                ],
            }
        ],
    }


def promtools_objections(path: Path) -> str:
    done = subprocess.run([require("promtool"), "test", "rules", str(path)], capture_output=True, text=True, timeout=120)
    return "" if done.returncode == 0 else done.stdout + done.stderr
