"""The daemon's side of notifications: looks at a snapshot every few seconds, sends what is due, keeps the state in the store.

One evaluation: 1. remember what grew and lasted (`windows`); 2. judge; 3. advance the alerts; 4. plan at most one message a
receiver; 5. write the state where it must not be forgotten, before anything is sent; 6. send each message in a thread of its
own. Nothing here is waited for by what counts: the store is asked as for any small write, and a receiver that hangs holds up
only itself.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final, ParamSpec, Protocol, TypeVar

from monitor import log
from monitor.clock import Clock
from monitor.domain.durations import format_duration
from monitor.domain.event import to_micros
from monitor.domain.snapshot import ReceiverState, Snapshot, TotalKey
from monitor.errors import StoreUnavailable
from monitor.notify.alerting import advance
from monitor.notify.delivery import Sender
from monitor.notify.judge import Limits, judge
from monitor.notify.planning import delivered, plan, refused
from monitor.notify.stored import milestones, packed, unpacked
from monitor.notify.values import AlertId, Judgement, Message, Receiver, State
from monitor.notify.windows import Windows, observe
from monitor.notify.wording import worded
from monitor.publish.rules.values import Links
from monitor.store.base import Store

P = ParamSpec("P")
T = TypeVar("T")

_KEY: Final = "state"
EVERY_SECONDS: Final = 5.0
#: A receiver that has not taken a message by then has not taken it; nothing more is sent to it before it lets go.
SEND_SECONDS: Final = 30.0
#: Seconds until a receiver that did not take a message is tried again; the last for ever.
PAUSES: Final = (5.0, 15.0, 60.0, 300.0)
#: What is on its way when the daemon stops is waited for so long.
LAST_SECONDS: Final = 3.0


class House(Protocol):
    """The daemon, as notifications see it."""

    def snapshot(self) -> Snapshot:
        """The latest snapshot."""

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs something in the store's thread."""

    async def aside(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs something in a thread beside the event loop."""

    def add_totals(self, deltas: Mapping[TotalKey, float]) -> None:
        """Shows what the store has taken."""

    def show_receiver(self, name: str, state: ReceiverState) -> None:
        """How a receiver stands."""


class _Line:
    """One receiver: its address, what is on its way, and when it may be tried again."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.sending: asyncio.Task[None] | None = None
        self.failures = 0
        self.not_before = 0.0  # of the monotonic clock
        self.state = ReceiverState(None)

    def is_busy(self, now: float) -> bool:
        """Whether nothing can be sent now. A bug of ours in what was sent is raised here."""
        if self.sending is not None and self.sending.done():
            self.sending.result()
            self.sending = None
        return self.sending is not None or now < self.not_before


class Notifier:
    """Tells every receiver what it should know, and keeps what it was told."""

    def __init__(
        self,
        house: House,
        store: Store,
        clock: Clock,
        receivers: Mapping[Receiver, Sender],
        *,
        limits: Limits,
        links: Links,
        stored_as: str,
    ) -> None:
        """`stored_as`: the state's place among the sources of the store, where no other daemon writes."""
        self._house, self._store, self._clock = house, store, clock
        self._receivers = tuple(receivers)
        self._lines = {receiver.name: _Line(sender) for receiver, sender in receivers.items()}
        self._limits, self._links, self._stored_as = limits, links, stored_as
        self._state, self._windows = State(), Windows()
        self._counted: dict[TotalKey, float] = {}
        self._stored: object = None  # the milestones that are in the store
        self._writing = asyncio.Lock()
        for name, line in self._lines.items():
            house.show_receiver(name, line.state)

    async def run(self) -> None:
        """Evaluates again and again."""
        await self._restore()
        while True:
            await self.evaluate()
            await self._clock.sleep(EVERY_SECONDS)

    async def _restore(self) -> None:
        while True:
            try:
                found = await self._house.call(self._store.read_state, self._stored_as, (_KEY,))
            except StoreUnavailable:  # said by whoever has something to write
                await self._clock.sleep(EVERY_SECONDS)
            else:
                self._state = unpacked(found.get(_KEY))
                self._stored = milestones(self._state)
                return

    async def evaluate(self) -> None:
        """One evaluation, as told at the head of this module."""
        shot = self._house.snapshot()
        judgement = await self._house.aside(self._judge, shot, tuple(self._state.alerts))
        before = self._state.missed
        state = advance(replace(self._state, counted=self._windows.critical_totals()), judgement, self._receivers)
        for name, count in state.missed.items():
            self._count(name, "missed", count - before.get(name, 0))
        now = self._clock.monotonic()
        busy = frozenset(name for name, line in self._lines.items() if line.is_busy(now))
        self._state, messages = plan(state, judgement, self._receivers, busy)
        await self._write()
        for message in messages:
            line = self._lines[message.receiver]
            line.sending = asyncio.create_task(self._send(line, message), name=f"notify {message.receiver}")

    def _judge(self, shot: Snapshot, active: tuple[AlertId, ...]) -> Judgement:
        """With a thousand contact points this takes some 50 ms, in which the event loop serves others."""
        self._windows = observe(self._windows, shot, self._limits.critical, self._state.counted)
        return judge(shot, self._windows, self._limits, active)

    async def _send(self, line: _Line, message: Message) -> None:
        said = worded(message, self._links)
        sending = in_thread(lambda: line.sender.send(said, message.group), f"notify-{message.receiver}")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                trouble = await asyncio.shield(sending)
        except TimeoutError:
            trouble = f"no answer within {SEND_SECONDS:g} s"
        self._settle(line, message, trouble)
        await self._write()
        if not sending.done():
            await asyncio.wait((sending,))

    def _settle(self, line: _Line, message: Message, trouble: str | None) -> None:
        """What follows from a message that was taken, or was not."""
        now, name = self._clock.now(), message.receiver
        was = line.state
        if trouble is None:
            self._state = delivered(self._state, message, now)
            line.failures = 0
        else:
            missed = self._state.missed.get(name, 0)
            self._state = refused(self._state, message)
            self._count(name, "missed", self._state.missed.get(name, 0) - missed)
            line.not_before = self._clock.monotonic() + PAUSES[min(line.failures, len(PAUSES) - 1)]
            line.failures += 1
        self._count(name, "sent" if trouble is None else "failed", 1)
        well = trouble is None
        line.state = ReceiverState(well, was.since if was.well is well else now, trouble)
        self._house.show_receiver(name, line.state)
        logger = log.get("notify")
        if not well and was.well is not False:
            logger.error("receiver does not take messages, trying again", receiver=name, error=trouble)
        elif well and was.well is False and was.since is not None:
            logger.info("receiver takes messages again", receiver=name, after=format_duration((now - was.since).total_seconds()))

    def _count(self, receiver: str, outcome: str, by: float) -> None:
        if by > 0:
            key = ("notifications_total", (receiver, outcome))
            self._counted[key] = self._counted.get(key, 0.0) + by

    async def _write(self) -> None:
        """Writes what must not be forgotten. Where the store does not take it, the next write has it too."""
        async with self._writing:
            reached, counted = milestones(self._state), self._counted
            if reached == self._stored and not counted:
                return
            self._counted = {}
            try:
                put = self._house.call(self._put, packed(self._state), counted, to_micros(self._clock.now()))
                await asyncio.shield(put)  # what is begun is written, also where a reload ends us: it is counted then
            except StoreUnavailable:
                for key, value in self._counted.items():
                    counted[key] = counted.get(key, 0.0) + value
                self._counted = counted
            else:
                self._stored = reached
                self._house.add_totals(counted)

    def _put(self, state: str, counted: Mapping[TotalKey, float], at: int) -> None:
        with self._store.transaction(self._stored_as) as unit:
            unit.write_state({_KEY: state}, at)
            unit.add_totals(counted)

    async def close(self) -> None:
        """Waits a moment for what is on its way, and writes what the store has not taken yet."""
        sending = [line.sending for line in self._lines.values() if line.sending is not None]
        if sending:
            _, late = await asyncio.wait(sending, timeout=LAST_SECONDS)
            for task in late:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        await self._write()


def in_thread(work: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Runs something in a thread that nobody waits for when the process ends: an executor's threads would hold it up."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work()
        except BaseException as caught:  # handed on to whoever waits
            error = caught
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return done
