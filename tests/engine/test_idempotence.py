"""Reading anything twice, in another order, cut elsewhere or interrupted gives the figures of one clean run."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.connector import Batch
from monitor.domain.event import Event
from monitor.errors import CursorMoved, StoreUnavailable
from monitor.store.base import NO_CURSOR, Unit
from monitor.store.memory import MemoryStore, MemoryUnit
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, counted, event, listed
from tests.engine.scenarios import END, SCENARIOS, figures, in_order, ingest_run

#: By hand from the stories: point `desk`, signal -> (assessed, signals), all in the week of Monday 2 November.
WEEK = {
    "slow_answer": (1, 1),  # `call` rang 20 s: at 3 s a ring the fifth begins at 12 s
    "long_wait": (4, 3),  # 25 s, 30 s and 40 s are longer than 20 s, 10 s is not
    "long_hold": (1, 1),  # 130 s
    "turned_away": (4, 0),
    "abandoned": (4, 2),
    "missed_callback": (2, 1),  # 5 h is too late, 1 h is not
    "handed_on": (2, 1),  # twice; `through` not at all
    "late_reply": (2, 1),  # 5 h; the ticket 10 min
    "late_follow_up": (1, 0),  # the ticket's second message, solved in 100 s
    "slipped_promise": (1, 1),
    "late_resolution": (2, 0),
    "reopened": (2, 1),  # the ticket's first solution did not last, its second did
    "passed_around": (1, 1),  # three changes
    "escalated": (1, 0),
    "repeat_contact": (4, 1),  # ann, bob, and cy twice; to bob we called back ourselves
    "lost_context": (4, 0),  # all of them by phone
}


def clean(names: list[str]) -> tuple[object, ...]:
    return figures(desk_after(names))


def desk_after(names: list[str]) -> MemoryStore:
    """The stories as a live source tells them, absence judged as time passes."""
    store = MemoryStore()
    run = ingest_run(store)
    for together in in_order(names):
        run.sweep(together[0].at)
        run.store_batch(together)
    run.sweep()
    return store


CLEAN = clean(list(SCENARIOS))


def test_a_clean_run_gives_what_a_pencil_gives() -> None:
    totals, weeks, signals = CLEAN
    assert isinstance(weeks, Mapping)
    assert weeks == {("desk", signal, "2026-11-02"): pair for signal, pair in WEEK.items()}
    assert isinstance(totals, Mapping)
    by_signal: dict[str, float] = {}
    for (metric, labels), value in totals.items():
        assert metric != "signals_retracted_total"
        if metric == "signals_total":
            by_signal[labels[2]] = by_signal.get(labels[2], 0) + value
    assert by_signal == {signal: float(bad) for signal, (_, bad) in WEEK.items() if bad}
    assert isinstance(signals, list)
    assert len(signals) == sum(bad for _, bad in WEEK.values())


def test_every_batch_twice_and_all_of_them_once_more() -> None:
    store = MemoryStore()
    run = ingest_run(store)
    for _ in range(2):
        for together in in_order(SCENARIOS):
            run.sweep(together[0].at)
            run.store_batch(together)
            run.store_batch(together)
        run.sweep()
        run.sweep()
    assert figures(store) == CLEAN


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_any_order_and_any_cut_gives_the_same_figures(data: st.DataObject) -> None:
    """Nothing is judged absent before all is told, as with an import; then the order cannot matter, not even for retractions."""
    names = data.draw(st.lists(st.sampled_from(sorted(SCENARIOS)), min_size=1, max_size=4, unique=True))
    events = data.draw(st.permutations([event for name in names for event in SCENARIOS[name]]))
    run = ingest_run(MemoryStore())
    rest = list(events)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        batch, rest = rest[:size], rest[size:]
        run.store_batch(batch, NINE)
        if data.draw(st.booleans()):
            run.store_batch(batch, NINE)
    run.sweep()
    weeks, signals = run.store.weeks("2000-01-01"), listed(run.store)
    reference = desk_after(names)
    clean_weeks, clean_signals = reference.weeks("2000-01-01"), listed(reference)
    assert weeks == clean_weeks
    assert [each[:7] for each in signals] == [each[:7] for each in clean_signals]  # less how long it had lasted when last seen
    totals = counted(run.store)
    retracted: dict[str, float] = {}
    counted_bad: dict[str, float] = {}
    for (metric, labels), value in totals.items():
        if metric == "signals_retracted_total":
            retracted[labels[2]] = retracted.get(labels[2], 0) + value
        elif metric == "signals_total":
            counted_bad[labels[2]] = counted_bad.get(labels[2], 0) + value
    assert {signal: n - retracted.get(signal, 0) for signal, n in counted_bad.items() if n != retracted.get(signal, 0)} == {
        signal: float(sum(1 for each in clean_signals if each[3] == signal)) for signal in {each[3] for each in clean_signals}
    }


class Breaking(MemoryStore):
    """Raises at the nth call of a unit, counted over all transactions; once."""

    def __init__(self, at_call: int, error: Exception) -> None:
        super().__init__()
        self.at_call, self.error, self.calls = at_call, error, 0

    @contextmanager
    def transaction(self, source: str) -> Iterator[Any]:
        self.step()
        with super().transaction(source) as unit:
            yield _BreakingUnit(unit, self)

    def step(self) -> None:
        self.calls += 1
        if self.calls == self.at_call:
            raise self.error


class _BreakingUnit:
    def __init__(self, unit: MemoryUnit, store: Breaking) -> None:
        self._unit, self._store = unit, store

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._unit, name)

        def stepping(*args: Any, **named: Any) -> Any:
            self._store.step()
            result = method(*args, **named)
            self._store.step()
            return result

        return stepping


def test_the_units_that_break_offer_all_that_a_unit_offers() -> None:
    public = {name for name in vars(Unit) if not name.startswith("_")}
    assert public <= set(dir(MemoryUnit))


def _told_live(store: MemoryStore) -> None:
    run = ingest_run(store)
    for n, together in enumerate(in_order(SCENARIOS)):
        _until_it_works(lambda at=together[0].at: run.sweep(at))
        _until_it_works(lambda n=n, together=together: run.store_batch(together, cursor={"n": n}))
    _until_it_works(run.sweep)
    assert figures(store) == CLEAN
    assert store.cursor_row("pbx").cursor == {"n": len(in_order(SCENARIOS)) - 1}


def _until_it_works(step: Callable[[], None]) -> None:
    for _ in range(3):
        try:
            step()
        except StoreUnavailable:
            continue
        return
    raise AssertionError("one failure must not last")


def test_a_store_that_fails_at_any_call_of_any_transaction_changes_nothing() -> None:
    error = StoreUnavailable("busy")
    probe = Breaking(-1, error)
    _told_live(probe)
    assert probe.calls > 300
    for call in range(1, probe.calls + 1):
        store = Breaking(call, error)
        _told_live(store)
        assert store.calls > call


def test_a_second_process_that_reads_the_same_source_doubles_nothing() -> None:
    """Both believe the source is theirs; whoever finds the cursor moved begins again from where it is."""
    store = MemoryStore()
    batches = in_order(SCENARIOS)
    runs = [ingest_run(store), ingest_run(store)]
    seen = [NO_CURSOR, NO_CURSOR]
    moved = 0
    turn = 0
    while True:
        turn += 1
        who = turn * 7 % 5 % 2
        n = (seen[who].cursor or {"n": -1})["n"] + 1
        if n == len(batches):
            break
        runs[who].sweep(batches[n][0].at)
        try:
            outcome = runs[who].ingest.batch(
                "pbx", "events", Batch(batches[n], {"n": n}), seen[who], batches[n][0].at, None, now=END
            )
        except CursorMoved:
            moved += 1
            seen[who] = store.cursor_row("pbx")
        else:
            assert outcome.source is not None
            seen[who] = outcome.source
    runs[0].sweep()
    assert moved > 5
    assert figures(store) == CLEAN


async def test_two_daemons_on_one_source_count_once() -> None:
    """The second takes every batch away from under the first, which then reads on from where the second is."""
    clock, store = FakeClock(NINE), MemoryStore()
    events = in_order(["call", "again", "through"])

    class Reader(ScriptedConnector):
        def read(self, cursor: Any) -> Any:
            start = 0 if cursor is None else cursor["n"] + 1
            self._reads.insert(0, [step for n, batch in enumerate(events[start:], start) for step in _steps(n, batch)])
            return super().read(cursor)

    def _steps(n: int, batch: list[Event]) -> list[Any]:
        return [max(batch[0].at, at(1)), Batch(batch, {"n": n}, watermark=batch[0].at)]

    first, second = Reader(clock), Reader(clock)
    async with RunningDaemon(clock, {"pbx": first}, store) as one, RunningDaemon(clock, {"pbx": second}, store) as two:
        await clock.advance(6000)
        assert len(first.cursors) + len(second.cursors) > 2
        assert one.task is not None
        assert two.task is not None
        assert not one.task.done()
        assert not two.task.done()
    afterwards = clean(["call", "again", "through"])[0]  # counted days later, where the daemons counted as it happened
    assert counted(store) == {key: value for key, value in afterwards.items() if not key[0].startswith("history_")}


async def test_an_import_beside_us_moves_the_watermark_and_nobody_has_to_begin_again() -> None:
    clock, store = FakeClock(NINE), MemoryStore()
    pbx = ScriptedConnector(clock, [Batch(cursor={"n": 1}), at(60), Batch([event("c", "queued", 60)], {"n": 2}), at(100)])
    async with RunningDaemon(clock, {"pbx": pbx}, store) as daemon:
        await clock.advance(30)
        other = ingest_run(store)
        other.ingest.batch("pbx", "events", Batch(), store.cursor_row("pbx"), at(30), at(30), now=at(30))
        await clock.advance(31)
        assert pbx.cursors == [None]
        assert daemon.total("contacts_total") == 1
        assert store.cursor_row("pbx").cursor == {"n": 2}
        assert store.cursor_row("pbx").watermark == round(at(30).timestamp() * 1_000_000)


async def test_a_position_that_another_daemon_moved_is_never_overwritten() -> None:
    """Also when we have evaluated at what the other wrote before our next batch comes."""
    clock, store = FakeClock(NINE), MemoryStore()
    pbx = ScriptedConnector(clock, [Batch(cursor={"n": 1}), at(60), Batch([event("c", "queued", 60)], {"n": 2})], [])
    async with RunningDaemon(clock, {"pbx": pbx}, store) as daemon:
        await clock.advance(30)
        with store.transaction("pbx") as unit:
            unit.move(store.cursor_row("pbx").version, {"n": 9}, None, None)
        await daemon.coordinator._restore()
        await clock.advance(40)
        assert pbx.cursors[:2] == [None, {"n": 9}]
        assert store.cursor_row("pbx").cursor == {"n": 9}
        assert daemon.total("contacts_total") == 0
