"""What a real Redmine recorded of issues, turned into events: what is concluded is what happened in the stories."""

import pytest

from monitor.connector import Event
from monitor.connectors._http.fields import items, name
from monitor.connectors._redmine import Names, Reader, number, projects_of, proven_staff, states_of
from monitor.connectors._tickets.events import Verdict, events_of
from monitor.connectors._tickets.facts import PRIORITY, QUEUE, STATUS
from monitor.connectors._tickets.people import People
from monitor.connectors._tickets.rules import rules_of
from monitor.connectors.redmine import PLACES, Settings
from tests.connectors.recorded_answers import RECORDINGS, recorded
from tests.live.helpdesk import first_story, second_story
from tests.live.helpdesk.judged import differences
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE

SETTINGS = Settings.model_validate(
    {
        "type": "redmine", "url": "http://desk.example", "key": "x", "promise_fields": ["due_date", "Promised by"],
        "escalation": {"queues": [ESCALATION_QUEUE]}, "complaints": [{"project": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}],
    }
)  # fmt: skip
STATUSES = items(recorded("redmine", "statuses").json(), "issue_statuses")
PRIORITIES = [name(each, "name") for each in items(recorded("redmine", "priorities").json(), "issue_priorities")]
RULES = rules_of(SETTINGS, place=QUEUE, states=states_of(STATUSES), rank=lambda p: float(PRIORITIES.index(p)), promise_fields=())
PEOPLE = {number(each, "user", "id"): each for each in items(recorded("redmine", "memberships").json(), "memberships")}
AGENTS = frozenset(who for who, each in PEOPLE.items() if name(each, "roles", 0, "name") == "Agent")
BOT = next(who for who, each in PEOPLE.items() if name(each, "roles", 0, "name") == "Robot")
PROJECTS = {
    number(each, "id"): name(each, "identifier")
    for page in ("projects", "projects_last_page")
    for each in items(recorded("redmine", page).json(), "projects")
}
STORY = {ticket.key: ticket for ticket in (*first_story.TICKETS, *second_story.TICKETS)}
KEYS = sorted(key for path in (RECORDINGS / "redmine").glob("issue_*.json") if (key := path.stem.removeprefix("issue_")) in STORY)
#: What the words of the newest message of this one turned out to be.
VERDICTS: dict[str, Verdict] = {"thanks": "thanks"}


def events(key: str) -> list[Event]:
    data = recorded("redmine", f"issue_{key}").json()["issue"]
    names = Names({
        STATUS: {number(each, "id"): name(each, "name") for each in STATUSES}, QUEUE: PROJECTS,
        PRIORITY: {str(place): called for place, called in enumerate(PRIORITIES, 1)},
    }, frozenset(number(each, "id") for each in STATUSES if each["is_closed"]))  # fmt: skip
    people = People(AGENTS | proven_staff(data) - {BOT}, frozenset({BOT}), "", "")
    assert set(projects_of(data)) <= PROJECTS.keys()
    ticket = Reader(names, people, frozenset(), "desk").ticket(data)
    newest = ticket.public_messages()[-1:]
    verdicts = {message.stamp.id: VERDICTS[key] for message in newest if key in VERDICTS}
    return events_of(ticket, RULES, PLACES[0], lambda raw: f"hash of {len(raw)}", verdicts)


@pytest.mark.parametrize("key", [key for key in KEYS if key != "deleted"])
def test_what_is_concluded_is_what_happened(key: str):
    found = events(key)
    assert differences([STORY[key]], "redmine", {key: found[0].contact}, {found[0].contact: found}) == []


def test_most_of_what_was_recorded_is_looked_at():
    assert len(KEYS) >= 20
