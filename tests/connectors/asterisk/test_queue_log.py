"""queue_log: its lines, what they say beside AMI, and following the file through rotation."""

import asyncio
import os
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.clock import SystemClock
from monitor.connector import Batch, Context, Rejected
from monitor.connectors._asterisk.log_archive import events_of
from monitor.connectors._asterisk.queue_log import Line, parse
from monitor.connectors._asterisk.tail import CHUNK, LogTailer
from monitor.connectors.queue_log import Settings, connect
from monitor.domain.event import Event, from_micros
from monitor.errors import TransientError
from tests.connectors.asterisk.test_tracker import stories
from tests.connectors.asterisk_recordings import chunks, follow, hashed, read, scenarios, truth

T = 1_795_000_000


def events(*lines: str) -> list[Event]:
    events = [e for e in events_of((line.encode() + b"\n" for line in lines), hashed) if isinstance(e, Event)]
    assert len({(e.contact, e.place, e.id) for e in events}) == len(events)
    return events


def story(*lines: str) -> dict[tuple[str, str], str]:
    return stories(events(*lines))


def line(at: int, verb: str, *data: object, uid: str = "1.1", queue: str = "support", agent: str = "Alice") -> str:
    return "|".join(str(part) for part in (T + at, uid, queue, agent, verb, *data))


ENTER = line(0, "ENTERQUEUE", "", "5551", 1, agent="NONE")
START = line(8, "QUEUESTART", "", uid="NONE", queue="NONE", agent="NONE")


# --- lines -------------------------------------------------------------------------------------------


def test_a_line() -> None:
    raw = b"1795298951|1795298948.0|support|Alice|CONNECT|3|1795298948.1|3"
    assert parse(raw) == Line(1795298951_000000, "1795298948.0", "support", "Alice", "CONNECT", ["3", "1795298948.1", "3"])


@pytest.mark.parametrize(
    "raw",
    [b"", b"x", b"1|2|3", b"12a|1.1|support|Alice|CONNECT", b"|||||", b"1795298951|1.1|support|Alice|",
     b"1795298951.5|1.1|q|A|CONNECT", b"\xff" * 40, "١٢|1|q|a|v".encode()],
)  # fmt: skip
def test_garbage_is_rejected_and_not_shown(raw: bytes) -> None:
    rejected = parse(raw)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "malformed"
    assert "support" not in rejected.sample


def test_an_endless_line_is_too_large() -> None:
    rejected = parse(b"1795298951|1.1|support|Alice|CONNECT|" + b"9" * 5000)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "too_large"


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    good = parse(b"1795298951|1.1|support|J\xfcrg|CONNECT|3|1.2|3")
    assert isinstance(good, Line)
    assert good.agent == "J\ufffdrg"


@given(st.lists(st.binary(max_size=80), max_size=20))
def test_no_bytes_break_it(lines: list[bytes]) -> None:
    list(events_of(lines, hashed))


# --- what they say ------------------------------------------------------------------------------------


def test_an_answered_call() -> None:
    lines = ENTER, line(5, "CONNECT", 5, "1.2", 3), line(20, "COMPLETECALLER", 5, 15, 1)
    assert story(*lines) == {("5551", "queue:support"): "queued ringing answered ended"}
    ring = next(e for e in events(*lines) if e.kind == "ringing")
    assert ring.at == from_micros((T + 2) * 1_000_000)
    assert all(e.rough for e in events(*lines))


def test_the_first_phone_that_rang_counts_also_when_it_was_not_answered() -> None:
    """RINGNOANSWER counts milliseconds, CONNECT seconds."""
    found = events(ENTER, line(17, "RINGNOANSWER", 15000), line(20, "CONNECT", 20, "1.2", 2))
    assert [(e.kind, e.at) for e in found if e.kind == "ringing"] == [("ringing", from_micros((T + 2) * 1_000_000))]


def test_a_phone_cannot_have_rung_before_the_caller_came() -> None:
    found = events(ENTER, line(2, "CONNECT", 2, "1.2", 3))
    assert next(e.at for e in found if e.kind == "ringing") == from_micros(T * 1_000_000)


@pytest.mark.parametrize(
    ("verb", "reason"),
    [("EXITWITHTIMEOUT", "timeout"), ("EXITEMPTY", "no_agents"), ("EXITWITHKEY", "key"), ("WITHDRAW", "withdrawn")],
)
def test_reasons_of_leaving(verb: str, reason: str) -> None:
    assert story(ENTER, line(4, verb, 1, 1, 4)) == {("5551", "queue:support"): f"queued left({reason})"}


