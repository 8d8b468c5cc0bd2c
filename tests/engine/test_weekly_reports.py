"""Reports that the daemon keeps: made once for all who ask, anew when something has changed, never on the event loop."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.daemon import weekly_reports
from monitor.daemon.weekly_reports import MAX_KEPT, WeeklyReports
from monitor.domain.snapshot import SourceState
from monitor.engine.changes import Changes
from monitor.errors import StoreUnavailable
from monitor.testing import FakeClock

NOW = datetime(2026, 11, 18, tzinfo=UTC)
MONDAY = date(2026, 11, 9)


@dataclass
class Settings:
    timezone: Any = UTC


@dataclass
class AnyGeneration:
    settings: Settings = field(default_factory=Settings)
    directory: Any = None


@dataclass
class AnySnapshot:
    at: datetime
    sources: dict[str, SourceState] = field(default_factory=dict)


class AnyDaemon:
    """As much of a daemon as reports ask for."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.changes = Changes()
        self.generation: Any = AnyGeneration()
        self.store: Any = None
        self.sources: dict[str, SourceState] = {}

    def snapshot(self) -> AnySnapshot:
        return AnySnapshot(self.clock.now(), self.sources)


@dataclass
class Making:
    """What was made, in which threads, and what holds it up."""

    mondays: list[date] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    blind: list[Any] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    failure: Exception | None = None
    takes: float = 0.0


@pytest.fixture
def daemon() -> AnyDaemon:
    return AnyDaemon()


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Making:
    made = Making()
    made.go_on.set()

    def report(_store: Any, _directory: Any, monday: date, _now: Any, _zone: Any, *, blind: Any) -> tuple[date, int]:
        made.mondays.append(monday)
        made.threads.add(threading.current_thread().name)
        made.blind.append(blind)
        assert made.go_on.wait(20)
        if made.failure is not None:
            raise made.failure
        return monday, len(made.mondays)

    monkeypatch.setattr(weekly_reports, "week_report", report)
    return made


@pytest.fixture
def reports(daemon: AnyDaemon, making: Making) -> Iterator[Any]:
    made = WeeklyReports(daemon)  # type: ignore[arg-type]
    yield made
    making.go_on.set()
    made.close()


async def test_it_is_kept_while_nothing_changes_and_made_in_a_thread_of_its_own(reports: Any, making: Making) -> None:
    assert await reports.report(MONDAY) == (MONDAY, 1)
    assert await reports.report(MONDAY) == (MONDAY, 1)
    assert making.threads == {"reports_0"}


async def test_what_has_changed_makes_it_anew_but_not_at_every_request(daemon: AnyDaemon, reports: Any) -> None:
    assert await reports.report(MONDAY) == (MONDAY, 1)
    daemon.changes.record()
    await daemon.clock.advance(4.999)
    assert await reports.report(MONDAY) == (MONDAY, 1)
    await daemon.clock.advance(0.001)
    assert await reports.report(MONDAY) == (MONDAY, 2)
    await daemon.clock.advance(3600)
    assert await reports.report(MONDAY) == (MONDAY, 2)


async def test_a_reload_makes_it_anew_at_once(daemon: AnyDaemon, reports: Any) -> None:
    await reports.report(MONDAY)
    daemon.generation = AnyGeneration()
    assert await reports.report(MONDAY) == (MONDAY, 2)


async def test_all_who_ask_at_once_wait_for_one(reports: Any, making: Making) -> None:
    making.go_on.clear()
    asked = [asyncio.create_task(reports.report(MONDAY)) for _ in range(20)]
    await asyncio.sleep(0)
    asked[0].cancel()  # one who goes away takes it from nobody
    making.go_on.set()
    assert [await each for each in asked[1:]] == [(MONDAY, 1)] * 19


async def test_only_so_many_are_kept(reports: Any, making: Making) -> None:
    mondays = [MONDAY - timedelta(weeks=back) for back in range(MAX_KEPT + 1)]
    for monday in mondays:
        await reports.report(monday)
    await reports.report(mondays[-1])
    assert len(making.mondays) == MAX_KEPT + 1
    await reports.report(mondays[0])  # the one that was asked for longest ago
    assert len(making.mondays) == MAX_KEPT + 2


async def test_a_failure_is_told_and_not_kept(reports: Any, making: Making) -> None:
    making.failure = StoreUnavailable("the disk is away")
    with pytest.raises(StoreUnavailable, match="the disk is away"):
        await reports.report(MONDAY)
    making.failure = None
    assert await reports.report(MONDAY) == (MONDAY, 2)


async def test_who_has_waited_long_enough_is_told_and_finds_it_later(
    reports: Any, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weekly_reports, "PATIENCE_SECONDS", 0.01)
    making.go_on.clear()
    with pytest.raises(StoreUnavailable, match="ask again in a moment"):
        await reports.report(MONDAY)
    monkeypatch.undo()
    making.go_on.set()
    assert (await reports.report(MONDAY))[0] == MONDAY
    assert making.mondays == [MONDAY]


async def test_a_snapshot_is_taken_for_what_is_made_alone(daemon: AnyDaemon, reports: Any) -> None:
    await reports.report(MONDAY)
    taken, daemon.snapshot = [], lambda: taken.append(1)  # type: ignore[method-assign,assignment]
    assert await reports.report(MONDAY) == (MONDAY, 1)
    assert taken == []


async def test_sources_that_cannot_be_seen_now_are_gaps(daemon: AnyDaemon, reports: Any, making: Making) -> None:
    def source(name: str, up: bool | None, watermark: datetime | None) -> SourceState:
        return SourceState(name, "events", up, live=False, poll_interval_seconds=15.0, watermark=watermark)

    ago = NOW - timedelta(hours=1)
    daemon.sources = {
        "down": source("down", up=False, watermark=ago), "behind": source("behind", up=True, watermark=ago),
        "up": source("up", up=True, watermark=NOW), "new": source("new", up=None, watermark=ago),
        "never": source("never", up=False, watermark=None),
    }  # fmt: skip
    await reports.report(MONDAY)
    assert making.blind == [{"down": ago, "behind": ago}]
