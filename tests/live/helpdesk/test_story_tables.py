"""The tables of the stories say the same thing twice: what is late agrees with when it began and how long it may take."""

from collections import Counter
from datetime import timedelta

import pytest

from monitor.domain.courtesy import is_courtesy
from tests.live.helpdesk.conftest import STORIES
from tests.live.helpdesk.story import LIMITS, SIGNAL_OF, SYSTEMS, Mark, Ticket, Wait, moment
from tests.servers.helpdesk import AGENTS, BOT

TICKETS = [pytest.param(ticket, id=ticket.key) for tickets in STORIES.values() for ticket in tickets]
#: Their limit is a date of their own.
_DATED = ("promise", "complaint")


def waits(ticket: Ticket) -> list[Wait]:
    return [wait for system in SYSTEMS for wait in ticket.waits_in(system)]


@pytest.mark.parametrize("ticket", TICKETS)
def test_a_wait_is_late_when_its_limit_is_used_up(ticket: Ticket) -> None:
    for wait in waits(ticket):
        if wait.kind in _DATED:
            continue
        due = moment(wait.since) + LIMITS[SIGNAL_OF[wait.kind]]
        taken_out = closed_by_mistake(ticket) if wait.kind in ("reply", "resolution") else timedelta(0)
        paused = any(step.verb == "waits_for_customer" for step in ticket.steps)
        if wait.late is not None:
            assert moment(wait.late) == due + taken_out
            assert wait.until is None or moment(wait.until) > due
        elif wait.verdict in ("kept", "open") and not (paused and wait.kind == "resolution"):
            assert moment(wait.until or 0) <= due


def closed_by_mistake(ticket: Ticket) -> timedelta:
    """For how long it was closed before an agent took it back up."""
    closed = timedelta(0)
    for before, step in zip(ticket.steps, ticket.steps[1:], strict=False):
        if step.verb == "taken_back_up":
            closed += moment(step.hours) - moment(before.hours)
    return closed


@pytest.mark.parametrize("ticket", TICKETS)
def test_what_is_true_rests_on_what_has_happened(ticket: Ticket) -> None:
    happened = {step.hours for tickets in STORIES.values() for each in tickets for step in each.steps}
    for wait in waits(ticket):
        assert wait.since in happened
        assert wait.until is None or wait.until in happened
        assert (wait.verdict == "breached") == (wait.late is not None)
    for system in SYSTEMS:
        for fact in ticket.facts_in(system):
            assert not isinstance(fact, Mark) or fact.at in {step.hours for step in ticket.steps}
            assert moment(0) >= max((at for at, _ in ticket.signals_in(system)), default=moment(0))


@pytest.mark.parametrize("ticket", TICKETS)
def test_a_system_that_cannot_tell_tells_something_else(ticket: Ticket) -> None:
    for otherwise in ticket.otherwise.values():
        assert otherwise.why
        assert list(otherwise.facts) != list(ticket.facts)


def test_only_thanks_are_taken_for_thanks() -> None:
    steps = [step for tickets in STORIES.values() for each in tickets for step in each.steps]
    asked = {step.arguments[1] for step in steps if step.verb == "asked"}
    assert {text for text in asked if is_courtesy(text)} == {"Thank you!", "Thank you very much!"}


def test_every_ticket_has_a_name_of_its_own() -> None:
    names = Counter(ticket.key for tickets in STORIES.values() for ticket in tickets)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(STORIES["first"]) == 29


def test_agents_and_customers_have_different_names() -> None:
    steps = [step for tickets in STORIES.values() for each in tickets for step in each.steps]
    assert not {step.arguments[0] for step in steps if step.verb == "opened"} & {*AGENTS, BOT}
