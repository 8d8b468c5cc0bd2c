"""Sketches as they are kept: small, keyed, near where the texts are."""

import json

from monitor.domain.alike import _LOOKED_AT, LEAST_OTHERS, sketch_key
from monitor.domain.answers.sketching import packed_sketch
from monitor.domain.event import pack, unpack
from monitor.domain.gist import Gist
from monitor.domain.news import TELLING
from monitor.store.base import MOST_COMINGS
from tests.domain.contact_lines import email

WORDS = (
    "Our engineers have checked your boiler from a distance and the pressure is within the usual range, so nothing is to be done."
)


def test_a_sketch_is_eighty_characters_of_ascii_and_of_few_words_nothing() -> None:
    kept = packed_sketch(WORDS, b"k")
    assert len(kept) == 80
    assert kept.isascii()
    assert " " not in kept
    assert packed_sketch("Thank you, it is done.", b"k") == ""


def test_another_key_makes_another_sketch_and_no_word_stands_in_it() -> None:
    assert packed_sketch(WORDS, sketch_key(b"one")) != packed_sketch(WORDS, sketch_key(b"two"))
    assert "boiler" not in packed_sketch(WORDS, b"k")


def test_it_is_kept_with_the_event() -> None:
    (event,) = email("replied 0")
    for kept in (packed_sketch(WORDS, b"k"), ""):
        row = json.loads(json.dumps(pack(event._replace(gist=Gist(read=True, sketch=kept)))))
        assert unpack(row, "c1", "email").gist == Gist(read=True, sketch=kept)


def test_a_late_reply_is_heard_of_by_all_that_look_back_to_it() -> None:
    assert LEAST_OTHERS < _LOOKED_AT < MOST_COMINGS
    assert len(TELLING) == 11  # ten bands, and that the customer came
