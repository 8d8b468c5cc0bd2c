"""One source's life: what each kind of error means, what is logged, what is counted, and that the others go on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from monitor.connector import Batch
from monitor.engine.schedule import MAX_PAUSE, pause_after_failure, pause_after_success
from monitor.errors import AuthError, ConfigError, SourceError, StoreBroken, StoreUnavailable, TransientError
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event

LIVE = Batch(live_lag=timedelta(0))


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


def said(logs: list[Any], part: str = "source") -> list[tuple[str, str]]:
    return [(each["log_level"], each["event"]) for each in logs if each["part"] == part]


class TestLog:
    async def test_one_line_when_it_works_however_often_it_is_polled(self, logs: list[Any]) -> None:
        clock = FakeClock(NINE)
        async with RunningDaemon(clock, {"mail": ScriptedConnector(clock)}):
            await clock.advance(300)
        assert said(logs) == [("info", "works")]

    async def test_one_line_when_it_fails_and_one_when_it_recovers_with_the_length_of_the_gap(self, logs: list[Any]) -> None:
        clock = FakeClock(NINE)
        cut = TransientError("connection refused", retry_after=100)
        async with RunningDaemon(clock, {"mail": ScriptedConnector(clock, [], [cut], [cut], [cut])}):
            await clock.advance(600)
        assert said(logs) == [("info", "works"), ("error", "does not work"), ("info", "works again")]
        failed, again = (each for each in logs if each["part"] == "source" and each["event"] != "works")
        assert (failed["source"], failed["reason"], failed["error"]) == ("mail", "connect", "connection refused")
        assert again["after"] == "5m"

    async def test_another_trouble_is_another_line(self, logs: list[Any]) -> None:
        clock = FakeClock(NINE)
        troubles = [[TransientError(text, retry_after=1)] for text in ("a", "a", "b", "b", "a")]
        async with RunningDaemon(clock, {"mail": ScriptedConnector(clock, *troubles)}):
            await clock.advance(4.5)
        assert [(each["event"], each["error"]) for each in logs if each["part"] == "source"] == [
            ("does not work", "a"),
            ("still does not work", "b"),
            ("still does not work", "a"),
        ]


class TestSchedule:
    async def test_a_refused_login_is_tried_three_times_slowly_and_then_parked(self, logs: list[Any]) -> None:
        clock = FakeClock(NINE)
        mail = ScriptedConnector(clock, *([AuthError("login refused")] for _ in range(9)))
        async with RunningDaemon(clock, {"mail": mail}) as daemon:
            for seconds, tries in ((29.9, 1), (0.1, 2), (119.9, 2), (0.1, 3), (599.9, 3), (0.1, 4), (7200, 4)):
                await clock.advance(seconds)
                assert len(mail.cursors) == tries
            assert daemon.total("source_poll_failures_total", "mail", "events", "auth") == 4
            assert daemon.snapshot().sources["mail"].trouble == "login refused"
        assert said(logs)[-1] == ("error", "this source is parked until the configuration is reloaded")

    async def test_a_bad_configuration_is_parked_at_once(self) -> None:
        clock = FakeClock(NINE)
        mail = ScriptedConnector(clock, [ConfigError("no such queue")], [ConfigError("no such queue")])
        async with RunningDaemon(clock, {"mail": mail}) as daemon:
            await clock.advance(7200)
            assert len(mail.cursors) == 1
            assert daemon.total("source_poll_failures_total", "mail", "events", "config") == 1
            assert daemon.snapshot().ready

    async def test_the_pause_that_a_source_asks_for_is_kept(self) -> None:
        clock = FakeClock(NINE)
        busy = TransientError("slow down", reason="rate_limit", retry_after=77)
        mail = ScriptedConnector(clock, [busy])
        async with RunningDaemon(clock, {"mail": mail}) as daemon:
            await clock.advance(76.9)
            assert len(mail.cursors) == 1
            await clock.advance(0.2)
            assert len(mail.cursors) == 2
            await clock.advance(5)
            assert daemon.total("source_poll_failures_total", "mail", "events", "rate_limit") == 1

    @pytest.mark.parametrize(("failures", "pause"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (10**6, 60)])
    def test_pauses_double_up_to_a_minute_spread_by_a_quarter(self, failures: int, pause: float) -> None:
        error = TransientError("x")
        assert pause_after_failure(error, failures, 0.5) == pause
        assert pause_after_failure(error, failures, 0) == 0.75 * pause
        assert pause_after_failure(error, failures, 1) == 1.25 * pause
        assert pause <= MAX_PAUSE

    def test_polls_begin_as_far_apart_as_configured_however_long_one_takes(self) -> None:
        every = timedelta(seconds=15)
        assert pause_after_success(every, 5, 0.5) == 10
        assert pause_after_success(every, 20, 0.5) == 0
        assert pause_after_success(every, 5, 0) == 9.25
        assert pause_after_success(every, 5, 1) == 10.75

    async def test_after_a_success_pauses_are_short_again(self) -> None:
        clock = FakeClock(NINE)
        cut = TransientError("x")
        mail = ScriptedConnector(clock, *[[cut]] * 8, [], [cut])
        async with RunningDaemon(clock, {"mail": mail}):
            while len(mail.cursors) < 10:
                await clock.advance(1)
            await clock.advance(1.25)
            assert len(mail.cursors) == 11


class TestBlindness:
    async def test_a_live_source_that_is_lost_makes_its_points_unknown_and_no_others(self) -> None:
        clock = FakeClock(NINE)
        lost = [LIVE, at(10), Batch([event("c", "queued", 10)]), at(15), TransientError("cut", retry_after=100)]
        chat = [LIVE, at(10), Batch([event("d", "queued", 10, "name:shop", "chat")])]
        connectors = {
            "pbx": ScriptedConnector(clock, lost, [at(125), LIVE], live=True), "web": ScriptedConnector(clock, chat, live=True)
        }  # fmt: skip
        async with RunningDaemon(clock, connectors) as daemon:
            await clock.advance(14)
            now = daemon.snapshot()
            assert now.points["desk"].running is not None
            assert now.sources["pbx"].up is True
            await clock.advance(2)
            now = daemon.snapshot()
            assert now.points["desk"].running is None
            assert (now.sources["pbx"].up, now.sources["pbx"].trouble, now.sources["pbx"].since) == (False, "cut", at(15))
            assert now.sources["pbx"].watermark == at(15)
            assert now.points["shop"].running is not None
            assert now.sources["web"].watermark == at(16)
            await clock.advance(114)
            now = daemon.snapshot()
            assert now.points["desk"].running is not None
            assert now.points["desk"].running["queue"].overdue == 1
            assert now.sources["pbx"].watermark == at(130)

    async def test_a_watermark_never_falls(self) -> None:
        clock = FakeClock(NINE)
        reads = [[LIVE, at(n * 20 + 10), TransientError("cut")] for n in range(5)]
        seen = []
        async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, *reads, live=True)}) as daemon:
            for _ in range(100):
                await clock.advance(1)
                seen.append(daemon.snapshot().sources["pbx"].watermark)
        assert seen == sorted(seen, key=str)

    async def test_ready_means_that_every_source_was_tried(self) -> None:
        clock = FakeClock(NINE)
        mail = ScriptedConnector(clock, [at(30)])
        async with RunningDaemon(clock, {"mail": mail, "pbx": ScriptedConnector(clock, [TransientError("no")])}) as daemon:
            await clock.advance(29)
            assert not daemon.snapshot().ready
            await clock.advance(2)
            assert daemon.snapshot().ready

    async def test_a_source_that_is_switched_off_is_not_waited_for(self) -> None:
        clock = FakeClock(NINE)
        sources = {"off": {"type": "events", "enabled": False}, "mail": {"type": "events"}}
        daemon = RunningDaemon(clock, {"mail": ScriptedConnector(clock)}, sources=sources)
        async with daemon:
            await clock.advance(1)
            assert daemon.snapshot().ready
            assert daemon.snapshot().sources["off"].up is None


class TestCounters:
    async def test_polls_and_failures(self) -> None:
        clock = FakeClock(NINE)
        mail = ScriptedConnector(clock, [], [TransientError("x", reason="timeout", retry_after=10)], [])
        async with RunningDaemon(clock, {"mail": mail}) as daemon:
            await clock.advance(46)
            assert len(mail.cursors) == 5
            assert daemon.total("source_polls_total", "mail", "events") == 5
            assert daemon.total("source_poll_failures_total", "mail", "events", "timeout") == 1
            assert daemon.total("source_poll_failures_total") == 1


class TestBugs:
    async def test_a_connector_that_stumbles_fails_alone(self, logs: list[Any]) -> None:
        clock = FakeClock(NINE)
        broken = ScriptedConnector(clock, [Batch([event("a", "queued", 0)]), KeyError("+442079460000")])
        well = ScriptedConnector(clock, [at(20), Batch([event("b", "queued", 20)])])
        async with RunningDaemon(clock, {"pbx": broken, "mail": well}) as daemon:
            await clock.advance(30)
            now = daemon.snapshot()
            assert now.sources["pbx"].up or now.sources["pbx"].since is not None
            assert daemon.total("source_poll_failures_total", "pbx", "events", "other") == 1
            assert daemon.total("contacts_total") == 2
            assert broken.open == 0
        errors = [each for each in logs if each["log_level"] == "error" and each["event"] == "does not work"]
        assert [each["error"] for each in errors] == ["internal error: KeyError"]

    async def test_a_source_error_of_no_special_kind_is_tried_again(self) -> None:
        clock = FakeClock(NINE)
        mail = ScriptedConnector(clock, [SourceError("odd")])
        async with RunningDaemon(clock, {"mail": mail}):
            await clock.advance(2)
            assert len(mail.cursors) == 2

    async def test_notes_that_cannot_be_read_now_are_a_trouble_of_the_store_and_no_bug(self, logs: list[Any]) -> None:
        clock = FakeClock(NINE)
        async with RunningDaemon(clock, {"mail": ScriptedConnector(clock, [StoreUnavailable("busy")])}) as daemon:
            await clock.advance(6)
            assert daemon.total("source_poll_failures_total", "mail", "events", "store") == 1
        assert ("error", "a bug of ours in this connector; please report it") not in said(logs)

    @pytest.mark.parametrize("where", ["write", "notes"])
    async def test_a_broken_store_ends_the_daemon(self, where: str) -> None:
        clock, store = FakeClock(NINE), MemoryStore()
        steps: list[Any] = [at(5), StoreBroken("not a database") if where == "notes" else Batch([event("a", "queued", 5)])]
        daemon = RunningDaemon(
            clock, {"mail": ScriptedConnector(clock, steps), "pbx": ScriptedConnector(clock, live=True)}, store
        )
        await daemon.__aenter__()
        await clock.advance(4)
        if where == "write":
            store.fail_next = StoreBroken("not a database")
        await clock.advance(2)
        assert daemon.task is not None
        with pytest.raises(StoreBroken, match="not a database"):
            await daemon.task

    async def test_a_store_that_cannot_be_read_for_a_while_ends_nothing(self) -> None:
        """Whatever the flush, the sweep and a moved cursor ask of it."""
        clock = FakeClock(NINE)

        class Unreadable(MemoryStore):
            away = False

            def generation(self) -> int:
                return int(self._plain())

            def next_deadline(self, source: str) -> int | None:
                self._plain()
                return super().next_deadline(source)

            def cursor_row(self, source: str) -> Any:
                self._plain()
                return super().cursor_row(source)

            def _plain(self) -> bool:
                if self.away:
                    raise StoreUnavailable("too many open files")
                return False

        store = Unreadable()
        hold = [
            LIVE,
            at(1),
            Batch([event("c", "answered", 0), event("c", "held", 1)]),
            at(130),
            Batch([event("d", "queued", 130)], {}),
        ]
        async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, hold, live=True)}, store) as daemon:
            await clock.advance(100)
            store.away = True
            with store.transaction("pbx") as unit:
                unit.move(unit.cursor_row().version, {"by": "another"}, None, None)
            await clock.advance(60)
            assert daemon.task is not None
            assert not daemon.task.done()
            store.away = False
            await clock.advance(10)
            assert daemon.signals("long_hold") == 1
            assert daemon.snapshot().sources["pbx"].up
