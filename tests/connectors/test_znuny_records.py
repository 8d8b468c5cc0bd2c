"""What a real Znuny recorded of tickets, turned into events: what is concluded is what happened in the stories."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.connector import Event
from monitor.connectors._http.fields import items, part
from monitor.connectors._tickets.events import Verdict, events_of
from monitor.connectors._tickets.facts import QUEUE
from monitor.connectors._tickets.rules import rules_of
from monitor.connectors._znuny import STATES, Reader, Sides, Zone, rank
from monitor.connectors.znuny import PLACES, Settings
from tests.connectors.recorded_answers import RECORDINGS, recorded
from tests.live.helpdesk import first_story, second_story
from tests.live.helpdesk.judged import differences
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE

SETTINGS = Settings.model_validate(
    {
        "type": "znuny", "url": "http://desk.example", "username": "monitor", "password": "x",
        "promise_fields": ["DueBy", "PromisedBy"], "escalation": {"queues": [ESCALATION_QUEUE]},
        "complaints": [{"queue": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}],
    }
)  # fmt: skip
RULES = rules_of(SETTINGS, place=QUEUE, states=STATES, rank=rank, promise_fields=())
SIDES = Sides(frozenset({"alice@desk.example"}), frozenset({"chatbot@desk.example"}))
UTC_ZONE = Zone(ZoneInfo("UTC"))
STORY = {ticket.key: ticket for ticket in (*first_story.TICKETS, *second_story.TICKETS)}
KEYS = sorted(path.stem.removeprefix("ticket_") for path in (RECORDINGS / "znuny").glob("ticket_*.json"))
#: What the words of the newest message of these turned out to be (test_znuny.py looks at words).
VERDICTS: dict[str, Verdict] = {"thanks": "thanks"}


def events(key: str) -> list[Event]:
    data = part(recorded("znuny", f"ticket_{key}").json(), "Ticket", 0)
    records: list[Any] = items(recorded("znuny", f"history_{key}").json(), "TicketHistory", 0, "History")
    ticket = Reader(UTC_ZONE, SIDES, {}, data, records).ticket()
    verdicts = {message.stamp.id: VERDICTS[key] for message in ticket.public_messages()[-1:] if key in VERDICTS}
    return events_of(ticket, RULES, PLACES[0], lambda raw: f"hash of {len(raw)}", verdicts)


@pytest.mark.parametrize("key", KEYS)
def test_what_is_concluded_is_what_happened(key: str):
    found = events(key)
    number = found[0].contact
    assert differences([STORY[key]], "znuny", {key: number}, {number: found}) == []


def test_all_of_what_was_recorded_is_looked_at():
    assert len(KEYS) == 21
