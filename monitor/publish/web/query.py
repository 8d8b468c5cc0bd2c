"""What a request names and asks for, within bounds; everything else is refused with the remedy."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from aiohttp import web

from monitor.domain.channels import SIGNALS
from monitor.domain.durations import parse_duration
from monitor.domain.moments import parse_moment
from monitor.errors import nearest

MAX_SIGNALS: Final = 1000
_DEFAULT_SIGNALS: Final = 100
_DEFAULT_SINCE: Final = "7d"
#: Longer than any name of ours.
_MAX_NAME: Final = 300
_MAX_SHOWN: Final = 80
_PARAMETERS: Final = ("contact_point", "signal", "since", "limit")


class Wanted(NamedTuple):
    """Which signals are asked for."""

    contact_point: str | None
    signal: str | None
    since: datetime
    limit: int


class NoSuchPoint(web.HTTPNotFound):
    """There is no contact point of that name; `nearest` are names that are known."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.nearest = nearest(name, known)
        hint = f"; did you mean {', '.join(map(shown, self.nearest))}?" if self.nearest else ""
        super().__init__(text=f"there is no contact point {shown(name)}{hint}")


def shown(text: str) -> str:
    """A text of unknown length, in quotes, fit for one line."""
    return repr(text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…")


def wanted_signals(request: web.Request, now: datetime) -> Wanted:
    """The query of `/api/v1/signals`. Raises HTTPBadRequest."""
    query = request.query
    for name in query:
        if name not in _PARAMETERS:
            raise _refused(f"there is no parameter {shown(name)}: write {', '.join(_PARAMETERS)}")
        if len(query.getall(name)) > 1:
            raise _refused(f"{name}: write it once")
    return Wanted(_point(query.get("contact_point")), _signal(query.get("signal")), _since(query, now), _limit(query))


def _point(name: str | None) -> str | None:
    if name is not None and (len(name) > _MAX_NAME or not _is_text(name)):
        raise _refused("contact_point: that is no name of a contact point")
    return name


def _is_text(name: str) -> bool:
    """Half characters and the null character come from broken clients; no store keeps them."""
    return "\0" not in name and not any("\ud800" <= each <= "\udfff" for each in name)


def _signal(name: str | None) -> str | None:
    if name is not None and name not in SIGNALS:
        near = nearest(name, SIGNALS)
        hint = f"; did you mean {near[0]}?" if near else f": write one of {', '.join(SIGNALS)}"
        raise _refused(f"signal: there is no signal {shown(name)}{hint}")
    return name


def _since(query: Mapping[str, str], now: datetime) -> datetime:
    text = query.get("since", _DEFAULT_SINCE)
    problem = f"since: {shown(text)} is neither a moment with its zone nor a duration: write 2026-11-02T09:00:00Z or 7d"
    if len(text) > _MAX_NAME:
        raise _refused(problem)
    try:
        return now - parse_duration(text)
    except OverflowError:
        raise _refused(f"since: {shown(text)} is before all time: write 7d") from None
    except ValueError:
        pass
    try:
        return parse_moment(text)
    except (ValueError, OverflowError):
        raise _refused(problem) from None


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit", str(_DEFAULT_SIGNALS))
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= MAX_SIGNALS):
        raise _refused(f"limit: {shown(text)} is not a whole number from 1 to {MAX_SIGNALS}")
    return int(text)


def _refused(problem: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=problem)
