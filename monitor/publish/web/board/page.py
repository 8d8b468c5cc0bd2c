"""Snapshot and who waits -> the whole board, as its template lays it out. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, Literal, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from monitor.domain.moments import iso
from monitor.domain.snapshot import NEXT_LIMITS_WITHIN, Snapshot, WhoWaits
from monitor.publish.web.board.lines import SEEN, SIGNS, Group, LimitLine, PointLine, Row, clock, limit_lines, line_id, point_line
from monitor.publish.web.board.news import News, SourcesLine, news_of, sources_line
from monitor.publish.web.board.spans import Age, span
from monitor.publish.web.board.standing import Standing, Who, standings
from monitor.publish.web.board.wall import Wall, wall
from monitor.publish.web.moments import Moment, common_moment
from monitor.publish.words import CHANNELS, BoardStanding, words

#: From so many contact points on there are filters, and from so many on a calm row is one line.
FILTERS_FROM: Final = 13
DENSE_FROM: Final = 25
#: So many that fail are cards, the others rows.
CARDS: Final = 3
#: More contact points than so many that one source leaves unknown are one row.
GROUPED_FROM: Final = 4
LIMITS_SHOWN: Final = 10
LIMITS_SHOWN_AT_MOST: Final = 200
_TREND_WIDTH: Final = 104
_TALLIED: Final[Sequence[tuple[BoardStanding, str]]] = (
    ("failing", "failing now"),
    ("risk", "at risk"),
    ("late", "late since earlier"),
    ("unknown", "unknown"),
    ("closed", "closed"),
    ("fine", "fine"),
)


class Wanted(NamedTuple):
    """What somebody looks at. Empty: all."""

    team: str = ""
    channel: str = ""
    all_limits: bool = False
    wall: bool = False

    def query(self, **other: str | bool) -> str:
        """The address of this board, with other choices in place of its own."""
        chosen = self._replace(**other)  # type: ignore[arg-type]  # of the same types
        given = {"team": chosen.team, "channel": chosen.channel, "limits": "all" * chosen.all_limits, "wall": "1" * chosen.wall}
        return "/?" + urlencode({name: value for name, value in given.items() if value}, errors="replace")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many stand so."""

    sign: str
    count: int
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter: a link, how many contact points it leaves, and whether it is chosen."""

    name: str
    count: int
    link: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class StoreLine:
    """The store takes no writes."""

    words: str
    lasting: Age
    to_do: str


@dataclass(frozen=True, slots=True)
class Head:
    """Everything above the figures."""

    news: News
    tally: tuple[Tally, ...]
    sources: SourcesLine
    store: StoreLine | None
    config_refused: Moment | None
    teams: tuple[Choice, ...]
    channels: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What falls due within the next hour."""

    lines: tuple[LimitLine, ...]
    total: int
    among: int  # only the nearest so many of all contact points were looked at for this part; 0: all
    until: str
    all_link: str  # empty: all are shown
    blind: Literal["nowhere", "partly", "everywhere"]  # where nobody can tell which fall


@dataclass(frozen=True, slots=True)
class Board:
    """What one looks at. `at` is not part of what changes."""

    at: datetime
    clock: str
    date: str
    zone: str
    wanted: Wanted
    head: Head
    cards: tuple[PointLine, ...]
    rows: tuple[Row, ...]
    limits: Limits
    dense: bool
    empty: str  # why there is nothing to show
    wall: Wall | None = None  # where it hangs on one

    @property
    def iso(self) -> str:
        return iso(self.at)


def board(snapshot: Snapshot, who: Who, limits: WhoWaits, wanted: Wanted) -> Board:
    """Everything that is said to who looks at `wanted`."""
    return part_of(standings(snapshot, who), snapshot, who, limits, wanted)


def part_of(everybody: Sequence[Standing], snapshot: Snapshot, who: Who, limits: WhoWaits, wanted: Wanted) -> Board:
    """The same of contact points whose standing is known: it is the same for all who look."""
    found = [each for each in everybody if _is_wanted(each, wanted)]
    named = len({state.info.timezone for state in snapshot.points.values()}) > 1
    lines = [point_line(each, who.get(each.key, {}), snapshot, _TREND_WIDTH, named=named) for each in found]
    failing = sum(line.standing == "failing" for line in lines)
    cards = tuple(lines[: min(failing, CARDS)])
    on_the_wall = wall(lines, _grouped(lines[failing:]), snapshot.at) if wanted.wall else None
    zone = _common_zone(snapshot)
    local = snapshot.at.astimezone(zone)
    return Board(
        at=snapshot.at,
        clock=f"{local:%H:%M:%S}",
        date=f"{local:%a} {local.day} {local:%b %Y}",
        zone=f"{local:%Z}",
        wanted=wanted,
        head=_head(everybody, found, lines, snapshot, wanted),
        cards=cards,
        rows=_grouped(lines[len(cards) :]),
        limits=_limits(limits, found, snapshot, wanted, zone, named=named),
        dense=len(found) >= DENSE_FROM,
        empty=_empty(snapshot, found),
        wall=on_the_wall,
    )


def _common_zone(snapshot: Snapshot) -> tzinfo:
    zones = {state.info.timezone for state in snapshot.points.values()}
    return ZoneInfo(zones.pop() if len(zones) == 1 else "UTC")


