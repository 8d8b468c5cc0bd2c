"""The tickets of the demo's service desk and what becomes of them. Pure: the same by day and seed."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from monitor.demo import phrases
from monitor.demo.customers import CUSTOMERS, Customer, customer
from monitor.demo.schedule import lognormal, moments_of_day, working_time_after

AGENTS: Final = ("amina", "bruno", "clara", "dylan", "edith")
_MAX_A_DAY: Final = 1_000  # for the numbers of tickets
_HOUR: Final = 3600.0

Kind = Literal["open", "complaint", "take", "reply", "write", "promise", "raise", "stall", "resume", "resolve"]


class TicketStep(NamedTuple):
    """One thing that somebody does with a ticket."""

    at: datetime
    number: int  # the ticket's; a later ticket has a larger one
    kind: Kind
    who: Customer
    agent: str  # who works on it
    subject: str
    text: str = ""
    due: datetime | None = None  # of a promise


def tickets_of_day(day: date, seed: int) -> list[TicketStep]:
    """Every step of the tickets that are opened on this local day, those of later days included."""
    steps: list[TicketStep] = []
    for at, rng, name in moments_of_day(day, "ticket", seed, peak=0.7, night=0.05):
        number = int(f"{day:%y%m%d}") * _MAX_A_DAY + int(name.partition("-")[2])
        steps += _ticket(at, rng, number)
    return steps


def _ticket(at: datetime, rng: random.Random, number: int) -> Iterator[TicketStep]:
    who, subject = customer(rng.randrange(CUSTOMERS)), rng.choice(phrases.TICKETS)
    agent = AGENTS[number % len(AGENTS)]

    def step(at: datetime, kind: Kind, text: str = "", due: datetime | None = None) -> TicketStep:
        return TicketStep(at, number, kind, who, agent, subject, text, due)

    yield step(at, "open", subject)
    complaint = rng.random() < 0.05
    for owner in range(rng.choices((1, 2, 3, 4), (70, 18, 8, 4))[0]):
        at = working_time_after(at, lognormal(rng, 900))
        agent = AGENTS[(owner + number) % len(AGENTS)]
        yield step(at, "take")
    if complaint:
        yield step(at, "complaint")
    if rng.random() < 0.05:
        return  # never answered
    at = working_time_after(at, lognormal(rng, _HOUR))
    yield step(at, "reply", rng.choice(phrases.ANSWERS))
    if rng.random() < 0.25:
        yield step(at, "stall")
        at += timedelta(seconds=lognormal(rng, 6 * _HOUR))
        yield step(at, "write", rng.choice(phrases.FOLLOW_UPS))
        at = working_time_after(at, lognormal(rng, 5400))
        yield step(at, "reply", rng.choice(phrases.ANSWERS))
        yield step(at, "resume")
    elif rng.random() < 0.3:
        at += timedelta(seconds=rng.uniform(60, 600))
        yield step(at, "write", rng.choice(phrases.THANKS))
    if rng.random() < 0.08:
        at = working_time_after(at, 600)
        yield step(at, "raise")
    if rng.random() < 0.2:
        yield step(at, "promise", due=working_time_after(at, 8 * _HOUR))
        hours = rng.uniform(1, 7) if rng.random() < 0.75 else rng.uniform(9, 20)
        at = working_time_after(at, hours * _HOUR)
    else:
        at = working_time_after(at, lognormal(rng, 5 * _HOUR, 1.2))
    yield step(at, "resolve")
    if rng.random() < 0.08:
        at += timedelta(seconds=lognormal(rng, 20 * _HOUR))
        yield step(at, "write", rng.choice(phrases.FOLLOW_UPS))
        at = working_time_after(at, lognormal(rng, 5400))
        yield step(at, "reply", rng.choice(phrases.ANSWERS))
        yield step(working_time_after(at, _HOUR), "resolve")
