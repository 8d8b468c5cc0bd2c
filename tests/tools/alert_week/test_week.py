"""The simulated week: the same for the same seed, counted by hand where it can be, and its short form through the real rules."""

import io
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers.requirement import require
from tools.alert_week import report, samples, truth, week
from tools.alert_week.phone import expected_late, people_needed
from tools.alert_week.places import HOUR, Caller, Lived, Wait
from tools.alert_week.run import Result, run

CONFIG = Path(__file__).parents[3] / "config"
LINE = week.LINES[1].place
#: Monday, 2 November 2026, 09:00 in Berlin.
NINE = week.MONDAY.timestamp() + 9 * HOUR


def test_the_same_seed_gives_the_same_week_and_another_one_another() -> None:
    plan = week.the_week()
    assert week.live(plan, 7) == week.live(plan, 7)
    assert week.live(plan, 7) != week.live(plan, 8)


def test_nobody_calls_while_a_line_is_closed_and_letters_come_at_any_hour() -> None:
    for lived in week.live(week.the_week(), 7):
        outside = [at for at in lived.contacts if not lived.place.is_open(at)]
        assert bool(outside) == (lived.place.channel != "phone")


@pytest.mark.parametrize(
    ("late", "callers", "bad"),
    [
        (3, 5, True),
        (2, 4, False),  # half is not more than half
        (3, 4, True),
        (3, 3, False),  # too few to tell
    ],
)
def test_an_hour_is_bad_when_more_than_half_of_at_least_four_callers_waited_too_long(late: int, callers: int, bad: bool) -> None:
    lived = Lived(LINE, callers=[Caller(NINE + 60 * number, late=number < late) for number in range(callers)])
    assert truth.hours([lived]) == [truth.Hour("support-line", NINE, callers, late)]
    assert truth.hours([lived])[0].bad is bad


def test_the_hour_of_a_caller_is_the_one_in_which_they_came() -> None:
    lived = Lived(LINE, callers=[Caller(NINE - 0.1, late=True), Caller(NINE, late=False)])
    assert [(hour.start, hour.late) for hour in truth.hours([lived])] == [(NINE - HOUR, 1), (NINE, 0)]


def test_people_are_as_many_as_erlang_c_wants() -> None:
    # two erlangs and three people: P(wait) = 4/9; of these exp(-(3 - 2) * 20 / 240) wait longer than 20 s
    assert expected_late(2.0, 3, 20) == pytest.approx(4 / 9 * 0.92004, rel=1e-4)
    assert expected_late(2.0, 2, 20) == 1.0
    # four people: P(wait) = 4/23, and 0.174 * exp(-1/6) = 0.147 are no more than 0.15
    assert people_needed(30, 20) == 4


def sampled(lived: Lived) -> dict[str, list[float | None]]:
    """Metric and labels without those of the target -> its values at 09:00, 09:01 and 09:02."""
    stamps = [NINE, NINE + 60, NINE + 120]
    target = 'job="contact-monitor",instance="127.0.0.1:9760",'
    return {name.replace(target, ""): list(values) for name, values in samples.series([lived], stamps)}


def test_a_wait_shows_in_the_gauges_from_its_beginning_to_its_end() -> None:
    found = sampled(Lived(LINE, waits=[Wait("queue", NINE + 30, NINE + 120, NINE + 50)]))
    here = '{channel="phone",contact_point="support-line",wait="queue"}'
    assert found["contactpoint_waiting" + here] == [0, 1, 0]  # over at 09:02:00
    assert found["contactpoint_overdue" + here] == [0, 1, 0]
    assert found["contactpoint_oldest_wait_start_timestamp_seconds" + here] == [None, NINE + 30, None]
    assert found["contactpoint_oldest_wait_business_seconds" + here] == [0, 30, 0]


def test_a_counter_counts_at_the_moment_and_not_before() -> None:
    lived = Lived(LINE)
    lived.judge("long_wait", NINE + 60, bad=True)
    lived.judge("long_wait", NINE + 60.1, bad=False)
    found = sampled(lived)
    here = '{channel="phone",contact_point="support-line",signal="long_wait"}'
    assert found["contactpoint_assessed_total" + here] == [0, 1, 2]
    assert found["contactpoint_signals_total" + here] == [0, 1, 1]


def test_the_text_is_what_openmetrics_wants() -> None:
    out = io.StringIO()
    samples.write_constant(out, "ALERTS", {"__name__": "x", "point": 'a "b"\\'}, [60.0])
    assert out.getvalue() == 'ALERTS{point="a \\"b\\"\\\\"} 1 60\n'


def through_the_rules(plan: week.Plan, seed: int) -> Result:
    """The committed rules and routing."""
    require("prometheus")
    require("promtool")
    content: list[Any] = [
        yaml.safe_load((CONFIG / name).read_text(encoding="utf-8"))
        for name in ("prometheus/rules.yml", "alertmanager/alertmanager.yml")
    ]
    return run(plan, seed, *content)


def test_on_a_day_with_too_few_people_every_bad_hour_is_told_within_25_minutes() -> None:
    result = through_the_rules(week.one_day(shortages=2), seed=10)
    told = report.told(result)
    # counted from the callers: 28 of 29 at ten o'clock, 11 of 15 at noon
    assert [(each.hour.point, each.hour.callers, each.hour.late) for each in told] == [
        ("support-line", 29, 28),
        ("support-line", 15, 11),
    ]
    assert all(each.first is not None and each.first <= report.IN_TIME_MINUTES for each in told), told
    assert report.figures(result).at_night == 0


def test_a_quiet_day_pages_nobody() -> None:
    result = through_the_rules(week.one_day(shortages=0), seed=6)
    assert all(
        hour.late <= 0.2 * hour.callers for hour in result.hours if hour.callers >= truth.FEWEST
    )  # as the objective allows
    assert report.pages(result) == []
    assert not [message for message in result.messages if message.receiver == "control-room-urgent"]
