"""What the board says of each contact point, in words. Pure. Lines that are equal look the same, but for what has grown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

from monitor.domain.durations import format_opening_days
from monitor.domain.policy import SIGNAL_OF_WAIT
from monitor.domain.snapshot import PointInfo, PointState, Reading, Snapshot, Waiting, WhoWaits, week_counts
from monitor.domain.weeks import monday_of, week_name, weeks_until
from monitor.publish.charts.shapes import Picture
from monitor.publish.charts.trend import draw_trend
from monitor.publish.charts.wait_bar import Look
from monitor.publish.report.values import FORMULAS, TrendWeek, reaches
from monitor.publish.web.board.spans import NBSP, Age, Left, Used, age_of, left_until, limit_of, since_age, used_of
from monitor.publish.web.board.standing import Kind, Standing
from monitor.publish.web.overview import point_path, unknown_since
from monitor.publish.words import AGENTS, BOARD_STANDINGS, CHANNELS, COUNTED_CONTACTS, WAITS, BoardStanding, words

#: Of those who wait at a contact point that fails, so many are named.
WHO_SHOWN: Final = 12
_WEEK: Final = 7
#: Whole weeks of a trend (contract section 5).
WEEKS: Final = 13
_NO_GAPS: Final = (False,) * WEEKS
_NOTHING: Final = (0, 0)
#: Goes before what was seen of today where nobody can see what is now.
SEEN: Final = " Seen of today:"
#: The first of these that was judged there says what was kept; before any was, the first that is switched on.
_FIRST_SIGNALS: Final = ("long_wait", "slow_answer", "late_reply")
_WHY_BLIND: Final[Mapping[Reading, str]] = {
    "down": "is down",
    "behind": "has told nothing newer",
    "not read yet": "has not been read yet",
    "up": "",
}
#: Waits that are due at a moment, not after so long.
_DATED: Final = frozenset({"promise", "complaint"})
_LOOKS: Final[Mapping[BoardStanding, Look]] = {"failing": "breached", "late": "breached", "risk": "risk"}
#: The sign of a standing, as templates/signs.html draws it.
SIGNS: Final[Mapping[BoardStanding, str]] = {
    "failing": "breached",
    "risk": "risk",
    "late": "breached",
    "unknown": "unknown",
    "fine": "good",
    "closed": "closed",
}


@dataclass(frozen=True, slots=True)
class Now:
    """Who waits for one thing: the figures of a row."""

    waiting: int
    over: int
    what: str  # "in the queue"
    in_opening_hours: bool
    age: Age | None  # of the longest
    limit: str
    used: Used | None
    look: Look
    next_limit: Left | None


@dataclass(frozen=True, slots=True)
class Level:
    """What was kept of today's contacts, against the objective. `share` empty: nothing was judged yet."""

    share: str
    below: bool
    counted: str  # "212 calls"
    formula: str
    objective: str


@dataclass(frozen=True, slots=True)
class WhoWaitsHere:
    """One of those who wait, leading to the evidence."""

    contact: str
    age: Age
    over: bool


@dataclass(frozen=True, slots=True)
class PointLine:
    """One contact point. `note`: what is said in place of figures where it is unknown or closed."""

    id: str
    path: str
    title: str
    channel: str
    team: str
    standing: BoardStanding
    sign: str
    standing_words: str
    now: Now | None
    level: Level | None
    trend: Picture | None
    agents: tuple[tuple[int, str], ...] | None  # None: no source tells
    open_until: str
    since: str  # of what is unknown: up to when it was known; of what is closed: when it opens
    unknown_for: Age | None
    note: str
    who: tuple[WhoWaitsHere, ...] = ()
    more_who: int = 0
    source: str = ""  # of what is unknown: the one source that is not read


@dataclass(frozen=True, slots=True)
class Group:
    """Contact points that one source leaves unknown."""

    id: str
    source: str
    since: str
    note: str
    points: tuple[tuple[str, str], ...]  # title, path


#: A row of the list.
Row = PointLine | Group


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit that falls next."""

    contact: str
    title: str
    left: Left
    what: str
    age: Age
    limit: str  # empty where it has none, or is a moment


def line_id(key: str) -> str:
    """A name for the page's own use, whatever the contact point is called."""
    return "p" + blake2b(key.encode("utf-8", "replace"), digest_size=6).hexdigest()


