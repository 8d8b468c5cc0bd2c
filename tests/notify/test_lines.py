"""People on the line: when somebody is told, in which words, and when it is over."""

from dataclasses import replace

import pytest

from monitor.domain.snapshot import Running
from tests.notify.watch import LIMITS, Totals, Watch, line, receiver
from tests.publish.snapshots import source, waits

HELD_LONG = waits(1, 1, 241)
HELD_AT_TWICE_THE_LIMIT = waits(1, 1, 240)
NOBODY = waits(0)


def test_a_hold_of_more_than_twice_its_limit_is_told_once_after_thirty_seconds_and_the_wait_of_its_group() -> None:
    watch = Watch()
    watch.pass_time(3600, line(holds=HELD_LONG))
    assert [seconds for seconds, _, _ in watch.sent] == [40]  # it holds for 30 s, then its group waits 10 s
    [said] = [each for _, _, each in watch.sent]
    assert said.title == "FIRING: Billing line: a customer is on hold far too long"
    assert said.text == (
        "A customer has been on hold for 4 min, since Mon 2 Nov 09:25 GMT; on hold now: 1. The limit is 2 min. "
        "First: ask whoever has the call to take it up, or to call back.\n"
        "Page: http://monitor.example/contact-points/billing"
    )
    assert said.level == "warning"


def test_a_hold_of_exactly_twice_its_limit_is_not_told() -> None:
    watch = Watch()
    watch.pass_time(600, line(holds=HELD_AT_TWICE_THE_LIMIT))
    assert watch.sent == []


def test_a_hold_that_ends_before_thirty_seconds_is_not_told() -> None:
    watch = Watch()
    watch.pass_time(30, line(holds=HELD_LONG))
    watch.pass_time(600, line(holds=NOBODY))
    assert watch.sent == []


def test_its_end_is_told_once_five_minutes_after_the_last_message() -> None:
    watch = Watch()
    watch.pass_time(60, line(holds=HELD_LONG))
    watch.pass_time(3600, line(holds=NOBODY))
    assert [seconds for seconds, _, _ in watch.sent] == [40, 340]
    _, _, over = watch.sent[1]
    assert over.title == "RESOLVED: Billing line: a customer is on hold far too long"
    assert over.text == (
        "It began on Mon 2 Nov 09:30 GMT and ended on Mon 2 Nov 09:31 GMT.\nPage: http://monitor.example/contact-points/billing"
    )
    assert over.level == "success"


def test_one_who_has_hung_up_is_not_told_of_again_with_the_next_one_within_the_interval() -> None:
    watch = Watch()
    watch.pass_time(60, line(holds=HELD_LONG))
    watch.pass_time(30, line(holds=NOBODY))
    watch.pass_time(600, line(holds=HELD_LONG))
    assert len(watch.sent) == 1  # it goes on: its end was not told yet


def test_a_restart_neither_repeats_nor_forgets() -> None:
    watch = Watch()
    watch.pass_time(35, line(holds=HELD_LONG))
    watch.restart()  # it fires, and was not told yet
    watch.pass_time(60, line(holds=HELD_LONG))
    watch.restart()
    watch.pass_time(600, line(holds=HELD_LONG))
    watch.restart()
    watch.pass_time(600, line(holds=NOBODY))
    assert watch.titles == [
        "FIRING: Billing line: a customer is on hold far too long",
        "RESOLVED: Billing line: a customer is on hold far too long",
    ]


def test_killed_while_a_message_is_on_its_way_it_is_told_again() -> None:
    watch = Watch()
    watch.killed_at_the_next_message = True
    watch.pass_time(300, line(holds=HELD_LONG))
    assert [seconds for seconds, _, _ in watch.sent] == [45]


def test_killed_while_a_message_is_on_its_way_its_end_is_told_for_it_may_have_arrived() -> None:
    watch = Watch()
    watch.killed_at_the_next_message = True
    watch.pass_time(45, line(holds=HELD_LONG))
    watch.pass_time(300, line(holds=NOBODY))
    assert watch.titles == ["RESOLVED: Billing line: a customer is on hold far too long"]


