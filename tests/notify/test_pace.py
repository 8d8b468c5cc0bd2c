"""Grouping, the limit of messages an hour, receivers that cannot be reached, and what nobody was told."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.domain.durations import parse_duration
from monitor.domain.snapshot import PointState
from monitor.notify.planning import refilled
from monitor.notify.values import GROUP_INTERVAL, GROUP_WAIT, Budget
from monitor.publish.rules.burn import ON_THE_LINE
from tests.notify.watch import Watch, line, receiver
from tests.publish.snapshots import NOW, point, waits

HELD = waits(1, 1, 241)
EXAMPLE = Path(__file__).parents[2] / "config" / "alertmanager" / "alertmanager.yml"


def lines(number: int) -> list[PointState]:
    """So many lines, on each of which somebody has been on hold for far too long."""
    held = line(holds=HELD)
    return [replace(held, info=replace(held.info, name=f"line-{n:02}", title=f"Line {n}")) for n in range(number)]


def test_whatever_is_wrong_at_one_contact_point_is_one_message() -> None:
    watch = Watch()
    chat = point(
        "chat",
        "chat",
        {"reply": waits(1, 1, 200_000, 60, 1), "follow_up": waits(1, 1, 200_000)},
        title="Chat",
        limits={"late_reply": 600.0, "late_follow_up": 600.0},
    )
    watch.pass_time(290, chat)
    watch.pass_time(600, chat)
    assert watch.titles == [
        "FIRING: Chat: customers are about to wait over the limit",
        "FIRING: Chat: a message has stayed unanswered for days (2 alerts)",
    ]
    text = watch.sent[1][2].text
    assert text.count("FIRING: Chat: a message has stayed unanswered for days\n") == 2
    assert text.endswith("\n\nFiring here since before: 1.")


def test_two_contact_points_are_two_messages_one_after_the_other() -> None:
    watch = Watch()
    watch.pass_time(60, *lines(2))
    assert [(seconds, said.title) for seconds, _, said in watch.sent] == [
        (40, "FIRING: Line 0: a customer is on hold far too long"),
        (45, "FIRING: Line 1: a customer is on hold far too long"),
    ]


def test_no_hour_has_more_messages_than_allowed_and_the_rest_is_told_as_a_number() -> None:
    watch = Watch(receiver(an_hour=10))
    watch.pass_time(7200, *lines(40))
    moments = [seconds for seconds, _, _ in watch.sent]
    assert moments[:5] == [40, 45, 50, 55, 60]  # half of it at once
    assert moments[5] == pytest.approx(40 + 720, abs=5)  # the other half by and by, one in twelve minutes
    assert all(sum(begun <= each < begun + 3600 for each in moments) <= 10 for begun in moments)
    assert watch.sent[0][2].text.endswith(
        "\n\nAlerts that wait for their turn, as no more than 10 messages an hour are sent: 39."
    )


def test_what_ends_while_it_waits_for_its_turn_is_told_as_a_number() -> None:
    watch = Watch(receiver(an_hour=2))
    watch.pass_time(120, *lines(4))
    assert len(watch.sent) == 1
    watch.pass_time(3600, *(replace(each, running={}) for each in lines(4)[1:]), lines(4)[0])
    assert watch.titles[1:] == []  # nothing more to tell, so nothing is sent
    watch.pass_time(3600, *(replace(each, running={}) for each in lines(4)))
    assert watch.titles[1:] == ["RESOLVED: Line 0: a customer is on hold far too long"]
    assert watch.sent[1][2].text.endswith("\n\nAlerts that came and went before they could be told: 3.")
    watch.pass_time(3600, *lines(4)[:1])
    assert "came and went" not in watch.sent[2][2].text


def test_critical_ones_go_before_what_has_waited_longer() -> None:
    watch = Watch(receiver(an_hour=2))
    strict = line(objectives={"turned_away": 1.0})
    turned_away = ("signals_total", ("phone", "billing", "turned_away"))
    watch.pass_time(3300, *lines(2), strict, totals={turned_away: 0.0})
    watch.pass_time(400, *lines(2), strict, totals={turned_away: 1.0})
    assert watch.titles == [
        "FIRING: Line 0: a customer is on hold far too long",
        "FIRING: Billing line: callers are turned away, and not one is allowed",
    ]
    assert watch.sent[1][2].text.endswith("no more than 2 messages an hour are sent: 1.")


def test_a_receiver_that_cannot_be_reached_is_told_how_things_stand_when_it_can_be_again() -> None:
    watch = Watch(receiver("mail"), receiver("chat"))
    watch.unreachable = {"mail"}
    watch.pass_time(600, *lines(2))
    watch.pass_time(600, lines(2)[0], replace(lines(2)[1], running={}))
    watch.unreachable = set()
    watch.pass_time(60, lines(2)[0], replace(lines(2)[1], running={}))
    mail = [said for _, message, said in watch.sent if message.receiver == "mail"]
    assert [said.title for said in mail] == ["FIRING: Line 0: a customer is on hold far too long"]
    assert mail[0].text.endswith("\n\nAlerts that came and went before they could be told: 1.")
    chat = [said.title for _, message, said in watch.sent if message.receiver == "chat"]
    assert [title.split(":")[0] for title in chat] == ["FIRING", "FIRING", "RESOLVED"]


def test_a_receiver_that_is_added_is_told_what_fires_and_one_that_is_gone_is_forgotten() -> None:
    watch = Watch(receiver("old"))
    watch.pass_time(600, line(holds=HELD))
    watch.receivers = (receiver("new"),)
    watch.pass_time(600, line(holds=HELD))
    watch.pass_time(600, line())
    assert [(message.receiver, said.title.split(":")[0]) for _, message, said in watch.sent] == [
        ("old", "FIRING"),
        ("new", "FIRING"),
        ("new", "RESOLVED"),
    ]
    assert "old" not in watch.state.budgets


def test_of_many_alerts_ten_of_a_kind_are_shown() -> None:
    watch = Watch(receiver(severities=["critical"]))
    strict = line(objectives={f"signal_{n:02}": 1.0 for n in range(12)})
    before = {("signals_total", ("phone", "billing", f"signal_{n:02}")): 0.0 for n in range(12)}
    watch.pass_time(5, strict, totals=before)
    watch.pass_time(60, strict, totals=dict.fromkeys(before, 1.0))
    assert watch.titles == ["FIRING: Billing line: 12 alerts"]
    assert watch.sent[0][2].text.count("FIRING: ") == 10
    assert "12 in all; ten of a kind are shown." in watch.sent[0][2].text


def test_names_from_outside_stay_on_their_line_and_call_nobody() -> None:
    watch = Watch()
    hostile = line(holds=HELD)
    watch.pass_time(60, replace(hostile, info=replace(hostile.info, title="R&D\r\nBcc: a@b <!channel>")))
    assert watch.titles == ["FIRING: R&D  Bcc: a@b !channel: a customer is on hold far too long"]


def test_a_clock_that_is_set_back_silences_nobody() -> None:
    watch = Watch()
    watch.pass_time(60, *lines(1))
    watch.now -= timedelta(days=1)
    watch.pass_time(330, line())
    assert watch.titles == [
        "FIRING: Line 0: a customer is on hold far too long",
        "RESOLVED: Line 0: a customer is on hold far too long",
    ]
    watch.pass_time(20, *lines(1))
    watch.now -= timedelta(days=1)
    watch.pass_time(400, *lines(1))
    assert len(watch.sent) == 3


@pytest.mark.parametrize(
    ("before", "seconds", "left"),
    [(None, 0, 15.0), (0.0, 0, 0.0), (0.0, 240, 1.0), (0.0, 7200, 15.0), (14.5, 3600, 15.0), (3.0, -3600, 3.0)],
)
def test_a_budget_of_thirty_an_hour_fills_by_fifteen_an_hour(before: float | None, seconds: float, left: float) -> None:
    budget = None if before is None else Budget(before, NOW)
    assert refilled(budget, receiver(an_hour=30), NOW + timedelta(seconds=seconds)).messages == left


def test_the_waits_of_groups_and_who_may_be_told_at_night_are_those_of_the_example_for_alertmanager() -> None:
    route: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text())["route"]
    [customers] = [each for each in route["routes"] if each["matchers"] == ['family="customer"']]
    waits_of = {"customer": parse_duration(customers["group_wait"]), "source": parse_duration(route["group_wait"])}
    assert waits_of == GROUP_WAIT
    assert parse_duration(route["group_interval"]) == GROUP_INTERVAL
    matchers = [matcher for each in customers["routes"] for matcher in each.get("matchers", [])]
    assert 'signal=~"' + "|".join(("long_wait", "slow_answer", "abandoned", "long_hold")) + '"' in matchers
    assert set(ON_THE_LINE) == {"long_wait", "slow_answer", "abandoned", "long_hold"}
