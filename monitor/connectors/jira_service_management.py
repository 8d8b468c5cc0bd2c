"""Source type `jira_service_management`: requests of Jira Service Management (cloud) over its REST interface, read-only.

Changed issues are found by JQL; those that changed are read with all comments and their whole changelogs, which come in bulk.
Not tried against the real service. Facts of the interface, and where they come from: docs/connectors/jira_service_management.md.
"""

import base64
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import Field

from monitor.connector import Context, Finding, Place, Untold
from monitor.connectors._http.answers import Answer, Problem
from monitor.connectors._http.client import HttpClient, Params
from monitor.connectors._http.fields import items, name, optional_name, part, whole
from monitor.connectors._http.pages import Pages
from monitor.connectors._http.settings import HeaderSecret
from monitor.connectors._jira import Reader
from monitor.connectors._jira_jql import since_clause
from monitor.connectors._jira_values import DUE, Names, Sides, account_of, moment, names_of, several
from monitor.connectors._tickets.checks import places_seen
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.connectors._tickets.facts import QUEUE, Ticket, Words
from monitor.connectors._tickets.helpdesk import Absence, Listing, Row
from monitor.connectors._tickets.over_http import HttpHelpdesk, from_mark
from monitor.connectors._tickets.rules import Rules, folded, rules_of
from monitor.connectors._tickets.settings import HelpdeskSettings
from monitor.errors import AuthError, DataError, TransientError

CHANNEL: Final = "ticket"
PLACES: Final = (Place("project", "Helpdesk: the project that has a request, by its key."),)

_API: Final = "/rest/api/3"
_SEARCH: Final = f"{_API}/search/jql"
_CHANGELOGS: Final = f"{_API}/changelog/bulkfetch"
_ISSUES: Final = f"{_API}/issue/bulkfetch"
_SERVICE: Final = "service_desk"  # the type of projects with customers
_PER_PAGE: Final = 100
_CHANGES: Final = 1_000  # entries of changelogs on a page
_LOOKED_AT: Final = 100  # newest issues, by `check`
_MAX_PAGES: Final = 1_000  # of a list, or of one issue's comments
#: The index that is searched is behind by some seconds; nobody says how many at most.
_INDEXED: Final = timedelta(seconds=60)
_OVERLAP: Final = timedelta(minutes=10)
_MAX_FRUITLESS: Final = 3  # pages in a row
#: Permissions with which the account may change something.
_WRITING: Final = (
    "ADMINISTER", "ADMINISTER_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "DELETE_ISSUES", "TRANSITION_ISSUES", "ASSIGN_ISSUES",
    "ADD_COMMENTS",
)  # fmt: skip


class Settings(HelpdeskSettings):
    """Keys of a source of type `jira_service_management`."""

    type: Literal["jira_service_management"]
    username: str | None = Field(
        None, description="E-mail address of the account whose API token it is; without it `token` is sent as a Bearer token."
    )
    token: HeaderSecret = Field(
        description="API token; one with scopes is good at https://api.atlassian.com/ex/jira/CLOUD-ID only, which is `url` then."
    )
    projects: list[str] = Field(default_factory=list, description="Which to read, by their keys; default: all service projects.")
    staff: list[str] | None = Field(
        None, description="Who is staff, instead of all Atlassian accounts but the customer's: addresses, or numbers of accounts."
    )
    robots: list[str] = Field(
        default_factory=list, description="Programs that write as people: addresses, or numbers of accounts. Apps are known."
    )


def connect(settings: Settings, context: Context) -> HelpdeskConnector:
    """The connector of this source. Raises ConfigError when `ca_file` cannot be used."""
    return HelpdeskConnector(Jira(settings, context), context, settings.backfill)


