"""The waits that run now, by contact point: counts, the oldest, the next limit. Kept up to date, never recounted."""

from collections import defaultdict
from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

from monitor.domain.judge import RunningWait
from monitor.store.base import ContactKey

#: (source, contact point, channel, wait)
GroupKey = tuple[str, str, str, str]


class GroupState(NamedTuple):
    """One kind of wait at one contact point, as fed by one source."""

    waiting: int
    overdue: int
    oldest: datetime | None
    next_due: datetime | None


class _Group:
    """Two heaps with lazy deletion beside a dictionary: every change costs the logarithm of what runs, no more."""

    __slots__ = ("added", "by_due", "by_since", "overdue", "waits")

    def __init__(self) -> None:
        # One contact may have several waits of a kind that began at the same moment: two promises in one mail.
        self.waits: dict[tuple[ContactKey, RunningWait], int] = {}
        self.by_since: list[tuple[datetime, int, tuple[ContactKey, RunningWait]]] = []
        self.by_due: list[tuple[datetime, int, tuple[ContactKey, RunningWait]]] = []
        self.overdue = 0
        self.added = 0  # numbers what lies in the heaps

    def add(self, key: ContactKey, wait: RunningWait) -> None:
        self.added += 1
        self.waits[key, wait] = self.added
        self._push(key, wait, self.added)
        if wait.overdue:
            self.overdue += 1

    def remove(self, key: ContactKey, wait: RunningWait) -> None:
        if self.waits.pop((key, wait), None) is not None and wait.overdue:
            self.overdue -= 1
        # what was removed lies in the heaps until it comes to the top
        if max(len(self.by_since), len(self.by_due)) > 2 * len(self.waits) + 64:
            self.by_since, self.by_due = [], []
            for (each, running), number in self.waits.items():
                self._push(each, running, number)

    def _push(self, key: ContactKey, wait: RunningWait, number: int) -> None:
        heappush(self.by_since, (wait.since, number, (key, wait)))
        if wait.due_at is not None and not wait.overdue:
            heappush(self.by_due, (wait.due_at, number, (key, wait)))

    def state(self) -> GroupState:
        for heap in (self.by_since, self.by_due):
            while heap and self.waits.get(heap[0][2]) != heap[0][1]:
                heappop(heap)
        oldest = self.by_since[0][0] if self.by_since else None
        return GroupState(len(self.waits), self.overdue, oldest, self.by_due[0][0] if self.by_due else None)


class RunningWaits:
    """All running waits of the sources that are ours."""

    def __init__(self) -> None:
        self._groups: defaultdict[GroupKey, _Group] = defaultdict(_Group)
        self._of: dict[tuple[str, ContactKey], tuple[str, tuple[RunningWait, ...]]] = {}

    def replace(self, source: str, key: ContactKey, channel: str, running: tuple[RunningWait, ...]) -> None:
        """What runs for one contact from now on; an empty tuple: nothing."""
        had = self._of.pop((source, key), None)
        if had is not None:
            for wait in had[1]:
                self._groups[source, key[1], had[0], wait.wait].remove(key, wait)
        if running:
            self._of[source, key] = (channel, running)
            for wait in running:
                self._groups[source, key[1], channel, wait.wait].add(key, wait)

    def contacts(self, source: str) -> list[ContactKey]:
        """The contacts of a source in which something runs."""
        return [key for owner, key in self._of if owner == source]

    def forget(self, source: str) -> None:
        """Removes the waits of one source, before they are read anew from the store."""
        for owner, key in [each for each in self._of if each[0] == source]:
            self.replace(owner, key, "", ())

    def groups(self) -> dict[GroupKey, GroupState]:
        """Every group that was ever used; its size is set by contact points, not by contacts."""
        return {key: group.state() for key, group in self._groups.items()}
