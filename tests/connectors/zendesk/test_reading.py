"""How Zendesk is read: pages, marks, rights, misfortunes of the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from monitor.connectors import zendesk
from monitor.errors import AuthError, TransientError
from monitor.testing import ConnectorContract, FakeClock, SourceScenario
from tests.connectors.simulated import persevering, served
from tests.connectors.zendesk.desk import NOW, Desk, simulated_desk
from tests.connectors.zendesk.simulator import ALICE, TOKEN, USERNAME, Simulator


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    async with simulated_desk(clock) as found:
        yield found


class TestContract(ConnectorContract):
    module = zendesk

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        clock = FakeClock(NOW)
        simulator = Simulator(clock)
        simulator.limits.per_minute = simulator.limits.exports_per_minute = 1_000_000
        anna = simulator.customer("anna")
        simulator.open(17, text="Where is my umbrella?")
        simulator.say(17, ALICE, "Which one?")
        await clock.advance(60)
        simulator.say(17, anna, "Thank you!")
        simulator.set(17, ALICE, status="solved")
        simulator.open(18, "bert")
        simulator.say(18, ALICE, "Between us: is he the one?", public=False)
        for number in range(19, 42):
            simulator.open(number, "carla", group=12)
        await clock.advance(600)
        async with served(simulator) as url:
            settings = {"url": url, "username": USERNAME, "token": TOKEN, "requests_per_minute": 60_000}
            yield SourceScenario(
                settings,
                contacts={
                    "17": ["opened", "assigned", "replied", "received", "resolved"],
                    "18": ["opened", "assigned", "noted"],
                    **{str(number): ["opened", "assigned"] for number in range(19, 42)},
                },
                personal={"anna", "bert", "umbrella", "Thank you", "is he the one", "alice", "Alice", "customer.example"},
                secrets={TOKEN},
                clock=clock,
                changes=lambda: simulator.wrote,
                unreachable={**settings, "url": "http://127.0.0.1:9"},
            )


def opened(desk: Desk, count: int, first: int = 1) -> None:
    for number in range(first, first + count):
        desk.server.open(number)


def read(desk: Desk) -> set[int]:
    return {int(contact) for contact, _ in desk.events}


def audits_asked(asked: list[str]) -> list[int]:
    return [int(each.split("/")[4]) for each in asked if "/audits" in each]


# passes


async def test_a_pass_in_which_nothing_changed_is_one_request(desk: Desk, clock: FakeClock):
    opened(desk, 3)
    await clock.advance(600)
    await desk.poll()
    assert read(desk) == {1, 2, 3}
    await clock.advance(30)
    assert len(await desk.poll()) == 1


async def test_the_last_minute_is_withheld_and_nothing_is_judged_in_it(desk: Desk, clock: FakeClock):
    await clock.advance(600)
    opened(desk, 1)
    await clock.advance(30)
    await desk.poll()
    assert read(desk) == set()
    assert desk.batches[-1].watermark == NOW + timedelta(seconds=630 - 65)  # before the ticket
    await clock.advance(30)
    await desk.poll()
    assert read(desk) == {1}


async def test_what_changes_again_within_the_minute_is_read_again(desk: Desk, clock: FakeClock):
    opened(desk, 1)
    await clock.advance(61)
    await desk.poll()
    desk.server.say(1, ALICE)
    await clock.advance(70)
    await desk.poll()
    assert [kind for (kind,) in desk.told("1")] == ["opened", "replied"]


@pytest.mark.parametrize("role", ["admin", "agent"])
@pytest.mark.parametrize("per_page", [1, 7])
async def test_pages_of_any_length(desk: Desk, clock: FakeClock, role: str, per_page: int):
    desk.server.role, desk.server.limits.per_page = role, per_page
    opened(desk, 15)
    for _ in range(3):
        desk.server.say(4, ALICE)
    await clock.advance(900)
    await desk.poll()
    assert read(desk) == set(range(1, 16))
    assert [kind for (kind,) in desk.told("4")] == ["opened", "replied", "replied", "replied"]


async def test_rows_that_come_twice_are_read_once(desk: Desk, clock: FakeClock):
    desk.server.limits.per_page, desk.server.limits.repeats = 3, True
    opened(desk, 12)
    await clock.advance(900)
    assert sorted(audits_asked(await desk.poll())) == list(range(1, 13))


@pytest.mark.parametrize("role", ["admin", "agent"])
async def test_a_ticket_that_changes_while_it_is_paged_is_not_lost(desk: Desk, clock: FakeClock, role: str):
    desk.server.role, desk.server.limits.per_page = role, 4
    opened(desk, 12)
    await clock.advance(900)
    desk.server.meanwhile = [
        ("tickets/cursor|search/export", lambda number=number: desk.server.say(number, ALICE)) for number in (2, 9)
    ]
    await desk.poll()
    await clock.advance(600)
    await desk.poll()
    assert read(desk) == set(range(1, 13))
    assert {number: desk.told(str(number))[-1] for number in (2, 9)} == {2: ("replied",), 9: ("replied",)}


async def test_a_busy_export_ends_where_the_pass_began(desk: Desk, clock: FakeClock):
    """However much changes meanwhile: what is newer is the next pass's."""
    desk.server.limits.per_page, desk.server.limits.withheld = 5, -600.0  # it gives what is newer, too
    opened(desk, 5)
    await clock.advance(900)
    for _ in range(50):
        desk.server.meanwhile.append(("/audits", lambda: opened(desk, 1, first=len(desk.server.tickets) + 1)))
    await desk.poll()
    assert len([each for each in desk.server.asked if "/incremental/" in each]) <= 3


