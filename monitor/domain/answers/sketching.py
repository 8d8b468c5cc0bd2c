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
from monitor.domain.answers.sketches import VALUES, pack

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


def packed_sketch(text: str, key: bytes) -> str:
    """The sketch of a message as it is kept; empty where it has too few words for one."""
    values = sketch(text, key)
    return "" if values is None else pack(values)


def _words(text: str) -> list[str]:
    reading = read(text)
    formula = _FORMULAS[reading.language]
    said = " ".join(each for each in reading.sentences if not formula.search(each))
    return [word for word in _WORD.findall(_FILLED.sub(" ", plain(said)))[:_MOST_WORDS] if not any(c.isdigit() for c in word)]
