"""Who did what to a ticket: customers, rules and bots, merges and deletions, who opened it."""

from typing import Any

import pytest

from monitor.domain.contact import Contact, Reading
from monitor.domain.fold import fold
from monitor.domain.merging import merge
from tests.domain.contact_lines import email, expected, folded, judged, outcomes, policy, ticket, verdicts
from tests.domain.test_fold_written import marks, waits


def read(lines: tuple[str, ...], **reading: Any) -> Contact:
    """The contact under a policy that reads its events so."""
    merged = merge((), ticket(*lines)) or []
    return fold("ticket", merged, reachable=True, reading=Reading(**reading))


class TestWhoResolved:
    def test_by_the_customer_what_waited_was_given_up(self) -> None:
        judgement = judged(ticket("received 0", "resolved 10 by=customer"), "20")
        assert verdicts(judgement, "late_reply") == expected("void")
        assert outcomes(judgement) == ["resolved in"]

    def test_late_stays_late(self) -> None:
        judgement = judged(ticket("received 0", "resolved 14401 by=customer"), "20000")
        assert verdicts(judgement, "late_reply") == expected("breached 14400.000001")

    def test_by_a_rule_unanswered_is_an_outcome_of_its_own_in_no_share(self) -> None:
        judgement = judged(ticket("received 0", "resolved 10 by=rule"), "20")
        assert outcomes(judgement) == ["auto_closed late"]
        assert {each.state for each in judgement.verdicts if each.wait is not None} == {"void"}
        assert verdicts(judgement, "reopened") == []

    def test_until_the_customer_comes_back(self) -> None:
        judgement = judged(ticket("received 0", "resolved 10 by=rule", "received 15"), "20")
        assert verdicts(judgement, "reopened") == expected("breached 15")

    def test_by_a_rule_after_our_answer_it_is_solved(self) -> None:
        assert outcomes(judged(ticket("received 0", "replied 5", "resolved 10 by=rule"), "20")) == ["replied in", "resolved in"]

    @pytest.mark.parametrize("how", ["rejected", "timeout"])
    def test_what_was_not_done_is_no_outcome(self, how: str) -> None:
        assert outcomes(judged(ticket("received 0", "replied 5", f"resolved 10 how={how}"), "20")) == ["replied in"]

    def test_a_duplicate_is_merged(self) -> None:
        assert waits(folded(ticket("received 0", "resolved 10 how=duplicate"))) == ["reply 0-10 void", "resolution 0-10 void"]


class TestMerged:
    def test_nothing_runs_and_nothing_is_assessed(self) -> None:
        story = ticket("received 0", "promised 5 due=60", "merged 10 to=d0", "resolved 10 by=rule", "resolved 20")
        judgement = judged(story, "500000")
        assert {each.state for each in judgement.verdicts} == {"void"}
        assert judgement.outcomes == judgement.running == ()

    def test_what_was_late_stays_late(self) -> None:
        assert verdicts(judged(ticket("received 0", "merged 14401"), "20000"), "late_reply") == expected("breached 14400.000001")

    def test_taken_apart_again_it_was_never_merged(self) -> None:
        assert waits(folded(ticket("received 0", "merged 10", "restored 20"))) == ["reply 0-", "resolution 0-"]

    def test_what_is_written_there_afterwards_begins_anew(self) -> None:
        contact = folded(ticket("received 0", "merged 10", "received 20"))
        assert waits(contact) == ["reply 0-10 void", "resolution 0-10 void", "reply 20-", "resolution 20-"]
        assert marks(contact) == []

    def test_the_older_questions_clock_lives_on_in_the_target(self) -> None:
        assert waits(folded(ticket("received 3600", "received 0 id=moved")), "reply") == ["reply 0-"]


def test_a_deleted_ticket_never_was_one_unless_a_human_answered_it() -> None:
    gone = judged(ticket("received 0", "discarded 20000 reason=deleted"), "30000")
    assert {each.state for each in gone.verdicts} == {"void"}
    assert verdicts(judged(ticket("received 0", "discarded 20000 reason=duplicate"), "30000"), "late_reply")[0][0] == "breached"
    assert verdicts(judged(email("received 0", "discarded 20000 reason=deleted"), "30000"), "late_reply")[0][0] == "breached"


