"""Whatever is written: closed words come out, in bounded time, and letters' case and spaces do not matter."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.answers.giving import gives
from monitor.domain.answers.saying import asks, expects_answer, refusal, saying, sends_to
from monitor.domain.answers.sketches import bands
from monitor.domain.answers.sketching import sketch
from monitor.domain.answers.wording import CHANNELS, FACTS, REFUSALS
from monitor.domain.promises.sentences import MOST_CHARACTERS
from tools.answers.labelled import labelled

#: It takes a tenth of this; a pattern that goes wrong takes minutes.
ENOUGH_SECONDS = 3.0
WRITTEN = (
    "we cannot|order number|4711-23|please|call us|?|.|,|\n|> |but|you can|my|07700 900123|@|example.org|policy|wir können|nicht"
    "|Ihre|sorry|photo|attached|12 Mill Lane|LS1 4AB|-- |Kind regards\n|if|1/2/2026"
)
HOSTILE = (
    "a|a |0|0-|07 |+4 4|@|a@|a.|a@b.|1/|1 a |?|? |. |, |a\n|> a\n|İ|we can't |order number 1|please |you can |we have not |the "
    "|is not |dear |kind regards\n|können sie |nicht |ihre |number of the order |we need the order number |in the |my name is "
    "|born 1 |attached |photo |meter |de00 1234 |request a b |send a b c |send a@b |1 a street |12 mill lane "
)
PIECES = st.sampled_from(WRITTEN.split("|"))


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=40).map(" ".join)), st.sampled_from([None, "en", "de", "xx", ""])
)
def test_closed_words_come_out(text: str, language: str | None):
    found = saying(text, language)
    assert found.refusal is None or found.refusal in REFUSALS
    assert found.asks <= FACTS
    assert found.sends_to <= CHANNELS
    assert found == (refusal(text, language), asks(text, language), expects_answer(text, language), sends_to(text, language))
    assert gives(text, language) <= FACTS
    values = sketch(text, b"key")
    assert values is None or len(bands(values)) == 10


@pytest.mark.parametrize("name", ["refusal", "asked_again", "expects", "sends"])
def test_case_and_spaces_do_not_matter(name: str):
    texts = [text for item in labelled(name) for text in item.texts if "\n" not in text and not item.held_back]
    for text in texts:
        for other in (text.lower(), text.replace(" ", "   "), f"  {text} "):
            assert saying(other) == saying(text), text
            assert gives(other) == gives(text), text


@pytest.mark.parametrize("piece", HOSTILE.split("|"))
def test_hostile_texts_take_bounded_time(piece: str):
    text = (piece * MOST_CHARACTERS)[:MOST_CHARACTERS]
    begin = time.process_time()
    saying(text, "en")
    saying(text, "de")
    gives(text)
    sketch(text, b"key")
    assert time.process_time() - begin < ENOUGH_SECONDS


def test_what_is_beyond_20000_characters_is_not_read():
    assert asks("a " * (MOST_CHARACTERS // 2) + "What is your order number?") == frozenset()
    assert gives("a " * (MOST_CHARACTERS // 2) + "My order number is 4711-23.") == frozenset()
