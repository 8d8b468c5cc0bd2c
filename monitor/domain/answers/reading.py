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
    lines = without_salutation(own)
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
