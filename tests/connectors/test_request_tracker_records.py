"""What a real Request Tracker recorded of tickets, turned into events: what is concluded is what happened in the stories."""

from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.connector import Event
from monitor.connectors._http.fields import items, name
from monitor.connectors._request_tracker import Reader, rank, value, values_held
from monitor.connectors._tickets.events import Verdict, events_of
from monitor.connectors._tickets.facts import QUEUE
from monitor.connectors._tickets.people import People
from monitor.connectors._tickets.rules import rules_of
from monitor.connectors.request_tracker import PLACES, STATES, Settings
from tests.connectors.recorded_answers import RECORDINGS, recorded
from tests.live.helpdesk import first_story, second_story
from tests.live.helpdesk.judged import differences
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE

SETTINGS = Settings.model_validate(
    {
        "type": "request_tracker", "url": "http://desk.example", "token": "x", "robots": ["chatbot"],
        "escalation": {"queues": [ESCALATION_QUEUE]}, "complaints": [{"queue": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}],
    }
)  # fmt: skip
RULES = rules_of(SETTINGS, place=QUEUE, states=STATES, rank=rank, promise_fields=("Due", "Promised by"))
STORY = {ticket.key: ticket for ticket in (*first_story.TICKETS, *second_story.TICKETS)}
QUEUES = {
    name(each, "id"): name(each, "Name")
    for page in ("queues", "queues_last_page")
    for each in items(recorded("request_tracker", page).json(), "items")
}
LISTED = {name(each, "id"): each for each in items(recorded("request_tracker", "tickets").json(), "items")}
#: A merged ticket shows the other one's history, a deleted one is in no list.
KEYS = sorted(
    key
    for path in (RECORDINGS / "request_tracker").glob("ticket_*.json")
    if (key := path.stem.removeprefix("ticket_")) in STORY and not key.startswith(("merged_", "deleted"))
)
#: What the words of the newest message of these turned out to be (test_request_tracker.py looks at words).
VERDICTS: dict[str, Verdict] = {"thanks": "thanks", "away": "automatic"}


def events(key: str) -> list[Event]:
    records: list[Any] = items(recorded("request_tracker", f"history_{key}").json(), "items")
    ref = recorded("request_tracker", f"ticket_{key}").path.rpartition("/")[2]
    data = LISTED[ref]
    requestors = [name(each, "id") for each in items(data, "Requestor")]
    people = People.of(SETTINGS, ["alice", "bob", "cindy", "chatbot"], ["RT_System"], "being privileged")
    fields = {name(each, "id"): name(each, "name") for each in items(data, "CustomFields")}
    ticket = Reader(ref, QUEUES, people, requestors, fields, "6").ticket(data, values_held(data, None), records)
    newest = ticket.public_messages()[-1:]
    verdicts = {message.stamp.id: VERDICTS[key] for message in newest if key in VERDICTS}
    return events_of(ticket, RULES, PLACES[0], lambda raw: f"hash of {len(raw)}", verdicts)


@pytest.mark.parametrize("key", KEYS)
def test_what_is_concluded_is_what_happened(key: str):
    found = events(key)
    number = found[0].contact
    assert differences([STORY[key]], "request_tracker", {key: number}, {number: found}) == []


def test_most_of_what_was_recorded_is_looked_at():
    assert len(KEYS) >= 18


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-20 12:00:00", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("2026-11-20T12:00:00Z", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20).date()),  # noqa: DTZ001
        ("1970-01-01 00:00:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("1970-01-01", None),
        ("1970-01-02", datetime(1970, 1, 2).date()),  # noqa: DTZ001
        ("", None),
        (None, None),
        ("2026-13-41 12:00:00", "2026-13-41 12:00:00"),
        ("gold", "gold"),
        (5, "5"),
        ("x" * 500, "x" * 200),
    ],
)
def test_values(text: Any, meant: Any):
    assert value({"NewValue": text}, "NewValue") == meant


@pytest.mark.parametrize(("text", "number"), [("50", 50.0), ("-5", -5.0), ("high", None), ("", None), ("5" * 30, None)])
def test_priorities_are_numbers(text: str, number: float | None):
    assert rank(text) == number
