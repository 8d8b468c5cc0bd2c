"""The mails, chats and counter visits of the demo contact centre, with its answers. Pure: the same by day and seed."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from monitor.demo import phrases
from monitor.demo.customers import CUSTOMERS, Customer, customer
from monitor.demo.schedule import lognormal, moments_of_day, working_time_after

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


class VisitEvent(NamedTuple):
    """One contact event of a chat or visit, before it is sent. `lag` is real seconds after `at`, at any speed."""

    at: datetime
    lag: float
    body: dict[str, Any]


def mails_of_day(day: date, seed: int) -> list[PlannedMail]:
    """Every mail of the conversations that begin on this local day, those of later days included."""
    mails: list[PlannedMail] = []
    for at, rng, name in moments_of_day(day, "mail", seed, peak=4.0, night=0.5):
        mails += _conversation(at, rng, name)
    for at, rng, name in moments_of_day(day, "other", seed, peak=1.5, night=0.2):
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
    at = working_time_after(at, lognormal(rng, 4500))
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
        at += timedelta(seconds=lognormal(rng, 3 * 3600))
        yield mail(at, False, rng.choice(phrases.FOLLOW_UPS))
        if rng.random() < 0.06:
            return
        at = working_time_after(at, lognormal(rng, 2.5 * 3600))
        yield mail(at, True, rng.choice(phrases.ANSWERS))
    if rng.random() < 0.35:
        yield mail(at + timedelta(seconds=lognormal(rng, 3600)), False, rng.choice(phrases.THANKS))


def _other(at: datetime, rng: random.Random, name: str) -> PlannedMail:
    """Mail that is no contact: newsletters, spam, colleagues, a draft that was never sent."""
    kind = rng.choices(_OTHER_KINDS, (5, 4, 2, 1))[0]
    return PlannedMail(
        at, f"o{name}", kind == "draft", customer(rng.randrange(CUSTOMERS)), rng.choice(_OTHER[kind]), "…", (), kind
    )


def visits_of_day(day: date, seed: int) -> list[VisitEvent]:
    """Every event of the chats and counter visits that begin on this local day."""
    events: list[VisitEvent] = []
    for at, rng, name in moments_of_day(day, "chat", seed, peak=1.5, night=0.3):
        events += _visit(at, rng, f"C{name}", "web-chat", "chat", 12)
    for at, rng, name in moments_of_day(day, "counter", seed, peak=1.2, night=0):
        events += _visit(at, rng, f"V{name}", "front-counter", "counter", 45)
    return events


def _event(
    contact: str, point: str, channel: str, count: list[int], at: datetime, lag: float, kind: str, **rest: Any
) -> VisitEvent:  # fmt: skip
    count[0] += 1
    head = {"id": f"{contact}-{count[0]}", "contact": contact, "contact_point": point, "channel": channel, "kind": kind}
    return VisitEvent(at, lag, head | rest)


def _visit(at: datetime, rng: random.Random, name: str, point: str, channel: str, wait: float) -> Iterator[VisitEvent]:
    """Somebody waits, is served or leaves; all in real seconds."""
    count, who = [0], customer(rng.randrange(CUSTOMERS))
    waits, patience = lognormal(rng, wait, 0.9), lognormal(rng, wait * 8, 0.7)
    yield _event(name, point, channel, count, at, 0, "queued", customer=who.address)
    if patience < waits:
        yield _event(name, point, channel, count, at, patience, "left", reason="caller")
        return
    yield _event(name, point, channel, count, at, waits, "answered")
    yield _event(name, point, channel, count, at, waits + rng.uniform(60, 500), "ended")
