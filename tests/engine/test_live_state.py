"""A contact point as a snapshot shows it: its static facts, and what runs there."""

from datetime import UTC, datetime, timedelta

from monitor.domain.judge import RunningWait
from monitor.domain.snapshot import LocalZone, Running
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon


async def test_a_signal_that_is_switched_off_has_neither_objective_nor_limit() -> None:
    clock = FakeClock(NINE)
    daemon = RunningDaemon(
        clock,
        {"pbx": ScriptedConnector(clock)},
        country="DE",  # a ring every 5 s
        policies={"default": {"long_hold": False, "long_wait": {"after": "30s", "objective": "70%"}}},
        contact_points={"line": {"source": "pbx", "channel": "phone"}},
    )
    await daemon.generation.start()
    info = daemon.snapshot().points["line"].info
    daemon.coordinator.release()
    assert set(info.objectives) == {
        "slow_answer", "long_wait", "turned_away", "abandoned", "missed_callback", "handed_on", "slipped_promise", "low_rating",
        "repeat_contact", "lost_context",
    }  # fmt: skip
    assert info.objectives["long_wait"] == 0.7
    # the fifth ring begins after four; abandons and moves have no limit, a promise's is its own moment; within seven days
    assert info.limit_seconds == {
        "slow_answer": 20.0, "long_wait": 30.0, "missed_callback": 4 * 3600.0, "slipped_promise": 0.0,
        "repeat_contact": 604_800.0,
    }  # fmt: skip


async def test_a_limit_in_opening_days_is_no_number_of_seconds() -> None:
    clock = FakeClock(NINE)
    ticket = {"source": "desk", "channel": "ticket"}
    daemon = RunningDaemon(
        clock,
        {"desk": ScriptedConnector(clock)},
        calendars={"office": {"hours": {"mon-fri": "09:00-17:00"}}},
        contact_points={"office": {**ticket, "calendar": "office"}, "always": ticket},
    )
    await daemon.generation.start()
    points = daemon.snapshot().points
    daemon.coordinator.release()
    assert dict(points["office"].info.limit_opening_days) == {"late_resolution": 3}
    assert "late_resolution" not in points["office"].info.limit_seconds
    # around the clock a day is 24 hours
    assert dict(points["always"].info.limit_opening_days) == {}
    assert points["always"].info.limit_seconds["late_resolution"] == 3 * 86400


async def test_the_offset_is_that_of_the_calendars_zone_at_that_moment() -> None:
    clock = FakeClock(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC))  # a second before Berlin's summer
    daemon = RunningDaemon(
        clock,
        {"pbx": ScriptedConnector(clock)},
        timezone="Asia/Colombo",
        calendars={"office": {"timezone": "Europe/Berlin", "hours": {"mon": "09:00-17:00"}}},
        contact_points={
            "line": {"source": "pbx", "channel": "phone", "calendar": "office"},
            "desk": {"source": "pbx", "channel": "phone"},
        },
    )
    await daemon.generation.start()
    before = daemon.snapshot().points
    await clock.advance(1)
    after = daemon.snapshot().points
    daemon.coordinator.release()
    assert (before["line"].zone, after["line"].zone) == (LocalZone(3600.0, "CET"), LocalZone(7200.0, "CEST"))
    assert before["desk"].zone == after["desk"].zone == LocalZone(19800.0, "+0530")


async def test_what_two_sources_feed_is_shown_together() -> None:
    clock = FakeClock(NINE)
    sources = {name: ScriptedConnector(clock) for name in ("pbx", "spare")}
    daemon = RunningDaemon(clock, sources, contact_points={"line": {"source": "pbx", "channel": "phone"}})
    await daemon.generation.start()
    live, ago = daemon.generation.live_state, lambda seconds: NINE - timedelta(seconds=seconds)
    for status in daemon.generation.statuses.values():
        status.up, status.watermark = True, NINE
    daemon.generation.directory.resolve("spare", "name:line", "phone")
    queue = RunningWait("queue", ago(5), ago(-15), False), RunningWait("queue", ago(40), ago(20), True)
    live.running_waits.replace("pbx", ("call-1", "line"), "a1" * 8, "phone", queue)
    live.running_waits.replace("pbx", ("call-2", "line"), "a2" * 8, "phone", (RunningWait("hold", ago(3), None, False),))
    live.running_waits.replace("spare", ("call-3", "line"), "a2" * 8, "phone", (RunningWait("queue", ago(9), ago(-11), False),))
    shown = daemon.snapshot().points["line"]
    daemon.coordinator.release()
    assert shown.info.sources == ("pbx", "spare")
    assert shown.running is not None
    assert shown.running["queue"] == Running(3, 1, ago(40), 40.0, ago(-11), None, 20.0)
    assert shown.running["hold"] == Running(1, 0, ago(3), 3.0, None)
    assert shown.running["ring"] == Running(0, 0, None, 0.0, None)


async def test_of_broken_promises_the_newest_says_how_much_opening_time_has_passed_since() -> None:
    """Broken on Friday at 16:00 and at the closing, 17:00; asked on Monday at 10:00, an hour after the opening."""
    monday = datetime(2026, 11, 2, 10, tzinfo=UTC)
    clock = FakeClock(monday)
    daemon = RunningDaemon(
        clock,
        {"desk": ScriptedConnector(clock)},
        calendars={"office": {"timezone": "Europe/London", "hours": {"mon-fri": "09:00-17:00"}}},
        contact_points={"line": {"source": "desk", "channel": "phone", "calendar": "office"}},
    )
    await daemon.generation.start()
    live = daemon.generation.live_state
    for status in daemon.generation.statuses.values():
        status.up, status.watermark = True, monday
    daemon.generation.directory.resolve("desk", "name:line", "phone")
    friday = monday - timedelta(days=3)
    made, older, closing = friday - timedelta(hours=4), friday + timedelta(hours=6), friday + timedelta(hours=7)

    def promised(*due: datetime) -> Running:
        waits = tuple(RunningWait("promise", made, moment, moment < monday) for moment in due)
        live.running_waits.replace("desk", ("call", "line"), "a1" * 8, "phone", waits)
        running = daemon.snapshot().points["line"].running
        assert running is not None
        return running["promise"]

    ahead = monday + timedelta(hours=1)
    assert promised(older, closing, ahead) == Running(3, 2, made, 72 * 3600.0 + 4 * 3600.0, ahead, None, 3600.0)
    assert promised(older).broken_business_seconds == 7200.0
    assert promised(ahead).broken_business_seconds is None
    daemon.coordinator.release()
