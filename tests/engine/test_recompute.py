"""History judged anew: weeks, lists and days as if the limits had held from the start; counters as they were.

The truth is a fresh store into which everything is told again under the new limits.
"""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.loading import build
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.connector import Batch
from monitor.daemon.app import limits_of
from monitor.domain.event import Event, to_micros
from monitor.engine import recomputing
from monitor.engine.adoption import LIMITS
from monitor.engine.days import stored_days
from monitor.engine.ingest import SWEEP_CHUNK, Ingest
from monitor.engine.judged_anew import Span, read_judged_anew
from monitor.engine.recomputing import Recompute, Recomputed
from monitor.errors import MonitorError, StoreUnavailable
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock
from monitor.testing.store_rows import everything
from tests.engine.fake_daemon import at, counted, event, listed

SOURCES = ("mail", "pbx", "rt")
HOUR = 3600.0
DAY = 24 * HOUR
END = 30 * DAY
LAX: dict[str, Any] = {
    "calendars": {"office": {"timezone": "Europe/London", "hours": {"mon-fri": "09:00-17:30"}}},
    "policies": {
        "default": {"long_wait": {"after": "60s"}, "late_reply": {"after": "24h"}, "abandoned": {"ignore_under": "5s"}},
        "vip": {"late_resolution": {"after": "10bd"}, "late_reply": {"after": "24h"}},
    },
    "contact_points": {"vip": {"source": "rt", "channel": "ticket", "policy": "vip"}},
}
STRICT: dict[str, Any] = {
    "calendars": {"office": {"timezone": "Europe/London", "hours": {"mon-fri": "09:00-12:00"}}},
    "policies": {
        "default": {
            "long_wait": {"after": "10s"}, "late_reply": {"after": "1h"}, "late_follow_up": {"after": "2h"}, "calendar": "office",
            "abandoned": {"ignore_under": "15s"}, "repeat_contact": {"within": "2d"}, "passed_around": {"times": 0},
            "missed_callback": {"after": "30m"}, "slipped_promise": {"grace": "1d"}, "late_resolution": {"after": "1bd"},
        },
        "vip": {"late_resolution": {"after": "4h", "clock": "always"}, "late_reply": False},
    },
    "contact_points": {"vip": {"source": "rt", "channel": "ticket", "policy": "vip"}},
}  # fmt: skip


class Process:
    """One process with a configuration over a store."""

    def __init__(self, store: Store, configuration: dict[str, Any], now: float = END) -> None:
        self.settings = build(
            {"store": "memory:", "timezone": "Europe/London", "sources": {name: {"type": "events"} for name in SOURCES}}
            | configuration
        )
        book = PolicyResolver(self.settings, calendars(self.settings))
        self.directory = make_directory(self.settings, book)
        for name in SOURCES:
            self.directory.restore(name, store.places(name))
        self.store, self.ingest, self.clock = store, Ingest(store, self.directory, book.bounds()), FakeClock(at(now))
        self.read: Collection[str] = SOURCES  # by a daemon
        self.said: list[str] = []

    def tell(self, source: str, events: list[Event], seen: float | None = None) -> None:
        """Stores what a source tells, up to the newest of it, or up to the moment `seen`."""
        moment = at(seen) if seen is not None else max(each.at for each in events)
        row = self.store.cursor_row(source)
        result = self.ingest.batch(source, "events", Batch(events), row, moment, moment, now=self.clock.now())
        self.ingest.pass_on(source, result.news, now=self.clock.now())

    def see(self, seconds: float = END) -> None:
        """Everything was seen up to that moment."""
        for source in SOURCES:
            self.tell(source, [], seconds)
            while self.ingest.sweep(source, at(seconds), now=self.clock.now()).swept >= SWEEP_CHUNK:
                pass

    def recompute(self, since: float | None = None, **other: Any) -> Recomputed:
        work = Recompute(
            self.store, self.ingest, self.clock, SOURCES, self.read, limits_of(self.settings), self.sleep, self.said.append
        )
        return work.run(None if since is None else at(since), **other)

    def sleep(self, seconds: float) -> None:
        asyncio.run(self.clock.advance(seconds))


