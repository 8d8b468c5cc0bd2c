"""What a request names and asks for, within bounds; everything else is refused with the remedy."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple, get_args
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from monitor.domain.channels import SIGNALS
from monitor.domain.contact import WaitKind
from monitor.domain.durations import parse_duration
from monitor.domain.moments import iso, parse_moment
from monitor.domain.snapshot import PointState, Snapshot
from monitor.domain.weeks import monday_of, parse_week
from monitor.errors import nearest
from monitor.publish.web.services import SignalsWanted

MAX_SIGNALS: Final = 1000
DEFAULT_SIGNALS: Final = 100
DEFAULT_SINCE: Final = "7d"
#: Longer than any name of ours.
MAX_NAME: Final = 300
_MAX_SHOWN: Final = 80
#: By which signals are asked for.
SIGNALS_PARAMETERS: Final = ("contact_point", "team", "signal", "since", "until", "limit", "cursor")
MAX_WAITING: Final = 200
DEFAULT_WAITING: Final = 50
_WAITS: Final = get_args(WaitKind)
#: No clock is further ahead of Greenwich.
_AHEAD: Final = timedelta(hours=14)
_NEW_CURSOR: Final = "ask again without it, and follow the Link header of that answer"


class NoSuchPoint(web.HTTPNotFound):
    """There is no contact point of that name; `nearest` are names that are known."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.nearest = nearest(name, known)
        hint = f"; did you mean {', '.join(map(shown, self.nearest))}?" if self.nearest else ""
        super().__init__(text=f"there is no contact point {shown(name)}{hint}")


class OldCursor(web.HTTPBadRequest):
    """A cursor at which nothing stands."""

    def __init__(self) -> None:
        super().__init__(
            text="cursor: it is none of this monitor's, or the signal at which that page ended was taken back or is not kept any "
            f"more: {_NEW_CURSOR}"
        )


