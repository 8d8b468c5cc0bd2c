"""Asks Freshdesk: what each request costs of the allowance, and lists whose pages end before the list does.

A list is never turned beyond page 300. So it is read in the order of the changes, and each page begins where the last one ended;
where many tickets changed within one second, that leads nowhere, and the rest is read in the order of creation, page by page.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from monitor.clock import Clock
from monitor.connectors._http.answers import Answer, Problem
from monitor.connectors._http.budget import RequestBudget
from monitor.connectors._http.client import HttpClient
from monitor.connectors._http.fields import items, part
from monitor.connectors._tickets.written import moment_at
from monitor.errors import TransientError

API: Final = "/api/v2"
_TICKETS: Final = f"{API}/tickets"
_PER_PAGE: Final = 100
_MAX_PAGE: Final = 300
#: What each `include` adds to the cost of a request, as far as its answers have not told otherwise.
_INCLUDED: Final = 2
_USED: Final = "X-RateLimit-Used-CurrentRequest"
_LEFT: Final = "X-RateLimit-Remaining"
_MINUTE: Final = 60.0
#: Clocks have whole seconds; whether `updated_since` means that second too, or what comes after it, is not known.
_STEP: Final = timedelta(seconds=1)


class Page(NamedTuple):
    """Some tickets as they are listed, in the order of the list."""

    rows: Sequence[Any]
    mark: dict[str, Any] | None  # of the next page, JSON; None: there is none


class Asking:
    """One account's requests."""

    def __init__(self, http: HttpClient, lists: RequestBudget, clock: Clock) -> None:
        """`lists`: the pages of tickets, of which there are fewer a minute than of other requests."""
        self._http = http
        self._lists = lists
        self._clock = clock
        self._left: int | None = None  # of the allowance, as the last answer said; None: nobody knows
        self._left_at = 0.0
        self._costs: dict[tuple[str, ...], int] = {}  # (kind of request, what is included) -> as Freshdesk counted the last one

    async def ask(self, path: str, params: Mapping[str, str] | None = None, *, include: Sequence[str] = ()) -> Answer | Problem:
        """`path` below /api/v2. Raises TransientError when there is no answer at all."""
        kind = ("list" if path == "/tickets" else "", *include)
        cost = self._costs.get(kind, 1 + _INCLUDED * len(include))
        asked = {**(params or {}), **({"include": ",".join(include)} if include else {})}
        await self._room(cost)
        answer = await self._http.try_get(API + path, asked, cost=cost)
        if isinstance(answer, Problem):
            return answer
        used = _whole(answer.headers.get(_USED))
        if used:
            self._http.spend(max(0, used - cost))
            self._costs[kind] = used
        self._left, self._left_at = _whole(answer.headers.get(_LEFT)), self._clock.monotonic()
        return answer

    async def _room(self, cost: int) -> None:
        """Waits where others have used up so much that this request would be refused: that would count, too."""
        while self._left is not None and self._left < cost:
            wait = self._left_at + _MINUTE - self._clock.monotonic()
            if wait <= 0:
                self._left = None
                break
            await self._clock.sleep(wait)
        if self._left is not None:
            self._left -= cost

    async def get(self, path: str, params: Mapping[str, str] | None = None, *, include: Sequence[str] = ()) -> Answer:
        """The same. Raises AuthError or TransientError."""
        return self._http.good(await self.ask(path, params, include=include), API + path)

    async def find(self, path: str, params: Mapping[str, str] | None = None, *, include: Sequence[str] = ()) -> Answer | None:
        """The same; None where this one thing is not there, or not for us."""
        answer = await self.ask(path, params, include=include)
        return None if isinstance(answer, Problem) and answer.is_absent else self._http.good(answer, API + path)

    async def whole(self, path: str, params: Mapping[str, str] | None = None) -> list[Any] | None:
        """All of a list that comes in pages; None where it is not there, or not for us."""
        found: list[Any] = []
        for page in range(1, _MAX_PAGE + 1):
            answer = await self.find(path, {**(params or {}), "per_page": str(_PER_PAGE), "page": str(page)})
            if answer is None:
                return None
            rows = listed(answer.body)
            found += rows
            if not rows or not _goes_on(answer, rows):
                return found
        raise TransientError(f"{API}{path}: more than {_MAX_PAGE} pages", reason="protocol")

    async def page(self, since: datetime, mark: Mapping[str, Any], until: datetime, *, include: Sequence[str] = ()) -> Page:
        """A page of the tickets that changed since a moment.

        `mark` may name a later moment, the page from which the list is read in the order of creation, and one of Freshdesk's
        filters. What changed after `until` is another pass's.
        """
        begin = moment_at(mark, "since") if "since" in mark else since
        number = mark.get("page")
        order = "updated_at" if number is None else "created_at"
        asked = {
            "updated_since": _iso(begin), "order_by": order, "order_type": "asc", "per_page": str(_PER_PAGE),
            "page": str(number or 1),
            **({"filter": str(mark["filter"])} if "filter" in mark else {}),
        }  # fmt: skip
        if number is not None and number > _MAX_PAGE:
            raise _too_many(begin)
        await self._lists.take()
        answer = await self.ask("/tickets", asked, include=include)
        if isinstance(answer, Problem) and answer.kind == "refused" and (number or 1) > 1:
            raise _too_many(begin)
        answer = self._http.good(answer, _TICKETS)
        rows = listed(answer.body)
        if not rows or not _goes_on(answer, rows):
            return Page(rows, None)
        further = dict(mark)
        if number is not None:
            return Page(rows, {**further, "since": _iso(begin), "page": number + 1})
        last = max(moment_at(row, "updated_at") for row in rows)
        if last >= until:
            return Page(rows, None)
        if last - _STEP > begin:
            return Page(rows, {**further, "since": _iso(last - _STEP)})
        return Page(rows, {**further, "since": _iso(begin), "page": 1})


def listed(body: Any) -> list[Any]:
    """The rows of a list, which stand at the top. Raises DataError."""
    return items({"rows": body}, "rows")


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 7 else None


def _goes_on(answer: Answer, rows: Sequence[Any]) -> bool:
    """Whether there is a next page: the header says so, or the page is full."""
    return 'rel="next"' in answer.headers.get("Link", "") or len(rows) >= _PER_PAGE


def _too_many(since: datetime) -> TransientError:
    return TransientError(
        f"more than {_MAX_PAGE * _PER_PAGE} tickets changed since {since:%Y-%m-%d %H:%M:%S} UTC, and more than a page of them "
        "within one second: Freshdesk lists no more; with a shorter backfill a first read begins behind them",
        reason="protocol",
    )


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def seen(rows: Sequence[Any]) -> dict[str, str]:
    """Number of each ticket -> when it was changed last, as it is written."""
    return {str(part(row, "id")): str(part(row, "updated_at")) for row in rows}
