"""What a customer went through in writing: whose turn it is, promises, resolutions with their pauses, marks."""

import pytest

from monitor.domain.contact import Contact
from monitor.domain.event import Channel
from tests.domain.contact_lines import at, chat, email, folded, lines_of, ticket


def waits(contact: Contact, *kinds: str) -> list[str]:
    return [
        f"{w.kind} {_s(w.since)}-{_s(w.until)}" + " given_up" * w.given_up + " void" * w.void
        for w in contact.waits
        if not kinds or w.kind in kinds
    ]


def marks(contact: Contact) -> list[str]:
    return [f"{m.mark} {_s(m.at)}" + (f" {m.reason}" if m.reason else "") for m in contact.marks]


def _s(moment: object) -> str:
    return "" if moment is None else f"{(moment - at('0')).total_seconds():g}"


TURNS = {
    "a question and its answer": (("received 0", "replied 10"), ["reply 0-10"]),
    "a question": (("received 0",), ["reply 0-"]),
    "chasers do not start it again": (("received 0", "received 5", "received 8", "replied 10"), ["reply 0-10"]),
    "a later question is a follow-up": (
        ("received 0", "replied 10", "received 20", "replied 30"),
        ["reply 0-10", "follow_up 20-30"],
    ),
    "chasers of a follow-up": (
        ("received 0", "replied 10", "received 20", "received 25", "replied 30"),
        ["reply 0-10", "follow_up 20-30"],
    ),
    "two answers in a row": (("received 0", "replied 10", "replied 12"), ["reply 0-10"]),
    "an automatic reply answers nothing": (("received 0", "auto_replied 1", "replied 10"), ["reply 0-10"]),
    "a note answers nothing": (("received 0", "noted 1", "replied 10"), ["reply 0-10"]),
    "an automatic reply and a note ask nothing": (("received 0", "replied 1", "auto_replied 2", "noted 3"), ["reply 0-1"]),
    "thanks after our answer start nothing": (("received 0", "replied 10", "received 20 courtesy"), ["reply 0-10"]),
    "thanks in advance are a question": (("received 0 courtesy", "replied 10"), ["reply 0-10"]),
    "thanks while a question waits end nothing": (
        ("received 0", "replied 10", "received 20", "received 21 courtesy", "replied 30"),
        ["reply 0-10", "follow_up 20-30"],
    ),
    "thanks, then a question": (
        ("received 0", "replied 10", "received 20 courtesy", "received 25"),
        ["reply 0-10", "follow_up 25-"],
    ),
    "we wrote first": (("replied 0", "received 10", "replied 20"), ["follow_up 10-20"]),
    "resolved without a word": (("received 0", "resolved 10"), ["reply 0-10"]),
    "question and answer within one whole second": (("received 0", "replied 0"), ["reply 0-0"]),
    "sight was lost": (("received 0", "lost 10"), ["reply 0-10 void"]),
}


@pytest.mark.parametrize("channel", ["email", "ticket", "chat"])
@pytest.mark.parametrize(("lines", "turns"), TURNS.values(), ids=TURNS.keys())
def test_whose_turn_it_is(channel: Channel, lines: tuple[str, ...], turns: list[str]) -> None:
    assert waits(folded(lines_of(channel, *lines)), "reply", "follow_up") == turns


def test_a_chat_that_the_customer_ends_waits_no_longer() -> None:
    assert waits(folded(chat("received 0", "ended 10"))) == ["reply 0-10 given_up"]
    assert waits(folded(chat("received 0", "replied 10", "ended 20"))) == ["reply 0-10"]


PROMISES = {
    "kept": (("promised 0 due=60", "fulfilled 50"), ["promise 0-50"]),
    "running": (("promised 0 due=60",), ["promise 0-"]),
    "each promise is its own": (("promised 0 due=60", "promised 10 due=90"), ["promise 0-", "promise 10-"]),
    "told twice is promised once": (("promised 0 due=60", "promised 10 due=60"), ["promise 0-"]),
    "all are kept at once": (("promised 0 due=60", "promised 10 due=70", "fulfilled 70"), ["promise 0-70", "promise 10-70"]),
    "one that lies ahead is not kept with them": (
        ("promised 0 due=60", "promised 10 due=90", "fulfilled 70"),
        ["promise 0-70", "promise 10-"],
    ),
    "where nothing is due the next one is kept": (
        ("promised 0 due=60", "promised 10 due=90", "fulfilled 50"),
        ["promise 0-50", "promise 10-"],
    ),
    "resolved ends them": (("promised 0 due=60", "resolved 70"), ["promise 0-70"]),
    "the message that keeps the old one makes a new one": (
        ("promised 0 due=60", "replied 50 ", "promised 50 due=90", "fulfilled 50"),
        ["promise 0-50", "promise 50-"],
    ),
    "an answer alone keeps no promise": (("promised 0 due=60", "replied 50"), ["promise 0-"]),
    "without a due moment it is none": (("promised 0",), []),
    "sight was lost": (("promised 0 due=60", "lost 50"), ["promise 0-50 void"]),
}


