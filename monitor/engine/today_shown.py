"""The running day of each contact point, sorted out by whoever reads it, not by whoever takes the snapshot."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from monitor.domain.event import Channel


class TodayShown(Mapping[tuple[str, Channel, str], tuple[int, int]]):
    """(contact point, channel, signal) -> (assessed, signals) of the running day there; what is nothing is left out.

    Two readers at once sort it out twice.
    """

    def __init__(self, kept: Mapping[str, Mapping[tuple[str, Channel, str], tuple[int, int]]], day_of: Mapping[str, str]) -> None:
        """`kept`: by day, never changed from here on; `day_of`: contact point -> its running day."""
        self._kept, self._day_of = kept, day_of

    @cached_property
    def _shown(self) -> dict[tuple[str, Channel, str], tuple[int, int]]:
        return {
            key: counts
            for day, of_day in self._kept.items()
            for key, counts in of_day.items()
            if counts != (0, 0) and self._day_of.get(key[0]) == day
        }

    def __getitem__(self, key: tuple[str, Channel, str]) -> tuple[int, int]:
        return self._shown[key]

    def __iter__(self) -> Iterator[tuple[str, Channel, str]]:
        return iter(self._shown)

    def __len__(self) -> int:
        return len(self._shown)
