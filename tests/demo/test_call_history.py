"""The calls of the fortnight before the start: the planned ones, worked out as an export would tell them."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from monitor.demo.call_history import POINTS, _Line, calls_before
from monitor.demo.call_plans import CallPlan, Transfer
from monitor.demo.call_traffic import RECEPTION, SALES, SUPPORT, agents_needed
from monitor.demo.opening import opening_mails, opening_tickets, opening_visits
from monitor.demo.schedule import TimeScale, is_open

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SEED = 7


def told(plan: CallPlan) -> list[tuple[float, str]]:
    """The events of one call that comes alone, in seconds after noon."""
    events, _ = _Line(plan.exten, SEED).call("c", plan, NOON)
    return [((at - NOON).total_seconds(), body["kind"]) for at, body in events]


def plan(exten: str = SUPPORT, **more: Any) -> CallPlan:
    return CallPlan(exten, "02079460000", "Zoë", **more)


@pytest.mark.parametrize(
    ("call", "events"),
    [
        (plan(pickups=(6.0,), talk=60), [(0, "queued"), (0, "ringing"), (6, "answered"), (69, "ended")]),
        (
            plan(pickups=(None, 4.0), talk=60),
            [(0, "queued"), (0, "ringing"), (16, "ringing"), (20, "answered"), (83, "ended")],
        ),
        (plan(pickups=(6.0,), patience=6.0), [(0, "queued"), (0, "ringing"), (6, "left")]),
        (plan(pickups=(None, 4.0), patience=15.0), [(0, "queued"), (0, "ringing"), (15, "left")]),
        (plan(RECEPTION, pickups=(None,), patience=30.0), [(0, "ringing"), (30, "left")]),
        (
            plan(pickups=(2.0,), talk=10, holds=((5, 40),)),
            [(0, "queued"), (0, "ringing"), (2, "answered"), (7, "held"), (47, "unheld"), (60, "ended")],
        ),
        (
            plan(pickups=(2.0,), holds=((5, 40),), ended_by="held"),
            [(0, "queued"), (0, "ringing"), (2, "answered"), (7, "held"), (47, "ended")],
        ),
        (
            plan(pickups=(2.0,), talk=10, transfer=Transfer("blind", SALES, talk=30)),
            [(0, "queued"), (0, "ringing"), (2, "answered"), (15, "transferred"), (48, "ended")],
        ),
    ],
)
def test_one_call_alone(call: CallPlan, events: list[tuple[float, str]]) -> None:
    assert told(call) == events


def test_who_comes_while_all_members_speak_waits_for_the_first_who_is_free() -> None:
    on_duty = agents_needed(SUPPORT, NOON, 1, SEED)
    line = _Line(SUPPORT, SEED)
    for n in range(on_duty):  # each speaks and writes for 3 + 97 + 3 + 10 s, the last begins at on_duty - 1
        line.call(f"c{n}", plan(pickups=(3.0,), talk=97.0), NOON + timedelta(seconds=n))
    for n, free in ((on_duty, 113), (on_duty + 1, 114)):
        events, answered = line.call(f"c{n}", plan(pickups=(3.0,), talk=97.0), NOON + timedelta(seconds=n))
        assert answered
        assert [((at - NOON).total_seconds(), body["kind"]) for at, body in events[:3]] == [
            (n, "queued"), (free, "ringing"), (free + 3, "answered"),
        ]  # fmt: skip


def test_most_who_were_lost_are_called_back_in_working_hours_until_they_are_reached() -> None:
    calls = list(calls_before(NOON, date(2026, 10, 19), SEED))
    lost = {call[0][1]["contact"] for call in calls if call[-1][1]["kind"] == "left" and call[-1][0] < NOON - timedelta(days=3)}
    backs = [(at, body) for call in calls for at, body in call if body["kind"] == "called_out"]
    assert all(is_open(at) for at, _ in backs)
    reached = {body["contact"].partition("-back")[0] for _, body in backs if body["answered"]}
    forgotten = lost - reached
    assert 0 < len(forgotten) < 0.1 * len(lost)


def test_the_fortnight_is_the_same_every_time_in_order_and_over_at_the_start() -> None:
    first = date(2026, 10, 19)
    calls = list(calls_before(NOON, first, SEED))
    assert calls == list(calls_before(NOON, first, SEED))
    names = [body["id"] for call in calls for _, body in call]
    assert len(set(names)) == len(names)
    for call in calls:
        assert all(before <= after for (before, _), (after, _) in pairwise(call))
        assert call[-1][0] < NOON
        assert len({body["contact"] for _, body in call}) == 1
    assert {body["contact_point"] for call in calls for _, body in call} == set(POINTS.values())
    # A day is told of alike whichever days are asked for: a restart repeats nothing in other words.
    last = [call for call in calls if call[0][0] >= datetime(2026, 10, 30, tzinfo=UTC)]
    ids = {body["id"] for call in calls_before(NOON, date(2026, 10, 30), SEED) for _, body in call}
    assert {body["id"] for call in last for _, body in call if "-back" not in body["contact"]} <= ids


@pytest.mark.parametrize("speed", [1.0, 60.0])
def test_within_a_minute_something_happens_on_every_channel(speed: float) -> None:
    start = datetime(2026, 11, 29, 2, 13, tzinfo=UTC)
    scale = TimeScale(start, speed, timedelta(hours=40))

    def seconds(at: datetime, lag: float = 0.0) -> float:
        return (scale.to_real(at) - start).total_seconds() + lag

    visits = [(each.body["channel"], each.body["kind"], seconds(each.at, each.lag)) for each in opening_visits(scale, SEED)]
    assert visits == [
        ("chat", "queued", -95), ("chat", "answered", 55), ("chat", "ended", 255),
        ("counter", "queued", 5), ("counter", "answered", 35), ("counter", "ended", 235),
    ]  # fmt: skip
    mails = opening_mails(scale, SEED)
    assert [(each.outgoing, seconds(each.at)) for each in mails] == [(False, 12), (True, pytest.approx(12 + 1500 / speed))]
    assert mails[1].answers == (mails[0].key,)
    assert [(each.kind, seconds(each.at)) for each in opening_tickets(scale, SEED)][:2] == [
        ("open", 20), ("take", pytest.approx(20 + 480 / speed)),
    ]  # fmt: skip
