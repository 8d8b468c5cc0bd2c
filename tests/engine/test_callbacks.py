"""A missed caller and who was reached afterwards: contacts of one customer that tell on each other."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.event import Event
from monitor.store import make_store
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import NINE, at, counted, event
from tests.engine.scenarios import END, ingest_run

LIMIT = 4 * 3600


def missed(name: str, begun: float, customer: str | None = "ann") -> list[Event]:
    return [event(name, "queued", begun, customer=customer), event(name, "left", begun + 30, reason="caller")]


def call_back(name: str, begun: float, customer: str | None = "ann", *, answered: bool = True) -> list[Event]:
    return [event(name, "called_out", begun, customer=customer, answered=answered)]


def came_again(name: str, begun: float, customer: str | None = "ann") -> list[Event]:
    return [event(name, "queued", begun, customer=customer), event(name, "answered", begun + 5), event(name, "ended", begun + 60)]


@pytest.mark.parametrize(
    ("stories", "verdicts"),
    [
        ([missed("m", 0)], (1, 1)),
        ([missed("m", 0), call_back("b", 30 + LIMIT)], (1, 0)),
        ([missed("m", 0), call_back("b", 31 + LIMIT)], (1, 1)),
        ([missed("m", 0), came_again("c", 3600)], (1, 0)),
        ([missed("m", 0), call_back("b", 3600, answered=False)], (1, 1)),
        ([missed("m", 0), call_back("b", 3600, answered=False), call_back("c", 7200)], (1, 0)),
        ([missed("m", 0), call_back("b", 3600, "bob")], (1, 1)),
        ([missed("m", 3600), call_back("b", 0)], (1, 1)),
        ([missed("m", 0), missed("n", 600), call_back("b", 3600)], (2, 0)),
        ([missed("m", 0), missed("n", 7200), call_back("b", 3600)], (2, 1)),
        ([missed("m", 0, None)], (0, 0)),
        ([missed("m", 0, None), call_back("b", 3600, None)], (0, 0)),
    ],
    ids=[
        "nobody calls", "at the limit", "a second late", "the customer comes again", "nobody picks up", "the second try reaches",
        "somebody else is called", "the call back was before", "one call for two", "one before, one after", "anonymous",
        "anonymous both",
    ],
)  # fmt: skip
def test_who_counts_as_called_back_whatever_is_read_first(stories: list[list[Event]], verdicts: tuple[int, int]) -> None:
    for order in permutations(stories):
        for together in (False, True):
            store = MemoryStore()
            run = ingest_run(store)
            for batch in [[each for story in order for each in story]] if together else order:
                run.store_batch(batch, NINE)
            run.sweep(END)
            totals = counted(store)
            key = ("phone", "desk", "missed_callback")
            assert (totals.get(("assessed_total", key), 0), totals.get(("signals_total", key), 0)) == verdicts
            assert not any(metric == "signals_retracted_total" for metric, _ in totals)


@pytest.mark.parametrize(("after", "signals"), [(-1e-6, 1), (0, 1), (1e-6, 0)], ids=["a microsecond before", "at once", "after"])
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_who_was_reached_in_the_very_microsecond_of_the_abandon_is_still_owed_a_call(
    kind: str, after: float, signals: int, tmp_path: Path
) -> None:
    """A call that began after the abandon can reach nobody in the same microsecond: what did was another one."""
    call, back = missed("m", 0), call_back("b", 30 + after)
    for n, batches in enumerate(([call, back], [back, call], [[*call, *back]])):
        store: Store = MemoryStore() if kind == "memory" else make_store(f"sqlite:{tmp_path / f'{n}.db'}")
        store.open()
        run = ingest_run(store)
        for batch in batches:
            run.store_batch(batch, NINE)
        run.sweep(END)
        key = ("phone", "desk", "missed_callback")
        totals = counted(store)
        assert (totals["assessed_total", key], totals.get(("signals_total", key), 0)) == (1, signals)
        store.close()


def test_a_call_back_that_is_read_too_late_takes_the_signal_back() -> None:
    store = MemoryStore()
    run = ingest_run(store)
    run.store_batch(missed("m", 0), NINE)
    run.sweep(at(LIMIT + 60))
    key = ("phone", "desk", "missed_callback")
    assert counted(store)["signals_total", key] == 1
    run.store_batch(call_back("b", 3600), at(LIMIT + 120))
    assert counted(store)["signals_retracted_total", key] == 1
    assert store.weeks("2000-01-01")["desk", "missed_callback", "2026-11-02"] == (1, 0)
    assert [each.row.signal for each in store.signals()] == ["long_wait", "abandoned"][::-1]


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_what_a_batch_disproves_is_not_counted_before(kind: str, tmp_path: Path) -> None:
    """A first start reads a day at once: the limit of the missed call was over long ago, and so was its call back."""
    for n, stories in enumerate(permutations([missed("m", 0), call_back("b", 3600), came_again("c", 7200)])):
        store: Store = MemoryStore() if kind == "memory" else make_store(f"sqlite:{tmp_path / f'{n}.db'}")
        store.open()
        run = ingest_run(store)
        run.store_batch([each for story in stories for each in story], END)
        key = ("phone", "desk", "missed_callback")
        totals = counted(store)
        assert totals["assessed_total", key] == 1
        assert not any(metric in ("signals_total", "signals_retracted_total") and labels == key for metric, labels in totals)
        store.close()


def overflow(name: str, begun: float, customer: str | None = "ann") -> list[Event]:
    """Times out of one queue and is answered in the next."""
    return [
        event(name, "queued", begun, "queue:a", customer=customer), event(name, "left", begun + 15, "queue:a", reason="timeout"),
        event(name, "queued", begun + 15, "queue:b", customer=customer), event(name, "answered", begun + 20, "queue:b"),
    ]  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_forty_served_overflows_that_are_read_hours_later_count_nothing(order: tuple[int, ...]) -> None:
    store = MemoryStore()
    calls = [overflow(f"x{n}", 100 * n, f"caller-{n}") for n in range(40)]
    ingest_run(store).store_batch([call[place] for call in calls for place in order], END)
    assert not any("missed_callback" in labels for _, labels in counted(store))


def test_an_overflow_that_came_back_to_its_first_queue_is_owed_nothing_by_the_second() -> None:
    """Answered in a, passed on into b, out of b by its time limit, answered in a again."""
    call = [
        event("x", "queued", 0, "queue:a", customer="ann"), event("x", "answered", 10, "queue:a"),
        event("x", "transferred", 50, "queue:a", how="blind"),
        event("x", "queued", 50.5, "queue:b", customer="ann"), event("x", "left", 70, "queue:b", reason="timeout"),
        event("x", "queued", 70.5, "queue:a", customer="ann", id="again"),
        event("x", "answered", 80, "queue:a", id="answered-again"),
    ]  # fmt: skip
    for pieces in ([call], [call[:4], call[4:]], [call[:5], call[5:]], *([[each] for each in order] for order in [call])):
        store = MemoryStore()
        run = ingest_run(store)
        for piece in pieces:
            run.store_batch(piece, NINE)
        run.sweep(END)
        assert not any("missed_callback" in labels for _, labels in counted(store))


def test_a_stored_answer_is_known_before_a_missed_call_that_is_read_later_is_counted() -> None:
    store = MemoryStore()
    run = ingest_run(store)
    run.store_batch(overflow("x", 0)[2:], END)  # the second queue's part first
    run.store_batch(overflow("x", 0)[:2], END)
    run.store_batch(came_again("c", 7200, "bob"), END)
    run.store_batch(missed("m", 0, "bob"), END)
    totals = counted(store)
    assert totals["assessed_total", ("phone", "desk", "missed_callback")] == 1
    assert not any(metric == "signals_retracted_total" for metric, _ in totals)
    assert not any(metric == "signals_total" and "missed_callback" in labels for metric, labels in totals)


def test_the_same_call_that_comes_through_elsewhere_needed_no_call_back() -> None:
    """A call that overflowed from one queue into another is two contacts with one name."""
    store = MemoryStore()
    run = ingest_run(store)
    first = [event("x", "queued", 0, "queue:a", customer="ann"), event("x", "left", 30, "queue:a", reason="timeout")]
    second = [event("x", "queued", 30, "queue:b", customer="ann"), event("x", "answered", 40, "queue:b")]
    run.store_batch(first, NINE)
    run.store_batch(second, NINE)
    run.sweep()
    assert not any("missed_callback" in labels for _, labels in counted(store))


def test_of_two_call_backs_read_together_the_one_after_the_missed_call_counts() -> None:
    store = MemoryStore()
    run = ingest_run(store)
    run.store_batch(missed("m", 3600), NINE)
    run.store_batch([*call_back("before", 0), *call_back("after", 7200)], NINE)
    run.sweep(END)
    totals = counted(store)
    assert totals["assessed_total", ("phone", "desk", "missed_callback")] == 1
    assert ("signals_total", ("phone", "desk", "missed_callback")) not in totals


class Counting(MemoryStore):
    """Counts the contact rows that units read and write."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Counter[str] = Counter()

    @contextmanager
    def transaction(self, source: str) -> Iterator[Any]:
        with super().transaction(source) as unit:
            for name in ("contacts_named", "owed", "due"):
                setattr(unit, name, self._reading(name, getattr(unit, name)))
            put = unit.put_contacts

            def counting(rows: Any) -> None:
                self.rows["put"] += len(rows)
                put(rows)

            unit.put_contacts = counting  # type: ignore[method-assign]
            yield unit

    def _reading(self, name: str, method: Any) -> Any:
        def counting(*args: Any) -> Any:
            found = method(*args)
            self.rows[name] += len(found)
            return found

        return counting


def test_a_customer_with_thousands_of_contacts_stays_cheap() -> None:
    """A doctor's surgery behind one number: each call touches itself, never the history."""
    store = Counting()
    run = ingest_run(store)
    for n in range(3000):
        run.store_batch(came_again(f"c{n}", n * 100))
    store.rows.clear()
    run.store_batch(came_again("now", 300_100))
    assert store.rows == {"contacts_named": 0, "owed": 0, "put": 1}
    store.rows.clear()
    run.store_batch(missed("miss", 300_200))
    assert store.rows == {"contacts_named": 0, "put": 1}
    store.rows.clear()
    run.store_batch(call_back("back", 300_300))
    assert store.rows == {"contacts_named": 0, "owed": 1, "put": 2}
    store.rows.clear()
    run.store_batch(came_again("next", 301_400))  # later than who gave up can be said to have come back
    assert store.rows == {"contacts_named": 0, "owed": 0, "put": 1}