@pytest.mark.parametrize(("lines", "promises"), PROMISES.values(), ids=PROMISES.keys())
def test_promises(lines: tuple[str, ...], promises: list[str]) -> None:
    assert waits(folded(email(*lines)), "promise") == promises


def test_what_was_promised_in_a_call_stays_promised_when_the_call_goes_out_of_sight() -> None:
    assert waits(folded(lines_of("phone", "answered 0", "promised 10 due=60", "lost 50")), "promise") == ["promise 10-"]


@pytest.mark.parametrize(
    ("lines", "cycles"),
    [
        (("received 0",), [("0", None, ())]),
        (("received 0", "resolved 90"), [("0", "90", ())]),
        (("noted 0", "received 5", "resolved 90"), [("0", "90", ())]),
        (("received 0", "pending 10", "resumed 20", "resolved 90"), [("0", "90", (("10", "20"),))]),
        (("received 0", "pending 10", "received 20", "resolved 90"), [("0", "90", (("10", "20"),))]),
        (("received 0", "pending 10", "pending 15", "resumed 20", "resumed 25"), [("0", None, (("10", "20"),))]),
        (("received 0", "pending 10", "resumed 20", "pending 30"), [("0", None, (("10", "20"), ("30", None)))]),
        (("received 0", "pending 10", "resolved 90"), [("0", "90", (("10", None),))]),
        (("received 0", "resolved 90", "reopened 95"), [("0", "90", ()), ("95", None, ())]),
        (("received 0", "resolved 90", "received 95"), [("0", "90", ()), ("95", None, ())]),
        (
            ("received 0", "pending 10", "resumed 20", "resolved 90", "reopened 95", "pending 96", "resolved 99"),
            [("0", "90", (("10", "20"),)), ("95", "99", (("96", None),))],
        ),
        (("received 0", "resolved 90", "pending 91", "reopened 95"), [("0", "90", ()), ("95", None, ())]),
        (("received 0", "resolved 90", "resolved 95"), [("0", "90", ())]),
        (("received 0", "replied 10", "pending 10", "received 30 courtesy"), [("0", None, (("10", None),))]),
    ],
)
def test_each_resolution_has_its_own_pauses(lines: tuple[str, ...], cycles: list[tuple[str, str | None, tuple]]) -> None:
    found = [
        (w.since, w.until, tuple(pause[:2] for pause in w.pauses)) for w in folded(ticket(*lines)).waits if w.kind == "resolution"
    ]

    def moment(text: str | None) -> object:
        return None if text is None else at(text)

    assert found == [(at(a), moment(b), tuple((at(c), moment(d)) for c, d in pauses)) for a, b, pauses in cycles]


def test_only_tickets_wait_for_a_resolution() -> None:
    assert waits(folded(email("received 0")), "resolution") == []


