"""A ticket's history -> its events. Pure: the same history gives the same events, whoever read it, however often.

The present values and the changes say what each field held at the beginning; from there the history is told in order, so that
every event stands at the place where the ticket was then. docs/signals.md says what the events mean.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, Literal

from monitor.connector import Event, Place
from monitor.connectors._tickets.facts import (
    OWNER,
    PRIORITY,
    QUEUE,
    STATUS,
    UNTIL,
    Change,
    Fact,
    Merge,
    Message,
    Rating,
    Stamp,
    State,
    Ticket,
    Value,
)
from monitor.connectors._tickets.rules import Rules, folded
from monitor.domain.event import JUDGED

#: What a customer's message is that asks nothing: a mere thank-you, or written by a machine.
Verdict = Literal["thanks", "automatic"]
#: A stamp's `seq` has room for so many events of one record.
_STEP: Final = 32
#: A message of ours that nobody but colleagues can read is told by this kind.
_NOTE: Final = "noted"
#: The place of a ticket that no queue, project or group has yet.
_NOWHERE: Final = "none"


def events_of(
    ticket: Ticket, rules: Rules, place: Place, hash_customer: Callable[[str], str], verdicts: Mapping[str, Verdict],
    *, rough: bool = True,
) -> list[Event]:  # fmt: skip
    """All events of a ticket, oldest first.

    `place` is the key of contact points that the field `queue` stands for; `verdicts` says which of the customer's messages ask
    nothing. `rough`: the system's clock has whole seconds.
    """
    return list(_Telling(ticket, rules, place, hash_customer, verdicts, rough).events())


class _Telling:
    """One ticket on its way from its creation to now."""

    def __init__(
        self, ticket: Ticket, rules: Rules, place: Place, hash_customer: Callable[[str], str],
        verdicts: Mapping[str, Verdict], rough: bool,
    ) -> None:  # fmt: skip
        self._ticket = ticket
        self._rules = rules
        self._place = place
        self._customer = hash_customer(ticket.customer) if ticket.customer else None
        self._verdicts = verdicts
        self._rough = rough
        self._facts = ticket.in_order()
        self._values = self._at_first()
        self._policy = rules.policy(self._values)
        self._step = 0  # events of the present record so far

    def events(self) -> Iterator[Event]:
        """The creation, then each fact."""
        yield from self._opening()
        for fact in self._facts:
            self._step = 0
            yield from self._told(fact)

    def _at_first(self) -> dict[str, Value]:
        """What the fields held when the ticket was made: what the first change of each took away, else what they hold now."""
        values = dict(self._ticket.now)
        for fact in reversed(self._facts):
            if isinstance(fact, Change):
                values[fact.field] = fact.old
        return values

    # the creation

    def _opening(self) -> Iterator[Event]:
        stamp, values = self._ticket.opened, self._values
        answered = self._ticket.answered or None
        thanks = self._verdicts.get(stamp.id) == "thanks"
        yield self._event(
            stamp, "opened", stamp.id, policy=self._policy, follows=self._ticket.follows, answered=answered, courtesy=thanks
        )
        yield self._event(stamp, "assigned", f"{stamp.id}:first", to=_text(values.get(OWNER)), queue=_text(values.get(QUEUE)))
        for field, value in sorted(values.items()):
            yield from self._complaint(stamp, field, None, value)
        for name in self._rules.promise_fields:
            yield from self._promise(stamp, name, None, values.get(name))
        yield from self._state(stamp, State("open"), self._rules.state(values.get(STATUS)))

    # what came later

    def _told(self, fact: Fact) -> Iterator[Event]:
        if isinstance(fact, Message):
            yield self._message(fact)
        elif isinstance(fact, Change):
            yield from self._change(fact)
        elif isinstance(fact, Merge):
            yield self._event(fact.stamp, "merged", fact.stamp.id, to=fact.into)
        elif isinstance(fact, Rating):
            yield self._event(fact.stamp, "rated", fact.stamp.id, score=fact.score)
        else:
            how = "breached" if fact.breached else "kept"
            yield self._event(fact.stamp, JUDGED, fact.stamp.id, name=fact.wait, how=how)

    def _message(self, message: Message) -> Event:
        stamp = message.stamp
        if not message.public:
            return self._event(stamp, _NOTE, stamp.id)
        if stamp.by == "customer":
            verdict = "automatic" if message.automatic else self._verdicts.get(stamp.id)
            return self._event(stamp, "received", stamp.id, automatic=verdict == "automatic", courtesy=verdict == "thanks")
        if stamp.by == "rule":
            return self._event(stamp, "auto_replied", stamp.id)
        return self._event(stamp, "replied", stamp.id)

    def _change(self, change: Change) -> Iterator[Event]:
        field, stamp, old, new = change.field, change.stamp, change.old, change.new
        self._values[field] = new
        policy = self._rules.policy(self._values)
        told = [*self._meaning(stamp, field, old, new), *self._complaint(stamp, field, old, new)]
        if policy != self._policy:
            self._policy = policy
            if not told:  # something has to carry the news, and a note neither asks nor answers
                told = [self._event(stamp, _NOTE, f"{stamp.id}:{field}")]
            told[0] = told[0]._replace(policy=policy or "")
        yield from told

    def _meaning(self, stamp: Stamp, field: str, old: Value, new: Value) -> Iterator[Event]:
        if field == STATUS:
            yield from self._state(stamp, self._rules.state(old), self._rules.state(new))
        elif field == OWNER:
            yield self._event(stamp, "assigned", f"{stamp.id}:owner", to=_text(new))
        elif field == QUEUE:
            yield self._event(stamp, "assigned", f"{stamp.id}:queue", to=_text(self._values.get(OWNER)), queue=_text(new))
            if folded(new) in self._rules.escalation_queues:
                yield self._event(stamp, "escalated", f"{stamp.id}:escalated")
        elif field == PRIORITY:
            raised = self._rules.raised(old, new)
            yield self._event(stamp, "prioritised", f"{stamp.id}:priority", to=_text(new), raised=raised)
        elif field == UNTIL and (state := self._rules.state(self._values.get(STATUS))).kind == "pending":
            yield self._pending(stamp, state)
        elif field in self._rules.promise_fields:
            yield from self._promise(stamp, field, old, new)

    def _promise(self, stamp: Stamp, name: str, old: Value, new: Value) -> Iterator[Event]:
        """A date that one of us set; what a rule or a customer sets promises nothing, and moves no promise either."""
        if stamp.by == "agent" and (isinstance(new, date) or (isinstance(old, date) and new is None)):
            yield self._event(stamp, "promised", f"{stamp.id}:{name}", name=name, due=new)

    def _complaint(self, stamp: Stamp, field: str, old: Value, new: Value) -> Iterator[Event]:
        """Its deadline runs from the first words, whenever somebody saw what they were. A complaint that is moved stays one."""
        before, after = self._rules.sector_of(field, old), self._rules.sector_of(field, new)
        name = f"{stamp.id}:complaint:{field}"
        if after is not None and after != before:
            yield self._event(stamp, "complained", name, sector=after.sector, since=self._ticket.opened.at)
        elif after is None and before is not None and field != QUEUE:
            yield self._event(stamp, "complained", name, withdrawn=True)

    def _state(self, stamp: Stamp, old: State, new: State) -> Iterator[Event]:
        if old == new:
            return
        name = f"{stamp.id}:{new.kind}"
        if old.kind == "discarded":
            yield self._event(stamp, "restored", f"{stamp.id}:restored")
        elif old.kind == "closed" and new.kind in ("open", "pending"):
            yield self._event(stamp, "reopened", f"{stamp.id}:reopened")
        elif old.kind == "pending" and new.kind == "open":
            yield self._event(stamp, "resumed", name)
        if new.kind == "pending":
            yield self._pending(stamp, new)
        elif new.kind == "closed" and old.kind != "closed":
            yield self._event(stamp, "resolved", name, how=new.how)
        elif new.kind == "discarded":
            yield self._event(stamp, "discarded", name, reason=new.reason)

    def _pending(self, stamp: Stamp, state: State) -> Event:
        until = self._values.get(UNTIL)
        until = until if isinstance(until, datetime) else None
        return self._event(stamp, "pending", f"{stamp.id}:pending", on=state.on, until=until)

    def _event(self, stamp: Stamp, kind: str, event_id: str, /, **details: Any) -> Event:
        seq = stamp.seq * _STEP + self._step
        self._step += 1
        place = self._place.named(_text(self._values.get(QUEUE)) or _NOWHERE)
        return Event(
            event_id, self._ticket.number, place, "ticket", kind, stamp.at, self._customer, by=stamp.by,
            seq=seq, rough=self._rough, after=stamp.after, **details,
        )  # fmt: skip


def newest_reply(events: list[Event]) -> datetime | None:
    """The moment of our newest answer among these events."""
    return max((event.at for event in events if event.kind == "replied"), default=None)


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) and value else None
