"""Redmine's connector against a scripted REST interface on loopback: reading, rights, errors, costs, `check`."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from monitor.connectors import redmine
from monitor.errors import AuthError, ConfigError, SourceError, TransientError
from monitor.testing import ConnectorContract, FakeClock, SourceScenario
from tests.connectors.recorded_answers import recorded
from tests.connectors.redmine_desk import NOW, Desk, connector, filled, scripted_desk
from tests.connectors.scripted_redmine import ALICE, KEY, ScriptedRedmine, scripted_redmine


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    async with scripted_desk(clock) as found:
        yield found


class TestContract(ConnectorContract):
    module = redmine

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        clock = FakeClock(NOW)
        server = ScriptedRedmine(clock)
        filled(server)
        await clock.advance(600)
        async with scripted_redmine(server) as url:
            settings = {"url": url, "key": KEY, "requests_per_minute": 60_000}
            yield SourceScenario(
                settings,
                contacts={
                    "17": ["opened", "assigned", "replied", "received", "resolved"],
                    "18": ["opened", "assigned", "noted"],
                    "19": ["opened", "assigned"],
                },
                personal={"Anna", "umbrella", "Where is it", "Thank you", "is he the one", "alice", "Alice"},
                secrets={KEY},
                clock=clock,
                changes=lambda: server.wrote,
                unreachable={**settings, "url": "http://127.0.0.1:9"},
            )


# what is not there, and what is not wanted


@pytest.mark.parametrize("reason", ["deleted", "out_of_sight"])
async def test_an_open_issue_that_is_gone(desk: Desk, clock: FakeClock, reason: str):
    desk.server.open(17)
    desk.server.open(18)
    await desk.poll()
    if reason == "deleted":
        del desk.server.issues[17]
    else:
        desk.server.hidden.add(17)
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "reason", "place")[-1] == ("discarded", reason, "project:support")
    assert desk.told("18") == [("opened",)]


@pytest.mark.parametrize(("key", "called", "other"), [("projects", "project_id", "2"), ("trackers", "tracker_id", "1")])
async def test_only_what_is_wanted_is_read(desk: Desk, clock: FakeClock, key: str, called: str, other: str):
    desk.restart(**{key: ["Support"]})
    desk.server.open(17)
    desk.server.open(18)
    desk.server.set(18, called, other)
    await desk.poll()
    assert {contact for contact, _ in desk.events} == {"17"}
    desk.server.set(17, called, other)
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "reason")[-1] == ("discarded", "out_of_sight")


async def test_projects_that_are_not_there(desk: Desk):
    desk.restart(projects=["support", "gone"])
    desk.server.open(17)
    desk.server.open(18, project={"id": 2, "name": "Projects"})
    await desk.poll()
    assert {contact for contact, _ in desk.events} == {"17"}
    assert desk.batches[-1].untold is not None
    assert "project gone" in desk.batches[-1].untold.why[0]
    desk.restart(projects=["gone"])
    with pytest.raises(ConfigError, match="sees none of gone"):
        await desk.poll()
    desk.restart(projects=[], trackers=["Complaint"])
    with pytest.raises(ConfigError, match="nothing is called Complaint; there are bug, support"):
        await desk.poll()


async def test_a_role_that_hides_issues_is_told(desk: Desk):
    desk.server.roles["7"]["issues_visibility"] = "own"
    await desk.poll()
    assert desk.batches[-1].untold is not None
    assert desk.batches[-1].untold.why == ("role Watcher of this account hides issues: set its issues visibility to all issues",)


# pages and moments


async def test_issues_that_vanish_or_change_while_pages_are_turned_move_no_other(desk: Desk, clock: FakeClock):
    desk.server.per_page = 10
    for number in range(1, 36):
        desk.server.open(number)
    await clock.advance(600)
    desk.server.meanwhile = [lambda: desk.server.issues.pop(3), lambda: desk.server.say(1, ALICE)]
    await desk.poll()
    assert {int(contact) for contact, _ in desk.events} == set(range(1, 36)) - {3}
    assert desk.told("1") == [("opened",)]
    await clock.advance(60)
    await desk.poll()
    assert desk.told("1") == [("opened",), ("replied",)]


async def test_a_change_in_the_second_of_reading_is_seen(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    await desk.poll()
    desk.server.say(17, ALICE)
    await clock.advance(15)
    await desk.poll()
    assert desk.told("17") == [("opened",), ("replied",)]


async def test_a_filter_that_is_not_understood_stops_the_source(desk: Desk, clock: FakeClock):
    desk.server.open(17, at=NOW - timedelta(days=60))
    everything = json.dumps({"issues": list(desk.server.issues.values()), "total_count": 1}).encode()
    desk.server.instead = [("updated_on", 200, {}, everything)]
    with pytest.raises(TransientError, match="does not understand the filter"):
        await desk.poll()


# errors


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "reason"),
    [
        (401, {}, b"", AuthError, "auth"),
        (403, {}, b"", AuthError, "auth"),
        (404, {}, b"", TransientError, "protocol"),
        (422, {}, b'{"errors":["Updated is invalid"]}', TransientError, "protocol"),
        (429, {"Retry-After": "7"}, b"", TransientError, "rate_limit"),
        (500, {}, b"<html>", TransientError, "connect"),
        (200, {}, b"<html><form>Log in</form></html>", TransientError, "protocol"),
        (200, {}, b'{"issues": 5}', TransientError, "protocol"),
        (200, {}, b'{"issues": [{"id": 17}], "total_count": 1}', TransientError, "protocol"),
        (200, {}, b'{"issues": []}', TransientError, "protocol"),
    ],
)
async def test_an_error_of_the_list_ends_the_pass_and_the_next_one_loses_nothing(
    desk: Desk, clock: FakeClock, status: int, headers: dict[str, str], body: bytes, kind: type[SourceError], reason: str
):  # fmt: skip
    filled(desk.server)
    await desk.poll()
    desk.server.say(18, ALICE)
    desk.server.instead = [("updated_on", status, headers, body)]
    await clock.advance(15)
    with pytest.raises(SourceError) as caught:
        await desk.poll()
    assert (type(caught.value), caught.value.reason) == (kind, reason)
    assert getattr(caught.value, "retry_after", None) == (7 if "Retry-After" in headers else None)
    assert KEY not in repr(caught.value)
    await desk.poll()
    assert desk.told("18") == [("opened",), ("noted",), ("replied",)]


async def test_a_key_that_is_no_longer_accepted_is_noticed_where_everybody_may_read(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    await desk.poll()
    desk.server.instead = [("/users/current", 401, {}, b"")]
    await clock.advance(15)
    with pytest.raises(AuthError, match="does not accept the key"):
        await desk.poll()
    assert desk.server.asked == ["/users/current.json"]


def journal(**fields: Any) -> dict[str, Any]:
    told = {"id": 1, "user": {"id": 5, "name": "Alice Desk"}, "notes": "", "created_on": "2026-11-18T12:00:00Z", "details": []}
    return told | fields


@pytest.mark.parametrize(
    "broken",
    [
        {"journals": None}, {"journals": 5}, {"journals": [None]}, {"journals": [journal(id="x")]},
        {"journals": [journal(id=None)]}, {"journals": [journal(created_on="yesterday")]},
        {"journals": [journal(created_on="2026-13-41T12:00:00Z")]}, {"journals": [journal(created_on=None)]},
        {"journals": [journal(details=None)]}, {"journals": [journal(user={"id": []})]},
        {"journals": [journal(details=[{"property": "attr", "name": {}}])]}, {"status": None}, {"project": {"id": []}},
        {"project": None}, {"created_on": 5}, {"custom_fields": {}}, {"custom_fields": [{"id": 1}]}, {"author": {"id": {}}},
    ],
)  # fmt: skip
async def test_an_issue_that_is_none_is_set_aside_and_the_next_one_is_read(desk: Desk, clock: FakeClock, broken: dict[str, Any]):
    desk.server.open(17)
    desk.server.open(18)
    await clock.advance(600)
    content = json.dumps({"issue": desk.server.issues[17] | broken}).encode()
    desk.server.instead = [("/issues/17.json", 200, {}, content)]
    await desk.poll()
    rejected = [each for batch in desk.batches for each in batch.rejected]
    assert [(each.reason, each.sample.partition(":")[0]) for each in rejected] == [("malformed", "ticket 17")]
    assert {contact for contact, _ in desk.events} == {"18"}
    await clock.advance(15)
    assert [path for path in await desk.poll() if path.startswith("/issues/")] == []


@pytest.mark.parametrize(
    "odd",
    [
        {"relations": None}, {"relations": [{"id": 1}]}, {"custom_fields": None}, {"author": None}, {"assigned_to": {"id": 77}},
        {"due_date": "soon"}, {"due_date": "2026-13-41"}, {"due_date": {}}, {"journals": [journal(notes=None)]},
        {"journals": [journal(user=None)]}, {"journals": [journal(details=[None])]}, {"journals": [journal(details=[{}])]},
        {"journals": [journal(details=[{"property": "attr", "name": "project_id", "old_value": "88", "new_value": "1"}])]},
        {"journals": [journal(details=[{"property": "attr", "name": "status_id", "old_value": "88", "new_value": "1"}])]},
        {"journals": [journal(details=[{"property": "relation", "name": "duplicates", "old_value": None, "new_value": None}])]},
        {"status": {"id": 88, "name": "Of tomorrow", "is_closed": False}}, {"subject": "\u202e\x00" * 400},
    ],
)  # fmt: skip
async def test_what_is_odd_or_missing_does_no_harm(desk: Desk, odd: dict[str, Any]):
    desk.server.open(17)
    desk.server.issues[17] |= odd
    await desk.poll()
    assert [each for batch in desk.batches for each in batch.rejected] == []
    assert desk.told("17")[0] == ("opened",)


async def test_what_is_asked_is_what_the_recorded_list_was_asked(desk: Desk, clock: FakeClock):
    desk.server.per_page = 1
    for number in (14, 15):
        desk.server.open(number)
    asked = [parse_qsl(path.partition("?")[2]) for path in await desk.poll() if "updated_on" in path]
    once = parse_qsl(recorded("redmine", "issues").path.partition("?")[2])
    assert len(asked) == 2
    assert asked[-1] == [(key, "2026-10-19T11:45:00Z" if "updated_on" in key and key[0] == "v" else held) for key, held in once]


# costs


async def test_a_pass_costs_what_changed(desk: Desk, clock: FakeClock):
    for number in range(1, 251):
        desk.server.open(number)
    await clock.advance(7200)
    await desk.poll()
    for number in range(10, 60):
        desk.server.say(number, ALICE)
    await clock.advance(60)
    asked = await desk.poll()
    assert len([path for path in asked if path.startswith("/issues/")]) == 50
    assert len(asked) <= 50 + 13  # and the list, the look, who we are; once an hour names, roles, members
    await clock.advance(15)
    assert [path.partition("?")[0] for path in await desk.poll()] == ["/users/current.json", "/issues.json"]


async def test_one_request_waits_for_the_other(desk: Desk, clock: FakeClock):
    for number in range(1, 41):
        desk.server.open(number)
    await desk.poll()
    assert desk.server.most_together == 1


# check


async def test_check_says_who_is_who_and_what_is_seen(desk: Desk, clock: FakeClock):
    filled(desk.server)
    desk.restart(robots=["chatbot", "nobody"])
    desk.connector = connector(desk.keys, clock, desk.state, ("project:sales",))
    desk.server.hidden_members = {"3"}
    assert await desk.findings() == [
        (True, f"{desk.keys['url']} answers"),
        (None, "http:// sends the key in clear: use https:// where the network is not yours"),
        (True, "projects that this account sees: 3 (managers, projects, support)"),
        (False, "project sales: this account does not see it; check its name, and the account's rights"),
        (False, "members are not seen in managers: give the role the right to view members"),
        (True, "staff: 2 accounts by being members who may edit issues; robots: chatbot, nobody"),
        (False, "nobody: no member has this login; for others write the number of the account"),
        (True, "the roles of the account may not change anything"),
    ]


async def test_check_tells_an_account_that_may_write(desk: Desk):
    desk.server.roles["7"]["permissions"] = ["view_issues", "edit_issues", "add_issue_notes", "export_wiki_pages"]
    assert (False, "role Watcher of the account may write: take add_issue_notes, edit_issues from it") in await desk.findings()
    desk.server.admin = True
    assert (False, "the account is an administrator, who may change everything: take another one") in await desk.findings()


async def test_check_with_a_wrong_key(desk: Desk):
    desk.restart(key="wrong")
    with pytest.raises(AuthError, match="key"):
        await desk.findings()


def test_the_scripted_server_answers_in_the_shapes_of_the_real_one():
    server = ScriptedRedmine(FakeClock(NOW))
    filled(server)
    server.set(18, "assigned_to_id", ALICE)
    server.duplicates(18, of=17)
    real = recorded("redmine", "issue_merged_away").json()["issue"]
    listed = recorded("redmine", "issues").json()
    assert {issue["id"] for issue in listed["issues"]} == set(range(15, 15 + listed["total_count"]))
    assert listed["issues"][0].keys() <= server.issues[18].keys() | real.keys() | {"assigned_to"}
    assert server.issues[18].keys() <= real.keys() | {"assigned_to"}
    assert server.issues[18]["custom_fields"][0].keys() <= real["custom_fields"][0].keys()
    assert server.issues[18]["relations"][0].keys() == real["relations"][0].keys()
    for scripted in server.issues[18]["journals"]:
        assert scripted.keys() == real["journals"][0].keys()
        assert all(detail.keys() == real["journals"][0]["details"][0].keys() for detail in scripted["details"])