def test_an_abandon() -> None:
    assert story(ENTER, line(4, "ABANDON", 1, 1, 4)) == {("5551", "queue:support"): "queued left(caller) ended"}


def test_an_abandon_that_a_stopping_asterisk_wrote_is_nobodys_decision() -> None:
    other = line(0, "ENTERQUEUE", "", "5552", 1, uid="1.9", agent="NONE")
    connect_ = line(1, "CONNECT", 1, "1.8", 1, uid="1.9")
    lines = ENTER, other, connect_, line(4, "ABANDON", 1, 1, 4), line(4, "COMPLETECALLER", 1, 3, 1, uid="1.9"), START
    assert story(*lines)["5551", "queue:support"] == "queued left(restart) ended"


def test_an_abandon_before_an_asterisk_that_goes_on_is_the_callers() -> None:
    later = line(6, "ENTERQUEUE", "", "5552", 1, uid="1.9", agent="NONE")
    assert story(ENTER, line(4, "ABANDON", 1, 1, 4), later, START)["5551", "queue:support"] == "queued left(caller) ended"


def test_a_start_much_later_has_nothing_to_do_with_an_abandon() -> None:
    lines = ENTER, line(4, "ABANDON", 1, 1, 4), line(13, "QUEUESTART", "", uid="NONE", queue="NONE", agent="NONE")
    assert story(*lines) == {("5551", "queue:support"): "queued left(restart) ended"}
    lines = ENTER, line(4, "ABANDON", 1, 1, 4), line(14, "QUEUESTART", "", uid="NONE", queue="NONE", agent="NONE")
    assert story(*lines) == {("5551", "queue:support"): "queued left(caller) ended"}


def test_a_crash_leaves_calls_open_which_the_start_closes() -> None:
    served = line(0, "ENTERQUEUE", "", "5552", 1, uid="1.9", agent="NONE"), line(1, "CONNECT", 1, "1.8", 1, uid="1.9")
    found = events(ENTER, *served, START)
    assert stories(found) == {
        ("5551", "queue:support"): "queued left(restart) ended",
        ("5552", "queue:support"): "queued ringing answered ended",
    }
    assert {e.at for e in found if e.kind in ("left", "ended")} == {from_micros((T + 1) * 1_000_000)}


def test_a_blind_transfer_to_a_queue_is_known_by_the_queue_that_follows() -> None:
    begin = ENTER, line(5, "CONNECT", 5, "1.2", 3), line(9, "BLINDTRANSFER", 8002, "agents", 5, 4, 1)
    assert story(*begin)["5551", "queue:support"] == "queued ringing answered transferred(blind,8002) ended"
    follows = line(9, "ENTERQUEUE", "", "5551", 1, queue="sales", agent="NONE")
    both = story(*begin, follows)
    assert both["5551", "queue:support"] == "queued ringing answered transferred(blind,sales,queue) ended"
    assert both["5551", "queue:sales"] == "queued"


def test_a_number_outside_is_not_shown() -> None:
    begin = ENTER, line(5, "CONNECT", 5, "1.2", 3), line(9, "BLINDTRANSFER", 4930123456, "agents", 5, 4, 1)
    assert "transferred(blind,outside)" in story(*begin)["5551", "queue:support"]


def test_reading_the_same_lines_twice_tells_nothing_new() -> None:
    lines = [ENTER, line(5, "CONNECT", 5, "1.2", 3), line(20, "COMPLETECALLER", 5, 15, 1)]
    assert events(*lines, *lines) == events(*lines)


def test_a_caller_who_comes_back_to_the_queue_begins_another_visit() -> None:
    again = line(30, "ENTERQUEUE", "", "5551", 1, agent="NONE")
    ids = [e.id for e in events(ENTER, line(20, "EXITWITHTIMEOUT", 1, 1, 20), again) if e.kind == "queued"]
    assert ids == ["1.1/support/1/queued", "1.1/support/2/queued"]


def test_a_call_without_an_end_is_let_go_after_a_day() -> None:
    assert story(ENTER, line(86_399, "CONFIGRELOAD", "")) == {("5551", "queue:support"): "queued"}
    assert story(ENTER, line(86_400, "CONFIGRELOAD", "")) == {("5551", "queue:support"): "queued lost(gap)"}


def test_a_line_of_another_queue_does_not_end_this_visit() -> None:
    assert story(ENTER, line(5, "CONNECT", 5, "1.2", 3, queue="sales")) == {("5551", "queue:support"): "queued"}


def _known(name: str) -> list[Event]:
    events = follow(chunks(name))
    try:
        return events + follow(chunks(name, connection=2))
    except FileNotFoundError:
        return events


