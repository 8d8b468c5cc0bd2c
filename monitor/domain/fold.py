"""Events of one contact -> what its customer went through. Any order and any repetition gives the same contact.

The events come in the order of their moments (`merging.merge`). What later ones disprove is taken out (`corrected`), the rest
is applied one after the other to a state that knows whose turn it is. Nothing here knows limits, calendars or the present
moment: that is `judge`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from monitor.domain.contact import Contact, Direction, Mark, Visit, Wait, WaitKind
from monitor.domain.corrections import SPAM, corrected
from monitor.domain.event import AFTERWARDS_KINDS, Channel, Event

#: A caller who left or was turned away for one of these reasons was not served: somebody should call back. Not who was
#: told that we are closed.
_OWED_A_CALL: Final = frozenset(("caller", "timeout", "no_agents", "full", "callback", "restart", "voicemail"))


def fold(channel: Channel, events: Sequence[Event], *, reachable: bool) -> Contact:
    """The contact that these events (at least one, in the order of `merge`) make.

    `reachable`: the customer is known by a hash, so that a call back can be recognised; nobody owes an anonymous
    caller one.
    """
    first = next((event for event in events if event.kind not in AFTERWARDS_KINDS), events[0])
    told, spam = corrected(events)
    folding = _Folding(channel, first, reachable, spam)
    latest = events[0].at
    for event in told:
        if event.at < latest:
            event = event._replace(at=latest)  # a rough moment, or told before the message that it speaks of
        latest = event.at
        step = _STEPS.get(event.kind)
        if step is not None:
            step(folding, event)
    return folding.contact(max(latest, events[-1].at))


class _Folding:
    """What is known of one contact while its events are applied, each by the method of its kind."""

    __slots__ = (
        "again", "answered_at", "away", "begun", "callback", "channel", "complaint", "direction", "first_queued", "hold",
        "laid_aside", "marks", "over_at", "owner", "paused_since", "pauses", "promises", "queue", "reachable", "resolution",
        "resolved", "ring", "settled_once", "silent", "spam", "talking", "thanked", "turn", "unanswered", "visit", "visits",
        "waits",
    )  # fmt: skip

    def __init__(self, channel: Channel, first: Event, reachable: bool, spam: frozenset[str]) -> None:
        self.channel = channel
        self.reachable = reachable
        self.spam = spam
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
        self.unanswered: list[Event] = []  # its messages, the one that began it first; later ones only if they ask
        self.settled_once = False  # something was dealt with without any words of ours that we know of
        self.laid_aside = False  # settled or discarded as a whole: what comes next begins anew
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
        if (resolution := self._resolution()) is not None:
            waits.append(resolution)
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
        if self.channel == "chat":
            self._end_turn(event.at, given_up=True)

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
                since = event.due if isinstance(event.due, datetime) else event.at
                self._close(self.callback, max(self.callback.since, since), void=True)
                self.callback = None
            return
        self._lose(event, matter=self.channel in ("email", "ticket"))  # what was promised in a call is still known
        self.laid_aside = False

    def _lose(self, event: Event, *, matter: bool) -> None:
        """The live call and the turn are void; `matter`: so is all else that runs. Of spam nothing ever ran."""
        running = [self.queue, self.ring, self.hold]
        self.queue = self.ring = self.hold = self.first_queued = None
        if self.visit is not None or matter:
            running.append(self.callback)  # back in the queue: perhaps the same call was answered after all
            self.callback = None
        if self.visit is not None:
            self.visits.append(Visit(event.id, self.visit.since, self.visit.queued, event.at, "lost"))
            self.visit = None
        if matter:
            running += [self._resolution(), self.complaint, *self.promises]
            self.resolution = self.complaint = None
            self.promises.clear()
        self._end_turn(event.at, void=True)
        for wait in running:
            if wait is not None and not (event.kind == "discarded" and event.reason == SPAM):
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
        if event.id in self.spam:
            self._ask(event, void=True)
            return
        known = self.answered_at is not None or self.resolved is not None or self.settled_once
        if event.courtesy and self.turn is None and known:
            self.marks.append(Mark("courtesy", event.id, event.at))
            self.thanked = self.resolved is not None
            return
        self._resume(event.at)
        if self.resolved is not None:
            self.thanked = False
            self.reopened(event)
        elif self.laid_aside:
            self._begin_resolution(event)
        self._ask(event, void=event.answered is True)
        self.settled_once = self.settled_once or event.answered is True

    def _ask(self, event: Event, *, void: bool) -> None:
        """A message begins a wait, or joins the one that runs; `void`: it asks nothing that is still to be answered."""
        kind: WaitKind = "follow_up" if self.answered_at is not None or self.settled_once else "reply"
        if self.turn is None:
            self.turn = Wait(kind, event.id, event.at)
            self.unanswered = [event]
            if void:
                self._end_turn(event.at, void=True)
        elif not (void or event.courtesy):
            self.unanswered.append(event)

    def replied(self, event: Event) -> None:
        if self.answered_at is None:
            self.answered_at = event.at
        self._end_turn(event.at)

    def settled(self, event: Event) -> None:
        """Not the live call: who waits in a queue is still there."""
        if event.event is not None:
            self._ask_no_more(event, void=False)
            return
        self._end_turn(event.at, wordless=True)
        self._end_matter(event)
        if self.callback is not None:
            self._close(self.callback, event.at)
            self.callback = None
        self.settled_once = self.laid_aside = True

    def discarded(self, event: Event) -> None:
        if event.event is not None:
            self._ask_no_more(event, void=True)
        else:
            self._lose(event, matter=True)
            self.laid_aside = True

    def _ask_no_more(self, event: Event, *, void: bool) -> None:
        """One message asks nothing any more; another one that still waits begins its own wait, from its own moment."""
        left = [each for each in self.unanswered if each.id != event.event]
        if self.turn is None or len(left) == len(self.unanswered):
            return
        kind = self.turn.kind
        if self.turn.key == event.event:
            self._end_turn(event.at, void=void, wordless=not void)
            if left:
                self.turn = Wait(kind, left[0].id, left[0].at)
        self.unanswered = left
        self.settled_once = self.settled_once or not void

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
        self._end_turn(event.at, wordless=True)
        self._end_matter(event)
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
        self._begin_resolution(event)

    def complained(self, event: Event) -> None:
        if self.complaint is None:
            self.complaint = Wait("complaint", event.id, event.at, sector=event.sector)

    def _begin_resolution(self, event: Event) -> None:
        self.laid_aside = False
        if self.channel == "ticket" and self.resolution is None:
            self.resolution = Wait("resolution", event.id, event.at)
            self.pauses.clear()
            self.paused_since = None

    def _end_matter(self, event: Event) -> None:
        """The resolution, the complaint and all promises end."""
        for wait in (self._resolution(), self.complaint):
            if wait is not None:
                self._close(wait, event.at)
        self.resolution = self.complaint = None
        self.fulfilled(event)

    def _resolution(self) -> Wait | None:
        return self.resolution._replace(pauses=self._pauses()) if self.resolution is not None else None

    def _end_turn(self, at: datetime, *, given_up: bool = False, void: bool = False, wordless: bool = False) -> None:
        if self.turn is not None:
            self._close(self.turn._replace(wordless=wordless), at, given_up=given_up, void=void)
            self.turn = None
            self.unanswered = []

    def _resume(self, at: datetime) -> None:
        if self.paused_since is not None:
            self.pauses.append((self.paused_since, at))
            self.paused_since = None

    def _pauses(self) -> tuple[tuple[datetime, datetime | None], ...]:
        running = [(self.paused_since, None)] if self.paused_since is not None else []
        return (*self.pauses, *running)

    def _close(self, wait: Wait, at: datetime, *, given_up: bool = False, void: bool = False) -> None:
        kind, key, since, _, _, _, pauses, due, sector, call_since, wordless = wait
        self.waits.append(Wait(kind, key, since, at, given_up, void, pauses, due, sector, call_since, wordless))


_STEPS: Final = {
    "turned_away": _Folding.turned_away,
    "queued": _Folding.queued, "ringing": _Folding.ringing, "answered": _Folding.answered, "held": _Folding.held,
    "unheld": _Folding.unheld, "transferred": _Folding.transferred, "left": _Folding.left, "voicemail": _Folding.voicemail,
    "ended": _Folding.ended, "called_out": _Folding.called_out, "reached": _Folding.reached, "lost": _Folding.lost,
    "received": _Folding.received, "replied": _Folding.replied, "promised": _Folding.promised, "fulfilled": _Folding.fulfilled,
    "pending": _Folding.pending, "resumed": _Folding.resumed, "assigned": _Folding.assigned, "prioritised": _Folding.prioritised,
    "escalated": _Folding.escalated, "resolved": _Folding.resolved_, "reopened": _Folding.reopened,
    "complained": _Folding.complained, "settled": _Folding.settled, "discarded": _Folding.discarded,
}  # fmt: skip
