"""The model of Alertmanager: who is told what and when, in seconds after the first alert."""

from typing import Any

import pytest

from tools.alert_week.alertmanager import Alertmanager, matchers
from tools.alert_week.firing import Firing

#: Monday 2 November 2026, 09:00 in Berlin.
NINE = 1793606400
HOUR = 3600


def config(**route: Any) -> dict[str, Any]:
    """One receiver, told ten seconds after the first alert of a contact point and every five minutes from then on."""
    tree = {"receiver": "room", "group_by": ["contact_point"], "group_wait": "10s", "repeat_interval": "1h", **route}
    times = [
        {"weekdays": ["monday:friday"], "times": [{"start_time": "08:00", "end_time": "18:00"}], "location": "Europe/Berlin"}
    ]
    return {
        "route": tree,
        "time_intervals": [{"name": "hours", "time_intervals": times}],
        "receivers": [{"name": "room", "webhook_configs": [{"url": "x"}]}, {"name": "nobody"}],
    }


def alert(name: str, since: int, until: int, point: str = "line", severity: str = "critical") -> Firing:
    labels = {"alertname": name, "contact_point": point, "channel": "phone", "severity": severity}
    return Firing(labels, NINE + since, NINE + until)


def told(how: dict[str, Any], *alerts: Firing) -> list[tuple[int, list[str], list[str]]]:
    """When, what fires, what has ended."""
    return [
        (message.at - NINE, [each.name for each in message.firing], [each.name for each in message.ended])
        for message in Alertmanager(how).messages(alerts)
    ]


def test_an_alert_is_told_once_and_its_end_at_the_next_flush() -> None:
    assert told(config(), alert("A", 0, 400)) == [(10, ["A"], []), (610, [], ["A"])]


def test_an_end_exactly_at_a_flush_is_told_then() -> None:
    assert told(config(), alert("A", 0, 310)) == [(10, ["A"], []), (310, [], ["A"])]


def test_what_ends_before_it_is_told_is_never_told() -> None:
    assert told(config(), alert("A", 0, 10)) == []


def test_another_in_the_same_group_waits_for_the_flush() -> None:
    assert told(config(), alert("A", 0, 700), alert("B", 20, 700)) == [
        (10, ["A"], []), (310, ["A", "B"], []), (910, [], ["A", "B"]),
    ]  # fmt: skip


def test_another_contact_point_is_another_message() -> None:
    assert told(config(), alert("A", 0, 100), alert("A", 0, 100, "other")) == [
        (10, ["A"], []), (10, ["A"], []), (310, [], ["A"]), (310, [], ["A"]),
    ]  # fmt: skip


def test_it_is_repeated_at_the_first_flush_after_the_interval() -> None:
    # told at 10; one hour later is 3610, and a flush at exactly that moment is not yet later
    assert [at for at, *_ in told(config(), alert("A", 0, 2 * HOUR))] == [10, 3910, 7210]


def test_outside_its_hours_nobody_is_told_and_in_the_morning_they_are() -> None:
    evening = 9 * HOUR  # 18:00
    how = config(active_time_intervals=["hours"])
    assert told(how, alert("A", evening, evening + HOUR)) == []
    # flushed every five minutes, ten seconds after full ones: first at 08:00:10
    assert told(how, alert("A", evening, 25 * HOUR)) == [
        (23 * HOUR + 10, ["A"], []), (24 * HOUR + 310, ["A"], []), (25 * HOUR + 10, [], ["A"]),
    ]  # fmt: skip


def test_a_receiver_without_anything_to_send_to_is_told_nothing() -> None:
    assert told(config(receiver="nobody"), alert("A", 0, 100)) == []


def test_mail_does_not_say_what_has_ended_unless_asked() -> None:
    how = config()
    how["receivers"][0] = {"name": "room", "email_configs": [{"to": "x"}]}
    assert told(how, alert("A", 0, 400)) == [(10, ["A"], [])]


INHIBITED = [
    {"source_matchers": ['alertname="A"', 'channel!=""'], "target_matchers": ['alertname="B"'], "equal": ["contact_point"]}
]


def test_an_inhibited_alert_is_not_told_until_the_other_has_ended() -> None:
    how = config() | {"inhibit_rules": INHIBITED}
    assert told(how, alert("A", 0, 400), alert("B", 0, 900)) == [(10, ["A"], []), (610, ["B"], ["A"]), (910, [], ["B"])]


def test_another_contact_points_alert_inhibits_nothing() -> None:
    how = config() | {"inhibit_rules": INHIBITED}
    assert told(how, alert("A", 0, 100, "other"), alert("B", 0, 100)) == [
        (10, ["A"], []), (10, ["B"], []), (310, [], ["A"]), (310, [], ["B"]),
    ]  # fmt: skip


def test_the_first_route_that_matches_is_taken_and_what_it_does_not_say_is_inherited() -> None:
    below = [
        {"matchers": ['severity="info"'], "receiver": "nobody"},
        {"matchers": ['severity=~"critical|warning"'], "group_wait": "1m"},
    ]
    how = config(routes=below)
    assert told(how, alert("A", 0, 400, severity="info")) == []
    assert told(how, alert("A", 0, 400, severity="warning")) == [(60, ["A"], []), (660, [], ["A"])]
    assert told(how, alert("A", 0, 400, severity="none")) == [(10, ["A"], []), (610, [], ["A"])]


def test_a_route_that_continues_lets_the_next_one_have_it_too() -> None:
    below = [{"matchers": ['severity="critical"'], "continue": True}, {"matchers": ['channel="phone"'], "group_wait": "20s"}]
    assert [at for at, *_ in told(config(routes=below), alert("A", 0, 100))] == [10, 20, 310, 320]


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ('a="x"', {"a": "x"}, True),
        ('a="x"', {}, False),
        ('a!="x"', {}, True),
        ('a!=""', {}, False),
        ('a=~"x|y"', {"a": "y"}, True),
        ('a=~"x"', {"a": "xy"}, False),
        ('a!~"x.*"', {"a": "xy"}, False),
    ],
)
def test_matchers(text: str, labels: dict[str, str], expected: bool) -> None:
    [matcher] = matchers([text])
    assert matcher.matches(labels) is expected


def test_what_is_no_matcher_is_refused() -> None:
    with pytest.raises(ValueError, match="not all"):
        matchers(["a b"])
