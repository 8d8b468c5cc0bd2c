"""When a limit that passes is counted: at its moment, once, and never while the source is blind."""

from datetime import timedelta

import pytest

from monitor.connector import Batch
from monitor.errors import TransientError
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, AbsentStore, RunningDaemon, at, event, listed

LIVE = Batch(live_lag=timedelta(0))
ON_HOLD = Batch([event("c", "queued", 0), event("c", "answered", 5), event("c", "held", 10)])


async def test_a_hold_of_two_minutes_is_counted_at_two_minutes_while_it_lasts() -> None:
    clock = FakeClock(NINE)
    pbx = ScriptedConnector(clock, [LIVE, at(10), ON_HOLD, at(200), Batch([event("c", "unheld", 200)])], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}) as daemon:
        await clock.advance(129.999)
        assert daemon.signals("long_hold") == 0
        running = daemon.snapshot().points["desk"].running
        assert running is not None
        assert (running["hold"].waiting, running["hold"].overdue, running["hold"].next_due) == (1, 0, at(130))
        await clock.advance(0.001)
        assert daemon.signals("long_hold") == 1
        running = daemon.snapshot().points["desk"].running
        assert running is not None
        assert (running["hold"].waiting, running["hold"].overdue, running["hold"].next_due) == (1, 1, None)
        await clock.advance(100)
        assert daemon.signals("long_hold") == 1
        assert daemon.total("assessed_total", "phone", "desk", "long_hold") == 1
        assert daemon.total("signals_retracted_total") == 0
        assert daemon.total("wait_seconds_sum", "phone", "desk", "hold") == 190
        running = daemon.snapshot().points["desk"].running
        assert running is not None
        assert running["hold"].waiting == running["hold"].overdue == 0
    assert listed(daemon.store) == [("pbx", "c", "desk", "long_hold", "c-held-10", "phone", _micros(130), 190.0, 120.0, None)]


def _micros(seconds: float) -> int:
    return round(at(seconds).timestamp() * 1_000_000)


@pytest.mark.parametrize(("seconds", "signals"), [(119.999, 0), (120, 1), (120.001, 1)])
async def test_a_hold_that_ends_at_the_edge(seconds: float, signals: int) -> None:
    clock = FakeClock(NINE)
    end = Batch([event("c", "unheld", 10 + seconds)])
    pbx = ScriptedConnector(clock, [LIVE, at(10), ON_HOLD, at(10 + seconds), end], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}) as daemon:
        await clock.advance(600)
        assert daemon.signals("long_hold") == signals
        assert daemon.total("assessed_total", "phone", "desk", "long_hold") == 1
        assert daemon.total("signals_retracted_total") == 0


async def test_a_limit_that_passes_while_the_source_is_blind_waits_until_it_is_seen_again() -> None:
    """Two holds; during the gap one of them ends in time, the other does not."""
    clock = FakeClock(NINE)
    both = [each for name in "ab" for each in (event(name, "answered", 5), event(name, "held", 10))]
    first = [LIVE, at(10), Batch(both), at(60), TransientError("cut"), at(400)]
    again = [at(400), Batch([event("a", "unheld", 129)], live_lag=timedelta(0))]
    pbx = ScriptedConnector(clock, first, again, live=True)
    async with RunningDaemon(clock, {"pbx": pbx}) as daemon:
        await clock.advance(399)
        assert daemon.signals("long_hold") == 0
        assert daemon.snapshot().points["desk"].running is None
        assert daemon.snapshot().sources["pbx"].watermark == at(60)
        await clock.advance(1.01)
        assert daemon.signals("long_hold") == 1
        running = daemon.snapshot().points["desk"].running
        assert running is not None
        assert running["hold"].overdue == 1
    [signal] = listed(daemon.store)
    assert signal[1] == "b"
    assert signal[6] == _micros(130)


async def test_a_limit_is_judged_at_the_lag_of_a_source() -> None:
    clock = FakeClock(NINE)
    pbx = ScriptedConnector(clock, [Batch(live_lag=timedelta(seconds=3)), at(10), ON_HOLD], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}) as daemon:
        await clock.advance(132.999)
        assert daemon.signals("long_hold") == 0
        await clock.advance(0.001)
        assert daemon.signals("long_hold") == 1


