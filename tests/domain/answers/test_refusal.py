"""When an answer only says what cannot be done, and what makes it more than that."""

import pytest

from monitor.domain.answers.saying import refusal
from monitor.domain.answers.wording import REFUSALS


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("We cannot refund the deposit.", "cannot"),
        ("I'm not authorised to do this, sorry.", "cannot"),
        ("Refunds are not possible. This is our policy.", "cannot"),
        ("Your application was declined.", "declined"),
        ("This is against our rules.", "policy"),
        ("Thank you for your patience. We do not offer exchanges. Have a nice evening!", "cannot"),
        ("We can't do it. If you have any further questions, please call us.", "cannot"),
        ("Das ist leider nicht möglich. Wir bitten um Ihr Verständnis.", "cannot"),
        ("Ihr Antrag wurde abgelehnt.", "declined"),
    ],
)
def test_it_only_refuses(text: str, rule: str):
    assert refusal(text) == rule
    assert rule in REFUSALS


@pytest.mark.parametrize(
    "more",
    [
        "But you may exchange it.",
        "Would a voucher help?",
        "Please send us the receipt.",
        "I have asked the workshop to look at it.",
        "My colleague will call you at ten.",
        "The seal was broken when it came back.",
        "You can appeal within two weeks.",
        "Write to service@example.org.",
        "The shop in York has one.",
        "At the moment the system is down.",
    ],
)
def test_any_help_or_reason_makes_it_no_refusal(more: str):
    assert refusal("Unfortunately we cannot refund the deposit.") == "cannot"
    assert refusal(f"Unfortunately we cannot refund the deposit. {more}") is None


@pytest.mark.parametrize(
    "text",
    [
        "We cannot refund it because it was worn.",
        "We cannot refund it due to the broken seal.",
        "We cannot refund it, but we can repair it.",
        "We can't find your booking.",
        "We cannot apologise enough.",
        "You can't be charged twice.",
        "We never share your data.",
        "There is no charge.",
        "The mail was rejected by their server.",
        "No exceptions were found in the log.",
        "Your refund is on its way.",
        "Here is our policy.",
        "Kein Problem!",
        "Wir können das nicht erstatten, weil die Frist am 3. Mai endete.",
        "",
        "   ",
    ],
)
def test_it_does_not_refuse(text: str):
    assert refusal(text) is None


def test_a_bare_reference_to_a_policy_is_no_reason():
    assert refusal("We cannot refund it due to our policy.") == "policy"
    assert refusal("We cannot refund it due to the storm.") is None


def test_quotes_greeting_and_signature_are_left_out():
    text = (
        "Dear Ms Osei,\n\nwe are unable to change the booking.\n\nKind regards\nJo Ward\nWe can always help you.\n\n"
        "On Tue, 17 Nov 2026 at 09:00, Osei <osei@example.net> wrote:\n> Could you change my booking?\n"
    )
    assert refusal(text) == "cannot"


def test_a_long_answer_says_more_than_no():
    assert refusal("We cannot do this. " * 12) == "cannot"
    assert refusal("We cannot do this. " * 13) is None


def test_a_language_tag_decides_between_words_of_both():
    assert refusal("Leider nicht möglich.", "de-AT") == "cannot"
    assert refusal("Leider nicht möglich.", "en") is None
    assert refusal("We cannot change it.", "fr") == "cannot"