@pytest.mark.parametrize("name", list(scenarios()))
def test_the_log_names_the_same_facts_as_ami(name: str) -> None:
    """Ids, places and reasons are the same; moments differ by less than the second that the log cuts off."""
    exact = {(e.contact, e.place, e.id): e for e in _known(name) if e.place.startswith("queue:")}
    rough = {
        (e.contact, e.place, e.id): e for e in events_of(read(name, "queue_log").splitlines(), hashed) if isinstance(e, Event)
    }
    compared = ("queued", "answered", "left")
    names = {key for key, e in exact.items() if e.kind in compared}
    if name == "crash":  # AMI heard nothing of the end, which the log's QUEUESTART tells
        assert {e.reason for key, e in rough.items() if e.kind == "left" and key not in exact} == {"restart"}
    else:
        assert {key for key, e in rough.items() if e.kind in compared} == names
    for key in names:
        one, other = exact[key], rough[key]
        assert (one.kind, one.customer) == (other.kind, other.customer)
        assert one.reason == other.reason
        assert timedelta(seconds=-0.1) < one.at - other.at < timedelta(seconds=1.1)


def test_two_hundred_calls_of_the_log() -> None:
    events = [e for e in events_of(read("load", "queue_log").splitlines(), hashed) if isinstance(e, Event)]
    totals = truth("load")["totals"]
    assert sum(e.kind == "queued" for e in events) == 200
    assert sum(e.kind == "answered" for e in events) == totals["answered"]
    assert sum(e.reason == "caller" for e in events) == totals["abandoned"]


# --- following ---------------------------------------------------------------------------------------


def lines_of(tailer: LogTailer) -> list[bytes | Rejected]:
    found: list[bytes | Rejected] = []
    while True:
        lines, at_end = tailer.read()
        found += lines
        if at_end:
            return found


def test_a_line_is_read_when_its_end_is_there(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    tailer = LogTailer(path, None)
    seen: list[bytes | Rejected] = []
    for piece in (b"on", b"e\ntw", b"o\r\n", b"", b"three\n"):
        with path.open("ab") as file:
            file.write(piece)
        seen += lines_of(tailer)
    assert seen == [b"one", b"two", b"three"]


def test_a_renamed_file_is_read_to_its_end_then_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"one\ntwo\n")
    tailer = LogTailer(path, None)
    assert lines_of(tailer) == [b"one", b"two"]
    with path.open("ab") as file:
        file.write(b"three\n")
    path.rename(tmp_path / "queue_log.0")
    path.write_bytes(b"four\n")
    assert lines_of(tailer) == [b"three", b"four"]
    assert not tailer.broken


def test_two_rotations_while_nobody_looked(tmp_path: Path) -> None:
    """Asterisk gives the newest archive the highest number; what counts is which was written last."""
    path = tmp_path / "queue_log"
    path.write_bytes(b"one\n")
    tailer = LogTailer(path, None)
    assert lines_of(tailer) == [b"one"]
    place = tailer.cursor()
    for number, text in enumerate((b"two\n", b"three\n")):
        with path.open("ab") as file:
            file.write(text)
        archive = tmp_path / f"queue_log.{number}"
        path.rename(archive)
        os.utime(archive, ns=(0, (T + number) * 1_000_000_000))
        path.touch()
    path.write_bytes(b"four\n")
    assert lines_of(LogTailer(path, place)) == [b"two", b"three", b"four"]


def test_a_truncated_file_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"one\ntwo\n")
    tailer = LogTailer(path, None)
    lines_of(tailer)
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(b"new\n")
    assert lines_of(tailer) == [b"new"]


def test_an_inode_used_again_is_not_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"one\ntwo\n")
    tailer = LogTailer(path, None)
    lines_of(tailer)
    with path.open("r+b") as file:  # same inode, not shorter, other beginning
        file.truncate(0)
        file.write(b"brand new\nand longer\n")
    assert lines_of(tailer) == [b"brand new", b"and longer"]


def test_a_file_removed_before_it_was_read_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"one\n")
    tailer = LogTailer(path, None)
    lines_of(tailer)
    other = tmp_path / "new"
    other.write_bytes(b"two\n")
    other.rename(path)
    assert lines_of(tailer) == [b"two"]
    assert tailer.broken


def test_a_line_longer_than_a_read_is_rejected_once_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"one\n" + b"x" * (3 * CHUNK) + b"\ntwo\n")
    found = lines_of(LogTailer(path, None))
    assert [each.reason if isinstance(each, Rejected) else each for each in found] == [b"one", "too_large", b"two"]


