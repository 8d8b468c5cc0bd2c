"""Requests in a minute, by a clock that moves when told to."""

import asyncio

from monitor.connectors._http.budget import RequestBudget
from monitor.testing import FakeClock


async def test_what_is_within_the_budget_goes_at_once_and_the_next_waits_for_the_first_to_be_a_minute_old():
    clock = FakeClock()
    budget = RequestBudget(2, clock)
    await budget.take()
    await clock.advance(10)
    await budget.take()
    third = asyncio.ensure_future(budget.take())
    await clock.advance(49.999)
    assert not third.done()
    await clock.advance(0.001)
    assert third.done()
    fourth = asyncio.ensure_future(budget.take())  # the second went at 10 s
    await clock.advance(9.999)
    assert not fourth.done()
    await clock.advance(0.001)
    assert fourth.done()


async def test_those_who_wait_together_go_no_faster():
    clock = FakeClock()
    budget = RequestBudget(3, clock)
    waiting = [asyncio.ensure_future(budget.take()) for _ in range(10)]
    gone = []
    for _ in range(4):
        await clock.settle()
        gone.append(sum(task.done() for task in waiting))
        await clock.advance(60)
    assert gone == [3, 6, 9, 10]


async def test_whoever_gives_up_waiting_has_not_gone():
    clock = FakeClock()
    budget = RequestBudget(1, clock)
    await budget.take()
    left, stays = asyncio.ensure_future(budget.take()), asyncio.ensure_future(budget.take())
    await clock.settle()
    left.cancel()
    await clock.advance(60)
    assert stays.done()


async def test_what_costs_several_waits_for_as_many():
    clock = FakeClock()
    budget = RequestBudget(5, clock)
    await budget.take(3)
    await clock.advance(10)
    await budget.take(2)
    dear = asyncio.ensure_future(budget.take(4))  # three are free at 60 s, the fourth at 70 s
    await clock.advance(59.999)
    assert not dear.done()
    await clock.advance(0.001)
    assert dear.done()


async def test_what_costs_more_than_a_minute_allows_goes_when_the_minute_was_empty():
    clock = FakeClock()
    budget = RequestBudget(5, clock)
    await budget.take()
    dear = asyncio.ensure_future(budget.take(7))
    await clock.advance(59.999)
    assert not dear.done()
    await clock.advance(0.001)
    assert dear.done()


async def test_what_turned_out_to_cost_more_holds_up_the_next():
    clock = FakeClock()
    budget = RequestBudget(3, clock)
    await budget.take()
    await clock.advance(10)
    budget.spend(2)
    following = asyncio.ensure_future(budget.take(2))
    await clock.advance(59.999)
    assert not following.done()
    await clock.advance(0.001)
    assert following.done()
