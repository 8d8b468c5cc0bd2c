"""What every helpdesk that is asked over one HTTP client has in common."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Final

from monitor.connector import Context
from monitor.connectors._http.answers import Answer, Problem
from monitor.connectors._http.client import HttpClient
from monitor.connectors._http.fields import part
from monitor.connectors._tickets.helpdesk import Row

#: Names, rights, zones and who is who change seldom: they are learned anew after so many seconds.
_LEARN_EVERY: Final = 3600.0


class HttpHelpdesk:
    """The part of `Helpdesk` that is the same everywhere; the class of a system adds the rest."""

    #: Clocks with whole seconds.
    lag = timedelta(seconds=1)
    rough = True
    looked_at = 100

    def __init__(self, context: Context, http: HttpClient) -> None:
        self._context = context
        self._http = http
        self._forget()

    def connected(self) -> AbstractAsyncContextManager[None]:
        """What the others are called inside of."""
        return self._http.connected()

    def now(self) -> datetime:
        """The server's clock, as far as its answers told it."""
        return self._http.server_now()

    async def gather(self, rows: Sequence[Row]) -> None:
        """Each ticket is asked for by itself."""

    def _is_stale(self, hours: int = 1) -> bool:
        """Whether what changes seldom is to be learned anew: it was learned so long ago."""
        return self._context.clock.monotonic() - self._learned >= hours * _LEARN_EVERY

    def _has_learned(self) -> None:
        """It has been; for an hour it holds."""
        self._learned = self._context.clock.monotonic()

    def _forget(self) -> None:
        """It does not hold any more."""
        self._learned = float("-inf")


async def from_mark(
    ask: Callable[[Mapping[str, Any]], Awaitable[Answer | Problem]], key: str, mark: Any, at_first: Mapping[str, Any]
) -> tuple[Answer | Problem, int]:
    """(what is behind a mark, how often it has been begun anew): once where the server does not know the mark any more.

    `ask` is given what is asked for at first, with the mark's own `key` where there is one.
    """
    held, again = part(mark, key), int(part(mark, "again") or 0)
    answer = await ask({**at_first, key: held} if isinstance(held, str) else at_first)
    if isinstance(answer, Problem) and answer.kind in ("refused", "missing", "gone") and isinstance(held, str) and again < 1:
        return await ask(at_first), again + 1
    return answer, again
