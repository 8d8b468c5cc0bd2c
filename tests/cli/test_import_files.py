"""`import`: files into the store, twice, in any order, with bad lines, and beside a running daemon."""

import asyncio
import gzip
import json
import random
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import import_files
from monitor.cli.import_files import CHUNK, Importer, Report, Target, target_of
from monitor.config.loading import build
from monitor.config.models import Settings
from monitor.connector import Archive
from monitor.connectors._discover import IMPORT_SOURCE, source_types
from monitor.connectors._packed import Together
from monitor.daemon.app import Daemon, limits_of
from monitor.domain.bounded import MOST_EVENTS
from monitor.engine.adoption import LIMITS
from monitor.engine.ingest import NO_ROOM
from monitor.errors import ConfigError
from monitor.store import make_store
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock
from tests.engine.fake_daemon import InlineExecutor, counted, listed

NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
WEB: dict[str, Any] = {"sources": {"web": {"type": "events"}}}


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def line(contact: str, kind: str, seconds: float, **keys: Any) -> str:
    told = {"contact": contact, "contact_point": "desk", "channel": "email", "kind": kind, "at": at(seconds).isoformat(), **keys}
    return json.dumps(told)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(*lines: str) -> Path:
        path = tmp_path / "events.jsonl"
        path.write_text("".join(each + "\n" for each in lines))
        return path

    return write


def run(store: Store, path: Path, until: datetime | None = None, *, now: float = 10**6) -> Report:
    settings = build(WEB)
    read: list[int] = []
    report = Importer(settings, store, FakeClock(at(now)), b"key", target_of(settings, path, None)).run(path, until, read.append)
    assert read == sorted(read)
    assert not read or read[-1] == path.stat().st_size
    return report


#: a is answered after five hours, b within one, c never
STORY = [
    line("a", "received", 0), line("a", "replied", 18_000), line("b", "received", 100), line("b", "replied", 3_700),
    line("c", "received", 200), line("d", "received", 20_000),
]  # fmt: skip
KEY = ("email", "desk", "late_reply")


def test_a_file_is_counted_and_what_is_overdue_at_its_newest_event_too(file: Callable[..., Path]) -> None:
    store = MemoryStore()
    report = run(store, file(*STORY))
    assert (report.stored, report.repeated, report.rejected, report.watermark) == (6, 0, 0, at(20_000))
    assert counted(store)["assessed_total", KEY] == 3
    assert counted(store)["signals_total", KEY] == 2
    assert {each[1] for each in listed(store)} == {"a", "c"}
    assert store.cursor_row("web").watermark == round(at(20_000).timestamp() * 1_000_000)


def test_a_contact_with_more_events_than_are_kept_is_reported(file: Callable[..., Path]) -> None:
    thread = [line("a", "received", second) for second in range(MOST_EVENTS["email"] + 2)]
    report = run(MemoryStore(), file(*thread))
    assert (report.stored, report.rejected, report.first_bad) == (MOST_EVENTS["email"], 2, [NO_ROOM])


def test_a_second_import_changes_nothing(file: Callable[..., Path]) -> None:
    store = MemoryStore()
    path = file(*STORY)
    run(store, path)
    before = counted(store), store.weeks("2000-01-01"), listed(store)
    report = run(store, path)
    assert (report.stored, report.repeated) == (0, 6)
    assert (counted(store), store.weeks("2000-01-01"), listed(store)) == before


def test_the_order_of_the_lines_does_not_matter(file: Callable[..., Path]) -> None:
    whole = MemoryStore()
    run(whole, file(*STORY))
    for seed in range(10):
        store = MemoryStore()
        run(store, file(*random.Random(seed).sample(STORY, len(STORY))))
        assert (counted(store), store.weeks("2000-01-01")) == (counted(whole), whole.weeks("2000-01-01"))
        assert "signals_retracted_total" not in {metric for metric, _ in counted(store)}
        assert [each[:7] for each in listed(store)] == [each[:7] for each in listed(whole)]


def test_an_answer_that_stands_five_thousand_lines_below_is_no_absence(file: Callable[..., Path]) -> None:
    store = MemoryStore()
    between = [line(f"x{n}", "received", 20_000 + n) for n in range(CHUNK)]
    report = run(store, file(line("b", "received", 0), *between, line("b", "replied", 3_600)), at(20_000))
    assert report.stored == CHUNK + 2
    assert counted(store)["assessed_total", KEY] == 1
    assert ("signals_total", KEY) not in counted(store)


