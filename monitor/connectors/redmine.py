"""Source type `redmine`: Redmine 5 over its REST interface, read-only.

Issues are listed by `updated_on` and number, and each one that changed is read with all its journals. Facts of the interface:
docs/connectors/redmine.md.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import Field, SecretStr

from monitor.connector import Context, Finding, Place, Untold
from monitor.connectors._http.answers import Answer, Problem
from monitor.connectors._http.client import HttpClient
from monitor.connectors._http.fields import items, name, number, optional_items, optional_name, part, whole
from monitor.connectors._http.pages import Pages
from monitor.connectors._redmine import DUE_DATE, Members, Names, Reader, moment, projects_of, proven_staff, states_of
from monitor.connectors._tickets.checks import places_seen
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.connectors._tickets.facts import PRIORITY, QUEUE, STATUS, Ticket, Words
from monitor.connectors._tickets.helpdesk import Absence, Listing, Row
from monitor.connectors._tickets.over_http import HttpHelpdesk
from monitor.connectors._tickets.people import People
from monitor.connectors._tickets.rules import Rules, folded, rules_of
from monitor.connectors._tickets.settings import HelpdeskSettings
from monitor.errors import AuthError, ConfigError

CHANNEL: Final = "ticket"
PLACES: Final = (Place("project", "Helpdesk: the project of an issue, by its identifier."),)

_PER_PAGE: Final = 100  # Redmine gives no more, whatever is asked for
_MAX_PAGES: Final = 200  # of projects, or of members
_MAX_CHECKED: Final = 50  # projects that `check` looks at, to say who is staff
#: The right that makes a member one of us: customers who are members write notes at most.
_MAY_EDIT: Final = "edit_issues"
#: Rights of a role that change nothing for others begin with one of these.
_READING: Final = ("view_", "search_", "browse_", "export_", "save_queries")
#: Redmine itself says no time: its clock is known only where a web server in front of it adds one.
_OVERLAP: Final = timedelta(minutes=15)


class Settings(HelpdeskSettings):
    """Keys of a source of type `redmine`."""

    type: Literal["redmine"]
    key: SecretStr = Field(description="API access key of an account that may only read.")
    projects: list[str] = Field(
        default_factory=list, description="Identifiers of the projects to read, without those below them; default: all."
    )
    trackers: list[str] = Field(default_factory=list, description="Which trackers hold what customers ask; default: all.")


def connect(settings: Settings, context: Context) -> HelpdeskConnector:
    """The connector of this source. Raises ConfigError when `ca_file` cannot be used."""
    return HelpdeskConnector(Redmine(settings, context), context, settings.backfill)


class Redmine(HttpHelpdesk):
    """The `Helpdesk` of one Redmine."""

    place = PLACES[0]
    overlap = _OVERLAP

    def __init__(self, settings: Settings, context: Context) -> None:
        headers = {"X-Redmine-API-Key": settings.key.get_secret_value()}
        super().__init__(context, HttpClient(settings, context.clock, headers=headers, shows="key"))
        self._settings = settings
        # Whoever reads an issue has its project written among the account's recent ones: on SQLite, two at once wait for each
        # other until one of them fails (measured on 5.0.4: status 500 after 20 s, once in ten passes).
        self._alone = asyncio.Lock()
        self._rules = self._rules_of((), ())
        self._names = Names({})
        self._filters: dict[str, list[str]] = {}  # what is read: field of a search -> numbers
        self._members: dict[str, Members | None] = {}  # by the number of the project; None: not for us
        self._roles: dict[str, Any] = {}  # by number
        self._logins: dict[str, str] = {}  # number of a member -> login, in small letters
        self._narrow: list[str] = []  # roles of this account that hide issues
        self._missing: list[str] = []  # projects of the settings that are not seen

    def untold(self) -> Untold:
        hidden = [f"role {role} of this account hides issues: set its issues visibility to all issues" for role in self._narrow]
        missing = [f"project {each}: this account does not see it, so its issues are not read" for each in self._missing]
        return Untold((*hidden, *missing))

    async def prepare(self) -> Rules:
        """That the key is accepted, each time: a Redmine that is open to all answers without one. All else once an hour."""
        stale = self._is_stale()
        account = await self._http.get("/users/current.json", {"include": "memberships"} if stale else None)
        if stale:
            self._members, self._roles, self._logins = {}, {}, {}
            await self._learn(part(account.body, "user"))
            self._has_learned()
        return self._rules

    async def changed(self, since: datetime, mark: Any) -> Listing:
        changed, further = f"{since:%Y-%m-%dT%H:%M:%SZ}", str(int(mark or 0) + 1)
        body = await self._issues(updated_on=(">=", changed), issue_id=(">=", further))
        rows = [Row(number(each, "id"), moment(each, "updated_on")) for each in items(body, "issues")]
        total = whole(body, "total_count")
        return Listing(rows, int(rows[-1].ref) if total > len(rows) > 0 else None, total)

    async def ticket(self, row: Row) -> Ticket | None:
        async with self._alone:
            return await self._ticket(row)

    async def _ticket(self, row: Row) -> Ticket | None:
        answer = await self._http.find(f"/issues/{row.ref}.json", {"include": "journals,relations"})
        if answer is None:
            return None
        data = part(answer.body, "issue")
        projects = projects_of(data)
        members = [await self._members_of(each) for each in projects]
        if members[0] is None and self._settings.staff is None:
            raise AuthError(
                f"project {self._names.of(QUEUE, projects[0])}: this account may not see its members, so nobody can tell who is "
                "staff; give its role the right to view members, or name them in staff"
            )
        seen = [each for each in members if each is not None]
        people = await self._people(seen, proven_staff(data))
        groups = frozenset(group for each in seen for group in each.groups)
        return Reader(self._names, people, groups, self._context.source).ticket(data)

    async def words(self, ref: str, *, ours: bool = False) -> Words:
        raise AssertionError(f"journal {ref}: all words come with the issue")

    async def absent(self, refs: Sequence[str]) -> Mapping[str, Absence]:
        listed = await self._issues(issue_id=("=", ",".join(str(int(ref)) for ref in refs)))
        seen = {number(each, "id") for each in items(listed, "issues")}
        return {ref: await self._why_absent(ref) for ref in refs if ref not in seen}

    async def check(self) -> AsyncIterator[Finding]:
        for finding in self._http.findings():
            yield finding
        named = [*self._context.places, *self._settings.projects, *self._settings.escalation.queues]
        for finding in places_seen(self.place, list(self._names.known[QUEUE].values()), named):
            yield finding
        read = self._filters["project_id"] or list(self._names.known[QUEUE])
        members = {each: await self._members_of(each) for each in read[:_MAX_CHECKED]}
        hidden = [self._names.of(QUEUE, project) for project, each in members.items() if each is None]
        if hidden and self._settings.staff is None:
            yield Finding(False, f"members are not seen in {', '.join(hidden)}: give the role the right to view members")
        seen = [each for each in members.values() if each is not None]
        some = f" (in {_MAX_CHECKED} of {len(read)} projects)" if len(read) > _MAX_CHECKED else ""
        yield Finding(True, (await self._people(seen, set())).described() + some)
        for each in (*(self._settings.staff or ()), *self._settings.robots):
            if not await self._accounts([each], seen):
                yield Finding(False, f"{each}: no member has this login; for others write the number of the account")
        for finding in await self._rights():
            yield finding

    # what is learned once an hour

    async def _learn(self, account: Any) -> None:
        statuses = await self._list("/issue_statuses.json", "issue_statuses")
        priorities = await self._list("/enumerations/issue_priorities.json", "issue_priorities")
        trackers = await self._list("/trackers.json", "trackers")
        projects = [each async for each in self._all("/projects.json", "projects", status="1|5")]  # active, closed
        self._names.known |= {
            STATUS: _named(statuses), PRIORITY: _named(priorities), "tracker": _named(trackers),
            QUEUE: {number(each, "id"): name(each, "identifier") for each in projects},
        }  # fmt: skip
        self._names.closed = frozenset(number(each, "id") for each in statuses if part(each, "is_closed") is True)
        self._rules = self._rules_of(statuses, priorities)
        self._choose(projects)
        roles = await self._own_roles(account)
        self._narrow = sorted(name(role, "name") for role in roles if part(role, "issues_visibility") != "all")

    def _rules_of(self, statuses: Sequence[Any], priorities: Sequence[Any]) -> Rules:
        """Priorities come in their order, the least urgent first."""
        order = {folded(name(each, "name")): float(index) for index, each in enumerate(priorities)}
        return rules_of(
            self._settings, place=QUEUE, states=states_of(statuses), rank=lambda priority: order.get(folded(priority)),
            promise_fields=(DUE_DATE,),
        )  # fmt: skip

    def _choose(self, projects: Sequence[Any]) -> None:
        """What is read, as numbers. Raises ConfigError where nothing of it is there: no filter would mean everything."""
        numbers = {folded(name(each, key)): number(each, "id") for key in ("name", "identifier") for each in projects}
        self._missing = [each for each in self._settings.projects if folded(each) not in numbers]
        self._filters = {"project_id": [numbers[folded(each)] for each in self._settings.projects if folded(each) in numbers]}
        if self._settings.projects and not self._filters["project_id"]:
            raise ConfigError(f"projects: this account sees none of {', '.join(self._settings.projects)}")
        trackers = {folded(called): tracker for tracker, called in self._names.known["tracker"].items()}
        unknown = [each for each in self._settings.trackers if folded(each) not in trackers]
        if unknown:
            raise ConfigError(f"trackers: nothing is called {', '.join(unknown)}; there are {', '.join(sorted(trackers))}")
        self._filters["tracker_id"] = [trackers[folded(each)] for each in self._settings.trackers]

    # who is who

    async def _people(self, members: Sequence[Members], proven: set[str]) -> People:
        """By number of account."""
        robots = await self._accounts(self._settings.robots, members)
        if self._settings.staff is not None:
            staff = await self._accounts(self._settings.staff, members)
        else:
            staff = {person for each in members for person in each.staff} | proven
        told_by = "the settings" if self._settings.staff is not None else "being members who may edit issues"
        return People(frozenset(staff - robots), frozenset(robots), told_by, ", ".join(self._settings.robots) or "none")

    async def _accounts(self, named: Sequence[str], members: Sequence[Members]) -> set[str]:
        """Numbers of the accounts that the settings name, by number or, of members, by login.

        Not by the name that is shown: everybody calls himself as he likes.
        """
        found = {each.strip() for each in named if each.strip().isdigit()}
        logins = {folded(each) for each in named} - found
        if logins:
            found |= {person for each in members for person in each.people if await self._login(person) in logins}
        return found

    async def _login(self, person: str) -> str:
        """The login of a member, in small letters; empty where it is not told."""
        if person not in self._logins:
            answer = await self._http.find(f"/users/{person}.json")
            self._logins[person] = folded(None if answer is None else optional_name(answer.body, "user", "login"))
        return self._logins[person]

    async def _members_of(self, project: str) -> Members | None:
        """None where this account may not see them."""
        if project not in self._members:
            path = f"/projects/{project}/memberships.json"
            first = await self._http.find(path, {"limit": str(_PER_PAGE)})
            if first is None:
                self._members[project] = None
            else:
                told = [each async for each in self._all(path, "memberships", first=first)]
                self._members[project] = await self._members_told(told)
        return self._members[project]

    async def _members_told(self, memberships: Sequence[Any]) -> Members:
        people, staff, groups = set(), set(), set()
        for each in memberships:
            if part(each, "group") is not None:
                groups.add(number(each, "group", "id"))
                continue
            person = number(each, "user", "id")
            people.add(person)
            roles = [await self._role(number(role, "id")) for role in items(each, "roles")]
            if any(_MAY_EDIT in items(role, "permissions") for role in roles):
                staff.add(person)
        return Members(frozenset(people), frozenset(staff), frozenset(groups))

    async def _role(self, role: str) -> Any:
        if role not in self._roles:
            self._roles[role] = part((await self._http.get(f"/roles/{role}.json")).body, "role")
        return self._roles[role]

    async def _own_roles(self, account: Any) -> list[Any]:
        mine = {number(role, "id") for each in optional_items(account, "memberships") for role in items(each, "roles")}
        return [await self._role(each) for each in sorted(mine)]

    async def _rights(self) -> list[Finding]:
        account = part((await self._http.get("/users/current.json", {"include": "memberships"})).body, "user")
        if part(account, "admin") is True:
            return [Finding(False, "the account is an administrator, who may change everything: take another one")]
        found = []
        for role in await self._own_roles(account):
            writing = sorted(each for each in map(str, items(role, "permissions")) if not each.startswith(_READING))
            if writing:
                called = name(role, "name")
                found.append(Finding(False, f"role {called} of the account may write: take {', '.join(writing)} from it"))
        return found or [Finding(True, "the roles of the account may not change anything")]

    # requests

    async def _issues(self, **filters: tuple[str, str]) -> Any:
        """Issues by number, closed ones too. Everything is a filter of the one kind: another kind switches this one off."""
        chosen = {field: ("=", numbers) for field, numbers in self._filters.items() if numbers}
        asked = {**chosen, **{field: (operator, [text]) for field, (operator, text) in filters.items()}}
        params: dict[str, str | Sequence[str]] = {
            "sort": "id", "limit": str(_PER_PAGE), "f[]": ["status_id", *asked], "op[status_id]": "*",
        }  # fmt: skip
        for field, (operator, values) in asked.items():
            params |= {f"op[{field}]": operator, f"v[{field}][]": values}
        return (await self._http.get("/issues.json", params)).body

    async def _list(self, path: str, key: str) -> list[Any]:
        return items((await self._http.get(path)).body, key)

    async def _all(self, path: str, key: str, *, first: Answer | None = None, **params: str) -> AsyncIterator[Any]:
        """All of a list that comes in pages."""
        pages = Pages(path, _MAX_PAGES)
        offset, total, answer = 0, 1, first
        while offset < total:
            pages.turn(offset)
            params |= {"limit": str(_PER_PAGE), "offset": str(offset)}
            body = (answer or await self._http.get(path, params)).body
            found = items(body, key)
            for each in found:
                yield each
            offset, total, answer = offset + len(found), whole(body, "total_count") if found else 0, None

    async def _why_absent(self, ref: str) -> Absence:
        path = f"/issues/{ref}.json"
        answer = await self._http.try_get(path)
        if isinstance(answer, Problem) and answer.is_absent:
            return "deleted" if answer.kind == "missing" else "out_of_sight"
        self._http.good(answer, path)
        return "out_of_sight"  # it is in a project or a tracker that is not read


def _named(rows: Sequence[Any]) -> dict[str, str]:
    return {number(each, "id"): name(each, "name") for each in rows}
