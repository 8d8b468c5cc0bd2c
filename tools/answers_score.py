"""How well replies are judged in the labelled sets: `python -m tools.answers_score [--tuning]`.

Prints precision and recall of each set, for the half that was tuned on and the half that was not. `--tuning` also shows what was
wrong in the first; the second half is never shown item by item.
"""

import sys
from collections.abc import Callable, Iterable

from monitor.domain.answers.giving import gives
from monitor.domain.answers.saying import asks, expects_answer, refusal, sends_to
from monitor.domain.answers.sketches import NEAR, bands, similarity
from monitor.domain.answers.sketching import sketch
from tools.answers.labelled import Item, labelled, pairs
from tools.halves import Counts

_KEY = b"a key of the labelled set"
_YES = frozenset(("yes",))
_NO: frozenset[str] = frozenset()


def is_near(one: str, two: str) -> bool:
    """Whether two replies are found by a band and are near enough for one template."""
    first, second = sketch(one, _KEY), sketch(two, _KEY)
    if first is None or second is None:
        return False
    return not set(bands(first)).isdisjoint(bands(second)) and similarity(first, second) >= NEAR


#: Set -> what is found in an item.
FOUND: dict[str, Callable[[Item], frozenset[str]]] = {
    "refusal": lambda item: _YES if refusal(item.texts[0]) else _NO,
    "asked_again": lambda item: gives(item.texts[0]) & asks(item.texts[1]),
    "expects_answer": lambda item: _YES if expects_answer(item.texts[0]) else _NO,
    "sends_to": lambda item: sends_to(item.texts[0]),
    "canned_reply": lambda item: _YES if is_near(*item.texts) else _NO,
}
_FILES = {"expects_answer": "expects", "sends_to": "sends"}


def items(name: str) -> list[Item]:
    """All of a set."""
    return list(pairs() if name == "canned_reply" else labelled(_FILES.get(name, name)))


def score(name: str, chosen: Iterable[Item], *, show: bool = False) -> Counts:
    """Counted by item; closed words are right where all and no others are found, and what is found in their place is wrong."""
    counts = Counts()
    for item in chosen:
        found = FOUND[name](item)
        if found and item.wanted and found != item.wanted:
            counts = Counts(counts.items + 1, counts.right, counts.missed + 1, counts.wrong + 1)
        else:
            counts = counts.and_one(bool(item.wanted), bool(found))
        if show and found != item.wanted:
            print(f"{name} | {' | '.join(item.texts)!r} | {item.trap or sorted(item.wanted)} | found {sorted(found)}")
    return counts


def main() -> None:
    for name in FOUND:
        everything = items(name)
        for half, held_back in (("tuning", False), ("held back", True)):
            chosen = [item for item in everything if item.held_back == held_back]
            found = score(name, chosen, show=not held_back and "--tuning" in sys.argv)
            print(
                f"{name:14} {half:9} {found.items:3} items: precision {found.precision:.3f}, recall {found.recall:.3f} "
                f"({found.right} right, {found.missed} missed, {found.wrong} wrong)"
            )


if __name__ == "__main__":
    main()
