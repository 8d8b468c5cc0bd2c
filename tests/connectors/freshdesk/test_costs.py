"""What reading Freshdesk costs: limits are kept and used, and what did not change costs nothing."""

import random
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from monitor.errors import TransientError
from monitor.testing import FakeClock
from tests.connectors.freshdesk.desk import LIMITLESS, NOW, Desk, desk_at
from tests.connectors.freshdesk.simulator import ALICE, Simulator
from tests.connectors.simulated import as_time_passes, in_process


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    simulator = Simulator(clock)
    with in_process(simulator) as url:
        yield desk_at(url, simulator, clock)


def conversations_asked(asked: list[str]) -> int:
    return len([each for each in asked if "/conversations" in each])


async def test_a_pass_over_a_hundred_thousand_tickets_of_which_fifty_changed_costs_what_fifty_cost(desk: Desk, clock: FakeClock):
    desk.server.limits.per_minute = desk.server.limits.lists_per_minute = LIMITLESS
    for number in range(1, 100_001):
        desk.server.open(number, customer="anna")
    await clock.advance(3600)
    desk.restart(backfill="10m")  # what is older was read long ago
    await desk.poll()
    for number in range(17, 100_000, 2000):
        desk.server.say(number, ALICE)
    await clock.advance(120)
    spent = sum(desk.server.taken.values())
    asked = await desk.poll()
    look = 1 + 100  # now and then ratings or a bin; in a minute open tickets, here 100 as there is no limit
    assert conversations_asked(asked) == 50
    assert sum(desk.server.taken.values()) - spent <= 50 + 1 + 5 + look
    await clock.advance(30)
    asked = [each for each in await desk.poll() if "filter" not in each]
    assert len(asked) == 1  # what changed within the last minutes comes once more, and is known


@pytest.mark.parametrize("include_cost", [0, 2, 4])
@pytest.mark.parametrize(("per_minute", "lists", "per_page"), [(100, 20, 100), (50, 20, 100), (700, 200, 20), (400, 2, 20)])
async def test_a_first_read_uses_nine_tenths_of_the_allowance_and_never_more(
    desk: Desk, clock: FakeClock, per_minute: int, lists: int, per_page: int, include_cost: int
):
    """Where the list's pages are the narrow pass, of theirs. An answer costs what Freshdesk says, whatever was expected."""
    limits = desk.server.limits
    limits.per_minute, limits.lists_per_minute, limits.per_page, limits.include_cost = per_minute, lists, per_page, include_cost
    desk.restart(requests_per_minute=per_minute, lists_per_minute=lists)
    for number in range(1, 601):
        desk.server.open(number, customer="anna")
        await clock.advance(5)
    await clock.advance(3600)
    began, before = clock.now(), sum(desk.server.taken.values())
    await as_time_passes(clock, desk.poll())
    assert desk.server.refused <= (include_cost > 2)  # until an answer has told what it costs
    spent = sum(desk.server.taken.values()) - before
    minutes = (clock.now() - began).total_seconds() / 60 + 1  # the first minute's come at once
    pages = 600 / (per_page - 1) + 4
    assert spent >= 0.9 * (minutes - 1) * per_minute or pages >= 0.9 * (minutes - 1) * lists
    assert spent <= minutes * per_minute
    assert {int(contact) for contact, _ in desk.events} == set(range(1, 601))


async def test_a_day_with_ten_requests_a_minute_stays_within_two_minutes_of_the_present(desk: Desk, clock: FakeClock):
    """A ticket changes every ninety seconds, in bursts of up to four; polls begin 20 s apart, as the engine's. The first ten
    minutes, in which it learns who is who, may take longer."""
    desk.server.limits.per_minute = 10
    desk.restart(requests_per_minute=10)
    chance = random.Random(15)
    changes: deque[float] = deque()
    second = 0.0
    while second < 86_400:
        changes.extend([second] * (burst := chance.randint(1, 4)))
        second += burst * 90 * chance.uniform(0.7, 1.3)
    for number in range(1, 201):
        desk.server.open(number)
    await clock.advance(86_400)
    desk.restart(backfill="1h")
    began = clock.now()
    worst, watermark = timedelta(0), datetime.min.replace(tzinfo=NOW.tzinfo)
    while clock.now() < began + timedelta(days=1):
        started = clock.monotonic()
        await as_time_passes(clock, desk.poll())
        if clock.now() > began + timedelta(minutes=10):
            worst = max(worst, clock.now() - watermark)  # just before it is stored
        watermark = desk.batches[-1].watermark or watermark
        pause = max(0.0, 20 - (clock.monotonic() - started))
        await clock.advance(pause / 2)
        while changes and changes[0] <= (clock.now() - began).total_seconds():
            changes.popleft()
            desk.server.say(chance.randint(1, 200), ALICE)
        await clock.advance(pause / 2)
    assert desk.server.refused == 0
    assert max(desk.server.taken.values()) <= 20  # of two sliding minutes at most
    assert worst <= timedelta(minutes=2), worst


async def test_somebody_else_uses_the_allowance_too(desk: Desk, clock: FakeClock):
    """Of what is asked for, less than a tenth is asked for in vain."""
    desk.server.limits.per_minute = 40
    desk.restart(requests_per_minute=100)
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
