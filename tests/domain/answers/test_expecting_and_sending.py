"""Whether our words want an answer, and to which channels they send the customer."""

import pytest

from monitor.domain.answers.saying import expects_answer, saying, sends_to
from monitor.domain.answers.wording import CHANNELS


@pytest.mark.parametrize(
    "text",
    [
        "Could you ring me with the result?",
        "Please send us the form.",
        "Which day suits you?",
        "Let me know which one you want.",
        "Shall we cancel it?",
        "Thank you. Was the box open? We ask all customers that.",
        "Welcher Tag passt Ihnen?",
        "Bitte schicken Sie uns das Formular.",
    ],
)
def test_an_answer_is_wanted(text: str):
    assert expects_answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "Please do not hesitate to call us.",
        "Please allow ten days.",
        "If you have any questions, let us know.",
        "How are you? The card was posted.",
        "What happened? The belt broke.",
        "The good news? It is free.",
        "Is there anything else I can help you with?",
        "You asked when it comes. On Friday.",
        "The card was posted.",
        "Bei Fragen rufen Sie uns gerne an.",
        "",
    ],
)
def test_no_answer_is_wanted(text: str):
    assert not expects_answer(text)


def test_a_question_in_a_quote_is_not_ours():
    assert not expects_answer("Done.\n\nOn Tue, 17 Nov 2026 at 09:00, Lang <lang@example.net> wrote:\n> When?\n")


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("Please call us on 07700 900100.", "phone"),
        ("Could you call me back about it?", "phone"),
        ("You have to write to claims@example.org.", "email"),
        ("Please use the contact form.", "ticket"),
        ("Please start a chat on our website.", "chat"),
        ("You need to come to the branch.", "counter"),
        ("I can't do it here, please give them a call.", "phone"),
        ("Please call us or use the app.", "phone ticket"),
        ("If you want to cancel, please call the hotline.", "phone"),
        ("Please call us if you want to cancel.", "phone"),
        ("Bitte rufen Sie unsere Hotline an.", "phone"),
    ],
)
def test_sent_to(text: str, channels: str):
    assert sends_to(text) == frozenset(channels.split())
    assert sends_to(text) <= CHANNELS


@pytest.mark.parametrize(
    "text",
    [
        "If you have any further questions, call us on 07700 900100.",
        "Need more help? Call 07700 900100.",
        "Please reply to this e-mail.",
        "I'll call you.",
        "I have called the branch for you.",
        "No need to call us.",
        "You can follow the parcel in our app.",
        "We have sent you an e-mail.",
        "If it happens again, call the hotline.",
        "Please call us if the light turns red.",
        "The card was posted.\n\nKind regards\nJo Ward\nCall 07700 900100 or visit our branch",
        "",
    ],
)
def test_sent_nowhere(text: str):
    assert sends_to(text) == frozenset()


def test_a_message_is_read_once_for_all_of_it():
    found = saying("We do not do this by mail. Please call us with your order number.")
    assert found.refusal is None
    assert found.expects_answer
    assert found.sends_to == {"phone"}
