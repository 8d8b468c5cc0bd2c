"""What a language says about dates: words and phrases, each with the categories it may stand for in the grammar.

A phrase is written as its words in lower case with single spaces. The same word may be of several categories (`second` is
a unit and an ordinal); the grammar takes what fits. Times of day are minutes after midnight.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

#: Category -> value, of one word or phrase.
Meaning = Mapping[str, object]
DAY_MINUTES: Final = 24 * 60


class Vocabulary(NamedTuple):
    """The words of one language. `phrases`: first word -> the phrases that begin with it, longest first.

    `half_before`: whether half and an hour mean half an hour before it, and `4.` is an ordinal, as in German.
    """

    words: Mapping[str, Meaning]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], Meaning], ...]]
    half_before: bool


def in_order(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


def vocabulary(
    entries: Iterable[tuple[str, str, object]], *, half_before: bool = False
) -> Vocabulary:  # fmt: skip
    """From (words separated by `|`, category, value)."""
    words: dict[str, dict[str, object]] = {}
    phrases: dict[tuple[str, ...], dict[str, object]] = {}
    for written, category, value in entries:
        for each in written.split("|"):
            parts = tuple(each.split())
            if len(parts) == 1:
                words.setdefault(each, {})[category] = value
            else:
                phrases.setdefault(parts, {})[category] = value
    by_first: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
    for parts, meaning in phrases.items():
        by_first.setdefault(parts[0], []).append((parts, meaning))
    longest = {first: tuple(sorted(found, key=lambda each: -len(each[0]))) for first, found in by_first.items()}
    return Vocabulary(words, longest, half_before)
