"""Text -> the words, numbers and signs that date expressions are made of. Linear in the length of the text."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from monitor.domain.dates.vocabulary import Meaning, Vocabulary

_TOKEN: Final = re.compile(
    r"(?P<texted>(?<!\w)2(?:moro|morrow|mrw|nite|day)(?!\w))"
    r"|(?P<iso>(?<![\d./-])\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?![\d/-]))(?:[T ](?P<iso_time>\d{2}:\d{2})(?::\d{2})?(?:Z|\b))?"
    r"|(?P<dated>(?<![\d./])(?:\d{1,2}/\d{1,2}/|(?<!\d-)\d{1,2}(?:\. ?\d{1,2}\. ?|[.-]\d{1,2}[.-]))(?:\d{4}|\d{2})(?![\d/-]))"
    r"|(?P<clock>(?<![\d:./])\d{1,2}:[0-5]\d(?::[0-5]\d)?(?![\d:]))"
    r"|(?P<short>(?<![\d./,])\d{1,2}/\d{1,2}(?![\d/]))"
    r"|(?P<dotted>(?<![\d./,])\d{1,2}\. ?\d{1,2}(?!\d)(?!\.\d))"
    r"|(?P<ordinal>(?<![\d.,])\d{1,2})(?:st|nd|rd|th)(?![^\W\d_])"
    r"|(?P<decimal>\d{1,6}[.,]\d{1,3}(?!\d))"
    r"|(?P<number>\d{1,9})"
    r"|(?P<half>½|1/2)"
    r"|(?P<ampm>[aApP]\. ?[mM]\.?(?![^\W\d_]))"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]*)?)"
    r"|(?P<sign>[^\w\s])"
)
_LIMIT: Final = 20_000  # tokens of one text
_NONE: Final[Meaning] = {}


class Token(NamedTuple):
    """`means`: its categories; of numbers also DATE (year or None, first, second), TIME, NUMBER, ORDINAL, YEAR."""

    text: str
    means: Meaning
    start: int
    end: int


def tokens(text: str, words: Vocabulary) -> list[Token]:
    """The tokens of a text; the phrases of the language are one token each."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        if len(found) >= _LIMIT:
            break
        found.append(_token(match, words))
    return list(_joined(found, words))


def _token(match: re.Match[str], words: Vocabulary) -> Token:
    kind, text, start, end = match.lastgroup, match[0], match.start(), match.end()
    if kind in ("word", "texted"):
        lowered = text.lower().replace("’", "'").removesuffix("'")  # in two hours' time
        return Token(lowered, words.words.get(lowered, _NONE), start, end)
    if kind == "sign":
        return Token(text, _SIGNS.get(text, words.words.get(text, _NONE)), start, end)
    if kind == "ampm":
        return Token(text, {"AMPM": 0 if text[0] in "aA" else 12 * 60}, start, end)
    if kind == "half":
        return Token(text, {"NUMBER": 0.5}, start, end)
    means, length = _number(match)
    return Token(text[:length].lower(), means, start, start + length)


_SIGNS: Final[Mapping[str, Meaning]] = {
    "-": {"TO": True, "DASH": True},
    "–": {"TO": True, "DASH": True},
    "—": {"DASH": True},
    "/": {"SLASH": True},
    ",": {"COMMA": True},
    "(": {"COMMA": True},
    ".": {"DOT": True},
}


def _number(match: re.Match[str]) -> tuple[Meaning, int]:
    """What digits may mean, and how many characters of the match they take."""
    text, length = match[0], len(match[0])
    if match["iso"]:
        year, month, day = map(int, re.split(r"[-/.]", match["iso"]))
        means: dict[str, object] = {"DATE": (year, month, day)}
        if match["iso_time"]:
            means["DATE_TIME"] = _minutes(match["iso_time"])
        return means, length
    if match["dated"]:
        first, second, year = (int(part) for part in re.split(r"[./-] ?", text))
        full = year + 2000 if len(text) - len(text.rstrip("0123456789")) == 2 else year
        return {"DATE": (full, second, first), "SIGN": text.strip("0123456789 ")[:1]}, length
    if match["clock"]:
        return {"TIME": _minutes(text)} if _minutes(text) <= 24 * 60 else {}, length
    if match["short"]:
        first, second = map(int, text.split("/"))
        return {"SHORT": (first, second)} if text != "24/7" else {}, length
    if match["ordinal"]:
        return {"ORDINAL": int(match["ordinal"]), "DIGITS": True}, length
    if match["dotted"]:
        first, second = (int(part) for part in re.split(r"\. ?", text))
        means = {"NUMBER": float(f"{first}.{second}"), "DECIMAL": True, "SHORT": (first, second)}
        if second < 60 and first <= 24 and len(text.rpartition(".")[2]) == 2:
            means["DOTTED_TIME"] = first * 60 + second
        return means, length
    if match["decimal"]:
        return {"NUMBER": float(text.replace(",", ".")), "DECIMAL": True}, length
    value = int(text)
    means = {"NUMBER": float(value), "DIGITS": True}
    if len(text) == 4 and 1900 <= value <= 2100:
        means["YEAR"] = value
    if len(text) in (3, 4) and value % 100 < 60 and value <= 2400:
        means["MILITARY"] = value // 100 * 60 + value % 100
    return means, length


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _joined(found: list[Token], words: Vocabulary) -> Iterator[Token]:
    """With phrases as one token, which also has what its first word means where it is no longer than that."""
    index, size = 0, len(found)
    while index < size:
        token = found[index]
        for parts, meaning in words.phrases.get(token.text, ()):
            end = index + len(parts)
            if end <= size and all(found[index + n].text == part for n, part in enumerate(parts)):
                yield Token(" ".join(parts), meaning, token.start, found[end - 1].end)
                index = end
                break
        else:
            yield token
            index += 1
