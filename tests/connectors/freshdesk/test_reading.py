"""How Freshdesk is read: pages, their end, rights, misfortunes of the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from monitor.connectors import freshdesk
from monitor.errors import AuthError, TransientError
from monitor.testing import ConnectorContract, FakeClock, SourceScenario
from tests.connectors.freshdesk.desk import NOW, Desk, desk_at, limitless
from tests.connectors.freshdesk.simulator import ALICE, KEY, RESOLVED
from tests.connectors.simulated import in_process, persevering, served

LISTS = "/api/v2/tickets[?]"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    simulator = limitless(clock)
    with in_process(simulator) as url:
        yield desk_at(url, simulator, clock)


class TestContract(ConnectorContract):
    module = freshdesk

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        clock = FakeClock(NOW)
        simulator = limitless(clock)
        anna = simulator.customer("anna")
        simulator.open(17, text="Where is my umbrella?", cf_kind="her aunt's secret")
        simulator.say(17, ALICE, "Which one?")
        await clock.advance(60)
        simulator.say(17, anna, "Thank you!")
        await clock.advance(60)
        simulator.set(17, status=RESOLVED)
        simulator.open(18, "bert")
        simulator.say(18, ALICE, "Between us: is he the one?", private=True)
        for number in range(19, 42):
            simulator.open(number, "carla", group=12)
        await clock.advance(600)
        async with served(simulator) as url:
            settings = {"url": url, "key": KEY, "requests_per_minute": 60_000, "lists_per_minute": 1_000}
            yield SourceScenario(
                settings,
                contacts={
                    "17": ["opened", "assigned", "replied", "received", "resolved"],
                    "18": ["opened", "assigned", "noted"],
                    **{str(number): ["opened", "assigned"] for number in range(19, 42)},
                },
                personal={
                    "anna", "bert", "umbrella", "Thank you", "is he the one", "alice", "customer.example", "her aunt's secret",
                },
                secrets={KEY},
                clock=clock,
                changes=lambda: simulator.wrote,
                unreachable={**settings, "url": "http://127.0.0.1:9"},
            )  # fmt: skip


async def opened(desk: Desk, clock: FakeClock, count: int, *, apart: float = 2.0, first: int = 1) -> None:
    for number in range(first, first + count):
        desk.server.open(number)
        await clock.advance(apart)


def read(desk: Desk) -> set[int]:
    return {int(contact) for contact, _ in desk.events}


def asked_for(asked: list[str]) -> list[int]:
    return [int(each.split("/")[4]) for each in asked if "/conversations" in each]


async def five_minutes(desk: Desk, clock: FakeClock) -> list[str]:
    """Passes; what was asked for in all of them."""
    asked = []
    for _ in range(20):
        await clock.advance(20)
        asked += await desk.poll()
    return asked


def pages(asked: list[str]) -> list[str]:
    return [each for each in asked if each.startswith("/api/v2/tickets?") and "filter" not in each]


# passes


async def test_a_pass_in_which_nothing_changed_is_one_request(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 3)
    await clock.advance(10)
    await desk.poll()
    assert read(desk) == {1, 2, 3}
    for _ in range(3):
        await clock.advance(20)
        await desk.poll()
    await clock.advance(20)
    asked = await desk.poll()
    assert len(asked) == 1
    assert "include" not in asked[0]


async def test_what_changes_again_within_the_second_is_read_again(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await desk.poll()
    desk.server.say(1, ALICE)
    await clock.advance(20)
    await desk.poll()
    assert [kind for (kind,) in desk.told("1")] == ["opened", "replied"]


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("apart", [0.0, 0.4, 2.0])
@pytest.mark.parametrize("per_page", [1, 7])
async def test_pages_of_any_length(desk: Desk, clock: FakeClock, per_page: int, apart: float, inclusive: bool):
    """However many changed within one second, and whether or not `updated_since` means that second."""
    desk.server.limits.per_page, desk.server.limits.inclusive = per_page, inclusive
    await opened(desk, clock, 15, apart=apart)
    for _ in range(3):
        desk.server.say(4, ALICE)
    await clock.advance(900)
    await desk.poll()
    assert read(desk) == set(range(1, 16))
    assert [kind for (kind,) in desk.told("4")] == ["opened", "replied", "replied", "replied"]


@pytest.mark.parametrize("apart", [0.0, 2.0])
async def test_a_ticket_that_changes_while_it_is_paged_is_not_lost_and_pushes_no_other_over_the_edge(
    desk: Desk, clock: FakeClock, apart: float
):
    desk.server.limits.per_page = 4
    await opened(desk, clock, 12, apart=apart)
    await clock.advance(900)
    desk.server.meanwhile = [(LISTS, lambda number=number: desk.server.say(number, ALICE)) for number in (2, 9)]
    await desk.poll()
    await clock.advance(60)
    await desk.poll()
    assert read(desk) == set(range(1, 13))
    assert {number: desk.told(str(number))[-1] for number in (2, 9)} == {2: ("replied",), 9: ("replied",)}


async def test_more_tickets_than_the_last_page_shows_are_read_the_way_round(desk: Desk, clock: FakeClock):
    desk.server.limits.per_page, desk.server.limits.max_page = 10, 3
    await opened(desk, clock, 100)
    await clock.advance(900)
    await desk.poll()
    assert read(desk) == set(range(1, 101))


async def test_more_tickets_of_one_second_than_the_last_page_shows_are_told_in_words(desk: Desk, clock: FakeClock):
    """That never advances; nothing is asked for ever, and nothing is judged as if all had been seen."""
    desk.server.limits.per_page, desk.server.limits.max_page = 10, 3
    await opened(desk, clock, 50, apart=0.0)
    await clock.advance(900)
    with pytest.raises(
        TransientError, match=r"tickets changed since 2026-11-18 11:59:59 UTC.*within one second.*shorter backfill"
    ):
        await desk.poll()
    assert len(pages(desk.server.asked)) < 10
    assert all(batch.watermark is None for batch in desk.batches)


async def test_a_list_that_never_ends_is_told(desk: Desk, clock: FakeClock):
    desk.server.limits.never_ends = True
    await opened(desk, clock, 3)
    await clock.advance(600)
    await desk.poll()  # an empty page is the last one, whatever its head says
    assert read(desk) == {1, 2, 3}
    assert len(desk.server.asked) < 30


async def test_a_busy_list_ends_where_the_pass_began(desk: Desk, clock: FakeClock):
    """However much changes meanwhile: what is newer is the next pass's."""
    desk.server.limits.per_page = 5
    await opened(desk, clock, 5)
    await clock.advance(900)

    def busy() -> None:
        desk.server.meanwhile.append(("/conversations", busy))
        desk.server.limits.skew += timedelta(seconds=1)
        desk.server.open(len(desk.server.tickets) + 1)

    busy()
    await desk.poll()
    assert len(pages(desk.server.asked)) <= 6


