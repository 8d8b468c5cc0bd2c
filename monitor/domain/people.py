"""One customer, several names: the numbers and addresses that a file says belong to one person or one firm.

Only hashes are kept of it. A name that many share, as a firm's switchboard, ties nobody.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

#: A name that stands in more lines than this is shared, whatever the file calls it.
MOST_LINES: Final = 5
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ()./-]{4,}")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")


class People(NamedTuple):
    """The names that belong together, by each of them. `shared`: how many names were left out because many have them."""

    ties: Mapping[str, Collection[str]]
    lines: int = 0
    shared: int = 0

    def names_of(self, name: str) -> Collection[str]:
        """All names of the customer who has this one, and this one."""
        return self.ties.get(name) or (name,)


NOBODY: Final = People({})


def read_people(rows: Iterable[Sequence[str]], hashed: Callable[[str], str], shared: Iterable[str] = ()) -> People:
    """Each row: the numbers and addresses of one person or firm, in any columns; what is neither is passed over.

    Rows that have a name in common are one customer's, unless more than MOST_LINES have it or it is among `shared`.
    """
    lines = [names for row in rows if (names := {hashed(cell) for cell in map(str.strip, row) if _is_name(cell)})]
    frequent = {name for name, count in Counter(name for names in lines for name in names).items() if count > MOST_LINES}
    common = frequent | {hashed(name) for name in shared}
    ties: dict[str, set[str]] = {}
    for names in lines:
        _tie(ties, names - common)
    known = {name for names in lines for name in names}
    kept = {name: together for name, together in ties.items() if len(together) > 1}
    return People(kept, len(lines), len(known & common))


def _tie(ties: dict[str, set[str]], names: Collection[str]) -> None:
    """Joins the groups of these names; the smaller go into the largest, so that a long chain costs little."""
    groups = sorted({id(group): group for name in names if (group := ties.get(name)) is not None}.values(), key=len)
    together = groups.pop() if groups else set()
    for name in {*names, *(name for group in groups for name in group)}:
        together.add(name)
        ties[name] = together


def _is_name(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _ADDRESS.fullmatch(cell))
