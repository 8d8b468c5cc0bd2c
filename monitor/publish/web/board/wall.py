"""The board for a screen on the wall: four metres away, nobody at it. What is urgent stays, what is calm turns. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from monitor.publish.web.board.lines import Group, PointLine, Row

#: So many that fail stand beside each other; of more, one less and how many there are besides.
FAILING_AT_MOST: Final = 4
RISKS: Final = 2
#: Rows of one half that fit below both, and so many more where there is no one that fails, or none at risk.
_ROWS: Final = 5
_ROWS_OF_FAILING: Final = 3
_ROWS_OF_RISKS: Final = 2
#: Of the rows that fit into one half so many, and fewer, go over the whole width: higher and larger than they could be beside
#: each other.
_WIDE: Final = 0.8
#: What is calm turns over after so many seconds.
TURN_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class Wall:
    """What is on the wall now. `turn`: whose rows are shown of those that turn, as "Sales, 2 of 4"; empty: all fit."""

    failing: tuple[PointLine, ...]
    more: tuple[str, ...]
    risks: tuple[PointLine, ...]
    halves: tuple[tuple[Row, ...], tuple[Row, ...]]  # the second is empty where the first has the whole width
    unseen: int  # urgent rows for which there is no room
    turn: str


def wall(lines: Sequence[PointLine], grouped: Sequence[Row], at: datetime) -> Wall:
    """`lines`: the most urgent first; `grouped`: those that do not fail, what one source leaves unknown together."""
    failing = [line for line in lines if line.standing == "failing"]
    shown = failing if len(failing) <= FAILING_AT_MOST else failing[: FAILING_AT_MOST - 1]
    risks = [row for row in grouped if _stands(row) == "risk"][:RISKS]
    half = _ROWS + (0 if failing else _ROWS_OF_FAILING) + (0 if risks else _ROWS_OF_RISKS)
    rest = [row for row in grouped if row not in risks]
    urgent = [row for row in rest if _stands(row) not in ("fine", "closed")]
    calm = [row for row in rest if not isinstance(row, Group) and row.standing in ("fine", "closed")]
    rows, turn = [*urgent, *calm], ""
    if len(rows) > 2 * half:
        pages = _pages(calm, max(1, 2 * half - len(urgent)))
        number = int(at.timestamp()) // TURN_SECONDS % len(pages) if pages else 0
        team, page = pages[number] if pages else ("", [])
        rows = [*urgent[: 2 * half - len(page)], *page]
        turn = f"{team or 'others'}, {number + 1} of {len(pages)}" if pages else ""
    first = len(rows) if len(rows) <= _WIDE * half else -(-len(rows) // 2)
    return Wall(
        failing=tuple(shown),
        more=tuple(line.title for line in failing[len(shown) :]),
        risks=tuple(line for line in risks if not isinstance(line, Group)),
        halves=(tuple(rows[:first]), tuple(rows[first:])),
        unseen=len(urgent) - sum(_stands(row) not in ("fine", "closed") for row in rows),
        turn=turn,
    )


def _stands(row: Row) -> str:
    return "unknown" if isinstance(row, Group) else row.standing


def _pages(calm: Sequence[PointLine], room: int) -> list[tuple[str, list[PointLine]]]:
    """By team, in the order of their first contact points; a team that does not fit has several pages."""
    teams: dict[str, list[PointLine]] = {}
    for line in calm:
        teams.setdefault(line.team, []).append(line)
    return [(team, own[start : start + room]) for team, own in teams.items() for start in range(0, len(own), room)]
