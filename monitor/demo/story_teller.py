"""Lets the demo's stories happen: once in each hour of the demo all of them begin."""

import heapq
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from monitor.clock import Clock
from monitor.demo.call_generator import CallGenerator
from monitor.demo.mail_generator import MailGenerator
from monitor.demo.schedule import TimeScale
from monitor.demo.stories import Step, stories_of_hour
from monitor.demo.written_traffic import PlannedMail

#: The first stories begin when the demo's first minute is over; at any speed.
_FIRST: Final = timedelta(minutes=2)
_HOUR: Final = timedelta(hours=1)
#: After the machine was suspended, stories that should have begun earlier than this are left out.
_MAX_LATE: Final = timedelta(seconds=20)


class StoryTeller:
    """Delivers the mails and starts the calls of the stories at their moments."""

    def __init__(self, clock: Clock, mails: MailGenerator, calls: CallGenerator, scale: TimeScale) -> None:
        self._clock = clock
        self._mails = mails
        self._calls = calls
        self._scale = scale
        self._waiting: list[tuple[datetime, int, Step]] = []
        self._count = 0

    async def run(self) -> None:
        """Go on until cancelled."""
        for hour in count():
            begin = self.begin_of(hour)
            await self._play_until(begin)
            if self._clock.now() - begin <= _MAX_LATE:
                for step in stories_of_hour(begin, self._scale.speed, self.number_of(hour)):
                    self._count += 1
                    heapq.heappush(self._waiting, (step.at, self._count, step))

    def begin_of(self, hour: int) -> datetime:
        """When the stories of the demo's hour begin, in real time."""
        return self._scale.to_real(self._scale.begun + _FIRST + hour * _HOUR)

    def number_of(self, hour: int) -> int:
        """Another one in each hour, also after a restart: a customer's next story is weeks away."""
        return int(self._scale.anchor.timestamp() * self._scale.speed / _HOUR.total_seconds()) + hour

    async def _play_until(self, moment: datetime) -> None:
        while self._waiting and self._waiting[0][0] <= moment:
            at, _, step = heapq.heappop(self._waiting)
            await self._sleep_until(at)
            if isinstance(step.what, PlannedMail):
                self._mails.deliver(step.what, at)
            elif self._clock.now() - at <= _MAX_LATE:
                self._calls.start(step.what)
        await self._sleep_until(moment)

    async def _sleep_until(self, moment: datetime) -> None:
        await self._clock.sleep((moment - self._clock.now()).total_seconds())
