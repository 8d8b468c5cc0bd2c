"""Names of contact points: what can stand in labels, in the address of a page and on a command line, and is one name only."""

from typing import Final
from unicodedata import is_normalized, normalize

MAX_NAME: Final = 80
#: Steps in an address: browsers take them out, however they are written, and no page could be reached under them.
_STEPS: Final = frozenset((".", ".."))


def name_problem(name: str) -> str | None:
    """Why no contact point can be called so, for who has written it; None: it can."""
    if name in _STEPS:
        return "is a step in the address of a page, which nobody could open; use another name"
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name != name.strip():
        return f"a contact point's name has 1 to {MAX_NAME} printable characters, no blanks around them"
    if not is_normalized("NFC", name):
        return "has letters in parts, which look like whole ones and are another name; write it anew (Unicode NFC)"
    return None


def name_of(text: str) -> str:
    """A foreign text as the name of a contact point; empty where it can be none. Letters in parts become whole ones."""
    name = "".join(c for c in normalize("NFC", text) if c.isprintable())[:MAX_NAME].strip()
    return "" if name in _STEPS else name
