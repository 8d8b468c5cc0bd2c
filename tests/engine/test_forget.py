"""Forgetting leaves what would be there had it never been told, but for counters, which never go back."""

from collections.abc import Sequence
from typing import Any

import pytest

from monitor.domain.event import Event
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import counted, event, listed
from tests.engine.scenarios import END, SCENARIOS, IngestRun, ingest_run

#: A ticket that came too late to an answer at `desk` and moved on to `vip`, where it was not solved in time.
MOVED = [
    event("moved", "received", 0, channel="ticket"),
    event("moved", "received", 20_000, "name:vip", "ticket"),
]
#: A call through two queues: at each it is a contact of its own.
TWICE = [
    event("twice", "queued", 0), event("twice", "left", 25, reason="timeout"),
    event("twice", "queued", 26, "name:second"), event("twice", "left", 60, "name:second", reason="caller"),
]  # fmt: skip
TOLD: dict[str, Sequence[Event]] = {**SCENARIOS, "moved": MOVED, "twice": TWICE}


def run_of(store: Store, *names: str) -> IngestRun:
    run = ingest_run(store)
    for name in names:
        run.store_batch(TOLD[name])
    run.sweep()
    return run


def forget(run: IngestRun, *keys: tuple[str, str]) -> int:
    return run.ingest.forget("pbx", keys, now=END)


def kept(store: Store) -> tuple[Any, ...]:
    """Everything but counters."""
    contacts = [(each.source, each.row) for each in store.begun_between(0, 2**62)]
    return store.weeks("2000-01-01"), listed(store), contacts, list(store.running("pbx")), store.next_deadline("pbx")


def counters(store: Store) -> dict[tuple[str, tuple[str, ...]], float]:
    return {key: value for key, value in counted(store).items() if key[0] != "signals_retracted_total"}


@pytest.mark.parametrize(
    ("name", "point"),
    [("call", "desk"), ("missed", "desk"), ("again", "desk"), ("mail", "desk"), ("ticket", "desk"), ("moved", "vip")],
)
def test_it_is_as_if_it_had_never_been_told_but_for_counters(store: Store, name: str, point: str):
    run = run_of(store, *TOLD)
    before, was_listed = counters(store), listed(store)
    assert forget(run, (name, point)) == 1
    without = MemoryStore()
    run_of(without, *(each for each in TOLD if each != name))
    assert kept(store) == kept(without)
    assert counters(store) == before
    retracted = {key[1]: value for key, value in counted(store).items() if key[0] == "signals_retracted_total"}
    assert sum(retracted.values()) == len(was_listed) - len(listed(store)) > 0


def test_what_is_taken_back_is_taken_back_where_it_fell(store: Store):
    run = run_of(store, "moved")
    assert [(row[2], row[3]) for row in listed(store)] == [("desk", "late_reply"), ("vip", "late_resolution")]
    forget(run, ("moved", "vip"))
    retracted = {key[1] for key in counted(store) if key[0] == "signals_retracted_total"}
    assert retracted == {("ticket", "desk", "late_reply"), ("ticket", "vip", "late_resolution")}
    assert store.weeks("2000-01-01") == {}


def test_a_call_at_another_contact_point_is_another_contact(store: Store):
    run = run_of(store, "twice")
    assert forget(run, ("twice", "desk")) == 1
    assert [each.row.contact_point for each in store.find("twice")] == ["second"]
    assert {row[2] for row in listed(store)} == {"second"}


def test_twice_and_unknown_change_nothing(store: Store):
    run = run_of(store, "call", "mail")
    forget(run, ("call", "desk"))
    before = kept(store), counted(store)
    assert forget(run, ("call", "desk"), ("nobody", "desk"), ("mail", "elsewhere")) == 0
    assert (kept(store), counted(store)) == before


def test_told_again_it_counts_again(store: Store):
    run = run_of(store, "call")
    forget(run, ("call", "desk"))
    run.store_batch(TOLD["call"])
    run.sweep()
    assert counted(store)["contacts_total", ("phone", "desk", "inbound")] == 2
    once = MemoryStore()
    run_of(once, "call")
    assert kept(store) == kept(once)


def test_a_contact_that_still_waits_waits_no_more(store: Store):
    run = ingest_run(store)
    run.store_batch([event("c", "queued", 0)])
    assert [row.contact for row in store.running("pbx")] == ["c"]
    forget(run, ("c", "desk"))
    assert list(store.running("pbx")) == []
    assert store.next_deadline("pbx") is None
    run.sweep()
    assert listed(store) == []
