"""What is said of a message or a contact afterwards: settled, discarded, restored, bounced, dealt with before we looked."""

import pytest

from monitor.domain.event import Event
from tests.domain.contact_lines import (
    Books,
    at,
    call,
    email,
    expected,
    folded,
    judged,
    lines_of,
    outcomes,
    policy,
    ticket,
    verdicts,
)
from tests.domain.test_fold_written import marks, waits

#: In these tables `received-1` is the first message, `received-2` the second.
SETTLED = {
    "a question that was settled by phone": (("received 0", "settled 50"), ["reply 0-50"]),
    "after an answer there is nothing to settle": (("received 0", "replied 10", "settled 50"), ["reply 0-10"]),
    "what is asked later is a follow-up": (("received 0", "settled 50", "received 60"), ["reply 0-50", "follow_up 60-"]),
    "thanks for it start nothing": (("received 0", "settled 50", "received 60 courtesy"), ["reply 0-50"]),
    "settled twice": (("received 0", "settled 50", "settled 60"), ["reply 0-50"]),
    "in the moment of the question": (("received 0", "settled 0"), ["reply 0-0"]),
    "in the moment of the answer": (("received 0", "replied 50", "settled 50"), ["reply 0-50"]),
    "and resolved": (("received 0", "settled 50", "resolved 60"), ["reply 0-50"]),
    "one message of one": (("received 0", "settled 50 event=received-1"), ["reply 0-50"]),
    "one message of one, and a later one": (
        ("received 0", "settled 50 event=received-1", "received 60"),
        ["reply 0-50", "follow_up 60-"],
    ),
    "the first of two: the other goes on from its own moment": (
        ("received 0", "received 20", "settled 50 event=received-1"),
        ["reply 0-50", "reply 20-"],
    ),
    "the second of two: the first still waits": (("received 0", "received 20", "settled 50 event=received-2"), ["reply 0-"]),
    "one after the other": (
        ("received 0", "received 20", "settled 50 event=received-1", "settled 55 event=received-2"),
        ["reply 0-50", "reply 20-55"],
    ),
    "thanks in between ask nothing": (
        ("received 0", "received 20 courtesy", "settled 50 event=received-1"),
        ["reply 0-50"],
    ),
    "a message that was answered before": (
        ("received 0", "replied 10", "received 20", "settled 50 event=received-1"),
        ["reply 0-10", "follow_up 20-"],
    ),
    "a message that nobody knows": (("received 0", "settled 50 event=other"), ["reply 0-"]),
    "told by a clock that is behind that of the mail server": (("received 5", "settled 2 event=received-1"), ["reply 5-5"]),
    "and of the whole contact": (("received 5", "settled 2"), ["reply 5-5"]),
}

