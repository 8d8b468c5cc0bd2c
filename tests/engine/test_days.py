"""What is judged of the contacts offered today, by the zone of their contact point: the same as counted over, at any moment.

London goes back from 02:00 BST to 01:00 GMT on Sunday 25 October 2026, so that this day has 25 hours.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from monitor.connector import Batch
from monitor.domain.event import Event, from_micros
from monitor.engine.days import Days, drop_ended, midnight, stored_days
from monitor.engine.evaluation import read_record
from monitor.engine.live_state import LiveState
from monitor.store import make_store
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import RunningDaemon
from tests.engine.scenarios import IngestRun, ingest_run

ZONES = {"desk": "Europe/London", "far": "Pacific/Auckland", "west": "America/Los_Angeles"}
CONFIGURATION: dict[str, Any] = {
    "timezone": "Europe/London",
    "calendars": {name: {"timezone": zone, "hours": {"daily": "00:00-24:00"}} for name, zone in ZONES.items()},
    "contact_points": {name: {"source": "pbx", "channel": "ticket", "calendar": name} for name in ZONES},
    "policies": {"default": {"late_reply": {"after": "1h"}, "late_resolution": {"after": "2h"}}},
}
SATURDAY = datetime(2026, 10, 24, 12, tzinfo=UTC)


def on(day: int, clock: str, zone: str = "Europe/London") -> datetime:
    """A moment in October 2026 as the clock on the wall shows it, before it goes back."""
    return datetime.fromisoformat(f"2026-10-{day:02}T{clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def told(contact: str, kind: str, moment: datetime, point: str = "desk", channel: Any = "ticket") -> Event:
    return Event(f"{contact}-{kind}-{moment.isoformat()}", contact, f"name:{point}", channel, kind, moment)


def recounted(store: Store, now: datetime) -> dict[tuple[str, str, str], tuple[int, int]]:
    """What each record in the store names of today, read one by one."""
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for each in store.begun_between(0, 2**62):
        for point, counted in read_record(each.row).counted_at().items():
            zone = ZoneInfo(ZONES[point])
            if from_micros(each.row.begun).astimezone(zone).date() == now.astimezone(zone).date():
                for name in counted.names:
                    if name[:2] in ("a:", "s:"):
                        key, is_signal = (point, each.row.channel, name.split(":")[1]), name[0] == "s"
                        assessed, signals = found.get(key, (0, 0))
                        found[key] = assessed + (not is_signal), signals + is_signal
    return found


class DaysMachine(RuleBasedStateMachine):
    """Batches in any order, late corrections and moves, beside a clock that passes midnights and the clock change."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.run: IngestRun = ingest_run(self.store, **CONFIGURATION)
        self.live = LiveState(self.run.directory, {}, SATURDAY)
        self.now = SATURDAY

    @rule(minutes=st.sampled_from((1, 59, 60, 61, 300, 719, 720, 1440)))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        steps=st.lists(
            st.tuples(
                st.sampled_from(("c1", "c2", "c3", "c4")),
                st.sampled_from(("received", "replied", "resolved", "moved", "reopened")),
                st.sampled_from(tuple(ZONES)),
                st.sampled_from((0, 1, 30, 61, 121, 720, 1500, 2900)),
                st.sampled_from(("ticket", "email")),  # told on both it is a ticket, also of what was counted before
            ),
            min_size=1,
            max_size=4,
        )
    )
    def batch(self, steps: list[tuple[str, str, str, int, str]]) -> None:
        events = [
            told(name, kind, self.now - timedelta(minutes=ago), point, channel) for name, kind, point, ago, channel in steps
        ]
        result = self.run.ingest.batch(
            "pbx", "events", Batch(events), self.store.cursor_row("pbx"), self.now - timedelta(hours=1), None, now=self.now
        )
        self.live.committed("pbx", result)

    @rule()
    def sweep(self) -> None:
        self.live.committed("pbx", self.run.ingest.sweep("pbx", self.now, now=self.now))

    @rule()
    def flush(self) -> None:
        drop_ended(self.live.days, self.now)

    @rule()
    def restore(self) -> None:
        self.live.days = stored_days(self.store, self.run.directory, self.now)

    @precondition(lambda self: list(self.store.running("pbx")))
    @rule(number=st.integers(0, 3))
    def settle(self, number: int) -> None:
        rows = list(self.store.running("pbx"))
        row = rows[number % len(rows)]
        settled = self.run.ingest.settle("pbx", (row.contact, row.contact_point), self.now, "none", "me")
        self.live.committed("pbx", settled.result)

    @invariant()
    def the_same_as_counted_over(self) -> None:
        assert dict(self.live.snapshot(self.now).today) == recounted(self.store, self.now)


TestDays = DaysMachine.TestCase
TestDays.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


