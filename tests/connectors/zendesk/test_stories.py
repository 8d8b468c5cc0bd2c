"""The stories of the real helpdesks, told through the simulator: the same verdicts, ticket by ticket."""

from datetime import timedelta

import pytest

from monitor.testing import FakeClock
from tests.connectors.simulated import in_process
from tests.connectors.zendesk.desk import NOW, desk_at
from tests.connectors.zendesk.simulator import Simulator
from tests.connectors.zendesk.teller import Teller
from tests.live.helpdesk import first_story, second_story
from tests.live.helpdesk.judged import by_contact, differences, read_whole
from tests.live.helpdesk.player import timeline
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE

STORIES = {"first": first_story.TICKETS, "second": second_story.TICKETS}
KEYS = {
    "backfill": "90d", "robots": ["chatbot@desk.example"], "promise_fields": ["due_at", "Promised by"],
    "escalation": {"queues": [ESCALATION_QUEUE]}, "complaints": [{"group": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}],
}  # fmt: skip


async def told(story: str) -> tuple[Simulator, Teller, FakeClock]:
    clock = FakeClock(NOW - timedelta(hours=1000))
    simulator = Simulator(clock)
    simulator.limits.per_minute = simulator.limits.exports_per_minute = 1_000_000
    teller = Teller(simulator)
    for when, key, step in timeline(STORIES[story]):
        await clock.advance((when - clock.now()).total_seconds())
        getattr(teller, step.verb)(key, *step.arguments)
    await clock.advance((NOW - clock.now()).total_seconds())
    return simulator, teller, clock


@pytest.mark.parametrize("role", ["admin", "agent"])
@pytest.mark.parametrize("story", STORIES)
async def test_what_is_read_is_what_happened(story: str, role: str):
    simulator, teller, clock = await told(story)
    simulator.role = role
    with in_process(simulator) as url:
        desk = desk_at(url, simulator, clock, **KEYS)
        batches = await read_whole(desk.connector, desk.state)
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    different = differences(STORIES[story], "zendesk", teller.numbers, by_contact(batches))
    assert not different, "\n".join(different)
