"""Spans of time as the board writes them, the same that its script writes while they grow. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from monitor.domain.moments import iso
from monitor.domain.snapshot import Waiting
from monitor.publish.web.details import exact_duration
from monitor.publish.web.overview import rounded_duration

#: A space that does not break.
NBSP: Final = "\u00a0"
#: How a span is written. `clock`: 3:12, what people wait on the line. `time`: 48 min, 3 h 38, 2 d 17 h. `opening`: the same
#: without days, because a day of opening hours has not 24 of them. `left`: 4 s, 17 min, until a moment.
#: `said`: 3 min 12 s, in a sentence.
Style = Literal["clock", "time", "opening", "left", "said"]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
#: From a hundred hours on nobody asks for minutes, and the wall has no room for them.
_MANY_HOURS: Final = 100 * _HOUR
#: What people wait for while they do nothing else.
PERSONAL: Final = frozenset({"ring", "queue", "hold"})


def span(seconds: float, style: Style) -> str:
    """A span rounded down; below zero it is none."""
    whole = max(0, int(seconds))
    if style == "said":
        return rounded_duration(whole).replace(" ", NBSP)
    if style in ("time", "opening") and whole < _MINUTE:
        return "under 1" + NBSP + "min" if whole else "0" + NBSP + "min"
    if style == "left" and whole < _MINUTE:
        return f"{whole}{NBSP}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}:{whole % _MINUTE:02}" if style == "clock" else f"{whole // _MINUTE}{NBSP}min"
    if style == "opening" or whole < _DAY:
        minutes = whole % _HOUR // _MINUTE if whole < _MANY_HOURS else 0
        return f"{whole // _HOUR}{NBSP}h" + (f"{NBSP}{minutes:02}" if minutes else "")
    hours = whole % _DAY // _HOUR
    return f"{whole // _DAY}{NBSP}d" + (f"{NBSP}{hours}{NBSP}h" if hours else "")


@dataclass(frozen=True, slots=True)
class Age:
    """How long something lasts. `since` empty: the page cannot count it (opening hours), so that it is the same while `still` is.

    Two ages are equal that began at the same moment, however much later one of them was written.
    """

    since: str
    style: Style
    still: str
    text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Left:
    """How long until a moment."""

    until: str
    soon: bool  # under a minute
    text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a limit is used, 1 is all of it; grows as `Age` does."""

    since: str
    limit_seconds: float
    still: float
    share: float = field(compare=False)

    @property
    def times(self) -> str:
        """In words where it is worth a word: `9.6 times the limit`."""
        return f"{int(self.share * 10) / 10:g} times the limit" if self.share >= 1.1 else ""


def style_of(wait: str, *, in_opening_hours: bool) -> Style:
    """How spans of this kind of wait are written."""
    return "opening" if in_opening_hours else "clock" if wait in PERSONAL else "time"


def waited(waiting: Waiting, now: datetime) -> float:
    """Seconds, as the wait is measured."""
    by_the_clock = (now - waiting.since).total_seconds()
    return by_the_clock if waiting.business_seconds is None else waiting.business_seconds


def age_of(waiting: Waiting, now: datetime) -> Age:
    """How long this one has waited."""
    in_opening_hours = waiting.business_seconds is not None
    style = style_of(waiting.wait, in_opening_hours=in_opening_hours)
    text = span(waited(waiting, now), style)
    return Age("" if in_opening_hours else iso(waiting.since), style, text if in_opening_hours else "", text)


def since_age(since: datetime, now: datetime) -> Age:
    """How long it is since a moment, in words."""
    return Age(iso(since), "time", "", span((now - since).total_seconds(), "time"))


def limit_of(waiting: Waiting) -> str:
    """Its limit, never rounded; empty where it has none, or one that has no length worth to be written."""
    limit = waiting.limit_seconds
    if not limit:
        return ""
    style = style_of(waiting.wait, in_opening_hours=waiting.business_seconds is not None)
    return exact_duration(limit).replace(" ", NBSP) if limit % _written_in(limit, style) else span(limit, style)


def _written_in(seconds: float, style: Style) -> int:
    """What `span` rounds down to a multiple of."""
    if style == "clock" and seconds < _HOUR:
        return 1
    return _MINUTE if seconds < (_MANY_HOURS if style == "opening" else _DAY) else _HOUR


def used_of(waiting: Waiting, now: datetime) -> Used | None:
    """How much of its limit is used; None where it has none."""
    if waiting.limit_seconds is None:
        return None
    if waiting.limit_seconds <= 0:  # due when it began
        return Used("", 0.0, 2.0, 2.0) if waiting.overdue else None
    share = waited(waiting, now) / waiting.limit_seconds
    if waiting.business_seconds is not None:
        return Used("", waiting.limit_seconds, round(share, 2), share)
    return Used(iso(waiting.since), waiting.limit_seconds, 0.0, share)


def left_until(moment: datetime, now: datetime) -> Left:
    """How long it is until a limit falls."""
    seconds = (moment - now).total_seconds()
    return Left(iso(moment), seconds < _MINUTE, span(seconds, "left"))
