"""What the store tells of one week: counts by the hour, lengths of waits, the worst contacts. Read row by row.

Verdicts and the lengths of waits are those that were found when they fell, or what `recompute` made of them: nothing is judged
anew here but contacts that a version before 0.2 has written. What is held in memory are the lengths of the week's waits (8 bytes
each) and fixed counts.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Final

from monitor.domain.event import Channel, from_micros, to_micros
from monitor.domain.weeks import week_bounds
from monitor.engine.directory import Directory
from monitor.engine.evaluation import (
    examine,
    measured_waits,
    read_history,
    read_record,
    read_running,
    running_signals,
    whereabouts,
)
from monitor.publish.report.findings import HOURS, Hours
from monitor.publish.report.values import WORST_SHOWN, Worst
from monitor.store.base import ContactRow, FoundContact, ListedSignal, Store

#: (contact point, channel)
PointKey = tuple[str, Channel]
#: (source, contact, contact point, signal, occurrence)
_SignalKey = tuple[str, str, str, str, str]
#: Zones are whole quarters of an hour from UTC: all moments of one quarter lie in one hour of every clock.
_QUARTER: Final = 15 * 60 * 1_000_000
#: Of the worst so many times more are held than are shown, so that few are sorted out often.
_HELD: Final = 8
_LATE: Final = "t:promises_kept_late:"
_BROKEN: Final = "s:slipped_promise:"


@dataclass(slots=True)
class PointHistory:
    """What was read of one contact point's week."""

    contacts: int = 0  # whose customers came
    first: int | None = None  # when the first one came, in microseconds
    with_signal: int = 0
    hours: dict[str, Hours] = field(default_factory=dict)  # by signal
    waits: dict[str, "array[float]"] = field(default_factory=dict)  # seconds of those that ended, in no order
    promises_late: int = 0
    worst: dict[str, list[Worst]] = field(default_factory=dict)  # by signal, the worst first

    def add(self, names: Collection[str], waits: Mapping[str, Iterable[float]], outbound: bool, hour: int) -> None:
        """Adds what one contact counts here (`ledger`), which came in this hour of the week."""
        bad = False
        for name in names:
            kind = name[:2]
            if kind == "a:":
                self._hours_of(name).judged[hour] += 1
            elif kind == "s:":
                bad = True
                self._hours_of(name).breached[hour] += 1
            elif kind == "c":
                self.contacts += not outbound
            elif kind == "t:" and name.startswith(_LATE):  # stays where a correction takes the breach back: counters never fall
                self.promises_late += _BROKEN + name.removeprefix(_LATE) in names
        self.with_signal += bad
        for wait, seconds in waits.items():
            lengths = self.waits.get(wait)
            if lengths is None:
                lengths = self.waits[wait] = array("d")
            lengths.extend(seconds)

    def _hours_of(self, name: str) -> Hours:
        signal = name[2 : name.index(":", 2)]
        found = self.hours.get(signal)
        if found is None:
            found = self.hours[signal] = Hours([0] * HOURS, [0] * HOURS)
        return found


class _Clocks:
    """Which hour of the week the clocks of a zone show."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._hours: dict[int, int] = {}

    def hour(self, moment: int) -> int:
        """0 to 167, Monday 0:00 first."""
        quarter = moment // _QUARTER
        hour = self._hours.get(quarter)
        if hour is None:
            local = from_micros(quarter * _QUARTER).astimezone(self._zone)
            hour = self._hours[quarter] = 24 * local.weekday() + local.hour
        return hour


def read_week(store: Store, directory: Directory, monday: date, zones: Mapping[PointKey, tzinfo]) -> dict[PointKey, PointHistory]:
    """The contacts that were offered in this week, in the zone of each contact point; those of no zone are left out. Blocks."""
    found = {key: PointHistory() for key in zones}
    if not zones:
        return found
    clocks = {zone: _Clocks(zone) for zone in zones.values()}
    bounds = {zone: tuple(map(to_micros, week_bounds(monday, zone))) for zone in clocks}
    first, last = min(start for start, _ in bounds.values()), max(end for _, end in bounds.values())
    week = monday.isoformat()
    watermarks = {source: store.cursor_row(source).watermark for _, _, fed_by in directory.points() for source in fed_by}
    still_late: dict[_SignalKey, float] = {}
    for each in store.begun_between(first, last):
        row = each.row
        for history in read_history(row):
            key: PointKey = (history.contact_point, row.channel)  # type: ignore[assignment]  # written by `evaluate`
            point = found.get(key)
            if point is None or history.week != week:
                continue
            still_late.update(_still_late(each, watermarks.get(each.source), directory))
            hour = clocks[zones[key]].hour(row.begun)
            point.first = row.begun if point.first is None else min(point.first, row.begun)
            if history.waits is None:
                point.add(history.names, *_judged_anew(row, directory, history.contact_point), hour)
            else:
                point.add(history.names, history.waits, history.outbound, hour)
    for begun, listed in store.signals_of_begun(first, last):
        key = (listed.row.contact_point, listed.row.channel)  # type: ignore[assignment]  # written by `evaluate`
        point = found.get(key)
        if point is not None and bounds[zones[key]][0] <= begun < bounds[zones[key]][1]:
            _keep_worst(point, listed, still_late)
    for point in found.values():
        for signal, kept in point.worst.items():
            point.worst[signal] = sorted(kept, key=_badness, reverse=True)[:WORST_SHOWN]
    return found


def _judged_anew(row: ContactRow, directory: Directory, contact_point: str) -> tuple[Mapping[str, Iterable[float]], bool]:
    """The waits of a contact that a version before has written, as they are judged now, and whether we began it."""
    record = read_record(row)
    where = whereabouts(record, record.events, directory.look_up)
    examined = examine(record, record.events, where, record.evaluation_time)
    return measured_waits(examined).get(contact_point, {}), examined.contact.direction == "outbound"


def _still_late(found: FoundContact, watermark: int | None, directory: Directory) -> Iterator[tuple[_SignalKey, float]]:
    """How long those have waited, as far as their source has been seen, who wait on though their limit has passed. The rows of
    these signals have what it was when they were last judged, which may be no more than the limit."""
    if found.row.running is None or not any(wait.overdue for wait in read_running(found.row.running)):
        return
    record = read_record(found.row)
    seen = record.evaluation_time if watermark is None else from_micros(watermark)
    examined = examine(record, record.events, whereabouts(record, record.events, directory.look_up), seen)
    for signal in running_signals(examined):
        if signal.waited_seconds is not None:
            yield (found.source, *signal[:4]), signal.waited_seconds


def _badness(worst: Worst) -> tuple[float, datetime, str]:
    return -1.0 if worst.waited_seconds is None else worst.waited_seconds, worst.at, worst.contact


def _keep_worst(point: PointHistory, listed: ListedSignal, still_late: Mapping[_SignalKey, float]) -> None:
    row = listed.row
    waited = still_late.get((listed.source, *row[:4]), row.waited_seconds)
    worst = Worst(listed.contact_id, row.signal, from_micros(row.at), waited, row.limit_seconds)
    kept = point.worst.setdefault(row.signal, [])
    kept.append(worst)
    if len(kept) > _HELD * WORST_SHOWN:
        kept.sort(key=_badness, reverse=True)
        del kept[WORST_SHOWN:]
