"""How Zammad is read: pages, marks, rights, misfortunes of the server and of the proxy in front of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from monitor.connectors import zammad
from monitor.errors import AuthError, TransientError
from monitor.testing import ConnectorContract, FakeClock, SourceScenario
from tests.connectors.simulated import as_time_passes, in_process, persevering, served
from tests.connectors.zammad.desk import NOW, Desk, desk_at
from tests.connectors.zammad.simulator import ALICE, TOKEN, Simulator


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    simulator = Simulator(clock)
    with in_process(simulator) as url:
        yield desk_at(url, simulator, clock, requests_per_minute=60_000)


class TestContract(ConnectorContract):
    module = zammad

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        clock = FakeClock(NOW)
        simulator = Simulator(clock)
        anna = simulator.customer("anna")
        simulator.open(17, text="Where is my umbrella?")
        simulator.say(17, ALICE, "Which one?")
        await clock.advance(60)
        simulator.say(17, anna, "Thank you!")
        simulator.set(17, ALICE, state="closed")
        simulator.open(18, "bert")
        simulator.say(18, ALICE, "Between us: is he the one?", kind="note", internal=True)
        for number in range(19, 42):
            simulator.open(number, "carla", group=2)
        await clock.advance(600)
        async with served(simulator) as url:
            settings = {"url": url, "token": TOKEN, "requests_per_minute": 60_000}
            yield SourceScenario(
                settings,
                contacts={
                    "22017": ["opened", "assigned", "replied", "received", "resolved"],
                    "22018": ["opened", "assigned", "noted"],
                    **{str(22000 + number): ["opened", "assigned"] for number in range(19, 42)},
                },
                personal={"anna", "bert", "umbrella", "Thank you", "is he the one", "alice", "Alice", "customer.example"},
                secrets={TOKEN},
                clock=clock,
                changes=lambda: simulator.wrote,
                unreachable={**settings, "url": "http://127.0.0.1:9"},
            )


async def opened(desk: Desk, clock: FakeClock, count: int, *, apart: float = 1.0) -> None:
    for number in range(1, count + 1):
        desk.server.open(number)
        await clock.advance(apart)


def read(desk: Desk) -> set[int]:
    return {int(contact) - 22000 for contact, _ in desk.events}


def asked_for(asked: list[str]) -> list[int]:
    return [int(each.rpartition("/")[2].partition("?")[0]) for each in asked if "/ticket_history/" in each]


async def test_a_pass_in_which_nothing_changed_is_one_request(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 3)
    await clock.advance(600)
    await desk.poll()
    assert read(desk) == {1, 2, 3}
    await clock.advance(15)
    assert len(await desk.poll()) == 1


async def test_the_index_is_never_asked(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 3)
    await clock.advance(60)
    assert not [each for each in await desk.poll() if "query=" in each]


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("per_page", [100, 7])
async def test_pages(desk: Desk, clock: FakeClock, exclusive: bool, per_page: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(zammad, "_PER_PAGE", per_page)
    desk.server.limits.after_is_exclusive = exclusive
    await opened(desk, clock, 130, apart=0.25)
    await clock.advance(60)
    assert sorted(asked_for(await desk.poll())) == list(range(1, 131))  # each once


async def test_tickets_that_change_or_vanish_while_pages_are_turned_move_no_other(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(zammad, "_PER_PAGE", 10)
    await opened(desk, clock, 35)
    await clock.advance(60)
    desk.server.meanwhile = [("search", lambda: desk.server.delete(3)), ("search", lambda: desk.server.say(1, ALICE))]
    await desk.poll()
    assert read(desk) == set(range(1, 36)) - {3}
    await clock.advance(60)
    await desk.poll()
    assert desk.told("22001") == [("opened",), ("replied",)]


async def test_a_page_of_one_moment_is_told(desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(zammad, "_PER_PAGE", 5)
    await opened(desk, clock, 8, apart=0)
    await clock.advance(60)
    with pytest.raises(TransientError, match="the same next page twice"):
        await desk.poll()


async def test_a_transaction_that_takes_long_is_seen_by_the_next_pass(desk: Desk, clock: FakeClock):
    desk.server.limits.commits_after = 4.0
    await opened(desk, clock, 1)
    await desk.poll()
    assert read(desk) == set()
    assert desk.batches[-1].watermark is not None
    assert desk.batches[-1].watermark <= clock.now() - timedelta(seconds=5)
    await clock.advance(15)
    await desk.poll()
    assert read(desk) == {1}


@pytest.mark.parametrize("retry_after", ["30", None])
async def test_a_proxy_that_allows_ten_requests_a_minute(desk: Desk, clock: FakeClock, retry_after: str | None):
    await opened(desk, clock, 40)
    await clock.advance(60)
    desk.server.limits.per_minute, desk.server.limits.retry_after = 10, retry_after
    errors = await persevering(desk, clock)
    assert read(desk) == set(range(1, 41))
    assert {error.reason for error in errors} == {"rate_limit"}


async def test_a_limit_that_is_kept_is_used(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 72)
    await clock.advance(60)
    desk.server.limits.per_minute = 30
    desk.restart(requests_per_minute=30)
    began = clock.now()
    await as_time_passes(clock, desk.poll())
    assert desk.server.refused == 0
    minutes = (clock.now() - began).total_seconds() / 60 + 1
    assert len(desk.server.asked) >= 0.9 * minutes * 30


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_errors_in_the_middle_lose_nothing(desk: Desk, clock: FakeClock, status: int):
    await opened(desk, clock, 30)
    await clock.advance(60)
    desk.server.instead = [("ticket_history/9", status, {}, b"<html>")] * 2
    await persevering(desk, clock)
    assert read(desk) == set(range(1, 31))
    assert not {1, 2, 3, 4} & set(asked_for(desk.server.asked))


@pytest.mark.parametrize("where", ["/search", "/ticket_history/9", "/by_ticket/9", "/users/me", "/ticket_states"])
async def test_answers_that_are_cut_short(desk: Desk, clock: FakeClock, where: str):
    await opened(desk, clock, 12)
    await clock.advance(60)
    desk.server.cut = [where]
    assert [error.reason for error in await persevering(desk, clock)] == ["protocol"]
    assert read(desk) == set(range(1, 13))


async def test_a_token_that_expires(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 1)
    await clock.advance(60)
    await desk.poll()
    desk.server.expires = clock.now()
    desk.server.say(1, ALICE)
    await clock.advance(3600)
    with pytest.raises(AuthError, match="does not accept the token"):
        await desk.poll()
    desk.server.expires = None
    await desk.poll()
    assert [kind for (kind,) in desk.told("22001")] == ["opened", "replied"]


@pytest.mark.parametrize("minutes", [-5, 5])
async def test_clocks_that_are_minutes_apart(desk: Desk, clock: FakeClock, minutes: int):
    desk.server.limits.skew = timedelta(minutes=minutes)
    await opened(desk, clock, 1)
    await clock.advance(15)
    await desk.poll()
    desk.server.say(1, ALICE)
    await clock.advance(15)
    await desk.poll()
    assert [kind for (kind,) in desk.told("22001")] == ["opened", "replied"]
    assert desk.batches[-1].watermark is not None
    assert desk.batches[-1].watermark <= clock.now() + min(timedelta(0), timedelta(minutes=minutes)) - timedelta(seconds=4)


@pytest.mark.parametrize("how", ["deleted", "out_of_sight"])
@pytest.mark.parametrize("knows", [True, False])
async def test_an_open_ticket_that_is_gone(desk: Desk, clock: FakeClock, how: str, knows: bool):
    desk.server.limits.knows_ids = knows
    await opened(desk, clock, 2)
    await clock.advance(60)
    await desk.poll()
    if how == "deleted":
        desk.server.delete(1)
    else:
        desk.server.hidden.add(1)
    await clock.advance(60)
    await desk.poll()
    assert desk.told("22001", "reason")[-1] == (("discarded", how) if knows else ("opened", None))
    assert desk.told("22002") == [("opened",)]


async def test_only_the_groups_that_are_wanted(desk: Desk, clock: FakeClock):
    desk.restart(groups=["Support"])
    await opened(desk, clock, 1)
    desk.server.open(2, group=2)
    await clock.advance(60)
    await desk.poll()
    assert read(desk) == {1}
    desk.server.set(1, ALICE, group_id=2)
    await clock.advance(60)
    await desk.poll()
    assert desk.told("22001", "reason")[-1] == ("discarded", "out_of_sight")
    await clock.advance(60)
    await desk.poll()
    desk.server.set(1, ALICE, group_id=1)
    await clock.advance(60)
    await desk.poll()
    assert "restored" in {kind for (kind,) in desk.told("22001")}


async def test_check(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 2)
    found = await desk.findings()
    assert (None, "this connector was written from Zammad's source code and has not been tried on a real Zammad") in found
    assert (True, "groups that this account sees: 4 (complaints, managers, projects, support)") in found
    assert (True, "who wrote is told by each article (2 by Customer opened the last ones); robots: none") in found
    assert found[-1] == (True, "the account may only read")
    assert desk.server.wrote == []


async def test_check_says_who_may_write(desk: Desk):
    desk.server.access["support"] = ["full"]
    assert (False, "the account may change tickets of support: leave it the access `read` alone") in await desk.findings()
    desk.server.roles = ("Admin", "Agent")
    desk.restart()
    assert (False, "the account is an administrator, who may change everything: take another one") in await desk.findings()


async def test_an_account_that_sees_no_group(desk: Desk):
    desk.server.access = {}
    await desk.poll()
    assert desk.batches[-1].untold is not None
    assert "sees no group" in desk.batches[-1].untold.why[0]
