"""What a real Znuny recorded of tickets, turned into events: what is concluded is what happened in the stories."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.connector import Event
from monitor.connectors._http.fields import items, part
from monitor.connectors._tickets.events import Verdict, events_of
from monitor.connectors._tickets.facts import QUEUE
from monitor.connectors._tickets.rules import rules_of
from monitor.connectors._znuny import STATES, Reader, Sides, Zone, rank
from monitor.connectors.znuny import PLACES, Settings
from monitor.errors import DataError
from monitor.testing import FakeClock
from tests.connectors.recorded_answers import RECORDINGS, recorded
from tests.connectors.scripted_znuny import ScriptedZnuny
from tests.connectors.znuny_desk import NOW, filled
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
BERLIN = Zone(ZoneInfo("Europe/Berlin"))
STORY = {ticket.key: ticket for ticket in (*first_story.TICKETS, *second_story.TICKETS)}
KEYS = sorted(path.stem.removeprefix("ticket_") for path in (RECORDINGS / "znuny").glob("ticket_*.json"))
#: What the words of the newest message of these turned out to be (test_znuny.py looks at words).
VERDICTS: dict[str, Verdict] = {"thanks": "thanks"}


def events(key: str) -> list[Event]:
    data = part(recorded("znuny", f"ticket_{key}").json(), "Ticket", 0)
    records: list[Any] = items(recorded("znuny", f"history_{key}").json(), "TicketHistory", 0, "History")
    ticket = Reader(Zone(UTC), SIDES, {}, data, records).ticket()
    verdicts = {message.stamp.id: VERDICTS[key] for message in ticket.public_messages()[-1:] if key in VERDICTS}
    return events_of(ticket, RULES, PLACES[0], lambda raw: f"hash of {len(raw)}", verdicts)


@pytest.mark.parametrize("key", KEYS)
def test_what_is_concluded_is_what_happened(key: str):
    found = events(key)
    number = found[0].contact
    assert differences([STORY[key]], "znuny", {key: number}, {number: found}) == []


def test_all_of_what_was_recorded_is_looked_at():
    assert len(KEYS) == 21


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-20 12:00:00", datetime(2026, 11, 20, 11, tzinfo=UTC)),
        ("2026-11-20 12:00", datetime(2026, 11, 20, 11, tzinfo=UTC)),
        ("2026-11-20", date(2026, 11, 20)),
        ("0000-00-00 00:00:00", "0000-00-00 00:00:00"),
        ("00-00-00 00:00", "00-00-00 00:00"),
        ("0001-01-01 00:00:00", "0001-01-01 00:00:00"),  # in UTC before the first year
        ("2026-13-41 12:00:00", "2026-13-41 12:00:00"),
        ("gold", "gold"),
        ("", None),
        (None, None),
        ("x" * 500, "x" * 200),
    ],
)
def test_values(text: str | None, meant: Any):
    assert BERLIN.value(text) == meant


#: In Berlin it is half past two on 25 October at both of these.
EARLIER, LATER = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "meant"),
    [
        (None, EARLIER),
        (EARLIER, EARLIER),
        (LATER - timedelta(seconds=61), EARLIER),
        (LATER - timedelta(seconds=60), LATER),
        (LATER, LATER),
        (LATER + timedelta(days=300), LATER),
    ],
)
def test_of_the_hour_that_comes_twice(until: datetime | None, meant: datetime):
    assert BERLIN.moment("2026-10-25 02:30:00", until=until) == meant


@pytest.mark.parametrize(
    ("since", "now", "wall_clock"),
    [
        (EARLIER, EARLIER, "2026-10-25 02:30:00"),
        (EARLIER, LATER, "2026-10-25 01:30:00"),  # what is changed now has an earlier wall clock than what was
        (LATER, LATER, "2026-10-25 02:30:00"),
        (EARLIER - timedelta(days=30), LATER, "2026-09-25 01:30:00"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 1, tzinfo=UTC), "2026-03-29 01:59:00"),
    ],
)
def test_from_when_is_searched(since: datetime, now: datetime, wall_clock: str):
    assert BERLIN.wall_clock(since, now) == wall_clock


@pytest.mark.parametrize(
    ("text", "number"),
    [("3 normal", 3.0), ("10 dire", 10.0), ("5", 5.0), ("high", None), ("3rd", None), ("", None), ("9" * 30, None)],
)
def test_priorities_begin_with_their_number(text: str, number: float | None):
    assert rank(text) == number


async def test_the_scripted_server_answers_in_the_shapes_of_the_real_one():
    clock = FakeClock(NOW)
    server = ScriptedZnuny(clock)
    await filled(server, clock)
    real_ticket = part(recorded("znuny", "ticket_in_time").json(), "Ticket", 0)
    real_record = part(recorded("znuny", "history_in_time").json(), "TicketHistory", 0, "History", 0)
    assert server.tickets[17].keys() <= real_ticket.keys()
    assert all(article.keys() <= real_ticket["Article"][0].keys() for article in server.articles[17])
    assert all(record.keys() <= real_record.keys() for record in server.records[17])


#: What may stand anywhere in an answer.
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.just([]), st.just({}),
    st.sampled_from(
        ["%%", "%%a%%b", "2026-11-18 12:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "%%FieldName%%x", "1", 10**30]
    ),
)  # fmt: skip


def steps(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in some JSON."""
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield (*path, key)
        yield from steps(data[key], (*path, key))


@given(st.data())
def test_whatever_stands_anywhere_is_understood_or_refused(choose: st.DataObject):
    key = choose.draw(st.sampled_from(["in_time", "merged_away", "due_slipped", "reopened_twice"]))
    data = recorded("znuny", f"ticket_{key}").json()["Ticket"][0]
    records = recorded("znuny", f"history_{key}").json()["TicketHistory"][0]["History"]
    whole = {"data": data, "records": records}
    *way, last = choose.draw(st.sampled_from([each for each in steps(whole) if len(each) > 1]))
    place: Any = whole
    for step in way:
        place = place[step]
    place[last] = choose.draw(ANYTHING)
    try:
        ticket = Reader(BERLIN, SIDES, {}, whole["data"], whole["records"]).ticket()
    except DataError:
        return
    events_of(ticket, RULES, PLACES[0], str, {})
