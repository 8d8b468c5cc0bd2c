"""What reading Jira costs: limits are kept and used, and what did not change costs nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from monitor.errors import TransientError
from monitor.testing import FakeClock
from tests.connectors.jira.desk import NOW, Desk, desk_at, read
from tests.connectors.jira.shapes import ALICE
from tests.connectors.jira.simulator import Simulator
from tests.connectors.simulated import as_time_passes, behind_in_a_day, in_process


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    simulator = Simulator(clock)
    with in_process(simulator) as url:
        yield desk_at(url, simulator, clock)


async def test_a_pass_over_a_hundred_thousand_tickets_of_which_fifty_changed_costs_what_fifty_cost(desk: Desk, clock: FakeClock):
    desk.server.limits.per_minute = 1_000_000
    for number in range(1, 100_001):
        desk.server.open(number)
    await clock.advance(3600)
    desk.restart(backfill="10m")  # what is older was read long ago
    await desk.poll()
    for number in range(17, 100_000, 2000):
        desk.server.say(number, ALICE)
    await clock.advance(120)
    asked = await desk.poll()
    assert read(desk) == set(range(17, 100_000, 2000))
    kinds = [each.partition("{")[0].removeprefix("/rest/api/3/") for each in asked]
    # Changelogs of twenty each; then a look whether they are still there, once a minute.
    assert kinds == ["search/jql", *["changelog/bulkfetch"] * 3, "issue/bulkfetch"]
    await clock.advance(30)
    assert len(await desk.poll()) == 1  # they come once more, and are known


@pytest.mark.parametrize(("per_minute", "per_page"), [(100, 100), (30, 100), (200, 1)])
async def test_a_first_read_uses_nine_tenths_of_the_allowance_and_never_more(
    desk: Desk, clock: FakeClock, per_minute: int, per_page: int
):
    """Of issues with more comments than come along."""
    limits = desk.server.limits
    limits.per_minute, limits.per_page, limits.comments = per_minute, per_page, 0
    desk.restart(requests_per_minute=per_minute)
    for number in range(1, 401):
        desk.server.open(number)
        desk.server.say(number, ALICE)
    await clock.advance(3600)
    began = clock.now()
    await as_time_passes(clock, desk.poll())
    assert desk.server.refused == 0
    assert read(desk) == set(range(1, 401))
    minutes = (clock.now() - began).total_seconds() / 60 + 1  # the first minute's come at once
    assert len(desk.server.asked) >= 0.9 * (minutes - 1) * per_minute


async def test_a_day_with_ten_requests_a_minute_stays_within_two_minutes_of_the_present(desk: Desk, clock: FakeClock):
    """The index is ten seconds behind."""
    desk.server.limits.per_minute, desk.server.limits.index_lag = 10, 10.0
    desk.restart(requests_per_minute=10)
    for number in range(1, 201):
        desk.server.open(number)
    await clock.advance(86_400)
    desk.restart(backfill="1h")
    worst, told = await behind_in_a_day(desk, clock, lambda chance: desk.server.say(chance.randint(1, 200), ALICE), pause=15)
    assert desk.server.refused == 0
    assert max(desk.server.taken.values()) <= 20  # of two sliding minutes at most
    assert worst <= timedelta(minutes=2), worst
    await clock.advance(60)
    await as_time_passes(clock, desk.poll())
    assert len([event for event in desk.events.values() if event.kind == "replied"]) == told


async def test_somebody_else_uses_the_allowance_too(desk: Desk, clock: FakeClock):
    """Of what is asked for, less than a tenth is asked for in vain."""
    desk.server.limits.per_minute, desk.server.limits.comments = 40, 0
    for number in range(1, 301):
        desk.server.open(number)
        desk.server.say(number, ALICE)
    await clock.advance(3600)
    for _ in range(100):
        try:
            await as_time_passes(clock, desk.poll())
        except TransientError as error:
            await clock.advance(error.retry_after or 30)
        else:
            break
    assert read(desk) == set(range(1, 301))
    assert desk.server.refused <= sum(desk.server.taken.values()) / 10
