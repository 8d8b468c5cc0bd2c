"""Thank-yous and what only looks like one; the table was written by hand before the rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.courtesy import is_courtesy

ONLY_THANKS = [
    "Thanks!",
    "Thank you, got it!",
    "thx",
    "Many thanks for your quick reply.",
    "Thank you very much, that solved it. Have a nice day!",
    "Hi Bob,\n\nthanks a lot, everything works now.\n\nBest regards\nCarol Customer\n",
    "Thanks Bob",
    "Thank you so much, Maria!",
    "Perfect, thank you!\n\nSent from my iPhone",
    "Great, thanks 🙂",
    "Received, thanks.",
    "Thanks for your help :-)",
    "Cheers!",
    "Thanks!\n\nOn Mon, 2 Nov 2026 at 10:12, Support <s@lab.example> wrote:\n> Can you send us the serial number?\n> Regards\n",
    "> We have sent it.\n> Is there anything else?\n\nThank you!\n",
    "Thanks!\n\nOn Mon, 2 Nov 2026 at 10:12, Lab Support\n<support@lab.example> wrote:\n\n> Your order 1001 is on its way.\n",
    "Thank you.\n-- \nCarol Customer\nRoad 5, 12345 Town, +44 20 7946 0000\n",
    "Thanks.\n\n-----Original Message-----\nFrom: Support <support@lab.example>\nYour number is 4711, all right?\n",
    "Danke!",
    "Vielen Dank für die schnelle Antwort.",
    "Hallo Frau Meier,\n\nvielen herzlichen Dank, jetzt funktioniert alles.\n\nMit freundlichen Grüßen\nJörg Müller",
    "Super, danke! Schönes Wochenende.",
    "Alles klar, danke für Ihre Hilfe.\n\nVG\nHans",
    "Besten Dank!\n\nAm 02.11.2026 um 10:12 schrieb Support:\n> Haben Sie noch Fragen?\n",
    "Merci beaucoup pour votre réponse rapide.",
    "Merci !\n\nCordialement\nAnne Petit",
    "Parfait, merci. Bonne journée",
    "Muchas gracias por su ayuda.",
    "Gracias, todo perfecto. Un saludo",
    "Bedankt voor de snelle reactie!",
    "Hartelijk dank.\n\nMet vriendelijke groet,\nJan de Vries",
]
WANTS_AN_ANSWER = [
    "",
    "Hello",
    "Ok",
    "Thanks, but it still does not work.",
    "Thank you. And can you deliver to another address?",
    "And can you deliver to another address?",
    "Thanks. Please send me the invoice as well.",
    "Thanks, the second chair is missing a leg.",
    "Thanks, printer broken again",
    "Thank you, my number is 020 7946 0000.",
    "Thanks, please call me back",
    "Thank you. Answer the email",
    "Thanks in advance for sending the form",
    "Thank you for nothing.",
    "No thanks, I want a refund.",
    "Thanks!\n\nPS: the invoice is wrong",
    "Thanks.\n\nBest regards\nCarol\n\nPS: the invoice is wrong",
    "Thanks\n\nRefund!",
    "Any news?",
    "Hello???",
    "Still waiting.",
    "Not solved.",
    "I would like to cancel.",
    "Danke, aber der Drucker geht immer noch nicht.",
    "Danke. Rechnung fehlt.",
    "Vielen Dank! Wann kommt die Lieferung?",
    "Danke, bitte um Rückruf.",
    "Danke im Voraus für die Zusendung des Formulars",
    "Es funktioniert nicht.",
    "Merci, mais cela ne marche pas.",
    "Merci de me rappeler.",
    "Merci. Et la facture ?",
    "Gracias, pero no funciona.",
    "¿Gracias, y el pedido?",
    "Bedankt, maar het werkt nog niet.",
    "Bedankt. Wanneer komt de monteur?",
    "Thanks!\n\nOn Mon, 2 Nov 2026 at 10:12, Support <s@lab.example> wrote:\n> All done.\nNot done at all\n",
    "Thanks!\n\nOn Mon, 2 Nov 2026 at 10:12, Lab Support\n<support@lab.example> wrote:\n> All done.\nNot done at all\n",
    "> We have sent it.\n\nThanks, when will it arrive?\n",
    "Thanks! " + "It was all very good. " * 40,
    "Great, then I will go to court.",
    "That is not great.",
    "Thanks for your mail of yesterday, see attached contract to sign by Friday",
]


@pytest.mark.parametrize("text", ONLY_THANKS)
def test_a_thank_you_is_a_courtesy(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize("text", WANTS_AN_ANSWER)
def test_whatever_asks_objects_or_tells_something_new_is_not(text: str) -> None:
    assert not is_courtesy(text)


def test_windows_line_ends_make_no_difference() -> None:
    assert is_courtesy("Hi Bob,\r\n\r\nthank you!\r\n\r\nBest regards\r\nCarol\r\n")


@settings(max_examples=100)
@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    assert is_courtesy(text) in (True, False)


@settings(max_examples=50)
@given(st.sampled_from(ONLY_THANKS), st.text(alphabet="abc ?", max_size=20))
def test_a_question_mark_in_the_own_words_is_never_a_courtesy(thanks: str, more: str) -> None:
    assert not is_courtesy(f"{more}?\n{thanks}")
