"""Canned replies: what is filled into a template does not matter, what somebody writes himself does."""

import pytest

from monitor.domain.answers.sketches import NEAR, VALUES, bands, similarity
from monitor.domain.answers.sketching import sketch

KEY = b"sixteen bytes and more"
TEMPLATE = (
    "Dear {name},\n\nthe repair of your device {number} is finished and it was handed to the carrier {day}. "
    "Somebody must be at home to sign for it. Please keep the box, as the guarantee covers the repair for half a year.\n\n"
    "Kind regards\n{agent}"
)
OTHER = (
    "Dear Mr Lang,\n\nwe found a crack behind the motor, which is why it took so long. The spare part came from the maker "
    "this morning, and my colleague is fitting it as I write.\n\nKind regards\nJo Ward"
)


def of(text: str, key: bytes = KEY) -> tuple[int, ...]:
    found = sketch(text, key)
    assert found is not None
    return found


def filled(name: str, number: str, day: str, agent: str) -> str:
    return TEMPLATE.format(name=name, number=number, day=day, agent=agent)


def test_names_numbers_and_dates_do_not_matter():
    one = of(filled("Mr Lang", "4711-23", "on Monday", "Jo Ward"))
    two = of(filled("Ms Osei", "88213", "on 3 May", "P. Lee"))
    assert similarity(one, two) >= 0.8 > NEAR
    assert not set(bands(one)).isdisjoint(bands(two))


def test_another_text_is_far():
    one, two = of(filled("Mr Lang", "4711-23", "on Monday", "Jo Ward")), of(OTHER)
    assert similarity(one, two) < 0.2
    assert set(bands(one)).isdisjoint(bands(two))


def test_courtesies_make_no_texts_near():
    frame = "Thank you for contacting us. {} If you have any further questions, please do not hesitate to contact us."
    one = of(frame.format("The pump needs a part that only the maker has, and he is closed for a week."))
    two = of(frame.format("Your neighbour signed for the box on Friday, it stands behind her green door."))
    assert similarity(one, two) < 0.2


def test_case_and_spaces_do_not_matter():
    assert of(OTHER) == of(OTHER.upper()) == of(OTHER.replace(" ", "  "))


def test_another_key_makes_another_sketch():
    assert similarity(of(OTHER), of(OTHER, b"another key")) < 0.2


def test_a_key_may_have_any_length():
    assert len(of(OTHER, b"")) == len(of(OTHER, b"k" * 1_000)) == VALUES


def test_a_short_text_has_no_sketch():
    assert sketch("one word after another until the twelfth one is written here", KEY) is None
    assert sketch("one word after another till the twelfth or so is written down here", KEY) is not None
    assert sketch("", KEY) is None
    assert (
        sketch("Thank you for contacting us. If you have any further questions, please do not hesitate to contact us.", KEY)
        is None
    )


def test_values_are_of_32_bits():
    assert all(0 <= value < 2**32 for value in of(OTHER))


def test_sketches_of_different_lengths_cannot_be_compared():
    with pytest.raises(ValueError, match="sketches of 32 and 2 values"):
        similarity(of(OTHER), (1, 2))
    with pytest.raises(ValueError, match="sketches of 0 and 0 values"):
        similarity((), ())


def test_a_band_names_its_place():
    assert len(set(bands((7,) * VALUES))) == len(bands((7,) * VALUES)) == 10
