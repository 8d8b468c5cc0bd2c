"""What messages say, as far as it matters: a customer's whether it asks anything, ours what it promises.

Each is looked at once, in memory; what stays is a word for the one and the gist of the other, kept with the ticket.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from monitor.connector import Context, Event
from monitor.connectors._tickets.events import Verdict
from monitor.connectors._tickets.facts import Message, Ticket, Words
from monitor.connectors._tickets.helpdesk import Helpdesk
from monitor.connectors._tickets.memory import Remembered
from monitor.domain.courtesy import is_courtesy
from monitor.domain.event import from_micros, to_micros
from monitor.domain.gist import pack_gist, unpack_gist

#: What we wrote longer before the first read is not read: hardly any promise of it is still to be kept, and asking for a message
#: may cost requests. The moment is fixed then, so that a ticket tells the same whenever it is read.
READ_BEFORE_FIRST: Final = timedelta(days=14)
_LONG: Final = 4_000  # characters: some ten milliseconds


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
        """Looks at the words of customers where they may ask nothing: right after ours, and not looked at before."""
        verdicts = dict(known.verdicts)
        after_ours = False
        newest = known.judged
        for message in ticket.public_messages():
            if message.stamp.by != "customer":
                after_ours = after_ours or message.stamp.by != "rule"
            elif after_ours:
                if message.stamp.seq > known.judged and (verdict := await self._verdict(message)) is not None:
                    verdicts[message.stamp.id] = verdict
                after_ours = message.stamp.id in verdicts
            newest = max(newest, message.stamp.seq)
        return replace(known, judged=newest, verdicts=verdicts)

    async def read(self, known: Remembered, ticket: Ticket, events: Sequence[Event]) -> tuple[Remembered, list[Event]]:
        """The ticket's events, those of our replies with what they promise."""
        messages = ticket.public_messages()
        ours = {each.stamp.id: each for each in messages if each.stamp.by == "agent" and each.stamp.at >= self.since}
        read = self._unfinished.setdefault(ticket.ref, {})
        read |= known.read
        told = []
        for event in events:
            if event.kind == "replied" and (message := ours.get(event.id)) is not None:
                if event.id not in read:
                    read[event.id] = await self._gist(event, message)
                if stored := read[event.id]:
                    event = event._replace(gist=unpack_gist(stored, from_micros))
            told.append(event)
        del self._unfinished[ticket.ref]
        return replace(known, read=read), told

    async def _verdict(self, message: Message) -> Verdict | None:
        words = await self._words(message, ours=False)
        if words.automatic:
            return "automatic"
        return "thanks" if words.text is not None and is_courtesy(words.text) else None

    async def _gist(self, event: Event, message: Message) -> Mapping[str, Any]:
        words = await self._words(message, ours=True)
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
