"""The running waits against a plain recount, and what they cost."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from monitor.domain.judge import RunningWait
from monitor.engine.evaluation import contact_id
from monitor.engine.running_waits import GroupState, KeptWait, RunningWaits, SourceWaits
from tests.engine.fake_daemon import NINE

KEYS = st.tuples(st.sampled_from(("c1", "c2", "c3", "c4")), st.sampled_from(("desk", "line")))
ID = "00000000000000a1"
MOMENTS = (st.integers(0, 6) | st.integers(58, 64)).map(lambda n: NINE + timedelta(minutes=n))


def our_id(source: str, key: tuple[str, str]) -> str:
    return contact_id(source, *key)


@st.composite
def running_waits(draw: st.DrawFn) -> tuple[RunningWait, ...]:
    """What one contact may be waiting for: kinds together, two promises at one moment and for one, paused, overdue, warned of."""
    found = []
    for _ in range(draw(st.integers(0, 3))):
        due = draw(st.none() | MOMENTS)
        kind, overdue = draw(st.sampled_from(("hold", "promise"))), due is not None and draw(st.booleans())
        found.append(RunningWait(kind, draw(MOMENTS), due, overdue, draw(st.none() | MOMENTS)))
    return tuple(found)


def broken_at(wait: RunningWait) -> datetime | None:
    """When a limit was broken: at its moment, or as the wait began, where that had passed already."""
    return max(wait.since, wait.due_at) if wait.overdue and wait.due_at else None


class RunningWaitsMachine(RuleBasedStateMachine):
    """Beside the running waits a dictionary that is counted anew each time."""

    def __init__(self) -> None:
        super().__init__()
        self.running_waits = RunningWaits()
        self.model: dict[tuple[str, tuple[str, str]], tuple[RunningWait, ...]] = {}
        self.now = NINE

    @rule(microseconds=st.sampled_from((1, 30_000_000, 59_999_999, 60_000_000, 180_000_000)))
    def time_passes(self, microseconds: int) -> None:
        self.now += timedelta(microseconds=microseconds)

    @rule(source=st.sampled_from(("pbx", "mail")), key=KEYS, running=running_waits())
    def replace(self, source: str, key: tuple[str, str], running: tuple[RunningWait, ...]) -> None:
        self.running_waits.replace(source, key, our_id(source, key), "phone", running)
        self.model[source, key] = running

    @rule(source=st.sampled_from(("pbx", "mail")), found=st.dictionaries(KEYS, running_waits()))
    def restore(self, source: str, found: dict[tuple[str, str], tuple[RunningWait, ...]]) -> None:
        waits = SourceWaits()
        for key, running in found.items():
            waits.replace(key, our_id(source, key), "phone", running)
        self.running_waits.restore(source, waits)
        self.model = {each: running for each, running in self.model.items() if each[0] != source}
        self.model |= {(source, key): running for key, running in found.items()}

    @invariant()
    def contacts_in_which_something_runs(self) -> None:
        for source in ("pbx", "mail"):
            expected = {key for (owner, key), running in self.model.items() if owner == source and running}
            assert set(self.running_waits.contacts(source)) == expected

    @invariant()
    def the_same_as_counted_over(self) -> None:
        groups = self.running_waits.groups(self.now)
        for source in ("pbx", "mail"):
            for point in ("desk", "line"):
                for kind in ("hold", "promise"):
                    waits = [
                        wait
                        for (owner, key), running in self.model.items()
                        if owner == source and key[1] == point
                        for wait in running
                        if wait.wait == kind
                    ]
                    warned = [wait.soon_at for wait in waits if wait.soon_at and not wait.overdue]
                    expected = GroupState(
                        len(waits),
                        sum(wait.overdue for wait in waits),
                        min((wait.since for wait in waits), default=None),
                        min((wait.due_at for wait in waits if wait.due_at and not wait.overdue), default=None),
                        sum(soon <= self.now for soon in warned) if warned else None,
                        max((broken for wait in waits if (broken := broken_at(wait))), default=None),
                    )
                    assert groups.get((source, point, "phone", kind), GroupState(0, 0, None, None)) == expected

    @invariant()
    def who_waits_and_what_falls_due_next(self) -> None:
        running = [(source, key, wait) for (source, key), waits in self.model.items() for wait in waits]
        for sources, most in ((("pbx",), 2), (("pbx", "mail"), 1), (("mail", "pbx"), 100), ((), 5)):
            for point in ("desk", "line"):
                for kind in ("hold", "promise"):
                    here = [each for each in running if each[0] in sources and each[1][1] == point and each[2].wait == kind]
                    total, found = self.running_waits.longest(sources, (point, "phone", kind), self.now, most)
                    assert total == len(here)
                    assert [each.since for each in found] == sorted(wait.since for _, _, wait in here)[:most]
                    assert self.shown(found) <= self.expected(here)
            near = [each for each in running if each[0] in sources and self.is_near(each[2])]
            total, nearest = self.running_waits.nearest(sources, self.now, most)
            assert total == len(near)
            assert [kept.due_at for _, kept in nearest] == sorted(wait.due_at for _, _, wait in near if wait.due_at)[:most]
            assert self.shown(kept for _, kept in nearest) <= self.expected(near)
            kinds = Counter((key[1], "phone", wait.wait) for _, key, wait in near)
            assert Counter(kind for kind, _ in nearest) <= kinds

    def is_near(self, wait: RunningWait) -> bool:
        return wait.due_at is not None and not wait.overdue and wait.due_at - self.now <= timedelta(hours=1)

    def shown(self, found: Iterable[KeptWait]) -> Counter[tuple[object, ...]]:
        return Counter((each.contact.hex(), each.since, each.due_at, each.overdue, bool(each.due_soon)) for each in found)

    def expected(self, waits: Iterable[tuple[str, tuple[str, str], RunningWait]]) -> Counter[tuple[object, ...]]:
        return Counter(
            (our_id(source, key), wait.since, wait.due_at, wait.overdue, self.is_soon(wait)) for source, key, wait in waits
        )

    def is_soon(self, wait: RunningWait) -> bool:
        return wait.soon_at is not None and not wait.overdue and wait.soon_at <= self.now


TestBoard = RunningWaitsMachine.TestCase
TestBoard.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def moment(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def wait(since: float, due: float | None, soon: float | None = None) -> RunningWait:
    return RunningWait(
        "reply", moment(since), None if due is None else moment(due), False, None if soon is None else moment(soon)
    )


def test_the_heaps_do_not_outgrow_what_runs() -> None:
    """One old wait stays on top of all heaps while a hundred thousand come and go beneath it."""
    running_waits = RunningWaits()
    running_waits.replace("mail", ("old", "desk"), ID, "email", (wait(0, 1, 1),))
    group = running_waits._sources["mail"]._groups["desk", "email", "reply"]
    for n in range(100_000):
        running_waits.replace("mail", (f"c{n % 7}", "desk"), ID, "email", (wait(1 + n, 2 + n, 2 + n),))
        running_waits.replace("mail", (f"c{n % 7}", "desk"), ID, "email", ())
        if n % 1000 == 0:
            assert running_waits.groups(NINE)["mail", "desk", "email", "reply"].waiting == 1
        assert max(len(group.by_since), len(group.by_due), len(group.by_soon)) <= 70


def test_broken_promises_that_are_kept_leave_no_heap_that_grows() -> None:
    running_waits = RunningWaits()
    running_waits.replace("mail", ("new", "desk"), ID, "email", (RunningWait("promise", NINE, moment(10**6), True),))
    group = running_waits._sources["mail"]._groups["desk", "email", "promise"]
    for n in range(2000):
        running_waits.replace("mail", ("c", "desk"), ID, "email", (RunningWait("promise", NINE, moment(n), True),))
        running_waits.replace("mail", ("c", "desk"), ID, "email", ())
        assert running_waits.groups(NINE)["mail", "desk", "email", "promise"].last_broken == moment(10**6)
    assert len(group.broken) <= 70


def test_a_heap_whose_other_is_emptied_stays_bounded_too() -> None:
    """The first due is the last begun: looking clears one heap each time and never the other."""
    running_waits = RunningWaits()
    running_waits.replace("mail", ("young", "desk"), ID, "email", (wait(10**6, 10**6),))
    for n in range(2000):
        running_waits.replace("mail", ("c", "desk"), ID, "email", (wait(n, 10**6 + 1 + n),))
        running_waits.replace("mail", ("c", "desk"), ID, "email", ())
        running_waits.groups(NINE)
    group = running_waits._sources["mail"]._groups["desk", "email", "reply"]
    assert max(len(group.by_since), len(group.by_due)) <= 70


def test_what_is_over_leaves_nothing_behind_but_its_lane() -> None:
    running_waits = RunningWaits()
    for n in range(500):
        running_waits.replace("mail", (f"c{n}", "desk"), ID, "email", (wait(n, None),))
        running_waits.replace("mail", (f"c{n}", "desk"), ID, "email", ())
    assert running_waits.contacts("mail") == []
    assert list(running_waits.groups(NINE).values()) == [GroupState(0, 0, None, None)]


def test_looking_touches_nothing_but_what_has_become_due_soon_since() -> None:
    """Ten thousand wait, three become due soon in ten minutes: three leave the heap, at the moment itself and not before."""
    running_waits = RunningWaits()
    for n in range(10_000):
        running_waits.replace("mail", (f"c{n}", "desk"), ID, "email", (wait(0, 10_000, 10 if n < 3 else 5_000),))
    group = running_waits._sources["mail"]._groups["desk", "email", "reply"]
    for now, soon in ((moment(9.999), 0), (moment(10), 3), (moment(10), 3), (moment(4_999), 3)):
        assert running_waits.groups(now)["mail", "desk", "email", "reply"].due_soon == soon
        assert len(group.by_soon) == 10_000 - soon
    running_waits.replace("mail", ("c0", "desk"), ID, "email", ())
    running_waits.replace("mail", ("c9999", "desk"), ID, "email", ())
    assert running_waits.groups(moment(4_999))["mail", "desk", "email", "reply"].due_soon == 2
