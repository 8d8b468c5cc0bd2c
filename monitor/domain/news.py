"""What contacts of one customer learn of each other: when he came and waited, when we spoke with him or wrote to him, and who
waits to hear of it.

Moments are whole microseconds since 1970, as in the store.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from monitor.domain.answers.sketches import BANDS
from monitor.domain.contact import Contact, Wait
from monitor.domain.corrections import corrected
from monitor.domain.event import AFTERWARDS_KINDS, MICROSECOND, WRITTEN_CHANNELS, Event, to_micros
from monitor.domain.gist import Gist
from monitor.domain.judge import Judgement
from monitor.domain.policy import Policy

#: The waits that words of ours in another contact can end; a promise only if it names a deed.
_SETTLED_ELSEWHERE: Final = frozenset(("callback", "promise"))
#: Those in which he waits for us to speak or write, and may come elsewhere meanwhile.
_ASKING: Final = frozenset(("reply", "follow_up", "callback"))

#: `came`: the customer began a contact, a call until it ended. `asked`: he waited for us from `at` to `until`. `words`: we spoke
#: with him or wrote to him. `tried`: we called and did not reach him. `over`: a contact in writing was closed. What is told of
#: our words themselves (`alike`) has kinds of its own.
NewsKind = Literal["came", "asked", "words", "tried", "over"]

_SPANS: Final = frozenset(("came", "asked"))
#: Those on which news of others that come later, and tell of a moment before, are to be held again.
TELLING: Final = ("came", *(f"worded/{band}" for band in range(BANDS)))

#: Remarks on news: the contact was begun by us; our words want an answer; they send the customer to a channel (`to:phone`).
OURS: Final = "ours"
ASKS: Final = "asks"
TO: Final = "to:"


class News(NamedTuple):
    """One thing that a contact tells of its customer."""

    customer: str
    at: int
    contact: str  # the source's own name of the contact
    channel: str
    id: str  # our own name of it
    kind: NewsKind | str = "words"
    until: int | None = None  # asked: when he waited no longer; None: he waits still. came: when the call ended
    remarks: str = ""  # OURS, ASKS, TO + channel, with blanks between them

    def says(self, remark: str) -> bool:
        return remark in self.remarks.split()


class Matter(NamedTuple):
    """Something that words of ours in another contact settle. `until`: when it was over; None: it is open."""

    since: datetime
    until: datetime | None
    spoken: bool  # settled by nothing but speaking on the phone
    came: bool = False  # nor by a call of ours: he must have called again


def matters(contact: Contact, judgement: Judgement, policies: Sequence[Policy]) -> list[Matter]:
    """What of a contact is owed or was: an earlier word of ours, read later, may have settled it before it was over.

    Of what was settled anyhow it changes until when he waited, and so whether he came in vain meanwhile. Beside that, who gave
    up may come back soon, whatever we have written to him by then. `policies`: of its stays.
    """
    waits = [wait for wait in contact.waits if _is_settled_elsewhere(wait) and wait.until != wait.since]
    found = [Matter(wait.since, wait.until, wait.deed == "call") for wait in waits]
    return [*found, *_given_up(contact, judgement, policies)] if contact.channel == "phone" else found


def _given_up(contact: Contact, judgement: Judgement, policies: Sequence[Policy]) -> Iterator[Matter]:
    """Each time that the caller gave up and is not known to have come back: for so long he may have."""
    back = [mark.at for mark in contact.marks if mark.mark == "recovered"]
    for each in judgement.outcomes:
        if each.outcome == "abandoned":
            until = each.at + timedelta(seconds=policies[each.stay].recovered_within_seconds) + MICROSECOND
            if not any(each.at < at < until for at in back):
                yield Matter(each.at, until, spoken=True, came=True)


def _is_settled_elsewhere(wait: Wait) -> bool:
    return wait.kind in _SETTLED_ELSEWHERE and (wait.kind != "promise" or wait.deed is not None)


def news_of(customer: str, name: str, our_id: str, contact: Contact, events: Sequence[Event]) -> set[News]:
    """All that a contact tells of its customer. `events`: all of it, in the order of `merge`."""
    begun_by = OURS if contact.direction == "outbound" else ""

    def told(kind: NewsKind, at: datetime, until: datetime | None = None, remarks: str = "") -> News:
        said = f"{begun_by} {remarks}".strip()
        ended = None if until is None else to_micros(until)
        return News(customer, to_micros(at), name, contact.channel, our_id, kind, ended, said)

    found = {told("words", at, remarks=" ".join(sorted(said))) for at, said in _words(contact, events).items()}
    found.update(told("tried", event.at) for event in events if event.kind == "called_out" and not event.answered)
    found.update(told("asked", wait.since, wait.until) for wait in contact.waits if _asks(wait, contact))
    is_written = contact.channel in WRITTEN_CHANNELS
    if contact.came_at is not None:
        found.add(told("came", contact.came_at, None if is_written else contact.over_at))
        if is_written and contact.over_at is not None:
            found.add(told("over", contact.over_at))
    return found


def _asks(wait: Wait, contact: Contact) -> bool:
    """Whether the customer who came waits for us: not for the first words in a ticket that an agent opened."""
    counts = wait.kind in _ASKING and not wait.void
    return counts and contact.came_at is not None and wait.since >= contact.came_at


def _words(contact: Contact, events: Sequence[Event]) -> dict[datetime, set[str]]:
    """When a human of ours spoke with the customer or wrote to him in this contact, and what these words want of him."""
    found = {visit.until: set[str]() for visit in contact.visits if visit.ended == "answered" and visit.until is not None}
    if contact.channel in ("phone", "counter") and contact.answered_at is not None:
        found.setdefault(contact.answered_at, set())
    written = _written(contact, events)
    for event in written:
        found.setdefault(event.at, set()).update(_remarks(event.gist))
    for event in events:
        if event.kind == "pending" and event.on == "customer":  # whoever waits for him has asked him
            last = max((each.at for each in written if each.at <= event.at), default=None)
            if last is not None:
                found[last].add(ASKS)
    return found


def _remarks(gist: Gist | None) -> Iterator[str]:
    """What a reply wants of the customer."""
    if gist is not None:
        yield from (ASKS,) if gist.asks else ()
        yield from (TO + channel for channel in gist.sends_to)


def _written(contact: Contact, events: Sequence[Event]) -> list[Event]:
    """Replies of humans that the customer got."""
    written = [event for event in events if event.kind == "replied" and event.by in (None, "agent")]
    if written and any(event.kind in AFTERWARDS_KINDS for event in events):
        arrived = {event.id for event in corrected(contact.channel, events).events}
        written = [event for event in written if event.id in arrived]
    return written


def changed_since(before: set[News], now: set[News]) -> int | None:
    """The earliest moment at which what is told has become another; None: nothing has.

    Of a wait or a call that is over now, that is when it ended: what was before stays as it was.
    """
    if before == now:
        return None
    gone, new = before - now, now - before
    ended = {(each.kind, each.at): each.until for each in gone if each.kind in _SPANS}
    moments = []
    for each in new:
        if each.kind in _SPANS and (each.kind, each.at) in ended:
            ends = [until for until in (each.until, ended[each.kind, each.at]) if until is not None]
            moments.append(min(ends, default=each.at))
        else:
            moments.append(each.at)
    kept = {(each.kind, each.at) for each in new}
    moments += [each.at for each in gone if (each.kind, each.at) not in kept]
    return min(moments, default=None)
