"""At most so many requests in any minute, so that reading never costs a helpdesk its own users' share."""

from collections import deque
from typing import Final

from monitor.clock import Clock

_MINUTE: Final = 60.0


class RequestBudget:
    """Lets a request go when fewer than `per_minute` have gone in the 60 s before it."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._clock = clock
        self._gone: deque[float] = deque(maxlen=per_minute)  # when the latest went, of `clock.monotonic`

    async def take(self) -> None:
        """Returns when one more request may go; it is counted as gone then. Any number of tasks may wait."""
        while len(self._gone) == self._gone.maxlen:
            wait = self._gone[0] + _MINUTE - self._clock.monotonic()
            if wait <= 0:
                break
            await self._clock.sleep(wait)
        self._gone.append(self._clock.monotonic())
