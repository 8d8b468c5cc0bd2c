"""A text -> its sentences, as places in it. A line that the mail program broke does not end a sentence."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from monitor.domain.dates.vocabulary import in_order

_ABBREVIATED: Final = frozenset(
    in_order(
        "mr mrs ms miss dr prof st no nr e.g i.e eg ie etc approx tel ref vs jan feb mar apr jun jul aug sep sept oct nov dec mon"
        " tue wed thu fri sat sun a.m p.m hr hrs min mins std ca bzw z.b usw fr hr hrn kd inkl evtl ggf str tel ext inc ltd co"
    )
)
_END: Final = re.compile(r"[.!?…]+[)\"'”»]*(?=\s|\Z)|\n\s*\n|\n")
#: Characters of a text that are read, and of a sentence; what is longer is cut. Both bound the time that any text takes.
MOST_CHARACTERS: Final = 20_000
_LONGEST: Final = 1_000
#: Words that begin no line of their own.
_GOES_ON: Final = re.compile(
    r"(?:by|on|at|in|within|before|until|till|to|with|and|or|the|of|for|from|between|next|this|tomorrow|um|bis|am|im|vor|und|mit|zu|von|innerhalb)\b"
)
#: A line this long was broken by the program, not by its writer.
_FULL_LINE: Final = 50


class Place(NamedTuple):
    start: int
    stop: int


def sentences(text: str) -> Iterator[Place]:
    """The places of the sentences, in their order."""
    begin = 0
    for match in _END.finditer(text):
        if _goes_on(text, begin, match):
            continue
        yield from _cut(text, begin, match.end())
        begin = match.end()
    yield from _cut(text, begin, len(text))


def _goes_on(text: str, begin: int, match: re.Match[str]) -> bool:
    if match[0] == "\n":
        line = text.rfind("\n", 0, match.start()) + 1
        after = text[match.end() : match.end() + 1]
        return (match.start() - line > _FULL_LINE and after.isalnum()) or _GOES_ON.match(text, match.end()) is not None
    if match[0] != ".":
        return False
    word = text[max(begin, match.start() - 12) : match.start()].rpartition(" ")[2].lower()
    following = text[match.end() : match.end() + 2].strip()
    if word.replace(".", "").isdigit():
        # An ordinal or a date of German; where a small letter follows, the sentence goes on.
        return (word.isdigit() and len(word) <= 2 and following[:1].isalpha()) or following[:1].islower()
    return word in _ABBREVIATED or (len(word) == 1 and word.isalpha() and word != "i")


def _cut(text: str, begin: int, stop: int) -> Iterator[Place]:
    while begin < stop:
        while begin < stop and text[begin] in " \t\r\n-*•>":
            begin += 1
        end = min(stop, begin + _LONGEST)
        if text[begin:end].strip():
            yield Place(begin, end)
        begin = end
