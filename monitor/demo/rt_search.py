"""TicketSQL, as much of it as is asked for in tests and by the connector: comparisons, AND, OR, parentheses. Pure."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Final

#: What a row holds by the names of fields. Whole numbers compare as such, texts without regard to case.
#: A class of values (`__Inactive__`) is a name of its own, true where the row belongs to it.
Row = Mapping[str, int | str]
Condition = Callable[[Row], bool]

_TOKEN: Final = re.compile(r"\s*(\(|\)|'(?:[^'\\]|\\.)*'|>=|<=|!=|[=<>]|\w+)")
_OPERATORS: Final[Mapping[str, Callable[[int | str, int | str], bool]]] = {
    "=": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
_MAX_DEPTH: Final = 20


class BadQuery(ValueError):
    """Not understood."""


def condition(query: str, fields: frozenset[str]) -> Condition:
    """What a row with these fields must fulfil. Raises BadQuery."""
    parser = _Parser(query, fields)
    found = parser.either(0)
    if parser.left:
        raise BadQuery(f"Incomplete query at {parser.left[-1]!r}")
    return found


class _Parser:
    """Takes one token after the other; `left` has the next one at its end."""

    def __init__(self, query: str, fields: frozenset[str]) -> None:
        self.left: list[str] = []
        self._fields = fields
        at, query = 0, query.rstrip()
        while at < len(query):
            token = _TOKEN.match(query, at)
            if token is None:
                raise BadQuery(f"Wrong query at {query[at : at + 20]!r}")
            self.left.append(token[1])
            at = token.end()
        self.left.reverse()

    def either(self, depth: int) -> Condition:
        """Conditions with OR between them."""
        found = [self._both(depth)]
        while self._follows("OR"):
            found.append(self._both(depth))
        return lambda row: any(each(row) for each in found)

    def _both(self, depth: int) -> Condition:
        found = [self._one(depth)]
        while self._follows("AND"):
            found.append(self._one(depth))
        return lambda row: all(each(row) for each in found)

    def _one(self, depth: int) -> Condition:
        if not self._follows("("):
            return self._comparison()
        if depth == _MAX_DEPTH:
            raise BadQuery("Too many parentheses")
        found = self.either(depth + 1)
        if not self._follows(")"):
            raise BadQuery("A parenthesis is not closed")
        return found

    def _comparison(self) -> Condition:
        name, sign, literal = self._next(), self._next(), self._next()
        if name not in self._fields:
            raise BadQuery(f"Unknown field: {name}")
        compare = _OPERATORS.get(sign)
        if compare is None or literal in ("(", ")", *_OPERATORS):
            raise BadQuery(f"Incomplete query after {name}")
        wanted = re.sub(r"\\(.)", r"\1", literal[1:-1]) if literal.startswith("'") else literal
        if wanted.startswith("__"):
            return lambda row: compare(bool(row.get(wanted)), True)
        return lambda row: _compared(compare, row[name], wanted)

    def _follows(self, token: str) -> bool:
        if self.left and self.left[-1].upper() == token:
            self.left.pop()
            return True
        return False

    def _next(self) -> str:
        if not self.left:
            raise BadQuery("Incomplete query")
        return self.left.pop()


def _compared(compare: Callable[[int | str, int | str], bool], value: int | str, wanted: str) -> bool:
    if isinstance(value, str):
        return compare(value.casefold(), wanted.casefold())
    return wanted.isascii() and wanted.isdigit() and compare(value, int(wanted[:18]))
