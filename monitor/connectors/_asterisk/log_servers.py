"""Which Asterisk a line of a queue_log is from, and whose start a QUEUESTART is, where several write to one file. Pure.

A QUEUESTART carries no name (main/logger.c writes NONE in every column); Uniqueids do, where `systemname` is set.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

_HOUR: Final = 3_600_000_000
_MOST: Final = 32
_SECOND: Final = 1_000_000
#: A starting Asterisk may take calls this long before it writes QUEUESTART.
_BOOTING: Final = 5 * _SECOND


class Named(NamedTuple):
    """A Uniqueid in its parts: `pbx1-1795298948.12` is server `pbx1`, a channel that began then, its 12th."""

    server: str  # empty without `systemname`
    begun: int  # seconds since 1970
    channel: int


@lru_cache(maxsize=8192)  # a call has several lines
def parts_of(uid: str) -> Named | None:
    """None: it is not the Uniqueid of a channel."""
    name, _, rest = uid.rpartition("-")
    begun, _, count = rest.partition(".")
    good = rest.isascii() and begun.isdigit() and count.isdigit() and len(rest) < 25
    return Named(name, int(begun), int(count)) if good else None


class Servers:
    """The Asterisks of one log. Moments are microseconds."""

    def __init__(self, memory: Mapping[str, Any]) -> None:
        """`memory`: what `memory()` gave."""
        self._seen: dict[str, tuple[int, int]] = {name: (at, top) for name, (at, top) in memory.get("servers", {}).items()}
        #: name -> a start that may have been its own, and the last line before it
        self._suspects: dict[str, tuple[int, int]] = {name: (at, last) for name, (at, last) in memory.get("starts", {}).items()}

    def memory(self) -> dict[str, Any]:
        """What to remember."""
        return {
            "servers": {name: list(seen) for name, seen in self._seen.items()},
            "starts": {name: list(start) for name, start in self._suspects.items()},
        }

    def saw(self, uid: Named, at: int, *, enters: bool, known: bool) -> tuple[str, int, int] | None:
        """Takes a line about a call; returns the server that this proves to have started before, when, and its last line.

        Uniqueids are counted from 0 when Asterisk starts; a channel from before shows that its Asterisk did not.
        """
        name, begun, count = uid
        newest, top = self._seen.get(name, (0, -1))
        started = None
        if self._suspects and name in self._suspects and (enters or known):
            at_start, last = self._suspects[name]
            from_before = known or begun * _SECOND < at_start - _BOOTING
            if not from_before and begun * _SECOND >= at_start and count <= top:
                started, top = (name, at_start, last), -1
                self._suspects.clear()
            elif from_before or count > top:
                del self._suspects[name]
                if len(self._suspects) == 1:
                    other, (at_start, last) = self._suspects.popitem()
                    started = (other, at_start, last)
        self._seen[name] = (max(newest, at), max(top, count))
        if len(self._seen) > _MOST:
            del self._seen[min(self._seen, key=lambda each: self._seen[each][0])]
        return started

    def active(self, at: int) -> set[str]:
        """The servers that wrote about a call within the hour before."""
        return {name for name, (newest, _) in self._seen.items() if newest >= at - _HOUR}

    def only(self, at: int) -> str | None:
        """The one server that writes; None: it is one of several."""
        active = self.active(at)
        return next(iter(active), "") if len(active) <= 1 else None

    def started(self, name: str | None) -> None:
        """It counts its channels from 0 again; None: there is only one, which may have another name now."""
        if name is None:
            self._seen.clear()
        elif name in self._seen:
            self._seen[name] = (self._seen[name][0], -1)

    def suspect(self, names: Iterable[str], at: int, last: int) -> None:
        """One of these has started; which one their next lines tell."""
        self._suspects.update(dict.fromkeys(names, (at, last)))
