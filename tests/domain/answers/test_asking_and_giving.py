"""Which facts we ask for, and which a customer gave: the closed words of both are the same."""

import pytest

from monitor.domain.answers.giving import gives
from monitor.domain.answers.saying import asks
from monitor.domain.answers.wording import FACTS


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Could you tell me your order number?", "order_number"),
        ("Please confirm your postcode.", "postcode"),
        ("What is your customer number?", "customer_number"),
        ("We still need the serial number.", "serial_number"),
        ("Your booking reference is required.", "booking_number"),
        ("May I have your name and date of birth, please?", "name date_of_birth"),
        ("Please reply with:\n- your account number\n- a photo of the damage", "customer_number photo"),
        ("When did you buy it?", "purchase_date"),
        ("Which number can we call you on?", "phone"),
        ("Please send us your order number, e.g. 4711-2300.", "order_number"),
        ("If you give us your e-mail address, we can send it.", "email"),
        ("Bitte nennen Sie uns Ihre Vertragsnummer.", "contract_number"),
        ("Wie lautet Ihre Bankverbindung?", "bank_details"),
    ],
)
def test_asked_for(text: str, facts: str):
    assert asks(text) == frozenset(facts.split())


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your order number.",
        "Could you give me the order number of the other parcel?",
        "Do you have another phone number?",
        "Could you give us your daughter's phone number?",
        "Please send a photo of the label.",
        "Is your order number 4711-2300?",
        "Could you confirm your order number 4711-2300?",
        "You do not need the serial number.",
        "Please never send us your bank details.",
        "If you call us, please give your customer number.",
        "You find the invoice number on page two.",
        "Could you check whether the serial number is readable?",
        "Could you tell me what happened?",
        "Vielen Dank für Ihre Kundennummer.",
        "",
    ],
)
def test_not_asked_for(text: str):
    assert asks(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("My order number is 4711-23.", "order_number"),
        ("It is about order no. 88213, two lamps", "order_number"),
        ("customer number: 55 12 3", "customer_number"),
        ("Invoice #2026-1187 came twice.", "invoice_number"),
        ("S/N 4411XK902", "serial_number"),
        ("booking ref QX7T2P", "booking_number"),
        ("Call me on 07700 900123.", "phone"),
        ("My e-mail is lang@example.org.", "email"),
        ("Deliver it to 12 Mill Lane, Leeds LS1 4AB.", "address postcode"),
        ("I live at 7 Station Road.", "address"),
        ("My name is Peter Holm.", "name"),
        ("I was born on 3 May 1980.", "date_of_birth"),
        ("The meter reading is 45213.", "meter_reading"),
        ("Sort code 00-11-22, account number 12345678.", "bank_details"),
        ("I have attached two photos and the receipt.", "photo receipt"),
        ("I bought it on 3 March 2026.", "purchase_date"),
        ("Meine Kundennummer lautet 55-1234.", "customer_number"),
        ("Ich wohne in der Gartenstraße 8.", "address"),
    ],
)
def test_given(text: str, facts: str):
    assert gives(text) == frozenset(facts.split())


@pytest.mark.parametrize(
    "text",
    [
        "My order number is on the invoice.",
        "I have no order number.",
        "What is my customer number?",
        "I want to order 15000 bags.",
        "My order of 12.03.2026 is late.",
        "In order 2024 to come.",
        "I called 07700 900123 yesterday.",
        "My neighbour's number is 07700 900123.",
        "I wrote to help@example.org.",
        "My neighbour lives at 5 Mill Lane, Leeds LS1 4AB.",
        "My name is spelled wrong.",
        "I could not attach a photo.",
        "Should I attach the receipt?",
        "I will read the meter in 2027.",
        "It cost 4500 pounds.",
        "",
    ],
)
def test_not_given(text: str):
    assert gives(text) == frozenset()


def test_what_stands_in_a_signature_was_given():
    text = "No heating again.\n\nKind regards\nAnna Lindt\n12 Mill Lane, Leeds LS1 4AB\n07700 900123\nlindt@example.org"
    assert gives(text) == {"name", "address", "postcode", "phone", "email"}


def test_what_stands_in_a_quote_was_not_said_by_him():
    assert (
        gives("Still nothing.\n\nOn Tue, 17 Nov 2026 at 09:00, Ward <ward@example.net> wrote:\n> Order number 4711-23\n") == set()
    )


def test_every_kind_that_is_asked_for_can_be_given():
    assert asks("Please send us your name, phone number, e-mail address, address, postcode and IBAN.") <= FACTS
