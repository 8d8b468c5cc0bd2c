"""How each contact point stands now, and in which order they stand on the board. Pure.

Failing now is a person over the limit, or a letter, a call back or a promise that passed it within the last opening hour: what
is late since earlier must not hide this minute's caller. At risk is what has used the warning time, else four fifths of its
limit, and what is written and falls due within half an hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from monitor.domain.snapshot import PointState, Running, Snapshot, Waiting, WhoWaits
from monitor.publish.web.board.spans import PERSONAL, waited
from monitor.publish.words import BOARD_STANDINGS, BoardStanding

#: Key of a contact point in the snapshot -> wait -> who waits.
Who = Mapping[str, Mapping[str, WhoWaits]]

#: A letter that passed its limit within so much opening time is news.
NEWLY_LATE_SECONDS: Final = 3600.0
#: Where no warning is configured, a wait that has used so much of its limit is at risk,
AT_RISK_FROM: Final = 0.8
#: and a written one whose limit falls within so long.
WRITTEN_RISK: Final = timedelta(minutes=30)

_ORDER: Final[Mapping[BoardStanding, int]] = {standing: place for place, standing in enumerate(BOARD_STANDINGS)}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of wait at a contact point. `used`: of its limit by the longest; 0 where that has none."""

    wait: str
    running: Running
    longest: Waiting | None
    standing: BoardStanding
    used: float

    @property
    def personal(self) -> bool:
        return self.wait in PERSONAL


@dataclass(frozen=True, slots=True)
class Standing:
    """One contact point. `main`: the kind of wait that its figures are of; None where nobody waits or nobody can tell."""

    key: str
    state: PointState
    standing: BoardStanding
    main: Kind | None
    kinds: tuple[Kind, ...]


def standings(snapshot: Snapshot, who: Who) -> list[Standing]:
    """All contact points in the order in which somebody must act; those that are fine as configured, always the same."""
    found = [standing_of(key, state, who.get(key, {}), snapshot.at) for key, state in snapshot.points.items()]
    return sorted(found, key=_urgency)  # stable: what is equal stays as configured


def standing_of(key: str, state: PointState, who: Mapping[str, WhoWaits], now: datetime) -> Standing:
    """How one contact point stands. `key`: its own in the snapshot; `who`: by wait, the longest of each first."""
    if state.running is None:
        return Standing(key, state, "unknown", None, ())
    kinds = tuple(_kind(wait, running, who.get(wait), now) for wait, running in state.running.items() if running.waiting)
    urgent = kinds if state.open else tuple(kind for kind in kinds if kind.personal)
    if not urgent:
        return Standing(key, state, "fine" if state.open else "closed", None, kinds)
    main = min(urgent, key=_within)
    return Standing(key, state, main.standing, main, kinds)


def _kind(wait: str, running: Running, who: WhoWaits | None, now: datetime) -> Kind:
    longest = who.first[0] if who is not None and who.first else None
    limit = longest.limit_seconds if longest is not None else None
    used = waited(longest, now) / limit if longest is not None and limit else 0.0
    return Kind(wait, running, longest, _kind_stands(wait, running, used, now), used)


def _kind_stands(wait: str, running: Running, used: float, now: datetime) -> BoardStanding:
    is_personal, newest = wait in PERSONAL, running.broken_business_seconds
    if running.overdue:
        return "failing" if is_personal or (newest is not None and newest <= NEWLY_LATE_SECONDS) else "late"
    if running.due_soon is not None:
        return "risk" if running.due_soon else "fine"
    falls_soon = not is_personal and running.next_due is not None and running.next_due - now <= WRITTEN_RISK
    return "risk" if falls_soon or used >= AT_RISK_FROM else "fine"


def _within(kind: Kind) -> tuple[Any, ...]:
    """Of several kinds at one contact point the smallest stands for it."""
    if kind.standing == "risk":
        return (_ORDER["risk"], _due(kind))
    return (_ORDER[kind.standing], not kind.personal, -kind.running.overdue, -kind.used)


def _urgency(each: Standing) -> tuple[Any, ...]:
    order, main = _ORDER[each.standing], each.main
    if main is None or each.standing == "fine":
        return (order,)
    if each.standing == "risk":
        return (order, _due(main))
    return (order, not main.personal, -main.running.overdue, -main.used)


def _due(kind: Kind) -> float:
    due = kind.running.next_due
    return float("inf") if due is None else float(due.timestamp())
