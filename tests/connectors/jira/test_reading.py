"""How Jira Service Management is read: pages, marks, the index that is behind, rights, and what `check` says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from monitor.connectors import jira_service_management
from monitor.errors import AuthError, TransientError
from monitor.testing import ConnectorContract, FakeClock, SourceScenario
from tests.connectors.jira.desk import NOW, Desk, asked_for, opened, read, simulated_desk
from tests.connectors.jira.shapes import ALICE, RESOLVED, TOKEN, USERNAME
from tests.connectors.jira.simulator import Simulator
from tests.connectors.simulated import served

SEARCH, BULK = "/search/jql", "/changelog/bulkfetch"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    async with simulated_desk(clock) as found:
        yield found


class TestContract(ConnectorContract):
    module = jira_service_management

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        clock = FakeClock(NOW)
        simulator = Simulator(clock)
        simulator.limits.per_minute = 1_000_000
        anna = simulator.customer("anna")
        simulator.open(17, text="Where is my umbrella?")
        simulator.say(17, ALICE, "Which one?")
        await clock.advance(60)
        simulator.say(17, anna, "Thank you!")
        simulator.set(17, ALICE, status=RESOLVED)
        simulator.open(18, "bert")
        simulator.say(18, ALICE, "Between us: is he the one?", public=False)
        for number in range(19, 42):
            simulator.open(number, "carla", project="PRJ")
        await clock.advance(600)
        async with served(simulator) as url:
            settings = {"url": url, "username": USERNAME, "token": TOKEN, "requests_per_minute": 60_000}
            yield SourceScenario(
                settings,
                contacts={
                    "SUP-17": ["opened", "assigned", "replied", "received", "resolved"],
                    "SUP-18": ["opened", "assigned", "noted"],
                    **{f"PRJ-{number}": ["opened", "assigned"] for number in range(19, 42)},
                },
                personal={
                    "anna", "bert", "umbrella", "Thank you", "is he the one", "alice", "Alice", "customer.example", "qm:",
                },
                secrets={TOKEN},
                clock=clock,
                changes=lambda: simulator.wrote,
                unreachable={**settings, "url": "http://127.0.0.1:9"},
            )  # fmt: skip


# passes


async def test_a_pass_in_which_nothing_changed_is_one_request(desk: Desk, clock: FakeClock):
    opened(desk, 3)
    await clock.advance(3600)
    await desk.poll()
    assert read(desk) == {1, 2, 3}
    await clock.advance(30)
    assert len(await desk.poll()) == 1


async def test_nothing_is_judged_in_the_minute_in_which_the_index_may_be_behind(desk: Desk, clock: FakeClock):
    desk.server.limits.index_lag = 45.0
    await clock.advance(600)
    opened(desk, 1)
    await clock.advance(40)
    await desk.poll()
    assert read(desk) == set()
    assert desk.batches[-1].watermark == NOW + timedelta(seconds=640 - 60)  # before the request
    await clock.advance(10)
    await desk.poll()
    assert read(desk) == {1}


async def test_an_index_that_is_minutes_behind_loses_nothing(desk: Desk, clock: FakeClock):
    """What it knows late is still within what is asked for again: it is told, though after the watermark."""
    desk.server.limits.index_lag = 540.0
    opened(desk, 1)
    for _ in range(30):
        await clock.advance(20)
        await desk.poll()
    assert read(desk) == {1}
    desk.server.say(1, ALICE)
    for _ in range(30):
        await clock.advance(20)
        await desk.poll()
    assert [kind for (kind,) in desk.told("SUP-1")] == ["opened", "replied"]


async def test_a_changelog_that_is_newer_than_the_index_counts_and_comments_come_when_it_knows_them(desk: Desk, clock: FakeClock):
    opened(desk, 1)
    await clock.advance(600)
    desk.server.limits.index_lag = 300.0
    await desk.poll()
    desk.server.say(1, ALICE)
    desk.server.set(1, ALICE, status=RESOLVED)
    desk.restart()
    desk.state.cursor = None
    await desk.poll()
    assert [kind for (kind,) in desk.told("SUP-1")] == ["opened", "resolved"]
    await clock.advance(300)
    await desk.poll()
    assert [kind for (kind,) in desk.told("SUP-1")] == ["opened", "replied", "resolved"]


@pytest.mark.parametrize("per_page", [1, 7])
async def test_pages_of_any_length(desk: Desk, clock: FakeClock, per_page: int):
    limits = desk.server.limits
    limits.per_page = limits.rows = limits.comments = limits.changes = per_page
    opened(desk, 15)
    for _ in range(9):
        desk.server.say(4, ALICE)
    for priority in ("2", "1", "2", "1", "2", "1", "2", "1"):
        desk.server.set(4, ALICE, priority=priority)
    await clock.advance(900)
    await desk.poll()
    assert read(desk) == set(range(1, 16))
    assert [kind for (kind,) in desk.told("SUP-4")] == ["opened", *["replied"] * 9, *["prioritised"] * 8]


async def test_a_ticket_that_changes_while_it_is_paged_is_not_lost(desk: Desk, clock: FakeClock):
    desk.server.limits.per_page = 4
    opened(desk, 12)
    await clock.advance(900)
    desk.server.meanwhile = [(SEARCH, lambda number=number: desk.server.say(number, ALICE)) for number in (2, 9)]
    await desk.poll()
    await clock.advance(600)
    await desk.poll()
    assert read(desk) == set(range(1, 13))
    assert {number: desk.told(f"SUP-{number}")[-1] for number in (2, 9)} == {2: ("replied",), 9: ("replied",)}


async def test_requests_that_are_raised_while_it_is_paged_are_the_next_pages(desk: Desk, clock: FakeClock):
    desk.server.limits.per_page = 4
    opened(desk, 6)
    await clock.advance(900)
    desk.server.meanwhile = [(SEARCH, lambda: opened(desk, 3, first=7))]
    await desk.poll()
    assert read(desk) == set(range(1, 10))


@pytest.mark.parametrize("repeats", [False, True])
async def test_a_search_that_never_ends_is_told(desk: Desk, clock: FakeClock, repeats: bool):
    desk.server.limits.never_ends, desk.server.limits.repeats = True, repeats
    opened(desk, 3)
    await clock.advance(600)
    with pytest.raises(TransientError, match="3 pages in a row with nothing new, and no end"):
        await desk.poll()
    assert read(desk) == {1, 2, 3}
    assert len(desk.server.asked) < 15
    assert all(batch.watermark is None for batch in desk.batches)


async def test_changelogs_come_in_bulk_for_twenty_issues_at_a_time(desk: Desk, clock: FakeClock):
    opened(desk, 45)
    await clock.advance(600)
    asked = await desk.poll()
    assert (asked_for(asked, BULK), asked_for(asked, "/changelog?")) == (3, 0)


async def test_where_changelogs_do_not_come_in_bulk_each_is_asked_for(desk: Desk, clock: FakeClock):
    desk.server.limits.bulk, desk.server.limits.rows = False, 2
    opened(desk, 3)
    for priority in ("2", "1", "2"):
        desk.server.set(2, ALICE, priority=priority)
    await clock.advance(600)
    asked = await desk.poll()
    assert asked_for(asked, "/changelog?") == 4  # two pages of the second
    assert [kind for (kind,) in desk.told("SUP-2")] == ["opened", *["prioritised"] * 3]


# rights


@pytest.mark.parametrize("how", ["deleted", "hidden"])
async def test_what_is_not_to_be_seen_any_more_is_looked_for(desk: Desk, clock: FakeClock, how: str):
    opened(desk, 2)
    await clock.advance(600)
    await desk.poll()
    if how == "deleted":
        desk.server.delete(1)
    else:
        desk.server.hidden.add(1)
    await clock.advance(60)
    asked = await desk.poll()
    assert asked_for(asked, "/issue/bulkfetch") == 1
    assert desk.told("SUP-1", "reason")[-1] == ("discarded", "out_of_sight")  # Jira does not say which
    assert desk.told("SUP-2") == [("opened",)]
    if how == "hidden":
        desk.server.hidden.clear()
        await clock.advance(60)
        await desk.poll()
        assert "restored" in {kind for (kind,) in desk.told("SUP-1")}


async def test_what_cannot_be_looked_for_now_is_not_gone(desk: Desk, clock: FakeClock):
    opened(desk, 2)
    await clock.advance(600)
    await desk.poll()
    for said in (b'{"issues": [], "issueErrors": [{"id": "1"}, {"id": "2"}]}', None):
        desk.server.instead = [("/issue/bulkfetch", 200 if said else 503, {}, said)]
        await clock.advance(60)
        await desk.poll()
    assert [desk.told(f"SUP-{number}") for number in (1, 2)] == [[("opened",)], [("opened",)]]


async def test_only_the_projects_that_are_wanted(desk: Desk, clock: FakeClock):
    desk.restart(projects=["sup"])
    opened(desk, 1)
    desk.server.open(2, project="PRJ")
    await clock.advance(600)
    asked = await desk.poll()
    assert read(desk) == {1}
    assert "project in (10001) AND" in "".join(asked)
    desk.server.move(1, ALICE, "PRJ")
    await clock.advance(120)
    await desk.poll()
    assert desk.told("SUP-1", "reason")[-1] == ("discarded", "out_of_sight")
    desk.server.move(1, ALICE, "SUP")
    await clock.advance(120)
    await desk.poll()
    assert "restored" in {kind for (kind,) in desk.told("SUP-1")}


async def test_issues_that_are_no_requests_are_no_contacts(desk: Desk, clock: FakeClock):
    desk.server.open(1, request_type=None, by=ALICE, reporter=ALICE)
    opened(desk, 1, first=2)
    await clock.advance(600)
    await desk.poll()
    assert read(desk) == {2}


async def test_no_project_at_all_is_told(desk: Desk, clock: FakeClock):
    desk.server.projects = {}
    await desk.poll()
    assert desk.batches[-1].untold is not None
    assert "sees no service project" in desk.batches[-1].untold.why[0]


async def test_an_account_that_sees_no_request_types_is_told(desk: Desk, clock: FakeClock):
    """Else every request would seem to be none."""
    desk.server.open(1, request_type=None)
    await clock.advance(600)
    await desk.poll()
    assert desk.batches[-1].untold is not None
    assert desk.batches[-1].untold.why[0].startswith("no issue shows a request type")
    opened(desk, 1, first=2)
    await clock.advance(60)
    await desk.poll()
    assert desk.batches[-1].untold is not None
    assert desk.batches[-1].untold.why == ()


async def test_a_token_of_a_service_account_is_sent_as_bearer(desk: Desk, clock: FakeClock):
    opened(desk, 1)
    await clock.advance(600)
    desk.restart(username=None)
    await desk.poll()
    assert read(desk) == {1}


async def test_someone_anonymous_is_refused(desk: Desk):
    desk.server.instead = [("/myself", 200, {}, b'{"displayName": "Anonymous"}')]
    with pytest.raises(AuthError, match="does not accept the token"):
        await desk.poll()


# check


async def test_check_says_what_was_not_tried_and_who_is_who(desk: Desk, clock: FakeClock):
    opened(desk, 2)
    desk.server.open(3, reporter=ALICE)
    desk.server.open(4, request_type=None, by=ALICE, reporter=ALICE)
    await clock.advance(600)
    found = await desk.findings()
    said = "this connector was written from Jira's documentation and description, and has not been tried on the real service"
    assert (None, said) in found
    assert (True, "projects that this account sees: 4 (CMP, MGR, PRJ, SUP)") in found
    assert (True, "staff are those who are so by having Atlassian accounts and not being the customers; robots: apps") in found
    assert (True, "of the last 4 issues 3 are requests (1 by atlassian, 2 by customer)") in found
    assert (True, "the account may only read") in found
    assert desk.server.wrote == []


async def test_check_says_what_is_hidden_and_what_it_cannot_find(desk: Desk, clock: FakeClock):
    desk.server.hides_addresses = True
    opened(desk, 2)
    await clock.advance(600)
    desk.restart(projects=["SUP", "SUPP"], promise_fields=["duedate", "promised BY", "Due on"], staff=["x"], robots=["y"])
    said = {text for ok, text in await desk.findings() if ok is not True}
    assert "project SUPP: this account does not see it; check its name, and the account's rights" in said
    assert "field Due on: Jira has no custom field of this name" in said
    assert not [text for text in said if "promised" in text.lower()]
    assert any(text.startswith("the addresses of 2 of their reporters are hidden") for text in said)


@pytest.mark.parametrize(
    ("writes", "ok", "said"),
    [
        (("ADMINISTER", "EDIT_ISSUES"), False, "is an administrator's"),
        (("ADD_COMMENTS", "EDIT_ISSUES"), None, "the account may write in some project (EDIT_ISSUES, ADD_COMMENTS)"),
    ],
)
async def test_check_says_what_the_account_may(desk: Desk, writes: tuple[str, ...], ok: bool | None, said: str):
    desk.server.writes = writes
    assert [each for each, text in await desk.findings() if said in text] == [ok]


@pytest.mark.parametrize("token", ["", "tök", "a\nb"])
def test_a_token_that_fits_into_no_header(token: str):
    keys: dict[str, Any] = {"type": "jira_service_management", "url": "https://x.example", "token": token}
    with pytest.raises(ValueError, match="printable ASCII"):
        jira_service_management.Settings.model_validate(keys)