DISCARDED = {
    "moved to the bin": (("received 0", "discarded 50 reason=deleted event=received-1"), ["reply 0-50 void"]),
    "the next one is a first message": (
        ("received 0", "discarded 50 reason=deleted event=received-1", "received 60"),
        ["reply 0-50 void", "reply 60-"],
    ),
    "the first of two": (
        ("received 0", "received 20", "discarded 50 reason=deleted event=received-1"),
        ["reply 0-50 void", "reply 20-"],
    ),
    "the second of two": (("received 0", "received 20", "discarded 50 reason=deleted event=received-2"), ["reply 0-"]),
    "both": (
        ("received 0", "received 20", "discarded 50 event=received-2", "discarded 60 event=received-1"),
        ["reply 0-60 void"],
    ),
    "the first of three, the second went before": (
        ("received 0", "received 20", "received 30", "discarded 50 event=received-2", "discarded 60 event=received-1"),
        ["reply 0-60 void", "reply 30-"],
    ),
    "answered before": (("received 0", "replied 10", "discarded 50 event=received-1"), ["reply 0-10"]),
    "answered in the same moment": (("received 0", "replied 50", "discarded 50 event=received-1"), ["reply 0-50"]),
    "answered afterwards": (("received 0", "discarded 50 event=received-1", "replied 60"), ["reply 0-50 void"]),
    "a message that nobody knows": (("received 0", "discarded 50 event=other"), ["reply 0-"]),
    "an answer cannot be discarded": (("received 0", "replied 10", "received 20", "discarded 50 event=replied-1"),
                                      ["reply 0-10", "follow_up 20-"]),
    "twice: the first counts": (
        ("received 0", "discarded 50 event=received-1", "discarded 60 event=received-1"),
        ["reply 0-50 void"],
    ),
    "the whole contact": (("received 0", "received 20", "discarded 50 reason=duplicate"), ["reply 0-50 void"]),
    "spam": (("received 0", "discarded 50 reason=spam event=received-1"), ["reply 0-0 void"]),
    "spam, the whole contact": (
        ("received 0", "received 20", "discarded 50 reason=spam"),
        ["reply 0-0 void", "reply 20-20 void"],
    ),
    "spam before a question": (
        ("received 0", "received 20", "discarded 50 reason=spam event=received-1"),
        ["reply 0-0 void", "reply 20-"],
    ),
    "spam after a question": (("received 0", "received 20", "discarded 50 reason=spam event=received-2"), ["reply 0-"]),
    "spam that was answered was a customer's": (
        ("received 0", "replied 10", "discarded 50 reason=spam event=received-1"),
        ["reply 0-10"],
    ),
    "an automatic answer is none": (
        ("received 0", "auto_replied 1", "discarded 50 reason=spam event=received-1"),
        ["reply 0-0 void"],
    ),
    "spam, then emptied from the bin": (
        ("received 0", "discarded 50 reason=spam event=received-1", "discarded 60 reason=deleted event=received-1"),
        ["reply 0-0 void"],
    ),
    "deleted, then called spam": (
        ("received 0", "discarded 50 reason=deleted event=received-1", "discarded 60 reason=spam event=received-1"),
        ["reply 0-0 void"],
    ),
    "spam that was settled": (("received 0", "settled 20", "discarded 50 reason=spam event=received-1"), ["reply 0-0 void"]),
}  # fmt: skip

RESTORED = {
    "back from the bin": (("received 0", "discarded 50 event=received-1", "restored 60 event=received-1"), ["reply 0-"]),
    "back from junk": (
        ("received 0", "discarded 50 reason=spam event=received-1", "restored 60 event=received-1"),
        ["reply 0-"],
    ),
    "in the same moment": (("received 0", "discarded 50 event=received-1", "restored 50 event=received-1"), ["reply 0-"]),
    "and into it again": (
        ("received 0", "discarded 50 event=received-1", "restored 60 event=received-1", "discarded 70 event=received-1"),
        ["reply 0-70 void"],
    ),
    "another one": (("received 0", "discarded 50 event=received-1", "restored 60 event=received-2"), ["reply 0-50 void"]),
    "restored is the message, not the contact": (("received 0", "discarded 50", "restored 60 event=received-1"),
                                                 ["reply 0-50 void"]),
    "the whole contact": (("received 0", "discarded 50", "restored 60"), ["reply 0-"]),
    "nothing was discarded": (("received 0", "restored 60 event=received-1", "restored 70"), ["reply 0-"]),
    "answered while it was away": (
        ("received 0", "discarded 50 event=received-1", "replied 55", "restored 60 event=received-1"),
        ["reply 0-55"],
    ),
}  # fmt: skip

