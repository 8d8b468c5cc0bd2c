"""Tickets as desks really work them: undone resolutions, sticky pending, hand-overs, promises by name, bots, merges, order."""

import pytest

from monitor.domain.event import Event
from tests.domain.contact_lines import at, email, expected, folded, judged, outcomes, policy, ticket, verdicts
from tests.domain.test_fold_written import marks, waits


class TestUndone:
    """A resolution that was a mistake: what it ended unanswered goes on, without the time in which it was closed."""

    def test_a_question_that_nobody_answered_waits_on(self) -> None:
        story = ticket("received 0", "resolved 600", "reopened 660")
        late = judged(story, "14461")  # four hours and the minute in which it was closed
        assert verdicts(late, "late_reply") == expected("breached 14460.000001")
        assert verdicts(late, "reopened") == expected("breached 660")

    def test_not_one_microsecond_before(self) -> None:
        assert verdicts(judged(ticket("received 0", "resolved 600", "reopened 660"), "14460"), "late_reply") == expected("open")

    def test_by_an_agent_there_was_no_resolution(self) -> None:
        contact = folded(ticket("received 0", "replied 5", "resolved 600", "reopened 660 by=agent"))
        assert marks(contact) == []
        assert waits(contact, "resolution") == ["resolution 0-"]
        judgement = judged(ticket("received 0", "replied 5", "resolved 600", "reopened 660 by=agent"), "700")
        assert verdicts(judgement, "reopened") == []
        assert outcomes(judgement) == ["replied in"]

    def test_what_had_been_answered_does_not_wait_again(self) -> None:
        assert waits(folded(ticket("received 0", "replied 5", "resolved 9", "reopened 12")), "reply", "follow_up") == [
            "reply 0-5"
        ]

    def test_a_message_of_the_customer_begins_a_wait_of_its_own(self) -> None:
        contact = folded(ticket("received 0", "resolved 9", "received 12"))
        assert waits(contact, "reply") == ["reply 0-9", "reply 12-"]

    def test_a_promise_is_owed_again_unless_its_moment_has_passed_meanwhile(self) -> None:
        told = ("received 0", "replied 1", "promised 1 due=50 id=p", "promised 1 due=90 id=q", "resolved 20", "reopened 60")
        assert waits(folded(ticket(*told)), "promise") == ["promise 1-20", "promise 1-"]

    def test_a_complaint_runs_from_its_first_receipt(self) -> None:
        [complaint] = [
            wait for wait in folded(ticket("complained 0 sector=finance", "resolved 50", "reopened 60")).waits
            if wait.kind == "complaint"
        ]  # fmt: skip
        assert (complaint.since, complaint.until, complaint.pauses) == (at("0"), None, ())

    def test_what_was_late_before_stays_late(self) -> None:
        judgement = judged(ticket("received 0", "resolved 14401", "reopened 14402"), "14500")
        assert verdicts(judgement, "late_reply") == expected("breached 14400.000001")

    def test_solved_then_closed_then_undone(self) -> None:
        """The second closing ended nothing; it is the first that is undone."""
        contact = folded(ticket("received 0", "resolved 9", "resolved 20", "reopened 30 by=agent"))
        assert waits(contact, "reply", "resolution") == ["reply 0-", "resolution 0-"]

    def test_undone_twice(self) -> None:
        contact = folded(ticket("received 0", "resolved 10", "reopened 20 by=agent", "resolved 30", "reopened 50 by=agent"))
        [reply] = [wait for wait in contact.waits if wait.kind == "reply"]
        assert [(pause.since, pause.until) for pause in reply.pauses] == [(at("10"), at("20")), (at("30"), at("50"))]


PENDING = {
    "lifted by the customer until we have answered": (
        ("received 0", "replied 10", "pending 10", "received 20", "replied 30"), [("10", "20"), ("30", None)],
    ),
    "ended by the source": (("received 0", "pending 10", "received 20", "resumed 25", "replied 30"), [("10", "20")]),
    "ended by the source as it stands": (("received 0", "replied 5", "pending 10", "resumed 20", "replied 30"), [("10", "20")]),
    "not lifted by thanks": (("received 0", "replied 5", "pending 10", "received 20 courtesy"), [("10", None)]),
    "nor by a machine": (("received 0", "replied 5", "pending 10", "received 20 automatic"), [("10", None)]),
    "until a moment": (("received 0", "replied 5", "pending 10 until=50 on=time"), [("10", "50")]),
    "until a moment, ended before": (("received 0", "replied 5", "pending 10 until=50", "resumed 30"), [("10", "30")]),
    "until a moment, which is over": (
        ("received 0", "replied 5", "pending 10 until=50", "received 60", "replied 70"), [("10", "50")],
    ),
    "for somebody else from now on": (
        ("received 0", "replied 5", "pending 10 on=customer", "pending 20 on=third_party"), [("10", "20"), ("20", None)],
    ),
    "said again": (("received 0", "replied 5", "pending 10", "pending 20"), [("10", None)]),
    "ended by the resolution, and not there again": (
        ("received 0", "replied 5", "pending 10", "resolved 20 id=r", "received 30", "replied 40"), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "spans"), PENDING.values(), ids=PENDING.keys())
