"""Whoever does what our words asked for has not come in vain: an answer to our question, a call we asked for. Read by the reader.

Three sources, in any order: mail, telephone, tickets. The customer wrote at nine, we answered an hour later.
"""

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest

from monitor.domain.event import Event
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.text_reading import TextReader
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import NINE, event
from tests.engine.test_news import HOUR, Told, came, daemon, tell, until, verdicts

assert NINE.tzinfo is not None
read = TextReader(lambda _place, _channel: Calendar("office", NINE.tzinfo, parse_week({"mon-fri": "09:00-17:30"})))  # type: ignore[arg-type]

CALL_US = "Could you call us with the meter reading?"
PHOTO = "Please send us a photo of the damage."
NOTHING = "Your new label is on its way."


def mail(name: str, at: float, text: str | None = None, *, replied_at: float = HOUR, **details: Any) -> list[Event]:
    """He writes; we reply with `text`."""
    events = [event(name, "received", at, "name:letters", "email", customer="ann")]
    if text is not None:
        events.append(read(event(name, "replied", replied_at, "name:letters", "email", **details), text))
    return events


def ticket(name: str, at: float, *more: Event) -> list[Event]:
    return [event(name, "opened", at, "name:tickets", "ticket", customer="ann"), *more]


async def returns(stories: Iterable[Told], point: tuple[str, str]) -> tuple[tuple[float, float], tuple[float, float]]:
    """(assessed, signals) of repeat_contact and lost_context at a contact point, the same whatever was read first."""
    stories, found = list(stories), set()
    for order in permutations(stories):
        running = await daemon(MemoryStore())
        await until(running, 48 * HOUR)
        await tell(running, *order, *order)
        found.add((verdicts(running.store, (*point, "repeat_contact")), verdicts(running.store, (*point, "lost_context"))))
    assert len(found) == 1, found
    return found.pop()


PHONE, LETTERS, TICKETS = ("phone", "desk"), ("email", "letters"), ("ticket", "tickets")


@pytest.mark.parametrize(
    ("text", "repeat", "lost"),
    [
        (CALL_US, 0, 1),  # he was sent from mail to phone
        (PHOTO, 0, 0),  # our question may be answered on any channel
        (NOTHING, 1, 0),
        (f"Thanks.\n\n> {CALL_US}", 1, 0),
    ],
)
async def test_he_calls_after_our_mail(text: str, repeat: int, lost: int) -> None:
    assert await returns([("mail", mail("m", 0, text)), came(2 * HOUR)], PHONE) == ((1, repeat), (1, lost))


@pytest.mark.parametrize(("text", "repeat"), [(PHOTO, 0), (CALL_US, 0), (NOTHING, 1)])
async def test_he_writes_a_new_mail_after_our_mail(text: str, repeat: int) -> None:
    """The first of the two mails is assessed, too, and is no return."""
    stories = [("mail", mail("m", 0, text)), ("mail", mail("n", 2 * HOUR))]
    assert await returns(stories, LETTERS) == ((2, repeat), (2, 0))


async def test_who_has_answered_already_comes_again() -> None:
    stories = [("mail", [*mail("m", 0, PHOTO), event("m", "received", 1.5 * HOUR, "name:letters", "email")]), came(2 * HOUR)]
    assert await returns(stories, PHONE) == ((1, 1), (1, 1))  # and he waits for an answer to it


async def test_the_later_of_our_words_count() -> None:
    later = read(event("m", "replied", 1.5 * HOUR, "name:letters", "email"), NOTHING)
    assert await returns([("mail", [*mail("m", 0, PHOTO), later]), came(2 * HOUR)], PHONE) == ((1, 1), (1, 0))


async def test_two_replies_of_one_moment_ask_together() -> None:
    both = [*mail("m", 0, NOTHING), read(event("m", "replied", HOUR, "name:letters", "email", id="other"), CALL_US)]
    for replies in (both, [both[0], both[2], both[1]]):
        assert await returns([("mail", replies), came(2 * HOUR)], PHONE) == ((1, 0), (1, 1))


@pytest.mark.parametrize("details", [{"by": "bot"}, {"by": "rule"}])
async def test_a_machine_asks_nobody(details: dict[str, Any]) -> None:
    """Nobody has answered him, so he starts anew as well."""
    assert await returns([("mail", mail("m", 0, CALL_US, **details)), came(2 * HOUR)], PHONE) == ((1, 1), (1, 1))


async def test_a_question_that_did_not_arrive_is_none() -> None:
    bounced = event("m", "bounced", HOUR + 5, "name:letters", "email", event=f"m-replied-{HOUR:g}")
    assert await returns([("mail", [*mail("m", 0, CALL_US), bounced]), came(2 * HOUR)], PHONE) == ((1, 1), (1, 1))


def at_tickets(kind: str, seconds: float, **details: Any) -> Event:
    return event("t", kind, seconds, "name:tickets", "ticket", **details)


@pytest.mark.parametrize(
    ("more", "repeat"),
    [
        ([at_tickets("replied", HOUR), at_tickets("pending", HOUR, on="customer")], 0),
        ([at_tickets("replied", HOUR), at_tickets("pending", 1.5 * HOUR, on="customer")], 0),
        ([at_tickets("replied", HOUR), at_tickets("pending", HOUR, on="third_party")], 1),
        ([at_tickets("replied", HOUR), at_tickets("pending", HOUR, on="time")], 1),
        ([at_tickets("pending", 0.5 * HOUR, on="customer"), at_tickets("replied", HOUR)], 1),  # before our words
        ([at_tickets("replied", HOUR)], 1),
    ],
)  # fmt: skip
async def test_a_ticket_that_waits_for_the_customer_has_asked_him(more: list[Event], repeat: int) -> None:
    assert await returns([("rt", ticket("t", 0, *more)), came(2 * HOUR)], PHONE) == ((1, repeat), (1, 0))
