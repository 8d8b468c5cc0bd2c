"""A gap: whether somebody was called back in it nobody can know, so such a call back is void, unless it was late before."""

import pytest

from monitor.connector import Batch, Gap
from monitor.domain.event import Event
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event

LIMITS = {"default": {"missed_callback": {"after": "1h", "clock": "always"}}}
GAP = Gap(at(1000), at(2000))


def missed(seconds: float, name: str = "m") -> list[Event]:
    """Gives up at this moment after half a minute."""
    begun = event(name, "queued", seconds - 30, customer="ann")
    return [begun, event(name, "left", seconds, reason="caller")]


async def owed(before: list[Event], with_gap: list[Event], later: list[Event] = [], gap: Gap = GAP) -> tuple[float, float]:  # noqa: B006
    """(assessed, signals) of missed call backs after eight hours; nothing of it may have been taken back."""
    clock = FakeClock(NINE)
    steps = [
        Batch(before, {"n": 1}, watermark=gap.since),
        at(gap.until.timestamp() - NINE.timestamp()),
        Batch(with_gap, {"n": 2}, watermark=gap.until, gap=gap),
        Batch(later, {"n": 3}, watermark=at(8 * 3600)),
    ]
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, steps)}, MemoryStore(), policies=LIMITS) as running:
        await clock.advance(8 * 3600)
        assert running.total("signals_retracted_total") == 0
        return running.total("assessed_total", "phone", "desk", "missed_callback"), running.signals("missed_callback")


@pytest.mark.parametrize(
    ("gave_up", "verdict"),
    [
        (-2600.000001, (1, 1)),  # was late when the gap began
        (-2599, (0, 0)),  # would have been late a second into the gap
        (500, (0, 0)),
        (999.999999, (0, 0)),
    ],
)
async def test_what_was_owed_before_the_gap(gave_up: float, verdict: tuple[float, float]) -> None:
    assert await owed(missed(gave_up), []) == verdict


@pytest.mark.parametrize(("gave_up", "verdict"), [(1000, (0, 0)), (1500, (0, 0)), (1999.999999, (0, 0)), (2000, (1, 1))])
async def test_what_became_owed_in_the_gap_or_after_it(gave_up: float, verdict: tuple[float, float]) -> None:
    assert await owed([], missed(gave_up)) == verdict
    assert await owed([], [], missed(gave_up)) == verdict


async def test_a_gap_does_not_undo_a_call_back_that_was_made() -> None:
    back = event("b", "called_out", 900, customer="ann", answered=True)
    assert await owed([*missed(500), back], []) == (1, 0)


async def test_who_came_again_in_the_gap_was_reached_if_something_told_of_it() -> None:
    again = [event("c", "queued", 1500, customer="ann"), event("c", "answered", 1510)]
    assert await owed(missed(500), again) == (1, 0)


async def test_a_gap_in_which_nobody_can_have_been_called_back_changes_nothing() -> None:
    gap = Gap(GAP.since, GAP.until, callbacks=False)
    assert await owed(missed(500), missed(1500, "n"), gap=gap) == (2, 2)


async def test_a_limit_that_passes_in_the_gap_is_not_counted_first() -> None:
    short = Gap(at(1000), at(20_000))
    assert await owed(missed(900), missed(5000, "n"), gap=short) == (0, 0)


async def test_a_caller_who_waits_again_goes_on_waiting() -> None:
    clock = FakeClock(NINE)
    again = event("m", "queued", 900)
    steps = [Batch([*missed(500), again], {"n": 1}), Batch([], {"n": 2}, gap=GAP, watermark=at(2000))]
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, steps)}, MemoryStore(), policies=LIMITS) as running:
        await clock.advance(1)
        shown = running.snapshot().points["desk"].running
        assert shown is not None
        assert (shown["queue"].waiting, shown["callback"].waiting) == (1, 0)
