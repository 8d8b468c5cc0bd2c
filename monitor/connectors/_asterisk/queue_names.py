"""How queues are spelled. Pure.

app_queue.c finds a queue whatever its capitals (queue_cmp_cb). AMI and most lines of queue_log bear the queue's own name,
but ENTERQUEUE, ABANDON, EXITWITHKEY and most other exits the one that the dialplan gave to Queue().
"""

from collections.abc import Iterable, Iterator
from typing import Final

from monitor.connectors._asterisk.calls import QUEUE

#: Names beyond so many are taken as they stand.
_MOST: Final = 1000


class QueueNames:
    """One spelling for each queue."""

    def __init__(self, names: Iterable[str] = (), places: Iterable[str] = ()) -> None:
        """`names`: how they were spelled so far. `places`: the configured ones, which are spelled as there."""
        self._spelled: dict[str, str] = {}
        for name in (*names, *(place.removeprefix(QUEUE) for place in places if place.startswith(QUEUE))):
            self.learn(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._spelled.values())

    def learn(self, name: str) -> None:
        """This is a queue's own name."""
        key = name.lower()
        if key in self._spelled or len(self._spelled) < _MOST:
            self._spelled[key] = name

    def of(self, name: str) -> str:
        """How the queue is spelled that is called so; of one that is new, so."""
        known = self._spelled.get(name.lower())
        if known is None:
            self.learn(name)
        return known or name