async def shown(daemon: RunningDaemon, moment: datetime, point: str = "line") -> dict[str, tuple[int, int]]:
    await daemon.clock.advance((moment - daemon.clock.now()).total_seconds())
    return {signal: counts for (name, _, signal), counts in daemon.snapshot().today.items() if name == point}


def call(name: str, moment: datetime, seconds: float = 5, point: str = "line") -> list[Event]:
    """Answered after so many seconds, of which 20 are the limit in the queue; nothing rings."""
    kinds = (("queued", 0.0), ("answered", seconds), ("ended", seconds + 60))
    return [told(name, kind, moment + timedelta(seconds=after), point, "phone") for kind, after in kinds]


def live(*events: Event) -> Batch:
    return Batch(events, live_lag=timedelta(0))


def daemon_of(clock: FakeClock, *script: Any, store: Store | None = None, **configuration: Any) -> RunningDaemon:
    return RunningDaemon(clock, {"pbx": ScriptedConnector(clock, script, live=True)}, store, **configuration)


async def test_a_day_of_25_hours_begins_and_ends_at_midnight() -> None:
    clock = FakeClock(on(24, "23:50"))
    script: list[Any] = [live()]
    for moment, seconds in (
        (on(24, "23:59:59.999999"), 5), (on(25, "00:00"), 5), (on(25, "01:30"), 21), (on(25, "01:30") + timedelta(hours=1), 5),
        (on(25, "23:59:59.999999"), 21), (on(26, "00:00"), 5),
    ):  # fmt: skip
        script += [moment + timedelta(seconds=90), live(*call(f"c{len(script)}", moment, seconds))]
    async with daemon_of(clock, *script, timezone="Europe/London") as daemon:
        assert await shown(daemon, on(24, "23:59:59.999999")) == {}
        assert "long_wait" not in await shown(daemon, on(25, "00:01:29"))
        assert (await shown(daemon, on(25, "00:01:30")))["long_wait"] == (1, 0)
        assert (await shown(daemon, on(25, "23:00")))["long_wait"] == (3, 1)
        assert (await shown(daemon, on(25, "23:59:59.999999")))["long_wait"] == (3, 1)
        assert await shown(daemon, on(26, "00:00")) == {}
        assert "long_wait" not in await shown(daemon, on(26, "00:01:29.999999"))  # the call before midnight was yesterday's
        assert (await shown(daemon, on(26, "00:01:30")))["long_wait"] == (1, 0)
        await clock.advance(5)
        assert set(daemon.live_state.days) == {"2026-10-25", "2026-10-26"}  # it is Sunday still in the west
        await shown(daemon, on(26, "12:00:05"))
        assert set(daemon.live_state.days) == {"2026-10-26"}
    assert sum(assessed for (_, signal, _), (assessed, _) in daemon.live_state.weeks.items() if signal == "long_wait") == 6


async def test_each_contact_point_has_its_own_day() -> None:
    """Two hours before 12:00Z on Saturday it was 23:00 in Auckland, where summer time is thirteen hours ahead."""
    clock = FakeClock(SATURDAY)
    sent = [live(*(told(point, "received", SATURDAY - timedelta(hours=2), point) for point in ZONES)), live()]
    replied = [told(point, "replied", SATURDAY - timedelta(hours=0.5), point) for point in ZONES]
    async with daemon_of(clock, *sent, live(*replied), **CONFIGURATION) as daemon:
        points = {point for point, _, signal in daemon.snapshot().today if signal == "late_reply"}
        assert points == {"desk", "west"}  # in Auckland they came at 23:00 on Saturday
        assert daemon.snapshot().today["desk", "ticket", "late_reply"] == (1, 1)
        await clock.advance((on(24, "23:59:59.999999") - SATURDAY).total_seconds())
        assert "desk" in {point for point, _, _ in daemon.snapshot().today}
        await clock.advance(0.000001)
        assert {point for point, _, _ in daemon.snapshot().today} == {"west"}
        await clock.advance(8 * 3600 - 0.000001)
        assert {point for point, _, _ in daemon.snapshot().today} == {"west"}
        await clock.advance(0.000001)
        assert dict(daemon.snapshot().today) == {}


async def test_a_restart_shows_the_same_and_what_began_yesterday_counts_for_yesterday(store: Store) -> None:
    clock = FakeClock(on(22, "10:00"))
    letters = [told("old", "received", on(21, "23:59:59")), told("new", "received", on(22, "00:00"))]
    async with daemon_of(clock, live(*letters), store=store, **CONFIGURATION) as daemon:
        before = dict(daemon.snapshot().today)
        assert before["desk", "ticket", "late_reply"] == (1, 1)
        assert daemon.live_state.weeks["desk", "late_reply", "2026-10-19"] == (2, 2)
    async with daemon_of(clock, live(), store=store, **CONFIGURATION) as daemon:
        assert dict(daemon.snapshot().today) == before