async def test_an_export_that_never_ends_is_told(desk: Desk, clock: FakeClock):
    desk.server.limits.never_ends = True
    opened(desk, 3)
    await clock.advance(600)
    with pytest.raises(TransientError, match="3 empty pages in a row, and no end"):
        await desk.poll()
    assert read(desk) == {1, 2, 3}
    assert len(desk.server.asked) < 15
    assert all(batch.watermark is None for batch in desk.batches)


async def test_what_zendesk_itself_touches_is_read_again_and_stops_nothing(desk: Desk, clock: FakeClock):
    opened(desk, 2)
    await clock.advance(86_400)
    await desk.poll()
    desk.server.touch(1)  # updated_at stays a day behind
    await clock.advance(120)
    assert audits_asked(await desk.poll()) == [1]


# misfortunes


@pytest.mark.parametrize("retry_after", ["", "17", None, "soon"])
async def test_bursts_of_429_lose_nothing_and_make_progress(desk: Desk, clock: FakeClock, retry_after: str | None):
    """Somebody else uses up what the account may: ten requests a minute are left."""
    opened(desk, 60)
    await clock.advance(600)
    desk.server.limits.per_minute, desk.server.limits.retry_after = 10, retry_after
    errors = await persevering(desk, clock)
    assert read(desk) == set(range(1, 61))
    assert {(error.reason, "too many requests" in str(error)) for error in errors} == {("rate_limit", True)}
    assert errors[0].retry_after == (61.0 if retry_after == "" else 17.0 if retry_after == "17" else None)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 409])
@pytest.mark.parametrize("where", ["cursor=", "/tickets/9/audits"])
async def test_errors_in_the_middle_lose_nothing_and_read_nothing_twice(desk: Desk, clock: FakeClock, status: int, where: str):
    desk.server.limits.per_page = 5
    opened(desk, 12)
    await clock.advance(900)
    desk.server.instead = [(where, status, {}, b"<html>")] * 2
    await persevering(desk, clock)
    whole = desk.server.asked[:]
    assert read(desk) == set(range(1, 13))
    assert not {1, 2, 3, 4, 5} & set(audits_asked(whole))


