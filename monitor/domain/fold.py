"""Events of one contact -> what its customer went through. Any order and any repetition gives the same contact.

The events are put in the order of their moments first (`merge`), then applied one after the other to a state that knows
whose turn it is (`fold`). Nothing here knows limits, calendars or the present moment: that is `judge`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from monitor.domain.contact import Contact, Direction, Mark, Visit, Wait, WaitKind
from monitor.domain.event import LIVE_KINDS, Channel, Event

#: At one and the same moment things are taken in the order in which they can happen. An answer that keeps an old promise
#: and makes a new one has not kept the new one; a ticket may be named a complaint and closed in one go.
_RANK: Final = {
    kind: rank
    for rank, kind in enumerate((
        "called_out", *LIVE_KINDS, "received", "complained", "replied", "auto_replied", "noted", "fulfilled", "promised",
        "pending", "resumed", "assigned", "prioritised", "escalated", "resolved", "reopened", "rated", "reached", "lost",
    ))
}  # fmt: skip

_SECOND: Final = timedelta(seconds=1)

#: A caller who left or was turned away for one of these reasons was not served: somebody should call back. Not who was
#: told that we are closed.
_OWED_A_CALL: Final = frozenset(("caller", "timeout", "no_agents", "full", "callback", "restart", "voicemail"))


def _order(event: Event) -> tuple[datetime, int, str]:
    return (event.at, _RANK[event.kind], event.id)


def _better(event: Event) -> tuple[bool, datetime, str, str]:
    """Of two reports of one event the exact one wins over the rough one, then the earlier."""
    return (event.rough, event.at, event.kind, repr(event[7:]))


def merge(known: Sequence[Event], new: Iterable[Event]) -> list[Event] | None:
    """The events of a contact in order, each once; None when `new` adds nothing to `known`."""
    by_id = {event.id: event for event in known}
    changed = False
    for event in new:
        have = by_id.get(event.id)
        if have is None or (have[3:] != event[3:] and _better(event) < _better(have)):
            by_id[event.id] = event
            changed = True
    if not changed:
        return None
    events = sorted(by_id.values(), key=_order)
    return _settled(events) if any(event.rough for event in events) else events


def _settled(events: list[Event]) -> list[Event]:
    """A rough moment is anywhere in its second: what must come after an exact event of that second is put after it.

    Else an answer that queue_log reports as 10:00:07 would stand before a caller who came at 10:00:07.4.
    """
    exact = [event for event in events if not event.rough]

    def order(event: Event) -> tuple[datetime, int, str]:
        at, rank, key = _order(event)
        if event.rough:
            after_loss = event.kind == "ended"  # else a hold that was cut off would seem to have ended before sight was lost
            within = [
                each.at for each in exact
                if at < each.at < at + _SECOND and (_RANK[each.kind] < rank or (after_loss and each.kind == "lost"))
            ]  # fmt: skip
            at = max(within, default=at)
        return (at, rank, key)

    return sorted(events, key=order)


def fold(channel: Channel, events: Sequence[Event], *, reachable: bool) -> Contact:
    """The contact that these events (at least one, in the order of `merge`) make.

    `reachable`: the customer is known by a hash, so that a call back can be recognised; nobody owes an anonymous
    caller one.
    """
    folding = _Folding(channel, events[0], reachable)
    latest = events[0].at
    for event in events:
        if event.at < latest:
            event = event._replace(at=latest)  # a rough moment, see `_settled`
        latest = event.at
        step = _STEPS.get(event.kind)
        if step is not None:
            step(folding, event)
    return folding.contact(latest)


class _Folding:
    """What is known of one contact while its events are applied, each by the method of its kind."""

    __slots__ = (
        "again", "answered_at", "away", "begun", "callback", "channel", "complaint", "direction", "first_queued", "hold",
        "marks", "over_at", "owner", "paused_since", "pauses", "promises", "queue", "reachable", "resolution", "resolved",
        "ring", "silent", "talking", "thanked", "turn", "visit", "visits", "waits",
    )  # fmt: skip

    def __init__(self, channel: Channel, first: Event, reachable: bool) -> None:
        self.channel = channel
        self.reachable = reachable
        self.begun = first.at
        self.direction: Direction = "outbound" if first.kind in ("called_out", "replied") else "inbound"
        self.waits: list[Wait] = []
        self.marks: list[Mark] = []
        self.visits: list[Visit] = []
        self.visit: Visit | None = None
        self.away = False  # turned away before any visit
        self.again: list[Event] = []  # queued once more while in the queue
        self.first_queued: datetime | None = None  # in any queue, and not served since
        self.talking = False  # with a human, the call not over
        self.queue: Wait | None = None
        self.ring: Wait | None = None
        self.silent = False  # no phone rings at the moment; whether the ringing is over is not known yet
        self.hold: Wait | None = None
        self.callback: Wait | None = None
        self.turn: Wait | None = None  # the running reply or follow-up: the customer waits for our words
        # no event's id: an earlier one may come late, and it is the same wait
        self.resolution = Wait("resolution", "", first.at) if channel == "ticket" else None
        self.pauses: list[tuple[datetime, datetime | None]] = []
        self.paused_since: datetime | None = None
        self.promises: list[Wait] = []
        self.complaint: Wait | None = None
        self.owner: str | None = None
        self.resolved: Mark | None = None
        self.thanked = False  # since it was resolved the customer has only said thank you
        self.answered_at: datetime | None = None
        self.over_at: datetime | None = None

    def contact(self, last: datetime) -> Contact:
        ring = None if self.silent else self.ring
        running = (self.queue, ring, self.hold, self.callback, self.turn, self.complaint, *self.promises)
        waits = [*self.waits, *(wait for wait in running if wait is not None)]
        if self.resolution is not None:
            waits.append(self.resolution._replace(pauses=self._pauses()))
        visits = (*self.visits, self.visit) if self.visit is not None else tuple(self.visits)
        waits.sort(key=lambda wait: (wait.since, wait.kind, wait.key))
        marks = tuple(self.marks)
        return Contact(
            self.channel, self.direction, self.begun, last, visits, tuple(waits), marks, self.answered_at, self.over_at
        )

    # --- phone, chat, counter -------------------------------------------------------------------

    def turned_away(self, event: Event) -> None:
        """No visit: the caller never got in. Where the call is sent then may be one."""
        self.away = True
        self.marks.append(Mark("turned_away", event.id, event.at, event.reason))
        if self.visit is None:
            self._owe(event, event.reason)

    def queued(self, event: Event) -> None:
        if self.visit is None:
            self._end_hold(event.at)
            self.visit = Visit(event.id, event.at, queued=True)
            self._begin_queue(event)
        elif self.queue is None:  # a phone rang before the caller came to the queue
            self.visit = self.visit._replace(queued=True)
            self._begin_queue(event)
        else:
            self.again.append(event)

    def _begin_queue(self, event: Event) -> None:
        """The source knows of the call's queues at other contact points; of those at this one we know too."""
        first = min(event.at, event.since or event.at, self.first_queued or event.at)
        self.first_queued = first
        self.queue = Wait("queue", event.id, event.at, call_since=first if first < event.at else None)

    def ringing(self, event: Event) -> None:
        self.silent = event.reason == "over"
        if self.silent:
            return
        if self.visit is None:
            if self.answered_at is not None or self.over_at is not None or self.direction == "outbound":
                return  # a colleague's phone during a transfer: the customer has been answered; or the customer's own
            self.visit = Visit(event.id, event.at, queued=False)
        if self.ring is None:
            self.ring = Wait("ring", event.id, event.at)

    def answered(self, event: Event) -> None:
        if self.visit is None and self.answered_at is None and not self.visits and self.direction == "inbound":
            self.visit = Visit(event.id, event.at, queued=False)  # all that is known: somebody picked up
        self._end_visit(event, "answered")
        self.talking = True
        self.first_queued = None
        if self.answered_at is None:
            self.answered_at = event.at
        if self.callback is not None:  # the same call came through after all: no call back was needed
            self._close(self.callback, event.at, void=True)
            self.callback = None

    def held(self, event: Event) -> None:
        if self.visit is not None or self.hold is not None:
            return
        unseen = self.over_at is None and (not self.visits or self.visits[-1].ended == "lost")
        if self.talking or unseen:  # where the answer was out of our sight, the hold shows that there was one
            self.hold = Wait("hold", event.id, event.at)

    def unheld(self, event: Event) -> None:
        self._end_hold(event.at)

    def transferred(self, event: Event) -> None:
        self._end_hold(event.at)
        how = "into_queue" if event.into_queue and event.how == "blind" else event.how
        self.marks.append(Mark("transferred", event.id, event.at, how))

    def left(self, event: Event) -> None:
        if self.visit is None:
            if self.answered_at is not None or self.visits or self.away or self.direction == "outbound":
                self.ended(event)
                return
            self.visit = Visit(event.id, event.at, queued=False)  # all that is known: somebody left
        self._end_visit(event, event.reason or "caller")

    def voicemail(self, event: Event) -> None:
        if self.visit is None and not self.visits and not self.away and self.direction == "inbound":
            self.visit = Visit(event.id, event.at, queued=False)
        if self.visit is not None:
            self._end_visit(event, "voicemail")
        else:  # the caller has left the queue before, or was turned away: that is decided
            self.marks.append(Mark("left", event.id, event.at, "voicemail"))
            if self.answered_at is None:
                self._owe(event, "voicemail")

    def ended(self, event: Event) -> None:
        self._end_hold(event.at)
        if self.talking and self.visit is not None and self.visit.since == event.at:
            self.talking = False  # at the moment of a new visit it is the talk before that ends
            return
        self.talking = False
        self._end_visit(event, "caller")
        if self.visit is None:
            self.over_at = event.at
            self.first_queued = None
        if self.turn is not None and self.channel == "chat":
            self._close(self.turn, event.at, given_up=True)
            self.turn = None

    def called_out(self, event: Event) -> None:
        if event.answered:
            self.talking = True
            if self.answered_at is None:
                self.answered_at = event.at
            self.reached(event)

    def reached(self, event: Event) -> None:
        if self.callback is not None:
            self._close(self.callback, event.at, void=event.reason == "same_call")
            self.callback = None

    def lost(self, event: Event) -> None:
        """Sight was lost: whatever ran until now is void, for how it went on is unknown.

        Reason `callback`: from `due` to `at` nobody could see whether we called; a call back that was owed then is void.
        """
        if event.reason == "callback":
            if self.callback is not None:
                self._close(self.callback, max(self.callback.since, event.due or event.at), void=True)
                self.callback = None
            return
        running = [self.queue, self.ring, self.hold, self.turn]
        self.queue = self.ring = self.hold = self.turn = self.first_queued = None
        if self.visit is not None:
            self.visits.append(Visit(event.id, self.visit.since, self.visit.queued, event.at, "lost"))
            self.visit = None
            running.append(self.callback)  # back in the queue: perhaps the same call was answered after all
            self.callback = None
        if self.channel in ("email", "ticket"):  # a call out of sight does not undo what was promised in it
            resolution = self.resolution._replace(pauses=self._pauses()) if self.resolution is not None else None
            running += [resolution, self.complaint, *self.promises]
            self.resolution = self.complaint = None
            self.promises.clear()
        for wait in running:
            if wait is not None:
                self._close(wait, event.at, void=True)

    def _end_visit(self, event: Event, how: str) -> None:
        """Ends the running visit, if any. It bears the name of what decided it: its beginning may be read later."""
        visit = self.visit
        if visit is None:
            return
        at = event.at
        served = how == "answered"
        for wait in (self.queue, self.ring):
            if wait is not None:
                self._close(wait, at, given_up=not served)
        self.queue = self.ring = self.visit = None
        self.visits.append(Visit(event.id, visit.since, visit.queued, at, how))
        if not served:
            self.marks.append(Mark("abandoned" if how == "caller" else "left", event.id, at, how))
            self._owe(event, how)
        again, self.again = self.again, []
        if again and again[0].at == at and not served:  # sent out of the queue and back into it
            self.again = again[1:]
            self.queued(again[0])

    def _owe(self, event: Event, how: str | None) -> None:
        owed = how in _OWED_A_CALL and self.reachable and self.channel == "phone" and self.direction == "inbound"
        if owed and self.callback is None:
            self.callback = Wait("callback", event.id, event.at)

    def _end_hold(self, at: datetime) -> None:
        if self.hold is not None:
            self._close(self.hold, at)
            self.hold = None

    # --- e-mail, ticket, chat -------------------------------------------------------------------

    def received(self, event: Event) -> None:
        if event.courtesy and self.turn is None and (self.answered_at is not None or self.resolved is not None):
            self.marks.append(Mark("courtesy", event.id, event.at))
            self.thanked = self.resolved is not None
            return
        self._resume(event.at)
        if self.resolved is not None:
            self.thanked = False
            self.reopened(event)
        if self.turn is None:
            kind: WaitKind = "reply" if self.answered_at is None else "follow_up"
            self.turn = Wait(kind, event.id, event.at)

    def replied(self, event: Event) -> None:
        if self.answered_at is None:
            self.answered_at = event.at
        if self.turn is not None:
            self._close(self.turn, event.at)
            self.turn = None

    def promised(self, event: Event) -> None:
        if event.due is not None and all(promise.due != event.due for promise in self.promises):
            self.promises.append(Wait("promise", event.id, event.at, due=event.due))

    def fulfilled(self, event: Event) -> None:
        for promise in self.promises:
            self._close(promise, event.at)
        self.promises.clear()

    def pending(self, event: Event) -> None:
        if self.resolution is not None and self.paused_since is None:
            self.paused_since = event.at

    def resumed(self, event: Event) -> None:
        self._resume(event.at)

    def assigned(self, event: Event) -> None:
        if self.owner is not None and (event.to is None or event.to != self.owner):
            self.marks.append(Mark("reassigned", event.id, event.at))
        self.owner = event.to or self.owner or ""

    def prioritised(self, event: Event) -> None:
        if event.raised:
            self.marks.append(Mark("escalated", event.id, event.at, "priority"))

    def escalated(self, event: Event) -> None:
        self.marks.append(Mark("escalated", event.id, event.at, event.reason))

    def resolved_(self, event: Event) -> None:
        silent = self.turn is not None
        if self.turn is not None:
            self._close(self.turn, event.at)
            self.turn = None
        if self.resolution is not None:
            self._close(self.resolution._replace(pauses=self._pauses()), event.at)
            self.resolution = None
            self.pauses.clear()
            self.paused_since = None
        if self.complaint is not None:
            self._close(self.complaint, event.at)
            self.complaint = None
        self.fulfilled(event)
        if self.resolved is None:
            self.resolved = Mark("resolved", event.id, event.at, "unanswered" if silent else None)
            self.marks.append(self.resolved)
        self.thanked = False
        self.over_at = event.at

    def reopened(self, event: Event) -> None:
        earlier = any(mark.mark in ("reopened", "resolved") for mark in self.marks)
        if self.thanked or (self.resolved is None and earlier):
            return  # the system's answer to a thank-you, or the customer's message has already said so
        key = self.resolved.key if self.resolved is not None else event.id
        self.marks.append(Mark("reopened", key, event.at))
        self.resolved = None
        self.thanked = False
        self.over_at = None
        if self.channel == "ticket" and self.resolution is None:
            self.resolution = Wait("resolution", event.id, event.at)

    def complained(self, event: Event) -> None:
        if self.complaint is None:
            self.complaint = Wait("complaint", event.id, event.at, sector=event.sector)

    def _resume(self, at: datetime) -> None:
        if self.paused_since is not None:
            self.pauses.append((self.paused_since, at))
            self.paused_since = None

    def _pauses(self) -> tuple[tuple[datetime, datetime | None], ...]:
        running = [(self.paused_since, None)] if self.paused_since is not None else []
        return (*self.pauses, *running)

    def _close(self, wait: Wait, at: datetime, *, given_up: bool = False, void: bool = False) -> None:
        kind, key, since, _, _, _, pauses, due, sector, call_since = wait
        self.waits.append(Wait(kind, key, since, at, given_up, void, pauses, due, sector, call_since))


_STEPS: Final = {
    "turned_away": _Folding.turned_away,
    "queued": _Folding.queued, "ringing": _Folding.ringing, "answered": _Folding.answered, "held": _Folding.held,
    "unheld": _Folding.unheld, "transferred": _Folding.transferred, "left": _Folding.left, "voicemail": _Folding.voicemail,
    "ended": _Folding.ended, "called_out": _Folding.called_out, "reached": _Folding.reached, "lost": _Folding.lost,
    "received": _Folding.received, "replied": _Folding.replied, "promised": _Folding.promised, "fulfilled": _Folding.fulfilled,
    "pending": _Folding.pending, "resumed": _Folding.resumed, "assigned": _Folding.assigned, "prioritised": _Folding.prioritised,
    "escalated": _Folding.escalated, "resolved": _Folding.resolved_, "reopened": _Folding.reopened,
    "complained": _Folding.complained,
}  # fmt: skip
