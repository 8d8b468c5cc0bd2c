"""What a caller went through, from the events of the call: waits, visits and marks. Limits play no part here."""

import pytest

from monitor.domain.contact import Contact
from monitor.domain.event import KINDS, Event
from monitor.domain.merging import RANK
from tests.domain.contact_lines import at, call, chat, folded, lines_of


def waits(contact: Contact) -> list[str]:
    """`"ring 2-9"`: from second 2 to 9; `"queue 0-"`: goes on; then `given_up` or `void` where it is."""
    return [
        " ".join(
            filter(None, (f"{w.kind} {_s(w.since)}-{_s(w.until)}", "given_up" * w.given_up, "void" * w.void)),
        )
        for w in contact.waits
    ]


def visits(contact: Contact) -> list[str]:
    return [f"{_s(v.since)}-{_s(v.until)} {v.ended}" for v in contact.visits]


def marks(contact: Contact) -> list[str]:
    return [f"{m.mark} {_s(m.at)}" + (f" {m.reason}" if m.reason else "") for m in contact.marks]


def _s(moment: object) -> str:
    return "" if moment is None else f"{(moment - at('0')).total_seconds():g}"


CALLS = {
    "answered from the queue": (
        ("queued 0", "ringing 2", "answered 9"),
        ["queue 0-9", "ring 2-9"],
        ["0-9 answered"],
    ),
    "a direct number has no queue": (("ringing 0", "answered 9"), ["ring 0-9"], ["0-9 answered"]),
    "a new ring attempt does not start the ringing again": (
        ("queued 0", "ringing 2", "ringing 17", "ringing 32", "answered 40"),
        ["queue 0-40", "ring 2-40"],
        ["0-40 answered"],
    ),
    "a phone rang before the queue took the call": (
        ("ringing 0", "queued 5", "answered 9"),
        ["ring 0-9", "queue 5-9"],
        ["0-9 answered"],
    ),
    "the caller gave up": (
        ("queued 0", "ringing 2", "left 9 reason=caller"),
        ["queue 0-9 given_up", "ring 2-9 given_up", "callback 9-"],
        ["0-9 caller"],
    ),
    "ended without answer is the caller's going": (
        ("queued 0", "ended 9"),
        ["queue 0-9 given_up", "callback 9-"],
        ["0-9 caller"],
    ),
    "no phone rings any more, another may follow": (("ringing 0", "ringing 7 reason=over"), [], ["0- None"]),
    "another phone followed": (
        ("ringing 0", "ringing 7 reason=over", "ringing 12", "answered 14"),
        ["ring 0-14"],
        ["0-14 answered"],
    ),
    "another phone followed and rings": (("ringing 0", "ringing 7 reason=over", "ringing 12"), ["ring 0-"], ["0- None"]),
    "no other phone followed": (
        ("ringing 0", "ringing 7 reason=over", "left 7 reason=timeout"),
        ["ring 0-7 given_up", "callback 7-"],
        ["0-7 timeout"],
    ),
    "still waiting": (("queued 0", "ringing 2"), ["queue 0-", "ring 2-"], ["0- None"]),
    "a hold ends with unhold": (
        ("queued 0", "answered 5", "held 60", "unheld 90", "ended 100"),
        ["queue 0-5", "hold 60-90"],
        ["0-5 answered"],
    ),
    "each press of hold is its own": (
        ("queued 0", "answered 5", "held 60", "unheld 90", "held 95", "unheld 97"),
        ["queue 0-5", "hold 60-90", "hold 95-97"],
        ["0-5 answered"],
    ),
    "a second press while on hold changes nothing": (
        ("queued 0", "answered 5", "held 60", "held 70", "unheld 90"),
        ["queue 0-5", "hold 60-90"],
        ["0-5 answered"],
    ),
    "a hold ends with the hang-up": (
        ("queued 0", "answered 5", "held 60", "ended 90"),
        ["queue 0-5", "hold 60-90"],
        ["0-5 answered"],
    ),
    "a hold ends with the transfer": (
        ("queued 0", "answered 5", "held 60", "transferred 90 how=consult", "ended 200"),
        ["queue 0-5", "hold 60-90"],
        ["0-5 answered"],
    ),
    "queue music is no hold": (
        ("queued 0", "held 1", "unheld 200", "answered 201"),
        ["queue 0-201"],
        ["0-201 answered"],
    ),
    "a hold told after the hang-up is none": (
        ("queued 0", "answered 5", "ended 90", "held 91"),
        ["queue 0-5"],
        ["0-5 answered"],
    ),
    "nobody holds a caller whom nobody has answered": (
        ("queued 0", "left 30 reason=timeout", "held 31"),
        ["queue 0-30 given_up", "callback 30-"],
        ["0-30 timeout"],
    ),
    "a hold in a call whose beginning we did not see": (("held 0", "unheld 7"), ["hold 0-7"], []),
    "a hold after our sight was lost in the queue": (
        ("queued 0", "lost 10", "held 60", "unheld 61"),
        ["queue 0-10 void", "hold 60-61"],
        ["0-10 lost"],
    ),
    "a colleague's phone rings during a transfer": (
        ("queued 0", "answered 5", "transferred 60 how=consult", "ringing 61", "answered 66"),
        ["queue 0-5"],
        ["0-5 answered"],
    ),
    "blind into the queue again: a second visit": (
        ("queued 0", "answered 5", "transferred 60 how=blind into_queue", "queued 60.1", "answered 70"),
        ["queue 0-5", "queue 60.1-70"],
        ["0-5 answered", "60.1-70 answered"],
    ),
    "sight was lost while waiting": (
        ("queued 0", "ringing 2", "lost 10"),
        ["queue 0-10 void", "ring 2-10 void"],
        ["0-10 lost"],
    ),
    "sight was lost during a hold": (
        ("queued 0", "answered 5", "held 60", "lost 70"),
        ["queue 0-5", "hold 60-70 void"],
        ["0-5 answered"],
    ),
    "sight was lost in a second queue: perhaps the same call was answered, nobody is owed a call": (
        ("queued 0", "left 30 reason=timeout", "queued 31", "lost 40"),
        ["queue 0-30 given_up", "callback 30-40 void", "queue 31-40 void"],
        ["0-30 timeout", "31-40 lost"],
    ),
    "timeout, then the mailbox: one visit": (
        ("queued 0", "left 30 reason=timeout", "voicemail 31"),
        ["queue 0-30 given_up", "callback 30-"],
        ["0-30 timeout"],
    ),
    "a key, then the mailbox: the message asks for a call": (
        ("queued 0", "left 30 reason=key", "voicemail 31"),
        ["queue 0-30 given_up", "callback 31-"],
        ["0-30 key"],
    ),
    "straight to the mailbox": (("voicemail 31",), ["callback 31-"], ["31-31 voicemail"]),
    "all that is known is that somebody left": (("left 9 reason=no_agents",), ["callback 9-"], ["9-9 no_agents"]),
    "all that is known is that somebody picked up": (("answered 9",), [], ["9-9 answered"]),
    "out of the queue and back into it within one whole second": (
        ("queued 0 rough", "left 30 reason=timeout rough", "queued 30 rough", "answered 35 rough"),
        ["queue 0-30 given_up", "callback 30-35 void", "queue 30-35"],
        ["0-30 timeout", "30-35 answered"],
    ),
    "the talk ends in the whole second in which the next visit begins": (
        ("queued 0 rough", "answered 5 rough", "ended 60 rough", "queued 60 rough", "answered 70 rough", "ended 90 rough"),
        ["queue 0-5", "queue 60-70"],
        ["0-5 answered", "60-70 answered"],
    ),
    "the talk before is over, and the caller gives up the queue later": (
        ("queued 0", "answered 5", "transferred 60 how=blind", "queued 60", "ended 90"),
        ["queue 0-5", "queue 60-90 given_up", "callback 90-"],
        ["0-5 answered", "60-90 caller"],
    ),
    "queued again at the moment of the answer is answered": (
        ("queued 0", "queued 9", "answered 9", "ended 30"),
        ["queue 0-9"],
        ["0-9 answered"],
    ),
    "a phone that rings after the end rings for nobody": (
        ("queued 0", "ended 9", "ringing 10"),
        ["queue 0-9 given_up", "callback 9-"],
        ["0-9 caller"],
    ),
    "queued twice is queued once": (("queued 0", "queued 4", "answered 9"), ["queue 0-9"], ["0-9 answered"]),
    "a whole call within one moment": (
        ("queued 0", "ringing 0", "answered 0", "held 0", "unheld 0", "ended 0"),
        ["hold 0-0", "queue 0-0", "ring 0-0"],
        ["0-0 answered"],
    ),
    "a call that came and went within one moment": (
        ("queued 0", "ended 0"),
        ["callback 0-", "queue 0-0 given_up"],
        ["0-0 caller"],
    ),
    "called back": (
        ("queued 0", "left 9 reason=caller", "called_out 600 answered=yes"),
        ["queue 0-9 given_up", "callback 9-600"],
        ["0-9 caller"],
    ),
    "called back in vain": (
        ("queued 0", "left 9 reason=caller", "called_out 600 answered=no"),
        ["queue 0-9 given_up", "callback 9-"],
        ["0-9 caller"],
    ),
    "reached in another call": (
        ("queued 0", "left 9 reason=caller", "reached 600"),
        ["queue 0-9 given_up", "callback 9-600"],
        ["0-9 caller"],
    ),
    "the same call was answered elsewhere": (
        ("queued 0", "left 30 reason=timeout", "reached 40 reason=same_call"),
        ["queue 0-30 given_up", "callback 30-40 void"],
        ["0-30 timeout"],
    ),
    "the same call was answered at a phone after the queue": (
        ("queued 0", "left 30 reason=timeout", "ringing 31", "answered 40"),
        ["queue 0-30 given_up", "callback 30-40 void", "ring 31-40"],
        ["0-30 timeout", "31-40 answered"],
    ),
    "a call of ours: the customer's phone rings, nobody waits for us": (
        ("called_out 0", "ringing 1", "answered 20", "held 30", "unheld 40", "ended 60"),
        ["hold 30-40"],
        [],
    ),
    "a message of ours on the customer's machine asks nothing of us": (("called_out 0 answered=no", "voicemail 20"), [], []),
    "a call of ours that nobody took": (("called_out 0 answered=no", "ringing 1", "left 20", "ended 20"), [], []),
}