def point_line(each: Standing, who: Mapping[str, WhoWaits], snapshot: Snapshot, trend_width: int, *, named: bool) -> PointLine:
    """One contact point in words; `who`: by wait those who wait there; `named`: moments with their zone."""
    state, info, main = each.state, each.state.info, each.main
    here = who.get(main.wait) if main is not None and each.standing == "failing" else None
    first = here.first[:WHO_SHOWN] if here is not None else ()
    zone = ZoneInfo(info.timezone)
    unknown, signal = unknown_since(state, snapshot), first_signal(info, snapshot)
    level = level_of(state, signal, snapshot)
    sources = [name for name in info.sources if name in snapshot.sources]
    silent = [name for name in sources if snapshot.sources[name].reading(snapshot.at) != "up"]
    return PointLine(
        id=line_id(each.key),
        path=point_path(info.name),
        title=info.title or info.name,
        channel=words(CHANNELS, info.channel),
        team=info.team,
        standing=each.standing,
        sign=SIGNS[each.standing],
        standing_words=BOARD_STANDINGS[each.standing].one,
        now=None if main is None else _now(main, info, snapshot.at),
        level=level,
        trend=trend_of(info, signal, snapshot, trend_width),
        agents=_agents(state),
        open_until=clock(state.turns_at, snapshot.at, zone, named=named) if state.open and state.turns_at is not None else "",
        since=clock(unknown if each.standing == "unknown" else state.turns_at, snapshot.at, zone, named=named)
        if each.standing in ("unknown", "closed")
        else "",
        unknown_for=None if unknown is None else since_age(unknown, snapshot.at),
        note=_note(each, level, snapshot, zone, named=named),
        who=tuple(WhoWaitsHere(waiting.contact, age_of(waiting, snapshot.at), waiting.overdue) for waiting in first),
        more_who=here.total - len(first) if here is not None else 0,
        source=silent[0] if each.standing == "unknown" and len(silent) == 1 else "",
    )


def _now(kind: Kind, info: PointInfo, at: datetime) -> Now:
    running, longest = kind.running, kind.longest
    due = running.next_due
    days = info.limit_opening_days.get(SIGNAL_OF_WAIT.get(kind.wait, ""))
    limit = "" if longest is None or kind.wait in _DATED else limit_of(longest)
    return Now(
        waiting=running.waiting,
        over=running.overdue,
        what=words(WAITS, kind.wait, running.waiting),
        in_opening_hours=longest is not None and longest.business_seconds is not None,
        age=None if longest is None else age_of(longest, at),
        limit=limit if days is None else format_opening_days(days),
        used=None if longest is None else used_of(longest, at),
        look=_LOOKS.get(kind.standing, "fine"),
        next_limit=None if due is None or due <= at else left_until(due, at),
    )


def first_signal(info: PointInfo, snapshot: Snapshot) -> str | None:
    """The signal whose share stands for a contact point; None: none of these is switched on.

    A direct number has no queue: though `long_wait` is switched on there, it is never judged.
    """
    on = [signal for signal in _FIRST_SIGNALS if signal in info.objectives]
    weeks = _weeks_until(monday_of(snapshot.at, ZoneInfo(info.timezone)))

    def is_judged(signal: str) -> bool:
        if snapshot.today.get((info.name, info.channel, signal), _NOTHING)[0]:
            return True
        return any((week_counts(snapshot, info, signal, week) or _NOTHING)[0] for week in reversed(weeks))

    return next(filter(is_judged, on), on[0] if on else None)


def level_of(state: PointState, signal: str | None, snapshot: Snapshot) -> Level | None:
    """What was kept today; None where no signal says so."""
    info = state.info
    if signal is None:
        return None
    objective = info.objectives[signal]
    judged, breached = snapshot.today.get((info.name, info.channel, signal), _NOTHING)
    return Level(
        share=f"{(judged - breached) * 100 // judged}{NBSP}%" if judged else "",
        below=bool(judged) and not reaches(judged, breached, objective),
        counted=f"{judged} {words(COUNTED_CONTACTS, info.channel, judged)}" if judged else "",
        formula=FORMULAS.get(signal, ""),
        objective=f"{round(objective * 100, 3):g}{NBSP}%",
    )


def trend_of(info: PointInfo, signal: str | None, snapshot: Snapshot, width: int) -> Picture | None:
    """The last whole weeks against the objective, hatched where they were not wholly seen; None where there is none yet."""
    if signal is None:
        return None
    weeks = _weeks_until(monday_of(snapshot.at, ZoneInfo(info.timezone)))[:-1]
    counts = tuple(snapshot.weeks.get((info.name, signal, week)) for week in weeks)
    pairs = zip(counts, weeks, strict=True)
    if not any(counts) or any(kept and week_counts(snapshot, info, signal, week) != kept for kept, week in pairs):
        return None
    unseen = snapshot.unseen.get((info.name, info.channel), ())
    gaps = tuple(week in unseen for week in weeks) if unseen else _NO_GAPS
    return _drawn(counts, gaps, weeks, info.objectives[signal], width)


