"""The connector on a real Redmine."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.connectors import redmine as connector_module
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.errors import AuthError, TransientError
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.live.helpdesk.conftest import STORIES
from tests.live.helpdesk.judged import by_contact, concluded, differences, read_whole
from tests.live.helpdesk.mail import mail_from
from tests.live.helpdesk.player import Player
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE, NOW
from tests.servers.helpdesk import BOT, READER, STRANGER
from tests.servers.redmine import REAL_SERVER, Redmine

pytestmark = [*REAL_SERVER, pytest.mark.waits(40)]


def connector(server: Redmine, clock: FakeClock, state: FakeState, **keys: Any) -> HelpdeskConnector:
    settings = {
        "type": "redmine", "url": server.url, "key": server.key, "timeout": "60s", "backfill": "90d",
        "promise_fields": ["due_date", "Promised by"], "robots": [BOT], "requests_per_minute": 60_000,
        "escalation": {"queues": [ESCALATION_QUEUE]}, "complaints": [{"project": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}],
    }  # fmt: skip
    return connector_module.connect(
        connector_module.Settings.model_validate(settings | keys), make_context(clock=clock, state=state)
    )


@pytest.mark.parametrize("system", ["redmine"])
@pytest.mark.parametrize("story", STORIES)
async def test_what_is_read_is_what_happened(played: Player, redmine: Redmine, story: str):
    state = FakeState()
    batches = await read_whole(connector(redmine, FakeClock(NOW), state), state)
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    assert batches[-1].untold is None or batches[-1].untold.why == ()
    different = differences(STORIES[story], "redmine", played.numbers, by_contact(batches))
    assert not different, "\n".join(different)


@pytest.mark.parametrize("system", ["redmine"])
@pytest.mark.parametrize("story", ["first"])
async def test_private_notes_need_not_be_seen(played: Player, redmine: Redmine, story: str):
    redmine.ruby("Role.find_by_name('Watcher').remove_permission!(:view_private_notes)")
    state = FakeState()
    found = by_contact(await read_whole(connector(redmine, FakeClock(NOW), state), state))
    assert "noted" not in {event.kind for events in found.values() for event in events}
    assert differences(STORIES[story], "redmine", played.numbers, found) == []


@pytest.fixture
def server(redmine: Redmine) -> Redmine:
    redmine.wind_back()
    redmine.clock.stand_at(NOW)
    return redmine


def ask(server: Redmine, name: str = "carol", project: str = "support") -> None:
    server.deliver(mail_from(name, project, "Where is it?", server.clock.now()), project)


async def both_wait(server: Redmine, clock: FakeClock, seconds: float) -> None:
    server.clock.advance(timedelta(seconds=seconds))
    await clock.advance(seconds)


def change(server: Redmine, issue: int, by: str = "alice", **fields: Any) -> None:
    server.client(by).put(f"/issues/{issue}.json", {"issue": fields})


@pytest.mark.parametrize("zone", ["Hawaii", "Kathmandu", "Samoa"])
async def test_the_zone_of_the_account_changes_nothing(server: Redmine, zone: str):
    server.ruby(f"User.find_by_login('{READER}').pref.update!(time_zone: '{zone}')")
    clock, state = FakeClock(NOW), FakeState()
    reader = connector(server, clock, state)
    ask(server)
    await both_wait(server, clock, 3 * 3600)
    told = by_contact(await read_whole(reader, state))
    assert {number: events[0].at for number, events in told.items()} == {"1": NOW}
    change(server, 1, notes="Here.")
    ask(server, "dave")
    await both_wait(server, clock, 15)
    assert set(by_contact(await read_whole(reader, state))) == {"1", "2"}
    await both_wait(server, clock, 15)
    assert by_contact(await read_whole(reader, state)) == {}


async def test_what_is_deleted_moved_or_out_of_sight_is_noticed(server: Redmine):
    server.ruby("Role.find_by_name('Watcher').update!(issues_visibility: 'default')")
    clock, state = FakeClock(NOW), FakeState()
    reader = connector(server, clock, state, projects=["support", "managers"], trackers=["Support", "Bug"])
    for name in ("carol", "dave", "erin", "frank", "gina"):
        ask(server, name)
    ask(server, "hugo", "projects")
    await both_wait(server, clock, 60)
    batches = await read_whole(reader, state)
    first = by_contact(batches)
    assert set(first) == {"1", "2", "3", "4", "5"}
    assert batches[-1].untold is not None
    assert "role Watcher of this account hides issues" in batches[-1].untold.why[0]
    assert server.client("alice").ask("DELETE", "/issues/1.json").status == 204
    change(server, 2, project_id=server.facts("projects")["projects"])
    change(server, 3, is_private=True)
    change(server, 4, tracker_id=server.facts("trackers")["Feature"])
    change(server, 5, project_id=server.facts("projects")["managers"])
    await both_wait(server, clock, 60)
    told = by_contact(await read_whole(reader, state))
    assert {number: (events[-1].kind, events[-1].reason, events[-1].place) for number, events in told.items()} == {
        "1": ("discarded", "deleted", "project:support"),
        "2": ("discarded", "out_of_sight", "project:support"),
        "3": ("discarded", "out_of_sight", "project:support"),
        "4": ("discarded", "out_of_sight", "project:support"),
        "5": ("escalated", None, "project:managers"),
    }
    change(server, 2, project_id=server.facts("projects")["support"])
    await both_wait(server, clock, 60)
    back = by_contact(await read_whole(reader, state))["2"]
    waits, _ = concluded([*first["2"], *told["2"], *back], clock.now())
    assert waits == [("reply", NOW, None, "open"), ("resolution", NOW, None, "open")]


async def test_more_than_a_page_is_read_to_its_end(server: Redmine):
    server.ruby(
        "230.times { |n| Issue.create!(project_id: 1, tracker_id: 3, author: User.find_by_login('stranger'), "
        "status_id: n.odd? ? 5 : 1, priority_id: 2, subject: n.to_s) }"
    )
    clock, state = FakeClock(NOW), FakeState()
    await both_wait(server, clock, 60)
    told = by_contact(await read_whole(connector(server, clock, state), state))
    assert {int(number) for number in told} == set(range(1, 231))
    assert {events[-1].kind for number, events in told.items() if int(number) % 2 == 0} == {"resolved"}


async def test_a_group_is_nobody_and_several_values_are_one_field(server: Redmine):
    made = server.ruby(
        "Setting.issue_group_assignment = '1'; g = Group.create!(name: 'Workshop'); "
        "Member.create!(project_id: 1, principal: g, roles: [Role.find_by_name('Agent')]); "
        "f = IssueCustomField.create!(name: 'Kinds', field_format: 'list', multiple: true, is_for_all: true, "
        "possible_values: %w[Praise Complaint], tracker_ids: Tracker.pluck(:id)); puts [g.id, f.id].join(' ')"
    )
    group, kinds = map(int, made.split())
    ask(server)
    for fields in (
        {"assigned_to_id": group}, {"assigned_to_id": server.facts("ids")["alice"]}, {"assigned_to_id": group},
        {"custom_fields": [{"id": kinds, "value": ["Praise"]}]},
        {"custom_fields": [{"id": kinds, "value": ["Praise", "Complaint"]}]},
        {"custom_fields": [{"id": kinds, "value": ["Praise"]}]},
    ):  # fmt: skip
        server.clock.advance(timedelta(seconds=10))
        change(server, 1, **fields)
    clock, state = FakeClock(NOW + timedelta(minutes=5)), FakeState()
    reader = connector(server, clock, state, complaints=[{"field": "Kinds", "value": "complaint", "sector": "energy"}])
    told = by_contact(await read_whole(reader, state))["1"]
    assert [event.to for event in told if event.kind == "assigned"] == [None, None, str(server.facts("ids")["alice"]), None]
    complaints = [(e.sector, e.withdrawn, e.at - NOW) for e in told if e.kind == "complained"]
    assert complaints == [("energy", False, timedelta(seconds=50)), (None, True, timedelta(seconds=60))]


async def test_check_on_the_real_one(server: Redmine):
    findings = [finding async for finding in connector(server, FakeClock(NOW), FakeState()).check()]
    assert [finding.text for finding in findings if finding.ok is False] == []
    said = [finding.text for finding in findings]
    assert "projects that this account sees: 4 (complaints, managers, projects, support)" in said
    assert "staff: 3 accounts by being members who may edit issues; robots: chatbot" in said
    assert said[-1] == "the roles of the account may not change anything"


async def test_accounts_that_do_not_fit_are_told_by_check(server: Redmine):
    keys = server.facts("keys")
    said = {
        name: [f.text async for f in connector(server, FakeClock(NOW), FakeState(), key=keys[name]).check() if f.ok is False]
        for name in (STRANGER, "alice", "admin")
    }
    assert said[STRANGER][0] == "projects that this account sees: 0"
    assert "role Agent of the account may write" in said["alice"][-1]
    assert "administrator" in said["admin"][-1]


async def test_a_redmine_that_everybody_may_read_still_has_to_accept_the_key(server: Redmine):
    server.ruby("Setting.login_required = '0'; Project.update_all(is_public: true)")
    server.stop()  # settings are read at its start
    server.start()
    state = FakeState()
    with pytest.raises(AuthError, match="does not accept the key"):
        await read_whole(connector(server, FakeClock(NOW), state, key="0" * 40), state)


async def test_a_key_that_is_taken_away_and_a_server_that_stops_lose_nothing(server: Redmine):
    clock, state = FakeClock(NOW), FakeState()
    reader = connector(server, clock, state)
    ask(server)
    await both_wait(server, clock, 60)
    told = by_contact(await read_whole(reader, state))
    change(server, 1, notes="Here.")
    server.ruby(f"User.find_by_login('{READER}').lock!")
    with pytest.raises(AuthError, match="does not accept the key"):
        await read_whole(reader, state)
    server.ruby(f"User.find_by_login('{READER}').activate!")
    server.stop()
    with pytest.raises(TransientError, match="cannot be reached"):
        await read_whole(reader, state)
    server.start()
    await both_wait(server, clock, 600)
    told["1"] += by_contact(await read_whole(reader, state))["1"]
    assert [event.kind for event in told["1"] if not event.id.endswith(":first")] == ["opened", "opened", "replied"]
