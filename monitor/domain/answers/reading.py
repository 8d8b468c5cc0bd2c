"""A message -> the sentences its writer says himself, in lower case and with single spaces. Pure, bounded."""

import re
from typing import Final, NamedTuple

from monitor.domain.promises.finding import language_of
from monitor.domain.promises.reading import own_text
from monitor.domain.promises.sentences import MOST_CHARACTERS, sentences
from monitor.domain.quoting import own_words

_SPACE: Final = re.compile(r"\s+")
_SALUTATION: Final = re.compile(
    r"\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|sehr geehrte\w?|lieber?"
    r"|moin)"
    r"(?!\w)[^,!.?:;\n]{0,40}(?:,|!|\.(?=\s)|\n|$)"
)
#: A closing formula on the last line of a text that is told in one.
_INLINE_CLOSING: Final = re.compile(
    r"(?<=[.!?]) +(?:(?:with )?(?:kind|best|warm|many)? ?(?:regards|wishes)|(?:yours )?sincerely|yours (?:faithfully|truly)"
    r"|thanks and regards|cheers|thanks|mfg|lg|(?:viele|beste|liebe) grüße"
    r"|mit freundlichen grüßen)(?!\w)[^.!?]{0,20}(?:(?<=\w)\.)?[^.!?]{0,40}\Z",
    re.IGNORECASE,
)
_TITLE_DOT: Final = re.compile(r"(?<!\w)(mr|mrs|ms|dr|st|no|nr|tel|approx)\.")


class Reading(NamedTuple):
    """`language`: `en` or `de`; `sentences`: without the salutation, quotes, closing formula and signature."""

    language: str
    sentences: tuple[str, ...]


def read(text: str, language: str | None = None) -> Reading:
    """`text`: a whole message, at most 20,000 characters of it are read. `language`: a tag; of others than English and German,
    and without one, the words decide."""
    own = own_text(text)
    spoken = (language or "").partition("-")[0].lower()
    if spoken not in ("en", "de"):
        spoken = language_of(own)
    lines = _INLINE_CLOSING.sub("", without_salutation(own).rstrip())
    parts = (plain(lines[place.start : place.stop]) for place in sentences(lines))
    return Reading(spoken, tuple(part for part in parts if part))


def without_salutation(text: str) -> str:
    """A message without the greeting and the names it begins with."""
    greeted = _SALUTATION.match(_TITLE_DOT.sub(r"\1 ", text[:200].lower()))
    return text[greeted.end() :] if greeted else text


def plain(text: str) -> str:
    """In lower case, with one kind of apostrophe and single spaces."""
    return _SPACE.sub(" ", text.lower().replace("’", "'").replace("‘", "'")).strip()


def own_and_signature(text: str) -> tuple[str, str]:
    """What a writer says and what stands below his closing formula, both without quotes."""
    body = own_text(text)
    everything = "\n".join(own_words(text[:MOST_CHARACTERS]).lines) if "\n" in text else body
    return body, everything[len(body) :]
