"""When an alert fires, by its `for` and `keep_firing_for`: one evaluation a minute."""

from typing import Any

import pytest

from tools.alert_week.firing import firings, seconds
from tools.alert_week.server import Matrix, layers

LABELS = {"severity": "warning"}
LINE = frozenset({("contact_point", "line"), ("__name__", "x")})


def at(*minutes: int) -> Matrix:
    """The expression has a value at these minutes."""
    return {LINE: {60 * minute: 1.0 for minute in minutes}}


def spans(found: Matrix, carried: Matrix | None = None, **rule: Any) -> list[tuple[int, int]]:
    """From which minute until which it fires."""
    fired = firings({"alert": "A", "labels": LABELS, **rule}, found, carried)
    return [(each.since // 60, each.until // 60) for each in fired]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, [(1, 4), (6, 7)]),
        ({"for": "2m"}, [(3, 4)]),
        ({"for": "3m"}, []),
        ({"keep_firing_for": "2m"}, [(1, 9)]),  # false from 4 on, true again at 6: from 7 on false, ends two minutes later
        ({"keep_firing_for": "1m"}, [(1, 5), (6, 8)]),
        ({"for": "2m", "keep_firing_for": "1m"}, [(3, 5)]),
    ],
)
def test_it_waits_before_it_fires_and_lingers_after(rule: dict[str, str], expected: list[tuple[int, int]]) -> None:
    assert spans(at(1, 2, 3, 6), **rule) == expected


def test_what_it_goes_on_by_counts_only_while_it_fires() -> None:
    assert spans(at(3, 4), at(1, 2, 5, 6, 8)) == [(3, 7)]


def test_it_has_the_labels_of_its_series_and_of_its_rule() -> None:
    [fired] = firings({"alert": "A", "labels": LABELS}, at(1))
    assert dict(fired.labels) == {"alertname": "A", "contact_point": "line", "severity": "warning"}


@pytest.mark.parametrize(("text", "expected"), [("30s", 30), ("5m", 300), ("2h", 7200), ("3d", 259200), ("", 0)])
def test_durations(text: str, expected: int) -> None:
    assert seconds(text) == expected


def test_recording_rules_come_after_those_that_they_rest_on() -> None:
    rules = [
        {"record": "contactpoint:b:max", "expr": "contactpoint:a:max + 1"},
        {"record": "contactpoint:a:max", "expr": "up"},
        {"record": "contactpoint:a:max2", "expr": "contactpoint:b:max"},
    ]
    assert [[rule["record"] for rule in layer] for layer in layers(rules)] == [
        ["contactpoint:a:max"], ["contactpoint:b:max"], ["contactpoint:a:max2"],
    ]  # fmt: skip
    with pytest.raises(ValueError, match="each other"):
        list(layers([{"record": "source:a:max", "expr": "source:a:max"}]))
