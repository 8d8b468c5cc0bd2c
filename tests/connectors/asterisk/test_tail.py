"""A queue_log that is copied and truncated, or packed, while it is followed or while nobody looks."""

import asyncio
import bz2
import gzip
import lzma
import os
import shutil
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from monitor.connector import Batch, Context, Rejected
from monitor.connectors._asterisk.tail import CHUNK, LogTailer
from monitor.connectors.queue_log import Settings, connect
from monitor.domain.event import from_micros
from tests.connectors.asterisk.test_queue_log import ENTER, At, StoredState, T, line, lines_of, poll
from tests.connectors.asterisk_recordings import hashed

PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "queue_log"
    path.write_bytes(b"first line\n")
    return path


def append(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def follower(path: Path, entries: StoredState, clock: At) -> Callable[[], list[Batch]]:
    """Polls of one process."""
    connector = connect(Settings(type="queue_log", path=path), Context("log", clock, UTC, "GB", hashed, entries))

    async def go() -> list[Batch]:
        batches = []
        async for batch in connector.read(entries.cursor):
            batches.append(batch)
            entries.take(batch)
        return batches

    return lambda: asyncio.run(go())


def copytruncate(path: Path, number: int = 1) -> Path:
    copy = path.with_name(f"{path.name}.{number}")
    shutil.copy(path, copy)
    os.truncate(path, 0)
    return copy


def packed(path: Path, kind: str, at: int = 0) -> Path:
    """As logrotate packs: another file, the same time stamps, the plain one gone."""
    archive = path.with_name(f"{path.name}.{kind}")
    archive.write_bytes(PACKERS[kind](path.read_bytes()))
    os.utime(archive, ns=(0, (T + at) * 1_000_000_000))
    path.unlink()
    return archive


def test_lines_between_the_last_look_and_the_truncation_are_read_from_the_copy(path: Path) -> None:
    tailer = LogTailer(path, None)
    lines_of(tailer)
    append(path, b"second\n")
    copytruncate(path)
    append(path, b"third\n")
    assert lines_of(tailer) == [b"second", b"third"]
    assert not tailer.broken


def test_copied_and_truncated_twice_while_nobody_looked(path: Path) -> None:
    tailer = LogTailer(path, None)
    lines_of(tailer)
    place = tailer.cursor()
    for number, text in ((2, b"second\n"), (1, b"third line\n")):
        append(path, text)
        copy = copytruncate(path, number)
        os.utime(copy, ns=(0, (T - number) * 1_000_000_000))
    append(path, b"fourth\n")
    again = LogTailer(path, place)
    assert lines_of(again) == [b"second", b"third line", b"fourth"]
    assert not again.broken


def test_a_copy_made_before_we_read_on_is_not_taken_for_the_file(path: Path) -> None:
    """A backup from noon is shorter than what was read since."""
    shutil.copy(path, path.with_name("queue_log.bak"))
    append(path, b"second\n")
    tailer = LogTailer(path, None)
    assert lines_of(tailer) == [b"first line", b"second"]
    os.truncate(path, 0)
    append(path, b"third\n")
    assert lines_of(tailer) == [b"third"]
    assert tailer.broken


@pytest.mark.parametrize("grown", [b"new\n", b"brand new line\nand more\n"])
def test_truncated_without_a_copy_lines_may_be_lost(path: Path, grown: bytes) -> None:
    tailer = LogTailer(path, None)
    lines_of(tailer)
    os.truncate(path, 0)
    append(path, grown)
    assert lines_of(tailer) == grown.splitlines()
    assert tailer.broken


@pytest.mark.parametrize("kind", PACKERS)
def test_an_archive_that_was_packed_meanwhile_is_read_on_where_it_was_left(path: Path, kind: str) -> None:
    tailer = LogTailer(path, None)
    lines_of(tailer)
    append(path, b"second\n")
    path.rename(path.with_name("queue_log-20261127"))
    packed(path.with_name("queue_log-20261127"), kind)
    path.write_bytes(b"third\n")
    again = LogTailer(path, tailer.cursor())
    assert lines_of(again) == [b"second", b"third"]
    assert not again.broken


def test_packed_and_plain_archives_are_read_in_the_order_in_which_they_were_written(path: Path) -> None:
    tailer = LogTailer(path, None)
    lines_of(tailer)
    path.rename(path.with_name("queue_log.3"))
    packed(path.with_name("queue_log.3"), "gz", 1)
    for number, text in ((2, b"second\n"), (1, b"third\n")):
        archive = path.with_name(f"queue_log.{number}")
        archive.write_bytes(text)
        os.utime(archive, ns=(0, (T + 5 - number) * 1_000_000_000))
        if number == 2:
            packed(archive, "xz", 3)
    path.write_bytes(b"fourth\n")
    again = LogTailer(path, tailer.cursor())
    assert lines_of(again) == [b"second", b"third", b"fourth"]
    assert not again.broken


def test_an_archive_that_is_packed_while_it_is_there_plain_is_read_once(path: Path) -> None:
    tailer = LogTailer(path, None)
    lines_of(tailer)
    append(path, b"second\n")
    plain = path.with_name("queue_log.1")
    path.rename(plain)
    path.with_name("queue_log.1.gz").write_bytes(gzip.compress(plain.read_bytes()))
    path.write_bytes(b"third\n")
    assert lines_of(tailer) == [b"second", b"third"]


def test_a_large_packed_archive_is_read_in_pieces_and_resumed(path: Path) -> None:
    whole = [b"%d %s" % (number, b"x" * 500) for number in range(4 * CHUNK // 500)]
    path.write_bytes(b"\n".join(whole) + b"\n")
    tailer = LogTailer(path, None)
    seen = list(tailer.read()[0])
    path.rename(path.with_name("queue_log.1"))
    packed(path.with_name("queue_log.1"), "gz")
    path.write_bytes(b"last\n")
    seen += tailer.read()[0]
    tailer.close()
    seen += lines_of(LogTailer(path, tailer.cursor()))
    assert seen == [*whole, b"last"]


@pytest.mark.parametrize("damage", [lambda data: data[:-12], lambda data: data[:40] + b"\0\xff\0\xff" * 9 + data[76:]])
def test_a_damaged_archive_is_a_gap_and_not_the_end(path: Path, damage: Callable[[bytes], bytes]) -> None:
    content = b"first line\n" + os.urandom(4000).hex().encode() + b"\n"
    path.write_bytes(content)
    tailer = LogTailer(path, None)
    tailer.read()
    path.unlink()
    path.with_name("queue_log.1.gz").write_bytes(damage(gzip.compress(content)))
    path.write_bytes(b"second\n")
    again = LogTailer(path, {**(tailer.cursor() or {}), "offset": 11})
    assert lines_of(again)[-1] == b"second"
    assert again.broken


def test_a_file_that_cannot_be_unpacked_is_passed_over(path: Path) -> None:
    tailer = LogTailer(path, None)
    lines_of(tailer)
    path.with_name("queue_log.1.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(90))
    path.unlink()
    path.write_bytes(b"second\n")
    assert [each for each in lines_of(tailer) if not isinstance(each, Rejected)] == [b"second"]
    assert tailer.broken


def test_what_lies_in_an_archive_that_cannot_be_unpacked_is_lost(path: Path) -> None:
    tailer = LogTailer(path, None)
    lines_of(tailer)
    path.rename(path.with_name("queue_log.2"))
    os.utime(path.with_name("queue_log.2"), ns=(0, T * 1_000_000_000))
    path.with_name("queue_log.1.zst").write_bytes(b"\x28\xb5\x2f\xfd" + b"garbage\n" * 9)
    path.write_bytes(b"third\n")
    assert lines_of(tailer) == [b"third"]
    assert tailer.broken


# --- the gap ------------------------------------------------------------------------------------------

LATER = line(600, "ENTERQUEUE", "", "5552", 1, uid="1.9", agent="NONE")


def test_lines_lost_while_we_were_away_are_a_gap_from_the_last_line_to_the_first_new_one(path: Path) -> None:
    entries = StoredState()
    path.write_text(ENTER + "\n")
    poll(path, entries, At(T + 5))
    os.truncate(path, 0)
    path.write_text(LATER + "\n" + line(900, "CONFIGRELOAD", "", uid="NONE") + "\n")
    (batch,) = poll(path, entries, At(T + 1000))
    assert batch.gap is not None
    assert (batch.gap.since, batch.gap.until) == (from_micros(T * 1_000_000), from_micros((T + 600) * 1_000_000))


def test_nothing_is_told_of_a_gap_where_a_copy_holds_the_lines(path: Path) -> None:
    entries = StoredState()
    path.write_text(ENTER + "\n")
    poll(path, entries, At(T + 5))
    append(path, line(6, "CONNECT", 6, "1.2", 3).encode() + b"\n")
    copytruncate(path)
    append(path, LATER.encode() + b"\n")
    batches = poll(path, entries, At(T + 700))
    assert [batch.gap for batch in batches if batch.gap is not None] == []
    assert [event.kind for batch in batches for event in batch.events] == ["ringing", "answered", "queued"]


def test_truncated_while_we_run_the_gap_begins_where_we_last_had_everything(path: Path) -> None:
    entries, clock = StoredState(), At(T + 100)
    path.write_text(ENTER + "\n")
    connector = follower(path, entries, clock)
    connector()
    os.truncate(path, 0)
    clock.seconds = T + 102
    (batch,) = connector()
    assert batch.gap is not None
    assert (batch.gap.since, batch.gap.until) == (from_micros((T + 99) * 1_000_000), from_micros((T + 102) * 1_000_000))


def test_after_a_gap_who_came_in_it_is_known_by_how_long_he_waited(path: Path) -> None:
    entries = StoredState()
    path.write_text(ENTER + "\n")
    poll(path, entries, At(T + 5))
    os.truncate(path, 0)
    path.write_text(line(600, "CONNECT", 30, "1.8", 3, uid="1.9") + "\n")
    (batch,) = poll(path, entries, At(T + 700))
    assert [(e.contact, e.kind) for e in batch.events] == [("1.9", kind) for kind in ("queued", "ringing", "answered")]
