"""Short texts that people give as a reason, or as their name: bounded and printable, so that they can be shown anywhere."""

from typing import Final

#: Characters.
MAX_SAID: Final = 200


def said(text: object) -> str:
    """The text without blanks around it. Raises ValueError, worded to follow the name of what was given."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError("is needed: a few words")
    text = text.strip()
    if len(text) > MAX_SAID:
        raise ValueError(f"has {len(text)} characters; at most {MAX_SAID} are kept")
    if not text.isprintable():
        raise ValueError("holds control characters; write one line of plain text")
    return text
