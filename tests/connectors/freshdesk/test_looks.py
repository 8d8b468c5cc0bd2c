"""What `stats` and two looks tell of a ticket's status: tables by hand. Minutes after the ticket was made."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.connectors._freshdesk_looks import Look, Present, looked
from tests.connectors.freshdesk.desk import NOW

OPEN, PENDING, RESOLVED, CLOSED, OWN = "2", "3", "4", "5", "17"


def seen(status: str, updated: float, asked: tuple[float, ...] = (), **stats: float) -> Present:
    told = {key: f"{NOW + timedelta(minutes=at):%Y-%m-%dT%H:%M:%SZ}" for key, at in stats.items()}
    moments = [NOW + timedelta(minutes=at) for at in asked]
    return Present(NOW, NOW + timedelta(minutes=updated), {"status": status}, told, moments)


def minutes(look: Look) -> list[tuple[Any, ...]]:
    """(from, to, minute, not before; None: exactly then, by) of each change."""

    def of(at: Any) -> Any:
        return None if at is None else (at - NOW).total_seconds() / 60

    return [(each.old, each.new, of(each.at), of(each.after), each.by) for each in look.changes]


@pytest.mark.parametrize(
    ("present", "changes"),
    [
        (seen(OPEN, 0), []),
        (seen(OPEN, 50), []),  # whatever changed, it was not the status
        (seen(PENDING, 0), []),  # made so
        (seen(RESOLVED, 0.01, resolved_at=0.01, status_updated_at=0.01), []),
        (seen(RESOLVED, 50, resolved_at=40, status_updated_at=40), [(OPEN, RESOLVED, 40, None, "agent")]),
        (
            seen(CLOSED, 50, resolved_at=40, closed_at=45, status_updated_at=45),
            [(OPEN, RESOLVED, 40, None, "agent"), (RESOLVED, CLOSED, 45, None, "agent")],
        ),
        (seen(OWN, 50, status_updated_at=30), [(OPEN, OWN, 30, None, "agent")]),
        (seen(OWN, 50), [(OPEN, OWN, 50, 0, "agent")]),  # nothing tells when
        (
            seen(OPEN, 50, reopened_at=30, status_updated_at=30),  # resolved at some time before
            [(OPEN, RESOLVED, 30, 0, "agent"), (RESOLVED, OPEN, 30, None, "agent")],
        ),
        (
            seen(OPEN, 50, (30.05,), reopened_at=30, status_updated_at=30),
            [(OPEN, RESOLVED, 30 - 1 / 60, 0, "agent"), (RESOLVED, OPEN, 30, None, "customer")],
        ),
        (
            seen(OPEN, 50, resolved_at=20, reopened_at=30, status_updated_at=30),
            [(OPEN, RESOLVED, 20, None, "agent"), (RESOLVED, OPEN, 30, None, "agent")],
        ),
        (
            seen(OPEN, 50, (30,), pending_since=20, status_updated_at=30),
            [(OPEN, PENDING, 20, None, "agent"), (PENDING, OPEN, 30, None, "customer")],
        ),
    ],
)
def test_the_first_look(present: Present, changes: list[tuple[Any, ...]]):
    assert minutes(looked(None, present, unchanged=NOW, dated=())) == changes


@pytest.mark.parametrize(
    ("before", "present", "changes"),
    [
        (OPEN, seen(OPEN, 50), []),
        (OPEN, seen(RESOLVED, 50, resolved_at=40, status_updated_at=40), [(OPEN, RESOLVED, 40, None, "agent")]),
        (OPEN, seen(RESOLVED, 50), [(OPEN, RESOLVED, 50, 15, "agent")]),
        (RESOLVED, seen(OPEN, 50, reopened_at=40, status_updated_at=40), [(RESOLVED, OPEN, 40, None, "agent")]),
        (PENDING, seen(OPEN, 50, reopened_at=40, status_updated_at=40), [(PENDING, OPEN, 40, None, "agent")]),
        (
            OPEN, seen(OPEN, 50, reopened_at=40, status_updated_at=40),
            [(OPEN, RESOLVED, 40, 15, "agent"), (RESOLVED, OPEN, 40, None, "agent")],
        ),
        (
            RESOLVED, seen(CLOSED, 50, reopened_at=30, resolved_at=40, closed_at=45, status_updated_at=45),
            [
                (RESOLVED, OPEN, 30, None, "agent"), (OPEN, RESOLVED, 40, None, "agent"), (RESOLVED, CLOSED, 45, None, "agent"),
            ],
        ),
    ],
)  # fmt: skip
def test_the_next_look(before: str, present: Present, changes: list[tuple[Any, ...]]):
    """The one before was at ten minutes; until fifteen nothing had changed."""
    first = Look(NOW + timedelta(minutes=10), {"status": before})
    assert minutes(looked(first, present, unchanged=NOW + timedelta(minutes=15), dated=())) == changes


def test_an_older_page_changes_nothing():
    first = Look(NOW + timedelta(minutes=10), {"status": RESOLVED})
    assert looked(first, seen(OPEN, 9), unchanged=NOW, dated=()) is first


def test_a_look_is_the_same_when_it_was_kept():
    look = looked(None, seen(OPEN, 50, (30.05,), reopened_at=30), unchanged=NOW, dated=())
    assert Look.unpacked(look.packed()) == look
    assert looked(look, seen(OPEN, 50, reopened_at=30), unchanged=NOW, dated=()) == look
