"""The demo contact centre as a whole: a phone system, a mail account and a helpdesk on loopback, with simulated traffic."""

import asyncio
import heapq
import random
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from monitor.clock import Clock
from monitor.demo.ami_server import AmiServer
from monitor.demo.beginning import Beginning
from monitor.demo.call_generator import CallGenerator, make_queues
from monitor.demo.call_history import calls_before
from monitor.demo.call_traffic import calls_of_day
from monitor.demo.configuration import configuration, write_people
from monitor.demo.event_sender import RECENT, EventSender, Pusher, moment_text, parts_of, push_all
from monitor.demo.imap_server import ImapServer
from monitor.demo.mail_generator import ADDRESS, MailGenerator
from monitor.demo.mailbox import Mailbox
from monitor.demo.opening import opening_mails, opening_tickets, opening_visits
from monitor.demo.pbx import Pbx
from monitor.demo.rt_server import RtServer
from monitor.demo.schedule import ZONE, Item, TimeScale, opening_hours, shift_to_open, timeline
from monitor.demo.story_teller import StoryTeller
from monitor.demo.ticket_generator import TicketGenerator, make_system
from monitor.demo.ticket_traffic import tickets_of_day
from monitor.demo.written_traffic import mails_of_day, visits_of_day

HISTORY: Final = timedelta(days=14)
SEED: Final = 7
MAX_SPEED: Final = 60.0
_PEOPLE: Final = "people.csv"


class ContactCentre:
    """Start it, give `settings()` to the daemon, stop it. Nothing leaves the machine and nothing grows without end."""

    def __init__(self, clock: Clock, *, url: str = "http://127.0.0.1:9760", speed: float = 1.0, seed: int = SEED,
        begun: Beginning | None = None,
    ) -> None:  # fmt: skip
        """`url` is where the daemon takes events. `speed` 1 to 60: how much faster than real time the days pass. `begun`: when
        this demo was first started; default: now.

        Raises ValueError for another speed.
        """
        if not 1 <= speed <= MAX_SPEED:
            raise ValueError(f"speed {speed:g} is not between 1 and {MAX_SPEED:g}")
        self._clock = clock
        self._seed = seed
        self._url = url
        self._passwords = {name: secrets.token_urlsafe(12) for name in ("pbx", "mail", "helpdesk", "visits", "export")}
        self._files: TemporaryDirectory[str] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = begun or Beginning(clock.now(), shift_to_open(clock.now()))
        self._scale = TimeScale(clock.now(), speed, self._begun.shift)
        self._pbx = Pbx(clock, random.Random(seed), make_queues())  # noqa: S311 - ids of bridges, no secret
        self._mailbox = Mailbox(self._scale.anchor)
        self._ami = AmiServer(self._pbx, "monitor", self._passwords["pbx"])
        self._imap = ImapServer(self._mailbox, ADDRESS, self._passwords["mail"])
        self._rt = RtServer(make_system(), self._passwords["helpdesk"], clock)

    async def start(self) -> None:
        """Fill mailbox and helpdesk with the past, listen, and start the traffic."""
        first = (self._scale.begun - HISTORY).astimezone(ZONE).date()
        today = self._scale.begun.astimezone(ZONE).date()
        mails = _with(opening_mails(self._scale, self._seed), timeline(lambda day: mails_of_day(day, self._seed), first))
        tickets = _with(opening_tickets(self._scale, self._seed), timeline(lambda day: tickets_of_day(day, self._seed), first))
        mail_generator = MailGenerator(self._mailbox, self._scale)
        deliver = mail_generator.deliver
        play = TicketGenerator(self._rt.system, self._scale, self._clock).play
        next_mail = await asyncio.to_thread(self._play_history, mails, deliver)  # a second of work
        next_step = await asyncio.to_thread(self._play_history, tickets, play)
        self._files = TemporaryDirectory(prefix="contact-monitor-demo-")
        await asyncio.to_thread(write_people, Path(self._files.name) / _PEOPLE)
        for server in (self._ami, self._imap, self._rt):
            await server.start()
        calls = CallGenerator(self._clock, self._pbx, self._scale, self._seed)
        calls.start_opening_calls(self._ami.first_login)
        arrivals = timeline(lambda day: calls_of_day(day, self._seed), today)
        recent = (self._scale.begun - RECENT).astimezone(ZONE).date()
        visits = _with(opening_visits(self._scale, self._seed), timeline(lambda day: visits_of_day(day, self._seed), recent))
        sender = EventSender(self._clock, self._pusher("visits"), self._scale, visits)
        self._tasks = [
            asyncio.create_task(work)
            for work in (
                calls.generate(arrivals),
                calls.adjust_staffing(),
                self._play(next_mail, mails, deliver),
                self._play(next_step, tickets, play),
                push_all(self._pusher("export"), self._calls_before()),
                sender.run(),
                StoryTeller(self._clock, mail_generator, calls, self._scale).run(),
            )
        ]

    def _play_history(self, items: Iterator[Item], play: Callable[[Item], None]) -> Item:
        """Everything up to now; gives the first item that is still to come."""
        for item in items:
            if item.at > self._scale.begun:
                return item
            play(item)
        raise AssertionError("the timeline has no end")

    def _pusher(self, source: str) -> Pusher:
        return Pusher(self._clock, self._url, self._passwords[source])

    def _calls_before(self) -> Iterator[list[dict[str, Any]]]:
        """The calls of the time before the first start, in parts that can be pushed; those since then were read from AMI."""
        if self._begun.at is None:
            return iter(())
        until = self._begun.at - self._begun.shift
        return parts_of(
            [body | {"at": moment_text(self._scale.to_real(at))} for at, body in call]
            for call in calls_before(until, (until - HISTORY).astimezone(ZONE).date(), self._seed)
        )

    async def _play(self, item: Item, items: Iterator[Item], play: Callable[[Item], None]) -> None:
        """`item` and what follows it, each at its real moment."""
        while True:
            await self._clock.sleep((self._scale.to_real(item.at) - self._clock.now()).total_seconds())
            play(item)
            item = next(items)

    async def wait(self) -> None:
        """For as long as the demo runs; raises what went wrong in it."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Stop the traffic and the servers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pbx.close()
        for server in (self._ami, self._imap, self._rt):
            await server.stop()
        if self._files is not None:
            self._files.cleanup()

    def settings(self) -> dict[str, Any]:
        """A configuration for the daemon: sources, contact points and policies; only after `start`."""
        assert self._files is not None  # it has been started
        people = Path(self._files.name) / _PEOPLE
        hours = opening_hours(self._begun.shift)
        return configuration(self._ami.port, self._imap.port, self._rt.port, self._passwords, people, hours)


def _with(opening: Iterable[Item], planned: Iterator[Item]) -> Iterator[Item]:
    """What opens the demo among what was planned for its days; both in order."""
    return heapq.merge(opening, planned, key=lambda each: each.at)