def test_a_source_that_falls_silent_ends_nothing() -> None:
    watch = Watch()
    watch.pass_time(60, line(holds=HELD_LONG))
    watch.pass_time(7200, replace(line(), running=None))
    assert watch.titles == ["FIRING: Billing line: a customer is on hold far too long"]
    watch.pass_time(60, line(holds=NOBODY))
    assert watch.titles[1:] == ["RESOLVED: Billing line: a customer is on hold far too long"]


def test_what_fires_and_cannot_be_seen_before_it_was_told_is_told_when_it_can_be_seen_again() -> None:
    watch = Watch()
    watch.pass_time(35, line(holds=HELD_LONG))  # it fires, and its group waits
    watch.pass_time(600, replace(line(), running=None))
    assert watch.sent == []
    watch.pass_time(15, line(holds=HELD_LONG))
    assert watch.titles == ["FIRING: Billing line: a customer is on hold far too long"]


def test_nothing_begins_where_nobody_can_see_or_that_is_closed() -> None:
    watch = Watch()
    watch.pass_time(600, line(holds=HELD_LONG, is_open=False))
    assert watch.sent == []


def test_what_began_while_open_goes_on_when_the_desk_closes_and_its_end_is_told_at_night() -> None:
    watch = Watch()
    watch.pass_time(60, line(holds=HELD_LONG))
    watch.pass_time(600, line(holds=HELD_LONG, is_open=False))
    assert len(watch.sent) == 1
    watch.pass_time(600, line(holds=NOBODY, is_open=False))
    assert watch.titles[1] == "RESOLVED: Billing line: a customer is on hold far too long"


def test_a_contact_point_that_is_taken_out_of_the_configuration_ends_its_alerts() -> None:
    watch = Watch()
    watch.pass_time(60, line(holds=HELD_LONG))
    watch.pass_time(600)
    assert watch.titles[1:] == ["RESOLVED: Billing line: a customer is on hold far too long"]


QUEUED = waits(2, 2, 101)


def calls(answered: float = 0, came: float = 0) -> Totals:
    return {
        ("outcomes_total", ("phone", "billing", "answered", "true")): answered,
        ("contacts_total", ("phone", "billing", "inbound")): came,
    }


def test_a_queue_is_unanswered_after_ten_minutes_that_somebody_has_watched() -> None:
    watch = Watch()
    watch.pass_time(1200, line(queue=QUEUED), totals=calls(answered=40))
    assert [seconds for seconds, _, _ in watch.sent] == [640]
    [said] = [each for _, _, each in watch.sent]
    assert said.title == "FIRING: Billing line: callers wait and nobody answers"
    assert said.text.startswith(
        "2 callers wait, the first since Mon 2 Nov 09:28 GMT; nobody was answered for ten minutes. "
        "First: see who is logged in, and call the queue yourself."
    )
    assert said.level == "failure"


def test_an_answer_within_ten_minutes_is_an_answer() -> None:
    watch = Watch()
    watch.pass_time(1200, line(queue=NOBODY), totals=calls(answered=40))
    watch.pass_time(600, line(queue=QUEUED), totals=calls(answered=41))
    assert watch.sent == []
    watch.pass_time(45, line(queue=QUEUED), totals=calls(answered=41))
    assert [seconds for seconds, _, _ in watch.sent] == [1200 + 600 + 40]


@pytest.mark.parametrize(
    ("queue", "told"),
    [
        (waits(1, 1, 599), False),
        (waits(1, 1, 600), True),
        (waits(2, 1, 100), False),  # five times the limit is not longer than five times the limit
        (waits(2, 1, 101), True),
        (waits(0), False),
    ],
)
def test_nobody_is_answered_is_said_of_two_people_or_of_one_who_has_waited_ten_minutes(queue: Running, told: bool) -> None:
    watch = Watch()
    watch.pass_time(1200, line(queue=queue), totals=calls())
    assert bool(watch.sent) is told


def test_a_desk_that_has_just_opened_has_had_no_ten_minutes_to_answer() -> None:
    watch = Watch()
    watch.pass_time(1200, line(queue=QUEUED, is_open=False), totals=calls())
    watch.pass_time(630, line(queue=QUEUED), totals=calls())
    assert watch.sent == []
    watch.pass_time(60, line(queue=QUEUED), totals=calls())
    assert len(watch.sent) == 1