@pytest.mark.parametrize(("lines", "went_through", "stayed"), CALLS.values(), ids=CALLS.keys())
def test_waits_and_visits_of_a_call(lines: tuple[str, ...], went_through: list[str], stayed: list[str]) -> None:
    contact = folded(call(*lines))
    assert sorted(waits(contact)) == sorted(went_through)
    assert visits(contact) == stayed


@pytest.mark.parametrize(
    ("reason", "owed"),
    [
        ("caller", True), ("timeout", True), ("no_agents", True), ("callback", True), ("restart", True),
        ("key", False), ("withdrawn", False),
    ],
)  # fmt: skip
def test_a_call_back_is_owed_to_those_who_were_not_served(reason: str, owed: bool) -> None:
    contact = folded(call("queued 0", f"left 9 reason={reason}"))
    assert ("callback 9-" in waits(contact)) is owed
    assert marks(contact) == ["abandoned 9 caller" if reason == "caller" else f"left 9 {reason}"]


def test_nobody_owes_an_unknown_caller_a_call() -> None:
    assert waits(folded(call("queued 0", "left 9 reason=caller"), reachable=False)) == ["queue 0-9 given_up"]


def test_a_call_back_is_a_matter_of_phones() -> None:
    assert waits(folded(chat("queued 0", "left 9 reason=caller"))) == ["queue 0-9 given_up"]


