"""What of a message its writer says himself: without quotes below or between, closing formula and signature. Pure, bounded.

Another's words taken for a promise of ours cost more than one of ours that is missed: what may be quoted is left out here, while
`quoting` takes it for the sender's own.
"""

import re
from collections.abc import Iterator
from typing import Final

from monitor.domain.courtesy import CLOSING
from monitor.domain.promises.sentences import MOST_CHARACTERS
from monitor.domain.quoting import own_words

_MARK: Final = re.compile(r"\s*(?:--|__+|==+)\s*\Z")
#: Marks of a quote, also with initials before it (The Bat!).
_QUOTED: Final = re.compile(r"\s*(?:[^\W\d_]{1,3}>|\|)")
_SENTENCE_ENDS: Final = re.compile(r"[.!?:][)\"'”»]*\s*\Z")
#: A quoted line this long was full when a relay or a program broke it once more.
_FULL_LINE: Final = 60


def own_text(text: str) -> str:
    """The lines that its writer wrote, from the first to the one that closes the message."""
    if "\n" not in text and not text.startswith(">"):
        return text[:MOST_CHARACTERS]
    kept: list[str] = []
    begun = False
    for line in own_words("\n".join(_marked(text[:MOST_CHARACTERS]))).lines:
        if begun and (_MARK.match(line) or CLOSING.match(line)):
            break
        begun = begun or bool(line)
        kept.append(line)
    return "\n".join(kept)


def _marked(text: str) -> Iterator[str]:
    """The lines of a text, each that may be of a quote with a mark before it."""
    lines = text.replace("\r\n", "\n").split("\n")
    above = ""
    for number, line in enumerate(lines):
        if not line.lstrip().startswith(">") and (
            _QUOTED.match(line) or _is_rest(above, line, lines[number + 1] if number + 1 < len(lines) else "")
        ):
            line = f"> {line}"
        yield line
        above = line


def _is_rest(above: str, line: str, below: str) -> bool:
    """Whether this is the end of the quoted line above, broken off when that had become too long."""
    if len(above) < _FULL_LINE or not above.startswith(">") or not line.strip() or _SENTENCE_ENDS.search(above):
        return False
    return line[:1].islower() or below.startswith(">")
