"""What may go wrong while Jira is read: zones and clocks, refusals, answers cut short, marks and tokens that expire."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import AuthError, TransientError
from monitor.testing import FakeClock
from tests.connectors.jira.desk import NOW, Desk, asked_for, opened, read, simulated_desk
from tests.connectors.jira.shapes import ALICE
from tests.connectors.simulated import persevering

SEARCH, BULK = "/search/jql", "/changelog/bulkfetch"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    async with simulated_desk(clock) as found:
        yield found


# moments


async def test_where_milliseconds_are_refused_minutes_of_the_accounts_zone_are_asked_for(desk: Desk, clock: FakeClock):
    desk.server.limits.takes_numbers, desk.server.zone = False, "America/St_Johns"
    opened(desk, 2)
    await clock.advance(2000)
    asked = await desk.poll()
    assert read(desk) == {1, 2}
    assert 'updated >= \\"2026-10-19 09:53\\"' in "".join(asked)  # 30 days and 10 minutes before 12:33:20, 2.5 h west
    desk.server.say(1, ALICE)
    await clock.advance(60)
    assert asked_for(await desk.poll(), SEARCH) == 1  # it is remembered
    assert [kind for (kind,) in desk.told("SUP-1")] == ["opened", "replied"]


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize("second", [True, False])
async def test_nothing_is_lost_in_the_hour_that_comes_twice(numbers: bool, second: bool):
    """Clocks in Berlin go back at 01:00 UTC; whichever of the two hours Jira takes a minute for."""
    clock = FakeClock(datetime(2026, 10, 24, 23, 0, tzinfo=UTC))
    async with simulated_desk(clock) as desk:
        desk.server.zone = "Europe/Berlin"
        desk.server.limits.takes_numbers, desk.server.limits.second_of_two = numbers, second
        for number in range(1, 40):
            desk.server.open(number)
            await clock.advance(400)
            await desk.poll()
        assert read(desk) == set(range(1, 40))


async def test_a_zone_that_nobody_knows_is_told(desk: Desk, clock: FakeClock):
    desk.server.instead = [("/myself", 200, {}, b'{"accountId": "1", "timeZone": "Middle/Earth"}')]
    desk.server.limits.takes_numbers = False
    with pytest.raises(TransientError, match="time zone is 'Middle/Earth', which is unknown here"):
        await desk.poll()


@pytest.mark.parametrize("minutes", [-5, 5])
async def test_clocks_that_are_minutes_apart(desk: Desk, clock: FakeClock, minutes: int):
    desk.server.limits.skew = timedelta(minutes=minutes)
    opened(desk, 1)
    await clock.advance(70)
    await desk.poll()
    assert read(desk) == {1}
    ours = clock.now()
    assert desk.batches[-1].watermark is not None
    assert abs((desk.batches[-1].watermark - (ours + min(timedelta(0), timedelta(minutes=minutes)))).total_seconds() + 60) <= 1
    desk.server.say(1, ALICE)
    await clock.advance(70)
    await desk.poll()
    assert [kind for (kind,) in desk.told("SUP-1")] == ["opened", "replied"]
    assert [text for _, text in await desk.findings() if "its clock is" in text]


# misfortunes


@pytest.mark.parametrize("retry_after", ["", "17", None, "soon"])
async def test_bursts_of_429_lose_nothing_and_make_progress(desk: Desk, clock: FakeClock, retry_after: str | None):
    """Somebody else uses up what the account may: ten requests a minute are left. Jira may forget to say for how long."""
    desk.server.limits.bulk = False
    opened(desk, 60)
    await clock.advance(600)
    desk.server.limits.per_minute, desk.server.limits.retry_after = 10, retry_after
    errors = await persevering(desk, clock)
    assert read(desk) == set(range(1, 61))
    assert {(error.reason, "too many requests" in str(error)) for error in errors} == {("rate_limit", True)}
    # Where it does not say for how long, X-RateLimit-Reset names a minute.
    assert errors[0].retry_after == (61.0 if retry_after == "" else 17.0 if retry_after == "17" else 60.0)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 409])
@pytest.mark.parametrize("where", ["nextPageToken", "/issue/9/comment", "/project/search"])
async def test_errors_in_the_middle_lose_nothing_and_read_nothing_twice(desk: Desk, clock: FakeClock, status: int, where: str):
    desk.server.limits.per_page, desk.server.limits.comments = 5, 0
    opened(desk, 12)
    for number in range(1, 13):
        desk.server.say(number, ALICE)
    await clock.advance(900)
    desk.server.instead = [(where, status, {}, b"<html>")] * 2
    everything: list[str] = []
    for _ in range(4):
        try:
            await desk.poll()
        except TransientError:
            await clock.advance(30)
        everything += desk.server.asked
    assert read(desk) == set(range(1, 13))
    assert [asked_for(everything, f"/issue/{number}/comment") for number in range(1, 6)] == [1] * 5


@pytest.mark.parametrize("kind", [500, 404, 403, 400])
async def test_a_bulk_that_fails_costs_requests_and_no_tickets(desk: Desk, clock: FakeClock, kind: int):
    opened(desk, 3)
    await clock.advance(600)
    desk.server.instead = [(BULK, kind, {}, b"{}")]
    assert asked_for(await desk.poll(), "/changelog?") == 3
    assert read(desk) == {1, 2, 3}


@pytest.mark.parametrize("where", [SEARCH, "nextPageToken", "/issue/9/comment", "/myself", "/status"])
async def test_answers_that_are_cut_short(desk: Desk, clock: FakeClock, where: str):
    desk.server.limits.per_page, desk.server.limits.comments = 5, 0
    opened(desk, 12)
    desk.server.say(9, ALICE)
    await clock.advance(900)
    desk.server.cut = [where]
    errors = await persevering(desk, clock)
    assert [error.reason for error in errors] == ["protocol"]
    assert read(desk) == set(range(1, 13))


@pytest.mark.parametrize(
    "said",
    [
        b'{"issueChangeLogs": [{"issueId": "1"}]}', b'{"issueChangeLogs": 3}', b"[]",
        b'{"issueChangeLogs": [{"issueId": ["1"], "changeHistories": []}]}',
    ],
)  # fmt: skip
async def test_a_bulk_that_cannot_be_understood_holds_up_nothing(desk: Desk, clock: FakeClock, said: bytes):
    opened(desk, 3)
    await clock.advance(600)
    desk.server.instead = [(BULK, 200, {}, said)]
    assert asked_for(await desk.poll(), "/changelog?") == 3
    assert read(desk) == {1, 2, 3}


async def test_changelogs_that_nobody_asked_for_are_left(desk: Desk, clock: FakeClock):
    opened(desk, 2)
    await clock.advance(600)
    said = b'{"issueChangeLogs": [{"issueId": "99", "changeHistories": [{"id": "1"}]}]}'
    desk.server.instead = [(BULK, 200, {}, said)]
    await desk.poll()
    assert [desk.told(f"SUP-{number}") for number in (1, 2)] == [[("opened",)], [("opened",)]]


async def test_a_bulk_that_is_cut_short_is_asked_for_by_issues(desk: Desk, clock: FakeClock):
    opened(desk, 2)
    await clock.advance(900)
    desk.server.cut = [BULK]
    assert asked_for(await desk.poll(), "/changelog?") == 2
    assert read(desk) == {1, 2}


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
    assert [kind for (kind,) in desk.told("SUP-1")] == ["opened", "replied"]


@pytest.mark.parametrize(("forgets", "works"), [(1, True), (9, False)])
async def test_a_mark_that_the_server_has_forgotten_begins_the_pass_anew_once(
    desk: Desk, clock: FakeClock, forgets: int, works: bool
):
    desk.server.limits.per_page = 5
    opened(desk, 12)
    await clock.advance(900)
    desk.server.instead = [("nextPageToken", 400, {}, b"{}")] * forgets
    if works:
        await desk.poll()
        assert read(desk) == set(range(1, 13))
    else:
        with pytest.raises(TransientError, match="does not understand the request"):
            await desk.poll()


async def test_a_mark_is_good_for_seven_days(desk: Desk, clock: FakeClock):
    desk.server.limits.per_page, desk.server.limits.comments = 5, 0
    opened(desk, 12)
    desk.server.say(7, ALICE)
    await clock.advance(900)
    desk.server.instead = [("/issue/7/comment", 503, {}, b"")]
    with pytest.raises(TransientError):
        await desk.poll()
    await clock.advance(8 * 86_400)
    await desk.poll()
    assert read(desk) == set(range(1, 13))


async def test_a_project_that_is_gone_is_noticed(desk: Desk, clock: FakeClock):
    desk.restart(projects=["SUP", "PRJ"])
    opened(desk, 1)
    await clock.advance(600)
    await desk.poll()
    desk.server.projects = {number: key for number, key in desk.server.projects.items() if key != "PRJ"}
    desk.server.say(1, ALICE)
    await clock.advance(100)
    with pytest.raises(TransientError, match="does not understand the request"):
        await desk.poll()
    await desk.poll()
    assert [kind for (kind,) in desk.told("SUP-1")] == ["opened", "replied"]