def phone(name: str, seconds: float, *, waits: float = 20, customer: str | None = "ann", gives_up: bool = False) -> Any:
    last = event(name, "left", seconds + waits, reason="caller") if gives_up else event(name, "answered", seconds + waits)
    ended = [] if gives_up else [event(name, "ended", seconds + waits + 60)]
    return "pbx", [event(name, "queued", seconds, customer=customer), last, *ended]


def mail(name: str, seconds: float, *, after: float = 3 * HOUR, customer: str | None = "ann") -> Any:
    place, channel = "name:letters", "email"
    asked = event(name, "received", seconds, place, channel, customer=customer)
    return "mail", [asked, event(name, "replied", seconds + after, place, channel)]


def ticket(name: str, seconds: float, *, after: float = 3 * HOUR, moves: bool = False, customer: str | None = "ann") -> Any:
    def told(kind: str, later: float, place: str = "name:tickets", **details: Any) -> Event:
        return event(name, kind, seconds + later, place, "ticket", **details)

    place = "name:vip" if moves else "name:tickets"
    return "rt", [
        told("received", 0, customer=customer),
        told("assigned", 60, place, to="a"),
        told("assigned", 120, place, to="b"),
        told("promised", 180, place, due=at(seconds + 2 * HOUR)),
        told("replied", after, place),
        told("resolved", after + 60, place),
        told("received", after + 2 * DAY, place),
        told("replied", after + 2 * DAY + 5 * HOUR, place),
        told("resolved", after + 3 * DAY, place),
    ]


STORIES: list[Any] = [
    phone("c1", 0), phone("c2", 60, waits=40, gives_up=True), phone("c3", 600, waits=8, gives_up=True), mail("m1", 100),
    phone("c4", DAY, waits=12), mail("m2", DAY + 50, after=2 * DAY), ticket("t1", 3 * HOUR), ticket("t2", DAY, moves=True),
    ticket("t3", 9 * DAY, after=30, moves=True, customer="bob"), phone("c5", 10 * DAY, customer="bob", waits=10, gives_up=True),
    mail("m3", 10 * DAY + 60, customer="bob", after=30 * HOUR), phone("c6", 10 * DAY + HOUR, customer="bob"),
    phone("c7", 12 * DAY, customer=None, waits=90), ("pbx", [event("c8", "queued", 13 * DAY, customer="cy")]),
    ("mail", [event("m4", "received", 20 * DAY, "name:letters", "email", customer="cy")]),
]  # fmt: skip


def told_under(configuration: dict[str, Any], stories: Any = STORIES, store: Store | None = None) -> Process:
    process = Process(store if store is not None else MemoryStore(), configuration)
    for source, events in stories:
        process.tell(source, events)
    process.see()
    return process


def shown(store: Store) -> tuple[Any, ...]:
    """What is shown of the past: weeks, signals with their seconds, what runs, what falls due."""
    running = {source: sorted(store.running(source)) for source in SOURCES}
    return store.weeks(""), listed(store), running, {source: store.next_deadline(source) for source in SOURCES}


@pytest.mark.parametrize(("before", "then"), [(LAX, STRICT), (STRICT, LAX)], ids=["stricter", "laxer"])
def test_the_past_is_as_if_judged_so_from_the_start_and_counters_stay(
    store: Store, before: dict[str, Any], then: dict[str, Any]
) -> None:
    told_under(before, store=store)
    totals, weeks = counted(store), store.weeks("")
    process = Process(store, then)
    found = process.recompute()
    truth = told_under(then)
    assert shown(store) == shown(truth.store)
    assert stored_days(store, process.directory, at(0)) == stored_days(truth.store, truth.directory, at(0))
    assert store.weeks("") != weeks
    assert {key: value for key, value in counted(store).items() if value != totals.get(key)} == _of_running(store, totals)
    assert (found.contacts, found.resumed_at) == (len(STORIES), None)
    assert 0 < found.changed <= len(STORIES)


