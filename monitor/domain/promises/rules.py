"""The form of a language's rules for promises."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from monitor.domain.event import Deed


class DeedRule(NamedTuple):
    """A way to name a deed. `dated`: it promises only where a time is stated. `spoken`: also while one talks on the phone."""

    name: str
    deed: Deed
    words: re.Pattern[str]
    dated: bool = False
    spoken: bool = True


class Way(NamedTuple):
    """A way to commit oneself, as `I will …`, and the deeds that may follow it.

    `words` is looked for in a sentence; what it does not contain, from its end on, is matched against the deeds. `dated`
    as in DeedRule. `anywhere`: deeds may stand anywhere in the clause, also before the commitment.
    """

    name: str
    words: re.Pattern[str]
    deeds: tuple[DeedRule, ...]
    dated: bool = False
    anywhere: bool = False


class Rules(NamedTuple):
    """All of one language. A sentence or clause with words of a trap promises nothing.

    `before`: what must not stand right before a commitment; `after`: nor right behind it; `joins`: what parts the deeds
    of one commitment; `clauses`: what parts clauses; `talk`: what is done while one talks, unless a time is stated.
    """

    sentence_traps: re.Pattern[str]
    clause_traps: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    talk: re.Pattern[str]
    clauses: re.Pattern[str]
    joins: re.Pattern[str]
    ways: tuple[Way, ...]


def pattern(*parts: str) -> re.Pattern[str]:
    """One expression for lower-case text from alternatives."""
    return re.compile("|".join(f"(?:{part})" for part in parts))


def words(*parts: str) -> re.Pattern[str]:
    """As `pattern`, of whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


def listed(*lines: str) -> str:
    """Words in one or several texts as alternatives."""
    return "|".join(each for line in lines for each in line.split())


def deeds(entries: Iterable[tuple[str, Deed, str]], *, dated: bool = False, spoken: bool = True) -> tuple[DeedRule, ...]:
    return tuple(DeedRule(name, deed, re.compile(rf"(?:{text})(?!\w)"), dated, spoken) for name, deed, text in entries)
