"""Which block of a page is followed in which way: every block has one, and says why where it is not simply done."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from tests.docs.walk.markdown import Block

if TYPE_CHECKING:
    from tests.docs.walk.walker import Walk

Way = Callable[["Walk", Block], None]


class Exempt(NamedTuple):
    """A way for what cannot be done here: the `reason`, and what is looked at instead."""

    reason: str
    instead: Way

    def __call__(self, walk: "Walk", block: Block) -> None:
        self.instead(walk, block)


class NoWay(Exception):
    """A page and the ways to follow it do not fit each other."""


def planned(blocks: Iterable[Block], special: Mapping[str, Way], usual: Mapping[str, Way]) -> list[tuple[Block, Way]]:
    """Each block with its way: that of the text in `special` which stands in it, else the `usual` one of its language.

    Raises NoWay, which names every block without a way, with two, and every special way that fits no block or several.
    """
    plan: list[tuple[Block, Way]] = []
    wrong: list[str] = []
    taken = dict.fromkeys(special, 0)
    for block in blocks:
        fitting = [text for text in special if text in block.text]
        for text in fitting:
            taken[text] += 1
        way = special[fitting[0]] if fitting else usual.get(block.language)
        if len(fitting) > 1:
            wrong.append(f"{block}: several ways fit it: {', '.join(map(repr, fitting))}")
        elif way is None:
            wrong.append(f"{block}: there is no way to follow it; give it one, or an Exempt with its reason")
        else:
            plan.append((block, way))
    wrong += [f"the way for {text!r} fits {times} blocks" for text, times in taken.items() if times != 1]
    if wrong:
        raise NoWay("\n".join(wrong))
    return plan
