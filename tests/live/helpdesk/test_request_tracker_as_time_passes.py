"""The daemon beside a real Request Tracker whose clock goes on: what happens, and what fails to happen, is counted as it falls.

The stories take weeks, so the helpdesk's clock is moved from one moment to the next; the daemon's own is the machine's, days
ahead of it. The helpdesk is away for ten minutes by its own clock, and for some seconds by ours: nobody waits for real minutes.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.live.helpdesk import first_story
from tests.live.helpdesk.player import Player, take, timeline
from tests.live.helpdesk.story import NOW, Ticket, moment
from tests.live.helpdesk.test_end_to_end import configuration, counted, signals, true_signals, until_true
from tests.servers.daemon import Daemon
from tests.servers.helpdesk import READER
from tests.servers.request_tracker import REAL_SERVER, RequestTracker

pytestmark = [*REAL_SERVER, pytest.mark.waits(60), pytest.mark.parametrize("system", ["request_tracker"])]
#: The daemon reckons the helpdesk's clock on between two answers, also one that stands: it is not looked at any closer.
AROUND = timedelta(minutes=1)
#: Without the one whose 120 notes take as long to write as everything else.
STORY = tuple(ticket for ticket in first_story.TICKETS if ticket.key != "long_history")
#: Of these something begins, ends or falls while the helpdesk is away, or while it refuses us.
TROUBLED_KEYS = (
    "in_time", "merged_away", "late", "never", "follow_up_unanswered", "thanks", "promise_slipped", "reopened", "passed_around",
    "escalated", "unicode",
)  # fmt: skip
TROUBLED = tuple(ticket for ticket in STORY if ticket.key in TROUBLED_KEYS)
PATIENCE = 30.0


def true_until(story: Sequence[Ticket], player: Player, until: datetime) -> list[tuple[str, str, str]]:
    """(ticket, signal, moment) of what has fallen by then."""
    opened = [ticket for ticket in story if ticket.key in player.numbers]
    return [each for each in true_signals(opened, "request_tracker", player.numbers) if datetime.fromisoformat(each[2]) <= until]


async def value(daemon: Daemon, metric: str) -> float | None:
    """Of the first series of this name; None where there is none."""
    found = re.search(rf"^contactpoint_{metric}\{{\S* (\S+)$", await daemon.get("/metrics") or "", re.M)
    return float(found[1]) if found else None


async def until(daemon: Daemon, metric: str, least: float, most: float = float("inf")) -> None:
    """Returns when the metric lies between the two. Raises AssertionError after PATIENCE."""
    for _ in range(round(PATIENCE / 0.1)):
        have = await value(daemon, metric)
        if have is not None and least <= have <= most:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{metric} is {have}, not {least} to {most}: {daemon.log.read_text()[-2000:]}")


async def seen(daemon: Daemon, at: datetime) -> None:
    """Returns when the helpdesk has been seen completely up to this moment."""
    await until(daemon, "source_watermark_timestamp_seconds", at.timestamp())


async def play_on(player: Player, story: Sequence[Ticket], after: datetime, to: datetime) -> None:
    """What happens after the one moment and not after the other, where the helpdesk's clock is left standing."""
    for when, key, step in timeline(story):
        if after < when <= to:
            await asyncio.to_thread(take, player, when, key, step)
    player.helpdesk.clock.stand_at(to)


async def test_each_limit_is_counted_when_it_falls(player: Player, request_tracker: RequestTracker, tmp_path: Path) -> None:
    """A minute before each of them nothing of it is there, a minute after it is, though nothing has happened at the helpdesk."""
    falls = sorted({at for ticket in STORY for at, _ in ticket.signals_in("request_tracker")})
    looks = sorted({look for at in falls for look in (at - AROUND, at + AROUND)} | {NOW})
    config = configuration(request_tracker)
    config["sources"]["desk"]["poll_every"] = "200ms"
    before = moment(1000)
    request_tracker.clock.stand_at(before)
    async with Daemon(tmp_path, config) as daemon:
        for look in looks:
            await play_on(player, STORY, before, look)
            await seen(daemon, look - AROUND / 2)
            expected = true_until(STORY, player, look)
            assert await until_true(daemon, expected) == expected, look
            before = look
        assert await counted(daemon) == len(expected) == len(true_signals(STORY, "request_tracker", player.numbers))


async def test_a_helpdesk_that_is_away_and_one_that_refuses_us(
    player: Player, request_tracker: RequestTracker, tmp_path: Path
) -> None:  # fmt: skip
    """Away while a limit passes; then the account is locked while the desk goes on working."""
    gone, back, locked = moment(96.1), moment(96.1) + timedelta(minutes=10), moment(50.5)
    request_tracker.clock.stand_at(moment(1000))
    async with Daemon(tmp_path, configuration(request_tracker)) as daemon:
        await play_on(player, TROUBLED, moment(1000), gone)
        await seen(daemon, gone - timedelta(seconds=3))
        known = true_until(TROUBLED, player, gone)
        assert await until_true(daemon, known) == known
        assert await value(daemon, "source_up") == 1
        assert await value(daemon, "waiting") is None  # its clock stands in the past: nothing is known of the days since

        request_tracker.stop()
        await until(daemon, "source_up", 0, 0)
        request_tracker.clock.stand_at(back)
        assert await value(daemon, "waiting") is None  # unknown
        assert await signals(daemon) == known

        request_tracker.start()
        expected = true_until(TROUBLED, player, back)
        assert len(expected) == len(known) + 1
        assert await until_true(daemon, expected) == expected
        assert await value(daemon, "source_up") == 1

        await play_on(player, TROUBLED, back, locked)
        await seen(daemon, locked - timedelta(seconds=3))
        known = await signals(daemon)
        assert known == true_until(TROUBLED, player, locked)
        request_tracker.client().put(f"/user/{READER}", {"Disabled": 1})
        await until(daemon, "source_up", 0, 0)
        await play_on(player, TROUBLED, locked, NOW)
        assert await value(daemon, "waiting") is None
        assert await signals(daemon) == known  # nobody has seen what came after

        request_tracker.client().put(f"/user/{READER}", {"Disabled": 0})
        expected = true_signals(TROUBLED, "request_tracker", player.numbers)
        assert await until_true(daemon, expected) == expected  # half a minute later: a refused login is tried again slowly
        assert await counted(daemon) == len(expected)
        told = [json.loads(line) for line in daemon.log.read_text().splitlines()]
    failed = [line["reason"] for line in told if line["event"] == "does not work"]
    assert failed == ["connect", "auth"]
    assert ["after" in line for line in told if line["event"] == "works again"] == [True, True]
