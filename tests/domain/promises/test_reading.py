"""What of a message its writer said, and where its sentences end."""

import pytest

from monitor.domain.promises.reading import own_text
from monitor.domain.promises.sentences import MOST_CHARACTERS, sentences


def told(text: str) -> list[str]:
    return [text[place.start : place.stop].strip() for place in sentences(text)]


def test_a_quote_and_a_signature_are_left_out():
    text = (
        "Hello Mr Lang,\n\nI will call you tomorrow.\n\nKind regards\nJo Ward\nWe will refund you.\n\n"
        "On Tue, 17 Nov 2026 at 09:00, Lang <lang@example.net> wrote:\n> I will send it on Friday.\n"
    )
    assert own_text(text).strip() == "Hello Mr Lang,\n\nI will call you tomorrow."


def test_a_marked_signature_is_left_out():
    assert own_text("We will send it.\n-- \nWe will always be there").strip() == "We will send it."


def test_answers_between_quotes_are_the_writers():
    assert "I will call" in own_text("> When?\nI will call at 5.\n> And the bill?\nTomorrow.")


FULL = "> We have talked of the form that is missing, as you know, and"  # 62 characters


@pytest.mark.parametrize(
    ("above", "line", "below", "own"),
    [
        (FULL, "I will call", "> you tomorrow.", False),  # the quote goes on
        (FULL, "i will call", "", False),  # in the middle of a sentence
        (FULL, "I will call", "", True),
        (FULL, "", "> more", True),
        (f"{FULL}.", "I will call", "> more", True),
        ("> When?", "I will call", "> more", True),
        ("> and the refund", "i will call", "> more", True),
    ],
)
def test_the_end_of_a_quoted_line_that_a_relay_has_broken_is_quoted(above: str, line: str, below: str, own: bool):
    assert own_text(f"Hello\n\n{above}\n{line}\n{below}\n").split() == ["Hello", *(line.split() if own else ())]


@pytest.mark.parametrize("mark", ["| ", "JR> ", " > ", ">"])
def test_other_marks_of_quotes(mark: str):
    assert own_text(f"Hello\n{mark}I will call\n{mark}tomorrow").strip() == "Hello"


def test_a_message_that_begins_with_a_closing_word_is_read():
    assert own_text("Best\nwe call you tomorrow") == "Best\nwe call you tomorrow"


def test_a_single_line_is_its_writers():
    assert own_text("I will call you. Regards, Jo") == "I will call you. Regards, Jo"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("I will call. You wait!", ["I will call.", "You wait!"]),
        ("Mr. Lang will call at 5 p.m. on Friday.", ["Mr. Lang will call at 5 p.m. on Friday."]),
        ("Wir kommen am 5. Januar. Bis dann", ["Wir kommen am 5. Januar.", "Bis dann"]),
        ("Wir melden uns bis 5.1. bei Ihnen.", ["Wir melden uns bis 5.1. bei Ihnen."]),
        ("We will have it by 27.11. That is sure.", ["We will have it by 27.11.", "That is sure."]),
        ("First\nSecond", ["First", "Second"]),
        ("- one\n- two", ["one", "two"]),
        ("I will call you about the invoice for the new telephone line\ntomorrow.", None),
        ("", []),
        (" \n ", []),
    ],
)
def test_the_sentences_of_a_text(text: str, parts: list[str] | None):
    assert told(text) == (parts if parts is not None else [text])


def test_a_sentence_without_end_is_cut():
    assert [place.stop - place.start for place in sentences("a" * 2_500)] == [1_000, 1_000, 500]


def test_a_long_text_is_cut():
    assert len(own_text("a" * (MOST_CHARACTERS + 1))) == MOST_CHARACTERS
