"""Reads any helpdesk: lists what changed, reads each ticket's history, tells it as events.

prepare -> page of changed tickets -> those not known, four at a time -> a batch for every twenty -> next page -> the end of the
pass moves the watermark -> a look whether open tickets are still there
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from monitor import log
from monitor.connector import Batch, Context, Cursor, Event, Finding, Rejected, Untold
from monitor.connectors._http.pages import Pages
from monitor.connectors._tickets.events import events_of, newest_reply
from monitor.connectors._tickets.facts import STATUS, Ticket
from monitor.connectors._tickets.helpdesk import Absence, Helpdesk, Listing, Row
from monitor.connectors._tickets.listening import READ_BEFORE_FIRST, Listening
from monitor.connectors._tickets.memory import Memory, Remembered
from monitor.connectors._tickets.position import Position
from monitor.connectors._tickets.rules import Rules
from monitor.domain.event import to_micros
from monitor.errors import DataError, SourceError, TransientError

_AT_ONCE: Final = 4  # tickets asked for at the same time
_PIECE: Final = 20  # tickets in a batch
#: A clock with whole seconds may bring a ticket that was changed within them before the moment that was asked for.
_WHOLE_SECONDS: Final = timedelta(seconds=2)
_LOOK_EVERY: Final = 60.0  # seconds between two looks whether open tickets are still there
_PROGRESS_EVERY: Final = 10.0  # seconds between two lines about the first read
_MAX_PAGES: Final = 100_000
#: A record that the server cannot give is set aside when it has failed that often in a row; until then the server may be ill.
_MAX_FAILURES: Final = 3
_AHEAD: Final = timedelta(days=1)
#: What the messages of a closed ticket say is kept so long after its last change; one that comes back later is read anew.
_KEPT_CLOSED: Final = timedelta(days=30)

_T = TypeVar("_T")


class HelpdeskConnector:
    """A `Connector` over a `Helpdesk`."""

    live = False

    def __init__(self, helpdesk: Helpdesk, context: Context, backfill: timedelta) -> None:
        self._helpdesk = helpdesk
        self._context = context
        self._backfill = backfill
        self._log = log.get("source").bind(source=context.source)
        self._memory = Memory()
        self._listening = Listening(helpdesk, context, context.clock.now() - READ_BEFORE_FIRST)
        self._stored: Cursor | None = None  # the cursor under which `_memory` and `_position` hold
        self._position: Position | None = None
        self._looked = float("-inf")  # when open tickets were looked for
        self._failed: dict[str, int] = {}  # ticket -> how often in a row it could not be given
        self._names: dict[str, list[str]] = {}  # of customers, by the one they are known by: since the last batch
        self._untold: Untold | None = None

    async def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """One pass. The watermark comes with its last batch."""
        try:
            async with aclosing(self._pass(cursor)) as batches:
                async for batch in batches:
                    yield batch
        except DataError as error:  # of what is no single ticket
            raise TransientError(f"the server answers otherwise than is known of it: {error}", reason="protocol") from None

    async def _pass(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        position = await self._restored(cursor)
        self._position = None  # until all of it is stored
        async with self._helpdesk.connected():
            rules = await self._helpdesk.prepare()
            asked_at, began = self._context.clock.now(), self._helpdesk.now()
            position.began = position.began or began
            first = cursor is None or cursor.get("first", False)
            stored = cursor
            async with aclosing(self._pages(position, rules, first=first)) as batches:
                async for batch in batches:
                    stored = batch.cursor or stored
                    yield batch
            watermark = min(position.began, asked_at) - self._helpdesk.lag
            found_something = stored is not cursor or cursor is None
            position.finish(self._helpdesk.overlap)
            gone = await self._gone()
            moved = position.cursor() if found_something else None
            yield Batch(
                gone, moved, watermark, state=self._memory.drain(), untold=self._news(), clock_offset=self._clock_offset()
            )  # fmt: skip
            self._stored, self._position = moved or stored, position

    async def check(self) -> AsyncIterator[Finding]:
        """Logs in, and says who is who and what is seen."""
        async with self._helpdesk.connected():
            await self._helpdesk.prepare()
            async for finding in self._helpdesk.check():
                yield finding
            for why in self._helpdesk.untold().why:
                yield Finding(False, why)

    async def _restored(self, cursor: Cursor | None) -> Position:
        """As this process left it; from the store where it did not, or where another process has read on."""
        if self._position is not None and self._stored == cursor:
            return self._position
        await self._memory.restore(self._context.state)
        now = self._context.clock.now()
        position = Position.of(cursor, now - self._backfill)
        position.words_since = self._listening.since = position.words_since or now - READ_BEFORE_FIRST
        return position

    async def _pages(self, position: Position, rules: Rules, *, first: bool) -> AsyncGenerator[Batch, None]:
        """The tickets that changed, page by page; the cursor moves with each batch."""
        pages = Pages("the list of changed tickets", _MAX_PAGES)
        progress = _Progress(self._context, self._log)
        while True:
            pages.turn(json.dumps(position.mark, sort_keys=True))
            listing = await self._helpdesk.changed(position.since - self._helpdesk.overlap, position.mark)
            self._checked(listing, position.since - self._helpdesk.overlap)
            new = [row for row in listing.rows if not position.is_known(row.ref, row.updated)]
            for start in range(0, len(new), _PIECE):
                piece = new[start : start + _PIECE]
                settled = self._helpdesk.now() - _WHOLE_SECONDS
                await self._helpdesk.gather(piece)
                told, failure = await _at_once([self._told(row, rules) for row in piece])
                # What was read before the server refused more is stored: else one that allows fewer requests than a piece
                # takes would be asked for the same tickets for ever.
                for index in told:
                    position.read(piece[index].ref, piece[index].updated, settled)
                if failure is not None and not told:
                    raise failure
                events = [event for each in told.values() if not isinstance(each, Rejected) for event in each]
                rejected = [each for each in told.values() if isinstance(each, Rejected)]
                if first and listing.total is not None:
                    left = listing.total - (len(listing.rows) - len(new)) - start - len(piece)
                    progress.tell(position.done, position.done + left)
                state = self._memory.drain()
                names, self._names = self._names, {}
                yield Batch(
                    events, self._cursor(position, first=first), newest_outbound=newest_reply(events), rejected=rejected,
                    state=state, clock_offset=self._clock_offset(), names=names,
                )  # fmt: skip
                if failure is not None:
                    raise failure
            if listing.mark is None:
                return
            position.turn(listing.mark, self._helpdesk.overlap)

    def _cursor(self, position: Position, *, first: bool) -> Cursor:
        return {**position.cursor(), "first": True} if first else position.cursor()

    def _clock_offset(self) -> float:
        return (self._helpdesk.now() - self._context.clock.now()).total_seconds()

    def _checked(self, listing: Listing, since: datetime) -> None:
        """A filter that a server does not understand gives everything, or the wrong tickets: never take that for an answer."""
        older = [row for row in listing.rows if row.updated < since - _WHOLE_SECONDS]
        if older:
            raise TransientError(
                f"the server gives tickets that did not change since {since:%Y-%m-%d %H:%M:%S} UTC, as was asked for: "
                "it does not understand the filter; report this with the version of the system",
                reason="protocol",
            )

    async def _told(self, row: Row, rules: Rules) -> list[Event] | Rejected:
        """A ticket's events; one that cannot be understood is set aside."""
        try:
            ticket = await self._helpdesk.ticket(row._replace(kept=self._memory.get(row.ref, row.ref).kept))
            self._failed.pop(row.ref, None)
            if ticket is None:
                return []
            if isinstance(ticket, str):
                at = self._helpdesk.now().replace(microsecond=0)
                return [event for number, each in self._memory.open_by(row.ref) for event in self._lost(number, each, ticket, at)]
            own = await self._events(ticket, rules)
            return [*self._absorbed(ticket, rules), *own]
        except DataError as error:
            return Rejected(error.reason, f"ticket {row.ref}: {error}")
        except TransientError as error:
            failures = self._failed[row.ref] = self._failed.get(row.ref, 0) + 1
            if error.reason == "rate_limit" or failures < _MAX_FAILURES:
                raise
            del self._failed[row.ref]
            return Rejected("unreadable", f"ticket {row.ref}: the server fails on it each time")

    async def _events(self, ticket: Ticket, rules: Rules) -> list[Event]:
        known = await self._listening.judged(self._known(ticket), ticket)
        events = events_of(
            ticket, rules, self._helpdesk.place, self._context.hash_customer,
            known.verdicts, rough=self._helpdesk.rough,
        )  # fmt: skip
        latest = self._context.clock.now() + _AHEAD
        if any(event.at > latest for event in events):
            raise DataError("it has moments that are more than a day ahead", reason="future")
        known, events = await self._listening.read(known, ticket, events)
        if ticket.customer and ticket.names:
            hashed = [self._context.hash_customer(each) for each in (ticket.customer, *ticket.names)]
            self._names[hashed[0]] = hashed
        back = self._back(ticket.number, known)
        known = replace(known, place=events[-1].place, gone=0, kept=ticket.kept)
        if ticket.is_merged or rules.state(ticket.now.get(STATUS)).kind in ("closed", "discarded"):
            self._memory.close(ticket.number, known, self._context.clock.now())
        else:
            self._memory.keep(ticket.number, known)
        return [*events, *back]

    def _known(self, ticket: Ticket) -> Remembered:
        """What is known of it, and of our words in those that go on in it."""
        known = self._memory.get(ticket.number, ticket.ref)
        for each in ticket.absorbed:
            known = replace(known, read={**self._memory.get(each.number, each.ref).read, **known.read})
        return known

    def _absorbed(self, ticket: Ticket, rules: Rules) -> list[Event]:
        """What a ticket that goes on in this one was asked is void where it was: its words are told again here."""
        events = []
        for each in ticket.absorbed:
            told = events_of(each, rules, self._helpdesk.place, self._context.hash_customer, {}, rough=self._helpdesk.rough)
            known = self._memory.get(each.number, each.ref)
            if known.place:  # else nothing was ever told of it
                told = [event._replace(place=known.place) for event in told if event.kind == "merged"]
            self._memory.drop(each.number)
            events += told
        return events

    async def _gone(self) -> list[Event]:
        """Open tickets that cannot be seen any more, from time to time a few: nothing says so by itself."""
        now = self._context.clock.monotonic()
        if now - self._looked < _LOOK_EVERY:
            return []
        self._looked = now
        self._memory.forget(self._context.clock.now() - _KEPT_CLOSED)
        looked_at = self._memory.next_to_look_at(self._helpdesk.looked_at)
        if not looked_at:
            return []
        absent = await self._helpdesk.absent([each.ref for each in looked_at.values()])
        if absent is None:
            return []
        at = self._helpdesk.now().replace(microsecond=0)
        events = []
        for number, each in looked_at.items():
            why = absent.get(each.ref)
            if why is None:
                events += self._back(number, each)
            else:
                events += self._lost(number, each, why, at)
        return events

    def _lost(self, number: str, known: Remembered, why: Absence, at: datetime) -> list[Event]:
        """An open ticket cannot be seen any more."""
        if known.gone:
            return []
        gone = replace(known, gone=to_micros(at))
        if why == "deleted":  # bins are emptied some time later; until then it may be taken out again
            self._memory.close(number, gone, at)
        else:  # rights, queues and projects come back
            self._memory.keep(number, gone)
        return [_said(number, known, "discarded", f"gone:{to_micros(at)}", at, why)]

    def _back(self, number: str, known: Remembered) -> list[Event]:
        """A ticket that was out of sight is seen again."""
        if not known.gone:
            return []
        self._memory.keep(number, replace(known, gone=0))
        at = self._helpdesk.now().replace(microsecond=0)
        return [_said(number, known, "restored", f"back:{known.gone}", at, None)]

    def _news(self) -> Untold | None:
        untold = self._helpdesk.untold()
        if untold == self._untold:
            return None
        self._untold = untold
        return untold


