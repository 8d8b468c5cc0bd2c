"""Canned replies: a keyed sketch of a reply by which two that were made from one template are known, without their words.

A sketch is a minhash of pairs of neighbouring words: the share of its values that two sketches have in common estimates the
share of pairs that the texts have. Names, numbers, dates and courtesies are left out first. Without the key nobody can try
which words made a value; with it, one can.
"""

import re
import struct
from hashlib import blake2b
from itertools import pairwise
from typing import Final

from monitor.domain.answers.english import ENGLISH
from monitor.domain.answers.german import GERMAN
from monitor.domain.answers.reading import plain, read

#: Values of a sketch, of 32 bits each.
VALUES: Final = 32
#: Two sketches are of one template from this similarity on.
NEAR: Final = 0.6
#: Values of a band: two sketches share one of ten bands with probability 0.91 at a similarity of 0.6, 0.01 at 0.1.
_BAND: Final = 3
#: So many bands has a sketch.
BANDS: Final = VALUES // _BAND
_LEAST_WORDS: Final = 12
_MOST_WORDS: Final = 2_000
_HALF: Final = struct.Struct("<16I")
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_FORMULAS: Final = {"en": ENGLISH.formula, "de": GERMAN.formula}
#: A name behind a title or a form of address, and days and months.
_FILLED: Final = re.compile(
    r"(?<!\w)(?:mr|mrs|ms|miss|dr|herrn?|frau)\.? [^\W\d_]+|(?:(?<=thanks )|(?<=thank you )|(?<=my name is )"
    r"|(?<=danke ))[^\W\d_]+(?=[,.!])"
    r"|[#@][\w-]+|(?<!\w)(?:mon|tues|wednes|thurs|fri|satur|sun)day(?!\w)"
    r"|(?<!\w)(?:january|february|march|april|may|june|july|august|september|october|november|december)(?!\w)"
    r"|(?<!\w)(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|januar|februar|märz|mai|juni|juli|oktober"
    r"|dezember)(?!\w)"
    r"|(?<!\w)(?:one|two|three|four|five|six|seven|eight|nine|ten|noon|tomorrow|today|yesterday)(?!\w)"
)


def sketch(text: str, key: bytes) -> tuple[int, ...] | None:
    """The sketch of a message: 32 values of 32 bits; None for fewer than 12 words that tell it from others.

    `key`: a secret of any length, the same for all that are compared.
    """
    words = _words(text)
    if len(words) < _LEAST_WORDS:
        return None
    short = blake2b(key).digest()
    first = [0xFFFF_FFFF] * (VALUES // 2)
    second = first
    for pair in {f"{one} {two}".encode() for one, two in pairwise(words)}:
        first = list(map(min, first, _HALF.unpack(blake2b(pair, key=short, person=b"1").digest())))
        second = list(map(min, second, _HALF.unpack(blake2b(pair, key=short, person=b"2").digest())))
    return (*first, *second)


def similarity(one: tuple[int, ...], two: tuple[int, ...]) -> float:
    """From 0 to 1: the estimated share of word pairs that two texts have in common. Raises ValueError for other lengths."""
    if len(one) != len(two) or not one:
        raise ValueError(f"sketches of {len(one)} and {len(two)} values cannot be compared")
    return sum(map(int.__eq__, one, two)) / len(one)


def bands(values: tuple[int, ...]) -> tuple[str, ...]:
    """Keys of a sketch (10 of 17 characters): of two near ones at least one is equal, nearly always."""
    places = range(0, len(values) - _BAND + 1, _BAND)
    return tuple(
        f"{place // _BAND:x}{blake2b(struct.pack(f'<{_BAND}I', *values[place : place + _BAND]), digest_size=8).hexdigest()}"
        for place in places
    )


def _words(text: str) -> list[str]:
    reading = read(text)
    formula = _FORMULAS[reading.language]
    said = " ".join(each for each in reading.sentences if not formula.search(each))
    return [word for word in _WORD.findall(_FILLED.sub(" ", plain(said)))[:_MOST_WORDS] if not any(c.isdigit() for c in word)]
