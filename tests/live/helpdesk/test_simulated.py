"""The daemon as a process beside simulators of services that nobody can run here, killed while it reads them for the first time.

The simulators' clocks stand at the stories' NOW, days before ours: absence is judged by them, as with any clock that is behind.
"""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.testing import FakeClock
from tests.connectors.freshdesk import simulator as freshdesk_simulator
from tests.connectors.freshdesk import teller as freshdesk_teller
from tests.connectors.freshdesk.test_stories import UNTOLD
from tests.connectors.jira import shapes as jira_shapes
from tests.connectors.jira import simulator as jira_simulator
from tests.connectors.jira import teller as jira_teller
from tests.connectors.simulated import Simulated, served
from tests.connectors.zammad import simulator as zammad_simulator
from tests.connectors.zammad import teller as zammad_teller
from tests.connectors.zendesk import simulator as zendesk_simulator
from tests.connectors.zendesk import teller as zendesk_teller
from tests.live.helpdesk import first_story, second_story
from tests.live.helpdesk.player import timeline
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
from tests.live.helpdesk.test_end_to_end import counted, true_signals, until_true
from tests.servers.daemon import Daemon

pytestmark = [pytest.mark.waits(30), pytest.mark.timeout(300)]
STORIES = {"first": first_story.TICKETS, "second": second_story.TICKETS}
_LIMITLESS = 1_000_000
KILLS = 2
#: Each answer takes so long: a first read some two seconds.
SLOWNESS = 0.05
SOURCES: dict[str, dict[str, Any]] = {
    "zendesk": {
        "username": zendesk_simulator.USERNAME, "token": zendesk_simulator.TOKEN, "exports_per_minute": 1000,
        "promise_fields": ["due_at", "Promised by"],
    },
    "zammad": {"token": zammad_simulator.TOKEN, "promise_fields": ["due_by", "promised_by"]},
    "jira_service_management": {
        "username": jira_shapes.USERNAME, "token": jira_shapes.TOKEN, "promise_fields": ["duedate", "Promised by"],
        "escalation": {"queues": ["MGR"]}, "complaints": [{"project": "CMP", "sector": COMPLAINTS_SECTOR}],
    },
    "freshdesk": {
        "key": freshdesk_simulator.KEY, "lists_per_minute": 1000, "promise_fields": ["Due", "Promised by"],
    },
}  # fmt: skip


async def told(system: str, story: Sequence[Ticket]) -> tuple[Simulated, dict[str, str]]:
    """A simulator in which this story has happened, and the numbers of its tickets."""
    clock = FakeClock(NOW - timedelta(hours=1000))
    simulator: Any
    teller: Any
    if system == "zendesk":
        simulator = zendesk_simulator.Simulator(clock)
        simulator.limits.per_minute = simulator.limits.exports_per_minute = _LIMITLESS
        teller = zendesk_teller.Teller(simulator)
    elif system == "freshdesk":
        simulator = freshdesk_simulator.Simulator(clock)
        simulator.limits.per_minute = simulator.limits.lists_per_minute = _LIMITLESS
        teller = freshdesk_teller.Teller(simulator)
    elif system == "jira_service_management":
        simulator = jira_simulator.Simulator(clock)
        simulator.limits.per_minute, simulator.limits.comments = _LIMITLESS, 0  # each issue's are asked for: that takes its time
        teller = jira_teller.Teller(simulator)
    else:
        simulator = zammad_simulator.Simulator(clock)
        teller = zammad_teller.Teller(simulator)
    for when, key, step in timeline(story):
        await clock.advance((when - clock.now()).total_seconds())
        getattr(teller, step.verb)(key, *step.arguments)
    await clock.advance((NOW - clock.now()).total_seconds() + 70)  # until the minute that Zendesk withholds is over
    return simulator, teller.numbers


def configuration(system: str, url: str) -> dict[str, Any]:
    """Limits of the stories, around the clock."""
    policy: dict[str, Any] = {
        signal: {"warn" if signal == "complaint_overdue" else "after": f"{round(limit.total_seconds())}s"}
        for signal, limit in LIMITS.items()
    }
    policy |= {"passed_around": {"times": CHANGES_ALLOWED}, "repeat_contact": False, "lost_context": False}
    desk = {
        "type": system, "url": url, "backfill": "120d", "poll_every": "1s", "robots": ["chatbot@desk.example"],
        "requests_per_minute": 60_000, "escalation": {"queues": [ESCALATION_QUEUE]},
        "complaints": [{"group": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}], **SOURCES[system],
    }  # fmt: skip
    return {"timezone": "UTC", "sources": {"desk": desk}, "policies": {"default": policy}}


@pytest.mark.parametrize(
    ("system", "story"),
    [("zendesk", "first"), ("zammad", "second"), ("jira_service_management", "first"), ("freshdesk", "first")],
)
async def test_killed_during_the_first_read_it_counts_nothing_twice(tmp_path: Path, system: System, story: str):
    chance = random.Random(f"{system} {story}")
    # Freshdesk tells no history: what happens to these before the first reading is lost.
    untold = UNTOLD[story] if system == "freshdesk" else {}
    tickets = [ticket for ticket in STORIES[story] if ticket.key not in untold]
    simulator, numbers = await told(system, tickets)
    expected = true_signals(tickets, system, numbers)
    async with served(simulator, seconds=SLOWNESS) as url, Daemon(tmp_path, configuration(system, url)) as daemon:
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.1, 1.0))
            await daemon.kill()
            await daemon.start()
        assert await until_true(daemon, expected) == expected
        assert await counted(daemon) == len(expected)