class TestOpened:
    def test_by_a_customer_it_waits(self) -> None:
        assert waits(folded(ticket("opened 0 by=customer", "received 0", "replied 10"))) == ["reply 0-10", "resolution 0-"]

    def test_by_an_agent_as_the_policy_says(self) -> None:
        story = ("opened 0 by=agent", "replied 10", "received 20")
        assert waits(read(story), "reply", "follow_up") == ["reply 0-10", "follow_up 20-"]
        assert waits(read(story, agent_opened=False), "reply", "follow_up") == ["follow_up 20-"]

    def test_by_an_agent_without_a_wait_the_customers_message_begins_one(self) -> None:
        assert waits(read(("opened 0 by=agent", "received 20"), agent_opened=False), "reply") == ["reply 20-"]

    @pytest.mark.parametrize("by", ["rule", "bot"])
    def test_by_a_machine_nobody_waits_but_it_is_to_be_solved(self, by: str) -> None:
        assert waits(folded(ticket(f"opened 0 by={by}"))) == ["resolution 0-"]

    def test_answered_before_we_look_later_messages_are_follow_ups(self) -> None:
        assert waits(folded(ticket("opened 0 answered", "received 10")), "reply", "follow_up") == ["follow_up 10-"]

    def test_it_begins_the_resolution_whatever_is_read_first(self) -> None:
        assert waits(folded(ticket("received 20", "opened 0 by=agent")), "resolution") == ["resolution 0-"]


class TestBots:
    STORY = ("received 0", "replied 10 by=bot", "received 20", "handed_over 30", "replied 50")

    def test_ignored_they_answer_nothing(self) -> None:
        assert waits(read(self.STORY), "reply", "follow_up") == ["reply 0-50"]

    def test_an_answer_they_have_an_outcome_of_their_own(self) -> None:
        contact = read(self.STORY, bots="answer")
        assert waits(contact, "reply", "follow_up") == ["reply 0-10", "follow_up 20-50"]
        assert outcomes(judged(ticket(*self.STORY), "60", policy("ticket"))) == ["replied in"]

    def test_before_a_human_nobody_waits(self) -> None:
        assert waits(read(self.STORY, bots="before"), "reply", "follow_up") == [
            "reply 0-10 void", "reply 20-30 void", "reply 30-50",
        ]  # fmt: skip

    def test_what_a_bot_solves_alone_waits_for_nobody(self) -> None:
        assert waits(read(("received 0", "replied 10 by=bot"), bots="before"), "reply") == ["reply 0-10 void"]

    def test_a_rules_words_are_never_an_answer(self) -> None:
        for bots in ("ignore", "answer", "before"):
            assert waits(read(("received 0", "replied 10 by=rule"), bots=bots), "reply") == ["reply 0-"]


@pytest.mark.parametrize(
    ("scores", "held"),
    [
        (("0.5",), "kept 1"),  # at exactly the limit
        (("0.499999",), "breached 1"),
        (("0", "1"), "kept 2"),  # the last one counts
        (("1", "0"), "breached 2"),
        ((), ""),
    ],
)
def test_a_low_rating_is_the_last_one_below_the_limit(scores: tuple[str, ...], held: str) -> None:
    told = [f"rated {n} score={score}" for n, score in enumerate(scores, 1)]
    story = [
        event._replace(score=None if event.score is None else float(event.score))
        for event in ticket("received 0", "replied 0", "resolved 0", *told)
    ]
    assert verdicts(judged(story, "100"), "low_rating") == expected(held)
    assert verdicts(judged(story, "100", policy("ticket", low_rating=False)), "low_rating") == []


def test_how_low_is_a_matter_of_the_policy() -> None:
    story = [event._replace(score=0.7 if event.kind == "rated" else None) for event in ticket("received 0", "rated 1")]
    assert verdicts(judged(story, "2", policy("ticket", low_rating={"below": 0.75})), "low_rating") == expected("breached 1")