def test_it_stays_for_half_an_hour_of_calm() -> None:
    watch = Watch()
    watch.pass_time(700, line(queue=QUEUED), totals=calls())
    watch.pass_time(1800, line(queue=NOBODY), totals=calls(3))
    assert len(watch.sent) == 1
    watch.pass_time(15, line(queue=NOBODY), totals=calls(3))
    assert watch.titles[1] == "RESOLVED: Billing line: callers wait and nobody answers"


def test_a_restart_must_watch_for_ten_minutes_before_it_says_that_nobody_was_answered_but_ends_nothing() -> None:
    watch = Watch()
    watch.pass_time(700, line(queue=QUEUED), totals=calls())
    watch.restart()
    watch.pass_time(3600, line(queue=QUEUED), totals=calls())
    assert len(watch.sent) == 1
    fresh = Watch()
    fresh.pass_time(300, line(queue=QUEUED), totals=calls())
    fresh.restart()
    fresh.pass_time(600, line(queue=QUEUED), totals=calls())
    assert fresh.sent == []


AWAY = {"ready": 0, "busy": 0, "paused": 1, "away": 2}


def test_nobody_is_there_and_two_came() -> None:
    watch = Watch()
    watch.pass_time(60, line(queue=NOBODY, agents=AWAY), totals=calls(came=10))
    watch.pass_time(600, line(queue=waits(2, 2, 30), agents=AWAY), totals=calls(came=12))
    # five minutes from the first look on, then a minute, then the wait of its group
    assert [seconds for seconds, _, _ in watch.sent] == [370]
    [said] = [each for _, _, each in watch.sent]
    assert said.title == "FIRING: Billing line: callers wait and nobody is there to answer"
    assert "for five minutes nobody was ready or busy. Ready or busy: 0, paused: 1, away: 2. First: get somebody" in said.text


def test_one_who_came_is_not_two() -> None:
    watch = Watch()
    watch.pass_time(60, line(queue=NOBODY, agents=AWAY), totals=calls(came=10))
    watch.pass_time(500, line(queue=waits(1, 1, 30), agents=AWAY), totals=calls(came=11))
    assert watch.sent == []


def test_somebody_who_was_there_for_a_moment_begins_the_five_minutes_anew() -> None:
    watch = Watch()
    watch.pass_time(300, line(queue=waits(2, 2, 30), agents=AWAY), totals=calls(came=10))
    watch.pass_time(5, line(queue=waits(2, 2, 30), agents={**AWAY, "busy": 1}), totals=calls(came=12))
    watch.pass_time(360, line(queue=waits(2, 2, 30), agents=AWAY), totals=calls(came=12))
    assert watch.sent == []


def test_the_two_alerts_about_one_queue_are_one_message() -> None:
    watch = Watch()
    queue = waits(3, 3, 900)
    watch.pass_time(60, line(queue=queue, agents=AWAY), totals=calls(came=10))
    watch.pass_time(1200, line(queue=queue, agents=AWAY), totals=calls(came=12))
    assert watch.titles == ["FIRING: Billing line: callers wait and nobody is there to answer"]


def test_a_source_that_no_longer_tells_who_is_there_ends_nothing() -> None:
    watch = Watch()
    watch.pass_time(60, line(queue=waits(2, 2, 30), agents=AWAY), totals=calls(came=10))
    watch.pass_time(600, line(queue=waits(2, 2, 30), agents=AWAY), totals=calls(came=12))
    watch.pass_time(3600, line(queue=NOBODY), totals=calls(came=12))
    assert len(watch.sent) == 1


SIGNALS = ("phone", "billing", "turned_away")


def turned_away(count: float, history: float = 0) -> Totals:
    return {("signals_total", SIGNALS): count, ("history_signals_total", SIGNALS): history}


def test_a_single_negative_contact_where_none_is_allowed() -> None:
    watch = Watch()
    strict = line(objectives={"turned_away": 1.0})
    watch.pass_time(60, strict, totals=turned_away(7))
    watch.pass_time(600, strict, totals=turned_away(8))
    assert [(seconds, said.title) for seconds, _, said in watch.sent] == [
        (70, "FIRING: Billing line: callers are turned away, and not one is allowed")
    ]
    assert watch.sent[0][2].text.startswith("Negative contacts in the last ten minutes: 1. ")
    watch.pass_time(60, strict, totals=turned_away(8))
    assert watch.titles[1:] == ["RESOLVED: Billing line: callers are turned away, and not one is allowed"]


