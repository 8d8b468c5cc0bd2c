"""What messages say, as far as it matters: a customer's whether it asks anything and what it gives, ours what it says to him.

Each is looked at once, in memory; what stays is a word for the one and the gist of either, kept with the ticket.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from monitor.connector import Context, Event
from monitor.connectors._tickets.events import Verdict
from monitor.connectors._tickets.facts import Message, Stamp, Ticket, Words
from monitor.connectors._tickets.helpdesk import Helpdesk
from monitor.connectors._tickets.memory import Remembered
from monitor.domain.courtesy import is_courtesy
from monitor.domain.event import from_micros, to_micros
from monitor.domain.gist import pack_gist, unpack_gist

#: What we wrote longer before the first read is not read: hardly any promise of it is still to be kept, and asking for a message
#: may cost requests. The moment is fixed then, so that a ticket tells the same whenever it is read.
READ_BEFORE_FIRST: Final = timedelta(days=14)
_LONG: Final = 4_000  # characters: some ten milliseconds
#: Kinds of event with words that are read.
_WORDS: Final = frozenset(("opened", "received", "replied"))


class Listening:
    """Asks a helpdesk for the words of messages, where they matter and are not known yet."""

    def __init__(self, helpdesk: Helpdesk, context: Context, since: datetime) -> None:
        """`since`: what we wrote before is not read."""
        self.since = since
        self._helpdesk = helpdesk
        self._context = context
        #: Ticket -> what was read of it when asking for the next message failed: the next attempt goes on from there.
        self._unfinished: dict[str, dict[str, Mapping[str, Any]]] = {}

    async def judged(self, known: Remembered, ticket: Ticket) -> Remembered:
        """Looks at words of customers that were not looked at before: whether they ask anything, where they may not (right after
        ours), and what they give, where they are at hand."""
        verdicts, read = dict(known.verdicts), dict(known.read)
        if ticket.text is not None and ticket.opened.id not in read:
            read[ticket.opened.id] = await self._given("opened", ticket.opened, Words(ticket.text))
            if ticket.follows is not None and ticket.opened.by == "customer" and is_courtesy(ticket.text):
                verdicts[ticket.opened.id] = "thanks"
        after_ours = False
        newest = known.judged
        for message in ticket.public_messages():
            stamp = message.stamp
            if stamp.by != "customer":
                after_ours = after_ours or stamp.by != "rule"
                newest = max(newest, stamp.seq)
                continue
            if stamp.seq > known.judged:
                words = await self._words(message, ours=False) if after_ours else Words(None)
                if after_ours and (verdict := _verdict(words)) is not None:
                    verdicts[stamp.id] = verdict
                text = message.text if words.text is None else words.text
                if given := await self._given("received", stamp, Words(text, words.automatic or message.automatic)):
                    read[stamp.id] = given
            after_ours = after_ours and stamp.id in verdicts
            newest = max(newest, stamp.seq)
        return replace(known, judged=newest, verdicts=verdicts, read=read)

    async def read(self, known: Remembered, ticket: Ticket, events: Sequence[Event]) -> tuple[Remembered, list[Event]]:
        """The ticket's events, those of our replies and of the customer's words with what these say."""
        messages = ticket.public_messages()
        ours = {each.stamp.id: each for each in messages if each.stamp.by == "agent" and each.stamp.at >= self.since}
        read = self._unfinished.setdefault(ticket.ref, {})
        read |= known.read
        told = []
        for event in events:
            if event.kind == "replied" and event.id not in read and (message := ours.get(event.id)) is not None:
                read[event.id] = await self._gist(event, await self._words(message, ours=True))
            if event.kind in _WORDS and (stored := read.get(event.id)):
                event = event._replace(gist=unpack_gist(stored, from_micros))
            told.append(event)
        del self._unfinished[ticket.ref]
        return replace(known, read=read), told

    async def _given(self, kind: str, stamp: Stamp, words: Words) -> Mapping[str, Any]:
        return await self._gist(Event(stamp.id, "", "", "ticket", kind, stamp.at, by=stamp.by), words)

    async def _gist(self, event: Event, words: Words) -> Mapping[str, Any]:
        if words.text is None or words.automatic:
            return {}
        read_text, text = self._context.read_text, words.text
        # A long text may take a tenth of a second and more: others would wait for it.
        told = read_text(event, text) if len(text) < _LONG else await asyncio.to_thread(read_text, event, text)
        gist = told.gist
        return {} if gist is None else pack_gist(gist, to_micros)

    async def _words(self, message: Message, *, ours: bool) -> Words:
        if message.words_ref is None:
            return Words(message.text, message.automatic)
        return await self._helpdesk.words(message.words_ref, ours=ours)


def _verdict(words: Words) -> Verdict | None:
    if words.automatic:
        return "automatic"
    return "thanks" if words.text is not None and is_courtesy(words.text) else None
