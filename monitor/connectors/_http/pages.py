"""Guards a loop over pages: a server that repeats itself, or never ends, is told from one that has much to say."""

from collections.abc import Hashable

from monitor.errors import TransientError


class Pages:
    """Remembers the marks of the pages of one listing. One object a listing."""

    def __init__(self, what: str, max_pages: int) -> None:
        """`what` names the listing in errors."""
        self._what = what
        self._max = max_pages
        self._seen: set[Hashable] = set()

    def turn(self, mark: Hashable) -> None:
        """Call before the page `mark` is asked for. Raises TransientError when it was before, or when there are too many."""
        if mark in self._seen:
            raise TransientError(f"{self._what}: the server names the same next page twice", reason="protocol")
        if len(self._seen) >= self._max:
            raise TransientError(f"{self._what}: more than {self._max} pages", reason="protocol")
        self._seen.add(mark)
