"""The waits that run now, by contact point: counts, the oldest, the next limit, what is due soon. Kept, never recounted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from heapq import heapify, heappop, heappush, heapreplace
from itertools import chain
from operator import attrgetter
from typing import Final, NamedTuple

from monitor.domain.judge import RunningWait
from monitor.domain.snapshot import NEXT_LIMITS_WITHIN
from monitor.store.base import ContactKey

#: (source, contact point, channel, wait)
GroupKey = tuple[str, str, str, str]
#: (contact point, channel, wait), of one source
_Kind = tuple[str, str, str]
#: A moment, a number that nothing else in the heap has, what began or is due then.
_Entry = tuple[datetime, int, "KeptWait"]
_Heap = list[_Entry]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class GroupState(NamedTuple):
    """One kind of wait at one contact point, as fed by one source."""

    waiting: int
    overdue: int
    oldest: datetime | None
    next_due: datetime | None
    due_soon: int | None = None  # None: of no wait that runs a warning is wanted
    last_broken: datetime | None = None  # when the newest limit of those that are overdue was broken


class KeptWait:
    """One wait of one contact (our id, packed); without a group once it is over, while it may still lie in the heaps."""

    __slots__ = ("contact", "due_at", "due_soon", "group", "is_near", "overdue", "since")

    def __init__(self, group: "_Group", contact: bytes, wait: RunningWait, due_soon: bool | None) -> None:
        self.group: _Group | None = group
        self.contact = contact
        self.since, self.due_at = wait.since, wait.due_at
        self.overdue = wait.overdue
        self.due_soon = due_soon  # None: no warning is wanted of it
        self.is_near = False  # its limit is among the next ones


class _Group:
    """Heaps from which what is over goes when it comes to the top: every change costs the logarithm of what runs.

    What becomes due soon, or due within NEXT_LIMITS_WITHIN, goes from its heap when it is looked for, and is counted from then
    on: once in its life.
    """

    __slots__ = (
        "added",
        "broken",
        "by_due",
        "by_since",
        "by_soon",
        "due_soon",
        "near",
        "nearest",
        "overdue",
        "waiting",
        "warned",
    )

    def __init__(self) -> None:
        self.waiting = self.overdue = self.added = self.warned = self.due_soon = self.near = 0
        self.by_since: _Heap = []
        self.by_due: _Heap = []  # without the nearest
        self.nearest: _Heap = []  # by limit, too
        self.by_soon: _Heap = []
        self.broken: _Heap = []  # what is overdue, by mirrored limits: the newest first

    def add(self, contact: bytes, wait: RunningWait) -> KeptWait:
        is_warned = wait.soon_at is not None and not wait.overdue
        running = KeptWait(self, contact, wait, False if is_warned else None)
        self.added += 1
        self.waiting += 1
        heappush(self.by_since, (wait.since, self.added, running))
        if wait.overdue:
            self.overdue += 1
            if wait.due_at is not None:
                heappush(self.broken, (_mirrored(max(wait.since, wait.due_at)), self.added, running))
        elif wait.due_at is not None:
            heappush(self.by_due, (wait.due_at, self.added, running))
        if wait.soon_at is not None and is_warned:
            self.warned += 1
            heappush(self.by_soon, (wait.soon_at, self.added, running))
        return running

    def remove(self, running: KeptWait) -> None:
        running.group = None
        self.waiting -= 1
        if running.overdue:
            self.overdue -= 1
        if running.due_soon is not None:
            self.warned -= 1
            self.due_soon -= running.due_soon
        self.near -= running.is_near
        for heap in (self.by_since, self.by_due, self.nearest, self.by_soon, self.broken):
            if len(heap) > 2 * self.waiting + 64:
                heap[:] = [each for each in heap if each[2].group is not None]
                heapify(heap)

    def pass_time(self, now: datetime) -> None:
        """Counts what has become due soon or near until `now`, which does not go back."""
        while (soon := _first(self.by_soon)) is not None and soon <= now:
            heappop(self.by_soon)[2].due_soon = True
            self.due_soon += 1
        while (due := _first(self.by_due)) is not None and due - now <= NEXT_LIMITS_WITHIN:
            entry = heappop(self.by_due)
            entry[2].is_near = True
            heappush(self.nearest, entry)
            self.near += 1

    def state(self, now: datetime) -> GroupState:
        """How it stands at `now`, which does not go back."""
        self.pass_time(now)
        next_due = _first(self.nearest) or _first(self.by_due)
        due_soon = self.due_soon if self.warned else None
        broken = _first(self.broken)
        last_broken = None if broken is None else _mirrored(broken)
        return GroupState(self.waiting, self.overdue, _first(self.by_since), next_due, due_soon, last_broken)

    def longest(self, most: int) -> list[KeptWait]:
        """Of those who wait the `most` that have waited longest, in this order."""
        found: _Heap = []
        while len(found) < most and _first(self.by_since) is not None:
            found.append(heappop(self.by_since))
        for entry in found:
            heappush(self.by_since, entry)
        return [wait for _, _, wait in found]


def _mirrored(moment: datetime) -> datetime:
    """As long before 1970 as `moment` is after it: the later, the earlier."""
    return _EPOCH - (moment - _EPOCH)


def _first(heap: _Heap) -> datetime | None:
    while heap and heap[0][2].group is None:
        heappop(heap)
    return heap[0][0] if heap else None


class SourceWaits:
    """All running waits of one source. With 100,000 of them the process grows by some 50 MB."""

    def __init__(self) -> None:
        self._groups: defaultdict[_Kind, _Group] = defaultdict(_Group)
        self._of: dict[ContactKey, tuple[KeptWait, ...]] = {}

    def replace(self, key: ContactKey, contact: str, channel: str, waits: Iterable[RunningWait]) -> None:
        """What runs for one contact from now on; `contact` is our id of it."""
        for running in self._of.pop(key, ()):
            if running.group is not None:
                running.group.remove(running)
        packed = bytes.fromhex(contact)  # half of what the text takes
        added = tuple([self._groups[key[1], channel, wait.wait].add(packed, wait) for wait in waits])
        if added:
            self._of[key] = added

    def longest(self, kind: _Kind, now: datetime, most: int) -> tuple[int, list[KeptWait]]:
        """How many wait, and those who have waited longest."""
        group = self._groups.get(kind)
        if group is None:
            return 0, []
        group.pass_time(now)
        return group.waiting, group.longest(most)

    def contacts(self) -> list[ContactKey]:
        """The contacts in which something runs."""
        return list(self._of)

    def groups(self, now: datetime) -> Iterator[tuple[_Kind, GroupState]]:
        """Every group that was ever used, by contact point, channel and wait."""
        for key, group in self._groups.items():
            yield key, group.state(now)

    def near(self, now: datetime) -> Iterator[tuple[_Kind, _Group]]:
        """The groups of which something falls due within NEXT_LIMITS_WITHIN."""
        for key, group in self._groups.items():
            group.pass_time(now)
            if group.near:
                yield key, group


class RunningWaits:
    """All running waits of the sources that are ours."""

    def __init__(self) -> None:
        self._sources: defaultdict[str, SourceWaits] = defaultdict(SourceWaits)

    def replace(self, source: str, key: ContactKey, contact: str, channel: str, waits: Iterable[RunningWait]) -> None:
        """What runs for one contact from now on; `contact` is our id of it."""
        self._sources[source].replace(key, contact, channel, waits)

    def contacts(self, source: str) -> list[ContactKey]:
        """The contacts of a source in which something runs."""
        return self._sources[source].contacts()

    def restore(self, source: str, waits: SourceWaits) -> None:
        """What runs for all contacts of a source, as read from the store."""
        self._sources[source] = waits

    def groups(self, now: datetime) -> dict[GroupKey, GroupState]:
        """Every group that was ever used; its size is set by contact points, not by contacts."""
        return {(source, *key): state for source, waits in self._sources.items() for key, state in waits.groups(now)}

    def longest(self, sources: Iterable[str], kind: _Kind, now: datetime, most: int) -> tuple[int, list[KeptWait]]:
        """How many wait at a contact point on a channel for one thing, as these sources tell, and the `most` that have waited
        longest, these first."""
        found = [self._sources[source].longest(kind, now, most) for source in sources]
        waits = sorted(chain.from_iterable(waits for _, waits in found), key=attrgetter("since"))
        return sum(waiting for waiting, _ in found), waits[:most]

    def nearest(self, sources: Iterable[str], now: datetime, most: int) -> tuple[int, list[tuple[_Kind, KeptWait]]]:
        """How many waits fall due within NEXT_LIMITS_WITHIN, as these sources tell, and the `most` that do so first, in this
        order. Of each group only its first is looked at, and the next one once that is taken."""
        groups = [each for source in sources for each in self._sources[source].near(now)]
        first = [(due, number) for number, (_, group) in enumerate(groups) if (due := _first(group.nearest)) is not None]
        heapify(first)
        found, taken = list[tuple[_Kind, KeptWait]](), list[tuple[_Group, _Entry]]()
        while first and len(found) < most:
            _, number = first[0]
            kind, group = groups[number]
            entry = heappop(group.nearest)
            taken.append((group, entry))
            found.append((kind, entry[2]))
            following = _first(group.nearest)
            if following is None:
                heappop(first)
            else:
                heapreplace(first, (following, number))
        for group, entry in taken:
            heappush(group.nearest, entry)
        return sum(group.near for _, group in groups), found
