"""Which Asterisk a line of a queue_log is from, and whose start a QUEUESTART is, where several write to one file. Pure.

A QUEUESTART carries no name (main/logger.c writes NONE in every column); Uniqueids do, where `systemname` is set.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_HOUR: Final = 3_600_000_000
_MOST: Final = 32


def server_of(uid: str) -> tuple[str, int] | None:
    """(systemname, counter) of a Uniqueid: `pbx1-1795298948.12` -> `pbx1`, 12; without a systemname the name is empty."""
    name, _, rest = uid.rpartition("-")
    seconds, _, count = rest.partition(".")
    return (name, int(count)) if seconds.isdigit() and count.isascii() and count.isdigit() and len(count) < 12 else None


class Servers:
    """The Asterisks of one log. Moments are microseconds."""

    def __init__(self, memory: Mapping[str, Any]) -> None:
        """`memory`: what `memory()` gave."""
        self._seen: dict[str, tuple[int, int]] = {name: (at, top) for name, (at, top) in memory.get("servers", {}).items()}
        self._suspects: dict[str, int] = dict(memory.get("starts", {}))  # name -> a start that may have been its own

    def memory(self) -> dict[str, Any]:
        """What to remember."""
        return {"servers": {name: list(seen) for name, seen in self._seen.items()}, "starts": dict(self._suspects)}

    def saw(self, name: str, count: int, at: int, *, enters: bool, known: bool) -> tuple[str, int] | None:
        """Takes a line about a call; returns the server that this proves to have started before, and when.

        Counters of Uniqueids begin at 0 when Asterisk starts; a call that goes on shows that its Asterisk did not.
        """
        newest, top = self._seen.get(name, (0, -1))
        started = None
        if self._suspects and name in self._suspects and (enters or known):
            at_start = self._suspects.pop(name)
            if not known and count <= top:
                started, top = (name, at_start), -1
                self._suspects.clear()
            elif len(self._suspects) == 1:
                started = self._suspects.popitem()
        self._seen[name] = (max(newest, at), max(top, count))
        if len(self._seen) > _MOST:
            del self._seen[min(self._seen, key=lambda each: self._seen[each][0])]
        return started

    def active(self, at: int) -> set[str]:
        """The servers that wrote about a call within the hour before."""
        return {name for name, (newest, _) in self._seen.items() if newest >= at - _HOUR}

    def started(self, name: str) -> None:
        """It counts its channels from 0 again."""
        if name in self._seen:
            self._seen[name] = (self._seen[name][0], -1)

    def suspect(self, names: Iterable[str], at: int) -> None:
        """One of these has started; which one their next lines tell."""
        self._suspects.update(dict.fromkeys(names, at))
