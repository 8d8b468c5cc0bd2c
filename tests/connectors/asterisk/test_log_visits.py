"""Visits that go on, found by the seconds that a line counts: the same ones as by looking at each of them."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from monitor.connectors._asterisk.calls import ANSWERED, Call, QueueLeg
from monitor.connectors._asterisk.log_visits import Found, Visits, about, counted_from

SECOND = 1_000_000
T = 1_795_000_000
PLACES = ("queue:sales", "queue:support", "extension:sales")  # the last has a leg of the same key as the first

moments = st.builds(lambda second, micros: (T + second) * SECOND + micros, st.integers(0, 5), st.sampled_from((0, 1, 999_999)))
lines = st.integers(-2, 7).map(lambda second: (T + second) * SECOND)  # a queue_log counts whole seconds
steps = st.lists(
    st.one_of(
        st.tuples(st.just("comes"), st.sampled_from(PLACES), moments, st.booleans()),
        st.tuples(
            st.just("answered"), st.integers(0, 30), moments | st.none(), st.sampled_from(("PJSIP/7001", "PJSIP/7002", "Alice"))
        ),
        st.tuples(st.just("gone"), st.integers(0, 30)),
    ),
    max_size=40,
)


@dataclass
class Naive:
    """Everything in two lists; each is looked at."""

    waits: list[Found] = field(default_factory=list)
    talks: list[Found] = field(default_factory=list)

    def waiting_since(self, place: str, at: int) -> list[Found]:
        found = [each for each in self.waits if each[1].place == place and counted_from(each[1], at)]
        taken = [each for each in found if each[0].transferred is not None]
        return taken if len(taken) == 1 else found

    def served_since(self, place: str, answered: int, entered: int | None, number: str) -> Found | None:
        found = [
            (call, leg)
            for call, leg in self.talks
            if leg.place == place and about(leg.served, answered) and (entered is None or about(leg.since, entered))
        ]
        return next((each for each in found if each[1].agent == number), found[0] if found else None)


@given(steps, st.lists(st.tuples(st.sampled_from(PLACES), lines, lines | st.none()), min_size=1, max_size=8))
def test_the_same_visits_are_found_as_by_looking_at_each(steps: list[tuple], asked: list[tuple[str, int, int | None]]) -> None:  # type: ignore[type-arg]
    visits, naive, came = Visits(), Naive(), list[Found]()
    for number, step in enumerate(steps):
        match step:
            case ("comes", place, since, transferred):
                uid = f"1.{number // 2}"  # two may have the same key, in a queue and at a direct number of its name
                leg = QueueLeg(place, f"{uid}/sales/1", since)
                if any((leg.place, leg.key) == (other.place, other.key) for _, other in came):
                    continue
                came.append((Call(uid, uid, transferred=since if transferred else None), leg))
                visits.add(*came[-1])
                naive.waits.append(came[-1])
            case ("answered", index, at, agent) if came:
                found = came[index % len(came)]
                if found in naive.waits:
                    visits.remove(found[1])
                    naive.waits.remove(found)
                    found[1].state, found[1].served = ANSWERED, at
                    visits.add(*found, agent)
                    naive.talks.append(found)
            case ("gone", index) if came:
                found = came[index % len(came)]
                visits.remove(found[1])
                naive.waits, naive.talks = ([each for each in held if each != found] for held in (naive.waits, naive.talks))
            case _:
                pass
        assert visits.waiting == bool(naive.waits)
        assert sorted(leg.place + leg.key for _, leg in visits.open()) == sorted(
            leg.place + leg.key for _, leg in naive.waits + naive.talks
        )
        for place, at, entered in asked:
            assert visits.waiting_since(place, at) == naive.waiting_since(place, at)
            for agent, number in (("PJSIP/7002", "7002"), ("Bob", "")):
                assert visits.served_since(place, at, entered, agent) == naive.served_since(place, at, entered, number)


def waiting(since: float) -> Found:
    return Call("1.1", "1.1"), QueueLeg("queue:sales", "1.1/sales/1", round((T + since) * SECOND))


def test_a_wait_is_counted_from_the_second_of_the_line_or_the_one_before() -> None:
    for since, counted in ((9.999999, False), (10, True), (11.999999, True), (12, False)):
        visits = Visits()
        visits.add(*waiting(since))
        assert bool(visits.waiting_since("queue:sales", (T + 10) * SECOND)) is counted, since


def test_an_answer_is_known_to_a_second() -> None:
    for served, known in ((8.999999, False), (9, True), (11.999999, True), (12, False)):
        call, leg = waiting(0)
        leg.state, leg.served = ANSWERED, round((T + served) * SECOND)
        visits = Visits()
        visits.add(call, leg, "PJSIP/7001")
        assert (visits.served_since("queue:sales", (T + 10) * SECOND, None, "PJSIP/7001") is not None) is known, served


def test_a_visit_that_is_added_again_is_found_under_its_new_moment_alone() -> None:
    visits, (call, leg) = Visits(), waiting(0)
    visits.add(call, leg)
    leg.since = (T + 10) * SECOND
    visits.add(call, leg)
    assert visits.waiting_since("queue:sales", T * SECOND) == []
    assert visits.waiting_since("queue:sales", (T + 10) * SECOND) == [(call, leg)]
    visits.remove(leg)
    visits.remove(leg)
    assert not visits.waiting