def _said(number: str, known: Remembered, kind: str, event_id: str, at: datetime, reason: str | None) -> Event:
    return Event(event_id, number, known.place, "ticket", kind, at, reason=reason, by="rule")


class _Progress:
    """Says now and then how far the first read has come."""

    def __init__(self, context: Context, logger: Any) -> None:
        self._clock = context.clock
        self._log = logger
        self._said = context.clock.monotonic()

    def tell(self, done: int, total: int) -> None:
        if self._clock.monotonic() - self._said >= _PROGRESS_EVERY:
            self._said = self._clock.monotonic()
            self._log.info("first read", tickets=done, of=total)


async def _at_once(work: Sequence[Coroutine[Any, Any, _T]]) -> tuple[dict[int, _T], Exception | None]:
    """Results by their places, in order, a few at a time; what the first that failed raised, which ends the others."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(each: Coroutine[Any, Any, _T]) -> _T:
        await gate.acquire()
        result = await each
        gate.release()  # not after a failure: what has not begun is not to begin any more
        return result

    tasks = [asyncio.create_task(one(each)) for each in work]
    failure: Exception | None = None
    try:
        await asyncio.gather(*tasks)
    except (SourceError, DataError) as error:
        failure = error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in work:
            each.close()  # those that never began
    done = {index: task.result() for index, task in enumerate(tasks) if not task.cancelled() and task.exception() is None}
    return done, failure
