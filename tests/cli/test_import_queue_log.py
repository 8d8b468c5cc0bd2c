"""`import` of archived queue_log files: rotated ones are one story, packed ones are read as they are."""

import bz2
import gzip
import itertools
import lzma
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.import_files import Importer, Report, packed_by, plans_of
from monitor.config.loading import build
from monitor.errors import ConfigError
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock
from tests.engine.fake_daemon import counted

MIDNIGHT = datetime(2026, 11, 3, tzinfo=UTC)
E = int(MIDNIGHT.timestamp())
SETTINGS: dict[str, Any] = {
    "timezone": "UTC", "country": "GB", "sources": {"log": {"type": "queue_log", "path": "/var/log/asterisk/queue_log"}},
    "contact_points": {"q1": {"source": "log", "queue": "q1"}},
}  # fmt: skip


def row(seconds: int, call: int, verb: str, *data: object, agent: str = "NONE") -> str:
    return "|".join(str(part) for part in (E + seconds, f"{E}.{call}", "q1", agent, verb, *data))


def calm(seconds: int) -> str:
    return f"{E + seconds}|NONE|NONE|NONE|CONFIGRELOAD|"


#: one call before midnight; one waits over midnight and is answered after 8 s; one talks over midnight; one comes after it
BEFORE = [
    row(-600, 1, "ENTERQUEUE", "", "02079460001", 1), row(-595, 1, "CONNECT", 5, f"{E}.2", 4, agent="Paul"),
    row(-540, 1, "COMPLETECALLER", 5, 55, 1, agent="Paul"), row(-90, 5, "ENTERQUEUE", "", "02079460003", 1),
    row(-80, 5, "CONNECT", 10, f"{E}.6", 4, agent="Anna"), row(-4, 3, "ENTERQUEUE", "", "02079460002", 1),
]  # fmt: skip
AFTER = [
    calm(0), row(4, 3, "CONNECT", 8, f"{E}.4", 5, agent="Paul"), row(30, 5, "COMPLETEAGENT", 10, 110, 1, agent="Anna"),
    row(60, 3, "COMPLETECALLER", 8, 56, 1, agent="Paul"), row(90, 7, "ENTERQUEUE", "", "02079460004", 1),
    row(95, 7, "ABANDON", 1, 1, 5),
]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, lines: list[str], pack: Callable[[bytes], bytes] = bytes, *, ended: bool = True) -> Path:
        path = tmp_path / name
        path.write_bytes(pack(("\n".join(lines) + "\n" * ended).encode()))
        return path

    return write


def run(store: Store, *paths: Path, now: float = 600, until: float | None = None) -> list[Report]:
    """One command."""
    settings, reports = build(SETTINGS), []
    clock = FakeClock(MIDNIGHT + timedelta(seconds=now))
    for plan in plans_of(settings, paths, None):
        read: list[int] = []
        complete = MIDNIGHT + timedelta(seconds=until) if until is not None else None
        reports.append(Importer(settings, store, clock, b"key", plan.target).run_together(plan.paths, complete, read.append))
        assert read == sorted(read)
        assert read[-1] == sum(path.stat().st_size for path in plan.paths)
    return reports


def figures(store: Store) -> Mapping[tuple[str, tuple[str, ...]], float]:
    return {key: value for key, value in counted(store).items() if not key[0].startswith("source_") and "_sum" not in key[0]}


EXPECTED = {
    ("contacts_total", ("phone", "q1", "inbound")): 4,
    ("outcomes_total", ("phone", "q1", "answered", "true")): 3,
    ("outcomes_total", ("phone", "q1", "abandoned", "true")): 1,
    ("signals_total", ("phone", "q1", "abandoned")): 1,
}


