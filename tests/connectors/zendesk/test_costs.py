"""What reading Zendesk costs: limits are kept and used, and what did not change costs nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from monitor.errors import TransientError
from monitor.testing import FakeClock
from tests.connectors.simulated import as_time_passes, behind_in_a_day, in_process
from tests.connectors.zendesk.desk import NOW, Desk, desk_at
from tests.connectors.zendesk.simulator import ALICE, Simulator


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    simulator = Simulator(clock)
    with in_process(simulator) as url:
        yield desk_at(url, simulator, clock)


def audits_asked(asked: list[str]) -> int:
    return len([each for each in asked if "/audits" in each])


async def test_a_pass_over_a_hundred_thousand_tickets_of_which_fifty_changed_costs_what_fifty_cost(desk: Desk, clock: FakeClock):
    for number in range(1, 100_001):
        desk.server.open(number, customer="anna")
    await clock.advance(3600)
    desk.restart(backfill="10m")  # what is older was read long ago
    await desk.poll()
    for number in range(17, 100_000, 2000):
        desk.server.say(number, ALICE)
    await clock.advance(120)
    asked = await desk.poll()
    assert (audits_asked(asked), len(asked)) == (50, 51)
    await clock.advance(30)
    assert len(await desk.poll()) <= 2  # what changed within the last minutes comes once more, and is known


@pytest.mark.parametrize(("per_minute", "exports", "per_page"), [(200, 10, 100), (30, 10, 100), (700, 10, 20)])
async def test_a_first_read_uses_nine_tenths_of_the_allowance_and_never_more(
    desk: Desk, clock: FakeClock, per_minute: int, exports: int, per_page: int
):
    """Where the export's pages are the narrow pass, of theirs."""
    limits = desk.server.limits
    limits.per_minute, limits.exports_per_minute, limits.per_page = per_minute, exports, per_page
    desk.restart(requests_per_minute=per_minute, exports_per_minute=exports)
    for number in range(1, 601):
        desk.server.open(number, customer="anna")
    await clock.advance(3600)
    began = clock.now()
    await as_time_passes(clock, desk.poll())
    assert desk.server.refused == 0
    minutes = (clock.now() - began).total_seconds() / 60 + 1  # the first minute's come at once
    pages = 600 / per_page
    assert len(desk.server.asked) >= 0.9 * (minutes - 1) * per_minute or pages >= 0.9 * (minutes - 1) * exports
    assert {int(contact) for contact, _ in desk.events} == set(range(1, 601))


async def test_a_day_with_ten_requests_a_minute_stays_within_two_minutes_of_the_present(desk: Desk, clock: FakeClock):
    desk.server.limits.per_minute = desk.server.limits.exports_per_minute = 10
    desk.restart(requests_per_minute=10, exports_per_minute=10)
    for number in range(1, 201):
        desk.server.open(number)
    await clock.advance(86_400)
    desk.restart(backfill="1h")
    worst, _ = await behind_in_a_day(desk, clock, lambda chance: desk.server.say(chance.randint(1, 200), ALICE), pause=20)
    assert desk.server.refused == 0
    assert max(desk.server.taken.values()) <= 20  # of two sliding minutes at most
    assert worst <= timedelta(minutes=2), worst


async def test_somebody_else_uses_the_allowance_too(desk: Desk, clock: FakeClock):
    """Of what is asked for, less than a tenth is asked for in vain."""
    desk.server.limits.per_minute = 40
    for number in range(1, 301):
        desk.server.open(number, customer="anna")
    await clock.advance(3600)
    for _ in range(100):
        try:
            await as_time_passes(clock, desk.poll())
        except TransientError as error:
            await clock.advance(error.retry_after or 30)
        else:
            break
    assert {int(contact) for contact, _ in desk.events} == set(range(1, 301))
    assert desk.server.refused <= sum(desk.server.taken.values()) / 10
