"""The mails, tickets, chats and counter visits of the demo contact centre, with its answers. Pure: the same by day and seed."""

import math
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from monitor.demo import phrases
from monitor.demo.customers import CUSTOMERS, Customer, customer
from monitor.demo.schedule import ZONE, hours_of, load_factor, seeded_random

_OPEN: Final = 9 * 3600  # seconds after midnight of a working day
_CLOSE: Final = 17 * 3600 + 1800
Kind = Literal["plain", "automatic", "away", "bulk", "colleague", "spam", "draft"]

_OTHER_KINDS: Final[tuple[Kind, ...]] = ("bulk", "spam", "colleague", "draft")
_OTHER: Final[dict[Kind, tuple[str, ...]]] = {
    "bulk": phrases.NEWSLETTERS, "spam": phrases.SPAM, "colleague": phrases.COLLEAGUES, "draft": ("Re: Your question",),
}  # fmt: skip


class PlannedMail(NamedTuple):
    """One mail, before it is written out."""

    at: datetime
    key: str  # names it; its Message-ID is made of it
    outgoing: bool
    who: Customer  # the customer at the other end
    subject: str
    text: str
    answers: tuple[str, ...] = ()  # the keys it refers to, the oldest first
    kind: Kind = "plain"


class DeskEvent(NamedTuple):
    """One contact event of the helpdesk, before it is sent. `lag` is real seconds after `at`, at any speed."""

    at: datetime
    lag: float
    body: dict[str, Any]


def working_time_after(moment: datetime, seconds: float) -> datetime:
    """When the people of the demo have worked for `seconds` after `moment`: Monday to Friday, 9:00 to 17:30."""
    local = moment.astimezone(ZONE)
    day, left = local.date(), seconds
    begin = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
    while True:
        if day.weekday() < 5:
            start = max(_OPEN, begin)
            if start + left <= _CLOSE:
                return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(seconds=start + left)
            left -= max(0.0, _CLOSE - start)
        day, begin = day + timedelta(days=1), 0.0


def _moments(day: date, kind: str, seed: int, peak: float, night: float) -> Iterator[tuple[datetime, random.Random, str]]:
    """Moments of a day at which something begins, with a random generator and a name for each; rates are per hour."""
    rng = seeded_random(seed, kind, day)
    count = 0
    for hour in hours_of(day):
        pace = night + (peak - night) * load_factor(hour)
        at = hour
        while pace > 0 and (at := at + timedelta(hours=rng.expovariate(pace))) < hour + timedelta(hours=1):
            count += 1
            yield at, rng, f"{day:%Y%m%d}-{count}"


def _lognormal(rng: random.Random, median: float, spread: float = 1.0) -> float:
    return rng.lognormvariate(math.log(median), spread)


def mails_of_day(day: date, seed: int) -> list[PlannedMail]:
    """Every mail of the conversations that begin on this local day, those of later days included."""
    mails: list[PlannedMail] = []
    for at, rng, name in _moments(day, "mail", seed, peak=4.0, night=0.5):
        mails += _conversation(at, rng, name)
    for at, rng, name in _moments(day, "other", seed, peak=1.5, night=0.2):
        mails.append(_other(at, rng, name))
    return mails


def _conversation(at: datetime, rng: random.Random, name: str) -> Iterator[PlannedMail]:
    who = customer(rng.randrange(CUSTOMERS))
    number = rng.randrange(10_000, 99_999)
    subject, text = (part.format(n=number) for part in rng.choice(phrases.QUESTIONS))
    keys: list[str] = []

    def mail(at: datetime, outgoing: bool, text: str, kind: Kind = "plain") -> PlannedMail:
        keys.append(f"{name}-{len(keys)}")
        again = subject if len(keys) == 1 else f"Re: {subject}"
        return PlannedMail(at, keys[-1], outgoing, who, again, text, tuple(keys[:-1]), kind)

    yield mail(at, False, text)
    if rng.random() < 0.3:
        yield mail(at + timedelta(seconds=7), True, phrases.ACKNOWLEDGEMENT, "automatic")
    if rng.random() < 0.04:
        return  # never answered
    at = working_time_after(at, _lognormal(rng, 4500))
    if rng.random() < 0.15:
        yield mail(at, True, rng.choice(phrases.PROMISES))
        kept = rng.random() < 0.7
        at = working_time_after(at, rng.uniform(3600, 7200) if kept else 3 * 8.5 * 3600)
        yield mail(at, True, rng.choice(phrases.ANSWERS))
    else:
        yield mail(at, True, rng.choice(phrases.ANSWERS))
    if rng.random() < 0.05:
        yield mail(at + timedelta(seconds=20), False, phrases.OUT_OF_OFFICE, "away")
    if rng.random() < 0.3:
        at += timedelta(seconds=_lognormal(rng, 3 * 3600))
        yield mail(at, False, rng.choice(phrases.FOLLOW_UPS))
        if rng.random() < 0.06:
            return
        at = working_time_after(at, _lognormal(rng, 2.5 * 3600))
        yield mail(at, True, rng.choice(phrases.ANSWERS))
    if rng.random() < 0.35:
        yield mail(at + timedelta(seconds=_lognormal(rng, 3600)), False, rng.choice(phrases.THANKS))