def assert_one_story(store: Store) -> None:
    found = figures(store)
    assert {key: found.get(key, 0) for key in EXPECTED} == EXPECTED
    assert [key for key in found if key[0] == "signals_total"] == [("signals_total", ("phone", "q1", "abandoned"))]
    assert not [key for key in found if key[0] == "signals_retracted_total"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_rotated_files_of_one_command_are_one_story_in_any_order(file: Callable[..., Path], order: tuple[int, int]) -> None:
    store, files = MemoryStore(), (file("queue_log.2", BEFORE), file("queue_log.1", AFTER))
    (report,) = run(store, *(files[each] for each in order), until=600)
    assert (report.rejected, report.watermark) == (0, MIDNIGHT + timedelta(seconds=600))
    assert_one_story(store)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_one_by_one_they_are_the_same_story(file: Callable[..., Path], order: tuple[int, int]) -> None:
    store, files = MemoryStore(), (file("queue_log.2", BEFORE), file("queue_log.1", AFTER))
    for each in order:
        run(store, files[each], until=600)
    assert_one_story(store)


def test_three_files_in_every_order(file: Callable[..., Path]) -> None:
    whole = BEFORE + AFTER
    files = [file(f"queue_log-{n}", part) for n, part in enumerate((whole[:4], whole[4:8], whole[8:]))]
    for order in itertools.permutations(files):
        store = MemoryStore()
        run(store, *order, until=600)
        assert_one_story(store)


def test_where_somebody_waits_at_the_end_nothing_is_judged_beyond_it(file: Callable[..., Path]) -> None:
    """The next file tells how it went on, whatever `--complete-until` says."""
    store = MemoryStore()
    (report,) = run(store, file("queue_log.2", BEFORE), until=600)
    assert report.watermark == MIDNIGHT - timedelta(seconds=4)
    assert not [key for key in figures(store) if key[0] == "signals_total"]


def test_who_was_left_waiting_a_day_ago_waits_no_more(file: Callable[..., Path]) -> None:
    store = MemoryStore()
    (report,) = run(store, file("queue_log.2", BEFORE), now=90_000, until=90_000)
    assert report.watermark == MIDNIGHT + timedelta(seconds=90_000)
    assert not [key for key in figures(store) if key[0] == "signals_total"]


def test_a_file_named_twice_is_read_once(file: Callable[..., Path]) -> None:
    path = file("queue_log", BEFORE + AFTER)
    (report,) = run(MemoryStore(), path, path)
    assert report.repeated == 0


def test_a_file_without_a_line_end_does_not_join_two_lines(file: Callable[..., Path]) -> None:
    store = MemoryStore()
    (report,) = run(store, file("queue_log.2", BEFORE, ended=False), file("queue_log.1", AFTER), until=600)
    assert report.rejected == 0
    assert_one_story(store)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_archives_are_read_as_they_are_beside_plain_ones(
    file: Callable[..., Path], pack: Callable[[bytes], bytes]
) -> None:
    """What is packed is told by the first bytes: the name says nothing."""
    store = MemoryStore()
    older = file("queue_log-20261102", BEFORE, pack)
    assert packed_by(older) in ("gzip", "bzip2", "xz")
    run(store, file("queue_log", AFTER), older, until=600)
    assert_one_story(store)


def test_several_packed_pieces_in_one_file_are_one_file(file: Callable[..., Path]) -> None:
    """`cat a.gz b.gz` is a gzip file."""
    store = MemoryStore()
    path = file("both.gz", [""])
    path.write_bytes(b"".join(gzip.compress(("\n".join(lines) + "\n").encode()) for lines in (BEFORE, AFTER)))
    run(store, path, until=600)
    assert_one_story(store)


def test_a_cut_off_archive_is_used_as_far_as_it_goes_and_told(file: Callable[..., Path]) -> None:
    many = [row(n, 100 + n, "ENTERQUEUE", "", f"0207946{n:04}", 1) for n in range(5000)]
    path = file("queue_log.gz", many, gzip.compress)
    path.write_bytes(path.read_bytes()[:-200])
    (report,) = run(MemoryStore(), path)
    assert report.stored > 1000
    assert report.rejected >= 1
    assert "queue_log.gz: damaged, read in part only" in report.first_bad[-1]


@pytest.mark.parametrize("magic", [b"\x28\xb5\x2f\xfd", b"\x1f\x9d", b"PK\x03\x04"])
def test_what_cannot_be_unpacked_is_refused_by_name(tmp_path: Path, magic: bytes) -> None:
    path = tmp_path / "queue_log.z"
    path.write_bytes(magic + bytes(100))
    with pytest.raises(
        ConfigError, match=r"queue_log\.z: packed by (zstd|compress|zip), which cannot be read here; unpack it first"
    ):
        plans_of(build(SETTINGS), [path], None)


def test_a_damaged_archive_is_refused(file: Callable[..., Path]) -> None:
    path = file("queue_log.gz", BEFORE, gzip.compress)
    path.write_bytes(path.read_bytes()[:15])
    with pytest.raises(ConfigError, match=r"queue_log\.gz: a damaged gzip file"):
        plans_of(build(SETTINGS), [path], None)


def test_files_of_other_formats_stand_for_themselves(file: Callable[..., Path], tmp_path: Path) -> None:
    visits = [tmp_path / "b.jsonl", tmp_path / "a.jsonl"]
    for path in visits:
        path.write_text(
            '{"contact": "1", "contact_point": "desk", "channel": "counter", "kind": "queued", "at": "2026-11-02T09:00:00Z"}\n'
        )
    log = file("queue_log.2", BEFORE), file("queue_log.1", AFTER)
    plans = plans_of(
        build({**SETTINGS, "sources": {**SETTINGS["sources"], "web": {"type": "events"}}}), [log[1], *visits, log[0]], None
    )
    assert [plan.paths for plan in plans] == [[log[0], log[1]], [visits[0]], [visits[1]]]


def test_a_file_that_an_editor_on_windows_has_saved_is_read_from_its_first_line(file: Callable[..., Path]) -> None:
    store, marked = MemoryStore(), MemoryStore()
    run(store, file("queue_log", BEFORE[:3]))
    run(marked, file("marked", BEFORE[:3], lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")))
    assert figures(marked) == figures(store)


@pytest.mark.parametrize("begin", [4, 15])
def test_a_piece_of_a_log_that_begins_within_a_line_is_read_from_the_next(file: Callable[..., Path], begin: int) -> None:
    store, piece = MemoryStore(), MemoryStore()
    run(store, file("queue_log", BEFORE[:3]))
    [report] = run(piece, file("piece", [row(-700, 0, "COMPLETECALLER", 5, 55, 1)[begin:], *BEFORE[:3]]))
    assert figures(piece) == figures(store)
    assert report.rejected == 1
