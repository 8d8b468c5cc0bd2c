"""Source type `zendesk`: Zendesk Support over its REST interface, read-only.

Changed tickets come from the incremental export, or where the account is no administrator's from the search; each one that
changed is read with all its audits. Not tried against the real service. Facts of the interface, and where they come from:
docs/connectors/zendesk.md.
"""

import base64
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from pydantic import Field

from monitor.connector import Context, Finding, Place, Seconds, Untold
from monitor.connectors._http.answers import Answer, Problem
from monitor.connectors._http.budget import RequestBudget
from monitor.connectors._http.client import HttpClient, Params
from monitor.connectors._http.fields import items, name, number, optional_items, optional_name, part, whole
from monitor.connectors._http.pages import Pages
from monitor.connectors._http.settings import HeaderSecret
from monitor.connectors._tickets.checks import places_seen
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.connectors._tickets.facts import QUEUE, Ticket, Words
from monitor.connectors._tickets.helpdesk import Absence, Listing, Row
from monitor.connectors._tickets.over_http import HttpHelpdesk, from_mark
from monitor.connectors._tickets.people import People
from monitor.connectors._tickets.rules import Rules, folded, rules_of
from monitor.connectors._tickets.settings import HelpdeskSettings
from monitor.connectors._tickets.written import moment_at
from monitor.connectors._zendesk import DUE, OWN, STATES, Names, Reader, rank
from monitor.errors import AuthError, DataError, TransientError

CHANNEL: Final = "ticket"
PLACES: Final = (Place("group", "Helpdesk: the group that has a ticket; `none`: no group has it yet."),)

_API: Final = "/api/v2"
_EXPORT: Final = f"{_API}/incremental/tickets/cursor"
_SEARCH: Final = f"{_API}/search/export"
_PER_PAGE: Final = 100
_MAX_PAGES: Final = 200  # of groups, fields, agents, or audits of one ticket
#: The export leaves out the last minute; clocks have whole seconds.
_WITHHELD: Final = timedelta(seconds=65)
_OVERLAP: Final = timedelta(minutes=3)
#: The index that is searched is behind by some minutes.
_INDEXED: Final = timedelta(minutes=5)
_SEARCH_OVERLAP: Final = timedelta(minutes=20)
_MAX_EMPTY: Final = 3  # pages of the export in a row
_STAFF: Final = ("agent", "admin")
_MOST_CUSTOMERS: Final = 50_000


class Settings(HelpdeskSettings):
    """Keys of a source of type `zendesk`."""

    type: Literal["zendesk"]
    username: str | None = Field(
        None, description="E-mail address of the account whose API token it is; without it `token` is an OAuth access token."
    )
    token: HeaderSecret = Field(description="API token, or OAuth access token, which can be one that may only read.")
    groups: list[str] = Field(default_factory=list, description="Which to read, by their names; default: all.")
    staff: list[str] | None = Field(
        None, description="Who is staff, instead of agents and administrators: addresses of agents, or numbers of accounts."
    )
    robots: list[str] = Field(default_factory=list, description="Programs that write as agents: addresses, or numbers.")
    exports_per_minute: int = Field(10, ge=1, le=1_000, description="Most pages of the incremental export in any minute.")
    poll_every: Seconds = Field(
        timedelta(seconds=20), description="Pause between two reads; the export tells what is older than a minute."
    )


def connect(settings: Settings, context: Context) -> HelpdeskConnector:
    """The connector of this source. Raises ConfigError when `ca_file` cannot be used."""
    return HelpdeskConnector(Zendesk(settings, context), context, settings.backfill)