def _other(at: datetime, rng: random.Random, name: str) -> PlannedMail:
    """Mail that is no contact: newsletters, spam, colleagues, a draft that was never sent."""
    kind = rng.choices(_OTHER_KINDS, (5, 4, 2, 1))[0]
    return PlannedMail(
        at, f"o{name}", kind == "draft", customer(rng.randrange(CUSTOMERS)), rng.choice(_OTHER[kind]), "…", (), kind
    )


def desk_events_of_day(day: date, seed: int) -> list[DeskEvent]:
    """Every event of the tickets, chats and counter visits that begin on this local day."""
    events: list[DeskEvent] = []
    for at, rng, name in _moments(day, "ticket", seed, peak=0.7, night=0.05):
        events += _ticket(at, rng, f"T{name}")
    for at, rng, name in _moments(day, "chat", seed, peak=1.5, night=0.3):
        events += _visit(at, rng, f"C{name}", "web-chat", "chat", 12)
    for at, rng, name in _moments(day, "counter", seed, peak=1.2, night=0):
        events += _visit(at, rng, f"V{name}", "front-counter", "counter", 45)
    return events


def _event(
    contact: str, point: str, channel: str, count: list[int], at: datetime, lag: float, kind: str, **rest: Any
) -> DeskEvent:  # fmt: skip
    count[0] += 1
    head = {"id": f"{contact}-{count[0]}", "contact": contact, "contact_point": point, "channel": channel, "kind": kind}
    return DeskEvent(at, lag, head | rest)


def _visit(at: datetime, rng: random.Random, name: str, point: str, channel: str, wait: float) -> Iterator[DeskEvent]:
    """Somebody waits, is served or leaves; all in real seconds."""
    count, who = [0], customer(rng.randrange(CUSTOMERS))
    waits, patience = _lognormal(rng, wait, 0.9), _lognormal(rng, wait * 8, 0.7)
    yield _event(name, point, channel, count, at, 0, "queued", customer=who.address)
    if patience < waits:
        yield _event(name, point, channel, count, at, patience, "left", reason="caller")
        return
    yield _event(name, point, channel, count, at, waits, "answered")
    yield _event(name, point, channel, count, at, waits + rng.uniform(60, 500), "ended")


def _ticket(at: datetime, rng: random.Random, name: str) -> Iterator[DeskEvent]:
    count, who = [0], customer(rng.randrange(CUSTOMERS))

    def event(at: datetime, kind: str, **rest: Any) -> DeskEvent:
        return _event(name, "service-desk", "ticket", count, at, 0, kind, **rest)

    yield event(at, "received", customer=who.address, text=rng.choice(phrases.TICKETS))
    if rng.random() < 0.05:
        yield event(at, "complained", sector="energy")
    for owner in range(rng.choices((1, 2, 3, 4), (70, 18, 8, 4))[0]):
        at = working_time_after(at, _lognormal(rng, 900))
        yield event(at, "assigned", to=f"agent-{(owner + hash_of(name)) % 5 + 1}")
    if rng.random() < 0.05:
        return  # never answered
    at = working_time_after(at, _lognormal(rng, 3600))
    yield event(at, "replied")
    if rng.random() < 0.2:
        due = working_time_after(at, 8 * 3600)
        yield event(at, "promised", due=due)
        if rng.random() < 0.75:
            at = working_time_after(at, rng.uniform(1, 7) * 3600)
            yield event(at, "fulfilled")
    if rng.random() < 0.25:
        yield event(at, "pending")
        at += timedelta(seconds=_lognormal(rng, 6 * 3600))
        yield event(at, "resumed")
        yield event(at, "received")
        at = working_time_after(at, _lognormal(rng, 5400))
        yield event(at, "replied")
    if rng.random() < 0.06:
        at = working_time_after(at, 600)
        yield event(at, "escalated")
    at = working_time_after(at, _lognormal(rng, 5 * 3600, 1.2))
    yield event(at, "resolved")
    if rng.random() < 0.08:
        at += timedelta(seconds=_lognormal(rng, 20 * 3600))
        yield event(at, "reopened")
        at = working_time_after(at, _lognormal(rng, 5400))
        yield event(at, "replied")
        yield event(working_time_after(at, 3600), "resolved")


def hash_of(name: str) -> int:
    """A small number for a name, the same in every process."""
    return sum(map(ord, name))