async def test_a_polled_source_is_judged_at_its_watermark_alone() -> None:
    """The limit passes at 13:00:00; the watermark stands still there, then moves with a batch about something else."""
    clock = FakeClock(NINE)
    asked = Batch([event("m", "received", 0, channel="email")], {"n": 1}, watermark=NINE)
    other = event("o", "received", 14000, channel="email")
    desk = ScriptedConnector(
        clock,
        [asked],
        [at(14500), Batch(watermark=at(14400))],
        [at(15000), Batch([other], {"n": 2}, watermark=at(15000))],
    )
    async with RunningDaemon(clock, {"mail": desk}) as daemon:
        await clock.advance(14990)
        assert daemon.signals("late_reply", channel="email") == 0
        await clock.advance(10.01)
        assert daemon.signals("late_reply", channel="email") == 1
        await clock.advance(4000)
        assert daemon.signals("late_reply", channel="email") == 1


async def test_a_wait_answered_in_time_is_never_counted_even_when_it_is_read_after_its_limit() -> None:
    clock = FakeClock(NINE)
    asked = Batch([event("m", "received", 0, channel="email")], watermark=NINE)
    answer = Batch([event("m", "replied", 14400, channel="email")], watermark=at(20000))
    async with RunningDaemon(clock, {"mail": ScriptedConnector(clock, [asked], [at(20000), answer])}) as daemon:
        await clock.advance(30000)
        assert daemon.total("assessed_total", "email", "desk", "late_reply") == 1
        assert daemon.total("signals_total") == 0


async def test_an_answer_that_the_store_refuses_at_first_is_not_missed_meanwhile() -> None:
    """The batch that moves the watermark holds the answer: until it is stored, absence is judged before it."""
    clock = FakeClock(NINE)
    store = AbsentStore()
    asked = Batch([event("m", "received", 0, channel="email")], watermark=NINE)
    answer = Batch([event("m", "replied", 100, channel="email")], watermark=at(20000))
    mail = ScriptedConnector(clock, [asked], [at(20000), answer])
    async with RunningDaemon(clock, {"mail": mail}, store) as daemon:
        await clock.advance(19999)
        store.away = True
        await clock.advance(60)
        assert daemon.total("signals_total") == 0
        assert daemon.snapshot().sources["mail"].watermark == NINE
        store.away = False
        await clock.advance(10)
        assert daemon.total("signals_total") == 0
        assert daemon.total("outcomes_total", "email", "desk", "replied", "true") == 1
        assert daemon.snapshot().sources["mail"].watermark == at(20000)
        assert daemon.total("signals_retracted_total") == 0


async def test_a_stop_while_the_store_refuses_does_not_keep_the_watermark_of_what_is_lost() -> None:
    clock = FakeClock(NINE)
    store = AbsentStore()
    asked = Batch([event("m", "received", 0, channel="email")], watermark=NINE)
    answer = Batch([event("m", "replied", 100, channel="email")], watermark=at(20000))
    mail = ScriptedConnector(clock, [asked], [at(20000), answer])
    async with RunningDaemon(clock, {"mail": mail}, store):
        await clock.advance(1)
        store.away = True
        await clock.advance(20010)
    store.away = False
    async with RunningDaemon(clock, {"mail": ScriptedConnector(clock, [at(20100), answer])}, store) as daemon:
        await clock.advance(0)
        assert daemon.total("signals_total") == 0
        await clock.advance(100)
        assert daemon.total("signals_total") == 0
        assert daemon.total("outcomes_total", "email", "desk", "replied", "true") == 1


async def test_what_arrives_while_the_store_refuses_is_judged_at_the_moment_it_was_handed_over() -> None:
    """A hold begins, the store is away for three minutes, the hold's end waits behind its beginning."""
    clock = FakeClock(NINE)
    store = AbsentStore()
    pbx = ScriptedConnector(clock, [LIVE, at(10), ON_HOLD, Batch([event("c", "unheld", 60)])], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}, store) as daemon:
        await clock.advance(9)
        store.away = True
        await clock.advance(180)
        store.away = False
        await clock.advance(20)
        assert daemon.total("assessed_total", "phone", "desk", "long_hold") == 1
        assert daemon.total("signals_total", "phone", "desk", "long_hold") == 0