@lru_cache(maxsize=64)
def _weeks_until(monday: date) -> tuple[str, ...]:
    """The Mondays (ISO dates) of the whole weeks before that of `monday`, and that one last."""
    return tuple(week.isoformat() for week in weeks_until(monday, WEEKS + 1))


@lru_cache(maxsize=4096)
def _drawn(
    counts: tuple[tuple[int, int] | None, ...], gaps: tuple[bool, ...], mondays: tuple[str, ...], objective: float, width: int
) -> Picture:
    """The same picture as long as no week changes: drawing two hundred would be most of a board's cost.

    Before the first figure nothing was recorded yet: what was not seen then is no gap.
    """
    weeks, is_recorded = [], False
    for monday, each, gap in zip(mondays, counts, gaps, strict=True):
        is_recorded = is_recorded or each is not None
        judged, breached = each or (None, None)
        weeks.append(TrendWeek(week_name(date.fromisoformat(monday)), judged, breached, gap and is_recorded))
    return draw_trend(weeks, objective, width)


def _agents(state: PointState) -> tuple[tuple[int, str], ...] | None:
    if state.agents is None:
        return None
    if not any(state.agents.values()):
        return ()
    return tuple((count, words(AGENTS, doing, count)) for doing, count in state.agents.items() if count or doing == "ready")


def clock(moment: datetime | None, now: datetime, zone: tzinfo, *, named: bool = False) -> str:
    """`10:21` of today, else `Tue 09:00`, further away `24 Nov 09:00`; `named`: with its zone."""
    if moment is None:
        return ""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    days = abs((local.date() - today).days)
    date = "" if not days else f"{local:%a} " if days < _WEEK else f"{local.day} {local:%b} "
    return f"{date}{local:%H:%M}{' ' + (local.tzname() or '') if named else ''}"


def _note(each: Standing, level: Level | None, snapshot: Snapshot, zone: ZoneInfo, *, named: bool) -> str:
    if each.standing == "unknown":
        why = _why_blind(each.state, snapshot)
        seen = f"{SEEN} {level.share} kept of {level.counted}, objective {level.objective}." if level and level.share else ""
        return f"{why}. Who waits there now is not known.{seen}"
    if each.standing != "closed" or not each.kinds:
        return ""
    waiting, over = (sum(getattr(kind.running, what) for kind in each.kinds) for what in ("waiting", "overdue"))
    due = min((kind.running.next_due for kind in each.kinds if kind.running.next_due is not None), default=None)
    late = f" ({over} over the limit)" if over else ""
    falls = (
        f"; the next limit falls at {clock(due, snapshot.at, zone, named=named)}" if due is not None and due > snapshot.at else ""
    )
    contacts = words(COUNTED_CONTACTS, each.state.info.channel, waiting)
    return f"{waiting} {contacts} {'waits' if waiting == 1 else 'wait'}{late}{falls}."


def _why_blind(state: PointState, snapshot: Snapshot) -> str:
    """Without how long: that stands beside it, and grows."""
    sources = [snapshot.sources[name] for name in state.info.sources if name in snapshot.sources]
    reasons = []
    for source in sources:
        said = _WHY_BLIND[source.reading(snapshot.at)]
        if said:
            trouble = f": {source.trouble}" if source.trouble and source.up is False else ""
            reasons.append(f"its source {source.name} {said}{trouble}")
    why = "; ".join(reasons) or "no source feeds it"
    return why[0].upper() + why[1:]


def limit_line(waiting: Waiting, titles: Mapping[str, str], now: datetime) -> LimitLine:
    """One limit that falls next; `titles`: by name of the contact point."""
    limit = "" if waiting.wait in _DATED else limit_of(waiting)
    title, left = titles.get(waiting.contact_point, waiting.contact_point), left_until(waiting.due_at or now, now)
    return LimitLine(waiting.contact, title, left, words(WAITS, waiting.wait), age_of(waiting, now), limit)


def limit_lines(found: Sequence[Waiting], snapshot: Snapshot) -> list[LimitLine]:
    """Limits that fall next, the nearest first."""
    titles = {state.info.name: state.info.title or state.info.name for state in snapshot.points.values()}
    return [limit_line(waiting, titles, snapshot.at) for waiting in found]
