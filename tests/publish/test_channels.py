"""The tables of what a channel knows, against contract section 4 read by hand."""

from monitor.domain.channels import OUTCOMES_OF, SIGNALS_OF, WAITS_OF
from monitor.domain.contact import OUTCOMES, WAITS
from monitor.domain.event import CHANNELS
from monitor.domain.snapshot import BUCKETS


def test_signals_of_each_channel():
    everywhere = {"low_rating", "repeat_contact", "lost_context"}
    assert {channel: set(signals) - everywhere for channel, signals in SIGNALS_OF.items()} == {
        "phone": {
            "slow_answer", "long_wait", "long_hold", "turned_away", "abandoned", "missed_callback", "handed_on",
            "slipped_promise",
        },
        "email": {
            "late_reply", "late_follow_up", "slipped_promise", "reopened", "refusal", "canned_reply", "asked_again",
            "complaint_overdue",
        },
        "ticket": {
            "late_reply", "late_follow_up", "slipped_promise", "late_resolution", "reopened", "passed_around", "escalated",
            "refusal", "canned_reply", "asked_again", "complaint_overdue",
        },
        "chat": {
            "long_wait", "abandoned", "late_reply", "late_follow_up", "slipped_promise", "refusal", "canned_reply",
            "asked_again",
        },
        "counter": {"long_wait", "abandoned"},
    }  # fmt: skip
    assert all(everywhere <= set(signals) for signals in SIGNALS_OF.values())


def test_every_channel_has_waits_and_outcomes_and_every_wait_and_outcome_a_channel():
    assert set(WAITS_OF) == set(OUTCOMES_OF) == set(CHANNELS)
    assert {wait for waits in WAITS_OF.values() for wait in waits} == set(WAITS) == set(BUCKETS)
    assert {outcome for outcomes in OUTCOMES_OF.values() for outcome in outcomes} == set(OUTCOMES)
