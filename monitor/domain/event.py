"""The neutral event: what a source saw happen to a contact at a moment. The only thing a connector ever writes."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

Channel = Literal["phone", "email", "ticket", "chat", "counter"]
CHANNELS: Final = ("phone", "email", "ticket", "chat", "counter")

#: Every kind of contract section 7, `turned_away`, those that speak of what is known already (below), and two of our own:
#: `lost` (sight was lost of the contact: whatever runs becomes void) and `reached` (the same customer was reached in another
#: contact; added by the engine, never by a source).
LIVE_KINDS: Final = (
    "turned_away", "queued", "ringing", "answered", "held", "unheld", "transferred", "left", "voicemail", "ended",
)  # fmt: skip
WRITTEN_KINDS: Final = (
    "received", "replied", "auto_replied", "noted", "promised", "fulfilled", "pending", "resumed",
    "assigned", "prioritised", "escalated", "resolved", "reopened", "complained",
)  # fmt: skip
#: No answer is needed any more; it asks nothing any more; it does after all; our reply did not arrive. With `event` they speak
#: of that one event of the contact, else of the whole contact. They tell nothing of a contact that is not known otherwise.
AFTERWARDS_KINDS: Final = ("settled", "discarded", "restored", "bounced")
#: What anybody may say of a contact that is there already, also of one that another source reads.
SAID_OF_OTHERS: Final = frozenset((*AFTERWARDS_KINDS, "replied", "noted", "promised", "fulfilled", "complained"))
KINDS: Final = frozenset((*LIVE_KINDS, *WRITTEN_KINDS, *AFTERWARDS_KINDS, "called_out", "rated", "lost", "reached"))

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
    contact: str  # the source's own name of the matter: Linkedid, first Message-ID, ticket number
    #: Where the customer reached us, e.g. "queue:support"; the directory turns it into a contact point. Empty: of SAID_OF_OTHERS,
    #: said of a contact that is there already, wherever that is; then `channel` means nothing.
    place: str
    channel: Channel
    kind: str  # one of KINDS
    at: datetime  # aware UTC
    customer: str | None = None  # keyed hash, never a number or an address
    how: str | None = None  # transferred: "blind" | "consult"
    to: str | None = None  # transferred, assigned: whom or where to
    #: left, turned_away: one of those above; lost, settled: why; discarded: why, of which `spam` alone has a meaning; ringing:
    #: "over" when nothing rings any more; received, replied: where `at` comes from when not from the server's own clock
    reason: str | None = None
    due: datetime | None = None  # promised
    sector: str | None = None  # complained
    answered: bool | None = None  # called_out; received: True when it had been dealt with at a moment that nobody can tell
    raised: bool | None = None  # prioritised
    courtesy: bool = False  # received: only a thank-you
    into_queue: bool = False  # transferred: the target is a queue or contact point of ours
    rough: bool = False  # `at` is truncated to whole seconds
    score: float | None = None  # rated, 0 to 1
    since: datetime | None = None  # queued: when the same call first came to a queue, unserved since
    event: str | None = None  # settled, discarded, restored, bounced: the id of the event of this contact that they speak of
    by: str | None = None  # settled: who said so


#: (contact, id): what makes two reports of a source one event.
EventName = tuple[str, str]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970, the form in which moments are stored."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment `micros` microseconds after 1970."""
    return EPOCH + timedelta(microseconds=micros)


_DETAILS: Final = (
    "how",
    "to",
    "reason",
    "due",
    "sector",
    "answered",
    "raised",
    "courtesy",
    "into_queue",
    "rough",
    "score",
    "since",
    "event",
    "by",
)
_NONE: Final = (None, None, None, None, None, None, None, False, False, False, None, None, None, None)


def pack(event: Event) -> list[Any]:
    """The compact form kept in the store: [id, kind, micros] and, only where something is said, the details."""
    row: list[Any] = [event.id, event.kind, (event.at - EPOCH) // MICROSECOND]
    rest = event[7:]
    if rest != _NONE:
        details = {k: v for k, v, none in zip(_DETAILS, rest, _NONE, strict=True) if v != none}
        if event.due is not None:
            details["due"] = to_micros(event.due)
        if event.since is not None:
            details["since"] = to_micros(event.since)
        row.append(details)
    return row


def unpack(row: list[Any], contact: str, channel: Channel) -> Event:
    """The event that `pack` wrote. Place and customer belong to the contact and are not repeated in each event."""
    moment = EPOCH + timedelta(microseconds=row[2])
    if len(row) == 3:
        return Event(row[0], contact, "", channel, row[1], moment)
    details: Mapping[str, Any] = row[3]
    for key in ("due", "since"):
        if key in details:
            details = {**details, key: from_micros(details[key])}
    return Event(row[0], contact, "", channel, row[1], moment, None, **details)