def test_bad_lines_are_told_by_number_counted_and_passed_over(file: Callable[..., Path]) -> None:
    store = MemoryStore()
    path = file("{", STORY[0], "", line("x", "rang", 0), *["nonsense"] * 7, STORY[1])
    report = run(store, path)
    assert (report.stored, report.rejected) == (2, 9)
    assert [each.removeprefix(f"{path}:").split(":")[0] for each in report.first_bad] == ["1", "4", "5", "6", "7"]
    totals = store.totals()
    assert totals["source_records_rejected_total", ("web", "events", "malformed")] == 8
    assert totals["source_records_rejected_total", ("web", "events", "unknown_kind")] == 1


def test_a_file_with_nothing_good_in_it_moves_no_watermark(file: Callable[..., Path]) -> None:
    store = MemoryStore()
    report = run(store, file("{}", "{}"))
    assert (report.stored, report.rejected, report.watermark) == (0, 2, None)
    assert store.cursor_row("web").watermark is None


@pytest.mark.parametrize(
    ("until", "told", "signals", "complete"),
    [
        (None, None, 0, 14_000),
        (at(14_400), None, 0, 14_400),
        (at(14_401), None, 1, 14_401),
        (None, 14_401, 1, 14_401),
        (at(14_400), 14_401, 0, 14_400),
        (at(10**9), None, 1, 15_000),  # nobody has seen the future
    ],
)
def test_absence_is_judged_at_the_given_moment_else_as_told_else_at_the_newest_event(
    file: Callable[..., Path], until: datetime | None, told: float | None, signals: int, complete: float
) -> None:
    store = MemoryStore()
    lines = [line("c", "received", 0), line("d", "received", 14_000)]
    if told is not None:
        lines.insert(0, json.dumps({"kind": "seen_until", "at": at(told).isoformat()}))
    report = run(store, file(*lines), until, now=15_000)
    assert report.watermark == at(complete)
    assert counted(store).get(("signals_total", KEY), 0) == signals


def test_an_older_file_never_moves_the_watermark_back(file: Callable[..., Path]) -> None:
    store = MemoryStore()
    run(store, file(line("a", "received", 20_000)))
    run(store, file(line("b", "received", 0)))
    assert store.cursor_row("web").watermark == round(at(20_000).timestamp() * 1_000_000)
    assert counted(store).get(("signals_total", KEY), 0) == 0


def test_names_that_other_sources_discovered_are_taken(file: Callable[..., Path]) -> None:
    settings = build({"sources": {"web": {"type": "events"}, "other": {"type": "events"}}})
    store = MemoryStore()
    path = file(line("a", "received", 0))
    for source in ("web", "other"):
        target = target_of(settings, path, source)
        Importer(settings, store, FakeClock(at(100)), b"key", target).run(path, None, lambda _: None)
    assert store.places("web")[0].contact_point == "desk"
    assert store.places("other")[0].contact_point == "other-desk"


EVENTS = b'\n {"id": 1}'
MBOX = b"From x@y Mon Nov  2 09:00:00 2026\n"
QUEUE_LOG = b"1793610000|1.1|q|NONE|ENTERQUEUE||1\n"