MARKS = {
    "the first owner is no change": (("received 0", "assigned 1 to=ann"), []),
    "the same owner again is no change": (("assigned 1 to=ann", "assigned 2 to=ann"), []),
    "another owner is one": (("assigned 1 to=ann", "assigned 2 to=bob"), ["reassigned 2"]),
    "back again is another": (
        ("assigned 1 to=ann", "assigned 2 to=bob", "assigned 3 to=ann"),
        ["reassigned 2", "reassigned 3"],
    ),
    "whom it went to is not told, or to nobody": (("assigned 1", "assigned 2", "assigned 3"), []),
    "nobody between two people is none of them": (
        ("assigned 1 to=ann", "assigned 2", "assigned 3 to=bob", "assigned 4", "assigned 5 to=bob"),
        ["reassigned 3"],
    ),
    "a raised priority": (("received 0", "prioritised 1 raised=yes"), ["escalated 1 priority"]),
    "the first one, in the second in which it came": (("received 0", "prioritised 0.999999 raised=yes"), []),
    "a rule needs a little longer": (("received 0", "prioritised 59.999999 raised=yes by=rule"), []),
    "not a minute": (("received 0", "prioritised 60 raised=yes by=rule"), ["escalated 60 priority"]),
    "a lowered one": (("prioritised 1 raised=no", "prioritised 2"), []),
    "handed to the complaints queue": (("escalated 1",), ["escalated 1"]),
    "resolved": (("received 0", "replied 5", "resolved 9"), ["resolved 9"]),
    "resolved in silence": (("received 0", "resolved 9"), ["resolved 9 unanswered"]),
    "resolved twice is solved once": (("resolved 9", "resolved 10"), ["resolved 9"]),
    "the customer came back": (("received 0", "resolved 9 id=r", "received 12"), ["resolved 9 unanswered", "reopened 12"]),
    "came back, and the system says so too": (
        ("resolved 9", "received 12", "reopened 12.5"),
        ["resolved 9", "reopened 12"],
    ),
    "the system says so first": (("resolved 9", "reopened 12", "received 12.5"), ["resolved 9", "reopened 12"]),
    "came back twice": (
        ("resolved 9", "received 12", "resolved 20", "received 22"),
        ["resolved 9", "reopened 12", "resolved 20 unanswered", "reopened 22"],
    ),
    "thanks do not reopen": (
        ("received 0", "replied 5", "resolved 9", "received 12 courtesy"),
        ["resolved 9", "courtesy 12"],
    ),
    "nor for a matter that was solved without a word": (
        ("received 0", "resolved 9", "received 12 courtesy"),
        ["resolved 9 unanswered", "courtesy 12"],
    ),
    "nor if the system opens the ticket because of them, and somebody closes it again": (
        ("received 0", "replied 5", "resolved 9", "received 12 courtesy", "reopened 12.1", "resolved 15"),
        ["resolved 9", "courtesy 12"],
    ),
    "but what comes after the thanks does": (
        ("received 0", "replied 5", "resolved 9", "received 12 courtesy", "received 14"),
        ["resolved 9", "courtesy 12", "reopened 14"],
    ),
    "and a later opening without thanks does": (
        ("received 0", "replied 5", "resolved 9", "received 12 courtesy", "reopened 12.1", "resolved 15", "reopened 30"),
        ["resolved 9", "courtesy 12", "reopened 30"],
    ),
    "opened again before we saw it solved": (("received 0", "reopened 12"), ["reopened 12"]),
}


@pytest.mark.parametrize(("lines", "marked"), MARKS.values(), ids=MARKS.keys())
def test_marks_of_a_ticket(lines: tuple[str, ...], marked: list[str]) -> None:
    assert marks(folded(ticket(*lines))) == marked


def test_a_return_bears_the_name_of_the_resolution_that_it_undoes() -> None:
    contact = folded(ticket("resolved 9 id=first", "received 12", "resolved 20 id=second", "received 22"))
    assert [mark.key for mark in contact.marks if mark.mark == "reopened"] == ["first", "second"]


def test_a_resolution_is_the_same_wait_when_an_earlier_event_comes_late() -> None:
    late, early = ticket("replied 10 id=a"), ticket("received 0 id=b")
    (before,), (after,) = ([w for w in folded(events).waits if w.kind == "resolution"] for events in (late, late + early))
    assert (before.key, before.since) == (after.key, at("10"))
    assert after.since == at("0")


def test_a_complaint_waits_for_the_resolution_not_for_a_reply() -> None:
    assert waits(folded(ticket("received 0", "complained 0", "replied 5")), "complaint") == ["complaint 0-"]
    assert waits(folded(ticket("received 0", "complained 0", "complained 3", "resolved 5")), "complaint") == ["complaint 0-5"]
    assert waits(folded(ticket("received 0", "resolved 5", "complained 5")), "complaint") == ["complaint 5-5"]


def test_what_runs_in_a_ticket_is_void_once_it_is_out_of_sight() -> None:
    contact = folded(ticket("received 0", "complained 1", "promised 2 due=60", "pending 3", "lost 10"))
    assert waits(contact) == ["reply 0-10 void", "resolution 0-10 void", "complaint 1-10 void", "promise 2-10 void"]