# misfortunes


@pytest.mark.parametrize("retry_after", ["", "17", None, "soon"])
async def test_bursts_of_429_lose_nothing_and_make_progress(desk: Desk, clock: FakeClock, retry_after: str | None):
    """Somebody else uses up what the account may: twenty requests a minute are left."""
    await opened(desk, clock, 60)
    await clock.advance(600)
    desk.restart(requests_per_minute=50)
    desk.server.limits.per_minute, desk.server.limits.retry_after = 20, retry_after
    desk.server.limits.tells = False  # what is left
    errors = await persevering(desk, clock)
    assert read(desk) == set(range(1, 61))
    assert {(error.reason, "too many requests" in str(error)) for error in errors} == {("rate_limit", True)}
    assert errors[0].retry_after == (61.0 if retry_after == "" else 17.0 if retry_after == "17" else None)


async def test_where_freshdesk_says_that_little_is_left_it_is_not_asked_in_vain(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 60)
    await clock.advance(600)
    desk.restart(requests_per_minute=50)
    desk.server.limits.per_minute = 20
    assert await persevering(desk, clock) == []
    assert read(desk) == set(range(1, 61))
    assert desk.server.refused == 0


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("where", [LISTS, "/tickets/9/conversations"])
async def test_errors_in_the_middle_lose_nothing_and_read_nothing_twice(desk: Desk, clock: FakeClock, status: int, where: str):
    desk.server.limits.per_page = 5
    await opened(desk, clock, 12)
    await clock.advance(900)
    twice = [(where, status, {"Content-Type": "text/html"}, b"<html>")] * 2
    desk.server.meanwhile = [("/tickets/4/conversations", lambda: desk.server.instead.extend(twice))]
    assert len(await persevering(desk, clock)) == 2
    assert read(desk) == set(range(1, 13))
    assert not {1, 2, 3} & set(asked_for(desk.server.asked))