class Zendesk(HttpHelpdesk):
    """The `Helpdesk` of one account."""

    place = PLACES[0]
    overlap = _OVERLAP
    lag = _WITHHELD

    def __init__(self, settings: Settings, context: Context) -> None:
        token = settings.token.get_secret_value()
        basic = base64.b64encode(f"{settings.username}/token:{token}".encode()).decode()
        headers = {"Authorization": f"Bearer {token}" if settings.username is None else f"Basic {basic}"}
        super().__init__(context, HttpClient(settings, context.clock, headers=headers, shows="token"))
        self._settings = settings
        self._exports = RequestBudget(settings.exports_per_minute, context.clock)
        self._rules = rules_of(settings, place=QUEUE, states=STATES, rank=rank, promise_fields=(DUE,))
        self._wanted = frozenset(map(folded, settings.groups))
        self._customers: dict[str, tuple[str, ...]] = {}  # number of an account -> its address, and what else it is known by
        self._names = Names({}, {}, People(frozenset(), frozenset(), "", ""), self._customers)
        self._agents: dict[str, str] = {}  # number of an account -> address
        self._is_known = False  # who we are
        self._searches = False
        self._until: datetime | None = None  # what changes later is the next pass's
        self._empty = 0
        self._page: tuple[str, dict[str, datetime]] = "", {}  # the last page's mark of the next one, and its tickets
        self._allowed: str | None = None  # requests a minute, as Zendesk says

    def untold(self) -> Untold:
        return Untold()

    async def prepare(self) -> Rules:
        """Groups, custom fields and agents: once an hour. Who we are: once."""
        if self._is_stale():
            if not self._is_known:
                await self._meet()
            await self._learn()
            self._has_learned()
        return self._rules

    async def changed(self, since: datetime, mark: Any) -> Listing:
        """By the moment at which the export has them, from a mark of its own, in which nothing moves past the mark."""
        if mark is None or self._until is None:
            self._until, self._empty = self.now(), 0
        if not self._searches:
            listed = await self._exported(since, mark)
            if listed is not None:
                return listed
            self._search()
            mark = None
        return await self._found(since, mark)

    async def ticket(self, row: Row) -> Ticket | Absence | None:
        if part(row.data, "status") == "deleted":
            return "deleted"
        if not self._is_wanted(row.data):
            return "out_of_sight"
        audits = await self._audits(row.ref)
        if audits is None:
            return None
        reader = Reader(self._names, self._context.source)
        merged = {ref: await self._audits(ref) or [] for ref in reader.merged_here(row.data, audits)}
        return reader.ticket(row.data, audits, merged)

    async def words(self, ref: str, *, ours: bool = False) -> Words:
        raise AssertionError(f"comment {ref}: all words come with the audits")

    async def absent(self, refs: Sequence[str]) -> Mapping[str, Absence] | None:
        """The export tells what was deleted; the search does not."""
        if not self._searches:
            return None
        listed = await self._http.get(f"{_API}/tickets/show_many", {"ids": ",".join(str(int(ref)) for ref in refs)})
        seen = {number(each, "id"): each for each in items(listed.body, "tickets")}
        gone: dict[str, Absence] = {ref: await self._why_absent(ref) for ref in refs if ref not in seen}
        return gone | {ref: "out_of_sight" for ref, each in seen.items() if not self._is_wanted(each)}

    async def check(self) -> AsyncIterator[Finding]:
        for finding in self._http.findings():
            yield finding
        yield Finding(None, "this connector was written from Zendesk's documentation and has not been tried on the real service")
        if self._searches:
            yield Finding(
                None, "the account is no administrator's: changes are found by search, some five minutes late, and archived or "
                "hidden tickets are missing"
            )  # fmt: skip
        else:
            yield Finding(True, "changes come from the incremental export")
        if self._allowed is not None:
            mine = self._settings.requests_per_minute
            yield Finding(
                mine < int(self._allowed) if self._allowed.isdigit() else None,
                f"Zendesk allows {self._allowed} requests a minute to all programs together; at most {mine} are this source's",
            )
        named = [*self._context.places, *self._settings.groups, *self._settings.escalation.queues]
        for finding in places_seen(self.place, list(self._names.groups.values()), named):
            yield finding
        yield Finding(True, self._names.people.described())
        for each in (*(self._settings.staff or ()), *self._settings.robots):
            if not self._accounts([each]):
                yield Finding(False, f"{each}: no agent has this address; of others write the number of the account")
        yield await self._may_write()

    # what is learned once an hour

    async def _meet(self) -> None:
        """Who this account is, and so how changes are found. Raises AuthError."""
        me = await self._http.get(f"{_API}/users/me")
        if part(me.body, "user", "id") is None:  # a request without a good secret is anybody's
            raise AuthError(f"{self._settings.url}: the server does not accept the token; check it, and username")
        self._allowed = me.headers.get("X-Rate-Limit")
        if part(me.body, "user", "role") != "admin":
            self._search()
        self._is_known = True

    async def _learn(self) -> None:
        groups = {name(each, "id"): name(each, "name") async for each in self._all("/groups", "groups")}
        fields = {name(each, "id"): name(each, "title") async for each in self._all("/ticket_fields", "ticket_fields")}
        staff = self._all("/users", "users", {"role[]": _STAFF})
        self._agents = {name(each, "id"): folded(optional_name(each, "email")) async for each in staff}
        if len(self._customers) > _MOST_CUSTOMERS:
            self._customers.clear()
        custom = {number: title for number, title in fields.items() if title not in OWN}
        self._names = Names(groups, custom, self._people(), self._customers, self._settings.staff is None)

    def _people(self) -> People:
        robots = self._accounts(self._settings.robots)
        named = self._settings.staff
        staff = set(self._agents) if named is None else self._accounts(named)
        told_by = "being agents or administrators" if named is None else "the settings"
        return People(frozenset(staff - robots), frozenset(robots), told_by, ", ".join(self._settings.robots) or "none")

    def _accounts(self, named: Iterable[str]) -> set[str]:
        """Numbers of the accounts that the settings name, by number or, of agents, by address."""
        wanted = {folded(each) for each in named}
        return {each for each in wanted if each.isdigit()} | {ref for ref, address in self._agents.items() if address in wanted}

    def _search(self) -> None:
        self._searches, self.lag, self.overlap = True, _INDEXED, _SEARCH_OVERLAP

    # listings

    async def _exported(self, since: datetime, mark: Any) -> Listing | None:
        """A page of the export; None where the account may not have it."""
        answer, again = await from_mark(self._export, "cursor", mark, {"start_time": str(int(since.timestamp()))})
        if isinstance(answer, Problem) and answer.kind == "forbidden":
            return None
        body = self._http.good(answer, _EXPORT).body
        await self._learn_customers(body)
        newest = {number(each, "id"): each for each in items(body, "tickets")}  # one may come twice
        rows = [Row(ref, _generated(each), each) for ref, each in newest.items()]
        before = self._page[1] if self._page[0] == part(mark, "cursor") else {}
        self._page = optional_name(body, "after_cursor") or "", {row.ref: row.updated for row in rows}
        self._empty = 0 if rows else self._empty + 1
        past = bool(rows) and self._until is not None and rows[-1].updated >= self._until
        rows = [row for row in rows if before.get(row.ref) != row.updated]  # on the next page as well
        if part(body, "end_of_stream") is True or past:
            return Listing(rows)
        if self._empty >= _MAX_EMPTY:
            raise TransientError(f"{_EXPORT}: {self._empty} empty pages in a row, and no end", reason="protocol")
        return Listing(rows, {"cursor": name(body, "after_cursor"), "again": again})

    async def _export(self, asked: Mapping[str, str]) -> Answer | Problem:
        await self._exports.take()
        if "cursor" in asked:
            asked = {"cursor": asked["cursor"]}
        return await self._http.try_get(_EXPORT, {**asked, "per_page": str(_PER_PAGE), "include": "users,metric_events"})

    async def _found(self, since: datetime, mark: Any) -> Listing:
        """A page of the search; it is in the order of creation, so that a change moves nothing. Marks are good for an hour."""
        asked = {"query": f"updated>={since:%Y-%m-%dT%H:%M:%SZ}", "filter[type]": "ticket", "page[size]": str(_PER_PAGE)}
        answer, again = await from_mark(lambda params: self._http.try_get(_SEARCH, params), "page[after]", mark, asked)
        body = self._http.good(answer, _SEARCH).body
        await self._learn_customers(body)
        rows = [Row(number(each, "id"), moment_at(each, "updated_at"), each) for each in items(body, "results")]
        if part(body, "meta", "has_more") is not True:
            return Listing(rows)
        return Listing(rows, {"page[after]": name(body, "meta", "after_cursor"), "again": again})

    async def _learn_customers(self, body: Any) -> None:
        """Addresses of those who ask, as far as they do not come along."""
        self._take_customers(optional_items(body, "users"))
        listed = optional_items(body, "tickets") or optional_items(body, "results")
        unknown = {optional_name(each, "requester_id") or "" for each in listed} - self._customers.keys() - {""}
        for start in range(0, len(unknown), _PER_PAGE):
            some = sorted(unknown)[start : start + _PER_PAGE]
            told = await self._http.find(f"{_API}/users/show_many", {"ids": ",".join(some)})
            self._take_customers(items(told.body, "users") if told is not None else ())
            self._customers |= {ref: () for ref in some if ref not in self._customers}

    def _take_customers(self, users: Iterable[Any]) -> None:
        for each in users:
            known_by = (optional_name(each, "email"), optional_name(each, "phone"))
            self._customers[name(each, "id")] = tuple(text for text in known_by if text)

    def _is_wanted(self, data: Any) -> bool:
        group = optional_name(data, "group_id")
        return not self._wanted or folded(self._names.groups.get(group or "", "")) in self._wanted

    # requests

    async def _audits(self, ref: str) -> list[Any] | None:
        """All audits of a ticket; None where it is gone."""
        path = f"/tickets/{ref}/audits"
        first = await self._http.find(_API + path, {"page[size]": str(_PER_PAGE)})
        return None if first is None else [each async for each in self._all(path, "audits", first=first)]

    async def _all(
        self, path: str, key: str, params: Params | None = None, *, first: Answer | None = None
    ) -> AsyncIterator[Any]:  # fmt: skip
        """All of a list that comes in pages with cursors."""
        pages = Pages(path, _MAX_PAGES)
        answer, after = first, ""
        while True:
            pages.turn(after)
            asked = {"page[size]": str(_PER_PAGE), **(params or {}), **({"page[after]": after} if after else {})}
            body = (answer or await self._http.get(_API + path, asked)).body
            for each in items(body, key):
                yield each
            if part(body, "meta", "has_more") is not True:
                return
            answer, after = None, name(body, "meta", "after_cursor")

    async def _why_absent(self, ref: str) -> Absence:
        path = f"{_API}/tickets/{ref}"
        answer = await self._http.try_get(path)
        if isinstance(answer, Problem) and answer.is_absent:
            return "deleted" if answer.kind == "missing" else "out_of_sight"
        status = part(self._http.good(answer, path).body, "ticket", "status")
        return "deleted" if status == "deleted" else "out_of_sight"

    async def _may_write(self) -> Finding:
        if self._settings.username is not None:
            return Finding(None, "an API token may do what its account may; an OAuth access token with scope read cannot write")
        answer = await self._http.try_get(f"{_API}/oauth/tokens/current")
        scopes = None if isinstance(answer, Problem) else part(answer.body, "token", "scopes")
        if not isinstance(scopes, list):
            return Finding(None, "Zendesk does not say what the token may do; give it the scope read alone")
        writing = sorted(str(each) for each in scopes if each != "read" and not str(each).endswith(":read"))
        if writing:
            return Finding(False, f"the token may write: its scopes are {', '.join(map(str, scopes))}; make one with read alone")
        return Finding(True, "the token may only read")


def _generated(data: Any) -> datetime:
    """When the export took the ticket up: later than its last change where Zendesk itself has touched it. Raises DataError."""
    try:
        return datetime.fromtimestamp(whole(data, "generated_timestamp"), UTC)
    except (ValueError, OverflowError, OSError):
        raise DataError("generated_timestamp is no moment") from None
