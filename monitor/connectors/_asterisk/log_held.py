"""What queue_log says of a caller and a later line may disprove: an ABANDON, and where a transfer led. Pure."""

from collections import OrderedDict
from collections.abc import Iterator, Set
from typing import Final

from monitor.connectors._asterisk.log_servers import parts_of
from monitor.connectors._asterisk.queue_log import SECOND, Line

#: An Asterisk that stops writes ABANDON for everybody; if it starts again within this it was not the callers' decision.
RESTART: Final = 10 * SECOND
#: A caller whom a supervisor moves is written down as ABANDON, and enters the next queue in the same second or the next.
MOVED: Final = 2 * SECOND

#: What a stopping Asterisk writes last.
_ENDINGS: Final = frozenset(("ABANDON", "RINGCANCELED", "COMPLETEAGENT", "COMPLETECALLER", "QUEUESTART"))


class Held:
    """Callers in the order of their lines, so that only those whose time has come are looked at.

    An OrderedDict knows its first entry; a dict steps over all that were taken from its front before.
    """

    def __init__(self) -> None:
        self._abandons: dict[str, OrderedDict[str, int]] = {}  # server -> caller -> moment
        self._server_of: dict[str, str] = {}  # callers who have given up
        self._transfers: OrderedDict[str, int] = OrderedDict()  # caller -> moment
        self._working: set[str] = set()  # servers that went on working since the last of these

    def __bool__(self) -> bool:
        return bool(self._abandons or self._transfers)

    @property
    def servers(self) -> Set[str]:
        """Those whose callers have given up, as far as is known."""
        return self._abandons.keys()

    def abandon(self, uid: str, at: int) -> None:
        """This caller has given up, it seems."""
        server = self._server_of[uid] = server_name(uid)
        self._abandons.setdefault(server, OrderedDict())[uid] = at
        self._working.discard(server)

    def transfer(self, uid: str, at: int) -> None:
        """This caller was passed on; to which queue the next lines show."""
        self._transfers[uid] = at

    def decided(self, uid: str) -> None:
        """How the caller left is known."""
        server = self._server_of.pop(uid, None)
        if server is not None:
            del self._abandons[server][uid]
            if not self._abandons[server]:
                del self._abandons[server]

    def arrived(self, uid: str) -> None:
        """Where the caller was passed on to is known."""
        self._transfers.pop(uid, None)

    def earliest(self) -> int | None:
        """The moment of the first thing that is held."""
        moments = [at for callers in self._abandons.values() for at in callers.values()]
        return min((*moments, *self._transfers.values()), default=None)

    def given_up(self, line: Line, server: str | None) -> list[str]:
        """Callers who have given up now that this line is there: an Asterisk (`server`, None: unknown) that goes on working
        was not stopping. The caller whose line it is may have been moved."""
        told = []
        for name, callers in self._abandons.items():
            patience = RESTART
            if server == name and line.verb not in _ENDINGS:
                patience = MOVED
                self._working.add(name)
            for uid, at in callers.items():
                if at + patience > line.at:
                    break
                if uid != line.uid or at + RESTART <= line.at:
                    told.append(uid)
        return told

    def given_up_by(self, now: int) -> list[str]:
        """Callers who have given up if no line has come until now."""
        return [
            uid
            for server, callers in self._abandons.items()
            for uid, at in callers.items()
            if at + (MOVED if server in self._working else RESTART) <= now
        ]

    def passed_on_by(self, now: int) -> Iterator[str]:
        """Callers who were passed on, but to no queue."""
        while self._transfers:
            uid, at = next(iter(self._transfers.items()))
            if at + RESTART > now:
                return
            del self._transfers[uid]
            yield uid


def server_name(uid: str) -> str:
    """The systemname in a Uniqueid, or nothing."""
    named = parts_of(uid)
    return named.server if named is not None else ""
