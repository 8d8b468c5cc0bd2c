"""The neutral event: what a source saw happen to a contact at a moment. The only thing a connector ever writes."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, get_args

from monitor.domain.gist import Gist, pack_gist, unpack_gist

Channel = Literal["phone", "email", "ticket", "chat", "counter"]
CHANNELS: Final = ("phone", "email", "ticket", "chat", "counter")

#: Every kind of contract section 7, `turned_away`, those that speak of what is known already (below), and our own: `lost` (sight
#: was lost of the contact: whatever runs becomes void), `reached` (we spoke with the same customer, or wrote to him, in another
#: contact) and RETURNS; the last three are added by the engine, never by a source.
LIVE_KINDS: Final = (
    "turned_away", "queued", "ringing", "answered", "held", "unheld", "transferred", "left", "voicemail", "ended",
)  # fmt: skip
WRITTEN_KINDS: Final = (
    "opened", "moved", "received", "complained", "handed_over", "replied", "auto_replied", "noted", "fulfilled", "promised",
    "final_answer", "pending", "resumed", "assigned", "prioritised", "escalated", "merged", "resolved", "reopened",
)  # fmt: skip
#: No answer is needed any more; it asks nothing any more; it does after all; our reply did not arrive; an event was never so.
#: With `event` they speak of that one event of the contact, else of the whole contact. They tell nothing of a contact that is
#: not known otherwise, and not where it is.
AFTERWARDS_KINDS: Final = ("settled", "discarded", "restored", "bounced", "retracted")
#: What anybody may say of a contact that is there already, also of one that another source reads.
SAID_OF_OTHERS: Final = frozenset((*AFTERWARDS_KINDS, "replied", "noted", "promised", "fulfilled", "complained"))
#: What the engine concludes from other contacts: the customer has come before (`came_again`), and must start anew here what he
#: waits for elsewhere (`started_anew`); the words of a reply had been sent to many others (`worded_alike`).
AGAIN: Final = "came_again"
ANEW: Final = "started_anew"
ALIKE: Final = "worded_alike"
RETURNS: Final = frozenset((AGAIN, ANEW, ALIKE))
#: What a helpdesk's own clocks say of a wait; told by its connector alone. It changes nothing: verdicts are compared with it.
JUDGED: Final = "judged"
KINDS: Final = frozenset((
    *LIVE_KINDS, *WRITTEN_KINDS, *AFTERWARDS_KINDS, "called_out", "rated", JUDGED, "lost", "reached", *RETURNS,
))  # fmt: skip

#: The channels on which a contact is written, may move from one contact point to another, and may follow a policy of its own.
WRITTEN_CHANNELS: Final[frozenset[Channel]] = frozenset(("email", "ticket", "chat"))

_SPOKEN: Final = ("promised", "fulfilled", "noted", "settled", "discarded", "restored", "retracted", "rated")
#: What can happen on each channel. What the engine adds itself (`lost`, `reached`) is in none of them.
KINDS_OF: Final[Mapping[Channel, frozenset[str]]] = {
    "phone": frozenset((*LIVE_KINDS, "called_out", *_SPOKEN)),
    "email": frozenset((*WRITTEN_KINDS, *AFTERWARDS_KINDS, "rated")),
    "ticket": frozenset((*WRITTEN_KINDS, *AFTERWARDS_KINDS, "rated")),
    "chat": frozenset((*LIVE_KINDS, *WRITTEN_KINDS, *AFTERWARDS_KINDS, "rated")),
    "counter": frozenset((*LIVE_KINDS, *_SPOKEN)),
}

#: Who did something: `rule` is whatever a system does by itself, `bot` what speaks to the customer in a human's place.
ACTORS: Final = ("customer", "agent", "rule", "bot")
#: Whom a pending ticket waits for.
PENDING_ON: Final = ("customer", "third_party", "time")
#: How a contact is reopened whose matter goes on in another one; added by the engine.
FOLLOWED: Final = "followed"
#: How a ticket was resolved; without a word it was done.
RESOLUTIONS: Final = ("done", "rejected", "duplicate", "timeout")

#: What was promised. A call is kept by speaking on the phone, anything else by any words of ours to the customer.
Deed = Literal["call", "write", "send", "refund", "visit", "do"]
DEEDS: Final[tuple[str, ...]] = get_args(Deed)

#: Why a caller left before a human answered. Only `caller` is an abandon; `restart` means the phone system stopped.
LEAVE_REASONS: Final = ("caller", "timeout", "no_agents", "key", "withdrawn", "callback", "restart")

#: Why a caller was not let in.
TURNED_AWAY_REASONS: Final = ("full", "no_agents", "closed")


class Event(NamedTuple):
    """One thing that happened to one contact.

    A named tuple because hundreds of thousands are made a second and a frozen dataclass costs four times as much.
    Two events of one contact with the same `id` are the same event: the exact one wins over a `rough` one (whole
    seconds, from a log), else the earlier.
    """

    id: str  # unique within the contact; stable across re-reading
    contact: str  # the source's own name of the matter: Linkedid, hash of the first Message-ID, ticket number
    #: Where the customer reached us, e.g. "queue:support"; the directory turns it into a contact point. A written contact whose
    #: events name another place from one moment on (`moved`, or any other kind) has moved there. Empty: of SAID_OF_OTHERS, said
    #: of a contact that is there already, wherever that is; then `channel` means nothing.
    place: str
    channel: Channel
    kind: str  # one of KINDS
    at: datetime  # aware UTC
    customer: str | None = None  # keyed hash, never a number or an address
    #: transferred: "blind" | "consult"; resolved: one of RESOLUTIONS (`as` in the neutral format); reopened: FOLLOWED; reached:
    #: on which channel, None in what version 0.1 has stored: by phone; RETURNS: the channel of the other contact; judged: kept
    #: or breached
    how: str | None = None
    #: transferred: whom or where to; assigned: the person, None where nobody, or nobody knows who; prioritised: the value;
    #: merged: the contact that goes on (`into` in the neutral format); reached, RETURNS: our id of the other contact
    to: str | None = None
    #: left, turned_away: one of those above; lost, settled: why; discarded: why, of which `spam`, `deleted` and `out_of_sight`
    #: have a meaning; ringing: "over" when nothing rings any more; received, replied: where `at` comes from when not from the
    #: server's own clock
    reason: str | None = None
    #: promised: a moment, or a day that ends where the contact point is; None: released. complained: its own deadline
    due: date | None = None
    sector: str | None = None  # complained
    answered: bool | None = None  # called_out; received, opened: True when it had been answered before we look
    raised: bool | None = None  # prioritised
    courtesy: bool = False  # received, and opened where it `follows`: only a thank-you
    into_queue: bool = False  # transferred: the target is a queue or contact point of ours
    rough: bool = False  # `at` is truncated to whole seconds
    score: float | None = None  # rated, 0 to 1
    #: queued: when the same call first came to a queue, unserved since; complained: when it came (`received` in the format);
    #: came_again: when the other contact ended; started_anew: since when the customer waits there
    since: datetime | None = None
    event: str | None = None  # AFTERWARDS_KINDS, worded_alike: the id of the event of this contact that they speak of
    by: str | None = None  # settled: who said so; else one of ACTORS
    queue: str | None = None  # assigned: the queue, group or team, where it changes
    name: str | None = None  # promised, fulfilled: which promise, as the field that holds its date; judged: the kind of wait
    agreed: bool | None = None  # promised: True when the customer agreed to the new date
    policy: str | None = None  # its limits from now on; "": those of the contact point again; None: nothing is said of them
    on: str | None = None  # pending: one of PENDING_ON
    until: datetime | None = None  # pending: when it ends by itself
    seq: int | None = None  # its place among the events of one moment
    after: datetime | None = None  # the earliest moment it can have happened, where `at` is the latest
    automatic: bool = False  # received: a machine of the customer wrote it
    follows: str | None = None  # opened, received: the contact whose matter goes on here
    withdrawn: bool = False  # complained: it is no complaint
    deed: str | None = None  # promised: one of DEEDS, where words of ours can keep it; None: only `fulfilled` can
    #: opened, received, replied, noted: what its text says, as far as anything of it is kept; promised: where its date was found
    gist: Gist | None = None
    #: The contact point it was told of, set by the engine: None: the one where the contact began; "": it tells of none.
    point: str | None = None


#: (contact, id, place) of an event as it was told: two places of a call may call their events alike.
EventName = tuple[str, str, str]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970, the form in which moments are stored."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment `micros` microseconds after 1970."""
    return EPOCH + timedelta(microseconds=micros)