BOUNCED = {
    "the answer came back": (("received 0", "replied 10", "bounced 11 event=replied-1"), ["reply 0-"]),
    "and another one went out": (("received 0", "replied 10", "bounced 11 event=replied-1", "replied 30"), ["reply 0-30"]),
    "the second of two": (("received 0", "replied 10", "replied 12", "bounced 13 event=replied-2"), ["reply 0-10"]),
    "the first of two": (("received 0", "replied 10", "replied 12", "bounced 13 event=replied-1"), ["reply 0-12"]),
    "an answer that nobody knows": (("received 0", "replied 10", "bounced 11 event=other"), ["reply 0-10"]),
    "a question does not bounce": (("received 0", "bounced 11 event=received-1"), ["reply 0-"]),
    "nor all of it": (("received 0", "replied 10", "bounced 11"), ["reply 0-10"]),
    "the message after it is no follow-up, but a chaser": (
        ("received 0", "replied 10", "bounced 11 event=replied-1", "received 20"),
        ["reply 0-"],
    ),
    "spam whose answer bounced": (
        ("received 0", "replied 10", "bounced 11 event=replied-1", "discarded 50 reason=spam event=received-1"),
        ["reply 0-0 void"],
    ),
}

DEALT_WITH = {
    "when we first looked": (("received 0 answered",), ["reply 0-0 void"]),
    "what comes then is a follow-up": (("received 0 answered", "received 20"), ["reply 0-0 void", "follow_up 20-"]),
    "thanks start nothing": (("received 0 answered", "received 20 courtesy"), ["reply 0-0 void"]),
    "the one before it waits": (("received 0", "received 20 answered"), ["reply 0-"]),
    "and waits alone": (("received 0", "received 20 answered", "discarded 50 event=received-1"), ["reply 0-50 void"]),
    "a follow-up": (
        ("received 0", "replied 10", "received 20 answered", "received 30"),
        ["reply 0-10", "follow_up 20-20 void", "follow_up 30-"],
    ),
    "not answered is what we assume": (("received 0 answered=no",), ["reply 0-"]),
    "where its moment comes from changes nothing": (
        ("received 0 reason=date-header", "replied 10 reason=received-header"),
        ["reply 0-10"],
    ),
}

ALL = {f"{of}: {what}": case for of, table in (
    ("settled", SETTLED), ("discarded", DISCARDED), ("restored", RESTORED), ("bounced", BOUNCED), ("dealt with", DEALT_WITH),
) for what, case in table.items()}  # fmt: skip


@pytest.mark.parametrize("channel", ["email", "ticket", "chat"])
@pytest.mark.parametrize(("lines", "turns"), ALL.values(), ids=ALL.keys())
def test_whose_turn_it_is(channel: str, lines: tuple[str, ...], turns: list[str]) -> None:
    assert waits(folded(lines_of(channel, *lines)), "reply", "follow_up") == turns  # type: ignore[arg-type]


EVERYTHING = ("received 0", "complained 1", "promised 2 due=60", "pending 3")


def test_settled_is_the_whole_matter() -> None:
    settled = folded(ticket(*EVERYTHING, "settled 10"))
    assert waits(settled) == ["reply 0-10", "resolution 0-10", "complaint 1-10", "promise 2-10"]
    assert marks(settled) == []


def test_one_message_that_is_settled_leaves_the_rest() -> None:
    settled = folded(ticket(*EVERYTHING, "settled 10 event=received-1"))
    assert waits(settled) == ["reply 0-10", "resolution 0-", "complaint 1-", "promise 2-"]


def test_discarded_is_the_whole_matter() -> None:
    discarded = folded(ticket(*EVERYTHING, "discarded 10 reason=duplicate"))
    assert waits(discarded) == ["reply 0-10 void", "resolution 0-10 void", "complaint 1-10 void", "promise 2-10 void"]


def test_a_promise_whose_moment_was_over_when_the_contact_proves_to_be_spam_never_was_one() -> None:
    spam = folded(ticket("received 0", "complained 1", "promised 2 due=1", "discarded 10 reason=spam"))
    assert waits(spam) == ["reply 0-0 void", "resolution 0-0 void"]


