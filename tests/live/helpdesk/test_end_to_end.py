"""The daemon as a process beside a real helpdesk: what it counts is what happened, also when it is killed meanwhile.

The helpdesk's clock stands at the stories' NOW, ten days before ours: absence is judged by it, as with any clock that is behind.
"""

import asyncio
import json
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.live.helpdesk.conftest import STORIES
from tests.live.helpdesk.player import Player
from tests.live.helpdesk.story import (
    CHANGES_ALLOWED,
    COMPLAINTS_QUEUE,
    COMPLAINTS_SECTOR,
    ESCALATION_QUEUE,
    LIMITS,
    NOW,
    System,
    Ticket,
)
from tests.live.helpdesk.systems import EACH_SYSTEM
from tests.servers.daemon import Daemon
from tests.servers.helpdesk import AGENTS, BOT, DOMAIN, READER, Helpdesk
from tests.servers.redmine import Redmine
from tests.servers.request_tracker import RequestTracker
from tests.servers.znuny import Znuny

pytestmark = [
    pytest.mark.waits(60),
    pytest.mark.timeout(900),  # a whole story on a busy machine
    pytest.mark.parametrize("system", EACH_SYSTEM),
    pytest.mark.parametrize("story", STORIES),
]
#: (ticket, signal, hours after NOW): what falls within a day of it, by hand from the stories.
AHEAD = {"first": [("late", "late_resolution", 16), ("fresh", "late_reply", 22)], "second": []}
PATIENCE = 60.0
KILLS = 3


def source(server: Helpdesk) -> dict[str, Any]:
    """What differs from one system to another."""
    if isinstance(server, RequestTracker):
        complaints = {"queue": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}
        return {"url": server.url, "token": server.token, "promise_fields": ["Due", "Promised by"], "complaints": [complaints]}
    if isinstance(server, Znuny):
        return {
            "url": server.url, "username": READER, "password": server.password(), "promise_fields": ["DueBy", "PromisedBy"],
            "complaints": [{"queue": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}],
            "robots": [f"{BOT}@{DOMAIN}"], "staff": [f"{each}@{DOMAIN}" for each in AGENTS],
        }  # fmt: skip
    assert isinstance(server, Redmine)
    complaints = {"project": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}
    return {"url": server.url, "key": server.key, "promise_fields": ["due_date", "Promised by"], "complaints": [complaints]}


def configuration(server: Helpdesk) -> dict[str, Any]:
    """Limits of the stories, around the clock."""
    policy: dict[str, Any] = {
        signal: {"warn" if signal == "complaint_overdue" else "after": f"{round(limit.total_seconds())}s"}
        for signal, limit in LIMITS.items()
    }
    desk = {
        "type": server.name, "backfill": "120d", "poll_every": "1s", "robots": [BOT], "requests_per_minute": 60_000,
        "escalation": {"queues": [ESCALATION_QUEUE]}, **source(server),
    }  # fmt: skip
    # The stories say nothing of a customer's other tickets.
    policy |= {"passed_around": {"times": CHANGES_ALLOWED}, "repeat_contact": False, "lost_context": False}
    policies = {"default": policy}
    return {"timezone": "UTC", "sources": {"desk": desk}, "policies": policies}


def true_signals(story: Iterable[Ticket], system: System, numbers: dict[str, str]) -> list[tuple[str, str, str]]:
    """(ticket, signal, moment) of the whole story."""
    return sorted((numbers[ticket.key], signal, shown(at)) for ticket in story for at, signal in ticket.signals_in(system))


def shown(at: datetime) -> str:
    """A moment as the daemon writes it."""
    return at.isoformat().replace("+00:00", "Z")


async def signals(daemon: Daemon) -> list[tuple[str, str, str]]:
    """The same as the daemon has them; none while nobody answers."""
    listed = json.loads(await daemon.get("/api/v1/signals?since=2026-01-01T00:00:00Z&limit=1000") or "[]")
    return sorted((row["native_id"], row["signal"], row["at"]) for row in listed)


async def counted(daemon: Daemon) -> int:
    """What `signals_total` of all contact points and signals adds up to."""
    lines = (await daemon.get("/metrics") or "").splitlines()
    return sum(round(float(line.rpartition(" ")[2])) for line in lines if line.startswith("contactpoint_signals_total{"))


async def until_true(daemon: Daemon, expected: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """What is there when it is as expected, or after PATIENCE."""
    found: list[tuple[str, str, str]] = []
    for _ in range(round(PATIENCE / 0.5)):
        found = await signals(daemon)
        if found == expected:
            break
        await asyncio.sleep(0.5)
    return found


async def test_every_signal_is_counted_and_explained(played: Player, system: System, story: str, tmp_path: Path):
    expected = true_signals(STORIES[story], system, played.numbers)
    async with Daemon(tmp_path, configuration(played.helpdesk)) as daemon:
        assert await until_true(daemon, expected) == expected
        assert await counted(daemon) == len(expected)
        number = expected[0][0]
        explained = json.loads(await daemon.command("explain", number, "--json"))
    assert explained["native_id"] == number
    assert {each["signal"] for each in explained["signals"]} == {signal for ref, signal, _ in expected if ref == number}


async def test_killed_at_any_moment_it_counts_nothing_twice(
    played: Player, system: System, story: str, tmp_path: Path
):  # fmt: skip
    chance = random.Random(story)
    expected = true_signals(STORIES[story], system, played.numbers)
    async with Daemon(tmp_path, configuration(played.helpdesk)) as daemon:
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.2, 2.5))
            await daemon.kill()
            await daemon.start()
        assert await until_true(daemon, expected) == expected
        assert await counted(daemon) == len(expected)


async def test_deadlines_fall_as_the_helpdesks_clock_goes_on(played: Player, system: System, story: str, tmp_path: Path):
    expected = true_signals(STORIES[story], system, played.numbers)
    ahead = [(played.numbers[key], signal, NOW + timedelta(hours=hours)) for key, signal, hours in AHEAD[story]]
    later = sorted([*expected, *((number, signal, shown(at)) for number, signal, at in ahead)])
    async with Daemon(tmp_path, configuration(played.helpdesk)) as daemon:
        assert await until_true(daemon, expected) == expected
        played.helpdesk.clock.stand_at(NOW + timedelta(hours=24))
        try:
            assert await until_true(daemon, later) == later
            assert await counted(daemon) == len(later)
        finally:
            played.helpdesk.clock.stand_at(NOW)
