"""Who waits and who talks in which queue, found by the seconds that a line of queue_log counts. Pure."""

from collections.abc import Iterator
from typing import Final

from monitor.connectors._asterisk.calls import ANSWERED, WAITING, Call, QueueLeg
from monitor.connectors._asterisk.endpoints import is_short

SECOND: Final = 1_000_000

Found = tuple[Call, QueueLeg]


class _BySecond:
    """Visits by their place and a second, so that those of a moment are found without going through the queue."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str], int | None] = {}  # place and key of the leg -> the second it is filed under
        self._filed: dict[tuple[str, int | None], dict[str, tuple[int, Found]]] = {}  # with the order of their coming
        self._added = 0

    def __bool__(self) -> bool:
        return bool(self._seconds)

    def __iter__(self) -> Iterator[Found]:
        for visits in self._filed.values():
            for _, found in visits.values():
                yield found

    def add(self, found: Found, moment: int | None) -> None:
        """None: the moment is unknown, and no second finds it."""
        leg = found[1]
        self.remove(leg)
        second = moment // SECOND if moment is not None else None
        self._seconds[leg.place, leg.key] = second
        self._added += 1
        self._filed.setdefault((leg.place, second), {})[leg.key] = (self._added, found)

    def remove(self, leg: QueueLeg) -> None:
        """It need not be there."""
        name = (leg.place, leg.key)
        if name in self._seconds:
            where = (leg.place, self._seconds.pop(name))
            del self._filed[where][leg.key]
            if not self._filed[where]:
                del self._filed[where]

    def between(self, place: str, first: int, last: int) -> list[Found]:
        """Those of a place from one moment's second to another's, both included, as they came."""
        found: list[tuple[int, Found]] = []
        for second in range(first // SECOND, last // SECOND + 1):
            found += self._filed.get((place, second), {}).values()
        return [each for _, each in sorted(found, key=lambda each: each[0])]


class Visits:
    """The visits that go on. They are looked up by their seconds for lines whose Uniqueid is not that of the caller who came."""

    def __init__(self) -> None:
        self._waits = _BySecond()  # by the second in which they began
        self._talks = _BySecond()  # in which they were answered

    def add(self, call: Call, leg: QueueLeg, agent: str | None = None) -> None:
        """A visit that begins, or is answered by `agent` (queue_log's column)."""
        if leg.state == WAITING:
            self._waits.add((call, leg), leg.since)
        elif leg.state == ANSWERED and not leg.ended:
            if agent is not None:
                leg.agent = extension(agent)
            self._talks.add((call, leg), leg.served)

    def remove(self, leg: QueueLeg) -> None:
        """It has ended, or is answered."""
        self._waits.remove(leg)
        self._talks.remove(leg)

    @property
    def waiting(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waits)

    def open(self) -> Iterator[Found]:
        """All of them."""
        yield from self._waits
        yield from self._talks

    def waiting_since(self, place: str, at: int) -> list[Found]:
        """Who has waited there since then; of several the one whose place a customer has taken, where that is known."""
        found = self._waits.between(place, at, at + SECOND)  # as `counted_from`
        taken = [each for each in found if each[0].transferred is not None]
        return taken if len(taken) == 1 else found

    def served_since(self, place: str, answered: int, entered: int | None, agent: str) -> Found | None:
        """Who came and was answered there at these moments, by this agent if there are several."""
        found = self._talks.between(place, answered - SECOND, answered + SECOND)  # as `about`
        if entered is not None:
            found = [each for each in found if about(each[1].since, entered)]
        own = extension(agent)
        return next((each for each in found if each[1].agent == own), found[0]) if found else None


def counted_from(leg: QueueLeg, at: int) -> bool:
    """app_queue.c counts a wait from just before it writes ENTERQUEUE: the same second, or the one before."""
    return 0 <= leg.since // SECOND * SECOND - at <= SECOND


def about(known: int | None, at: int) -> bool:
    """Whether both are the same moment, as far as whole seconds tell."""
    return known is not None and abs(known // SECOND * SECOND - at) <= SECOND


def extension(agent: str) -> str:
    """The number of an agent: `PJSIP/7009`, `Local/7009@from-queue/n` -> `7009`; a name is none."""
    number = agent.partition("/")[2].partition("@")[0]
    return number if is_short(number) else ""
