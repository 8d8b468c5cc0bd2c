"""Redmine's REST interface on loopback, with knobs: shapes as in `tests/recordings/redmine`, misfortunes by hand."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from monitor.clock import Clock

KEY = "5ecre7" * 6
PROJECTS = {"1": "support", "2": "projects", "3": "managers"}
STATUSES = {"1": "New", "2": "In Progress", "3": "Resolved", "4": "Feedback", "5": "Closed", "6": "Rejected"}
CLOSED = ("5", "6")
PRIORITIES = {"1": "Low", "2": "Normal", "3": "High"}
TRACKERS = {"1": "Bug", "3": "Support"}
#: Number -> (login, name as it is shown, role in every project; None: no member).
PEOPLE = {
    "5": ("alice", "Alice Desk", "3"), "6": ("bob", "Bob Desk", "3"), "8": ("chatbot", "Chat Bot", "3"),
    "9": ("monitor", "Monitor Desk", "7"), "20": ("carla", "Carla Customer", "5"), "21": ("anna", "Anna Archer", None),
    "22": ("bert", "Bert Brown", None), "4": ("", "Anonymous", None), "1": ("admin", "Redmine Admin", None),
}  # fmt: skip
ALICE, BOB, BOT, MEMBER, ANNA, BERT, ANONYMOUS, ADMIN, GROUP = "5", "6", "8", "20", "21", "22", "4", "1", "50"
ROLES: dict[str, dict[str, Any]] = {
    "3": {"id": 3, "name": "Agent", "issues_visibility": "all", "permissions": ["view_issues", "edit_issues", "add_issue_notes"]},
    "5": {"id": 5, "name": "Reporter", "issues_visibility": "default", "permissions": ["view_issues", "add_issue_notes"]},
    "7": {"id": 7, "name": "Watcher", "issues_visibility": "all", "permissions": ["view_issues", "view_members"]},
}


@dataclass
class ScriptedRedmine:
    """Issues with their journals, answered as Redmine 5.0.4 does."""

    clock: Clock
    per_page: int = 100
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)  # issues that the account may not see
    hidden_members: set[str] = field(default_factory=set)  # projects whose members it may not see
    left: set[str] = field(default_factory=set)  # accounts whose memberships have ended
    roles: dict[str, dict[str, Any]] = field(default_factory=lambda: {number: dict(role) for number, role in ROLES.items()})
    admin: bool = False
    instead: list[tuple[str, int, dict[str, str], bytes]] = field(default_factory=list)  # pattern of a path, what answers it
    meanwhile: list[Callable[[], object]] = field(default_factory=list)  # happens after the next pages of the list
    asked: list[str] = field(default_factory=list)
    wrote: list[str] = field(default_factory=list)  # requests that are no GET
    together: int = 0  # requests that are being answered
    most_together: int = 0
    _last: int = 0

    # what happens there

    def open(self, number: int, by: str = ANNA, at: datetime | None = None, **more: Any) -> None:
        """A new issue."""
        moment = _iso(at or self.clock.now())
        self.issues[number] = {
            "id": number, "project": _named("1", PROJECTS), "tracker": _named("3", TRACKERS), "priority": _named("2", PRIORITIES),
            "status": {**_named("1", STATUSES), "is_closed": False}, "author": _person(by), "subject": "Lost umbrella",
            "description": "Where is it?", "is_private": False, "start_date": None, "due_date": None, "created_on": moment,
            "updated_on": moment, "closed_on": None, "custom_fields": [{"id": 1, "name": "Promised by", "value": None}],
            "journals": [], "relations": [], **more,
        }  # fmt: skip

    def journal(self, number: int, by: str, *details: dict[str, Any], notes: str = "", private: bool = False) -> None:
        """Something is written or changed."""
        self._last += 1
        moment = _iso(self.clock.now())
        self.issues[number]["journals"].append({
            "id": self._last, "user": _person(by), "notes": notes, "created_on": moment, "private_notes": private,
            "details": list(details),
        })  # fmt: skip
        self.issues[number]["updated_on"] = moment

    def say(self, number: int, by: str, notes: str = "words", *, private: bool = False) -> None:
        """Words: to or from the customer, or among us."""
        self.journal(number, by, notes=notes, private=private)

    def set(self, number: int, called: str, new: str | None, by: str = ALICE, notes: str = "") -> None:
        """A field of it changes, by the name that journals have for it."""
        old = self._put(number, called, new)
        self.journal(number, by, {"property": "attr", "name": called, "old_value": old, "new_value": new}, notes=notes)

    def move(self, number: int, project: str, owner: str) -> None:
        """To another project and person at once."""
        old = self._put(number, "project_id", project), self._put(number, "assigned_to_id", owner)
        self.journal(
            number, ALICE, {"property": "attr", "name": "project_id", "old_value": old[0], "new_value": project},
            {"property": "attr", "name": "assigned_to_id", "old_value": old[1], "new_value": owner},
        )  # fmt: skip

    def promise(self, number: int, old: str | None, new: str | None, by: str = ALICE) -> None:
        """Its custom field holds another date."""
        self.issues[number]["custom_fields"][0]["value"] = new
        self.journal(number, by, {"property": "cf", "name": "1", "old_value": old, "new_value": new})

    def duplicates(self, number: int, of: int, *, no_more: bool = False) -> None:
        """It duplicates another one."""
        relation = {"id": 1, "issue_id": number, "issue_to_id": of, "relation_type": "duplicates", "delay": None}
        self.issues[number]["relations"] = [] if no_more else [relation]
        values = {"old_value": str(of) if no_more else None, "new_value": None if no_more else str(of)}
        self.journal(number, ALICE, {"property": "relation", "name": "duplicates", **values})
        self.journal(of, ALICE, {"property": "relation", "name": "duplicated", "old_value": None, "new_value": str(number)})

    def _put(self, number: int, called: str, new: str | None) -> Any:
        issue, key = self.issues[number], called.removesuffix("_id")
        old = issue.get(key)
        if called.endswith("_id"):
            lists = {"status": STATUSES, "priority": PRIORITIES, "project": PROJECTS, "tracker": TRACKERS}
            known = lists.get(key, {new: "somebody"})
            issue[key] = None if new is None else _named(new, known) | ({"is_closed": new in CLOSED} if key == "status" else {})
            return None if old is None else str(old["id"])
        issue[key] = new
        return old

    # what it answers

    async def answer(self, request: web.Request) -> web.Response:
        """One request."""
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        await asyncio.sleep(0.001)  # who asks several things at once does so now
        self.together -= 1
        return self._answer(request)

    def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path + (f"?{request.query_string}" if request.path == "/issues.json" else ""))
        if request.method != "GET":
            self.wrote.append(f"{request.method} {request.path}")
        for number, (pattern, status, headers, body) in enumerate(self.instead):
            if re.search(pattern, self.asked[-1]):
                del self.instead[number]
                return self._dated(web.Response(status=status, headers=headers, body=body))
        if request.headers.get("X-Redmine-API-Key") != KEY:
            return self._dated(web.Response(status=401))
        found = self._found(request.path, request.query)
        if isinstance(found, int):
            return self._dated(web.Response(status=found))
        return self._dated(web.json_response(found))

    def _dated(self, response: web.Response) -> web.Response:
        response.headers["Date"] = format_datetime(self.clock.now(), usegmt=True)
        return response

    def _found(self, path: str, query: Any) -> Any:
        """The JSON at a path, or a status."""
        kind, _, rest = path.removeprefix("/").removesuffix(".json").partition("/")
        if kind == "issues":
            return self._issue(int(rest)) if rest else self._listed(query)
        if kind == "users":
            return self._user(rest)
        if kind == "roles":
            return {"role": self.roles[rest]}
        if kind == "projects" and rest:
            number = rest.removesuffix("/memberships")
            if number not in PROJECTS or number in self.hidden_members:
                return 403 if number in PROJECTS else 404
            return _page("memberships", self._memberships(number), query, self.per_page)
        if kind == "projects":
            rows = [{**_named(each, PROJECTS), "name": PROJECTS[each].title(), "identifier": PROJECTS[each]} for each in PROJECTS]
            return _page("projects", rows, query, self.per_page)
        lists = {
            "issue_statuses": [{**_named(each, STATUSES), "is_closed": each in CLOSED} for each in STATUSES],
            "trackers": [_named(each, TRACKERS) for each in TRACKERS],
            "enumerations": [_named(each, PRIORITIES) for each in PRIORITIES],
        }
        return {rest or kind: lists[kind]} if kind in lists else 404

    def _listed(self, query: Any) -> Any:
        """Only what this interface knows filters; all else is ignored, as the real one does."""
        rows = [issue for number, issue in sorted(self.issues.items()) if number not in self.hidden]
        for called in query.getall("f[]", []):
            operator, values = query.get(f"op[{called}]"), query.getall(f"v[{called}][]", [])
            rows = [issue for issue in rows if _matches(issue, called, operator, values)]
        if "f[]" not in query:
            rows = [issue for issue in rows if not issue["status"]["is_closed"]]
        found = _page("issues", [_without(issue, "journals", "relations") for issue in rows], query, self.per_page)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return found

    def _issue(self, number: int) -> Any:
        if number not in self.issues:
            return 404
        return 403 if number in self.hidden else {"issue": self.issues[number]}

    def _user(self, rest: str) -> Any:
        if rest != "current":
            return {"user": {"id": int(rest), "login": PEOPLE[rest][0]}} if rest in PEOPLE else 404
        memberships = [] if self.admin else [{"id": 1, "project": _named("1", PROJECTS), "roles": [{"id": 7, "name": "Watcher"}]}]
        return {"user": {"id": 9, "login": "monitor", "admin": self.admin, "api_key": KEY, "memberships": memberships}}

    def _memberships(self, project: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = [
            {"id": int(each), "project": _named(project, PROJECTS), "user": _person(each),
             "roles": [{"id": int(role), "name": self.roles[role]["name"]}]}
            for each, (_, _, role) in PEOPLE.items() if role is not None and each not in self.left
        ]  # fmt: skip
        group = {"id": int(GROUP), "name": "Workshop"}
        return [*rows, {"id": 99, "project": _named(project, PROJECTS), "group": group, "roles": [{"id": 3, "name": "Agent"}]}]


def _matches(issue: dict[str, Any], called: str, operator: str | None, values: list[str]) -> bool:
    if called == "updated_on":
        return operator == ">=" and datetime.fromisoformat(issue["updated_on"]) >= datetime.fromisoformat(values[0])
    if called == "issue_id":
        numbers = [int(each) for each in values[0].split(",")]
        return issue["id"] in numbers if operator == "=" else issue["id"] >= numbers[0]
    if called == "status_id":
        return operator == "*"
    return str(issue[called.removesuffix("_id")]["id"]) in values


def _page(key: str, rows: list[dict[str, Any]], query: Any, most: int) -> dict[str, Any]:
    limit, offset = min(int(query.get("limit", 25)), most), int(query.get("offset", 0))
    return {key: rows[offset : offset + limit], "total_count": len(rows), "offset": offset, "limit": limit}


def _without(issue: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: held for key, held in issue.items() if key not in keys}


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _named(number: str, known: dict[Any, str]) -> dict[str, Any]:
    return {"id": int(number), "name": known[number]}


def _person(number: str) -> dict[str, Any]:
    return {"id": int(number), "name": PEOPLE[number][1]}


@asynccontextmanager
async def scripted_redmine(redmine: ScriptedRedmine) -> AsyncIterator[str]:
    """Serves it; gives the address that a source names."""
    runner = web.ServerRunner(web.Server(redmine.answer))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
