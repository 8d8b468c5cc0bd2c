"""The stories of the real helpdesks, told through the simulator: the same verdicts, ticket by ticket."""

from datetime import timedelta

import pytest

from monitor.testing import FakeClock
from tests.connectors.jira.desk import NOW, desk_at
from tests.connectors.jira.simulator import Simulator
from tests.connectors.jira.teller import Teller
from tests.connectors.simulated import in_process
from tests.live.helpdesk import first_story, second_story
from tests.live.helpdesk.judged import by_contact, differences, read_whole
from tests.live.helpdesk.player import timeline
from tests.live.helpdesk.story import COMPLAINTS_SECTOR

STORIES = {"first": first_story.TICKETS, "second": second_story.TICKETS}
KEYS = {
    "backfill": "90d", "robots": ["chatbot@desk.example"], "promise_fields": ["duedate", "Promised by"],
    "escalation": {"queues": ["MGR"]}, "complaints": [{"project": "CMP", "sector": COMPLAINTS_SECTOR}],
}  # fmt: skip


async def told(story: str) -> tuple[Simulator, Teller, FakeClock]:
    clock = FakeClock(NOW - timedelta(hours=1000))
    simulator = Simulator(clock)
    simulator.limits.per_minute = 1_000_000
    teller = Teller(simulator)
    for when, key, step in timeline(STORIES[story]):
        await clock.advance((when - clock.now()).total_seconds())
        getattr(teller, step.verb)(key, *step.arguments)
    await clock.advance((NOW - clock.now()).total_seconds())
    return simulator, teller, clock


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize("story", STORIES)
async def test_what_is_read_is_what_happened(story: str, numbers: bool):
    """Whether moments are asked for as milliseconds, or in minutes of a zone with a clock change in between."""
    simulator, teller, clock = await told(story)
    simulator.limits.takes_numbers, simulator.zone = numbers, "America/New_York"
    with in_process(simulator) as url:
        desk = desk_at(url, simulator, clock, **KEYS)
        batches = await read_whole(desk.connector, desk.state)
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    different = differences(STORIES[story], "jira_service_management", teller.numbers, by_contact(batches))
    assert not different, "\n".join(different)
