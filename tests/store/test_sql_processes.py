"""Several hands on one store: replicas that believe they own a source, readers beside a writer, processes that are killed."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from threading import Barrier, Thread

import pytest

from monitor.engine.evaluation import read_record
from monitor.errors import CursorMoved
from monitor.store import make_store
from monitor.store.base import NO_CURSOR, Store
from monitor.testing.store_rows import contact, everything, put, signal
from tests.engine.fake_daemon import at, event
from tests.engine.scenarios import ingest_run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a Python process on a script and its arguments; kills what is left after the test."""
    started: list[subprocess.Popen[str]] = []

    def start_one(script: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start_one
    for process in started:
        process.kill()
        process.communicate()


def ingest(store: Store, seen: int, who: str) -> bool:
    """One batch under the cursor `seen`: the same contact and one more in the total, whoever writes it."""
    try:
        with store.transaction("pbx") as unit:
            unit.put_contacts([contact("c")])
            unit.put_signals([signal("c")])
            unit.add_totals({("signals_total", ("desk",)): 1.0})
            unit.move(seen, {"by": who}, None, None)
    except CursorMoved:
        return False
    return True


@pytest.mark.parametrize("order", sorted(set(permutations("AABB"))), ids="".join)
def test_of_two_that_read_the_same_cursor_exactly_one_moves_it(
    url: str, open_sql: Callable[[str], Store], order: tuple[str, ...]
) -> None:
    """Each reads the cursor at its first turn and writes at its second."""
    stores = {"A": open_sql(url), "B": open_sql(url)}
    seen: dict[str, int] = {}
    moved = 0
    for who in order:
        if who not in seen:
            seen[who] = stores[who].cursor_row("pbx").version
        else:
            moved += ingest(stores[who], seen[who], who)
    one_after_the_other = order in (tuple("AABB"), tuple("BBAA"))
    assert moved == (2 if one_after_the_other else 1)
    for store in stores.values():
        assert store.cursor_row("pbx").version == moved
        assert store.totals() == {("signals_total", ("desk",)): float(moved)}
        assert len(list(store.signals())) == 1


COUNT = """
import sys
from monitor.engine.evaluation import read_record
from monitor.errors import CursorMoved
from monitor.store import make_store
store = make_store(sys.argv[1])
store.open()
won = 0
while won < 40:
    seen = store.cursor_row("pbx")
    try:
        with store.transaction("pbx") as unit:
            unit.add_totals({("m", ()): 1.0})
            unit.move(seen.version, {}, None, None)
        won += 1
    except CursorMoved:
        pass
store.close()
"""


def test_processes_that_race_for_a_new_store_and_its_cursor_lose_and_double_nothing(
    new_url: str, start: Callable[..., subprocess.Popen[str]], open_sql: Callable[[str], Store]
) -> None:
    racers = [start(COUNT, new_url) for _ in range(3)]
    for racer in racers:
        racer.communicate()
        assert racer.returncode == 0
    store = open_sql(new_url)
    assert store.cursor_row("pbx").version == 120
    assert store.totals() == {("m", ()): 120.0}


WRITE = """
import sys
from monitor.store import make_store
from monitor.testing.store_rows import contact, signal

def reached(step):
    if step == sys.argv[2]:
        print("here", flush=True)
        sys.stdin.read()

store = make_store(sys.argv[1])
store.open()
with store.transaction("pbx") as unit:
    reached("begun")
    unit.put_contacts([contact(f"c{n}", record="x" * 1000, deadline=1) for n in range(2000)])
    reached("contacts")
    unit.put_signals([signal(f"c{n}") for n in range(2000)])
    unit.add_totals({("m", ()): 2000.0})
    reached("totals")
    unit.move(0, {"at": 2000}, 1, None)
    reached("moved")
reached("committed")
"""


@pytest.mark.parametrize(
    ("step", "kept"), [("begun", False), ("contacts", False), ("totals", False), ("moved", False), ("committed", True)]
)
def test_a_killed_process_leaves_a_batch_whole_or_not_at_all(
    url: str, start: Callable[..., subprocess.Popen[str]], open_sql: Callable[[str], Store], step: str, kept: bool
) -> None:
    process = start(WRITE, url, step)
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.kill()
    process.wait()
    store = open_sql(url)
    if not kept:
        assert store.cursor_row("pbx") == NO_CURSOR
        assert everything(store, ["pbx"])["all"] == ({}, {}, [], [], [])
        with store.transaction("pbx") as unit:
            unit.put_contacts([contact("c1")])
            unit.move(0, None, None, None)
    else:
        assert store.cursor_row("pbx").version == 1
        assert len(list(store.begun_between(0, 10**9))) == len(list(store.signals())) == store.totals()["m", ()] == 2000


def test_others_see_a_batch_only_when_it_is_whole(url: str, open_sql: Callable[[str], Store]) -> None:
    store = open_sql(url)
    put(store, "pbx", contact("old"), signals=[signal("old")])
    with store.transaction("pbx") as unit:
        unit.put_contacts([contact("new")])
        unit.put_signals([signal("new")])
        seen: list[str] = []
        reader = Thread(target=lambda: seen.extend(each.row.contact for each in store.signals()))
        reader.start()
        reader.join()
        assert seen == ["old"]
        assert store.find("new") == []
    assert [each.row.contact for each in store.signals()] == ["old", "new"]


def test_a_long_listing_shows_one_moment_and_holds_up_no_writer(url: str, open_sql: Callable[[str], Store]) -> None:
    store = open_sql(url)
    put(store, "pbx", *(contact(f"c{n:04}", begun=n, running="x", last=0) for n in range(1500)))
    listing, running = store.begun_between(0, 10**6), store.running("pbx")
    assert next(listing).row.contact == "c0000"
    assert next(running).running == "x"
    put(store, "pbx", *(contact(f"c{n:04}", begun=2000 - n, last=0) for n in range(1500)))
    assert sum(store.prune(1)) == 1500
    assert [each.row.contact for each in listing] == [f"c{n:04}" for n in range(1, 1500)]
    assert len(list(running)) == 1499


def test_a_listing_that_nobody_finishes_leaves_no_log_beside_the_file(database: Path, open_sql: Callable[[Path], Store]) -> None:
    store = open_sql(database)
    put(store, "pbx", *(contact(f"c{n}") for n in range(1500)))
    for _ in range(50):
        next(store.begun_between(0, 10**6))
    store.close()
    assert [path.name for path in database.parent.iterdir()] == [database.name]


def test_the_generation_changes_by_others_only(url: str, open_sql: Callable[[str], Store]) -> None:
    ours, other = open_sql(url), open_sql(url)
    before = ours.generation()
    put(ours, "pbx", contact("c"))
    sum(ours.prune(10**9))
    assert ours.generation() == before
    put(other, "pbx", contact("d"))
    after = ours.generation()
    assert after != before
    assert ours.generation() == after


def test_old_contacts_go_in_portions_and_all_go(
    url: str, open_sql: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.store.sql._PRUNE_AT_ONCE", 10)
    store = open_sql(url)
    put(store, "pbx", *(contact(f"c{n}", last=n) for n in range(95)), signals=[signal(f"c{n}") for n in range(95)])
    with store.transaction("pbx") as unit:
        unit.write_state({f"n{n}": "x" for n in range(25)}, 1)
    assert sum(store.prune(90)) == 90
    assert len(list(store.signals())) == len(list(store.begun_between(0, 10**6))) == 5
    assert store.read_state_prefix("pbx", "") == {}


def test_a_closed_store_opens_again(url: str) -> None:
    store = make_store(url)
    for n in range(3):
        store.open()
        store.open()
        put(store, "pbx", contact(f"c{n}"))
        store.close()
        store.close()
    store.open()
    assert len(list(store.begun_between(0, 10**6))) == 3
    store.close()


def test_what_is_settled_beside_a_batch_of_the_same_contact_is_lost_by_neither(
    url: str, open_sql: Callable[[str], Store]
) -> None:
    """One process reads messages of a conversation, another one settles it: each sees the other's, the cursor moves on."""
    daemon, beside = open_sql(url), open_sql(url)
    reading, settling = ingest_run(daemon), ingest_run(beside)
    mails = [event("mail", "received", n, channel="email") for n in range(40)]
    reading.store_batch(mails[:1], cursor={"read": 1})
    seen = daemon.generation()
    together = Barrier(2)

    def settle() -> None:
        together.wait()
        for n in range(20):
            settling.ingest.settle("pbx", ("mail", "desk"), at(100 + n), f"reason {n}", "ann")

    def read() -> None:
        together.wait()
        for n in range(1, 40):
            reading.store_batch(mails[n : n + 1], cursor={"read": n + 1})

    threads = [Thread(target=settle), Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert daemon.generation() != seen  # by which the daemon knows that somebody wrote beside it
    assert daemon.cursor_row("pbx")[:2] == (40, {"read": 40})
    [found] = daemon.find("mail")
    kinds = [each.kind for each in read_record(found.row).events]
    assert kinds == ["received"] * 40 + ["settled"] * (len(kinds) - 40)  # the first, and where a message came between
    assert len(kinds) > 40
    settling.ingest.settle("pbx", ("mail", "desk"), at(200), "all of it", "ann")
    assert list(daemon.running("pbx")) == []
