"""What is known of one contact while its events are applied, one after the other."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from monitor.domain.contact import PAUSABLE, Answer, Contact, Direction, Mark, Pause, Rating, Reading, Stay, Visit, Wait
from monitor.domain.corrections import SPAM
from monitor.domain.event import Channel, Event

#: A caller who left or was turned away for one of these reasons was not served: somebody should call back. Not who was
#: told that we are closed.
_OWED_A_CALL: Final = frozenset(("caller", "timeout", "no_agents", "full", "callback", "restart", "voicemail"))


class Closed(NamedTuple):
    """What a resolution ended, to be taken up again should it be undone."""

    turn: Wait | None
    unanswered: dict[str, Event]
    waits: tuple[Wait, ...]  # as they ran: the resolution, the complaint
    promises: dict[tuple[str | None, date | None], Wait]
    first: int  # where they stand among the waits that are over


class State:
    """Whose turn it is, what runs and what is over. Changed by the steps of the modules beside this one."""

    __slots__ = (
        "again", "alike", "answered_at", "answers", "automatic_at", "away", "begun", "callback", "channel", "closed",
        "complaint", "direction", "first_queued", "given", "handed_on_at", "heard", "hold", "laid_aside", "marks", "merged",
        "once_resolved", "over_at", "owner", "owner_at", "paused_since", "pauses", "pending", "pressing", "promises", "queue",
        "rating", "reachable", "reading", "resolution", "resolved", "ring", "settled_once", "silent", "spam", "stay", "stays",
        "talking", "team", "thanked", "turn", "unanswered", "visit", "visits", "waits",
    )  # fmt: skip

    def __init__(
        self, channel: Channel, first: Event, reachable: bool, spam: frozenset[str], reading: Reading, stays: Sequence[Stay]
    ) -> None:
        self.channel = channel
        self.reachable = reachable
        self.reading = reading
        self.stays = tuple(stays)
        self.stay = 0  # the number of the one that lasts
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
        self.heard = self.direction == "inbound"  # the customer has come with something
        self.given: set[str] = set()  # the kinds of fact that he has stated
        self.answers: list[Answer] = []
        self.alike: set[str] = set()  # the ids of those whose words had been sent to many others
        self.pressing: int | None = None  # the place of the answer that the customer has had last, and that asked him nothing
        self.unanswered: dict[str, Event] = {}  # its messages by id, the one that began it first; later ones only if they ask
        self.settled_once = False  # something was dealt with without any words of ours that we know of
        self.laid_aside = False  # settled or discarded as a whole: what comes next begins anew
        # no event's id: an earlier one may come late, and it is the same wait
        self.resolution = Wait("resolution", "", first.at) if channel == "ticket" else None
        self.pauses: list[Pause] = []  # those that are over
        self.paused_since: datetime | None = None
        self.pending: Event | None = None  # the source says so, though the customer may have written since
        #: By their names and the moments they are due.
        self.promises: dict[tuple[str | None, date | None], Wait] = {}
        self.complaint: Wait | None = None
        self.owner: str | None = None  # the last person who had it in this queue
        self.owner_at: datetime | None = None
        self.team: str | None = None  # the queue, group or team that has it
        self.handed_on_at: datetime | None = None
        self.resolved: Mark | None = None
        self.once_resolved = False  # or reopened, which says the same
        self.closed: Closed | None = None  # what that resolution ended
        self.merged = False  # it goes on in another contact
        self.thanked = False  # since it was resolved the customer, or his machine, has only said thank you
        self.automatic_at: datetime | None = None  # the last automatic mail
        self.rating: Rating | None = None
        self.answered_at: datetime | None = None
        self.over_at: datetime | None = None

    def contact(self, last: datetime) -> Contact:
        """The contact as it stands."""
        ring = None if self.silent else self.ring
        running = (
            self.queue,
            ring,
            self.hold,
            self.callback,
            self.turn,
            self.resolution,
            self.complaint,
            *self.promises.values(),
        )
        waits = [*self.waits, *(self._as_it_stands(wait) for wait in running if wait is not None)]
        visits = (*self.visits, self.visit) if self.visit is not None else tuple(self.visits)
        waits.sort(key=lambda wait: (wait.since, wait.kind, wait.key))
        marks = tuple(self.marks)
        return Contact(
            self.channel, self.direction, self.begun, last, visits, tuple(waits), marks, self.answered_at, self.over_at,
            self.rating, self.stays, answers=tuple(self.answers),
        )  # fmt: skip

    def close(self, wait: Wait, at: datetime, *, given_up: bool = False, void: bool = False) -> None:
        """A wait is over; whoever closes it forgets that it ran."""
        kind, key, since, _, _, _, _, due, sector, call_since, wordless, by_bot, _, deed, rule = wait
        pauses = self._pauses_of(wait) if self.pauses or self.paused_since is not None else ()
        self.waits.append(
            Wait(kind, key, since, at, given_up, void, pauses, due, sector, call_since, wordless, by_bot, self.stay, deed, rule)
        )

    def end_turn(
        self, at: datetime, *, given_up: bool = False, void: bool = False, wordless: bool = False, by_bot: bool = False
    ) -> None:
        """The customer does not wait for our words any more."""
        if self.turn is not None:
            self.close(self.turn._replace(wordless=wordless, by_bot=by_bot), at, given_up=given_up, void=void)
            self.turn = None
            self.unanswered = {}

    def mark(self, mark: str, key: str, at: datetime, reason: str | None = None) -> Mark:
        """Something to be remembered, where the contact is now."""
        made = Mark(mark, key, at, reason, self.stay)
        self.marks.append(made)
        return made

    def hand_on(self, event: Event) -> None:
        """Another queue has it: a hand-over, once in a moment; not where it came to us. Who takes it there takes no one's."""
        if self.owner_at != event.at:
            self.owner = None
        if event.at not in (self.handed_on_at, self.begun):
            self.mark("reassigned", event.id, event.at)
            self.handed_on_at = event.at

    def end_pause(self, at: datetime) -> None:
        """The clocks that a pending ticket stops run on, unless they did so by themselves before."""
        if self.paused_since is not None:
            until = self._pause_ends(self.paused_since)
            self.pauses.append(Pause(self.paused_since, at if until is None else min(at, until), self._pending_on()))
            self.paused_since = None

    def lose_call(self, event: Event) -> None:
        """The live call and the turn are void, for nobody can tell how they went on."""
        self._void([self.queue, self.ring, self.hold, self.callback if self.visit is not None else None], event)
        if self.visit is not None:
            self.callback = None  # back in the queue: perhaps the same call was answered after all
            self.visits.append(Visit(event.id, self.visit.since, self.visit.queued, event.at, "lost", self.stay))
            self.visit = None
        self.queue = self.ring = self.hold = self.first_queued = None
        self.end_turn(event.at, void=True)

    def lose_matter(self, event: Event) -> None:
        """So is all else that runs."""
        self._void(
            [self.callback if self.visit is None else None, self.resolution, self.complaint, *self.promises.values()], event
        )
        self.lose_call(event)
        self.callback = self.resolution = self.complaint = None
        self.promises = {}

    def _void(self, running: list[Wait | None], event: Event) -> None:
        """Of spam nothing ever ran for any time."""
        spam = event.kind == "discarded" and event.reason == SPAM
        for wait in running:
            if wait is not None and (not spam or wait.kind == "resolution"):
                self.close(wait, wait.since if spam else event.at, void=True)

    def _pause_ends(self, since: datetime) -> datetime | None:
        until = self.pending.until if self.pending is not None else None
        return until if until is None or until > since else since

    def _pending_on(self) -> str | None:
        return self.pending.on if self.pending is not None else None

    def _pauses_of(self, wait: Wait) -> tuple[Pause, ...]:
        """The pauses in which its clock may have stood still."""
        if wait.kind not in PAUSABLE:
            return ()
        pauses = [pause for pause in self.pauses if pause.until is not None and pause.until > wait.since]
        if self.paused_since is not None:
            pauses.append(Pause(self.paused_since, self._pause_ends(self.paused_since), self._pending_on()))
        return tuple(pauses)

    def _as_it_stands(self, wait: Wait) -> Wait:
        """A running wait with its pauses, where it is now."""
        pauses = self._pauses_of(wait)
        return wait._replace(pauses=pauses, stay=self.stay) if pauses or self.stay else wait

    def owe_call(self, event: Event, why: str | None) -> None:
        """A caller who was not served is owed a call, where his number is known."""
        owed = why in _OWED_A_CALL and self.reachable and self.channel == "phone" and self.direction == "inbound"
        if owed and self.callback is None:
            self.callback = Wait("callback", event.id, event.at)


#: Applies one event.
Step = Callable[[State, Event], None]
