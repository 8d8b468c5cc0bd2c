"""The calendar weeks that are shown, sorted out by whoever reads them, not by whoever takes the snapshot."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from monitor.domain.snapshot import WeekKey


class WeeksShown(Mapping[WeekKey, tuple[int, int]]):
    """All weeks that are kept, from each contact point's first one on.

    A thousand contact points have 100,000: on the event loop they are only copied, which takes half a millisecond. Looking
    at each takes 25; that is done once, in the thread of the first reader. Two readers at once do the same twice.
    """

    def __init__(self, kept: dict[WeekKey, tuple[int, int]], first_of: Mapping[str, str], first: str) -> None:
        """`kept` is never changed from here on; `first_of`: contact point -> its first Monday, `first` that of any other."""
        self._kept, self._first_of, self._first = kept, first_of, first

    @cached_property
    def _shown(self) -> dict[WeekKey, tuple[int, int]]:
        first_of, first = self._first_of, self._first
        return {key: counts for key, counts in self._kept.items() if key[2] >= first_of.get(key[0], first)}

    def __getitem__(self, key: WeekKey) -> tuple[int, int]:
        if key[2] < self._first_of.get(key[0], self._first):
            raise KeyError(key)
        return self._kept[key]

    def __iter__(self) -> Iterator[WeekKey]:
        return iter(self._shown)

    def __len__(self) -> int:
        return len(self._shown)