def test_a_wait_bears_the_name_of_the_event_that_began_it() -> None:
    contact = folded(call("queued 0 id=q", "ringing 2 id=r", "answered 9", "held 20 id=h", "ended 30"))
    assert {wait.kind: wait.key for wait in contact.waits} == {"queue": "q", "ring": "r", "hold": "h"}


def test_a_visit_bears_the_name_of_the_event_that_decided_it_so_that_its_beginning_may_come_late() -> None:
    end = call("ringing 2 id=r", "left 9 reason=caller id=l")
    late = call("queued 0 id=q")
    assert [visit.key for visit in folded(end).visits] == ["l"]
    assert [visit.key for visit in folded(end + late).visits] == ["l"]
    assert [wait.key for wait in folded(end + late).waits if wait.kind == "callback"] == ["l"]


def test_transfers_are_marks_and_only_a_blind_one_goes_into_a_queue() -> None:
    contact = folded(
        call(
            "queued 0", "answered 5", "transferred 60 how=blind into_queue", "transferred 70 how=consult into_queue",
            "transferred 80 how=blind", "transferred 90",
        )
    )  # fmt: skip
    assert marks(contact) == ["transferred 60 into_queue", "transferred 70 consult", "transferred 80 blind", "transferred 90"]


@pytest.mark.parametrize(
    ("first", "direction"), [("queued 0", "inbound"), ("called_out 0 answered=yes", "outbound"), ("rated 0", "inbound")]
)
def test_who_began(first: str, direction: str) -> None:
    assert folded(call(first)).direction == direction


def test_begun_is_the_first_moment_and_last_the_latest_in_whatever_order_they_are_told() -> None:
    contact = folded(call("answered 9", "queued 0", "rated 500", "ended 60"))
    assert (contact.begun, contact.last, contact.answered_at, contact.over_at) == (at("0"), at("500"), at("9"), at("60"))


def test_the_exact_telling_of_an_event_wins_over_the_rough_one_in_any_order() -> None:
    rough, exact = call("queued 3 id=q rough"), call("queued 3.7 id=q")
    assert folded(rough + exact) == folded(exact + rough) == folded(exact)
    assert waits(folded(rough + exact)) == ["queue 3.7-"]


def test_of_two_equally_good_tellings_the_earlier_wins() -> None:
    assert waits(folded(call("queued 3.7 id=q", "queued 3.6 id=q"))) == ["queue 3.6-"]


def test_every_kind_of_event_has_its_place_in_time() -> None:
    assert set(RANK) == KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("channel", ["phone", "email", "ticket", "chat", "counter"])
def test_a_contact_of_one_bare_event_folds(channel: str, kind: str) -> None:
    event: Event = lines_of(channel, f"{kind} 0")[0]
    assert folded([event]).begun == at("0")


def test_an_answer_that_a_log_tells_in_whole_seconds_does_not_come_before_the_caller() -> None:
    contact = folded(call("queued 10.4", "answered 10 rough", "ended 60"))
    assert waits(contact) == ["queue 10.4-10.4"]
    assert [(visit.ended, visit.until) for visit in contact.visits] == [("answered", at("10.4"))]


def test_a_rough_moment_of_an_earlier_second_stays_where_it_is() -> None:
    assert waits(folded(call("queued 9 rough", "answered 10.4", "ended 60"))) == ["queue 9-10.4"]
