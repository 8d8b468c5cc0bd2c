"""A week in the life of a daemon: phone, mail and tickets over the weekend on which clocks go back, against a hand-made table.

London, Thursday 22 to Wednesday 28 October 2026; at 02:00 BST on Sunday the 25th it becomes 01:00 GMT. The office is open
Monday to Friday, nine to five; mail and tickets are judged there, the phone around the clock, its call-backs in the office.
"""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.connector import Batch
from monitor.domain.event import Channel, Event
from monitor.errors import TransientError
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import RunningDaemon, listed

LONDON = ZoneInfo("Europe/London")
THU, FRI, SAT, SUN, MON, TUE, WED = range(22, 29)
CONFIGURATION: dict[str, Any] = {
    "timezone": "Europe/London",
    "country": "GB",
    "sources": {
        "pbx": {"type": "events"},
        "mail": {"type": "events", "poll_every": "5m"},
        "tickets": {"type": "events", "poll_every": "15m"},
    },
    "calendars": {"office": {"hours": {"mon-fri": "09:00-17:00"}}},
    "contact_points": {
        "line": {"source": "pbx", "calendar": "office", "channel": "phone"},
        "info": {"source": "mail", "calendar": "office", "channel": "email"},
        "desk": {"source": "tickets", "calendar": "office", "channel": "ticket"},
    },
}


