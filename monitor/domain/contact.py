"""What the customer of one contact went through: waits, marks and outcomes. Made by `fold`, read by `judge`."""

from datetime import date, datetime
from typing import Final, Literal, NamedTuple

from monitor.domain.event import Channel

WaitKind = Literal["ring", "queue", "hold", "reply", "follow_up", "callback", "promise", "resolution", "complaint"]
WAITS: Final = ("ring", "queue", "hold", "reply", "follow_up", "callback", "promise", "resolution", "complaint")

#: Those in which the customer is there, on the line: nobody can settle them otherwise.
LIVE_WAITS: Final = frozenset(("ring", "queue", "hold"))

#: Those whose clock a pending ticket may stop.
PAUSABLE: Final = frozenset(("reply", "follow_up", "resolution"))

#: `bot`: a bot answered and that counts there; `auto_closed`: a rule closed what nobody had answered.
Outcome = Literal[
    "answered", "abandoned", "short_abandoned", "flowed_out", "callback", "replied", "resolved", "bot", "auto_closed"
]  # fmt: skip
OUTCOMES: Final = (
    "answered", "abandoned", "short_abandoned", "flowed_out", "callback", "replied", "resolved", "bot", "auto_closed",
)  # fmt: skip

Direction = Literal["inbound", "outbound"]


#: Whether a bot's words count: not at all; as an answer; or as nobody's, so that the wait for a human begins at `handed_over`.
Bots = Literal["ignore", "answer", "before"]


class Reading(NamedTuple):
    """What a policy says of how events are read, before any limit is held against them."""

    bots: Bots = "ignore"
    agent_opened: bool = True  # whether a ticket that an agent opened waits for our first words


#: A pause in which nothing waited for anybody: it was closed by mistake.
CLOSED: Final = "closed"


AS_EVER: Final = Reading()


class Pause(NamedTuple):
    """A span in which the source said that a ticket does not wait for us; `until` None: it goes on."""

    since: datetime
    until: datetime | None
    on: str | None = None  # whom it waited for, one of PENDING_ON, or CLOSED


class Stay(NamedTuple):
    """A span in which a written contact was at one contact point under one policy; the next one ends it."""

    since: datetime
    point: str | None  # None: where it began
    policy: str  # "": that of the contact point


class Wait(NamedTuple):
    """A span in which the customer waits for us.

    `key` is the id of the event that began it, so that it stays the same wait when other events arrive late.
    `given_up`: the customer, not we, ended it (an early abandon is neither good nor bad).
    `void`: it never counted (sight was lost, the phone system stopped, what was asked was discarded).
    `stay`: the number of the contact's stay in which it ended, or runs.
    """

    kind: WaitKind
    key: str
    since: datetime
    until: datetime | None = None
    given_up: bool = False
    void: bool = False
    pauses: tuple[Pause, ...] = ()  # whether they count is a matter of the policy
    #: A moment where the wait has one of its own (a promise; None: no time was stated), or the day that it ends with where the
    #: contact point is.
    due: date | None = None
    sector: str | None = None  # complaints: whose table says how long
    call_since: datetime | None = None  # queue: when the call came to its first queue, if it has gone on unserved from there
    wordless: bool = False  # reply, follow_up: the matter was resolved or settled without our words
    by_bot: bool = False  # reply, follow_up: the words were a bot's
    stay: int = 0
    deed: str | None = None  # promise: what was promised, where words of ours can keep it
    rule: str | None = None  # promise: what found it in a text


class Mark(NamedTuple):
    """A moment that is bad in itself, or that explains one: abandoned, turned away, transferred, reopened …"""

    mark: str
    key: str
    at: datetime
    reason: str | None = None
    stay: int = 0


class Answer(NamedTuple):
    """A reply of a human of ours whose words were read, to a customer who had come with something."""

    key: str
    at: datetime
    refusal: str | None = None  # the rule by which it only refuses
    again: tuple[str, ...] = ()  # the kinds of fact that it asks for, though the customer had given them in this matter
    stay: int = 0
    sketch: str | None = None  # of its words, where canned replies are looked for
    pressed_at: datetime | None = None  # the customer had to ask again, though it had asked nothing
    alike: bool = False  # its words had been sent to many others


class Rating(NamedTuple):
    """How satisfied the customer was, 0 to 1: of several the last."""

    score: float
    at: datetime
    stay: int = 0


class Judged(NamedTuple):
    """What the source's own clocks say of a wait that ran at this moment."""

    wait: str
    key: str
    at: datetime
    breached: bool


class Visit(NamedTuple):
    """One stay of a caller in a queue or at a ringing phone: the thing an outcome is about."""

    key: str
    since: datetime
    queued: bool  # False: a direct call, there was no queue
    until: datetime | None = None
    ended: str | None = None  # "answered", one of LEAVE_REASONS, "voicemail", "lost"
    stay: int = 0


class Return(NamedTuple):
    """What another contact of the customer makes of one with which he comes. `since`: when that ended, or he began to wait.

    `reason` of one that he has come again after: None, or why it is no return: `same_call`, another leg of a call that we know;
    `same_matter`, one mail read from the mailbox and from the helpdesk; `asked`, we had asked for it; `shared`, his name is that
    of many.
    """

    key: str
    since: datetime
    reason: str | None
    other: str | None  # our id of the other contact


class Contact(NamedTuple):
    """The folded contact. `answered_at`: a human was reached; `over_at`: nothing more is expected of it."""

    channel: Channel
    direction: Direction
    begun: datetime
    last: datetime
    visits: tuple[Visit, ...]
    waits: tuple[Wait, ...]
    marks: tuple[Mark, ...]
    answered_at: datetime | None = None
    over_at: datetime | None = None
    rating: Rating | None = None
    stays: tuple[Stay, ...] = ()  # none: it was never moved, and no event named a policy
    came_at: datetime | None = None  # when the customer, known by name, began it; None: he did not, or merely said thank you
    again: Return | None = None  # he had come before
    anew: Return | None = None  # he waits for the same elsewhere
    answers: tuple[Answer, ...] = ()
    judged: tuple[Judged, ...] = ()
