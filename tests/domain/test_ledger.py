"""Counting exactly once: the same look twice, events that come late, signals taken back, contacts that change their week."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.ledger import bucket, le_label, week_start
from tests.domain.contact_lines import Books, at, call, policy, ticket

MONDAY = "2026-11-02"
ANSWERED = call("queued 0", "ringing 2", "answered 25", "held 30", "unheld 40", "ended 60")


def phone() -> Books:
    return Books(policy("phone"))


def test_a_call_is_counted_with_all_its_parts() -> None:
    """25 s in the queue is late; 23 s of ringing are 8 rings of 3 s, the fifth began at 14 s; the hold took 10 s."""
    books = phone()
    assert sorted(books.evaluate(ANSWERED, at("100"))) == ["long_wait", "slow_answer"]
    assert books.deltas.totals == {
        ("contacts_total", ("phone", "line", "inbound")): 1,
        ("outcomes_total", ("phone", "line", "answered", "false")): 1,
        ("assessed_total", ("phone", "line", "long_wait")): 1,
        ("assessed_total", ("phone", "line", "slow_answer")): 1,
        ("assessed_total", ("phone", "line", "long_hold")): 1,
        ("assessed_total", ("phone", "line", "turned_away")): 1,
        ("assessed_total", ("phone", "line", "abandoned")): 1,
        ("assessed_total", ("phone", "line", "handed_on")): 1,
        ("signals_total", ("phone", "line", "long_wait")): 1,
        ("signals_total", ("phone", "line", "slow_answer")): 1,
        ("wait_seconds_bucket", ("phone", "line", "queue", "30.0")): 1,
        ("wait_seconds_sum", ("phone", "line", "queue")): 25,
        ("wait_seconds_bucket", ("phone", "line", "ring", "24.0")): 1,
        ("wait_seconds_sum", ("phone", "line", "ring")): 23,
        ("wait_seconds_bucket", ("phone", "line", "hold", "10.0")): 1,
        ("wait_seconds_sum", ("phone", "line", "hold")): 10,
        ("rings_bucket", ("phone", "line", "8.0")): 1,
        ("rings_sum", ("phone", "line")): 8,
    }
    assert books.weeks() == {
        ("long_wait", MONDAY): (1, 1), ("slow_answer", MONDAY): (1, 1), ("long_hold", MONDAY): (1, 0),
        ("turned_away", MONDAY): (1, 0), ("abandoned", MONDAY): (1, 0), ("handed_on", MONDAY): (1, 0),
    }  # fmt: skip


def test_the_same_batch_twice_changes_nothing() -> None:
    books = phone()
    books.evaluate(ANSWERED, at("100"))
    totals, weeks, counted = dict(books.deltas.totals), books.weeks(), books.counted
    assert books.evaluate(ANSWERED, at("100")) == []
    assert books.evaluate(reversed(ANSWERED), at("900")) == []
    assert (dict(books.deltas.totals), books.weeks(), books.counted) == (totals, weeks, counted)


def test_a_signal_is_counted_when_its_limit_passes_and_not_again_when_the_wait_ends() -> None:
    books = phone()
    assert books.evaluate(call("queued 0"), at("20")) == []
    assert books.total("assessed_total") == 0
    assert books.evaluate((), at("20.000001")) == ["long_wait"]
    assert (books.total("assessed_total"), books.total("signals_total")) == (1, 1)
    assert books.total("wait_seconds_sum") == 0  # it goes on
    assert books.evaluate(call("answered 25"), at("25")) == []
    assert (books.total("signals_total"), books.total("wait_seconds_sum", "queue")) == (1, 25)


def test_one_after_the_other_or_all_at_once_is_the_same() -> None:
    books, at_once = phone(), phone()
    for event in ANSWERED:
        books.evaluate([event], event.at)
    books.evaluate((), at("100"))
    at_once.evaluate(ANSWERED, at("100"))
    assert books.deltas == at_once.deltas
    assert books.counted == at_once.counted


def test_a_late_answer_takes_a_signal_back_counters_do_not_go_down_the_week_does() -> None:
    books = phone()
    books.evaluate(call("queued 0"), at("60"))
    assert books.weeks() == {("long_wait", MONDAY): (1, 1)}
    books.evaluate(call("answered 15"), at("60"))
    assert books.total("signals_total", "long_wait") == 1
    assert books.total("signals_retracted_total", "long_wait") == 1
    assert books.total("assessed_total", "long_wait") == 1
    assert books.weeks() == {
        ("long_wait", MONDAY): (1, 0), ("abandoned", MONDAY): (1, 0), ("turned_away", MONDAY): (1, 0),
    }  # fmt: skip
    assert "s:long_wait:queued-1" not in books.counted


def test_a_late_abandon_makes_the_wait_count_neither_as_good_nor_as_bad() -> None:
    books = phone()
    books.evaluate(call("queued 0"), at("60"))
    books.evaluate(call("left 4 reason=caller"), at("60"))
    assert (books.total("signals_total"), books.total("signals_retracted_total")) == (1, 1)
    assert books.weeks() == {("turned_away", MONDAY): (1, 0)}


def test_a_retracted_signal_that_proves_true_is_counted_again() -> None:
    books = phone()
    books.evaluate(call("queued 0"), at("60"))
    books.evaluate(call("answered 15 id=a rough"), at("60"))
    books.evaluate(call("answered 25 id=a"), at("60"))
    assert (books.total("signals_total", "long_wait"), books.total("signals_retracted_total", "long_wait")) == (2, 1)
    assert books.weeks()["long_wait", MONDAY] == (1, 1)


@pytest.mark.parametrize("order", ["012", "021", "102", "120", "201", "210"])
def test_an_outcome_is_counted_once_in_whatever_order_a_call_is_told(order: str) -> None:
    told = call("queued 0", "ringing 2", "left 9 reason=caller")
    books = phone()
    for place in order:
        books.evaluate([told[int(place)]], at("9"))
    assert books.total("outcomes_total") == 1
    assert books.total("contacts_total") == 1
    assert books.weeks() == {("abandoned", MONDAY): (1, 1), ("turned_away", MONDAY): (1, 0)}


def test_a_resolution_is_assessed_once_in_whatever_order_a_ticket_is_told() -> None:
    books = Books(policy("ticket", hours=True))
    for event in reversed(ticket("received mon@09:00", "replied mon@10:00", "resolved tue@09:00")):
        books.evaluate([event], at("tue@10:00"))
    assert books.total("assessed_total", "late_resolution") == 1
    assert books.total("outcomes_total", "resolved") == 1
    assert books.weeks()["late_resolution", MONDAY] == (1, 0)


def test_a_contact_that_proves_to_have_begun_earlier_moves_to_its_own_week() -> None:
    books = Books(policy("ticket", hours=True))
    books.evaluate(ticket("received mon+1@09:00"), at("mon+1@17:00"))
    assert books.weeks() == {("late_reply", "2026-11-09"): (1, 1)}
    books.evaluate(ticket("received fri@17:00 id=earlier"), at("mon+1@17:00"))
    assert books.weeks() == {("late_reply", MONDAY): (1, 1)}
    assert books.total("signals_total") - books.total("signals_retracted_total") == 1


def test_reopened_counts_as_a_signal_of_the_resolution_that_was_already_assessed() -> None:
    books = Books(policy("ticket"))
    books.evaluate(ticket("received 0", "replied 5", "resolved 10"), at("20"))
    assert (books.total("assessed_total", "reopened"), books.total("signals_total", "reopened")) == (1, 0)
    assert books.evaluate(ticket("received 30 id=again"), at("40")) == ["reopened"]
    assert (books.total("assessed_total", "reopened"), books.total("signals_total", "reopened")) == (1, 1)


@pytest.mark.parametrize(
    ("counted_at", "history"),
    [("20.000001", 0), ("3620", 0), ("3620.000001", 0), ("3620.000002", 1), ("tue@09:00", 1)],
)
def test_what_is_counted_more_than_an_hour_after_it_fell_is_history(counted_at: str, history: int) -> None:
    """The limit of 20 s is passed at 20.000001 s."""
    books = phone()
    books.evaluate(call("queued 0"), at("21"), at(counted_at))
    assert (books.total("assessed_total"), books.total("signals_total")) == (1, 1)
    assert (books.total("history_assessed_total"), books.total("history_signals_total")) == (history, history)


def test_what_is_kept_is_history_by_the_moment_at_which_the_wait_ended() -> None:
    """The queue was left at 15 s, the call at 60 s: that it was handed on is kept only then."""
    books = phone()
    books.evaluate(call("queued 0", "answered 15", "ended 60"), at("60"), at("3620"))
    for signal, history in (("long_wait", 1), ("abandoned", 1), ("turned_away", 1), ("handed_on", 0)):
        assert books.total("assessed_total", signal) == 1
        assert books.total("history_assessed_total", signal) == history, signal
    assert books.total("history_signals_total") == 0


def test_a_signal_of_today_on_what_was_assessed_as_history_is_none() -> None:
    books = Books(policy("ticket"))
    books.evaluate(ticket("received 0", "replied 5", "resolved 10"), at("20"), at("4000"))
    assert (books.total("assessed_total", "reopened"), books.total("history_assessed_total", "reopened")) == (1, 1)
    books.evaluate(ticket("received 3900 id=again"), at("3900"), at("4000"))
    assert (books.total("assessed_total", "reopened"), books.total("history_assessed_total", "reopened")) == (1, 1)
    assert (books.total("signals_total", "reopened"), books.total("history_signals_total", "reopened")) == (1, 0)


def test_history_is_counted_once_and_a_retraction_leaves_it() -> None:
    books = phone()
    books.evaluate(call("queued 0"), at("60"), at("5000"))
    books.evaluate((), at("60"), at("9000"))
    books.evaluate(call("answered 15"), at("60"), at("9000"))
    assert (books.total("signals_total", "long_wait"), books.total("signals_retracted_total", "long_wait")) == (1, 1)
    assert books.total("history_signals_total", "long_wait") == 1
    assert books.total("history_assessed_total", "long_wait") == 1


def test_a_clock_of_a_source_that_is_ahead_makes_no_history() -> None:
    books = phone()
    books.evaluate(call("queued 7200"), at("7300"), at("0"))
    assert (books.total("signals_total"), books.total("history_signals_total")) == (1, 0)


def test_a_message_that_proves_to_be_a_signal_names_ids_with_colons_correctly() -> None:
    books = phone()
    books.evaluate(call("queued 0 id=1699.1:support:2"), at("60"))
    books.evaluate(call("answered 15"), at("60"))
    assert books.total("signals_retracted_total", "long_wait") == 1


@pytest.mark.parametrize(
    ("seconds", "label"),
    [(0.0, "5.0"), (5.0, "5.0"), (5.000001, "10.0"), (20.0, "20.0"), (20.000001, "+Inf"), (1e9, "+Inf")],
)
def test_a_value_on_a_bound_belongs_to_it(seconds: float, label: str) -> None:
    assert bucket((5.0, 10.0, 20.0), seconds) == label


def test_bounds_are_labelled_as_prometheus_expects() -> None:
    assert [le_label(bound) for bound in (5, 4.5, 86400, float("inf"))] == ["5.0", "4.5", "86400.0", "+Inf"]


@pytest.mark.parametrize(
    ("moment", "zone", "monday"),
    [
        ("2026-11-08T23:59:59.999999", "Europe/London", "2026-11-02"),
        ("2026-11-09T00:00:00", "Europe/London", "2026-11-09"),
        ("2026-11-08T22:59:59.999999", "Europe/Berlin", "2026-11-02"),
        ("2026-11-08T23:00:00", "Europe/Berlin", "2026-11-09"),
        ("2026-03-29T23:00:00", "Europe/London", "2026-03-30"),  # summer time since the morning
        ("2026-03-29T22:59:59.999999", "Europe/London", "2026-03-23"),
        ("2027-01-03T12:00:00", "UTC", "2026-12-28"),  # 2026-W53
        ("2026-11-08T10:59:59", "Pacific/Auckland", "2026-11-02"),
        ("2026-11-08T11:00:00", "Pacific/Auckland", "2026-11-09"),
    ],
)
def test_a_week_begins_on_monday_in_the_contact_points_zone(moment: str, zone: str, monday: str) -> None:
    assert week_start(datetime.fromisoformat(moment).replace(tzinfo=UTC), ZoneInfo(zone)) == monday
