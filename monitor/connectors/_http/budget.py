"""At most so many requests in any minute, so that reading never costs a helpdesk its own users' share."""

from collections import deque
from typing import Final

from monitor.clock import Clock

_MINUTE: Final = 60.0


class RequestBudget:
    """Lets a request go when it and those of the 60 s before it cost `per_minute` at most; most of them cost one."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._clock = clock
        self._gone: deque[float] = deque(maxlen=per_minute)  # when each unit went, of `clock.monotonic`

    async def take(self, cost: int = 1) -> None:
        """Returns when one more request of this cost may go; it is counted as gone then. Any number of tasks may wait.

        One that costs more than a minute allows goes when the minute before it was empty.
        """
        while (wait := self.wait_for(cost)) > 0:
            await self._clock.sleep(wait)
        self.spend(cost)

    def wait_for(self, cost: int = 1) -> float:
        """Seconds until one more of this cost may go; 0: it may now."""
        most = self._gone.maxlen or 0
        over = len(self._gone) + min(cost, most) - most
        return max(0.0, self._gone[over - 1] + _MINUTE - self._clock.monotonic()) if over > 0 else 0.0

    def spend(self, cost: int) -> None:
        """So much has gone now, whether there was room for it or not."""
        self._gone.extend([self._clock.monotonic()] * cost)
