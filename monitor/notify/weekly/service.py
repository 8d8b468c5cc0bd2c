"""The daemon's side: when a report is due, those who have not got it are sent it, in a thread that counts nothing.

One look: 1. which report is due (`due`); 2. what became unknown is told once; 3. who waits for it (`mailing`); 4. the letters,
one for each set of teams; 5. they are sent. A server that takes nothing is tried again after a pause, until the next report is
due; where it would refuse for ever, until the configuration is loaded again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from math import inf
from threading import Event
from typing import Final

from monitor import log
from monitor.clock import Clock
from monitor.domain.snapshot import ReportMails
from monitor.errors import StoreUnavailable
from monitor.notify.service import in_thread
from monitor.notify.weekly.due import Appointment, Due, due
from monitor.notify.weekly.mailing import Mailing, Teams
from monitor.notify.weekly.smtp import MailServerError
from monitor.publish.letter import Letter

EVERY_SECONDS: Final = 20.0
#: Seconds until a server that takes nothing is tried again; the last for ever.
PAUSES: Final = (60.0, 300.0, 900.0, 3600.0)
#: What is on its way when the daemon stops is waited for so long.
LAST_SECONDS: Final = 3.0

#: Seconds until a week is looked at again that is not over everywhere, or of which nothing is recorded.
LATER_SECONDS: Final = 900.0

#: The letters of a week, by teams; None: it is not over everywhere yet, or nothing is recorded. Blocks; raises StoreUnavailable.
Compose = Callable[[str, Iterable[Teams]], Mapping[Teams, Letter] | None]


class WeeklyMail:
    """Sends the weekly report when it is due."""

    def __init__(
        self, appointment: Appointment, mailing: Mailing, compose: Compose, clock: Clock, is_ready: Callable[[], bool],
        show: Callable[[ReportMails], None],
    ) -> None:  # fmt: skip
        """`is_ready`: whether what was missed while the daemon was down has been read; `show` is told how the mails stand. Both
        are called on the event loop."""
        self._appointment, self._mailing, self._compose, self._clock = appointment, mailing, compose, clock
        self._is_ready, self._show = is_ready, show
        self._week_with_news = ""  # of which there is something to send, or all is sent
        self._stop = Event()
        self._working: asyncio.Future[bool] | None = None
        self._failures = 0
        self._pause = ("", 0.0)  # of which week nothing is done, and until when by the monotonic clock
        self._trouble: str | None = None

    async def run(self) -> None:
        """Looks again and again."""
        while True:
            await self.look()
            await self.show()
            await self._clock.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """One look, as told at the head of this module."""
        now = due(self._appointment, self._clock.now())
        week, until = self._pause
        if (now.week == week and self._clock.monotonic() < until) or not self._is_ready():
            return
        self._working = in_thread(lambda: self._work(now), "weekly-report")
        try:
            if await asyncio.shield(self._working):
                self._week_with_news = now.week
            else:
                self._pause = (now.week, self._clock.monotonic() + LATER_SECONDS)
        except MailServerError as error:
            self._week_with_news = now.week
            self._failed(now, str(error), lasting=error.lasting)
        except StoreUnavailable:  # said by whoever has something to write
            pass
        else:
            self._recovered()
        self._working = None

    async def show(self) -> None:
        """Tells how the mails of the report that is due stand."""
        now = due(self._appointment, self._clock.now())
        with suppress(StoreUnavailable):  # what was told last stays so
            self._show(await in_thread(lambda: self._standing(now), "weekly-report-standing"))

    def _standing(self, now: Due) -> ReportMails:
        last = self._mailing.book.last_sent()
        if self._week_with_news != now.week:
            return ReportMails(last)
        known = self._mailing.standing(now.week)
        waiting = len(self._mailing.plan.recipients) - len(known)
        return ReportMails(last, now.since, {**Counter(each.state for each in known.values()), "waiting": waiting})

    def _work(self, now: Due) -> bool:
        """Whether there was something to send, or nobody waits for it."""
        mailing = self._mailing
        unknown = mailing.book.give_up_claims(now.week, self._clock.now())
        if unknown:
            text = "weekly report perhaps sent, it is not sent again by itself; contact-monitor report --send says to whom"
            log.get("report").error(text, week=now.week, mails=unknown)
        waiting = mailing.waiting(now.week)
        if not waiting:
            return True
        letters = self._compose(now.week, set(waiting.values()))
        if letters is not None and not self._stop.is_set():
            mailing.send(now.week, letters, stop=self._stop)
        return letters is not None

    def _failed(self, now: Due, trouble: str, *, lasting: bool) -> None:
        pause = inf if lasting else PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._pause = (now.week, self._clock.monotonic() + pause)
        self._failures += 1
        if self._trouble != trouble:
            self._trouble = trouble
            what = (
                "weekly report cannot be sent; reload the configuration when this is mended"
                if lasting
                else ("weekly report cannot be sent now, trying again")
            )
            log.get("report").error(what, week=now.week, error=trouble)

    def _recovered(self) -> None:
        self._failures, self._trouble = 0, None

    async def close(self) -> None:
        """Ends after the mail that is on its way, which is waited for a moment."""
        self._stop.set()
        if self._working is not None and not self._working.done():
            await asyncio.wait((self._working,), timeout=LAST_SECONDS)