@pytest.mark.parametrize("kind", ["settled", "discarded"])
def test_a_ticket_that_is_written_to_again_is_to_be_resolved_again_and_was_not_reopened(kind: str) -> None:
    again = folded(ticket("received 0", "pending 5", f"{kind} 10", "received 20", "resolved 30"))
    assert [each for each in waits(again, "resolution") if "void" not in each][-1] == "resolution 20-30"
    assert marks(again) == ["resolved 30 unanswered"]
    (resolution,) = [wait for wait in again.waits if wait.kind == "resolution" and wait.since == at("20")]
    assert resolution.pauses == ()


def test_what_was_lost_from_sight_is_not_to_be_resolved_anew() -> None:
    assert waits(folded(ticket("received 0", "settled 5", "lost 10", "received 20")), "resolution") == ["resolution 0-5"]


def test_a_matter_that_was_resolved_before_it_was_settled_can_be_reopened() -> None:
    assert marks(folded(email("received 0", "resolved 5", "settled 10", "received 20")))[-1] == "reopened 20"


def test_spam_on_a_solved_matter_reopens_nothing() -> None:
    spam = folded(ticket("received 0", "replied 5", "resolved 10", "received 20", "discarded 30 reason=spam event=received-2"))
    assert marks(spam) == ["resolved 10"]
    assert waits(spam) == ["reply 0-5", "resolution 0-10", "follow_up 20-20 void"]


def test_what_is_said_of_a_contact_does_not_begin_it() -> None:
    contact = folded(ticket("settled 2 event=received-1", "bounced 3", "replied 5", "received 6"))
    assert (contact.begun, contact.direction) == (at("5"), "outbound")
    assert waits(contact, "resolution") == ["resolution 5-"]


def test_a_call_back_that_is_settled_otherwise_is_owed_no_longer() -> None:
    assert waits(folded(call("queued 0", "left 30 reason=caller", "settled 90")), "callback") == ["callback 30-90"]
    assert waits(folded(call("queued 0", "left 30 reason=caller", "discarded 90")), "callback") == ["callback 30-90 void"]
    assert waits(folded(call("queued 0", "left 30 reason=caller", "discarded 90 reason=spam")), "callback") == []


def test_who_waits_in_a_queue_is_still_there_after_settled() -> None:
    assert waits(folded(call("queued 0", "settled 10"))) == ["queue 0-"]
    assert waits(folded(call("queued 0", "discarded 10"))) == ["queue 0-10 void"]


LATE = [
    # 4 opening hours from Monday 09:30: due at 13:30
    (("settled mon@13:30",), "kept mon@13:30"),
    (("settled mon@13:30:00.000001",), "breached mon@13:30:00.000001"),
    (("settled mon@14:00 event=received-1",), "breached mon@13:30:00.000001"),
    (("discarded mon@13:30 reason=deleted",), "void"),
    (("discarded mon@13:30:00.000001 reason=deleted",), "breached mon@13:30:00.000001"),
    (("discarded mon@14:00 reason=deleted event=received-1",), "breached mon@13:30:00.000001"),
    (("discarded mon@14:00 reason=spam",), "void"),
    (("discarded mon@14:00 reason=spam event=received-1",), "void"),
    (("discarded mon@12:00", "restored mon@13:00"), "breached mon@13:30:00.000001"),
    (("replied mon@10:00", "bounced mon@10:01 event=replied-1"), "breached mon@13:30:00.000001"),
    (("replied mon@10:00", "bounced mon@10:01 event=replied-1", "replied mon@13:30 id=second"), "kept mon@13:30"),
    (("received mon@10:00", "settled mon@11:00 event=received-1"), "kept mon@11:00, breached mon@14:00:00.000001"),
    (("received mon@10:00", "discarded mon@11:00 event=received-1"), "void, breached mon@14:00:00.000001"),
]


