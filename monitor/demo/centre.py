"""The demo contact centre as a whole: a phone system, a mail account and a helpdesk on loopback, and who uses them."""

import asyncio
import random
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from monitor.clock import Clock
from monitor.demo.ami_server import AmiServer
from monitor.demo.configuration import configuration
from monitor.demo.helpdesk import Helpdesk
from monitor.demo.imap_server import ImapServer
from monitor.demo.letters import ADDRESS, PostRoom
from monitor.demo.mailbox import Mailbox
from monitor.demo.pbx import Pbx
from monitor.demo.reception import Reception, queues
from monitor.demo.story import ZONE, Stage, phone_day, timeline
from monitor.demo.story_written import Letter, desk_day, mail_day

HISTORY: Final = timedelta(days=14)
SEED: Final = 7
MAX_SPEED: Final = 60.0


class DemoCentre:
    """Start it, give `settings()` to the daemon, stop it. Nothing leaves the machine and nothing grows without end."""

    def __init__(self, clock: Clock, *, url: str = "http://127.0.0.1:9760", speed: float = 1.0, seed: int = SEED) -> None:
        """`url` is where the daemon takes events. `speed` 1 to 60: how much faster than life the days go by.

        Raises ValueError for another speed.
        """
        if not 1 <= speed <= MAX_SPEED:
            raise ValueError(f"speed {speed:g} is not between 1 and {MAX_SPEED:g}")
        self._clock = clock
        self._seed = seed
        self._url = url
        self._passwords = {name: secrets.token_urlsafe(12) for name in ("pbx", "mail", "desk")}
        self._tasks: list[asyncio.Task[None]] = []
        self._stage = Stage(clock.now(), speed)
        self._pbx = Pbx(clock, random.Random(seed), queues())  # noqa: S311 - ids of bridges, no secret
        self._mailbox = Mailbox(self._stage.anchor)
        self._ami = AmiServer(self._pbx, "monitor", self._passwords["pbx"])
        self._imap = ImapServer(self._mailbox, ADDRESS, self._passwords["mail"])

    async def start(self) -> None:
        """Fill the mailbox with the past, listen, and let the day begin."""
        first = (self._stage.anchor - HISTORY).astimezone(ZONE).date()
        today = self._stage.anchor.astimezone(ZONE).date()
        letters = timeline(lambda day: mail_day(day, self._seed), first)
        post = PostRoom(self._mailbox, self._stage)
        upcoming = await asyncio.to_thread(self._deliver_the_past, letters, post)  # a second of work
        await self._ami.start()
        await self._imap.start()
        reception = Reception(self._clock, self._pbx, self._stage, self._seed)
        reception.raise_curtain(self._ami.watched)
        arrivals = timeline(lambda day: phone_day(day, self._seed), today)
        notes = timeline(lambda day: desk_day(day, self._seed), first)
        desk = Helpdesk(self._clock, self._url, self._passwords["desk"], self._stage, notes)
        self._tasks = [
            asyncio.create_task(work)
            for work in (
                reception.take_calls(arrivals),
                reception.change_shifts(),
                self._deliver(upcoming, letters, post),
                desk.run(),
            )
        ]

    def _deliver_the_past(self, letters: Iterator[Letter], post: PostRoom) -> Letter:
        """Everything up to now; gives the first letter that is still to come."""
        for letter in letters:
            if letter.at > self._stage.anchor:
                return letter
            post.put(letter)
        raise AssertionError("the story has no end")

    async def _deliver(self, letter: Letter, letters: Iterator[Letter], post: PostRoom) -> None:
        while True:
            await self._clock.sleep((self._stage.real(letter.at) - self._clock.now()).total_seconds())
            post.put(letter)
            letter = next(letters)

    async def wait(self) -> None:
        """For as long as the demo runs; raises what went wrong in it."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Everybody goes home."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pbx.close()
        await self._ami.stop()
        await self._imap.stop()

    def settings(self) -> dict[str, Any]:
        """A configuration for the daemon: sources, contact points and policies; only after `start`."""
        return configuration(self._ami.port, self._imap.port, self._passwords)