async def test_a_correction_takes_the_signal_back_and_an_earlier_event_the_contact_out_of_today() -> None:
    clock = FakeClock(on(22, "03:00"))
    script = [
        live(told("c", "received", on(22, "00:10"))), on(22, "04:00"), live(told("c", "replied", on(22, "00:40"))),
        on(22, "05:00"), live(told("c", "noted", on(21, "23:50"))),
    ]  # fmt: skip
    async with daemon_of(clock, *script, **CONFIGURATION) as daemon:
        assert (await shown(daemon, on(22, "03:30"), "desk"))["late_reply"] == (1, 1)
        assert (await shown(daemon, on(22, "04:00"), "desk"))["late_reply"] == (1, 0)
        assert await shown(daemon, on(22, "05:00"), "desk") == {}
        assert daemon.live_state.weeks["desk", "late_reply", "2026-10-19"] == (1, 0)


async def test_what_is_imported_beside_is_followed(tmp_path: Path) -> None:
    database = f"sqlite:{tmp_path / 'contacts.db'}"
    store, beside = make_store(database), make_store(database)
    store.open()
    clock = FakeClock(on(22, "10:00"))
    async with daemon_of(clock, live(*call("a", on(22, "09:00"))), store=store, timezone="Europe/London") as daemon:
        assert daemon.snapshot().today["line", "phone", "long_wait"] == (1, 0)
        ingest_run(beside, timezone="Europe/London").ingest.batch(
            "pbx", "events", Batch([*call("b", on(22, "08:00"), 21), *call("c", on(21, "08:00"), 21)]),
            beside.cursor_row("pbx"), on(22, "10:00"), None, now=on(22, "10:00"),
        )  # fmt: skip
        assert daemon.snapshot().today["line", "phone", "long_wait"] == (1, 0)
        await clock.advance(5)
        assert daemon.snapshot().today["line", "phone", "long_wait"] == (2, 1)
    beside.close()
    store.close()


def test_what_version_0_1_kept_at_two_contact_points_is_taken_from_both_days() -> None:
    """Two rows of one letter, begun on different days and late at both points; with the next event it is one, begun yesterday."""
    now, elsewhere, store = on(22, "10:00"), MemoryStore(), MemoryStore()
    for kept, point, moment in ((store, "desk", on(21, "23:00")), (elsewhere, "west", on(22, "08:30"))):
        run = ingest_run(kept, **CONFIGURATION)
        run.ingest.batch(
            "pbx", "events", Batch([told("c", "received", moment, point)]), kept.cursor_row("pbx"), now, None, now=now
        )
    with store.transaction("pbx") as unit:
        unit.put_contacts([each.row for each in elsewhere.begun_between(0, 2**62)])
    run, later = ingest_run(store, **CONFIGURATION), on(22, "18:00")
    live_state = LiveState(run.directory, {}, now, days=stored_days(store, run.directory, later))
    assert dict(live_state.snapshot(later).today) == {("west", "ticket", "late_reply"): (1, 1)}
    batch = Batch([told("c", "replied", on(22, "17:00"), "west")])
    live_state.committed("pbx", run.ingest.batch("pbx", "events", batch, store.cursor_row("pbx"), later, None, now=later))
    assert [each.row.contact_point for each in store.begun_between(0, 2**62)] == ["west"]
    assert dict(live_state.snapshot(later).today) == recounted(store, later) == {}


@pytest.mark.parametrize(
    ("moment", "zone", "first"),
    [
        ("2026-10-25T23:59:59", "Europe/London", "2026-10-24T23:00"),
        ("2026-10-26T00:00:00", "Europe/London", "2026-10-26T00:00"),
        ("2026-09-06T12:00:00", "America/Santiago", "2026-09-06T04:00"),  # there the day begins at one: no clock shows midnight
        ("2026-10-25T12:00:00", "Atlantic/Azores", "2026-10-25T00:00"),  # there the clock shows midnight twice
        ("2026-10-24T12:00:00", "Pacific/Kiritimati", "2026-10-24T10:00"),
    ],
)
def test_where_a_day_begins(moment: str, zone: str, first: str) -> None:
    assert midnight(datetime.fromisoformat(moment).replace(tzinfo=UTC), ZoneInfo(zone)) == datetime.fromisoformat(first).replace(
        tzinfo=UTC
    )


def test_a_day_is_forgotten_when_it_has_ended_everywhere() -> None:
    ends = datetime(2026, 10, 25, 12, tzinfo=UTC)  # Saturday, twelve hours west of Greenwich
    for moment, kept in ((ends - timedelta(microseconds=1), {"2026-10-24", "2026-10-26"}), (ends, {"2026-10-26"})):
        days: Days = {day: {("desk", "late_reply"): (1, 0)} for day in ("2026-10-23", "2026-10-24", "2026-10-26")}
        drop_ended(days, moment)
        assert set(days) == kept
