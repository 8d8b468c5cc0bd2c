"""One customer, several names: the numbers and addresses that a file, or a helpdesk's record of him, says belong together.

Only hashes are kept of it. A name that many share, as a firm's switchboard, ties nobody.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Final, NamedTuple

#: A name that stands in more lines than this is shared, whatever the file calls it.
MOST_LINES: Final = 5
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ()./-]{4,}")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")


class People(NamedTuple):
    """The names that belong together, by each of them. `shared`: how many names of the file were left out because many have
    them; `common`: those of which that is known."""

    ties: Mapping[str, Collection[str]]
    lines: int = 0
    shared: int = 0
    common: frozenset[str] = frozenset()

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
    return People(kept, len(lines), len(known & common), frozenset(common))


class Names:
    """All names by which each customer is known: those that a file ties, and those that stand in one record of a helpdesk.

    Pages ask for them in a thread of their own, while others are put.
    """

    def __init__(self, people: People = NOBODY) -> None:
        self._people = people
        self._records: dict[str, frozenset[str]] = {}
        self._standing: defaultdict[str, set[str]] = defaultdict(set)  # name -> the records in which it stands
        self._lock = Lock()

    def put(self, record: str, names: Iterable[str]) -> bool:
        """What a record holds now. Whether it ties names that were not tied before."""
        now, before = frozenset(names) - self._people.common, self._records.get(record, frozenset())
        with self._lock:
            for name in before - now:
                self._standing[name].discard(record)
            for name in now:
                self._standing[name].add(record)
            self._records[record] = now
        return len(now) > 1 and not now <= before

    def of(self, name: str) -> Collection[str]:
        """All names of the customer who has this one, and this one."""
        if name not in self._standing and name not in self._people.ties:
            return (name,)
        found = set(self._people.names_of(name))
        with self._lock:
            for each in list(found):
                for other in self._beside(each):
                    found.update(self._people.names_of(other))
        return found

    def _beside(self, name: str) -> Iterator[str]:
        """Those in one record with a name, unless so many have it that it says nothing."""
        records = self._standing.get(name, ())
        if len(records) <= MOST_LINES:
            for record in records:
                yield from (each for each in self._records[record] if len(self._standing[each]) <= MOST_LINES)


def _tie(ties: dict[str, set[str]], names: Collection[str]) -> None:
    """Joins the groups of these names; the smaller go into the largest, so that a long chain costs little."""
    groups = sorted({id(group): group for name in names if (group := ties.get(name)) is not None}.values(), key=len)
    together = groups.pop() if groups else set()
    for name in {*names, *(name for group in groups for name in group)}:
        together.add(name)
        ties[name] = together


def _is_name(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _ADDRESS.fullmatch(cell))
