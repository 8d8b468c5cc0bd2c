"""What is asked of a simulated service, and what goes wrong there as a test has planned it: the same for all of them."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple, TypeVar

_T = TypeVar("_T")


class Answer(NamedTuple):
    """Status, header fields, body."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class Mishaps:
    """Patterns are looked for in what was asked: path and query."""

    expires: datetime | None = None  # from when on the secret is not accepted
    instead: list[tuple[str, int, dict[str, str], bytes | None]] = field(default_factory=list)  # a pattern, what answers it once
    cut: list[str] = field(default_factory=list)  # patterns: the answer is cut in the middle, once
    meanwhile: list[tuple[str, Callable[[], object]]] = field(default_factory=list)  # a pattern; what happens after its answer
    asked: list[str] = field(default_factory=list)
    wrote: list[str] = field(default_factory=list)
    refused: int = 0  # answers 429
    taken: Counter[int] = field(default_factory=Counter)  # minute -> what was counted in it

    def has_expired(self, now: datetime) -> bool:
        """Whether the secret is not accepted any more."""
        return self.expires is not None and now >= self.expires

    def replaced(self) -> Answer | None:
        """What answers the last request in place of the service."""
        found = self._once(self.instead, lambda each: each[0])
        return None if found is None else Answer(found[1], found[2], found[3] or b"")

    def shortened(self, answer: Answer) -> Answer:
        """An answer, cut in the middle where that is planned."""
        found = self._once(self.cut, lambda each: each)
        return answer if found is None else answer._replace(body=answer.body[: len(answer.body) // 2])

    def sent(self, answer: Answer, now: datetime) -> Answer:
        """An answer with the service's clock; what is to happen after it happens."""
        found = self._once(self.meanwhile, lambda each: each[0])
        if found is not None:
            found[1]()
        return answer._replace(headers={"Date": format_datetime(now, usegmt=True), **answer.headers})

    def _once(self, planned: list[_T], pattern: Callable[[_T], str]) -> _T | None:
        place = next((place for place, each in enumerate(planned) if re.search(pattern(each), self.asked[-1])), None)
        return None if place is None else planned.pop(place)