_DETAILS: Final = Event._fields[7:]
_NONE: Final = tuple(Event._field_defaults[name] for name in _DETAILS)
_MOMENTS: Final = ("due", "since", "until", "after")


def pack(event: Event) -> list[Any]:
    """The compact form kept in the store: [id, kind, micros] and, only where something is said, the details."""
    row: list[Any] = [event.id, event.kind, (event.at - EPOCH) // MICROSECOND]
    rest = event[7:]
    if rest != _NONE:
        details: dict[str, Any] = {k: v for k, v, none in zip(_DETAILS, rest, _NONE, strict=True) if v != none}
        for key in _MOMENTS:
            if key in details:
                details[key] = _packed(details[key])
        if event.gist is not None:
            details["gist"] = pack_gist(event.gist, to_micros)
        row.append(details)
    return row


def unpack(row: list[Any], contact: str, channel: Channel) -> Event:
    """The event that `pack` wrote. Place and customer belong to the contact and are not repeated in each event."""
    moment = EPOCH + timedelta(microseconds=row[2])
    if len(row) == 3:
        return Event(row[0], contact, "", channel, row[1], moment)
    details: Mapping[str, Any] = row[3]
    for key in _MOMENTS:
        if key in details:
            details = {**details, key: _unpacked(details[key])}
    if "gist" in details:
        details = {**details, "gist": unpack_gist(details["gist"], from_micros)}
    return Event(row[0], contact, "", channel, row[1], moment, None, **details)


def _packed(moment: date) -> int | str:
    """Microseconds; a day, which has no zone yet, as text."""
    return to_micros(moment) if isinstance(moment, datetime) else moment.isoformat()


def _unpacked(stored: int | str) -> date:
    return from_micros(stored) if isinstance(stored, int) else date.fromisoformat(stored)
