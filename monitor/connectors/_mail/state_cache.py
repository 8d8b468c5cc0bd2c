"""The stored state as one poll sees it: what it has made so far on top of what the store holds."""

from collections.abc import Mapping
from typing import Final

from monitor.connector import StateReader

_MAX_KEPT: Final = 50_000  # kept in memory during one read, so that most need not be read again


class StateCache:
    """The stored state as it will be once the yielded batches are stored; the newest entries are kept in memory."""

    def __init__(self, state: StateReader) -> None:
        self._reader = state
        self._kept: dict[str, str] = {}

    async def of(self, keys: set[str]) -> dict[str, str]:
        """The entries under these keys."""
        found = {k: self._kept[k] for k in keys if k in self._kept}
        missing = keys - found.keys()
        return found | (await self._reader.keys(missing) if missing else {})

    def put(self, changes: Mapping[str, str]) -> None:
        """What a batch, now to be yielded, changes."""
        self._kept |= changes
        if len(self._kept) > _MAX_KEPT:
            self._kept = dict(list(self._kept.items())[-_MAX_KEPT // 2 :])
