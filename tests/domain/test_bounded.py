"""A contact with more events than are kept: which ones stay, what becomes of what waits, in whatever order they come."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.bounded import TOO_MANY, Tally, is_closed, tally
from monitor.domain.contact import Contact
from monitor.domain.event import Event, pack, unpack
from monitor.domain.fold import fold
from monitor.domain.judge import judge
from monitor.domain.merging import merge
from tests.domain.contact_lines import START, at, call, email, policy, ticket
from tests.domain.test_fold_properties import ANY, EXAMPLES, in_pieces

MOST = 3


def kept(events: list[Event]) -> list[str]:
    return [f"{event.kind} {(event.at - START).total_seconds():g}" for event in events]


def merged(*pieces: list[Event], most: int = MOST) -> list[Event]:
    known: list[Event] = []
    for piece in pieces:
        known = merge(known, piece, most) or known
    return known


def contact_of(events: list[Event]) -> Contact:
    return fold(events[0].channel, events, reachable=True)


def running(contact: Contact) -> list[str]:
    return [wait.kind for wait in contact.waits if wait.until is None]


STORY = email("received 0", "replied 10", "received 20", "replied 30", "received 40")


def test_as_many_as_are_kept_are_all_there_and_what_waits_goes_on_waiting() -> None:
    events = merged(STORY[:3])
    assert (kept(events), is_closed(events)) == (["received 0", "replied 10", "received 20"], False)
    assert running(contact_of(events)) == ["follow_up"]


def test_one_more_closes_the_contact_at_its_moment_and_what_waits_is_void() -> None:
    events = merged(STORY[:3], STORY[3:4])
    assert (kept(events), is_closed(events)) == (["received 0", "replied 10", "received 20", "lost 30"], True)
    contact = contact_of(events)
    assert running(contact) == []
    assert [(w.kind, w.until, w.void) for w in contact.waits] == [("reply", at("10"), False), ("follow_up", at("30"), True)]


def test_later_ones_change_nothing() -> None:
    events = merged(STORY[:4])
    assert merge(events, STORY[4:], MOST) is None
    assert merge(events, STORY, MOST) is None


def test_an_earlier_one_that_comes_late_takes_the_place_of_the_last() -> None:
    events = merged(STORY[:4], email("noted 15"))
    assert kept(events) == ["received 0", "replied 10", "noted 15", "lost 20"]
    assert running(contact_of(events)) == []
    assert merge(events, STORY, MOST) is None


def test_what_was_late_when_it_was_closed_stays_late_and_in_time_is_void() -> None:
    """The limit of the first reply is 4 h: 14,400 s; late is what is later than that."""
    for moment, state in (("14400", "void"), ("14400.000001", "breached")):
        events = merged(email("received 0", "noted 1", "noted 2", f"replied {moment}"))
        [verdict] = [each for each in judge(contact_of(events), policy("email"), at("90000")).verdicts if each.wait is not None]
        assert (verdict.signal, verdict.state) == ("late_reply", state)


def test_a_promise_in_a_call_is_void_too_for_nobody_would_hear_that_it_was_kept() -> None:
    events = merged(call("answered 0", "promised 5 due=900", "ended 10", "fulfilled 20"))
    contact = contact_of(events)
    assert running(contact) == []
    assert [(w.kind, w.void) for w in contact.waits] == [("promise", True)]


def test_a_call_back_and_a_resolution_are_void() -> None:
    assert running(contact_of(merged(call("queued 0", "left 30 reason=caller", "held 31")))) == ["callback"]
    assert running(contact_of(merged(call("queued 0", "left 30 reason=caller", "held 31", "unheld 32")))) == []
    assert running(contact_of(merged(ticket("received 0", "replied 5", "assigned 6 to=ann", "assigned 7 to=bob")))) == []


def test_the_exact_report_of_an_event_still_takes_the_place_of_the_rough_one() -> None:
    rough, exact = call("ended 20 id=end rough"), call("ended 20.4 id=end")
    events = merged(call("queued 0", "answered 10"), rough, call("held 30"), exact)
    assert kept(events) == ["queued 0", "answered 10", "ended 20.4", "lost 30"]


def test_the_event_that_closes_may_turn_out_to_be_earlier() -> None:
    events = merged(STORY[:4], email("replied 5 id=replied-2"))
    assert kept(events) == ["received 0", "replied 5", "replied 10", "lost 20"]


class TestTally:
    def test_in_an_open_contact_events_are_new_or_known(self) -> None:
        known = merged(STORY[:1])
        assert tally(known, STORY[:2], merged(STORY[:2])) == Tally(1, 1)

    def test_what_finds_no_room_is_refused_whenever_it_comes(self) -> None:
        known, closed = merged(STORY[:2]), merged(STORY)
        assert tally(known, STORY[1:], closed) == Tally(1, 1, STORY[3:])
        assert tally(closed, STORY, closed) == Tally(0, 3, STORY[3:])

    def test_what_gives_way_was_known(self) -> None:
        known, early = merged(STORY[:4]), email("noted 15")
        assert tally(known, early, merged(known, early)) == Tally(1, 0, [], 1)

    def test_told_twice_at_once(self) -> None:
        assert tally([], [*STORY[:4], *STORY[:4]], merged(STORY[:4])) == Tally(3, 3, [STORY[3], STORY[3]])


def as_stored(events: list[Event]) -> list[Event]:
    return [unpack(pack(event), event.contact, event.channel) for event in events]


@st.composite
def reports(draw: st.DrawFn) -> list[Event]:
    """Events of which some are told twice, exactly and cut off to the second, as a log and a live connection tell them."""
    told = []
    for number in range(draw(st.integers(1, 9))):
        second = START + timedelta(seconds=draw(st.integers(0, 3)))
        kind = draw(st.sampled_from(("queued", "ringing", "answered", "held", "unheld", "left", "ended", "lost")))
        event = Event(f"e{number}", "c", "p", "phone", kind, second, rough=True)
        exact = event._replace(at=second + timedelta(milliseconds=draw(st.sampled_from((0, 1, 400, 999)))), rough=False)
        told += draw(st.sampled_from(([event], [exact], [event, exact])))
    return told


def exact(told: list[Event]) -> list[Event]:
    """Corrections of moments are of one clock; what a log cuts off to the second has `reports`."""
    return [event._replace(rough=False) for event in told]


@EXAMPLES
@given(told=ANY.map(exact) | reports(), most=st.integers(1, 8), data=st.data())
def test_any_order_repetition_and_batching_keeps_the_same_events(told: list[Event], most: int, data: st.DataObject) -> None:
    """Past the bound as before it: the contact is what its earliest events make of it."""
    other = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=4))))
    known: list[Event] = []
    for piece in in_pieces(other, data.draw(st.lists(st.integers(0, 20), max_size=4))):
        known = as_stored(merge(known, piece, most) or known)
    assert known == as_stored(merge((), told, most) or [])
    assert merge(known, told, most) is None
    assert is_closed(known) == (len({event.id for event in told}) > most)
    contact = contact_of(known)
    if is_closed(known):
        assert running(contact) == []
        assert known[-1].reason == TOO_MANY
        assert len(known) == most + 1


@EXAMPLES
@given(told=ANY.map(exact), most=st.integers(1, 8))
def test_nothing_that_is_kept_is_later_than_what_is_not(told: list[Event], most: int) -> None:
    events = merge((), told, most) or []
    every = merge((), told) or []
    if is_closed(events):
        left_out = {event.id for event in every} - {event.id for event in events[:-1]}
        closed_at: datetime = events[-1].at
        second = closed_at.replace(microsecond=0)  # within one the id decides
        assert all(event.at < second + timedelta(seconds=1) for event in events)
        assert all(event.at >= second for event in every if event.id in left_out)


def test_what_takes_back_the_event_too_many_does_not_open_the_contact_again() -> None:
    """What closed it bears the id of that event, and says that more was told than is kept."""
    told = email("received 0", "retracted 1 event=received-2", "received 2")
    kept = merge((), told, 2)
    assert kept is not None
    assert is_closed(kept)
    assert running(contact_of(kept)) == []


def test_a_moment_that_is_corrected_makes_the_same_contact_in_whatever_order_it_is_told() -> None:
    """Of one second the first by id is kept; it was told at first as a microsecond later than the one that closes."""
    late, one, other = (
        Event(name, "c", "p", "phone", "answered", START + timedelta(microseconds=after))
        for name, after in (("e0", 1), ("e0", 0), ("e1", 0))
    )
    at_once = as_stored(merge((), [one, other], 1) or [])
    by_and_by = as_stored(merge((), [late, other], 1) or [])
    assert as_stored(merge(by_and_by, [one], 1) or []) == at_once
    assert [(event.id, event.kind, event.at) for event in at_once] == [("e0", "answered", START), ("e1", "lost", START)]
