"""Which weeks are shown: the last thirteen calendar weeks and the running one, in each contact point's zone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.engine.weeks_shown import WeeksShown
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import RunningDaemon

ALL = [(date(2026, 2, 2) + timedelta(weeks=n)).isoformat() for n in range(60)]  # up to March 2027


def with_weeks(*points: str) -> MemoryStore:
    """Each contact point has one assessed contact in every week."""
    store = MemoryStore()
    with store.transaction("pbx") as unit:
        unit.add_weeks({(point, "late_reply", monday): (1, 0) for point in points for monday in ALL})
    return store


async def first_shown(now: datetime, timezone: str, zones: dict[str, str]) -> dict[str, str]:
    """Contact point -> the oldest Monday shown after a start at `now`; `timezone` is the configuration's own."""
    configuration: dict[str, Any] = {
        "timezone": timezone,
        "calendars": {name: {"timezone": zone, "hours": {"mon-fri": "09:00-17:00"}} for name, zone in zones.items()},
        "contact_points": {name: {"source": "pbx", "channel": "email", "calendar": name} for name in zones},
    }
    clock = FakeClock(now)
    daemon = RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, with_weeks(*zones), **configuration)
    await daemon.generation.start()
    weeks = daemon.snapshot().weeks
    daemon.coordinator.release()
    found = {name: sorted(monday for point, _, monday in weeks if point == name) for name in zones}
    assert all(mondays == ALL[ALL.index(mondays[0]) :] for mondays in found.values())  # without a hole
    return {name: mondays[0] for name, mondays in found.items()}


@pytest.mark.parametrize(
    ("local", "zone", "first"),
    [
        ("2026-11-02T00:00:00", "Europe/London", "2026-08-03"),  # the running week has just begun: 2 November less 13 weeks
        ("2026-11-01T23:59:59.999999", "Europe/London", "2026-07-27"),
        ("2026-11-08T23:59:59.999999", "Europe/London", "2026-08-03"),
        ("2026-11-09T00:00:00", "Europe/London", "2026-08-10"),
        ("2026-11-02T00:00:00", "Pacific/Auckland", "2026-08-03"),
        ("2026-11-01T23:59:59.999999", "Pacific/Auckland", "2026-07-27"),
        ("2026-11-02T00:00:00", "America/Los_Angeles", "2026-08-03"),
        ("2026-11-01T23:59:59.999999", "America/Los_Angeles", "2026-07-27"),
        ("2026-11-02T00:00:00", "Pacific/Kiritimati", "2026-08-03"),
        ("2026-11-01T23:59:59.999999", "Etc/GMT+12", "2026-07-27"),
        # the clocks changed meanwhile: thirteen weeks of 168 hours before these moments it was Sunday
        ("2026-06-01T00:30:00", "Europe/London", "2026-03-02"),
        ("2026-05-31T23:30:00", "Europe/London", "2026-02-23"),
    ],
)
@pytest.mark.parametrize("timezone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
async def test_thirteen_weeks_and_the_running_one(local: str, zone: str, first: str, timezone: str) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert await first_shown(now, timezone, {"mail": zone}) == {"mail": first}


async def test_each_contact_point_has_its_own_weeks() -> None:
    """Sunday 1 November 2026, 12:00 UTC: in Auckland it is Monday."""
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    zones = {"north": "Europe/London", "south": "Pacific/Auckland"}
    assert await first_shown(now, "Europe/London", zones) == {"north": "2026-07-27", "south": "2026-08-03"}


async def test_a_week_leaves_when_the_next_one_begins() -> None:
    clock = FakeClock(datetime(2026, 11, 8, 23, 59, 59, tzinfo=UTC))
    points = {"mail": {"source": "pbx", "channel": "email"}}
    daemon = RunningDaemon(
        clock, {"pbx": ScriptedConnector(clock)}, with_weeks("mail"), timezone="Europe/London", contact_points=points
    )
    await daemon.generation.start()
    assert min(monday for _, _, monday in daemon.snapshot().weeks) == "2026-08-03"
    await clock.advance(1)
    assert min(monday for _, _, monday in daemon.snapshot().weeks) == "2026-08-10"
    daemon.coordinator.release()


def test_weeks_before_the_first_are_not_there_for_any_reader() -> None:
    before, at, after = (("mail", "late_reply", monday) for monday in ("2026-08-03", "2026-08-10", "2026-08-17"))
    elsewhere, unknown = ("chat", "late_reply", "2026-08-03"), ("gone", "late_reply", "2026-08-03")
    kept = {before: (1, 1), at: (2, 0), after: (3, 1), elsewhere: (4, 0), unknown: (5, 0)}
    shown = WeeksShown(kept, {"mail": "2026-08-10", "chat": "2026-08-03"}, "2026-08-10")
    assert shown == {at: (2, 0), after: (3, 1), elsewhere: (4, 0)}
    assert (len(shown), before in shown, unknown in shown, shown.get(before), shown[at]) == (3, False, False, None, (2, 0))


async def test_a_snapshot_stays_as_it_was_taken() -> None:
    clock = FakeClock(datetime(2026, 11, 2, 12, tzinfo=UTC))
    points = {"mail": {"source": "pbx", "channel": "email"}}
    daemon = RunningDaemon(
        clock, {"pbx": ScriptedConnector(clock)}, with_weeks("mail"), timezone="Europe/London", contact_points=points
    )
    await daemon.generation.start()
    before, week = daemon.snapshot(), ("mail", "late_reply", "2026-11-02")
    daemon.generation.live_state.weeks[week] = (2, 1)
    assert (before.weeks[week], dict(before.weeks)[week], daemon.snapshot().weeks[week]) == ((1, 0), (1, 0), (2, 1))
    daemon.coordinator.release()
