"""What the customer of one contact went through: waits, marks and outcomes. Made by `fold`, read by `judge`."""

from datetime import date, datetime
from typing import Final, Literal, NamedTuple

from monitor.domain.event import Channel

WaitKind = Literal["ring", "queue", "hold", "reply", "follow_up", "callback", "promise", "resolution", "complaint"]
WAITS: Final = ("ring", "queue", "hold", "reply", "follow_up", "callback", "promise", "resolution", "complaint")

#: Those in which the customer is there, on the line: nobody can settle them otherwise.
LIVE_WAITS: Final = frozenset(("ring", "queue", "hold"))

Outcome = Literal["answered", "abandoned", "short_abandoned", "flowed_out", "callback", "replied", "resolved"]
OUTCOMES: Final = ("answered", "abandoned", "short_abandoned", "flowed_out", "callback", "replied", "resolved")

Direction = Literal["inbound", "outbound"]


class Wait(NamedTuple):
    """A span in which the customer waits for us.

    `key` is the id of the event that began it, so that it stays the same wait when other events arrive late.
    `given_up`: the customer, not we, ended it (an early abandon is neither good nor bad).
    `void`: it never counted (sight was lost, the phone system stopped, what was asked was discarded).
    """

    kind: WaitKind
    key: str
    since: datetime
    until: datetime | None = None
    given_up: bool = False
    void: bool = False
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    #: A moment where the wait has one of its own (a promise), or the day that it ends with where the contact point is.
    due: date | None = None
    sector: str | None = None  # complaints: whose table says how long
    call_since: datetime | None = None  # queue: when the call came to its first queue, if it has gone on unserved from there
    wordless: bool = False  # reply, follow_up: the matter was resolved or settled without our words


class Mark(NamedTuple):
    """A moment that is bad in itself, or that explains one: abandoned, turned away, transferred, reopened …"""

    mark: str
    key: str
    at: datetime
    reason: str | None = None


class Visit(NamedTuple):
    """One stay of a caller in a queue or at a ringing phone: the thing an outcome is about."""

    key: str
    since: datetime
    queued: bool  # False: a direct call, there was no queue
    until: datetime | None = None
    ended: str | None = None  # "answered", one of LEAVE_REASONS, "voicemail", "lost"


class Contact(NamedTuple):
    """The folded contact. `answered` means a human was reached; `over` that nothing more is expected of it."""

    channel: Channel
    direction: Direction
    begun: datetime
    last: datetime
    visits: tuple[Visit, ...]
    waits: tuple[Wait, ...]
    marks: tuple[Mark, ...]
    answered_at: datetime | None = None
    over_at: datetime | None = None
