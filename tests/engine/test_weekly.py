"""The weekly report of a fortnight made by hand, and of the weeks around it. All figures are worked out beside the events.

London goes back from 2:00 BST to 1:00 GMT on Sunday 25 October 2026: week 43 has 169 hours. Week 44 has a gap, week 45
no contact.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.connector import Batch
from monitor.domain.event import Event, to_micros
from monitor.domain.weeks import parse_week
from monitor.engine.evaluation import contact_id
from monitor.engine.judged_anew import JudgedAnew as JudgedAnewOfStore
from monitor.engine.judged_anew import Span, write_judged_anew
from monitor.engine.weekly import week_report, week_summaries
from monitor.publish.report.values import (
    HeatCell,
    JudgedAnew,
    PointWeek,
    Promises,
    ReportGap,
    SignalWeek,
    StageCause,
    TrendWeek,
    WaitWeek,
    WeekReport,
    Worst,
)
from monitor.publish.report.words import news, plain, point_sentences
from monitor.store import make_store
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from tests.engine.scenarios import IngestRun, ingest_run

LONDON = ZoneInfo("Europe/London")
ALWAYS = {"hours": {"daily": "00:00-24:00"}}
CONFIGURATION: dict[str, Any] = {
    "timezone": "Europe/London",
    "calendars": {"far": {"timezone": "Pacific/Auckland", **ALWAYS}},
    "contact_points": {
        "line": {"source": "pbx", "channel": "phone", "team": "Desk", "title": "Support line"},
        "mail": {"source": "pbx", "channel": "email", "team": "Desk"},
        "far": {"source": "pbx", "channel": "phone", "calendar": "far"},
        "quiet": {"source": "other", "channel": "phone"},
    },
    "sources": {"pbx": {"type": "events"}, "other": {"type": "events"}},
    "policies": {"default": {"late_reply": {"after": "1h"}}},
}
LATER = datetime(2026, 11, 20, tzinfo=UTC)


def z(day: int, clock: str, month: int = 10) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}Z")


def told(contact: str, kind: str, moment: datetime, point: str, channel: Any, **details: Any) -> Event:
    event_id = details.pop("id", f"{contact}-{kind}-{moment.isoformat()}")
    return Event(event_id, contact, f"name:{point}", channel, kind, moment, **details)


def call(name: str, moment: datetime, seconds: float, point: str = "line") -> list[Event]:
    """Answered after so many seconds in the queue; 20 are the limit."""
    kinds = (("queued", 0.0), ("answered", seconds), ("ended", seconds + 60))
    return [told(name, kind, moment + timedelta(seconds=after), point, "phone") for kind, after in kinds]


def mail(name: str, *kinds: tuple[str, datetime]) -> list[Event]:
    return [told(name, kind, moment, "mail", "email") for kind, moment in kinds]


def promise(name: str, asked: datetime, due: datetime, kept: datetime | None) -> list[Event]:
    events = mail(name, ("received", asked), ("replied", asked + timedelta(minutes=10)))
    events.append(told(name, "promised", asked + timedelta(minutes=10), "mail", "email", id=f"{name}-p", due=due))
    return events + ([] if kept is None else [told(name, "fulfilled", kept, "mail", "email")])


#: Week 43. Of the six calls four waited over 20 s. Two came between 1 and 2 o'clock on Sunday, an hour apart.
WEEK_43 = [
    *call("c1", z(19, "08:00:00"), 10),
    *call("c2", z(19, "08:30:00"), 21),
    *call("c3", z(24, "23:30:00"), 5),  # Sunday 0:30 BST
    *call("c4", z(25, "00:30:00"), 30),  # Sunday 1:30 BST
    *call("c5", z(25, "01:30:00"), 40),  # Sunday 1:30 GMT
    *call("c6", z(25, "23:59:50"), 40),  # answered on Monday, at 0:00:30
    *mail("m1", ("received", z(20, "09:00:00"))),  # its answer of 9:30 is read later
    *mail("m2", ("received", z(21, "09:00:00")), ("replied", z(21, "11:00:00"))),
    *promise("p1", z(20, "12:00:00"), z(22, "12:00:00"), z(22, "11:00:00")),
    *promise("p2", z(20, "12:00:00"), z(22, "12:00:00"), z(23, "12:00:00")),
    *promise("p3", z(20, "12:00:00"), z(23, "12:00:00"), None),
    *call("f1", z(25, "10:30:00"), 5, "far"),  # Sunday 23:30 in Auckland
]
#: Week 44: five calls, one over the limit. What happened on Wednesday from 10:20 to 14:05 nobody knows.
WEEK_44 = [
    *call("d1", z(26, "00:00:00"), 5),
    *call("d2", z(27, "09:00:00"), 5),
    *call("d3", z(27, "09:59:59"), 25),
    *call("d4", z(29, "09:00:00"), 5),
    *call("d5", z(30, "09:00:00"), 5),
    *call("f2", z(25, "11:30:00"), 25, "far"),  # Monday 0:30 in Auckland
]
#: Week 46: two calls, both over the limit.
WEEK_46 = [*call("e1", z(9, "09:00:00", 11), 25), *call("e2", z(15, "23:59:59", 11), 25)]
GAP = (z(28, "10:20:00"), z(28, "14:05:00"))


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IngestRun]:
    """The fortnight as it was read: each week when it was over, then what came late. Reports only read it."""
    store: Store = (
        MemoryStore() if request.param == "memory" else make_store(f"sqlite:{tmp_path_factory.mktemp('week') / 'contacts.db'}")
    )
    store.open()
    yield fortnight(store)
    store.close()


def fortnight(store: Store) -> IngestRun:
    made = ingest_run(store, **CONFIGURATION)
    for events, until in ((WEEK_43, z(26, "12:00:00")), (WEEK_44, z(2, "12:00:00", 11)), (WEEK_46, z(16, "12:00:00", 11))):
        made.store_batch(events, until)
        made.sweep(until)
    with store.transaction("pbx") as unit:
        unit.put_gap(*map(to_micros, GAP))
    made.store_batch(mail("m1", ("replied", z(20, "09:30:00"))), z(16, "12:00:00", 11))
    return made


def report_of(run: IngestRun, week: str, now: datetime = LATER, **details: Any) -> WeekReport:
    return week_report(run.store, run.directory, parse_week(week), now, LONDON, **details)


def point_of(report: WeekReport, name: str) -> PointWeek:
    found = report.of(name)
    assert found is not None
    return found


def line_of(point: PointWeek, signal: str) -> SignalWeek:
    return next(each for each in point.signals if each.signal == signal)


def test_a_week_with_a_clock_change_in_figures(run: IngestRun) -> None:
    report = report_of(run, "2026-W43")
    assert (report.week, report.complete, report.gaps) == ("2026-W43", True, ())
    assert (report.starts, report.ends) == (z(18, "23:00:00"), z(26, "00:00:00"))
    assert (report.ends - report.starts) == timedelta(hours=169)
    line = point_of(report, "line")
    assert (line.title, line.team, line.timezone) == ("Support line", "Desk", "Europe/London")
    assert (line.contacts, line.with_signal) == (6, 4)
    long_wait = line_of(line, "long_wait")
    assert (long_wait.judged, long_wait.breached, long_wait.objective, long_wait.met) == (6, 4, 0.8, False)
    assert (long_wait.share, long_wait.formula, long_wait.limit_seconds) == (2 / 6, "SL-D", 20.0)
    # 5 10 21 30 40 40: half of six is the third, nine tenths of it the sixth
    assert line.waits == (WaitWeek("queue", 6, 21.0, 40.0, 40.0, 40.0),)
    assert line.promises is None
    assert line.stages == (StageCause("long_wait", 4, 4),)


def test_both_hours_that_the_clock_calls_one_are_one_place_in_the_heat(run: IngestRun) -> None:
    heat = point_of(report_of(run, "2026-W43"), "line").heat
    assert heat is not None
    assert (heat.signal, heat.unseen) == ("long_wait", ())
    assert [each[:4] for each in heat.cells] == [(0, 9, 2, 1), (6, 0, 1, 0), (6, 1, 2, 2), (6, 23, 1, 1)]
    # one of one by Wilson: 1 / (1 + 1.96 squared)
    assert heat.cells[3] == HeatCell(6, 23, 1, 1, pytest.approx(1 / (1 + 1.959963984540054**2)))


def test_a_call_over_midnight_belongs_to_the_week_in_which_it_came(run: IngestRun) -> None:
    first, second = (point_of(report_of(run, week), "line") for week in ("2026-W43", "2026-W44"))
    assert (first.contacts, second.contacts) == (6, 5)
    worst = first.worst[0]
    # the limit fell ten seconds after midnight, on Monday
    assert worst == Worst(contact_id("pbx", "c6", "line"), "long_wait", z(26, "00:00:10"), 40.0, 20.0)
    names = [contact_id("pbx", name, "line") for name in ("c6", "c5", "c4", "c2")]
    assert [each.contact for each in first.worst] == names
    assert [each.contact for each in second.worst] == [contact_id("pbx", "d3", "line")]


def test_a_contact_point_elsewhere_has_its_own_monday(run: IngestRun) -> None:
    """Auckland is thirteen hours ahead: of two calls an hour apart one came on Sunday, the other on Monday."""
    first, second = (point_of(report_of(run, week), "far") for week in ("2026-W43", "2026-W44"))
    assert (first.starts, first.ends) == (z(18, "11:00:00"), z(25, "11:00:00"))
    assert (first.contacts, line_of(first, "long_wait").breached) == (1, 0)
    assert (second.contacts, line_of(second, "long_wait").breached) == (1, 1)
    assert second.heat is not None
    assert [each[:2] for each in second.heat.cells] == [(0, 0)]


def test_a_late_correction_has_changed_the_past(run: IngestRun) -> None:
    point = point_of(report_of(run, "2026-W43"), "mail")
    # m1 in half an hour after all, m2 in two, three of promises in ten minutes; an hour is the limit
    late = line_of(point, "late_reply")
    assert (point.contacts, late.judged, late.breached) == (5, 5, 1)
    reply = next(each for each in point.waits if each.wait == "reply")
    assert reply == WaitWeek("reply", 5, 600.0, 7200.0, 7200.0, 7200.0)


def test_promises_are_kept_late_or_broken(run: IngestRun) -> None:
    point = point_of(report_of(run, "2026-W43"), "mail")
    assert point.promises == Promises(kept=1, late=1, broken=1)
    assert line_of(point, "slipped_promise").met is False


def test_a_promise_that_was_kept_in_time_after_all_was_not_kept_late() -> None:
    """Both pass their day. Of p2 it is told later that it was kept on Wednesday and not on Friday; p3 is kept by nobody."""
    run = ingest_run(MemoryStore(), **CONFIGURATION)
    for kept in (z(23, "12:00:00"), z(21, "12:00:00")):
        events = [event for name in ("p2", "p3") for event in promise(name, z(20, "12:00:00"), z(22, "12:00:00"), None)]
        run.store_batch([*events, told("p2", "fulfilled", kept, "mail", "email", id="p2-kept")], z(26, "12:00:00"))
    assert point_of(report_of(run, "2026-W43"), "mail").promises == Promises(kept=1, late=0, broken=1)


def test_who_waits_still_has_waited_as_far_as_is_seen() -> None:
    """m1 waits from Tuesday 9:00 on, and the hour that is the limit had just passed when it was judged. m2 had its answer after
    three hours. Seen is the source up to Saturday 9:00, four days later."""
    run = ingest_run(MemoryStore(), **CONFIGURATION)
    run.store_batch(mail("m2", ("received", z(19, "09:00:00")), ("replied", z(19, "12:00:00"))), z(19, "12:00:00"))
    run.store_batch(mail("m1", ("received", z(20, "09:00:00"))), z(20, "10:00:01"))
    seen = z(24, "09:00:00")
    run.ingest.batch("pbx", "events", Batch(), run.store.cursor_row("pbx"), seen, seen, now=LATER)
    worst = point_of(report_of(run, "2026-W43"), "mail").worst
    assert [(each.contact, each.waited_seconds) for each in worst] == [
        (contact_id("pbx", "m1", ""), 345_600.0),
        (contact_id("pbx", "m2", ""), 10_800.0),
    ]


def test_a_week_with_a_gap_is_never_a_good_one(run: IngestRun) -> None:
    report = report_of(run, "2026-W44")
    assert report.gaps == (ReportGap("pbx", *GAP),)
    line = point_of(report, "line")
    long_wait = line_of(line, "long_wait")
    # four of five kept is the objective itself; nobody knows what happened on Wednesday
    assert (long_wait.judged, long_wait.breached, long_wait.share, long_wait.met) == (5, 1, 0.8, None)
    assert long_wait.change is None
    assert long_wait.trend[-1] == TrendWeek("2026-W44", 5, 1, gap=True)
    assert line.gaps == report.gaps
    assert line.heat is not None
    assert line.heat.unseen == ((2, 10), (2, 11), (2, 12), (2, 13), (2, 14))
    # one of one over the limit is missed all the same
    assert line_of(point_of(report, "far"), "long_wait").met is False


def test_a_gap_concerns_the_contact_points_of_its_source_alone(run: IngestRun) -> None:
    assert point_of(report_of(run, "2026-W44"), "quiet").gaps == ()


def test_weeks_before_the_first_record_are_blank_and_later_ones_without_contacts_are_not(run: IngestRun) -> None:
    trend = line_of(point_of(report_of(run, "2026-W46"), "line"), "long_wait").trend
    assert [each.week for each in trend] == [f"2026-W{week}" for week in range(34, 47)]
    assert trend[:9] == tuple(TrendWeek(f"2026-W{week}", None, None) for week in range(34, 43))
    assert trend[9:] == (
        TrendWeek("2026-W43", 6, 4),
        TrendWeek("2026-W44", 5, 1, gap=True),
        TrendWeek("2026-W45", 0, 0),
        TrendWeek("2026-W46", 2, 2),
    )


def test_the_week_in_which_records_begin_says_with_which_contact(run: IngestRun) -> None:
    report = report_of(run, "2026-W43")
    assert {point.contact_point: point.first for point in report.contact_points} == {
        "line": z(19, "08:00:00"),
        "mail": z(20, "09:00:00"),
        "far": z(25, "10:30:00"),
        "quiet": None,
    }
    # on a Monday nothing need be said; Tuesday 10:00 BST; Sunday 23:30 in Auckland
    first = {point.contact_point: [each for each in point_sentences(point) if "first" in each] for point in report.contact_points}
    assert first["line"] == []
    assert first["mail"][0] == "The first contact on record came Tue 20 Oct 10:00: what was before is in no figure."
    assert first["far"] == ["The first contact on record came Sun 25 Oct 23:30: what was before is in no figure."]
    assert {point.first for point in report_of(run, "2026-W44").contact_points} == {None}


def test_a_week_without_contacts_has_no_figures_and_is_no_good_week(run: IngestRun) -> None:
    report = report_of(run, "2026-W45")
    line = point_of(report, "line")
    long_wait = line_of(line, "long_wait")
    assert (line.contacts, line.waits, line.heat, line.worst, line.gaps) == (0, (), None, (), ())
    assert (long_wait.judged, long_wait.share, long_wait.met, long_wait.change, long_wait.lasting) == (0, None, None, None, None)


def test_a_contact_point_without_any_record_is_blank(run: IngestRun) -> None:
    quiet = point_of(report_of(run, "2026-W44"), "quiet")
    assert quiet.contacts == 0
    assert {each for line in quiet.signals for each in line.trend[-1][1:3]} == {None}


def test_a_week_without_figures_is_not_compared_with(run: IngestRun) -> None:
    long_wait = line_of(point_of(report_of(run, "2026-W46"), "line"), "long_wait")
    assert (long_wait.met, long_wait.change) == (False, None)


def test_a_running_week_is_not_judged(run: IngestRun) -> None:
    before_its_end = report_of(run, "2026-W43", now=z(25, "23:59:59"))
    assert not before_its_end.complete
    long_wait = line_of(point_of(before_its_end, "line"), "long_wait")
    assert (long_wait.judged, long_wait.breached, long_wait.met, long_wait.change) == (6, 4, None, None)
    assert report_of(run, "2026-W43", now=z(26, "00:00:00")).complete


def test_a_source_that_is_not_seen_any_more_is_a_gap_up_to_now(run: IngestRun) -> None:
    blind = {"pbx": z(14, "12:00:00", 11)}
    running = report_of(run, "2026-W46", now=z(15, "09:00:00", 11), blind=blind)
    assert running.gaps == (ReportGap("pbx", z(14, "12:00:00", 11), z(15, "09:00:00", 11), open=True),)
    over = report_of(run, "2026-W46", blind=blind)
    assert over.gaps == (ReportGap("pbx", z(14, "12:00:00", 11), z(16, "00:00:00", 11), open=True),)
    assert report_of(run, "2026-W43", blind=blind).gaps == ()


def test_a_shorter_trend_has_fewer_weeks(run: IngestRun) -> None:
    report = report_of(run, "2026-W46", weeks=1)
    assert report.weeks == ("2026-W46",)
    assert [each.week for each in line_of(point_of(report, "line"), "long_wait").trend] == ["2026-W46"]


def test_one_week_is_compared_with_the_one_before_though_that_is_not_shown() -> None:
    run = ingest_run(MemoryStore(), **CONFIGURATION)
    for week, waited in ((z(19, "09:00:00"), 5.0), (z(26, "10:00:00"), 25.0)):
        run.store_batch([each for n in range(8) for each in call(f"{week}-{n}", week + timedelta(hours=n), waited)], LATER)
    long_wait = line_of(point_of(report_of(run, "2026-W44", weeks=1), "line"), "long_wait")
    assert [each.week for each in long_wait.trend] == ["2026-W44"]
    assert long_wait.change is not None
    # none of eight, then all of eight: two tables of 16 over 8 = 12,870 are that far apart
    assert (long_wait.change.judged_before, long_wait.change.breached_before) == (8, 0)
    assert long_wait.change.probability == pytest.approx(2 / 12870)
    assert long_wait.change.more_than_chance  # also among the eight lines of "line" that have figures in both weeks


def test_a_gap_while_it_is_closed_hides_nothing() -> None:
    office = {"hours": {"mon-fri": "09:00-17:00"}}
    points = {"line": {"source": "pbx", "channel": "phone", "calendar": "office"}, "night": {"source": "pbx", "channel": "phone"}}
    run = ingest_run(MemoryStore(), **CONFIGURATION | {"calendars": {"office": office}, "contact_points": points})
    run.store_batch([*call("a", z(27, "10:00:00"), 5), *call("b", z(27, "10:00:00"), 5, "night")], LATER)
    with run.store.transaction("pbx") as unit:
        unit.put_gap(to_micros(z(27, "17:00:00")), to_micros(z(28, "09:00:00")))  # from closing to opening
    report = report_of(run, "2026-W44")
    assert len(report.gaps) == 1
    assert [line_of(point_of(report, name), "long_wait").met for name in ("line", "night")] == [True, None]
    assert [len(point_of(report, name).gaps) for name in ("line", "night")] == [0, 1]
    with run.store.transaction("pbx") as unit:
        unit.put_gap(to_micros(z(27, "17:00:00")), to_micros(z(28, "09:00:01")))
    assert line_of(point_of(report_of(run, "2026-W44"), "line"), "long_wait").met is None


def test_what_has_moved_counts_where_it_was() -> None:
    """A ticket that came on Sunday in Auckland, which is Saturday to Sunday in London, was answered there and moved here."""
    points = {name: {"source": "pbx", "channel": "ticket"} for name in ("desk", "far")}
    points["far"]["calendar"] = "far"
    run = ingest_run(MemoryStore(), **CONFIGURATION | {"contact_points": points})
    steps = [
        ("received", z(25, "11:30:00"), "far"),  # Monday 0:30 in Auckland: week 44; Sunday in London: week 43
        ("replied", z(25, "11:40:00"), "far"),
        ("moved", z(25, "12:00:00"), "desk"),
        ("received", z(25, "13:00:00"), "desk"),
        ("replied", z(25, "13:20:00"), "desk"),
    ]
    run.store_batch([told("t", kind, moment, point, "ticket") for kind, moment, point in steps], LATER)
    far, desk = point_of(report_of(run, "2026-W44"), "far"), point_of(report_of(run, "2026-W43"), "desk")
    assert [(each.wait, each.max_seconds) for each in far.waits] == [("reply", 600.0)]
    assert [(each.wait, each.max_seconds) for each in desk.waits] == [("follow_up", 1200.0)]
    assert (far.contacts, desk.contacts) == (1, 0)  # it began there
    assert (line_of(far, "late_reply").judged, line_of(desk, "late_follow_up").judged) == (1, 1)
    assert point_of(report_of(run, "2026-W43"), "far").waits == ()


def test_where_contacts_were_pruned_shares_and_trends_stay() -> None:
    run = ingest_run(MemoryStore(), **CONFIGURATION)
    run.store_batch([*call("a", z(20, "10:00:00"), 5), *call("b", z(23, "10:00:00"), 25)], LATER)
    assert point_of(report_of(run, "2026-W43"), "line").kept
    assert sum(run.store.prune(to_micros(z(21, "00:00:00")))) == 1
    line = point_of(report_of(run, "2026-W43"), "line")
    assert (line.kept, line.contacts) == (False, 1)
    long_wait = line_of(line, "long_wait")
    assert (long_wait.judged, long_wait.breached, long_wait.met) == (2, 1, False)


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        ([], None),
        ([(z(1, "00:00:00", 11), z(2, "00:00:00", 11))], None),  # another week
        ([(z(1, "00:00:00"), z(30, "00:00:00"))], JudgedAnew(LATER, whole=True)),
        ([(z(18, "23:00:00"), z(22, "00:00:00")), (z(22, "00:00:00"), z(26, "00:00:00"))], JudgedAnew(LATER, whole=False)),
        ([(z(22, "00:00:00"), z(30, "00:00:00"))], JudgedAnew(LATER, whole=False)),
    ],
)
def test_that_a_week_was_judged_anew_is_said(spans: list[tuple[datetime, datetime]], found: JudgedAnew | None) -> None:
    """The report has a contact point in Auckland, whose week 43 begins on Sunday the 18th at 11:00Z."""
    run = ingest_run(MemoryStore(), **CONFIGURATION)
    done = tuple(Span(to_micros(since), to_micros(until), to_micros(LATER), "limits") for since, until in spans)
    write_judged_anew(run.store, JudgedAnewOfStore(done), LATER)
    assert report_of(run, "2026-W43").judged_anew == found


def test_weeks_are_listed_from_the_first_record_to_the_running_one(run: IngestRun) -> None:
    listed = week_summaries(run.store, run.directory, LATER, LONDON)
    assert [each.week for each in listed] == [f"2026-W{week}" for week in (47, 46, 45, 44, 43)]
    assert [each.complete for each in listed] == [False, True, True, True, True]
    assert [each.gap for each in listed] == [False, False, False, True, False]
    running, calls, empty, *_ = listed
    assert (running.judged, running.judged_lines, running.starts) == (0, 0, z(16, "00:00:00", 11))
    # of two calls: long_wait missed; neither given up, nor turned away, nor handed on
    assert (calls.judged, calls.breached, calls.met, calls.judged_lines) == (8, 2, 3, 4)
    assert (empty.judged, empty.judged_lines) == (0, 0)
    assert week_summaries(MemoryStore(), run.directory, LATER, LONDON) == ()


def test_each_listed_week_has_the_news_of_its_report(run: IngestRun) -> None:
    running, calls, empty, with_gap, first = week_summaries(run.store, run.directory, LATER, LONDON)
    assert plain(calls.news) == "Support line: 2 of 2 callers waited too long (0 % kept, the objective is 80 %)"
    assert empty.news == "Nothing was judged in week 45"
    assert running.news == ""
    for each in (calls, empty, with_gap, first):
        assert each.news == news(report_of(run, each.week))


def test_a_signal_that_two_channels_of_a_contact_point_share_is_in_no_listed_week() -> None:
    """A letter and a ticket are answered too late or never: only contacts tell which it was. The ticket alone can be solved."""
    run = ingest_run(MemoryStore(), **{**CONFIGURATION, "contact_points": {"desk": {"source": "pbx"}}})
    turns = (("received", "09:00:00"), ("replied", "11:00:00"))
    letter = [told("m", kind, z(20, clock), "desk", "email") for kind, clock in turns]
    run.store_batch([*letter, told("t", "received", z(20, "09:00:00"), "desk", "ticket")], LATER)
    listed = week_summaries(run.store, run.directory, LATER, LONDON)[-1]
    assert (listed.week, listed.judged, listed.breached) == ("2026-W43", 1, 1)
    assert listed.news.startswith("desk: 1 of 1 solutions were too late")
    assert line_of(point_of(report_of(run, "2026-W43"), "desk"), "late_reply").met is False


def test_what_a_version_before_wrote_is_judged_anew() -> None:
    """Without the lengths of waits in its records the report is the same."""
    run = fortnight(MemoryStore())
    before = report_of(run, "2026-W43")
    with run.store.transaction("pbx") as unit:
        for each in list(run.store.begun_between(0, 2**62)):
            record, _, rest = each.row.record.partition(',"d":')
            unit.put_contacts([each.row._replace(record=record + "}" if rest else record)])
    assert not any('"d":' in each.row.record for each in run.store.begun_between(0, 2**62))
    assert report_of(run, "2026-W43") == before
