r"""Reads the labelled replies beside this module.

A line is `LABEL | text`, or `LABEL | the customer's text | ours` of exchanges. A label that begins with `- ` names the trap, and
the text is no case; one with `+ ` names the register or kind of a case; any other lists the closed words that are to be found.
`\n` is a line break; `#` begins a remark. Sets of replies are told in `canned.txt`. A set goes on in other files; what stands in
`*_only_scored.txt` belongs to the half that is held back, as a whole.
"""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from tools.halves import held_back

FOLDER = Path(__file__).parent / "labelled"
_FILLED = re.compile(r"\{([^{}]*)\}")


class Item(NamedTuple):
    """`texts`: one, or two of an exchange or a pair. `wanted`: the closed words, `yes` where there are none; empty of a trap."""

    texts: tuple[str, ...]
    wanted: frozenset[str]
    trap: str
    held_back: bool


def labelled(name: str, folder: Path = FOLDER) -> Iterator[Item]:
    """The items of a set. Raises ValueError for a line that has no label."""
    for file, number, line in _lines(folder, name):
        label, *texts = (each.replace("\\n", "\n") for each in line.split(" | "))
        if not texts or len(texts) > 2:
            raise ValueError(f"{file}:{number}: {line!r} has no label or too many texts")
        trap = label[2:] if label.startswith("- ") else ""
        words = "yes" if label.startswith("+ ") else label.removeprefix("german ")
        wanted = frozenset() if trap else frozenset(words.split(", "))
        yield Item(tuple(texts), wanted, trap, _is_held_back(file, "\n".join(texts)))


def pairs(folder: Path = FOLDER) -> Iterator[Item]:
    """Every two replies of a set of `canned*.txt`; a set is in one half as a whole. Raises ValueError for a set of one."""
    above, kind, replies = "", "", list[str]()
    for file, number, line in [*_lines(folder, "canned"), ("", 0, "! end")]:
        if not line.startswith(("= ", "! ")):
            replies += _filled(line) if kind.startswith("=") else [line.replace("\\n", "\n")]
            continue
        if kind and len(replies) < 2:
            raise ValueError(f"{file}:{number}: the set above has fewer than two replies")
        same = kind.startswith("= ")
        for pair in combinations(replies, 2):
            yield Item(pair, frozenset(("yes",) * same), "" if same else kind[2:], _is_held_back(above, replies[0]))
        above, kind, replies = file, line, []


def _filled(template: str) -> list[str]:
    """The replies that a template was filled in to, as many as its first place has words."""
    places = [place.split("|") for place in _FILLED.findall(template)]
    count = len(places[0]) if places else 0
    if any(len(place) != count for place in places):
        raise ValueError(f"canned.txt: the places of {template[:40]!r} have different numbers of words")
    replies = []
    for number in range(count):
        words = iter(place[number] for place in places)
        replies.append(_FILLED.sub(lambda _, words=words: next(words), template).replace("\\n", "\n"))  # type: ignore[misc]
    return replies


def _is_held_back(file: str, text: str) -> bool:
    return file.endswith("_only_scored.txt") or held_back(text)


def _lines(folder: Path, name: str) -> Iterator[tuple[str, int, str]]:
    for path in sorted(folder.glob(f"{name}*.txt")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line and not line.startswith("#"):
                yield path.name, number, line
