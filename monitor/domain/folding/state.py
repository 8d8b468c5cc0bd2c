"""What is known of one contact while its events are applied, one after the other."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from monitor.domain.contact import Contact, Direction, Mark, Visit, Wait
from monitor.domain.event import Channel, Event

#: A caller who left or was turned away for one of these reasons was not served: somebody should call back. Not who was
#: told that we are closed.
_OWED_A_CALL: Final = frozenset(("caller", "timeout", "no_agents", "full", "callback", "restart", "voicemail"))


class State:
    """Whose turn it is, what runs and what is over. Changed by the steps of the modules beside this one."""

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
        """The contact as it stands."""
        ring = None if self.silent else self.ring
        running = (self.queue, ring, self.hold, self.callback, self.turn, self.complaint, *self.promises)
        waits = [*self.waits, *(wait for wait in running if wait is not None)]
        if (resolution := self.paused_resolution()) is not None:
            waits.append(resolution)
        visits = (*self.visits, self.visit) if self.visit is not None else tuple(self.visits)
        waits.sort(key=lambda wait: (wait.since, wait.kind, wait.key))
        marks = tuple(self.marks)
        return Contact(
            self.channel, self.direction, self.begun, last, visits, tuple(waits), marks, self.answered_at, self.over_at
        )

    def close(self, wait: Wait, at: datetime, *, given_up: bool = False, void: bool = False) -> None:
        """A wait is over; whoever closes it forgets that it ran."""
        kind, key, since, _, _, _, pauses, due, sector, call_since, wordless = wait
        self.waits.append(Wait(kind, key, since, at, given_up, void, pauses, due, sector, call_since, wordless))

    def end_turn(self, at: datetime, *, given_up: bool = False, void: bool = False, wordless: bool = False) -> None:
        """The customer does not wait for our words any more."""
        if self.turn is not None:
            self.close(self.turn._replace(wordless=wordless), at, given_up=given_up, void=void)
            self.turn = None
            self.unanswered = []

    def paused_resolution(self) -> Wait | None:
        """The running resolution with its pauses."""
        if self.resolution is None:
            return None
        running = [(self.paused_since, None)] if self.paused_since is not None else []
        return self.resolution._replace(pauses=(*self.pauses, *running))

    def owe_call(self, event: Event, why: str | None) -> None:
        """A caller who was not served is owed a call, where his number is known."""
        owed = why in _OWED_A_CALL and self.reachable and self.channel == "phone" and self.direction == "inbound"
        if owed and self.callback is None:
            self.callback = Wait("callback", event.id, event.at)


#: Applies one event.
Step = Callable[[State, Event], None]
