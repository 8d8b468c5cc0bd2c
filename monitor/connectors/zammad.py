"""Source type `zammad`: Zammad over its REST interface, read-only.

Tickets are listed by the time of their last change, from the database and not from the search index; each one that changed is
read with all articles and its history. Not tried against a real Zammad. Facts of the interface, and where they come from:
docs/connectors/zammad.md.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import Field

from monitor.connector import Context, Finding, Place, Untold
from monitor.connectors._http.answers import Problem
from monitor.connectors._http.client import HttpClient, Params
from monitor.connectors._http.fields import items, name, number, optional_items, optional_name, part
from monitor.connectors._http.settings import HeaderSecret
from monitor.connectors._tickets.checks import places_seen
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.connectors._tickets.facts import QUEUE, Ticket, Words
from monitor.connectors._tickets.helpdesk import Absence, Listing, Row
from monitor.connectors._tickets.over_http import HttpHelpdesk
from monitor.connectors._tickets.rules import Rules, folded, rules_of
from monitor.connectors._tickets.settings import HelpdeskSettings
from monitor.connectors._tickets.written import moment_at
from monitor.connectors._zammad import Reader, Sides, list_of, merged_into, rank, row_value, states_of, users_of
from monitor.errors import AuthError

CHANNEL: Final = "ticket"
PLACES: Final = (Place("group", "Helpdesk: the group that has a ticket."),)

_API: Final = "/api/v1"
_SEARCH: Final = f"{_API}/tickets/search"
_PER_PAGE: Final = 100
_LOOKED_AT: Final = 100  # newest tickets, by `check`
#: Several servers of one installation may differ by some seconds, and a change is seen when its transaction is through.
_LAG: Final = timedelta(seconds=5)
_OVERLAP: Final = timedelta(minutes=5)
_STEP: Final = timedelta(milliseconds=1)
#: Kinds of access to a group that change nothing.
_READING: Final = frozenset(("read", "overview"))


class Settings(HelpdeskSettings):
    """Keys of a source of type `zammad`."""

    type: Literal["zammad"]
    token: HeaderSecret = Field(
        description="Access token of an agent with read access to groups, with the permission ticket.agent alone."
    )
    groups: list[str] = Field(default_factory=list, description="Which to read, by their full names; default: all that it sees.")
    staff: list[str] | None = Field(
        None, description="Addresses of colleagues whose mails are answers though Zammad takes them for customers'."
    )
    robots: list[str] = Field(default_factory=list, description="Programs that write as agents: logins, addresses or numbers.")


def connect(settings: Settings, context: Context) -> HelpdeskConnector:
    """The connector of this source. Raises ConfigError when `ca_file` cannot be used."""
    return HelpdeskConnector(Zammad(settings, context), context, settings.backfill)


class Zammad(HttpHelpdesk):
    """The `Helpdesk` of one Zammad."""

    place = PLACES[0]
    overlap = _OVERLAP
    lag = _LAG
    rough = False  # milliseconds

    def __init__(self, settings: Settings, context: Context) -> None:
        headers = {"Authorization": f"Token token={settings.token.get_secret_value()}"}
        super().__init__(context, HttpClient(settings, context.clock, headers=headers, shows="token"))
        self._settings = settings
        self._sides = Sides(frozenset(map(folded, settings.staff or ())), frozenset(map(folded, settings.robots)))
        self._rules = self._rules_with(())
        self._wanted = frozenset(map(folded, settings.groups))
        self._me: Any = None
        self._numbers: dict[str, str] = {}  # id of a ticket -> its number: of those in which others go on
        self._page: tuple[Any, set[tuple[str, datetime]]] = None, set()  # the last page's mark of the next one, and its tickets

    def untold(self) -> Untold:
        if self._me is not None and not self._groups():
            return Untold(("the account sees no group: give it read access to those that are to be read",))
        return Untold()

    async def prepare(self) -> Rules:
        """Who we are and the states: once an hour."""
        if self._is_stale():
            me = (await self._http.get(f"{_API}/users/me", {"expand": "true"})).body
            if part(me, "id") is None:
                raise AuthError(f"{self._settings.url}: the server does not say whose token it is; check it")
            self._me = me
            self._rules = self._rules_with(list_of((await self._http.get(f"{_API}/ticket_states", {"expand": "true"})).body))
            self._has_learned()
        return self._rules

    async def changed(self, since: datetime, mark: Any) -> Listing:
        """By the moment of creation, which never changes, from the one that the last page ended with."""
        asked = {**_after("updated_at", since), **(_after("created_at", _marked(mark)) if mark is not None else {})}
        rows = await self._tickets(asked)
        found = [Row(number(each, "id"), moment_at(each, "updated_at"), each) for each in rows]
        before = self._page[1] if mark is not None and self._page[0] == mark else set()
        further = None
        if len(rows) >= _PER_PAGE:
            newest = max(moment_at(each, "created_at") for each in rows)
            further = (newest - _STEP).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._page = further, {(row.ref, row.updated) for row in found}
        return Listing([row for row in found if (row.ref, row.updated) not in before], further)

    async def ticket(self, row: Row) -> Ticket | Absence | None:
        if self._wanted and folded(row_value(row.data, QUEUE)) not in self._wanted:
            return "out_of_sight"
        articles = await self._http.find(f"{_API}/ticket_articles/by_ticket/{row.ref}", {"expand": "true"})
        told = None if articles is None else await self._http.find(f"{_API}/ticket_history/{row.ref}")
        if articles is None or told is None:
            return None
        history = items(told.body, "history")
        target = await self._number(merged_into(history))
        users = users_of(part(told.body, "assets"))
        return Reader(self._sides, row.data, list_of(articles.body), history, users, target).ticket()

    async def words(self, ref: str, *, ours: bool = False) -> Words:
        raise AssertionError(f"article {ref}: all words come along")

    async def absent(self, refs: Sequence[str]) -> Mapping[str, Absence] | None:
        """Those that a search does not give are asked for one by one."""
        asked = {"condition[ticket.id][operator]": "is", "condition[ticket.id][value][]": [str(int(ref)) for ref in refs]}
        answer = await self._http.try_get(_SEARCH, {**self._paged(), **asked})
        if isinstance(answer, Problem) and answer.kind not in ("auth", "rate_limit"):
            return None  # a version that does not understand it
        listed = {number(each, "id"): each for each in list_of(self._http.good(answer, _SEARCH).body)}
        if not set(listed) <= set(refs):
            return None  # nor this one
        gone = {ref: why for ref in refs if ref not in listed and (why := await self._why_absent(ref)) is not None}
        other = (ref for ref, each in listed.items() if self._wanted and folded(row_value(each, QUEUE)) not in self._wanted)
        return gone | dict.fromkeys(other, "out_of_sight")

    async def check(self) -> AsyncIterator[Finding]:
        for finding in self._http.findings():
            yield finding
        yield Finding(None, "this connector was written from Zammad's source code and has not been tried on a real Zammad")
        named = [*self._context.places, *self._settings.groups, *self._settings.escalation.queues]
        for finding in places_seen(self.place, list(self._groups()), named):
            yield finding
        newest = await self._tickets({}, sort_by="updated_at", order_by="desc")
        if not newest:
            yield Finding(None, "no ticket is seen")
        senders = Counter(optional_name(each, "create_article_sender") or "?" for each in newest)
        shown = ", ".join(f"{count} by {sender}" for sender, count in sorted(senders.items()))
        robots = ", ".join(self._settings.robots) or "none"
        yield Finding(True, f"who wrote is told by each article ({shown or 'none'} opened the last ones); robots: {robots}")
        yield self._may_write()

    def _may_write(self) -> Finding:
        writing = sorted(group for group, access in self._groups().items() if not access <= _READING)
        roles = {folded(each) for each in optional_items(self._me, "roles") if isinstance(each, str)}
        if "admin" in roles:
            return Finding(False, "the account is an administrator, who may change everything: take another one")
        if writing:
            return Finding(False, f"the account may change tickets of {', '.join(writing)}: leave it the access `read` alone")
        return Finding(True, "the account may only read")

    def _groups(self) -> dict[str, frozenset[str]]:
        """Groups that this account has access to, by name, and which access."""
        found = part(self._me, "groups")
        if not isinstance(found, dict):
            return {}
        return {str(group): frozenset(map(str, access if isinstance(access, list) else ())) for group, access in found.items()}

    def _rules_with(self, states: Sequence[Any]) -> Rules:
        return rules_of(self._settings, place=QUEUE, states=states_of(states), rank=rank, promise_fields=())

    # requests

    def _paged(self) -> dict[str, str]:
        return {"expand": "true", "per_page": str(_PER_PAGE), "page": "1"}

    async def _tickets(self, asked: Params, *, sort_by: str = "created_at", order_by: str = "asc") -> list[Any]:
        """Without a `query` the database is asked, not the index."""
        asked = asked or _after("updated_at", self.now() - self._settings.backfill)
        answer = await self._http.get(_SEARCH, {**self._paged(), "sort_by": sort_by, "order_by": order_by, **asked})
        return list_of(answer.body)

    async def _number(self, ref: str | None) -> str | None:
        """The number by which people know a ticket."""
        if ref is not None and ref not in self._numbers:
            found = await self._http.find(f"{_API}/tickets/{int(ref)}")
            self._numbers[ref] = f"#{ref}" if found is None else name(found.body, "number")
        return None if ref is None else self._numbers[ref]

    async def _why_absent(self, ref: str) -> Absence | None:
        path = f"{_API}/tickets/{int(ref)}"
        answer = await self._http.try_get(path)
        if isinstance(answer, Problem) and answer.is_absent:
            return "deleted" if answer.kind == "missing" else "out_of_sight"
        self._http.good(answer, path)
        return None  # it is there after all


def _after(field: str, at: datetime) -> dict[str, str]:
    text = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {f"condition[ticket.{field}][operator]": "after (absolute)", f"condition[ticket.{field}][value]": text}


def _marked(mark: Any) -> datetime:
    """The moment of the last page's last ticket, as it is kept in the cursor. Raises DataError."""
    return moment_at({"mark": mark}, "mark")
