"""The four formulas of a service level over the same callers. Figures by hand, as the textbooks write the formulas."""

from itertools import chain

import pytest

from monitor.domain.event import Event
from monitor.domain.service_level import FORMULAS, Formula, is_bad
from tests.domain.contact_lines import call, judged

#: The limit is 20 s. Answered in time 3, late 2; gave up soon 4, over the limit 1; timed out soon 1; lost sight of 1; waits 1.
IN_TIME = [call("queued 0", f"answered {n}") for n in (1, 10, 20)]
LATE = [call("queued 0", f"answered {n}") for n in (21, 50)]
SOON = [call("queued 0", f"left {n} reason=caller") for n in (2, 6, 7, 20)]
OVER = [call("queued 0", "left 30 reason=caller")]
TIMED_OUT = [call("queued 0", "left 15 reason=timeout")]
LOST = [call("queued 0", "lost 5")]
WAITS = [call("queued 90")]
ALL = list(chain(IN_TIME, LATE, SOON, OVER, TIMED_OUT, LOST, WAITS))


def share(calls: list[list[Event]], formula: Formula) -> tuple[int, int]:
    """(good, judged)."""
    found = [
        is_bad(verdict, formula) for each in calls for verdict in judged(each, "100").verdicts if verdict.signal == "long_wait"
    ]
    return found.count(False), len(found) - found.count(None)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("SL-A", (3, 3 + 2)),
        ("SL-B", (3 + 5, 3 + 2 + 5 + 1)),
        ("SL-C", (3, 3 + 2 + 5 + 1)),
        ("SL-D", (3, 3 + 2 + 1)),
    ],
)
def test_who_gave_up_early_is_left_out_good_bad_or_neutral(formula: Formula, expected: tuple[int, int]) -> None:
    assert share(ALL, formula) == expected


@pytest.mark.parametrize("formula", FORMULAS)
def test_who_still_waits_is_bad_once_the_limit_is_over_and_before_that_nothing(formula: Formula) -> None:
    assert share(WAITS, formula) == (0, 0)
    assert share([call("queued 0")], formula) == (0, 1)


def test_as_counted_is_what_verdicts_say() -> None:
    verdicts = [verdict for each in ALL for verdict in judged(each, "100").verdicts if verdict.signal == "long_wait"]
    assert [is_bad(each, "SL-D") for each in verdicts] == [{"kept": False, "breached": True}.get(each.state) for each in verdicts]