def test_going_to_the_end_skips_what_is_there_and_the_rest_of_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"one\ntw")
    tailer = LogTailer(path, None)
    tailer.to_end()
    with path.open("ab") as file:
        file.write(b"o\nthree\n")
    assert lines_of(LogTailer(path, tailer.cursor())) == [b"three"]


@settings(max_examples=30)
@given(steps=st.lists(st.sampled_from(["write", "half", "rotate", "read", "resume"]), max_size=30), seed=st.integers(0, 99))
def test_every_line_is_read_once_whatever_happens(tmp_path_factory: pytest.TempPathFactory, steps: list[str], seed: int) -> None:
    path = tmp_path_factory.mktemp("log") / "queue_log"
    path.touch()
    chance = random.Random(seed)
    tailer, written, pending, seen, rotated = LogTailer(path, None), [], b"", [], 0
    for number, step in enumerate(["read", *steps, "read"]):
        if step in ("write", "half"):
            text = pending or f"line {number}\n".encode()
            cut = chance.randrange(1, len(text)) if step == "half" and len(text) > 1 else len(text)
            with path.open("ab") as file:
                file.write(text[:cut])
            pending = text[cut:]
            if not pending:
                written.append(number)
        elif step == "rotate" and not pending and path.stat().st_size:
            archive = path.with_name(f"queue_log.{rotated}")
            path.rename(archive)
            os.utime(archive, ns=(0, (T + rotated) * 1_000_000_000))
            rotated += 1
            path.touch()
        elif step == "read":
            seen += lines_of(tailer)
        elif step == "resume":
            tailer = LogTailer(path, tailer.cursor())
    assert len(seen) == len(set(seen)) == len(written)


# --- the connector -----------------------------------------------------------------------------------


class StoredState:
    """A store's memory: keeps what batches ask to remember."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.cursor: dict[str, Any] | None = None

    def take(self, batch: Batch) -> None:
        for key, entry in batch.state.items():
            if entry is None:
                del self.kept[key]
            else:
                self.kept[key] = entry
        self.cursor = batch.cursor or self.cursor

    async def keys(self, keys: Iterable[str]) -> dict[str, str]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    async def prefix(self, prefix: str) -> dict[str, str]:
        return {key: entry for key, entry in self.kept.items() if key.startswith(prefix)}


class At(SystemClock):
    """Stands still at the moment a test says."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


def poll(path: Path, entries: StoredState, clock: At) -> list[Batch]:
    """One poll by a connector that has just been started."""

    async def go() -> list[Batch]:
        connector = connect(Settings(type="queue_log", path=path), Context("log", clock, UTC, "GB", hashed, entries))
        batches = []
        async for batch in connector.read(entries.cursor):
            batches.append(batch)
            entries.take(batch)
        return batches

    return asyncio.run(go())


def test_a_connector_that_is_killed_after_every_line_tells_the_same(tmp_path: Path) -> None:
    for name in ("blind_transfer_to_queue", "overflow", "restart", "crash", "load"):
        path = tmp_path / name.replace("/", "-")
        entries, events = StoredState(), []
        whole = read(name, "queue_log").splitlines(keepends=True)[:120]
        for raw in whole:
            with path.open("ab") as file:
                file.write(raw)
            clock = At(int(raw.split(b"|")[0]) + 0.5)
            events += [event for batch in poll(path, entries, clock) for event in batch.events]
        events += [event for batch in poll(path, entries, At(clock.seconds + 60)) for event in batch.events]
        assert set(events) == {each for each in events_of(whole, hashed) if isinstance(each, Event)}


def test_the_first_poll_reads_the_present_file_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(read("load", "queue_log"))
    batches = poll(path, StoredState(), At(1_795_400_000))
    assert sum(event.kind == "queued" for batch in batches for event in batch.events) == 200
    assert batches[-1].watermark == datetime.fromtimestamp(1_795_400_000 - 1, UTC)


def test_nothing_is_taken_as_complete_while_an_abandon_may_turn_out_to_be_a_restart(tmp_path: Path) -> None:
    path, entries, clock = tmp_path / "queue_log", StoredState(), At(T + 6)
    path.write_text(ENTER + "\n" + line(4, "ABANDON", 1, 1, 4) + "\n")
    assert poll(path, entries, clock)[-1].watermark == from_micros((T + 4) * 1_000_000)
    clock.seconds = T + 14
    (batch,) = poll(path, entries, clock)
    assert [e.reason for e in batch.events if e.kind == "left"] == ["caller"]
    assert batch.watermark == from_micros((T + 13) * 1_000_000)