@pytest.mark.parametrize("where", [LISTS, "description", "/tickets/9/conversations", "/agents/me", "/groups", "/ticket_fields"])
async def test_answers_that_are_cut_short(desk: Desk, clock: FakeClock, where: str):
    desk.server.limits.per_page = 5
    await opened(desk, clock, 12)
    await clock.advance(900)
    desk.server.cut = [where]
    errors = await persevering(desk, clock)
    assert [error.reason for error in errors] == ["protocol"]
    assert read(desk) == set(range(1, 13))


async def test_a_key_that_expires_is_told_and_loses_nothing(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 3)
    await desk.poll()
    desk.server.expires = clock.now()
    desk.server.say(1, ALICE)
    await clock.advance(7200)
    with pytest.raises(AuthError, match="does not accept the key"):
        await desk.poll()
    desk.server.expires = None
    await desk.poll()
    assert [kind for (kind,) in desk.told("1")] == ["opened", "replied"]


@pytest.mark.parametrize("minutes", [-5, 5])
async def test_clocks_that_are_minutes_apart(desk: Desk, clock: FakeClock, minutes: int):
    desk.server.limits.skew = timedelta(minutes=minutes)
    desk.server.open(1)
    await clock.advance(20)
    await desk.poll()
    assert read(desk) == {1}
    assert desk.batches[-1].watermark is not None
    behind = clock.now() + min(timedelta(0), timedelta(minutes=minutes)) - desk.batches[-1].watermark
    assert abs(behind.total_seconds() - 5) <= 1
    desk.server.say(1, ALICE)
    await clock.advance(20)
    await desk.poll()
    assert [kind for (kind,) in desk.told("1")] == ["opened", "replied"]
    assert [text for _, text in await desk.findings() if "its clock is" in text]


async def test_another_process_goes_on_with_what_was_kept(desk: Desk, clock: FakeClock):
    """What a ticket was like is in the store: a change that nobody saw happen is known to lie after the last look."""
    desk.server.open(1)
    await clock.advance(60)
    desk.server.set(1, responder_id=ALICE)
    await clock.advance(20)
    await desk.poll()
    desk.restart()
    await clock.advance(86_400)
    desk.server.set(1, group_id=12)
    await clock.advance(600)
    desk.server.say(1, ALICE)
    await clock.advance(20)
    await desk.poll()
    assert desk.told("1", "place") == [("opened", "group:support"), ("assigned", "group:projects"), ("replied", "group:projects")]
    (moved,) = [event for event in desk.events.values() if event.queue == "projects"]
    assert (moved.after, moved.at) == (NOW + timedelta(seconds=80 - 5), NOW + timedelta(seconds=80 + 86_400 + 600))


# what the list does not tell


@pytest.mark.parametrize("spam", [True, False])
async def test_deleted_and_brought_back(desk: Desk, clock: FakeClock, spam: bool):
    await opened(desk, clock, 2)
    await clock.advance(20)
    await desk.poll()
    desk.server.delete(1, spam=spam)
    assert asked_for(await five_minutes(desk, clock)) == []
    assert desk.told("1", "reason")[-1] == ("discarded", "deleted")
    assert desk.told("2") == [("opened",)]
    await five_minutes(desk, clock)
    assert [kind for (kind,) in desk.told("1")].count("discarded") == 1
    desk.server.bring_back(1)
    await clock.advance(20)
    await desk.poll()
    assert {kind for (kind,) in desk.told("1")} == {"opened", "discarded", "restored"}


@pytest.mark.parametrize("how", ["deleted", "out_of_sight"])
async def test_open_tickets_that_no_list_names_any_more_are_looked_for(desk: Desk, clock: FakeClock, how: str):
    await opened(desk, clock, 2)
    await clock.advance(20)
    await desk.poll()
    (desk.server.gone if how == "deleted" else desk.server.hidden).add(1)
    await clock.advance(60)
    await desk.poll()
    assert desk.told("1", "reason")[-1] == ("discarded", how)
    assert desk.told("2") == [("opened",)]


async def test_only_the_groups_that_are_wanted(desk: Desk, clock: FakeClock):
    desk.restart(groups=["Support"])
    await opened(desk, clock, 1)
    desk.server.open(2, group=12)
    await clock.advance(600)
    await desk.poll()
    assert read(desk) == {1}
    desk.server.set(1, group_id=12)
    await clock.advance(120)
    await desk.poll()
    assert desk.told("1", "reason")[-1] == ("discarded", "out_of_sight")
    desk.server.set(1, group_id=11)
    await clock.advance(120)
    await desk.poll()
    assert "restored" in {kind for (kind,) in desk.told("1")}


