"""The waits that run now, by contact point: counts, the oldest, the next limit, what is due soon. Kept, never recounted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from monitor.domain.judge import RunningWait
from monitor.store.base import ContactKey

#: (source, contact point, channel, wait)
GroupKey = tuple[str, str, str, str]
#: A moment, a number that nothing else in the heap has, what began or is due then.
_Heap = list[tuple[datetime, int, "_Running"]]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class GroupState(NamedTuple):
    """One kind of wait at one contact point, as fed by one source."""

    waiting: int
    overdue: int
    oldest: datetime | None
    next_due: datetime | None
    due_soon: int | None = None  # None: of no wait that runs a warning is wanted
    last_broken: datetime | None = None  # when the newest of the promises that are overdue was broken


class _Running:
    """One wait of one contact; without a group once it is over, while it may still lie in the heaps."""

    __slots__ = ("due_soon", "group", "overdue")

    def __init__(self, group: "_Group", overdue: bool, due_soon: bool | None) -> None:
        self.group: _Group | None = group
        self.overdue = overdue
        self.due_soon = due_soon  # None: no warning is wanted of it


class _Group:
    """Heaps from which what is over goes when it comes to the top: every change costs the logarithm of what runs.

    What becomes due soon goes from its heap when it is looked for, and is counted from then on: once in its life.
    """

    __slots__ = ("added", "broken", "by_due", "by_since", "by_soon", "due_soon", "overdue", "waiting", "warned")

    def __init__(self) -> None:
        self.waiting = self.overdue = self.added = self.warned = self.due_soon = 0
        self.by_since: _Heap = []
        self.by_due: _Heap = []
        self.by_soon: _Heap = []
        self.broken: _Heap = []  # promises that are overdue, by mirrored moments: the newest first

    def add(self, wait: RunningWait) -> _Running:
        is_warned = wait.soon_at is not None and not wait.overdue
        running = _Running(self, wait.overdue, False if is_warned else None)
        self.added += 1
        self.waiting += 1
        heappush(self.by_since, (wait.since, self.added, running))
        if wait.overdue:
            self.overdue += 1
            if wait.wait == "promise" and wait.due_at is not None:
                heappush(self.broken, (_mirrored(max(wait.since, wait.due_at)), self.added, running))
        elif wait.due_at is not None:
            heappush(self.by_due, (wait.due_at, self.added, running))
        if wait.soon_at is not None and is_warned:
            self.warned += 1
            heappush(self.by_soon, (wait.soon_at, self.added, running))
        return running

    def remove(self, running: _Running) -> None:
        running.group = None
        self.waiting -= 1
        if running.overdue:
            self.overdue -= 1
        if running.due_soon is not None:
            self.warned -= 1
            self.due_soon -= running.due_soon
        for heap in (self.by_since, self.by_due, self.by_soon, self.broken):
            if len(heap) > 2 * self.waiting + 64:
                heap[:] = [each for each in heap if each[2].group is not None]
                heapify(heap)

    def state(self, now: datetime) -> GroupState:
        """How it stands at `now`, which does not go back."""
        while (soon := _first(self.by_soon)) is not None and soon <= now:
            heappop(self.by_soon)[2].due_soon = True
            self.due_soon += 1
        due_soon = self.due_soon if self.warned else None
        broken = _first(self.broken)
        last_broken = None if broken is None else _mirrored(broken)
        return GroupState(self.waiting, self.overdue, _first(self.by_since), _first(self.by_due), due_soon, last_broken)


def _mirrored(moment: datetime) -> datetime:
    """As long before 1970 as `moment` is after it: the later, the earlier."""
    return _EPOCH - (moment - _EPOCH)


def _first(heap: _Heap) -> datetime | None:
    while heap and heap[0][2].group is None:
        heappop(heap)
    return heap[0][0] if heap else None


class SourceWaits:
    """All running waits of one source. With 100,000 of them the process grows by some 70 MB."""

    def __init__(self) -> None:
        self._groups: defaultdict[tuple[str, str, str], _Group] = defaultdict(_Group)
        self._of: dict[ContactKey, tuple[_Running, ...]] = {}

    def replace(self, key: ContactKey, channel: str, waits: Iterable[RunningWait]) -> None:
        """What runs for one contact from now on."""
        for running in self._of.pop(key, ()):
            if running.group is not None:
                running.group.remove(running)
        added = tuple([self._groups[key[1], channel, wait.wait].add(wait) for wait in waits])
        if added:
            self._of[key] = added

    def contacts(self) -> list[ContactKey]:
        """The contacts in which something runs."""
        return list(self._of)

    def groups(self, now: datetime) -> Iterator[tuple[tuple[str, str, str], GroupState]]:
        """Every group that was ever used, by contact point, channel and wait."""
        for key, group in self._groups.items():
            yield key, group.state(now)


class RunningWaits:
    """All running waits of the sources that are ours."""

    def __init__(self) -> None:
        self._sources: defaultdict[str, SourceWaits] = defaultdict(SourceWaits)

    def replace(self, source: str, key: ContactKey, channel: str, waits: Iterable[RunningWait]) -> None:
        """What runs for one contact from now on."""
        self._sources[source].replace(key, channel, waits)

    def contacts(self, source: str) -> list[ContactKey]:
        """The contacts of a source in which something runs."""
        return self._sources[source].contacts()

    def restore(self, source: str, waits: SourceWaits) -> None:
        """What runs for all contacts of a source, as read from the store."""
        self._sources[source] = waits

    def groups(self, now: datetime) -> dict[GroupKey, GroupState]:
        """Every group that was ever used; its size is set by contact points, not by contacts."""
        return {(source, *key): state for source, waits in self._sources.items() for key, state in waits.groups(now)}