@pytest.mark.parametrize(("lines", "held"), LATE)
def test_what_was_late_stays_late(lines: tuple[str, ...], held: str) -> None:
    judgement = judged(email("received mon@09:30", *lines), "tue@09:00", policy("email", hours=True))
    assert verdicts(judgement, "late_reply") == expected(held)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("received 0", "settled 10"), []),
        (("received 0", "replied 5", "received 6", "settled 10"), ["replied in"]),
        (("received 0", "replied 5", "received 6", "settled 10 event=received-2"), ["replied in"]),
        (("received 0", "replied 10", "settled 10"), ["replied in"]),
        (("received 0", "settled 10", "replied 10 id=later"), ["replied in"]),  # of one moment the answer came first
        (("received 0", "discarded 10"), []),
        (("received 0 answered",), []),
        (("received 0", "replied 5", "bounced 6 event=replied-1"), []),
        (("received 0", "replied 5", "bounced 6 event=replied-1", "replied 7"), ["replied in"]),
    ],
)
def test_only_our_words_are_a_reply(lines: tuple[str, ...], found: list[str]) -> None:
    assert outcomes(judged(email(*lines), "100")) == found


class TestCounted:
    """Counters never fall; the weeks tell what is true now. Limits: 4 h, around the clock."""

    MONDAY = "2026-11-02"

    def late(self) -> Books:
        books = Books(policy("email"))
        assert books.evaluate(email("received 0"), at("20000")) == ["late_reply"]
        assert books.weeks() == {("late_reply", self.MONDAY): (1, 1)}
        return books

    def tell(self, books: Books, *lines: str) -> None:
        books.evaluate(email(*lines), at("20000"))
        seen = dict(books.deltas.totals), books.weeks(), books.counted
        assert books.evaluate(email(*lines), at("20000")) == []
        assert (dict(books.deltas.totals), books.weeks(), books.counted) == seen

    @pytest.mark.parametrize("said", ["settled 19000", "discarded 19000 reason=deleted", "discarded 19000 event=received-1"])
    def test_a_signal_stays(self, said: str) -> None:
        books = self.late()
        self.tell(books, said)
        assert books.total("signals_retracted_total") == 0
        assert books.weeks() == {("late_reply", self.MONDAY): (1, 1)}

    @pytest.mark.parametrize("said", ["discarded 19000 reason=spam", "discarded 19000 reason=spam event=received-1"])
    def test_that_of_spam_is_taken_back_and_comes_again_when_it_was_none(self, said: str) -> None:
        books = self.late()
        self.tell(books, said)
        assert (books.total("signals_total"), books.total("signals_retracted_total")) == (1, 1)
        assert books.weeks() == {}
        self.tell(books, said.replace("discarded 19000 reason=spam", "restored 19500"))
        assert (books.total("signals_total"), books.total("signals_retracted_total")) == (2, 1)
        assert books.weeks() == {("late_reply", self.MONDAY): (1, 1)}

    def test_an_answer_that_bounced_makes_the_wait_late_after_all(self) -> None:
        books = Books(policy("email"))
        self.tell(books, "received 0", "replied 100")
        assert books.weeks() == {("late_reply", self.MONDAY): (1, 0)}
        assert books.total("outcomes_total", "replied") == 1
        self.tell(books, "bounced 101 event=replied-1")
        assert books.weeks() == {("late_reply", self.MONDAY): (1, 1)}
        assert (books.total("assessed_total"), books.total("signals_total"), books.total("outcomes_total")) == (1, 1, 1)


def test_a_message_that_is_told_again_with_a_flag_keeps_the_wait_it_began() -> None:
    first, flagged = email("received 0 id=m"), email("received 0 id=m answered")
    for told in (first + flagged, flagged + first):
        assert waits(folded(told)) == ["reply 0-"]


def test_the_contact_lives_until_what_was_said_of_it_last() -> None:
    told: list[Event] = email("received 0", "discarded 50 event=received-1", "restored 60 event=received-1")
    assert folded(told).last == at("60")