def _of_running(store: Store, before: dict[Any, float]) -> dict[Any, float]:
    """What is new in the counters: limits that have fallen in waits that still run (the call c8, the mail m4)."""
    grown = {key: value for key, value in counted(store).items() if value != before.get(key)}
    assert {key[0] for key in grown} <= {"assessed_total", "signals_total", "history_assessed_total", "history_signals_total"}
    assert all(value - before.get(key, 0) <= 1 for key, value in grown.items())
    return grown


def test_doing_it_again_changes_nothing(store: Store) -> None:
    told_under(LAX, store=store)
    Process(store, STRICT).recompute()
    before = everything(store, SOURCES)
    assert Process(store, STRICT).recompute().changed == 0
    assert everything(store, SOURCES) == before


def test_there_and_back_leaves_no_trace_in_what_is_shown(store: Store) -> None:
    closed = [story for story in STORIES if story[1][-1].id[:2] not in ("c8", "m4")]
    told_under(LAX, closed, store=store)
    before, totals = shown(store), counted(store)
    Process(store, STRICT).recompute()
    Process(store, LAX).recompute()
    assert shown(store) == before
    assert counted(store) == totals


def test_what_is_told_later_of_a_contact_that_was_judged_anew_counts_only_itself(store: Store) -> None:
    told_under(LAX, store=store)
    process = Process(store, STRICT)
    process.recompute()
    totals = counted(store)
    for source, events in STORIES:
        process.tell(source, events, END)  # the same again
    assert counted(store) == totals
    process.tell("pbx", [event("c4", "rated", DAY + 100, score=0.1)], END)
    rated = {("assessed_total", ("phone", "desk", "low_rating")): 1, ("signals_total", ("phone", "desk", "low_rating")): 1}
    grown = {key: value - totals.get(key, 0) for key, value in counted(store).items() if value != totals.get(key)}
    assert {key: value for key, value in grown.items() if not key[0].startswith("history")} == rated
    fresh = told_under(STRICT)
    fresh.tell("pbx", [event("c4", "rated", DAY + 100, score=0.1)], END)
    assert store.weeks("") == fresh.store.weeks("")


def test_since_leaves_what_began_before_as_it_was(store: Store) -> None:
    told_under(LAX, store=store)
    lax, strict = store.weeks(""), told_under(STRICT).store.weeks("")
    found = Process(store, STRICT).recompute(since=7 * DAY)
    for key in {*lax, *strict}:
        truth = lax if key[2] == "2026-11-02" else strict
        assert store.weeks("").get(key, (0, 0)) == truth.get(key, (0, 0)), key
    [span] = read_judged_anew(store).spans
    assert (span.since, span.until) == (to_micros(at(7 * DAY)), to_micros(at(END)))
    assert found.first is not None
    assert found.first >= at(7 * DAY)


def test_other_sources_hear_nothing_of_it(store: Store) -> None:
    """What came first was misdialled by the new limit (15 s): nobody has come again. That is found out at once, and quietly."""
    stories = [phone("c1", 0, waits=8, gives_up=True), mail("m1", 600, after=60)]
    told_under(LAX, stories, store=store)
    assert [each.row.signal for each in store.signals(signal="repeat_contact")] == ["repeat_contact"]
    totals, told = counted(store), list(store.told_after(0, ""))
    Process(store, STRICT).recompute()
    assert list(store.signals(signal="repeat_contact")) == []
    assert list(store.told_after(0, "")) == told
    assert counted(store) == totals


class Killed(BaseException):
    """The process is gone: nothing is tidied up."""