async def test_the_delay_of_detection_is_told_of_what_time_brought_not_of_what_news_brought() -> None:
    """Of three holds one is caught by the clock, one is read too late, one is short."""
    clock = FakeClock(NINE)
    late = [event("late", "answered", 1), event("late", "held", 2), event("late", "unheld", 140), event("late", "ended", 141)]
    short = [event("short", "answered", 1), event("short", "held", 2), event("short", "unheld", 3), event("short", "ended", 4)]
    pbx = ScriptedConnector(clock, [LIVE, at(10), ON_HOLD, at(150), Batch(late + short)], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}) as daemon:
        await clock.advance(300)
        assert daemon.signals("long_hold") == 2
        assert daemon.total("detection_delay_seconds_bucket", "0.005") == 1
        assert daemon.total("detection_delay_seconds_bucket") == 1
        assert daemon.total("detection_delay_seconds_sum") == 0


async def test_five_hundred_limits_and_one_more_fall_at_one_moment() -> None:
    clock = FakeClock(NINE)
    holds = [each for n in range(501) for each in (event(f"c{n}", "answered", 5), event(f"c{n}", "held", 10))]
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, [LIVE, at(10), Batch(holds)], live=True)}) as daemon:
        await clock.advance(129.9)
        assert daemon.signals("long_hold") == 0
        await clock.advance(0.2)
        assert daemon.signals("long_hold") == 501


async def test_an_end_in_hand_is_not_missed_by_a_sweep_that_the_store_takes_again_first() -> None:
    """The store is back before the batch's next try: between the two the limit passes."""
    clock, store = FakeClock(NINE), AbsentStore()
    end = Batch([event("c", "unheld", 60)])
    pbx = ScriptedConnector(clock, [LIVE, at(10), ON_HOLD, at(128), end], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}, store) as daemon:
        await clock.advance(127)
        store.away = True
        await clock.advance(2.5)  # refused at 128.0, 128.1, 128.4, 129.4; the next try is at 132.4
        store.away = False
        await clock.advance(2)
        assert daemon.total("assessed_total", "phone", "desk", "long_hold") == 0
        await clock.advance(2)
        assert daemon.total("assessed_total", "phone", "desk", "long_hold") == 1
        assert daemon.total("signals_total", "phone", "desk", "long_hold") == 0


async def test_a_live_source_that_stops_with_a_batch_in_hand_was_not_complete_until_then() -> None:
    clock, store = FakeClock(NINE), AbsentStore()
    pbx = ScriptedConnector(clock, [LIVE, at(10), ON_HOLD, at(60), Batch([event("c", "unheld", 60)])], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}, store):
        await clock.advance(59)
        store.away = True
        await clock.advance(41)
        store.away = False
    assert store.cursor_row("pbx").watermark == _micros(10)


async def test_a_watermark_in_the_store_never_moves_back() -> None:
    clock, store = FakeClock(NINE), AbsentStore()
    batches = [Batch((), {"n": 1}, at(100)), Batch((), {"n": 2}), Batch((), {"n": 3}, at(50))]
    async with RunningDaemon(clock, {"mail": ScriptedConnector(clock, batches)}, store):
        await clock.advance(1)
        assert store.cursor_row("mail").watermark == _micros(100)


async def test_what_was_seen_to_be_late_stays_late_when_something_old_is_read_later() -> None:
    """An import judges nothing absent while it reads; what was absent before stays absent."""
    clock = FakeClock(NINE)
    asked = Batch([event("m", "received", 0, channel="email")], watermark=at(20_000))
    async with RunningDaemon(clock, {"mail": ScriptedConnector(clock, [asked])}) as daemon:
        await clock.advance(1)
        assert daemon.signals("late_reply", channel="email") == 1
        note = Batch([event("m", "noted", 100, channel="email")])
        daemon.coordinator._ingest.batch("mail", "events", note, daemon.coordinator.cursor("mail"), NINE, None, now=NINE)
    assert [each[3] for each in listed(daemon.store)] == ["late_reply"]
    assert ("signals_retracted_total", ("email", "desk", "late_reply")) not in daemon.store.totals()
