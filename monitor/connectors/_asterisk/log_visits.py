"""Who waits and who talks in which queue, found by the seconds that a line of queue_log counts. Pure."""

from collections.abc import Iterator
from typing import Final

from monitor.connectors._asterisk.calls import ANSWERED, WAITING, Call, QueueLeg
from monitor.connectors._asterisk.endpoints import is_short

SECOND: Final = 1_000_000

Found = tuple[Call, QueueLeg]


class Visits:
    """The visits that go on. Looking one up by its seconds goes through those of one queue, and is done only for lines
    whose Uniqueid is not that of the caller who came."""

    def __init__(self) -> None:
        self._waits: dict[str, dict[str, Found]] = {}  # place -> visits by the key of the leg
        self._talks: dict[str, dict[str, Found]] = {}

    def add(self, call: Call, leg: QueueLeg, agent: str | None = None) -> None:
        """A visit that begins, or is answered by `agent` (queue_log's column)."""
        if leg.state == WAITING:
            self._waits.setdefault(leg.place, {})[leg.key] = (call, leg)
        elif leg.state == ANSWERED and not leg.ended:
            if agent is not None:
                leg.agent = extension(agent)
            self._talks.setdefault(leg.place, {})[leg.key] = (call, leg)

    def remove(self, leg: QueueLeg) -> None:
        """It has ended, or is answered."""
        self._waits.get(leg.place, {}).pop(leg.key, None)
        self._talks.get(leg.place, {}).pop(leg.key, None)

    @property
    def waiting(self) -> bool:
        """Whether somebody waits."""
        return any(self._waits.values())

    def open(self) -> Iterator[Found]:
        """All of them."""
        for places in (self._waits, self._talks):
            for visits in places.values():
                yield from visits.values()

    def waiting_since(self, place: str, at: int) -> list[Found]:
        """Who has waited there since then; of several the one whose place a customer has taken, where that is known."""
        found = [each for each in self._waits.get(place, {}).values() if counted_from(each[1], at)]
        taken = [each for each in found if each[0].transferred is not None]
        return taken if len(taken) == 1 else found

    def served_since(self, place: str, answered: int, entered: int | None, agent: str) -> Found | None:
        """Who came and was answered there at these moments, by this agent if there are several."""
        found = [
            each
            for each in self._talks.get(place, {}).values()
            if about(each[1].served, answered) and (entered is None or about(each[1].since, entered))
        ]
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
