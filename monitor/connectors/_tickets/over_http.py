"""What every helpdesk that is asked over one HTTP client has in common."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Final

from monitor.connector import Context
from monitor.connectors._http.client import HttpClient

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
        self._learned = float("-inf")

    def connected(self) -> AbstractAsyncContextManager[None]:
        """What the others are called inside of."""
        return self._http.connected()

    def now(self) -> datetime:
        """The server's clock, as far as its answers told it."""
        return self._http.server_now()

    def _is_stale(self) -> bool:
        """Whether what changes seldom is to be learned anew."""
        return self._context.clock.monotonic() - self._learned >= _LEARN_EVERY

    def _has_learned(self) -> None:
        """It has been; for an hour it holds."""
        self._learned = self._context.clock.monotonic()