def shown(text: str) -> str:
    """A text of unknown length, in quotes, fit for one line."""
    return repr(text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…")


def refuse_others(query: MultiMapping[str], names: Collection[str]) -> None:
    """Raises HTTPBadRequest for a parameter that is none of these, or is there twice."""
    for name in query:
        if name not in names:
            remedy = f"write {', '.join(names)}" if names else "this address takes none"
            raise _refused(f"there is no parameter {shown(name)}: {remedy}")
        if len(query.getall(name)) > 1:
            raise _refused(f"{name}: write it once")


def wanted_signals(query: MultiMapping[str], snapshot: Snapshot) -> SignalsWanted:
    """Which signals `contact_point`, `team`, `signal`, `since`, `until`, `limit` and `cursor` ask for. Raises HTTPBadRequest."""
    since, until = _moment(query, "since", DEFAULT_SINCE, snapshot.at), None
    if "until" in query:
        until = _moment(query, "until", "", snapshot.at)
        if until <= since:
            raise _refused(f"until: {shown(query['until'])} is not after since: write a later moment, or leave it out")
    limit = _limit(query, DEFAULT_SIGNALS, MAX_SIGNALS)
    return SignalsWanted(since, until, _points(query, snapshot), _signal(query.get("signal")), limit, _cursor(query))


def refuse_unknown(name: str, snapshot: Snapshot) -> None:
    """Raises NoSuchPoint where no contact point is called so."""
    known = {state.info.name for state in snapshot.points.values()}
    if name not in known:
        raise NoSuchPoint(name, known)


class WaitsWanted(NamedTuple):
    """Whose waits are asked for. `wait` None: all kinds."""

    states: Sequence[PointState]
    wait: str | None
    limit: int


def wanted_waits(query: MultiMapping[str], snapshot: Snapshot) -> WaitsWanted:
    """Whose waits `contact_point`, `team`, `wait` and `limit` ask for. Raises NoSuchPoint, HTTPBadRequest."""
    name, names = query.get("contact_point"), _points(query, snapshot)
    if name is not None:
        refuse_unknown(name, snapshot)
    wait = query.get("wait")
    if wait is not None and wait not in _WAITS:
        raise _refused(f"wait: there is no wait {shown(wait)}: write one of {', '.join(_WAITS)}")
    states = [state for state in snapshot.points.values() if names is None or state.info.name in names]
    return WaitsWanted(states, wait, wanted_limit(query))


def wanted_limit(query: MultiMapping[str]) -> int:
    """How many of those who wait `limit` asks for. Raises HTTPBadRequest."""
    return _limit(query, DEFAULT_WAITING, MAX_WAITING)


def wanted_week(text: str, now: datetime) -> date:
    """The Monday of a week in an address. Raises HTTPBadRequest for what is none, HTTPNotFound where it has begun nowhere yet."""
    try:
        monday = parse_week(text)
    except ValueError as error:
        raise _refused(f"{shown(text)} {error}") from None
    if monday > monday_of(now + _AHEAD, UTC):
        raise web.HTTPNotFound(text=f"{text} has not begun: /api/v1/weeks lists the weeks that are known")
    return monday


def next_page(path: str, query: MultiMapping[str], wanted: SignalsWanted, cursor: str) -> str:
    """Where the page after that of `query` is. Its bounds are moments: what was `7d` ago goes on being."""
    moments = {"since": iso(wanted.since), **({} if wanted.until is None else {"until": iso(wanted.until)})}
    return f"{path}?{urlencode({**query, **moments, 'cursor': cursor})}"


def _points(query: MultiMapping[str], snapshot: Snapshot) -> frozenset[str] | None:
    """The contact points of that name and of that team; None: all."""
    name, team = query.get("contact_point"), query.get("team")
    if name is not None and (len(name) > MAX_NAME or not _is_text(name)):
        raise _refused("contact_point: that is no name of a contact point")
    if team is None:
        return None if name is None else frozenset((name,))
    of_team = frozenset(state.info.name for state in snapshot.points.values() if team and state.info.team == team)
    if not of_team:
        near = nearest(team, {state.info.team for state in snapshot.points.values()} - {""})
        hint = f"did you mean {', '.join(map(shown, near))}?" if near else "write the team of a contact point, as configured"
        raise _refused(f"team: no contact point has the team {shown(team)}: {hint}")
    return of_team if name is None else of_team & {name}


def _is_text(name: str) -> bool:
    """Half characters and the null character come from broken clients; no store keeps them."""
    return "\0" not in name and not any("\ud800" <= each <= "\udfff" for each in name)


def _signal(name: str | None) -> str | None:
    if name is not None and name not in SIGNALS:
        near = nearest(name, SIGNALS)
        hint = f"; did you mean {near[0]}?" if near else f": write one of {', '.join(SIGNALS)}"
        raise _refused(f"signal: there is no signal {shown(name)}{hint}")
    return name


def _moment(query: MultiMapping[str], name: str, default: str, now: datetime) -> datetime:
    """A moment, or a duration before now."""
    text = query.get(name, default)
    problem = f"{name}: {shown(text)} is neither a moment with its zone nor a duration: write 2026-11-02T09:00:00Z or 7d"
    if len(text) > MAX_NAME:
        raise _refused(problem)
    try:
        return now - parse_duration(text)
    except OverflowError:
        raise _refused(f"{name}: {shown(text)} is before all time: write 7d") from None
    except ValueError:
        pass
    try:
        return parse_moment(text)
    except (ValueError, OverflowError):
        raise _refused(problem) from None


def _limit(query: MultiMapping[str], default: int, most: int) -> int:
    text = query.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most):
        raise _refused(f"limit: {shown(text)} is not a whole number from 1 to {most}")
    return int(text)


def _cursor(query: MultiMapping[str]) -> str | None:
    cursor = query.get("cursor")
    if cursor is not None and not (0 < len(cursor) <= _MAX_SHOWN and cursor.isascii()):
        raise OldCursor
    return cursor


def _refused(problem: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=problem)
