"""`what-if`: a week judged by the present limits and by other ones, side by side. Reads, and stores nothing.

Both figures are judged from the stored contacts now, so that whatever differs comes from the limits alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final, NamedTuple

from monitor.domain.channels import SIGNALS_OF
from monitor.domain.event import EPOCH, Channel, from_micros, to_micros
from monitor.domain.judge import Verdict, fell_at, reported_seconds
from monitor.domain.ledger import week_start
from monitor.domain.limits import limit_opening_days, limit_seconds
from monitor.domain.moments import iso
from monitor.domain.policy import Policy
from monitor.domain.service_level import AS_COUNTED, SIGNAL, Formula, is_bad
from monitor.domain.weeks import week_bounds, week_name
from monitor.engine.directory import Directory
from monitor.engine.evaluation import Examined, Record, examine, read_record, whereabouts
from monitor.publish.report.values import reaches, share_kept
from monitor.store.base import FoundContact, Store

#: Contacts that are named of those that make the difference, for each signal of a contact point.
SHOWN: Final = 10
#: No zone is further from Greenwich.
_FURTHEST: Final = timedelta(hours=26)

_IS_BAD: Final[Mapping[str, bool]] = {"kept": False, "breached": True}

PointKey = tuple[str, Channel]


class Judging(NamedTuple):
    """By what a week is judged."""

    directory: Directory
    formula: Formula = AS_COUNTED


class Different(NamedTuple):
    """A contact that counts otherwise. `now`, `then`: whether it is bad; None: it does not count in this week."""

    contact: str
    at: datetime  # when it began
    now: bool | None
    then: bool | None
    waited_seconds: float | None
    limit_seconds: float | None  # then


@dataclass(slots=True)
class Side:
    """One signal of a contact point, as it is judged on one side. `objective` None: it is off there."""

    objective: float | None = None
    limit_seconds: float | None = None
    limit_opening_days: int | None = None
    formula: Formula | None = None
    judged: int = 0
    breached: int = 0

    @property
    def share(self) -> float | None:
        return share_kept(self.judged, self.breached)

    def met(self, complete: bool) -> bool | None:
        """Whether the objective was reached; None where there is no figure, or the week is not over."""
        if not complete or not self.judged or self.objective is None:
            return None
        return reaches(self.judged, self.breached, self.objective)


@dataclass(slots=True)
class Line:
    """One signal of a contact point: `now` and `then`, how many verdicts differ, and the first contacts of those."""

    now: Side
    then: Side
    differing: int = 0
    contacts: list[Different] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A week under the present limits and under others. Lines are in the order of contract section 4."""

    week: str
    timezone: str
    complete: bool
    points: Mapping[PointKey, Mapping[str, Line]]


class _Judged(NamedTuple):
    """A contact as one side judges it: by contact point, signal and key whether it is bad; only what counts in the week."""

    bad: Mapping[tuple[str, str, str], bool]
    examined: Examined
    verdicts: Mapping[tuple[str, str, str], Verdict]


def what_if(store: Store, now: Judging, then: Judging, monday: date, moment: datetime, timezone: tzinfo) -> WhatIf:
    """The week that begins on this Monday, in the zone of each contact point. `moment`: the present one. Blocks."""
    week, first, last = monday.isoformat(), *week_bounds(monday, timezone)
    points: dict[PointKey, dict[str, Line]] = {}
    for config, channel, _ in now.directory.points():
        points[config.name, channel] = _lines(config.name, channel, now, then)
    seen: dict[str, datetime] = {}
    for found in store.begun_between(to_micros(first - _FURTHEST), to_micros(last + _FURTHEST)):
        if found.source not in seen:
            watermark = store.cursor_row(found.source).watermark
            seen[found.source] = EPOCH if watermark is None else from_micros(watermark)
        record = read_record(found.row)
        sides = [_judge(record, side, seen[found.source], week) for side in (now, then)]
        for key in dict.fromkeys((*sides[0].bad, *sides[1].bad)):
            point: PointKey = (key[0], record.channel)
            lines = points.get(point)
            if lines is None:
                lines = points[point] = _lines(*point, now, then)
            if (line := lines.get(key[1])) is not None:
                _add(line, key, found, *sides)
    return WhatIf(week_name(monday), str(timezone), moment >= last, points)