async def test_ratings_come_though_they_change_no_ticket(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 2)
    desk.server.rate(1, 103)
    await clock.advance(20)
    asked = await desk.poll()
    assert asked_for(asked) == [1, 2]  # what was rated is read with the ticket
    assert desk.told("1", "score")[1:] == [("rated", 1.0)]
    desk.server.rate(2, -101)
    assert asked_for(await five_minutes(desk, clock)) == [2]
    assert desk.told("2", "score")[1:] == [("rated", pytest.approx(1 / 3))]
    assert asked_for(await five_minutes(desk, clock)) == []


async def test_ratings_of_a_pass_that_another_process_ends(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 25)
    await five_minutes(desk, clock)
    for number in range(1, 26):
        desk.server.rate(number, 100)
    desk.server.instead = [("/tickets/9[?]include=stats", 503, {}, b"")]
    with suppress(TransientError):
        await five_minutes(desk, clock)
    assert desk.state.cursor is not None
    assert desk.state.cursor["mark"] == {"aside": "rated"}
    assert desk.told("9", "score")[1:] == []
    desk.restart()
    await clock.advance(20)
    await desk.poll()
    assert {desk.told(str(number), "score")[-1] for number in range(1, 26)} == {("rated", 0.5)}


async def test_what_was_deleted_while_nobody_read(desk: Desk, clock: FakeClock):
    await opened(desk, clock, 2)
    await five_minutes(desk, clock)
    desk.server.delete(1)
    await clock.advance(86_400)
    desk.restart()
    await five_minutes(desk, clock)
    assert desk.told("1", "reason")[-1] == ("discarded", "deleted")


# rights and check


async def test_without_rights_to_lists_names_and_people_are_told_otherwise(desk: Desk, clock: FakeClock):
    desk.server.forbidden = ("/groups", "/ticket_fields", "/agents$", "/surveys", "/contacts")
    desk.server.open(1)
    desk.server.say(1, ALICE)
    await clock.advance(60)
    desk.server.set(1, status=RESOLVED)
    await clock.advance(20)
    await desk.poll()
    assert desk.told("1", "place", "by") == [
        ("opened", "group:#11", "customer"), ("replied", "group:#11", "agent"), ("resolved", "group:#11", "agent"),
    ]  # fmt: skip
    said = [text for ok, text in await desk.findings() if ok is None]
    assert {"groups", "ticket fields", "agents"} <= {
        text.split("list ")[1].split(":")[0] for text in said if "may not list" in text
    }


async def test_check_says_what_was_not_tried_and_what_is_allowed(desk: Desk):
    desk.server.limits.per_minute = 100
    found = await desk.findings()
    assert (None, "this connector was written from Freshdesk's documentation and has not been tried on the real service") in found
    assert (True, "groups that this account sees: 4 (complaints, managers, projects, support)") in found
    assert (True, "staff: 5 accounts by being agents; robots: none") in found
    assert desk.server.wrote == []


@pytest.mark.parametrize(
    ("allowed", "mine", "ok", "by"),
    [(100, 50, True, "a minute"), (50, 50, False, "a minute"), (3000, 49, True, "an hour"), (3000, 50, False, "an hour")],
)
async def test_check_compares_the_allowance(desk: Desk, allowed: int, mine: int, ok: bool, by: str):
    desk.server.limits.per_minute = allowed
    desk.restart(requests_per_minute=mine)
    said = f"Freshdesk allows {allowed} requests {by} to all programs together; at most {mine} a minute are this source's"
    assert (ok, said) in await desk.findings()


@pytest.mark.parametrize("scope", [2, 3])
async def test_an_agent_who_sees_not_all_is_told(desk: Desk, scope: int):
    desk.server.scope = scope
    assert "the agent does not see all tickets: give it global access, or some are missing without a word" in {
        text for ok, text in await desk.findings() if ok is False
    }


async def test_check_names_what_it_cannot_find(desk: Desk):
    desk.restart(groups=["Suport"], robots=["nobody@desk.example", "17"])
    said = {text for ok, text in await desk.findings() if ok is False}
    assert "group Suport: this account does not see it; check its name, and the account's rights" in said
    assert "nobody@desk.example: no agent has this address; of others write the number of the account" in said


@pytest.mark.parametrize("key", ["", "tök", "a\nb"])
def test_a_key_that_fits_into_no_header(key: str):
    keys: dict[str, Any] = {"type": "freshdesk", "url": "https://x.example", "key": key}
    with pytest.raises(ValueError, match="printable ASCII"):
        freshdesk.Settings.model_validate(keys)
