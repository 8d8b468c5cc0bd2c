"""What of a message its writer says himself: without quotes below or between, closing formula and signature. Pure, bounded."""

import re
from typing import Final

from monitor.domain.courtesy import CLOSING
from monitor.domain.promises.sentences import MOST_CHARACTERS
from monitor.domain.quoting import own_words

_MARK: Final = re.compile(r"\s*(?:--|__+|==+)\s*\Z")


def own_text(text: str) -> str:
    """The lines that its writer wrote, from the first to the one that closes the message."""
    if "\n" not in text and not text.startswith(">"):
        return text[:MOST_CHARACTERS]
    kept: list[str] = []
    begun = False
    for line in own_words(text[:MOST_CHARACTERS]).lines:
        if begun and (_MARK.match(line) or CLOSING.match(line)):
            break
        begun = begun or bool(line)
        kept.append(line)
    return "\n".join(kept)
