"""The stories of the real helpdesks, told through the simulator: the same verdicts, ticket by ticket.

Freshdesk keeps no history, so a story is read as it happens, after each step. What somebody can tell who comes when all is over
is another story: `UNTOLD` says what is lost.
"""

from datetime import timedelta

import pytest

from monitor.testing import FakeClock
from tests.connectors.freshdesk.desk import NOW, desk_at, limitless
from tests.connectors.freshdesk.teller import Teller
from tests.connectors.simulated import in_process
from tests.live.helpdesk import first_story, second_story
from tests.live.helpdesk.judged import by_contact, concluded, differences
from tests.live.helpdesk.player import timeline
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE

STORIES = {"first": first_story.TICKETS, "second": second_story.TICKETS}
KEYS = {
    "backfill": "90d", "robots": ["chatbot@desk.example"], "promise_fields": ["Due", "Promised by"],
    "escalation": {"queues": [ESCALATION_QUEUE]}, "complaints": [{"group": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}],
}  # fmt: skip
#: What is told otherwise of a ticket that is read for the first time when all is over, and why.
_OWNERS = "of owners and groups only the present ones are known: nobody handed it on"
_PRIORITIES = "of priorities only the present one is known: it was not raised"
_DATES = "of dates only the present ones are known, as if set at the beginning"
_RESOLVED = "of a ticket that was opened again nothing says since when it had been resolved: in doubt for us"
_REOPENED = "of several times only the last is known"
UNTOLD: dict[str, dict[str, str]] = {
    "first": {
        "due_slipped": _DATES, "due_removed": _DATES, "promise_kept": _DATES, "promise_broken": _DATES, "promise_slipped": _DATES,
        "reopened": _RESOLVED, "reopened_twice": _REOPENED, "passed_around": _OWNERS, "escalated": _PRIORITIES,
    },
    "second": {
        "moved_about": _OWNERS, "to_the_managers": _OWNERS, "up_and_down": _PRIORITIES, "closed_by_mistake": _RESOLVED,
        "complaint_closed_by_mistake": _RESOLVED, "thanked": _RESOLVED, "promise_outlives_a_wrong_close": _DATES,
        "several_promises": _DATES, "promise_released": _DATES,
    },
}  # fmt: skip
#: Of those, the ones of which a signal is missed, or a false one told.
SIGNALS_UNTOLD = {
    "due_slipped", "due_removed", "promise_slipped", "reopened_twice", "passed_around", "escalated", "moved_about",
    "to_the_managers", "up_and_down", "several_promises", "closed_by_mistake", "complaint_closed_by_mistake",
}  # fmt: skip


async def told(story: str, *, as_it_happens: bool, forgets: bool = True) -> list[str]:
    """What is concluded otherwise than the story has it."""
    clock = FakeClock(NOW - timedelta(hours=1000))
    simulator = limitless(clock)
    simulator.limits.forgets = forgets
    teller = Teller(simulator)
    batches = []
    with in_process(simulator) as url:
        desk = desk_at(url, simulator, clock, **KEYS)
        for when, key, step in timeline(STORIES[story]):
            await clock.advance((when - clock.now()).total_seconds())
            getattr(teller, step.verb)(key, *step.arguments)
            if as_it_happens:
                await desk.poll()
                batches += desk.batches
        await clock.advance((NOW - clock.now()).total_seconds())
        await desk.poll()
        batches += desk.batches
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    found = by_contact(batches)
    for ticket in STORIES[story]:
        if ticket.may_be_gone and (events := found.get(teller.numbers[ticket.key])):
            waits, signals = concluded(events, NOW)
            assert ({verdict for *_, verdict in waits}, signals) == ({"void"}, [])
    kept = [ticket for ticket in STORIES[story] if not ticket.may_be_gone]
    return differences(kept, "freshdesk", teller.numbers, found)


@pytest.mark.parametrize("forgets", [True, False])
@pytest.mark.parametrize("story", STORIES)
async def test_what_is_read_as_it_happens_is_what_happened(story: str, forgets: bool):
    different = await told(story, as_it_happens=True, forgets=forgets)
    assert not different, "\n".join(different)


@pytest.mark.parametrize("story", STORIES)
async def test_what_is_lost_where_it_is_read_for_the_first_time_when_all_is_over(story: str):
    different = await told(story, as_it_happens=False)
    assert {each.partition(":")[0] for each in different} == set(UNTOLD[story]), "\n".join(different)
    wrong = {each.partition(":")[0] for each in different if ": signals " in each}
    assert wrong == SIGNALS_UNTOLD & set(UNTOLD[story])
