"""Answers in which something is of another type than it ever was: a ticket is set aside, and nothing else happens."""

import contextlib
import copy
from collections.abc import Iterator
from typing import Any

import pytest

from monitor.connectors._jira import Reader
from monitor.connectors._jira_values import Names, Sides, names_of
from monitor.errors import DataError
from monitor.testing import FakeClock
from tests.connectors.jira.desk import NOW
from tests.connectors.jira.shapes import ALICE, CLOSED, level
from tests.connectors.jira.simulator import Simulator

JUNK: list[Any] = [None, True, 3, -1, 10**40, "x", "", [], {}, [[]], [3], [None], {"id": []}, {"key": 3}]


def sample() -> tuple[dict[str, Any], Names]:
    """Everything that is read of one issue, and what its ids mean."""
    simulator = Simulator(FakeClock(NOW))
    simulator.open(2)
    simulator.open(1, participants=[ALICE], rating=4, rated="2026-11-18T12:30:00.000+0000", files=1)
    simulator.issues[1]["first_response"] = level((1, 5, 3, True), (6, None, 9, True))
    simulator.say(1, ALICE, "words", public=False)
    for fields in ({"priority": "1"}, {"assignee": ALICE}, {"labels": ["a"]}, {"promised": "2026-11-21"}, {"status": CLOSED}):
        simulator.set(1, ALICE, **fields)
    simulator.link(1, ALICE, 2)
    simulator.move(1, ALICE, "PRJ")
    names = names_of(simulator._got("field", {}), simulator._got("status", {}), ["Promised by"])
    found = {
        "row": simulator._issue(1, names.asked_for(), simulator._row(1)),
        "comments": simulator._got("issue/1/comment", {})["comments"],
        "changelog": simulator._got("issue/1/changelog", {})["values"],
    }
    return found, names


def paths(data: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """To everything that is in it."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, each in inside:
        yield (*before, step)
        yield from paths(each, (*before, step))


def ticket(found: dict[str, Any], names: Names) -> Any:
    sides = Sides(names.participants, None, frozenset())
    return Reader(names, sides, found["row"], found["comments"], found["changelog"]).ticket()


def test_the_sample_is_understood():
    found, names = sample()
    assert len(ticket(found, names).facts) >= 10
    assert len(list(paths(found))) > 200


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_anything_may_stand_anywhere(junk: Any):
    found, names = sample()
    for path in paths(found):
        if len(path) < 2:
            continue
        changed = copy.deepcopy(found)
        held = changed
        for step in path[:-1]:
            held = held[step]
        held[path[-1]] = copy.deepcopy(junk)
        try:
            ticket(changed, names)
        except DataError:
            pass
        except Exception as error:
            raise AssertionError(f"{junk!r} at {path}") from error


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_fields_and_statuses_of_any_shape(junk: Any):
    simulator = Simulator(FakeClock(NOW))
    listed = {"fields": simulator._got("field", {}), "statuses": simulator._got("status", {})}
    for path in paths(listed):
        if len(path) < 2:
            continue
        changed = copy.deepcopy(listed)
        held: Any = changed
        for step in path[:-1]:
            held = held[step]
        held[path[-1]] = junk
        with contextlib.suppress(DataError):
            names_of(changed["fields"], changed["statuses"], ["Promised by"])