def test_a_pending_ticket_stands_still(lines: tuple[str, ...], spans: list[tuple[str, str | None]]) -> None:
    resolution = next(wait for wait in reversed(folded(ticket(*lines)).waits) if wait.kind == "resolution")
    found = [(pause.since, pause.until) for pause in resolution.pauses]
    assert found == [(at(since), None if until is None else at(until)) for since, until in spans]


@pytest.mark.parametrize(
    ("pauses", "held"),
    [
        (False, "breached 14400.000001"),
        (True, "open"),
        (["customer"], "open"),
        (["third_party"], "breached 14400.000001"),
    ],
)
def test_whose_pending_stops_which_clock_is_a_matter_of_the_policy(pauses: object, held: str) -> None:
    story = ticket("received 0", "pending 60 on=customer")
    rules = policy("ticket", late_reply={"pauses": pauses})
    assert verdicts(judged(story, "20000", rules), "late_reply") == expected(held)
    resolved = policy("ticket", late_resolution={"after": "2h", "pauses": pauses})
    assert verdicts(judged(story, "20000", resolved), "late_resolution") == expected(held.replace("14400", "7200"))


def test_the_time_in_pending_is_taken_out_of_a_reply_that_pauses() -> None:
    rules = policy("ticket", late_reply={"pauses": True})
    story = ticket("received 0", "pending 3600", "resumed 7200", "replied 18000")
    assert verdicts(judged(story, "20000", rules), "late_reply") == expected("kept 18000")  # 4 h to the second
    story = ticket("received 0", "pending 3600", "resumed 7200", "replied 18000.000001")
    assert verdicts(judged(story, "20000", rules), "late_reply") == expected("breached 18000.000001")


HAND_OVERS = {
    "queue, person, queue, person": (
        ("assigned 0 queue=support", "assigned 1 to=alice", "assigned 2 queue=billing", "assigned 3 to=bob"), ["reassigned 2"],
    ),
    "the same, written in one slot": (
        ("assigned 0 to=group:support", "assigned 1 to=alice", "assigned 2 to=group:billing", "assigned 3 to=bob"),
        ["reassigned 2"],
    ),
    "queue and person in one event, then a person": (
        ("assigned 0 to=alice", "assigned 1 queue=one", "assigned 2 queue=billing to=bob", "assigned 3 to=carol"),
        ["reassigned 2", "reassigned 3"],
    ),
    "queue and person in two events of one moment": (
        ("assigned 0 to=alice queue=one", "assigned 2 queue=billing", "assigned 2 to=bob", "assigned 3 to=carol"),
        ["reassigned 2", "reassigned 3"],
    ),
    "the person told first": (
        ("assigned 0 to=alice queue=one", "assigned 2 to=bob id=a", "assigned 2 queue=billing id=b", "assigned 3 to=carol"),
        ["reassigned 2", "reassigned 3"],
    ),
    "the first of either is none": (("assigned 0 queue=support to=ann",), []),
    "taken from the queue is none": (("assigned 0 queue=support", "assigned 1 to=ann"), []),
    "the same again is none": (("assigned 0 to=ann queue=q", "assigned 1 to=ann queue=q"), []),
    "back to the one before is one": (
        ("assigned 0 to=ann", "assigned 1 to=bob", "assigned 2 to=ann"), ["reassigned 1", "reassigned 2"],
    ),
    "nobody between": (("assigned 0 to=ann", "assigned 1", "assigned 2 to=bob"), ["reassigned 2"]),
    "nobody between, and the same again": (("assigned 0 to=ann", "assigned 1", "assigned 2 to=ann"), []),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "marked"), HAND_OVERS.values(), ids=HAND_OVERS.keys())
def test_hand_overs(lines: tuple[str, ...], marked: list[str]) -> None:
    assert marks(folded(ticket("received -5", *lines))) == marked