@pytest.mark.parametrize("where", ["/incremental/", "cursor=", "/tickets/9/audits", "/users/me", "/groups"])
async def test_answers_that_are_cut_short(desk: Desk, clock: FakeClock, where: str):
    desk.server.limits.per_page = 5
    opened(desk, 12)
    await clock.advance(900)
    desk.server.cut = [where]
    errors = await persevering(desk, clock)
    assert [error.reason for error in errors] == ["protocol"]
    assert read(desk) == set(range(1, 13))


async def test_a_token_that_expires_is_told_and_loses_nothing(desk: Desk, clock: FakeClock):
    opened(desk, 3)
    await clock.advance(600)
    await desk.poll()
    desk.server.expires = clock.now()
    desk.server.say(1, ALICE)
    await clock.advance(7200)
    with pytest.raises(AuthError, match="does not accept the token"):
        await desk.poll()
    desk.server.expires = None
    await desk.poll()
    assert [kind for (kind,) in desk.told("1")] == ["opened", "replied"]


@pytest.mark.parametrize("minutes", [-5, 5])
async def test_clocks_that_are_minutes_apart(desk: Desk, clock: FakeClock, minutes: int):
    desk.server.limits.skew = timedelta(minutes=minutes)
    opened(desk, 1)
    await clock.advance(70)
    await desk.poll()
    assert read(desk) == {1}
    ours = clock.now()
    assert desk.batches[-1].watermark is not None
    assert abs((desk.batches[-1].watermark - (ours + min(timedelta(0), timedelta(minutes=minutes)))).total_seconds() + 65) <= 1
    desk.server.say(1, ALICE)
    await clock.advance(70)
    await desk.poll()
    assert [kind for (kind,) in desk.told("1")] == ["opened", "replied"]
    assert [text for _, text in await desk.findings() if "its clock is" in text]


async def test_a_server_that_forgets_each_mark_is_told(desk: Desk, clock: FakeClock):
    desk.server.limits.per_page = 5
    opened(desk, 12)
    await clock.advance(900)
    desk.server.instead = [("cursor=", 400, {}, b"{}")] * 9
    with pytest.raises(TransientError, match="does not understand the request"):
        await desk.poll()


async def test_a_mark_that_the_server_has_forgotten(desk: Desk, clock: FakeClock):
    desk.server.limits.per_page = 5
    opened(desk, 12)
    await clock.advance(900)
    desk.server.instead = [("cursor=", 400, {}, b"{}")]
    await desk.poll()
    assert read(desk) == set(range(1, 13))


# rights


async def test_without_an_administrator_the_search_is_read_and_is_later(desk: Desk, clock: FakeClock):
    desk.server.role, desk.server.limits.index_lag = "agent", 240.0
    opened(desk, 1)
    await clock.advance(120)
    await desk.poll()
    assert read(desk) == set()
    assert desk.batches[-1].watermark == clock.now() - timedelta(minutes=5)
    await clock.advance(120)
    await desk.poll()
    assert read(desk) == {1}
    assert not [each for each in desk.server.asked if "/incremental/" in each]


async def test_an_administrator_who_may_not_export_after_all(desk: Desk, clock: FakeClock):
    opened(desk, 1)
    await clock.advance(600)
    desk.server.instead = [("/incremental/", 403, {}, b"{}")]
    await desk.poll()
    assert read(desk) == {1}
    assert desk.batches[-1].watermark is not None


async def test_a_mark_of_the_search_is_good_for_an_hour(desk: Desk, clock: FakeClock):
    desk.server.role, desk.server.limits.per_page = "agent", 5
    opened(desk, 12)
    await clock.advance(900)
    desk.server.instead = [("/tickets/7/audits", 503, {}, b"")]
    with pytest.raises(TransientError):
        await desk.poll()
    await clock.advance(7200)
    await desk.poll()
    assert read(desk) == set(range(1, 13))


