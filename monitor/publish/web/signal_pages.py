"""What `/signals` says: the filter, who waits now, the negative contacts; the list as CSV. Pure but for the sending."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web
from multidict import MultiDict, MultiMapping

from monitor.domain.channels import SIGNALS as SIGNALS_KNOWN
from monitor.domain.policy import DEFAULTS
from monitor.domain.snapshot import PointState, Snapshot, Waiting
from monitor.publish.spreadsheet import SIGNAL_COLUMNS, write_csv
from monitor.publish.web.board.spans import PERSONAL
from monitor.publish.web.details import ListedLine, listed_line, short_duration
from monitor.publish.web.middleware import SEND_SECONDS
from monitor.publish.web.moments import Moment, common_moment, moment
from monitor.publish.web.overview import point_path, rounded_duration, store_notice
from monitor.publish.web.query import DEFAULT_SINCE, MAX_SIGNALS
from monitor.publish.web.services import Services, SignalsPage, SignalsWanted
from monitor.publish.words import SIGNALS, WAITS, words

#: Who waits: so many are shown, of so many of each kind of wait that are looked at, all contact points together.
SHOWN_WAITING: Final = 50
_LOOKED_AT: Final = 2000
#: A CSV has at most so many portions of MAX_SIGNALS rows.
MOST_PORTIONS: Final = 200
#: What a form may offer as "since".
_SPANS: Final = ("1h", "24h", "7d", "30d", "90d", "400d")
#: By what the page filters; a CSV has no pages.
FILTERS: Final = ("contact_point", "team", "signal", "since", "until")


class WaitingLine(NamedTuple):
    """Somebody who waits now."""

    contact: str
    point: str
    point_path: str
    words: str
    since: Moment
    waited: str
    due: Moment | None
    limit: str  # when it falls, or fell, in words
    is_over: bool


class WhoWaits(NamedTuple):
    """Who waits now, who is over the limit first; `blind`: where nobody can tell."""

    lines: Sequence[WaitingLine]
    total: int
    blind: Sequence[tuple[str, str]]  # title, path


class Choice(NamedTuple):
    """One entry of a list in the filter."""

    value: str
    words: str
    is_chosen: bool


def filled(query: MultiMapping[str]) -> MultiDict[str]:
    """What was asked for: a form sends what was left empty as well, and the shell has parameters of its own."""
    return MultiDict((name, value) for name, value in query.items() if value.strip() and name != "refresh")


def signals_page(
    query: MultiMapping[str], wanted: SignalsWanted, page: SignalsPage, waiting: WhoWaits | None, snapshot: Snapshot
) -> dict[str, Any]:
    """Everything the page says. `waiting` None: it goes on after another page."""
    points = list(snapshot.points.values())
    zones: dict[tuple[str, str], ZoneInfo] = {
        (state.info.name, state.info.channel): ZoneInfo(state.info.timezone) for state in points
    }
    utc = ZoneInfo("UTC")
    asked = {name: value for name, value in query.items() if name in FILTERS}
    again = {**asked, "since": wanted.since.isoformat(), **({} if wanted.until is None else {"until": wanted.until.isoformat()})}
    more = {} if page.cursor is None else {**again, "limit": str(wanted.limit), "cursor": page.cursor}
    return {
        "at": common_moment(snapshot.at, points),
        "store": store_notice(snapshot),
        "points": _points(points, query.get("contact_point")),
        "teams": _teams(points, query.get("team")),
        "kinds": [Choice(name, words(SIGNALS, name), name == query.get("signal")) for name in SIGNALS_KNOWN],
        "since": query.get("since", DEFAULT_SINCE),
        "until": query.get("until", ""),
        "spans": _SPANS,
        "from_moment": common_moment(wanted.since, points),
        "waiting": waiting,
        "lines": [(_point(row, snapshot), _listed(row, zones, utc)) for row in page.rows],
        "is_first": wanted.cursor is None,
        "first_path": f"/signals?{urlencode(asked, errors='replace')}",
        "next_path": f"/signals?{urlencode(more, errors='replace')}" if more else "",
        "csv_path": f"/signals.csv?{urlencode(asked, errors='replace')}",
        "json_path": f"/api/v1/signals?{urlencode({**asked, 'limit': str(MAX_SIGNALS)}, errors='replace')}",
        "csv_rows": f"{MOST_PORTIONS * MAX_SIGNALS:,}",
        "filtered": bool(asked.keys() - {"since"}),
    }


def _points(states: Sequence[PointState], chosen: str | None) -> list[Choice]:
    titles = {state.info.name: state.info.title or state.info.name for state in states}
    if chosen is not None:
        titles.setdefault(chosen, chosen)  # of a contact point that is no more
    return [Choice(name, title, name == chosen) for name, title in sorted(titles.items(), key=lambda each: each[1].casefold())]


def _teams(states: Sequence[PointState], chosen: str | None) -> list[Choice]:
    return [Choice(team, team, team == chosen) for team in sorted({state.info.team for state in states} - {""})]


def _point(row: Mapping[str, Any], snapshot: Snapshot) -> tuple[str, str]:
    """The title of the contact point of a row, and its path; empty where it is no more."""
    infos = [state.info for state in snapshot.points.values() if state.info.name == row["contact_point"]]
    title = next((info.title for info in infos if info.title), row["contact_point"])
    return title, point_path(row["contact_point"]) if infos else ""


def _listed(row: Mapping[str, Any], zones: Mapping[tuple[str, str], ZoneInfo], utc: ZoneInfo) -> ListedLine:
    return listed_line(row, zones.get((row["contact_point"], row["channel"]), utc))


def who_waits(services: Services, wanted: SignalsWanted, snapshot: Snapshot) -> WhoWaits | None:
    """Who waits now at the contact points that are asked for, in what the signal judges. None: that judges no wait."""
    kind = None if wanted.signal is None else DEFAULTS[wanted.signal].wait
    if wanted.signal is not None and kind is None:
        return None
    chosen = wanted.contact_points
    states = [each for each in snapshot.points.values() if chosen is None or each.info.name in chosen]
    most = max(1, min(SHOWN_WAITING, _LOOKED_AT // max(1, len(states))))
    found: list[tuple[Waiting, PointState]] = []
    total = 0
    for state in states:
        if not any(now.waiting for now in (state.running or {}).values()):
            continue
        for wait, who in services.waiting(state.info.name, state.info.channel, most).items():
            if kind in (None, wait):
                total += who.total
                found += [(each, state) for each in who.first]
    blind = [(state.info.title or state.info.name, point_path(state.info.name)) for state in states if state.running is None]
    order = sorted(found, key=lambda each: _urgency(each[0]))
    return WhoWaits([waiting_line(each, state, snapshot) for each, state in order[:SHOWN_WAITING]], total, blind)


def _urgency(each: Waiting) -> tuple[bool, bool, bool, datetime]:
    """Over the limit first, and of those who hangs on the line before letters, or a backlog would hide them; then by limit."""
    return not each.overdue, each.overdue and each.wait not in PERSONAL, each.due_at is None, each.due_at or each.since


def waiting_line(each: Waiting, state: PointState, snapshot: Snapshot) -> WaitingLine:
    """In words."""
    zone, limit = ZoneInfo(state.info.timezone), "no limit"
    if each.due_at is not None:
        left = (each.due_at - snapshot.at).total_seconds()
        limit = _over(each, -left) if each.overdue else f"limit in {rounded_duration(left)}"
    return WaitingLine(
        contact=each.contact,
        point=state.info.title or state.info.name,
        point_path=point_path(state.info.name),
        words=words(WAITS, each.wait),
        since=moment(each.since, zone),
        waited=_waited(each, snapshot),
        due=None if each.due_at is None else moment(each.due_at, zone),
        limit=limit,
        is_over=each.overdue,
    )


def _over(each: Waiting, by_the_clock: float) -> str:
    """How far over the limit, as the wait beside it is measured; a limit in opening days is only known as a moment."""
    if each.business_seconds is None:
        return f"over for {rounded_duration(by_the_clock)}" if by_the_clock >= 1 else "just over"
    if each.limit_seconds is None:
        return f"limit passed {rounded_duration(by_the_clock)} ago"
    over = int(each.business_seconds - each.limit_seconds)
    return f"over for {short_duration(over)}" if over >= 1 else "just over"


def _waited(each: Waiting, snapshot: Snapshot) -> str:
    """By the clock in the two largest parts; in opening hours never in days."""
    if each.business_seconds is None:
        return rounded_duration((snapshot.at - each.since).total_seconds())
    return f"{short_duration(int(each.business_seconds))} of opening hours"


def csv_portion(rows: Sequence[Mapping[str, Any]], *, with_head: bool) -> bytes:
    """These rows as CSV, as `signals --format csv` writes them."""
    out = io.StringIO()
    write_csv(out, SIGNAL_COLUMNS, rows)
    text = out.getvalue()
    return (text if with_head else text.partition("\n")[2]).encode("utf-8", "replace")


async def send_csv(request: web.Request, portions: AsyncIterator[bytes]) -> web.StreamResponse:
    """Portions as they come. What cannot be read to its end is cut off, so that nobody takes it for the whole."""
    response = web.StreamResponse(
        headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="signals.csv"'}
    )
    portion: bytes | None = await anext(portions)  # what is refused is refused before anything is sent
    await response.prepare(request)
    try:
        while portion is not None:
            async with asyncio.timeout(SEND_SECONDS):
                await response.write(portion)
            portion = await anext(portions, None)
    except (web.HTTPException, TimeoutError):
        if request.transport is not None:
            request.transport.abort()
    return response