PROMISES = {
    "each name its own": (
        ("promised 0 due=60 name=due", "promised 0 due=90 name=cf_7", "fulfilled 50 name=cf_7"),
        ["promise 0-50", "promise 0-"],
    ),
    "the same date under another name is another": (
        ("promised 0 due=60 name=due", "promised 0 due=60 name=cf_7"), ["promise 0-"] * 2,
    ),
    "released": (("promised 0 due=60 name=due", "promised 10 name=due"), ["promise 0-10 void"]),
    "another one is not": (("promised 0 due=60 name=due", "promised 10 name=cf_7"), ["promise 0-"]),
    "agreed with the customer": (
        ("promised 0 due=60 name=due", "promised 10 due=90 name=due agreed"), ["promise 0-10 void", "promise 10-"],
    ),
    "moved by us": (("promised 0 due=60 name=due", "promised 10 due=90 name=due"), ["promise 0-", "promise 10-"]),
    "by a rule": (("promised 0 due=60 by=rule",), []),
    "emptied by a rule": (("promised 0 due=60 by=agent", "promised 10 by=rule"), ["promise 0-"]),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "promises"), PROMISES.values(), ids=PROMISES.keys())
def test_promises_by_name(lines: tuple[str, ...], promises: list[str]) -> None:
    assert sorted(waits(folded(email(*lines)), "promise")) == sorted(promises)


def test_a_date_that_was_emptied_or_moved_after_it_passed_stays_slipped() -> None:
    for later in ("promised 70 name=due", "promised 70 due=90 name=due agreed"):
        held = verdicts(judged(ticket("promised 0 due=60 name=due", later), "80"), "slipped_promise")
        assert held[0] == expected("breached 60.000001")[0]


class TestComplaints:
    def since(self, *lines: str) -> list[str]:
        return waits(folded(ticket(*lines)), "complaint")

    def test_told_again_it_is_corrected(self) -> None:
        [complaint] = [
            wait for wait in folded(ticket("complained 10", "complained 20 sector=telecoms since=5")).waits
            if wait.kind == "complaint"
        ]  # fmt: skip
        assert (complaint.since, complaint.sector, complaint.key) == (at("5"), "telecoms", "complained-1")

    def test_a_sector_told_after_it_was_solved_makes_no_second_complaint(self) -> None:
        assert self.since("complained 0", "resolved 10", "complained 20 sector=finance") == ["complaint 0-10"]

    def test_withdrawn(self) -> None:
        assert self.since("complained 0", "complained 20 withdrawn") == ["complaint 0-20 void"]

    def test_a_final_answer_ends_it_and_the_ticket_goes_on(self) -> None:
        assert self.since("received 0", "complained 0", "final_answer 20", "resolved 30") == ["complaint 0-20"]
        assert waits(folded(ticket("received 0", "complained 0", "final_answer 20")), "resolution") == ["resolution 0-"]

    def test_its_own_deadline_goes_before_the_table(self) -> None:
        story = ticket("complained 0", "complained 0 due=864000 id=own")  # ten days; seven before that it falls
        assert verdicts(judged(story, "259201"), "complaint_overdue") == expected("breached 259200.000001")
        assert verdicts(judged(story, "259200"), "complaint_overdue") == expected("open")

    def test_a_rule_gives_no_final_answer(self) -> None:
        assert self.since("received 0", "complained 0", "resolved 20 by=rule") == ["complaint 0-"]