class TestWhereAFileGoes:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "file"

    def target(self, settings: Settings, path: Path, head: bytes, chosen: str | None = None) -> Target:
        path.write_bytes(head)
        return target_of(settings, path, chosen)

    def test_to_the_only_source_that_accepts_it(self, path: Path) -> None:
        target = self.target(build(WEB), path, EVENTS)
        assert (target.source, target.settings.type) == ("web", "events")

    def test_to_a_source_of_its_own_when_none_is_configured(self, path: Path) -> None:
        target = self.target(build({}), path, EVENTS)
        assert (target.source, target.settings.type) == (IMPORT_SOURCE, "events")

    def test_one_must_be_chosen_of_several(self, path: Path) -> None:
        two = build({"sources": {"a": {"type": "events"}, "b": {"type": "events"}}})
        with pytest.raises(ConfigError, match="a, b; choose one"):
            self.target(two, path, EVENTS)
        target = self.target(two, path, EVENTS, "b")
        assert (target.source, target.settings.type) == ("b", "events")

    def test_the_chosen_one_must_accept_it(self, path: Path) -> None:
        with pytest.raises(ConfigError, match="'nope' takes no events; web would"):
            self.target(build(WEB), path, EVENTS, "nope")

    @pytest.mark.parametrize(("head", "types"), [(MBOX, "imap"), (QUEUE_LOG, "asterisk or queue_log")])
    def test_other_formats_need_a_source(self, path: Path, head: bytes, types: str) -> None:
        with pytest.raises(ConfigError, match=f"configure one of type {types}$"):
            self.target(build(WEB), path, head)

    @pytest.mark.parametrize(("head", "format_"), [(EVENTS, "events"), (MBOX, "mbox"), (QUEUE_LOG, "queue_log")])
    def test_the_first_bytes_show_what_it_is(self, path: Path, head: bytes, format_: str) -> None:
        sources = {
            "web": {"type": "events"},
            "mail": {"type": "imap", "host": "imap", "username": "info@example.org", "password": "x"},
            "log": {"type": "queue_log", "path": "/var/log/asterisk/queue_log"},
        }
        assert self.target(build({"sources": sources}), path, head).archive.name == format_

    def test_contact_events_give_way_to_other_json_lines(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        desk = Archive("desk", "desk exports", lambda head: head.startswith(b'{"desk"'), lambda *_: iter(()))
        known = source_types()
        monkeypatch.setattr(
            import_files, "source_types", lambda: {**known, "queue_log": replace(known["queue_log"], archives=(desk,))}
        )
        both = build(
            {"sources": {"web": {"type": "events"}, "log": {"type": "queue_log", "path": "/var/log/asterisk/queue_log"}}}
        )
        assert self.target(both, path, b'{"desk": 1}\n').source == "log"
        assert self.target(both, path, EVENTS).source == "web"
        with pytest.raises(ConfigError, match="no source takes desk; configure one of type queue_log"):
            self.target(build(WEB), path, b'{"desk": 1}\n')

    @pytest.mark.parametrize("head", [b"id,contact\n", b"\x00" * 100, b"12345\n"])
    def test_or_that_it_is_nothing_known(self, path: Path, head: bytes) -> None:
        with pytest.raises(ConfigError, match=r"neither contact events \(JSON lines\), nor mbox, nor queue_log"):
            self.target(build(WEB), path, head)

    @pytest.mark.parametrize(
        ("head", "told"),
        [
            (b"", "holds nothing"),
            (b"\n \n", "holds nothing"),
            (EVENTS.decode().encode("utf-16"), "is UTF-16, as Windows writes it; make it UTF-8: iconv -f UTF-16 -t UTF-8 "),
            (EVENTS.decode().encode("utf-16-le"), "is UTF-16"),
            (EVENTS.decode().encode("utf-16-be"), "is UTF-16"),
            (b"[\n  {}\n]\n", "is one JSON array; contact events are one object a line: jq -c '.[]' "),
            (b"\xef\xbb\xbf[]", "is one JSON array"),
        ],
    )
    def test_what_is_often_wrong_is_called_by_its_name(self, path: Path, head: bytes, told: str) -> None:
        with pytest.raises(ConfigError) as refused:
            self.target(build(WEB), path, head)
        assert str(refused.value).startswith(f"{path}: {told}")

    def test_a_byte_order_mark_is_no_part_of_the_first_event(self, path: Path) -> None:
        path.write_bytes(b"\xef\xbb\xbf" + "\n".join(STORY).encode())
        report = run(MemoryStore(), path)
        assert (report.stored, report.rejected) == (6, 0)

    def test_a_file_that_cannot_be_read_is_named(self, path: Path) -> None:
        with pytest.raises(ConfigError, match="file: cannot read it: No such file"):
            target_of(build(WEB), path, None)


async def test_a_running_daemon_takes_up_what_was_imported_beside_it(file: Callable[..., Path], tmp_path: Path) -> None:
    """Totals, weeks, discovered contact points, running waits and their deadlines."""
    settings = build({"store": f"sqlite:{tmp_path / 'contacts.db'}", **WEB})
    clock = FakeClock(at(15_000))
    daemon = Daemon(lambda: settings, clock, InlineExecutor)
    await daemon.open()
    task = asyncio.create_task(daemon.run())
    await clock.advance(1)
    beside = make_store(settings.store)
    beside.open()
    lines = [line("a", "received", 0), line("a", "replied", 18_000 - 3_100), line("c", "received", 5_000)]
    run(beside, file(*lines), now=15_000)
    beside.close()
    await clock.advance(6)
    now = daemon.snapshot()
    assert now.totals["signals_total", KEY] == 1
    assert now.weeks["desk", "late_reply", "2026-11-02"] == (1, 1)
    running = now.points["desk"].running
    assert running is not None
    assert (running["reply"].waiting, running["reply"].next_due) == (1, at(19_400))
    await clock.advance(4_392.9)
    assert daemon.snapshot().totals["signals_total", KEY] == 1
    await clock.advance(0.2)
    assert daemon.snapshot().totals["signals_total", KEY] == 2
    daemon.stop()
    await task


class TestTheLimitsThatItJudgesBy:
    """A daemon that starts afterwards judges again only what other limits have judged."""

    def imported(self, path: Path, store: Store, **configuration: Any) -> str | None:
        """By which limits all that runs is judged afterwards."""
        settings = build({**WEB, **configuration})
        importer = Importer(settings, store, FakeClock(at(300)), b"key", target_of(settings, path, None))
        importer.run(path, None, lambda _: None)
        return store.read_state("web", [LIMITS]).get(LIMITS)

    def test_they_are_named_where_nothing_ran_before(self, file: Callable[..., Path]) -> None:
        store, path = MemoryStore(), file(line("a", "received", 0))
        assert self.imported(path, store) == limits_of(build(WEB))
        assert self.imported(path, store) == limits_of(build(WEB))

    def test_with_others_beside_them_none_are(self, file: Callable[..., Path]) -> None:
        """What runs was judged by the first ones, what is new by the second: all of it is to be judged anew."""
        store, path = MemoryStore(), file(line("a", "received", 0))
        self.imported(path, store)
        assert self.imported(path, store, policies={"default": {"late_reply": {"after": "2h"}}}) is None

    def test_where_nobody_knows_what_judged_before_none_are(self, file: Callable[..., Path]) -> None:
        store, path = MemoryStore(), file(line("a", "received", 0))
        self.imported(path, store)
        with store.transaction("web") as unit:
            unit.write_state({LIMITS: None}, 1)
        assert self.imported(path, store) is None


class TestWithoutLineEnds:
    """A line is bounded at 1000 bytes here, and the file is read in pieces of 100."""

    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_files, "_MAX_LINE", 1000)
        monkeypatch.setattr(import_files, "_READ_BYTES", 100)

    @pytest.mark.parametrize(("before", "after"), [("", ""), ("\n" * 7, ""), ("", "\n")])
    def test_a_line_of_exactly_the_limit_is_one_bad_line(self, tmp_path: Path, before: str, after: str):
        path = tmp_path / "events.jsonl"
        path.write_text(before + '{"at":"' + "x" * 993 + after)
        assert run(MemoryStore(), path).rejected == 1

    def test_one_byte_more_is_refused_with_the_remedy(self, tmp_path: Path):
        path = tmp_path / "events.jsonl"
        path.write_text('{"at":"' + "x" * 994)
        with pytest.raises(ConfigError, match=r"events\.jsonl: .* without a line end: write one event a line"):
            run(MemoryStore(), path)

    def test_what_came_before_is_stored(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(import_files, "CHUNK", 1)
        path, store = tmp_path / "events.jsonl", MemoryStore()
        path.write_text(line("c1", "received", 0) + "\n" + "x" * 5000)
        with pytest.raises(ConfigError):
            run(store, path)
        assert store.find("c1")

    def test_so_is_a_packed_one_and_little_of_it_is_read(self, tmp_path: Path):
        path = tmp_path / "events.jsonl.gz"
        path.write_bytes(gzip.compress(b'{"at":"' + b"x" * 10_000_000))
        with Together([path]) as together:
            lines = import_files._LineEnds(together, "events.jsonl.gz")
            assert [lines.readinto(bytearray(100)) for _ in range(10)] == [100] * 10
            with pytest.raises(ConfigError):
                lines.readinto(bytearray(100))

    def test_a_large_file_does_not_cost_its_size(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.undo()
        path = tmp_path / "events.jsonl"
        with path.open("wb") as file:
            file.write(b'{"at":"')
            file.truncate(1 << 30)  # holes: nothing of it lies on the disk
        tracemalloc.start()
        with pytest.raises(ConfigError, match="16 MiB without a line end"):
            run(MemoryStore(), path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 64 << 20


@pytest.mark.parametrize("order", [("mails", "calls"), ("calls", "mails")])
def test_what_two_files_tell_of_one_customer_is_known_whichever_is_imported_first(order: tuple[str, str], tmp_path: Path) -> None:
    """She is promised a call by mail and is called in time, from a file of another source; before, she had asked by telephone."""
    settings = build({"sources": {"mails": {"type": "events"}, "calls": {"type": "events"}}, "timezone": "UTC"})
    said = "I'll call you back by 3pm."
    told = {
        "mails": [
            line("m", "received", 600, contact_point="letters", customer="ann@x"),
            line("m", "replied", 1200, id="r", contact_point="letters", text=said),
        ],
        "calls": [
            line("a", "queued", 0, channel="phone", customer="ann@x"), line("a", "left", 60, channel="phone", reason="caller"),
            line("b", "called_out", 3600, channel="phone", customer="ann@x", answered=True),
        ],
    }  # fmt: skip
    store = MemoryStore()
    for name in order:
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(each + "\n" for each in told[name]))
        target = target_of(settings, path, name)
        assert (
            Importer(settings, store, FakeClock(at(10**6)), b"a key of sixteen", target)
            .run(path, at(10**6), lambda _: None)
            .stored
        )
    totals = counted(store)
    assert totals["assessed_total", ("email", "letters", "slipped_promise")] == 1.0
    found = {each.row.signal for each in store.signals()}
    assert found == {"abandoned", "long_wait", "lost_context", "repeat_contact"}