async def test_deleted_and_brought_back(desk: Desk, clock: FakeClock):
    opened(desk, 2)
    await clock.advance(600)
    await desk.poll()
    desk.server.delete(1)
    await clock.advance(120)
    assert audits_asked(await desk.poll()) == []
    assert desk.told("1", "reason")[-1] == ("discarded", "deleted")
    assert desk.told("2") == [("opened",)]


@pytest.mark.parametrize("how", ["deleted", "out_of_sight"])
async def test_what_the_search_does_not_find_any_more_is_looked_for(desk: Desk, clock: FakeClock, how: str):
    desk.server.role = "agent"
    opened(desk, 2)
    await clock.advance(600)
    await desk.poll()
    (desk.server.gone if how == "deleted" else desk.server.hidden).add(1)
    await clock.advance(60)
    await desk.poll()
    assert desk.told("1", "reason")[-1] == ("discarded", how)
    assert desk.told("2") == [("opened",)]


async def test_only_the_groups_that_are_wanted(desk: Desk, clock: FakeClock):
    desk.restart(groups=["Support"])
    opened(desk, 1)
    desk.server.open(2, group=12)
    await clock.advance(600)
    await desk.poll()
    assert read(desk) == {1}
    desk.server.set(1, ALICE, group_id=12)
    await clock.advance(120)
    await desk.poll()
    assert desk.told("1", "reason")[-1] == ("discarded", "out_of_sight")
    desk.server.set(1, ALICE, group_id=11)
    await clock.advance(120)
    await desk.poll()
    assert "restored" in {kind for (kind,) in desk.told("1")}


# check


async def test_check_says_what_was_not_tried_and_what_is_allowed(desk: Desk):
    found = await desk.findings()
    assert (None, "this connector was written from Zendesk's documentation and has not been tried on the real service") in found
    assert (True, "changes come from the incremental export") in found
    assert (True, "groups that this account sees: 4 (complaints, managers, projects, support)") in found
    assert (True, "staff: 5 accounts by being agents or administrators; robots: none") in found
    assert desk.server.wrote == []


@pytest.mark.parametrize(
    ("scopes", "ok", "said"),
    [
        (("read",), True, "the token may only read"),
        (("tickets:read", "users:read"), True, "the token may only read"),
        (("read", "write"), False, "the token may write: its scopes are read, write; make one with read alone"),
    ],
)
async def test_an_oauth_token_says_what_it_may(desk: Desk, scopes: tuple[str, ...], ok: bool, said: str):
    desk.server.scopes = scopes
    desk.restart(username=None)
    assert (ok, said) in await desk.findings()


async def test_check_names_what_it_cannot_find(desk: Desk):
    desk.server.role = "agent"
    desk.restart(groups=["Suport"], robots=["nobody@desk.example", "17"])
    said = {text for ok, text in await desk.findings() if ok is not True}
    assert "group Suport: this account does not see it; check its name, and the account's rights" in said
    assert "nobody@desk.example: no agent has this address; of others write the number of the account" in said
    assert any("found by search" in text for text in said)


@pytest.mark.parametrize("allowed", [200, 100])
async def test_check_compares_the_allowance(desk: Desk, allowed: int):
    desk.server.limits.per_minute = allowed
    desk.restart(requests_per_minute=120)
    said = f"Zendesk allows {allowed} requests a minute to all programs together; at most 120 are this source's"
    assert (allowed > 120, said) in await desk.findings()


async def test_someone_anonymous_is_refused(desk: Desk):
    desk.server.instead = [("/users/me", 200, {}, b'{"user": {"id": null, "name": "Anonymous user"}}')]
    with pytest.raises(AuthError, match="does not accept the token"):
        await desk.poll()


@pytest.mark.parametrize("token", ["", "tök", "a\nb"])
def test_a_token_that_fits_into_no_header(token: str):
    keys: dict[str, Any] = {"type": "zendesk", "url": "https://x.example", "token": token}
    with pytest.raises(ValueError, match="printable ASCII"):
        zendesk.Settings.model_validate(keys)
