"""A customer's other contacts beside the one that is looked at, in the order of time, in words. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.snapshot import Snapshot
from monitor.publish.web.moments import Moment, moment
from monitor.publish.web.overview import point_path
from monitor.publish.words import CHANNELS, OUTCOMES, RELATIONS, SIGNALS, STANDS, WAITS, Standing, words

#: Where nobody of ours was reached, though nothing counts as wrong.
_IN_VAIN: Final = frozenset(("abandoned", "short_abandoned", "flowed_out", "auto_closed", "not_reached"))


class OtherLine(NamedTuple):
    """One contact of the customer as a row. `contact`: our id; empty in the row of the contact that is looked at."""

    begun: Moment
    contact: str = ""
    channel: str = ""
    begun_by_us: bool = False
    point: str = ""
    point_path: str = ""  # empty: nothing is known of it now
    standing: Standing = "quiet"
    stands: str = ""
    signals: str = ""
    relations: str = ""


def side_by_side(others: Sequence[Mapping[str, Any]], begun: str, snapshot: Snapshot, zone: ZoneInfo) -> list[OtherLine]:
    """The others in their order, with the contact that is looked at in its place; nothing where there are none."""
    if not others:
        return []
    lines = [(each["begun"], _line(each, snapshot, zone)) for each in others]
    place = sum(at <= begun for at, _ in lines)
    rows = [line for _, line in lines]
    return [*rows[:place], OtherLine(moment(begun, zone)), *rows[place:]]


def _line(other: Mapping[str, Any], snapshot: Snapshot, zone: ZoneInfo) -> OtherLine:
    name, stands = other["contact_point"], other["stands"]
    infos = [state.info for state in snapshot.points.values() if state.info.name == name]
    waits = ", ".join(words(WAITS, each) for each in other["waits"])
    return OtherLine(
        begun=moment(other["begun"], zone),
        contact=other["contact"],
        channel=words(CHANNELS, other["channel"]),
        begun_by_us=other["begun_by_us"],
        point=next((info.title for info in infos if info.title), name),
        point_path=point_path(name) if infos else "",
        standing=_standing(other),
        stands=waits or (words(STANDS, stands) if stands in STANDS else words(OUTCOMES, stands)),
        signals=", ".join(words(SIGNALS, each) for each in other["signals"]),
        relations="; ".join(words(RELATIONS, each) for each in other["relations"]),
    )


def _standing(other: Mapping[str, Any]) -> Standing:
    if other["signals"]:
        return "overdue"
    if other["waits"]:
        return "waiting"
    return "none" if other["stands"] in _IN_VAIN else "quiet"