def test_a_single_one_just_before_closing_is_told_after_it() -> None:
    watch = Watch()
    strict = line(objectives={"turned_away": 1.0})
    watch.pass_time(60, strict, totals=turned_away(7))
    watch.pass_time(60, replace(strict, open=False), totals=turned_away(8))
    assert len(watch.sent) == 1
    closed = Watch()
    closed.pass_time(60, replace(strict, open=False), totals=turned_away(7))
    closed.pass_time(60, replace(strict, open=False), totals=turned_away(8))
    assert closed.sent == []


def test_of_a_contact_point_that_appears_while_we_watch_the_first_one_counts() -> None:
    watch = Watch()
    watch.pass_time(60)
    watch.pass_time(60, line(objectives={"turned_away": 1.0}), totals=turned_away(1))
    assert len(watch.sent) == 1


def test_history_is_not_news_and_what_an_objective_allows_is_no_single_alert() -> None:
    watch = Watch()
    strict = line(objectives={"turned_away": 1.0})
    watch.pass_time(60, strict, totals=turned_away(7))
    watch.pass_time(600, strict, totals=turned_away(9, history=2))
    watch.pass_time(600, line(objectives={"turned_away": 0.99}), totals=turned_away(20))
    assert watch.sent == []


def test_a_critical_line_needs_no_objective_of_a_hundred_per_cent() -> None:
    watch = Watch(limits=LIMITS._replace(critical=frozenset(["billing"])))
    watch.pass_time(60, line(objectives={"turned_away": 0.9}), totals=turned_away(0))
    watch.pass_time(60, line(objectives={"turned_away": 0.9}), totals=turned_away(1))
    assert len(watch.sent) == 1


@pytest.mark.parametrize(
    ("signal", "objective", "told"),
    [("repeat_contact", 0.8, False), ("lost_context", 0.95, False), ("repeat_contact", 1.0, True), ("handed_on", 0.95, True)],
)
def test_at_a_critical_line_one_customer_who_comes_again_is_no_alarm_unless_the_objective_says_so(
    signal: str, objective: float, told: bool
) -> None:
    watch = Watch(limits=LIMITS._replace(critical=frozenset(["billing"])))
    here = ("phone", "billing", signal)
    watch.pass_time(60, line(objectives={signal: objective}), totals={("signals_total", here): 0})
    watch.pass_time(60, line(objectives={signal: objective}), totals={("signals_total", here): 1})
    assert bool(watch.sent) is told


def test_what_was_counted_just_before_a_kill_is_not_lost() -> None:
    watch = Watch()
    strict = line(objectives={"turned_away": 1.0})
    watch.pass_time(60, strict, totals=turned_away(7))
    watch.restart()
    watch.pass_time(60, strict, totals=turned_away(8))
    assert len(watch.sent) == 1


def test_a_critical_alert_silences_the_warning_about_the_same_signal() -> None:
    watch = Watch()
    strict = line(holds=HELD_LONG, objectives={"long_hold": 1.0})
    held = ("phone", "billing", "long_hold")
    watch.pass_time(5, strict, totals={("signals_total", held): 3})
    watch.pass_time(120, strict, totals={("signals_total", held): 4})
    assert watch.titles == ["FIRING: Billing line: callers are on hold too long, and not one is allowed"]


def test_the_blind_source_is_one_message_and_its_lines_are_quiet() -> None:
    watch = Watch()
    down = replace(source(up=False), since=watch.now)
    points = [replace(line(), running=None, info=replace(line().info, name=f"line-{n}")) for n in range(60)]
    watch.pass_time(3600, *points, sources=[down])
    assert watch.titles == ["FIRING: pbx: this source cannot be read"]
    watch.pass_time(600, *(replace(each, running={}) for each in points))
    assert watch.titles[1:] == ["RESOLVED: pbx: this source cannot be read"]


def test_teams_and_severities_choose_who_is_told() -> None:
    watch = Watch(
        receiver("billing", teams=["billing"]),
        receiver("sales", teams=["sales"]),
        receiver("pager", severities=["critical"]),
        receiver("machines", families=["source"]),
    )
    watch.pass_time(60, line(holds=HELD_LONG, team="billing"))
    assert [message.receiver for _, message, _ in watch.sent] == ["billing"]