def on(day: int, clock: str, seconds: float = 0) -> datetime:
    """A moment as the clock on the wall shows it."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 10, day, hour, minute, tzinfo=LONDON).astimezone(ZoneInfo("UTC")) + timedelta(seconds=seconds)


class Script:
    """Events of one source in the order they are written down here."""

    def __init__(self, point: str, channel: Channel) -> None:
        self.point, self.channel = point, channel
        self.events: list[Event] = []
        self._ids = count()

    def add(self, contact: str, *steps: tuple[Any, ...], who: str | None = None) -> None:
        """Each step: kind, moment and, where it carries any, details."""
        for kind, moment, *details in steps:
            details_of: dict[str, Any] = {"customer": who, **(details[0] if details else {})}
            name, place = f"e{next(self._ids)}", f"name:{self.point}"
            self.events.append(Event(name, contact, place, self.channel, kind, moment, **details_of))

    def by_moment(self) -> list[Event]:
        return sorted(self.events, key=lambda event: event.at)


def phone() -> Script:
    """22 calls. A ring is heard every 3 s in Britain, so the fifth begins 12 s after the first phone rang."""
    line = Script("line", "phone")
    for n, (day, clock) in enumerate([(THU, "9:00"), (THU, "11:30"), (FRI, "9:00"), (FRI, "16:59"), (MON, "9:01"), (MON, "10:00"),
                                      (TUE, "12:00"), (TUE, "15:00"), (WED, "9:30"), (WED, "16:00")]):  # fmt: skip
        start = on(day, clock)  # ten good calls: 5 s of ringing, 2 minutes of talk
        line.add(
            f"good{n}", ("queued", start), ("ringing", start), ("answered", start + timedelta(seconds=5)),
            ("ended", start + timedelta(seconds=125)), who=f"good{n}",
        )  # fmt: skip
    t = on(THU, "10:00")  # exactly at the limits: 20 s in the queue, the fifth ring begins as it is answered
    line.add(
        "edge", ("queued", t), ("ringing", t + timedelta(seconds=8)), ("answered", t + timedelta(seconds=20)),
        ("held", t + timedelta(seconds=30)), ("unheld", t + timedelta(seconds=149.999)), ("ended", t + timedelta(seconds=200)),
    )  # fmt: skip
    t = on(THU, "12:00")  # 45 s in the queue, two holds: one of two minutes, one short
    line.add(
        "slow", ("queued", t), ("answered", t + timedelta(seconds=45)), ("held", t + timedelta(seconds=60)),
        ("unheld", t + timedelta(seconds=180)), ("held", t + timedelta(seconds=200)), ("unheld", t + timedelta(seconds=210)),
        ("ended", t + timedelta(seconds=300)),
    )  # fmt: skip
    t = on(FRI, "10:00")  # handed on twice
    line.add(
        "moved", ("queued", t), ("answered", t + timedelta(seconds=5)),
        ("transferred", t + timedelta(seconds=60), {"how": "blind"}),
        ("transferred", t + timedelta(seconds=90), {"how": "consult"}), ("ended", t + timedelta(seconds=120)),
    )  # fmt: skip
    t = on(FRI, "16:00")  # gives up after 30 s; called back on Monday: 1 h and 2 h in the office
    line.add("gone", ("queued", t), ("left", t + timedelta(seconds=30), {"reason": "caller"}), who="ann")
    line.add("gone-back", ("called_out", on(MON, "11:00"), {"answered": True}), ("ended", on(MON, "11:05")), who="ann")
    t = on(FRI, "16:30")  # gives up; called back on Tuesday: 0.5 h, all Monday
    line.add("lost", ("queued", t), ("left", t + timedelta(seconds=10), {"reason": "caller"}), who="bob")
    line.add("lost-back", ("called_out", on(TUE, "9:30"), {"answered": True}), ("ended", on(TUE, "9:35")), who="bob")
    t = on(SAT, "23:00")  # voicemail at night; comes through herself on Monday at 12:59: 3 h 59 min in the office
    line.add("night", ("queued", t), ("voicemail", t + timedelta(seconds=15)), who="cy")
    t = on(MON, "12:59")
    line.add("day", ("queued", t), ("answered", t + timedelta(seconds=3)), ("ended", t + timedelta(seconds=60)), who="cy")
    t = on(TUE, "10:00")  # misdialled: 4.999 s
    line.add("short", ("queued", t), ("left", t + timedelta(seconds=4.999), {"reason": "caller"}), who="dan")
    t = on(TUE, "11:00")  # nobody was there to take it; anonymous
    line.add("none", ("queued", t), ("left", t + timedelta(seconds=60), {"reason": "no_agents"}))
    # across the hour that comes twice: 01:59:30 BST to 01:00:30 GMT is one minute
    t = on(SUN, "1:59", 30)
    line.add("twice", ("queued", t), ("answered", t + timedelta(seconds=60)), ("ended", t + timedelta(seconds=90)))
    t = on(WED, "16:50")  # still on hold when the week ends
    line.add("still", ("queued", t), ("answered", t + timedelta(seconds=10)), ("held", t + timedelta(seconds=20)))
    return line


def mail() -> Script:
    """13 conversations; four hours for the first reply, eight for the next."""
    info = Script("info", "email")
    for n, day in enumerate((THU, FRI, MON, TUE, WED)):  # five answered within two hours
        info.add(f"good{n}", ("received", on(day, "10:00")), ("replied", on(day, "12:00")))
    # Friday 15:00 to Monday 11:00 is four hours, though 69 have passed on the wall
    info.add("weekend", ("received", on(FRI, "15:00")), ("replied", on(MON, "11:00")))
    info.add("weekend-late", ("received", on(FRI, "15:00")), ("replied", on(MON, "11:00", 0.001)))
    info.add("sunday", ("received", on(SUN, "1:30")), ("replied", on(MON, "12:59")))
    info.add("never", ("received", on(MON, "16:00")))  # four hours are over on Tuesday at 12:00
    info.add("solved", ("received", on(TUE, "9:00")), ("resolved", on(TUE, "14:00")))  # five hours
    info.add(  # thanked, then asked again: nine hours of office time
        "thanks", ("received", on(THU, "9:00")), ("replied", on(THU, "9:30")), ("received", on(THU, "9:40"), {"courtesy": True}),
        ("received", on(THU, "16:00")), ("replied", on(FRI, "17:00")),
    )  # fmt: skip
    info.add(  # two promises: one kept a minute late, one in time
        "promise", ("received", on(MON, "9:00")), ("replied", on(MON, "9:30")),
        ("promised", on(MON, "9:30"), {"due": on(TUE, "9:00")}), ("fulfilled", on(TUE, "9:01")),
        ("promised", on(TUE, "9:02"), {"due": on(WED, "9:00")}), ("fulfilled", on(TUE, "17:00")),
    )  # fmt: skip
    info.add("auto", ("received", on(WED, "9:00")), ("auto_replied", on(WED, "9:00")), ("replied", on(WED, "10:00")))
    return info


def tickets() -> Script:
    """6 tickets; solved within three opening days."""
    desk = Script("desk", "ticket")
    desk.add("quick", ("received", on(THU, "9:00")), ("replied", on(THU, "10:00")), ("resolved", on(THU, "11:00")))
    # Thursday, Friday, Monday: due on Monday at five
    desk.add("just", ("received", on(THU, "9:00")), ("replied", on(THU, "10:00")), ("resolved", on(MON, "17:00")))
    desk.add("late", ("received", on(THU, "9:00")), ("replied", on(THU, "10:00")), ("resolved", on(TUE, "9:00")))
    desk.add(  # solved, comes back, solved again
        "again", ("received", on(FRI, "9:00")), ("replied", on(FRI, "9:10")), ("resolved", on(FRI, "9:20")),
        ("received", on(MON, "10:00")), ("replied", on(MON, "10:30")), ("resolved", on(MON, "11:00")),
    )  # fmt: skip
    desk.add(
        "around", ("received", on(MON, "9:00")), *(("assigned", on(MON, f"9:0{n}"), {"to": f"a{n}"}) for n in range(1, 5)),
        ("escalated", on(MON, "9:30")), ("replied", on(MON, "10:00")), ("resolved", on(MON, "12:00")),
    )  # fmt: skip
    desk.add("open", ("received", on(WED, "9:00")), ("replied", on(WED, "9:30")))
    return desk


#: (contact point, signal) -> Monday of the week -> (assessed, signals). A contact belongs to the week in which it began.
OCT_19, OCT_26 = "2026-10-19", "2026-10-26"
TABLE = {
    # ringing: ten good ones (four in the first week) and `edge`
    ("line", "slow_answer"): {OCT_19: (5, 1), OCT_26: (6, 0)},
    # the first week: 4 good, edge, slow, moved, gone (30 s), twice; lost (10 s) and night (15 s) gave up in time: neutral.
    # the second: 6 good, day, none (60 s), still; short is neutral
    ("line", "long_wait"): {OCT_19: (9, 3), OCT_26: (9, 1)},
    ("line", "long_hold"): {OCT_19: (3, 1), OCT_26: (1, 1)},
    # the first: 4 good, edge, slow, moved, twice, gone, lost, night; the second: 6 good, day, none, still; never short
    ("line", "abandoned"): {OCT_19: (11, 2), OCT_26: (9, 0)},
    # who got in was not turned away, `short` too
    ("line", "turned_away"): {OCT_19: (11, 0), OCT_26: (10, 0)},
    # gone 3 h, lost 8.5 h and more, night 3 h 59; none is anonymous and nobody owes `short` a call
    ("line", "missed_callback"): {OCT_19: (3, 1)},
    # answered and over: 4 good, edge, slow, moved, twice; 6 good, day
    ("line", "handed_on"): {OCT_19: (8, 1), OCT_26: (7, 0)},
    # the first: 4 good, gone, lost, night; the second: 6 good, and day, who came on Saturday; `short` has misdialled
    ("line", "repeat_contact"): {OCT_19: (7, 0), OCT_26: (7, 1)},
    ("line", "lost_context"): {OCT_19: (7, 0), OCT_26: (7, 0)},
    # the first: 2 good, both of the weekend, sunday, thanks; the second: 3 good, never, solved, promise, auto
    ("info", "late_reply"): {OCT_19: (6, 1), OCT_26: (7, 2)},
    ("info", "late_follow_up"): {OCT_19: (1, 1)},
    ("info", "slipped_promise"): {OCT_26: (2, 1)},
    ("info", "reopened"): {OCT_26: (1, 0)},
    # quick, just, late, again
    ("desk", "late_reply"): {OCT_19: (4, 0), OCT_26: (2, 0)},
    ("desk", "late_follow_up"): {OCT_19: (1, 0)},
    # quick, just, late, twice again; around
    ("desk", "late_resolution"): {OCT_19: (5, 1), OCT_26: (1, 0)},
    ("desk", "reopened"): {OCT_19: (5, 1), OCT_26: (1, 0)},
    ("desk", "passed_around"): {OCT_19: (4, 0), OCT_26: (1, 1)},
    ("desk", "escalated"): {OCT_19: (4, 0), OCT_26: (1, 1)},
}
#: Which contacts the signals are about.
SIGNALS = {
    ("line", "slow_answer"): ["edge"],
    ("line", "long_wait"): ["gone", "none", "slow", "twice"],
    ("line", "long_hold"): ["slow", "still"],
    ("line", "abandoned"): ["gone", "lost"],
    ("line", "missed_callback"): ["lost"],
    ("line", "handed_on"): ["moved"],
    ("line", "repeat_contact"): ["day"],
    ("info", "late_reply"): ["never", "solved", "weekend-late"],
    ("info", "late_follow_up"): ["thanks"],
    ("info", "slipped_promise"): ["promise"],
    ("desk", "late_resolution"): ["late"],
    ("desk", "reopened"): ["again"],
    ("desk", "passed_around"): ["around"],
    ("desk", "escalated"): ["around"],
}


def live(clock: FakeClock, script: Script) -> ScriptedConnector:
    """As a phone system tells it: each event at its moment; one night the connection is lost for two hours."""
    first: list[Batch | Exception | datetime] = [Batch(live_lag=timedelta(0))]
    again: list[Batch | Exception | datetime] = [Batch(live_lag=timedelta(0))]
    cut, back = on(SAT, "3:00"), on(SAT, "5:00")
    for event in script.by_moment():
        (first if event.at < cut else again).extend((event.at, Batch([event])))
    first += [cut, TransientError("connection lost", retry_after=(back - cut).total_seconds())]
    return ScriptedConnector(clock, first, again, live=True)


def polled(clock: FakeClock, script: Script, every: float) -> ScriptedConnector:
    """As a poll finds it: what happened since the last one, complete up to now; the cursor is the number of the poll."""
    start, end = on(THU, "8:00"), on(WED, "18:00")
    polls: list[list[Batch | datetime]] = []
    events = script.by_moment()
    moment = start
    while moment < end:
        moment += timedelta(seconds=every)
        found = [event for event in events if event.at <= moment]
        events = events[len(found) :]
        polls.append([moment, Batch(found, {"at": moment.isoformat()} if found else None, watermark=moment)])
    return ScriptedConnector(clock, *polls)


async def test_a_week_against_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.engine.supervise.FLUSH_EVERY", 600.0)  # else most of the week is counting to five
    clock = FakeClock(on(THU, "8:00"))
    scripts = {"pbx": phone(), "mail": mail(), "tickets": tickets()}
    assert len({(name, event.contact) for name, script in scripts.items() for event in script.events}) == 42
    connectors = {
        "pbx": live(clock, scripts["pbx"]),
        "mail": polled(clock, scripts["mail"], 300.0),
        "tickets": polled(clock, scripts["tickets"], 900.0),
    }
    async with RunningDaemon(clock, connectors, **CONFIGURATION) as daemon:
        await clock.advance((on(SAT, "4:00") - clock.now()).total_seconds())
        assert daemon.snapshot().points["line"].running is None
        assert daemon.snapshot().points["info"].running is not None
        await clock.advance((on(WED, "17:30") - clock.now()).total_seconds())
        now = daemon.snapshot()
        line, info, desk = (now.points[name].running for name in ("line", "info", "desk"))
        assert line is not None
        assert info is not None
        assert desk is not None
        assert (line["hold"].waiting, line["hold"].overdue, line["hold"].oldest_since) == (1, 1, on(WED, "16:50", 20))
        assert (line["queue"].waiting, line["callback"].waiting) == (0, 0)
        assert (info["reply"].waiting, info["reply"].overdue, info["reply"].oldest_since) == (1, 1, on(MON, "16:00"))
        assert info["reply"].oldest_business_seconds == 17 * 3600  # one hour, and two days of eight
        assert (desk["resolution"].waiting, desk["resolution"].overdue) == (1, 0)
        assert desk["resolution"].next_due == datetime(2026, 10, 30, 17, tzinfo=LONDON)
    weeks = {(*each, week): pair for each, by_week in TABLE.items() for week, pair in by_week.items()}
    assert daemon.store.weeks("2000-01-01") == weeks
    channels = {"line": "phone", "info": "email", "desk": "ticket"}
    for (point, signal), by_week in TABLE.items():
        shown = tuple(int(daemon.total(f"{name}_total", channels[point], point, signal)) for name in ("assessed", "signals"))
        assert shown == tuple(map(sum, zip(*by_week.values(), strict=True))), (point, signal)
    assert daemon.total("signals_retracted_total") == 0
    found: dict[tuple[str, str], list[str]] = {}
    for _, contact, point, signal, *_ in listed(daemon.store):
        found.setdefault((str(point), str(signal)), []).append(str(contact))
    assert found == SIGNALS
    assert daemon.total("contacts_total", "phone", "line", "inbound") == 21
    assert daemon.total("contacts_total", "phone", "line", "outbound") == 2
    assert daemon.total("contacts_total", "email", "info", "inbound") == 13
    assert daemon.total("contacts_total", "ticket", "desk", "inbound") == 6
    # answered: ten good, edge, slow, moved, twice, day, still; out of their target of 20 s: slow, twice
    assert daemon.total("outcomes_total", "phone", "line", "answered", "true") == 14
    assert daemon.total("outcomes_total", "phone", "line", "answered", "false") == 2
    assert daemon.total("outcomes_total", "phone", "line", "abandoned") == 2
    assert daemon.total("outcomes_total", "phone", "line", "short_abandoned") == 1
    assert daemon.total("outcomes_total", "phone", "line", "flowed_out") == 2