@pytest.mark.parametrize("after", range(1, 9))
def test_killed_at_any_commit_it_goes_on_and_counts_nothing_twice(
    store: Store, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.engine.recomputing.AT_ONCE", 3)
    monkeypatch.setattr("monitor.engine.recomputing._NOTE_EVERY", -1.0)
    told_under(LAX, store=store)
    totals = counted(store)
    process = Process(store, STRICT)
    judge, done = process.ingest.judge_anew, 0

    def killed_later(*args: Any, **kwargs: Any) -> Any:
        nonlocal done
        result = judge(*args, **kwargs)
        done += 1
        if done == after:
            raise Killed
        return result

    monkeypatch.setattr(process.ingest, "judge_anew", killed_later)
    with pytest.raises(Killed):
        process.recompute()
    underway = read_judged_anew(store).underway
    assert underway is not None
    found = Process(store, STRICT).recompute()
    assert found.resumed_at == underway.done
    assert found.contacts == len(STORIES) - underway.done
    assert shown(store) == shown(told_under(STRICT).store)
    _of_running(store, totals)
    assert read_judged_anew(store).underway is None


def stop(done: int, _of: int) -> None:
    if done >= 6:
        raise StoreUnavailable("store contacts.db: busy", "", "")


def test_what_was_interrupted_is_begun_anew_under_other_limits_or_for_a_longer_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.engine.recomputing.AT_ONCE", 3)
    monkeypatch.setattr("monitor.engine.recomputing._NOTE_EVERY", -1.0)
    told_under(LAX, store=store)

    for since, then, resumed in ((None, LAX, None), (DAY, STRICT, 3), (2 * DAY, STRICT, 3), (None, STRICT, None)):
        with pytest.raises(StoreUnavailable):
            Process(store, STRICT).recompute(since=DAY, progress=stop)
        assert Process(store, then).recompute(since=since).resumed_at == resumed
    assert shown(store) == shown(told_under(STRICT).store)


def test_what_began_after_the_interruption_is_judged_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that had not reloaded, or an older one, has judged it by other limits."""
    monkeypatch.setattr("monitor.engine.recomputing.AT_ONCE", 3)
    monkeypatch.setattr("monitor.engine.recomputing._NOTE_EVERY", -1.0)
    told_under(LAX, store=store)
    with pytest.raises(StoreUnavailable):
        Process(store, STRICT).recompute(progress=stop)
    late = phone("late", END + HOUR, customer=None)  # 20 s: within the limit of 60 s, over that of 10 s
    Process(store, LAX, END + DAY).tell(*late)
    assert not [each for each in listed(store) if "late" in each]
    found = Process(store, STRICT, END + DAY).recompute()
    assert (found.resumed_at, found.contacts) == (3, len(STORIES) + 1 - 3)
    assert read_judged_anew(store).spans[-1].until == to_micros(at(END + DAY))
    assert [each for each in listed(store) if "late" in each and "long_wait" in each]


DAEMON = "another daemon (process 4711 on web1)"


def judged_by(store: Store, source: str, limits: str) -> None:
    with store.transaction(source) as unit:
        unit.write_state({LIMITS: limits}, 0)


@pytest.fixture
def beside(store: Store, monkeypatch: pytest.MonkeyPatch) -> Process:
    """Limits that were shortened, beside a daemon that has not taken them up."""
    told_under(LAX, store=store)
    judged_by(store, "pbx", "others")
    monkeypatch.setattr(store, "held_by", lambda _sources: DAEMON)
    return Process(store, STRICT)


def test_a_daemon_that_goes_on_judging_by_other_limits_is_to_reload_first(beside: Process) -> None:
    before = everything(beside.store, SOURCES)
    with pytest.raises(MonitorError) as refused:
        beside.recompute()
    assert str(refused.value) == (
        f"source pbx: {DAEMON} judges by another configuration: let it reload (kill -HUP, or POST /-/reload), then run this again"
    )
    assert everything(beside.store, SOURCES) == before
    assert beside.clock.now() == at(END + 60)
    assert beside.said == [
        f"source pbx: {DAEMON} judges by another configuration, or is just taking this one up: it has 60 s to do so; "
        "where it was not told yet, let it reload (kill -HUP, or POST /-/reload)"
    ]


def test_a_daemon_that_is_just_taking_the_limits_up_is_waited_for(beside: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(seconds: float) -> None:
        asyncio.run(beside.clock.advance(seconds))
        if beside.clock.now() >= at(END + 4):
            judged_by(beside.store, "pbx", limits_of(beside.settings))

    monkeypatch.setattr(beside, "sleep", sleep)
    assert beside.recompute().changed > 0
    assert at(END + 4) <= beside.clock.now() < at(END + 5)
    assert len(beside.said) == 1


def test_what_no_daemon_reads_need_not_be_taken_up(beside: Process) -> None:
    """Files are imported into a source of their own: what they were judged by once no daemon ever changes."""
    beside.read = set(SOURCES) - {"pbx"}
    assert beside.recompute().changed > 0
    assert beside.said == []


def test_what_was_judged_anew_is_known_by_spans_that_do_not_overlap(store: Store) -> None:
    told_under(LAX, store=store)
    Process(store, STRICT, END).recompute()
    Process(store, LAX, END + DAY).recompute(since=10 * DAY)
    strict, lax = (limits_of(Process(store, each).settings) for each in (STRICT, LAX))
    end, later = to_micros(at(END)), to_micros(at(END + DAY))
    first = read_judged_anew(store).spans[0].since
    assert read_judged_anew(store).spans == (
        Span(first, to_micros(at(10 * DAY)), end, strict), Span(to_micros(at(10 * DAY)), later, later, lax),
    )  # fmt: skip
    assert first < to_micros(at(0))
    assert [each.limits for each in read_judged_anew(store).of(at(9 * DAY), at(10 * DAY))] == [strict]
    assert [each.limits for each in read_judged_anew(store).of(at(9 * DAY), at(10 * DAY) + timedelta(microseconds=1))] == [
        strict,
        lax,
    ]
    assert read_judged_anew(store).of(at(END + DAY), at(END + 2 * DAY)) == []


@st.composite
def stories(draw: st.DrawFn) -> list[Any]:
    made: list[Any] = []
    for number in range(draw(st.integers(1, 7))):
        begins = draw(st.sampled_from((0, 30, 3600, 40_000, 90_000, 180_000, 700_000, 705_000)))
        customer = draw(st.sampled_from(("ann", "ann", "bob", None)))
        match draw(st.sampled_from(("phone", "phone", "mail", "ticket"))):
            case "phone":
                waits, gives_up = draw(st.sampled_from((4, 10, 12, 61))), draw(st.booleans())
                made.append(phone(f"c{number}", begins, waits=waits, gives_up=gives_up, customer=customer))
            case "mail":
                made.append(mail(f"m{number}", begins, after=draw(st.sampled_from((60, 3601, 90_000))), customer=customer))
            case _:
                after = draw(st.sampled_from((60, 7201, 90_000)))
                made.append(ticket(f"t{number}", begins, after=after, moves=draw(st.booleans()), customer=customer))
    return made


@settings(max_examples=60, deadline=None)
@given(told=stories(), stricter=st.booleans(), data=st.data())
def test_whatever_is_told_in_whatever_order_before_and_after(told: list[Any], stricter: bool, data: st.DataObject) -> None:
    before, then = (LAX, STRICT) if stricter else (STRICT, LAX)
    turn = data.draw(st.integers(0, len(told)))
    told = data.draw(st.permutations(told))
    process = told_under(before, told[:turn])
    totals = counted(process.store)
    process = Process(process.store, then)
    process.recompute()
    assert counted(process.store) == totals  # nothing runs
    fresh = told_under(then, told[:turn])
    assert shown(process.store) == shown(fresh.store)
    for source, events in told[turn:]:
        process.tell(source, events, END)
        fresh.tell(source, events, END)
        assert all(counted(process.store)[key] >= value for key, value in totals.items())
    assert shown(process.store) == shown(fresh.store)


@pytest.mark.parametrize(
    ("most", "seconds", "then"),
    [(250, 0.0, 250), (250, 0.05, 250), (250, 0.1, 125), (250, 5.0, 25), (25, 5.0, 25), (100, 0.025, 200), (200, 0.01, 250)],
)
def test_on_a_busy_machine_fewer_are_judged_in_one_go(most: int, seconds: float, then: int) -> None:
    assert recomputing._adapted(most, seconds) == then
