"""Real calls on a real Asterisk while the daemon is killed and started again: what ran meanwhile is not invented."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.live.calls.call_runner import Agent, CallBack, Case, GroundTruth, Hold, run_calls
from tests.live.calls.expected_counts import Limits
from tests.live.test_calls_end_to_end import SETTLED_SECONDS, configuration, sighted
from tests.servers.asterisk.server import Asterisk
from tests.servers.daemon import Daemon

pytestmark = pytest.mark.waits(40)

LIMITS = Limits(rings=3, wait=6.0, hold=3.0, short=1.0, callback=8.0)
#: The daemon is killed then, in seconds after the run began, and is dead for so long; it needs some seconds to be back.
KILLED_AT, DEAD = 3.0, 2.0
LONG_HOLD = (Hold(16.0, 4.0),)

CALLS = (
    Case("talks directly", "direct", "8304", "02079460301", (Agent("1004", ring=1.0, holds=LONG_HOLD, talk=0.3),), at=0.3),
    Case("rings directly", "rings", "8306", "02079460302", (Agent("1006", ring=2.5, holds=LONG_HOLD, talk=0.3),), at=1.2),
    Case(
        "gives up and is called back", "q01", "8501", "02079460303", (Agent("1101", ring=None),), at=0.2, stay=1.5,
        called_back=CallBack("1010", after=0.9, ring=0.5, talk=0.4),
    ),
    Case("gives up", "q02", "8502", "02079460304", (Agent("1102", ring=None),), at=0.2, stay=1.5),
    Case("answered unseen", "q03", "8503", "02079460305", (Agent("1103", ring=3.0, holds=LONG_HOLD, talk=0.3),), at=0.6),
)  # fmt: skip


@pytest.fixture
async def asterisk() -> AsyncIterator[Asterisk]:
    async with Asterisk() as running:
        yield running


async def restarted(asterisk: Asterisk, daemon: Daemon) -> GroundTruth:
    """Plays the calls with one restart; returns when the daemon has judged them all, call backs included."""
    await sighted(daemon, time.time())
    began = time.time()
    async with asyncio.TaskGroup() as group:
        calls = group.create_task(run_calls(asterisk, CALLS))
        await asyncio.sleep(began + KILLED_AT - time.time())
        await daemon.kill()
        await asyncio.sleep(DEAD)
        await daemon.start()
        await sighted(daemon, time.time())
        assert time.time() < began + 17.0, "the machine is too busy: the run proves nothing"
    truth = calls.result()
    last = max(call.ended_at for call in truth.calls.values())
    await sighted(daemon, last + SETTLED_SECONDS)
    return truth


def figures(page: str, metric: str) -> dict[tuple[str, str], float]:
    """(contact point, signal) -> value, without zeros."""
    found = {}
    for labels, value in re.findall(rf"^contactpoint_{metric}_total\{{(.*)\}} (\S+)$", page, re.M):
        named = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        found[named["contact_point"], named["signal"]] = float(value)
    return {key: value for key, value in found.items() if value}


@pytest.mark.parametrize("username", ["reporting", "monitormin"])
@pytest.mark.parametrize("log", [True, False], ids=["queue_log", "without"])
async def test_what_ran_while_the_daemon_was_away(log: bool, username: str, asterisk: Asterisk, tmp_path: Path) -> None:
    """`reporting` may ask for the channels, `monitormin` reads call and agent and may ask for nothing."""
    more = {"queue_log": str(asterisk.queue_log)} if log else {}
    config = configuration(asterisk, CALLS, LIMITS, username, **more)
    config["contact_points"]["rings"] = {"source": "pbx", "extension": "8306"}
    async with Daemon(tmp_path, config) as daemon:
        truth = await restarted(asterisk, daemon)
        page = await daemon.get("/metrics") or ""
        signals, assessed = figures(page, "signals"), figures(page, "assessed")
        answered = truth.calls["talks directly"].answered_at
        assert answered is not None
        assert answered < truth.began + KILLED_AT, "the run proves nothing"
        # What each phone measured as a hold of four seconds began after the daemon was back.
        held = {("direct", "long_hold"), ("rings", "long_hold"), ("q03", "long_hold")}
        gave_up = {("q01", "abandoned"), ("q02", "abandoned")}
        assert set(signals) == held | gave_up, f"{truth}"
        assert set(signals.values()) == {1.0}
        assert assessed["direct", "slow_answer"] == 1.0
        assert ("rings", "slow_answer") not in assessed  # nobody can say how long it rang
        assert not [key for key in assessed if key[1] == "missed_callback"]
        assert (("q03", "long_wait") in assessed) is log
        assert figures(page, "signals_retracted") == {}
        text = daemon.log.read_text()
        assert ("call backs of that time stay unknown" in text) is log
        assert ("a gap nothing can fill" in text) is not log
