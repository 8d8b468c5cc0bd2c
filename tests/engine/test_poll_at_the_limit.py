"""A polled source is asked as its next limit falls, not only when its turn comes: nobody else knows whether an answer came."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest

from monitor.connector import Batch, Cursor
from monitor.engine.schedule import pause_before_limit
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event

EVERY = timedelta(seconds=10)


class Helpdesk(ScriptedConnector):
    """Knows at each poll everything up to a second ago; a customer wrote as the first one was made."""

    def __init__(self, clock: FakeClock, contacts: int = 1) -> None:
        super().__init__(clock)
        self.polls: list[datetime] = []
        self._now = clock.now
        self._contacts = contacts

    async def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        self.polls.append(self._now())
        events = [event(f"t{n}", "received", n, channel="ticket") for n in range(self._contacts)] if len(self.polls) == 1 else []
        yield Batch(events, watermark=self._now() - timedelta(seconds=1))


async def test_a_limit_is_counted_as_it_falls_and_not_at_the_next_poll() -> None:
    clock = FakeClock(NINE)
    desk = Helpdesk(clock)
    policies = {"default": {"late_reply": {"after": "27s"}, "late_resolution": {"after": "100d"}}}
    async with RunningDaemon(clock, {"desk": desk}, MemoryStore(), policies=policies) as daemon:
        await clock.advance(28)
        assert daemon.signals("late_reply", channel="ticket") == 0  # at 9:00:28 nothing later than 9:00:27 has been seen
        await clock.advance(0.2)
        assert daemon.signals("late_reply", channel="ticket") == 1
        polls = len(desk.polls)
        await clock.advance(100)
        assert len(desk.polls) - polls <= 12  # and then in their own time again


async def test_however_many_limits_fall_polls_keep_their_distance() -> None:
    """Twenty in twenty seconds: a tenth of ten seconds lies between two polls at least."""
    clock = FakeClock(NINE)
    desk = Helpdesk(clock, contacts=20)
    policies = {"default": {"late_reply": {"after": "30s"}, "late_resolution": {"after": "100d"}}}
    async with RunningDaemon(clock, {"desk": desk}, MemoryStore(), policies=policies) as daemon:
        await clock.advance(60)
        assert daemon.signals("late_reply", channel="ticket") == 20
    gaps = [(later - earlier).total_seconds() for earlier, later in zip(desk.polls, desk.polls[1:], strict=False)]
    assert min(gaps) >= 1.0
    assert desk.polls[0] == at(0)


@pytest.mark.parametrize(
    ("pause", "behind", "expected"),
    [
        (9.5, None, 9.5), (9.5, 20.0, 9.5), (9.5, 9.45, 9.5), (9.5, 9.4, 9.45), (9.5, 5.0, 5.05), (9.5, 0.5, 1.0),
        (9.5, -3.0, 1.0), (0.3, 5.0, 0.3),
    ],
)  # fmt: skip
def test_how_long_it_pauses(pause: float, behind: float | None, expected: float) -> None:
    assert pause_before_limit(pause, EVERY, behind) == pytest.approx(expected)