CLOSED_AGAIN = ["resolution 0-9", "resolution 20-20"]
ORDER = {
    "by their numbers": (("received 0", "resolved 9", "reopened 20 id=y1", "resolved 20 id=y2"), CLOSED_AGAIN),
    "ten comes after nine": (("received 0", "resolved 9", "resolved 20 id=10", "reopened 20 id=9"), CLOSED_AGAIN),
    "by seq": (
        ("received 0", "resolved 9", "reopened 20 seq=1 id=z", "resolved 20 seq=2 id=a"), CLOSED_AGAIN,
    ),
    "as it can happen where the ids say nothing": (
        ("received 0", "resolved 9", "reopened 20 id=3f2a", "resolved 20 id=9bc0"), ["resolution 0-9", "resolution 20-"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "resolutions"), ORDER.values(), ids=ORDER.keys())
def test_the_order_within_a_moment(lines: tuple[str, ...], resolutions: list[str]) -> None:
    told = [event._replace(seq=None if event.seq is None else int(event.seq)) for event in ticket(*lines)]
    assert waits(folded(told), "resolution") == resolutions


def test_solved_to_pending_in_one_update_stands_still_from_its_first_second() -> None:
    story = ticket("received 0", "replied 5", "resolved 9", "reopened 20 id=a-4", "replied 20 id=a-5", "pending 20 id=a-6")
    judgement = judged(story, "500000")
    assert [wait.pauses[0][:2] for wait in folded(story).waits if wait.since == at("20")] == [(at("20"), None)]
    assert verdicts(judgement, "late_resolution") == expected("kept 9, open")


def test_who_waited_and_wrote_in_the_second_of_our_answer_waits_on() -> None:
    assert waits(folded(ticket("received 0", "replied 9 id=ans", "received 9 id=msg", "pending 9")), "reply", "follow_up") == [
        "reply 0-9", "follow_up 9-",
    ]  # fmt: skip
    assert waits(folded(ticket("received 9 id=msg", "replied 9 id=ans")), "reply", "follow_up") == ["reply 9-9"]
    assert waits(folded(ticket("received 0", "received 9 id=m1", "replied 9 id=m2")), "reply", "follow_up") == ["reply 0-9"]


class TestToldDifferently:
    def test_a_note_that_was_made_public_is_an_answer_in_either_order(self) -> None:
        noted, replied = ticket("noted 9 id=c7"), ticket("replied 9 id=c7")
        for told in (noted + replied, replied + noted):
            assert waits(folded(ticket("received 0") + told), "reply") == ["reply 0-9"]

    def test_one_that_was_made_internal_is_taken_back(self) -> None:
        assert waits(folded(ticket("received 0", "replied 9 id=c7", "retracted 12 event=c7")), "reply") == ["reply 0-"]

    def test_what_is_taken_back_was_never_told(self) -> None:
        assert folded(ticket("received 0", "replied 5", "resolved 9 id=r", "retracted 9 event=r")).over_at is None

    def test_of_two_ratings_the_last_counts_under_one_id_or_two(self) -> None:
        for story in (("rated 5 score=0 id=x", "rated 9 score=1 id=x"), ("rated 5 score=0", "rated 9 score=1")):
            told = [
                event._replace(score=None if event.score is None else float(event.score))
                for event in ticket("received 0", *story)
            ]
            for turned in (told, told[::-1]):
                rating = folded(turned).rating
                assert rating is not None
                assert (rating.score, rating.at) == (1.0, at("9"))


class TestMachines:
    def test_a_customers_machine_asks_nothing_and_what_it_opens_is_not_open(self) -> None:
        story = ticket("received 0", "replied 5", "resolved 9", "received 12 automatic", "reopened 12", "resolved 90")
        assert marks(folded(story)) == ["resolved 9", "courtesy 12 automatic"]
        assert waits(folded(story), "reply", "follow_up", "resolution") == ["reply 0-5", "resolution 0-9"]

    @pytest.mark.parametrize("kind", ["received", "opened"])
    def test_a_thank_you_in_a_follow_up_asks_nothing(self, kind: str) -> None:
        story = ticket(f"{kind} 0 courtesy follows=x", "received 30", "replied 50")
        assert marks(folded(story)) == ["courtesy 0"]
        assert waits(folded(story), "reply", "follow_up") == ["reply 30-50"]

    def test_nor_does_it_where_nobody_asked_before(self) -> None:
        assert waits(folded(ticket("received 0 automatic")), "reply") == []

    @pytest.mark.parametrize(("seconds", "reopened"), [("1", False), ("10", False), ("10.000001", True)])
    def test_a_reopening_just_before_the_thank_you_was_caused_by_it(self, seconds: str, reopened: bool) -> None:
        thanks = f"received {20 + float(seconds):f} courtesy"
        found = marks(folded(ticket("received 0", "replied 5", "resolved 9", "reopened 20", thanks)))
        assert any(mark.startswith("reopened") for mark in found) is reopened

    def test_not_if_an_agent_opened_it(self) -> None:
        story = ticket("received 0", "replied 5", "resolved 9", "reopened 20 by=agent", "received 21 courtesy")
        assert waits(folded(story), "resolution") == ["resolution 0-"]


class TestBetweenTwoPolls:
    """Where only a span is known, in doubt for us."""

    def test_what_ends_a_wait_did_so_at_the_first_moment_it_can_have(self) -> None:
        story = ticket("received 0", "replied 15000 after=14400")
        assert verdicts(judged(story, "20000"), "late_reply") == expected("kept 14400")
        story = ticket("received 0", "replied 15000 after=14400.000001")
        assert verdicts(judged(story, "20000"), "late_reply") == expected("breached 14400.000001")

    def test_not_before_what_it_answers(self) -> None:
        assert waits(folded(ticket("received 100", "replied 300 after=50")), "reply") == ["reply 100-100"]

    def test_what_begins_one_did_so_at_the_last(self) -> None:
        assert waits(folded(ticket("received 100 after=50")), "reply") == ["reply 100-"]


def test_every_event_says_where_it_stands() -> None:
    """What a connector writes and what is read from the store fold alike (`pack` knows every field)."""
    assert set(Event._fields[7:]) >= {"queue", "name", "agreed", "policy", "on", "until", "seq", "after", "automatic", "point"}