class Jira(HttpHelpdesk):
    """The `Helpdesk` of one site."""

    place = PLACES[0]
    overlap = _OVERLAP
    lag = _INDEXED
    rough = False  # milliseconds

    def __init__(self, settings: Settings, context: Context) -> None:
        token = settings.token.get_secret_value()
        basic = base64.b64encode(f"{settings.username}:{token}".encode()).decode()
        headers = {"Authorization": f"Bearer {token}" if settings.username is None else f"Basic {basic}"}
        super().__init__(context, HttpClient(settings, context.clock, headers=headers, shows="token"))
        self._settings = settings
        self._names = Names({}, {}, {}, {})
        staff = None if settings.staff is None else frozenset(map(folded, settings.staff))
        self._sides = Sides(None, staff, frozenset(map(folded, settings.robots)))
        self._rules = self._rules_with([])
        self._wanted = frozenset(map(folded, settings.projects))
        self._projects: dict[str, str] = {}  # number -> key: service projects that the account sees
        self._zone: str | None = None  # of the account
        self._takes_numbers = True  # moments as milliseconds, which nobody has documented
        #: Issue -> (when it was changed last, its changelog), of those that are read now.
        self._changelogs: dict[str, tuple[datetime, list[Any]]] = {}
        self._page: tuple[Any, set[tuple[str, datetime]]] = None, set()  # the last page's mark, and its issues
        self._fruitless = 0
        self._has_listed = self._has_requests = False

    def untold(self) -> Untold:
        if self._zone is not None and not self._read():
            return Untold(("the account sees no service project: give it the permission Browse Projects in those to be read",))
        if self._has_listed and not self._has_requests:
            why = "no issue shows a request type: make the account an agent of the service projects, or raise a first request"
            return Untold((why,))
        return Untold()

    async def prepare(self) -> Rules:
        """Who we are, fields, statuses, priorities and projects: once an hour."""
        if self._is_stale():
            me = (await self._http.get(f"{_API}/myself")).body
            if not account_of(me):  # a request without a good secret is anybody's
                raise AuthError(f"{self._settings.url}: the server does not accept the token; check it, and username")
            fields = (await self._http.get(f"{_API}/field")).body
            statuses = (await self._http.get(f"{_API}/status")).body
            priorities = [name(each, "name") async for each in self._all(f"{_API}/priority/search", "values")]
            service = self._all(f"{_API}/project/search", "values", {"typeKey": _SERVICE})
            self._projects = {name(each, "id"): name(each, "key") async for each in service}
            self._names = names_of(_rows(fields), _rows(statuses), self._named())
            self._sides = Sides(self._names.participants, self._sides.staff, self._sides.robots)
            self._rules = self._rules_with(priorities)
            self._zone = optional_name(me, "timeZone") or "UTC"
            self._has_learned()
        return self._rules

    async def changed(self, since: datetime, mark: Any) -> Listing:
        """In the order of creation, which no change moves, by marks of the search's own."""
        if not self._read():
            return Listing([])
        if mark is None:
            self._page, self._fruitless = (None, set()), 0
        body, again = await self._found(since, mark)
        rows = [
            Row(str(whole(each, "id")), moment(part(each, "fields", "updated"), "updated"), each)
            for each in items(body, "issues")
        ]
        self._has_listed = self._has_listed or bool(rows)
        self._has_requests = self._has_requests or any(self._why_not(row.data) is None for row in rows)
        seen = {(row.ref, row.updated) for row in rows}
        if mark != self._page[0]:  # else it is asked for again
            self._fruitless = self._fruitless + 1 if seen <= self._page[1] else 0
        self._page = mark, seen
        token = optional_name(body, "nextPageToken")
        if token is None or part(body, "isLast") is True:
            return Listing(self._later(rows, since))
        if self._fruitless >= _MAX_FRUITLESS:
            raise TransientError(f"{_SEARCH}: {self._fruitless} pages in a row with nothing new, and no end", reason="protocol")
        return Listing(self._later(rows, since), {"nextPageToken": part(body, "nextPageToken"), "again": again})

    async def gather(self, rows: Sequence[Row]) -> None:
        """Changelogs come of many issues at once; where that fails, each is asked for by itself.

        What was gathered before a refusal is not asked for again: else where little is allowed all of it would go there.
        """
        wanted = {row.ref: row.updated for row in rows if self._why_not(row.data) is None}
        held = {ref: each for ref, each in self._changelogs.items() if wanted.get(ref) == each[0]}
        found: dict[str, list[Any]] = {ref: [] for ref in wanted if ref not in held}
        self._changelogs = held
        if not found:
            return
        asked = {"issueIdsOrKeys": list(found), "maxResults": _CHANGES}
        pages, token = Pages(_CHANGELOGS, _MAX_PAGES), None
        while True:
            pages.turn(token)
            answer = await self._http.try_search(_CHANGELOGS, asked if token is None else {**asked, "nextPageToken": token})
            if isinstance(answer, Problem) and answer.kind not in ("auth", "rate_limit"):
                return
            body = self._http.good(answer, _CHANGELOGS).body
            try:
                for each in items(body, "issueChangeLogs"):
                    found.get(name(each, "issueId"), []).extend(items(each, "changeHistories"))
            except DataError:  # of one of them: it shall not hold up the others
                return
            token = _text(body, "nextPageToken")
            if token is None:
                break
        self._changelogs |= {ref: (wanted[ref], told) for ref, told in found.items()}

    async def ticket(self, row: Row) -> Ticket | Absence | None:
        why = self._why_not(row.data)
        if why is not None:
            return why
        path = f"{_API}/issue/{row.ref}"
        held = self._changelogs.get(row.ref)
        changelog = await self._pages_of(f"{path}/changelog", "values") if held is None else held[1]
        comments: list[Any] | None = items(row.data, "fields", "comment", "comments")
        if comments is not None and len(comments) < whole(row.data, "fields", "comment", "total"):
            comments = await self._pages_of(f"{path}/comment", "comments")
        if changelog is None or comments is None:
            return None
        return Reader(self._names, self._sides, row.data, comments, changelog).ticket()

    async def words(self, ref: str, *, ours: bool = False) -> Words:
        raise AssertionError(f"comment {ref}: all words come along")

    async def absent(self, refs: Sequence[str]) -> Mapping[str, Absence] | None:
        """Jira does not say whether an issue was deleted or is not for us."""
        asked = {"issueIdsOrKeys": list(refs), "fields": ["project", *filter(None, [self._names.request_type])]}
        answer = await self._http.try_search(_ISSUES, asked)
        if isinstance(answer, Problem) and answer.kind not in ("auth", "rate_limit"):
            return None
        body = self._http.good(answer, _ISSUES).body
        seen = {name(each, "id"): each for each in items(body, "issues")}
        failed = {optional_name(each, "id") for each in several(body, "issueErrors")}
        return {
            ref: "out_of_sight" for ref in refs
            if ref not in failed and (ref not in seen or self._why_not(seen[ref]) is not None)
        }  # fmt: skip

    async def check(self) -> AsyncIterator[Finding]:
        for finding in self._http.findings():
            yield finding
        yield Finding(
            None,
            "this connector was written from Jira's documentation and description, and has not been tried on the real service",
        )
        named = [*self._context.places, *self._settings.projects, *self._settings.escalation.queues]
        for finding in places_seen(self.place, list(self._projects.values()), named):
            yield finding
        told_by = "having Atlassian accounts and not being the customers" if self._sides.staff is None else "the settings"
        robots = ", ".join(["apps", *self._settings.robots])
        yield Finding(True, f"staff are those who are so by {told_by}; robots: {robots}")
        known = set(map(folded, self._names.fields.values()))
        for each in sorted(self._named()):
            if folded(each) not in known:
                yield Finding(False, f"field {each}: Jira has no custom field of this name")
        async for finding in self._newest():
            yield finding
        yield await self._may_write()

    async def _newest(self) -> AsyncIterator[Finding]:
        """What the last issues show."""
        if not self._read():
            return
        body, _ = await self._found(self.now() - self._settings.backfill, None, order="updated DESC")
        issues = items(body, "issues")
        if not issues:
            yield Finding(None, "no request is seen")
            return
        requests = [each for each in issues if self._why_not(each) is None]
        kinds = Counter(optional_name(each, "fields", "reporter", "accountType") or "?" for each in requests)
        shown = ", ".join(f"{count} by {kind}" for kind, count in sorted(kinds.items()))
        yield Finding(True, f"of the last {len(issues)} issues {len(requests)} are requests ({shown or 'none'})")
        hidden = [each for each in requests if optional_name(each, "fields", "reporter", "emailAddress") is None]
        if hidden:
            yield Finding(
                None, f"the addresses of {len(hidden)} of their reporters are hidden: they are known by their accounts alone, "
                "and not as the same people in a mailbox",
            )  # fmt: skip
        if not self._names.levels:
            yield Finding(None, "no service level has the name Time to first response or Time to resolution: none is compared")

    async def _may_write(self) -> Finding:
        path = f"{_API}/mypermissions"
        answer = await self._http.try_get(path, {"permissions": ",".join(_WRITING)})
        if isinstance(answer, Problem):
            return Finding(None, "Jira does not say what the account may do; give its token the scopes read:jira-work and "
                           "read:jira-user alone")  # fmt: skip
        held = [each for each in _WRITING if part(answer.body, "permissions", each, "havePermission") is True]
        if "ADMINISTER" in held:
            return Finding(False, "the account is an administrator's, who may change everything: take another one")
        if held:
            return Finding(
                None, f"the account may write in some project ({', '.join(held)}); a token with read scopes alone cannot"
            )
        return Finding(True, "the account may only read")

    def _named(self) -> set[str]:
        """Custom fields that the settings name."""
        settings = self._settings
        named = {*(settings.promise_fields or ()), *settings.policies, *(each.field or "" for each in settings.complaints)}
        return named - {"", "priority", "tags", "type", "status", DUE}

    def _rules_with(self, priorities: Sequence[str]) -> Rules:
        """`priorities`: the most urgent one first."""
        ranks = {folded(each): -float(place) for place, each in enumerate(priorities)}
        return rules_of(
            self._settings,
            place=QUEUE,
            states=self._names.states,
            rank=lambda each: ranks.get(folded(each)),
            promise_fields=(DUE,),
        )

    def _read(self) -> list[str]:
        """Numbers of the projects that are read, as far as they are known."""
        return [number for number, key in self._projects.items() if not self._wanted or folded(key) in self._wanted]

    def _why_not(self, data: Any) -> Absence | None:
        """Why an issue is none of ours: in another project, or no customer's request."""
        project = part(data, "fields", "project")
        is_read = folded(part(project, "key")) in self._wanted if self._wanted else part(project, "projectTypeKey") == _SERVICE
        if not is_read:
            return "out_of_sight"
        kind = self._names.request_type
        return "out_of_sight" if kind is not None and part(data, "fields", kind) is None else None

    # requests

    async def _found(self, since: datetime, mark: Any, *, order: str = "created ASC") -> tuple[Any, int]:
        """(a page of the issues that changed, how often the mark was begun anew)."""

        async def ask(asked: Mapping[str, Any]) -> Answer | Problem:
            return await self._http.try_search(_SEARCH, asked)

        where = f"project in ({', '.join(self._read())})" if self._wanted else f"projectType = {_SERVICE}"
        for as_number in (True, False) if self._takes_numbers else (False,):
            jql = f"{where} AND {since_clause(since, self._zone or 'UTC', as_number=as_number)} ORDER BY {order}"
            asked = {"jql": jql, "fields": self._names.asked_for(), "maxResults": _PER_PAGE}
            answer, again = await from_mark(ask, "nextPageToken", mark, asked)
            if not (isinstance(answer, Problem) and answer.kind == "refused"):
                self._takes_numbers = as_number
                break
        else:
            self._forget()  # a project may be gone
        return self._http.good(answer, _SEARCH).body, again

    def _later(self, rows: Sequence[Row], since: datetime) -> list[Row]:
        """Without what a clause in whole minutes brings along; what is older than that is left for whoever asked to see."""
        if self._takes_numbers:
            return list(rows)
        return [row for row in rows if row.updated >= since or row.updated < since - timedelta(hours=3)]

    async def _pages_of(self, path: str, key: str) -> list[Any] | None:
        """All of a list of one issue; None where that is gone."""
        first = await self._http.find(path, {"startAt": "0", "maxResults": str(_PER_PAGE)})
        return None if first is None else [each async for each in self._all(path, key, first=first)]

    async def _all(self, path: str, key: str, params: Params | None = None, *, first: Answer | None = None) -> AsyncIterator[Any]:
        """All of a list that comes in pages by numbers."""
        pages, start = Pages(path, _MAX_PAGES), 0
        while True:
            pages.turn(start)
            asked = {**(params or {}), "startAt": str(start), "maxResults": str(_PER_PAGE)}
            body = (first or await self._http.get(path, asked)).body
            first, rows = None, items(body, key)
            for each in rows:
                yield each
            start += len(rows)
            if not rows or part(body, "isLast") is True or start >= whole(body, "total"):
                return


def _rows(body: Any) -> list[Any]:
    """The rows of a list, which stand at the top. Raises DataError."""
    return items({"rows": body}, "rows")


def _text(body: Any, key: str) -> str | None:
    found = part(body, key)
    return found if isinstance(found, str) and found else None
