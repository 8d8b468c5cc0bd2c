"""What pages behind a figure have in common: rows of signals, durations and limits in words. Pure."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.durations import format_opening_days
from monitor.domain.snapshot import PointState, Snapshot
from monitor.publish.web.moments import Moment, moment
from monitor.publish.words import CHANNELS, SIGNALS, words

_HOUR: Final = 3600


class ListedLine(NamedTuple):
    """One signal as a row. `contact` is empty when the contact is not kept any more."""

    at: Moment
    words: str
    channel: str
    waited: str
    limit: str
    contact: str
    native: str
    related: str = ""  # our id of another contact that it rests on


def states_of(name: str, snapshot: Snapshot) -> dict[str, PointState]:
    """The states of a contact point by their key in the snapshot: one for each channel it has."""
    return {key: state for key, state in sorted(snapshot.points.items()) if state.info.name == name}


def listed_line(row: Mapping[str, Any], zone: ZoneInfo) -> ListedLine:
    """A row of `signals` in words."""
    return ListedLine(
        at=moment(row["at"], zone),
        words=words(SIGNALS, row["signal"]),
        channel=words(CHANNELS, row["channel"]),
        waited=_or_nothing(row["waited_seconds"]),
        limit=limit_in_words(row["limit_seconds"], row["limit_opening_days"]),
        contact=row["contact"],
        native=row["native_id"],
        related=row["related"] or "",
    )


def exact_duration(seconds: float) -> str:
    """`20.4` -> `20.4 s`, `93784.2` -> `26 h 3 min 4 s`: what is compared is exact, below an hour to the millisecond.

    Never in days: a day of opening hours has not 24 of them.
    """
    millis = max(0, round(seconds * 1000))
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    last = f"{rest // 1000}" if hours else f"{rest / 1000:g}"
    parts = ((str(hours), "h"), (str(minutes), "min"), (last, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count != "0") or "0 s"


def said_against(seconds: float, limit: float | None) -> str:
    """How long something lasted in a headline: `1 min 15 s`, from an hour on in whole minutes. Rounded down, so that what is
    within its limit is never said to have reached it; what would read as no longer than a limit that it passed is `just over` it.
    """
    rounded = _rounded(seconds)
    if limit is not None and rounded <= limit < seconds:
        return f"just over {exact_duration(limit)}"
    return exact_duration(rounded)


def short_duration(seconds: float, limit: float = 0) -> str:
    """The same where there is little room: exact where it would read as no longer than the limit, or as nothing."""
    rounded = _rounded(seconds)
    return exact_duration(seconds if rounded <= limit < seconds else rounded)


def _rounded(seconds: float) -> int:
    return int(seconds) if seconds < _HOUR else int(seconds // 60 * 60)


def limit_in_words(seconds: float | None, opening_days: int | None) -> str:
    """A limit in words; empty where it has neither seconds nor opening days."""
    return _or_nothing(seconds) if opening_days is None else format_opening_days(opening_days)


def _or_nothing(seconds: float | None) -> str:
    return "" if seconds is None else exact_duration(seconds)