def test_a_poll_without_news_moves_nothing(tmp_path: Path) -> None:
    path, entries = tmp_path / "queue_log", StoredState()
    path.write_text(ENTER + "\n")
    poll(path, entries, At(T + 5))
    (batch,) = poll(path, entries, At(T + 6))
    assert (batch.events, batch.cursor, batch.state, batch.rejected) == ([], None, {}, [])


def test_a_file_that_is_gone_before_it_was_read_is_told_as_a_gap(tmp_path: Path) -> None:
    path, entries = tmp_path / "queue_log", StoredState()
    path.write_text(ENTER + "\n")
    poll(path, entries, At(T + 5))
    other = tmp_path / "new"
    other.write_text(line(60, "ENTERQUEUE", "", "5552", 1, uid="1.9", agent="NONE") + "\n")
    other.rename(path)
    (batch,) = poll(path, entries, At(T + 70))
    assert batch.gap is not None
    assert (batch.gap.since, batch.gap.until) == (from_micros(T * 1_000_000), from_micros((T + 60) * 1_000_000))


def test_bad_lines_are_counted_and_the_good_ones_told(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"\x00\xff\n" + ENTER.encode() + b"\n" + b"|" * 9000 + b"\n")
    (batch,) = poll(path, StoredState(), At(T + 5))
    assert [event.kind for event in batch.events] == ["queued"]
    assert [rejected.reason for rejected in batch.rejected] == ["malformed", "too_large"]


def test_a_line_from_the_future_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text(line(90_000, "ENTERQUEUE", "", "5552", 1, uid="1.9") + "\n" + ENTER + "\n")
    (batch,) = poll(path, StoredState(), At(T + 5))
    assert [event.contact for event in batch.events] == ["1.1"]
    assert [rejected.reason for rejected in batch.rejected] == ["future"]


def test_a_missing_file_says_what_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="does not exist; look at `path`"):
        poll(tmp_path / "queue_log", StoredState(), At(T))


@pytest.mark.parametrize(
    ("content", "ok", "words"),
    [(None, False, "cannot be read"), (b"", True, "empty so far"), (b"Subject: hello\n" * 9, False, "does not look like"),
     (read("load", "queue_log"), True, "looks like a queue_log")],
)  # fmt: skip
def test_check_looks_at_the_file(tmp_path: Path, content: bytes | None, ok: bool, words: str) -> None:
    path = tmp_path / "queue_log"
    if content is not None:
        path.write_bytes(content)

    async def go() -> list[Any]:
        connector = connect(Settings(type="queue_log", path=path), Context("log", At(T), UTC, "GB", hashed, StoredState()))
        return [finding async for finding in connector.check()]

    (finding,) = asyncio.run(go())
    assert finding.ok is ok
    assert words in finding.text


# --- the first queue of a call -----------------------------------------------------------------------


def first_queues(*lines: str) -> list[tuple[str, float | None]]:
    """Each queue that a caller entered, and how many seconds after the beginning the call came to its first one."""
    return [
        (each.place, None if each.since is None else each.since.timestamp() - T)
        for each in events(*lines)
        if each.kind == "queued"
    ]


@pytest.mark.parametrize("exit_", ["EXITWITHTIMEOUT", "EXITEMPTY", "EXITWITHKEY"])
def test_a_call_that_overflows_says_when_it_came_to_its_first_queue(exit_: str) -> None:
    sales, billing = line(15, "ENTERQUEUE", "", "5551", 1, queue="sales"), line(30, "ENTERQUEUE", "", "5551", 1, queue="billing")
    told = first_queues(ENTER, line(15, exit_, 1, 1, 15), sales, line(30, exit_, 1, 1, 15, queue="sales"), billing)
    assert told == [("queue:support", None), ("queue:sales", 0), ("queue:billing", 0)]


def test_whom_somebody_answered_begins_anew_and_so_does_the_next_call() -> None:
    answered = (ENTER, line(5, "CONNECT", 5, "1.2", 3), line(20, "BLINDTRANSFER", "8002", "internal", 5, 15, 1))
    assert first_queues(*answered, line(20, "ENTERQUEUE", "", "5551", 1, queue="sales")) == [
        ("queue:support", None), ("queue:sales", None),
    ]  # fmt: skip
    gone = (ENTER, line(5, "ABANDON", 1, 1, 5), line(60, "ENTERQUEUE", "", "5551", 1, uid="2.1", queue="sales"))
    assert first_queues(*gone) == [("queue:support", None), ("queue:sales", None)]
