"""One connector that follows its log: between two polls it keeps the calls, unless what it yielded may not be stored."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC
from pathlib import Path

import pytest

from monitor.connector import Batch, Context
from monitor.connectors._asterisk.calls import STATE_PREFIX, Call, Calls, QueueLeg
from monitor.connectors._asterisk.log_archive import events_of
from monitor.connectors.queue_log import QueueLog, Settings, connect
from monitor.domain.event import Event
from tests.connectors.asterisk.test_queue_log import At, StoredState, T, line
from tests.connectors.asterisk_recordings import hashed, read


class Counted(StoredState):
    """Counts how often the open calls are read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def prefix(self, prefix: str) -> dict[str, str]:
        self.reads += 1
        return await super().prefix(prefix)


def connector(path: Path, entries: StoredState, clock: At) -> QueueLog:
    return connect(Settings(type="queue_log", path=path), Context("log", clock, UTC, "GB", hashed, entries))


def poll(following: QueueLog, entries: StoredState) -> list[Event]:
    async def go() -> list[Event]:
        events: list[Event] = []
        async for batch in following.read(entries.cursor):
            entries.take(batch)
            events += batch.events
        return events

    return asyncio.run(go())


def poll_in_vain(following: QueueLog, entries: StoredState) -> Batch:
    """The store does not accept the batch: the engine closes the reading."""

    async def go() -> Batch:
        async with aclosing(following.read(entries.cursor)) as batches:
            return await anext(batches)

    return asyncio.run(go())


def append(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.writelines(each + "\n" for each in lines)


@pytest.mark.parametrize("name", ["blind_transfer_to_queue", "overflow", "restart", "crash", "attended_transfer_feature", "load"])
def test_line_by_line_it_tells_what_the_whole_file_tells_and_stores_what_a_new_process_would(tmp_path: Path, name: str) -> None:
    path, clock, entries, again = tmp_path / "log", At(T), Counted(), StoredState()
    following, events = connector(path, entries, clock), list[Event]()
    whole = read(name, "queue_log").splitlines(keepends=True)[:120]
    for raw in whole:
        with path.open("ab") as file:
            file.write(raw)
        clock.seconds = int(raw.split(b"|")[0]) + 0.5
        events += poll(following, entries)
        poll(connector(path, again, clock), again)
        assert (entries.kept, entries.cursor) == (again.kept, again.cursor)
    clock.seconds += 60
    events += poll(following, entries)
    assert set(events) == {each for each in events_of(whole, hashed) if isinstance(each, Event)}
    assert entries.reads == 1


def test_what_was_not_stored_is_told_again(tmp_path: Path) -> None:
    path, entries = tmp_path / "log", Counted()
    following = connector(path, entries, At(T + 100))
    append(path, line(0, "ENTERQUEUE", "", "5551", 1, agent="NONE"))
    assert [event.kind for event in poll(following, entries)] == ["queued"]
    append(path, line(5, "CONNECT", 5, "1.2", 3))
    refused = poll_in_vain(following, entries)
    assert [event.kind for event in refused.events] == ["ringing", "answered"]
    assert poll(following, entries) == refused.events
    assert entries.reads == 2  # at the start, and after the refusal


def test_an_abandon_that_was_decided_in_vain_is_decided_again(tmp_path: Path) -> None:
    """The cursor has not moved in between, so that it cannot tell that the batch is not stored."""
    path, entries, clock = tmp_path / "log", Counted(), At(T + 21)
    following = connector(path, entries, clock)
    append(path, line(0, "ENTERQUEUE", "", "5551", 1, agent="NONE"), line(20, "ABANDON", 1, 1, 20, agent="NONE"))
    assert [event.kind for event in poll(following, entries)] == ["queued"]
    clock.seconds = T + 30
    refused = poll_in_vain(following, entries)
    assert ([event.kind for event in refused.events], refused.cursor) == (["left", "ended"], None)
    assert poll(following, entries) == refused.events


def test_where_another_process_has_read_on_the_calls_are_read_from_the_store(tmp_path: Path) -> None:
    path, entries, clock = tmp_path / "log", Counted(), At(T + 100)
    following = connector(path, entries, clock)
    append(path, line(0, "ENTERQUEUE", "", "5551", 1, agent="NONE"))
    poll(following, entries)
    append(path, line(5, "CONNECT", 5, "1.2", 3))
    poll(connector(path, entries, clock), entries)
    append(path, line(65, "COMPLETECALLER", 5, 60, 1))
    assert [event.kind for event in poll(following, entries)] == ["ended"]


# --- the entries of calls ----------------------------------------------------------------------------


def restored(entries: Mapping[str, str | None]) -> dict[str, Call]:
    calls = Calls(hashed)
    calls.restore({key: entry for key, entry in entries.items() if entry is not None})
    return calls.by_uid


def test_a_call_is_restored_as_it_was() -> None:
    calls = Calls(hashed)
    call = calls.begin("1.1", "1.0", "5551", T, trunk=False, exten="100")
    call.legs += [
        QueueLeg("queue:sales", "1.1/sales/1", T, "left", 2, reason="timeout", rang=T + 1, tried={"1.7": T}, dialling=["1.7"]),
        QueueLeg("", "1.1//1", T + 2, gone=0, agent="7001"),
    ]
    call.names, call.handing, call.moved = ["1.5"], (T, "blind", None), [T, 0, "sales", True, False]
    call.lot, call.holds, call.callback = [], {"1.2": 1}, True  # in the parking lot, and nobody known may take him back
    assert restored(calls.drain_state()) == {"1.1": call}
    assert calls.drain_state() == {}  # nothing has changed since


def test_an_entry_of_an_earlier_version_says_also_what_is_as_at_the_beginning() -> None:
    """Written with every field that is not empty, and by the first version with the empty ones too."""
    entry = (
        '{"contact":"1.1","uid":"1.1","customer":null,"trunk":true,"seen":5,"handing":[5,"blind",null],"holds":{},"ended":false,'
        '"visits":[{"place":"queue:sales","key":"1.1/sales/1","since":5,"state":"waiting","rings":0,"gone":null,"dialling":[]}]}'
    )
    call = Call("1.1", "1.1", seen=5, legs=[QueueLeg("queue:sales", "1.1/sales/1", 5)], handing=(5, "blind", None))
    assert restored({STATE_PREFIX + "1.1": entry}) == {"1.1": call}