def _lines(point: str, channel: Channel, now: Judging, then: Judging) -> dict[str, Line]:
    """Those that are switched on on one side at least."""
    policies = [side.directory.look_up(point, channel) for side in (now, then)]
    return {
        signal: Line(_side(signal, policies[0], now.formula), _side(signal, policies[1], then.formula))
        for signal in SIGNALS_OF[channel]
        if any(signal in policy.rules for policy in policies)
    }


def _side(signal: str, policy: Policy, formula: Formula) -> Side:
    rule = policy.rules.get(signal)
    if rule is None:
        return Side()
    letter = formula if signal == SIGNAL else None
    return Side(rule.objective, limit_seconds(rule, policy), limit_opening_days(rule), letter)


def _judge(record: Record, side: Judging, seen: datetime, week: str) -> _Judged:
    where = whereabouts(record, record.events, side.directory.look_up)
    examined = examine(record, record.events, where, seen)
    bad: dict[tuple[str, str, str], bool] = {}
    verdicts: dict[tuple[str, str, str], Verdict] = {}
    for verdict, is_one in _counting(examined, side.formula):
        policy = where.policies[verdict.stay]
        if week_start(examined.contact.begun, policy.timezone) == week:
            key = (where.points[verdict.stay], verdict.signal, verdict.key)
            bad[key], verdicts[key] = is_one, verdict
    return _Judged(bad, examined, verdicts)


def _counting(examined: Examined, formula: Formula) -> Iterator[tuple[Verdict, bool]]:
    for verdict in examined.judgement.verdicts:
        counts = is_bad(verdict, formula) if verdict.signal == SIGNAL else _IS_BAD.get(verdict.state)
        if counts is not None:
            yield verdict, counts


def _add(line: Line, key: tuple[str, str, str], found: FoundContact, now: _Judged, then: _Judged) -> None:
    is_bad_now, is_bad_then = now.bad.get(key), then.bad.get(key)
    for side, counts in ((line.now, is_bad_now), (line.then, is_bad_then)):
        side.judged += counts is not None
        side.breached += bool(counts)
    if is_bad_now == is_bad_then:
        return
    line.differing += 1
    if len(line.contacts) < SHOWN:
        shown = then if key in then.verdicts else now
        verdict, examined = shown.verdicts[key], shown.examined
        waited, limit = reported_seconds(
            verdict, examined.contact, examined.where.policies[verdict.stay], fell_at(verdict) or examined.evaluation_time
        )
        line.contacts.append(
            Different(found.row.id, examined.contact.begun, is_bad_now, is_bad_then, waited, limit if shown is then else None)
        )


def as_json_value(found: WhatIf) -> dict[str, Any]:
    """For programs: names as in the weekly report (contract section 8), `now` and `then` side by side."""
    return {
        "week": found.week,
        "timezone": found.timezone,
        "complete": found.complete,
        "contact_points": [
            {
                "contact_point": point,
                "channel": channel,
                "signals": [
                    {
                        "signal": signal,
                        "now": _as_json(line.now, found.complete),
                        "then": _as_json(line.then, found.complete),
                        "differing": line.differing,
                        "contacts": [{**each._asdict(), "at": iso(each.at)} for each in line.contacts],
                    }
                    for signal, line in lines.items()
                ],
            }
            for (point, channel), lines in found.points.items()
        ],
    }


def _as_json(side: Side, complete: bool) -> dict[str, Any] | None:
    if side.objective is None:
        return None
    return {
        "judged": side.judged,
        "breached": side.breached,
        "share": side.share,
        "objective": side.objective,
        "met": side.met(complete),
        "formula": side.formula,
        "limit_seconds": side.limit_seconds,
        "limit_opening_days": side.limit_opening_days,
    }
