"""How long to gather what arrives before it becomes a batch: briefly on a quiet line, longer while much is told. Pure.

A batch costs a transaction, which the disk makes wait for, and each contact in it is judged once however many events of it
there are. What arrives while a batch is stored waits for the next in any case, and that time counts.
"""

from typing import Final

#: Seconds that what arrives is gathered at least.
SHORTEST: Final = 0.03
#: Seconds from one batch to the next at most, unless storing takes longer. Added to that come 20 ms of sorting and what storing
#: takes: an event of a dense line should be in the store within a quarter of a second.
LONGEST: Final = 0.1
#: Seconds for each event that the last batch had; from about 1,000 events a second on the longest is reached.
_FOR_EACH: Final = 0.001


class Pace:
    """Seconds on any clock that never runs backwards."""

    def __init__(self) -> None:
        self._next = 0.0

    def took(self, now: float, events: int, *, more: bool) -> None:
        """A batch of so many events was taken. `more`: the line is not quiet, newer messages wait to be put in order."""
        self._next = now + min(LONGEST, _FOR_EACH * events) if more else 0.0

    def pause(self, now: float) -> float:
        """How long to gather from now on, when something has arrived."""
        return max(SHORTEST, self._next - now)