def _is_wanted(each: Standing, wanted: Wanted) -> bool:
    info = each.state.info
    return wanted.team in ("", info.team) and wanted.channel in ("", info.channel)


def _empty(snapshot: Snapshot, found: Sequence[Standing]) -> str:
    if not snapshot.points:
        return "no point" if snapshot.sources else "no source"
    return "" if found else "filtered"


def _head(
    everybody: Sequence[Standing], found: Sequence[Standing], lines: Sequence[PointLine], snapshot: Snapshot, wanted: Wanted
) -> Head:
    counts = Counter(each.standing for each in found)
    has_filters = len(everybody) >= FILTERS_FROM or wanted.team or wanted.channel
    return Head(
        news=news_of(found, lines, snapshot) if found or not everybody else News("No contact point is of this team and channel"),
        tally=tuple(Tally(SIGNS[standing], counts[standing], said) for standing, said in _TALLIED if counts[standing]),
        sources=sources_line(snapshot),
        store=_store(snapshot),
        config_refused=None if snapshot.config_ok else common_moment(snapshot.config_loaded_at, snapshot.points.values()),
        teams=_teams(everybody, wanted) if has_filters else (),
        channels=_channels(everybody, wanted) if has_filters else (),
    )


def _store(snapshot: Snapshot) -> StoreLine | None:
    trouble = snapshot.store_trouble
    if trouble is None:
        return None
    lasting = span((snapshot.at - trouble.since).total_seconds(), "said")
    return StoreLine(trouble.words, Age(iso(trouble.since), "said", "", lasting), trouble.to_do)


def _teams(everybody: Sequence[Standing], wanted: Wanted) -> tuple[Choice, ...]:
    here = [each for each in everybody if wanted.channel in ("", each.state.info.channel)]
    counts = Counter(each.state.info.team for each in here if each.state.info.team)
    if len(counts) + (wanted.team != "") < 2:
        return ()
    named = [Choice(team, counts[team], wanted.query(team=team), team == wanted.team) for team in sorted(counts)]
    return (Choice("all teams", len(here), wanted.query(team=""), not wanted.team), *named)


def _channels(everybody: Sequence[Standing], wanted: Wanted) -> tuple[Choice, ...]:
    here = [each for each in everybody if wanted.team in ("", each.state.info.team)]
    counts: Counter[str] = Counter(each.state.info.channel for each in here)
    if len(counts) + (wanted.channel != "") < 2:
        return ()
    named = [
        Choice(words(CHANNELS, channel), counts[channel], wanted.query(channel=channel), channel == wanted.channel)
        for channel in CHANNELS
        if counts[channel]
    ]
    return (Choice("all channels", len(here), wanted.query(channel=""), not wanted.channel), *named)


def _grouped(lines: Sequence[PointLine]) -> tuple[Row, ...]:
    """Where a source leaves many unknown they are one row, at the place of the first."""
    of_source: dict[str, list[PointLine]] = {}
    for line in lines:
        if line.source:
            of_source.setdefault(line.source, []).append(line)
    rows: list[Row] = []
    for line in lines:
        together = of_source.get(line.source, [])
        if len(together) < GROUPED_FROM:
            rows.append(line)
        elif together[0] is line:
            points = tuple((each.title, each.path) for each in together)
            note = line.note.partition(SEEN)[0]
            rows.append(Group(line_id(f"source {line.source}"), line.source, line.since, note, points))
    return tuple(rows)


def _limits(
    limits: WhoWaits, found: Sequence[Standing], snapshot: Snapshot, wanted: Wanted, zone: tzinfo, *, named: bool
) -> Limits:
    first, total, among = limits.first, limits.total, 0
    if wanted.team or wanted.channel:
        among = len(first) if total > len(first) else 0
        here = {(each.state.info.name, each.state.info.channel) for each in found}
        first = [waiting for waiting in first if (waiting.contact_point, waiting.channel) in here]
        total = len(first)
    shown = first[: LIMITS_SHOWN_AT_MOST if wanted.all_limits else LIMITS_SHOWN]
    more = total > len(shown) and not wanted.all_limits
    blind = sum(each.standing == "unknown" for each in found)
    return Limits(
        lines=tuple(limit_lines(shown, snapshot)),
        total=total,
        among=among,
        until=clock(snapshot.at + NEXT_LIMITS_WITHIN, snapshot.at, zone, named=named),
        all_link=wanted.query(all_limits=True) + "#next" if more else "",
        blind="nowhere" if not blind else "partly" if blind < len(found) else "everywhere",
    )


def parts(shown: Board) -> Mapping[str, object]:
    """What can change of a board while somebody looks, by the name under which the page knows it."""
    if shown.wall is not None:
        return {"strip": shown.head, "failing": shown.wall, "risks": shown.wall.risks, "rest": shown.wall}
    return {"head": shown.head, "cards": shown.cards, "limits": shown.limits, **{row.id: row for row in shown.rows}}


def order(shown: Board) -> list[str]:
    """The rows of the list, in their order."""
    return [] if shown.wall is not None else [row.id for row in shown.rows]


def macro_of(name: str, part: object) -> tuple[str, str]:
    """Which macro of which template draws a part."""
    if name in ("strip", "failing", "risks", "rest"):
        return "wall_parts.html", name
    return "board_parts.html", name if name in ("head", "cards", "limits") else "group" if isinstance(part, Group) else "row"
