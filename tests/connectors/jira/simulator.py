"""Jira Service Management on loopback, as its documentation and others' clients describe it; never measured on the real one.

Beside each behaviour stands where it comes from:
[F] ../shared/lab/FACTS-mail-and-tickets.md section 5.3, which names the pages and files behind each line;
[D] ../shared/specs/jira-platform-v3.json, Atlassian's own description of October 2024 (developer.atlassian.com);
[B] changelogs in bulk and issues in bulk, which are not in that copy: MrRefactoring/jira.js, docs.rs jira_v3_openapi; moments in
    milliseconds, the nesting of the answer, and 400 for more than 1,000 issues as several programs found on real sites;
[N] JQL with milliseconds: airbytehq/airbyte pulls 48395 and 48838, which were used on real sites;
[J] support.atlassian.com, "JQL fields" and "JQL operators": minutes in the account's zone;
[L] developer.atlassian.com, "Rate limiting";
[K] nobody checked it: general knowledge, kept as a parameter where it matters.
All limits are fields of `Limits`.
"""

import base64
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from monitor.clock import Clock
from tests.connectors.jira.shapes import (
    DEFAULT_FIELDS,
    FIELDS,
    PEOPLE,
    PRIORITIES,
    PROJECTS,
    READER,
    STATUSES,
    TOKEN,
    USERNAME,
    adf,
    listed,
    person,
    shown_field,
)
from tests.connectors.mishaps import Answer, Mishaps

_JQL = re.compile(
    r"(?:projectType = service_desk|project in \((?P<projects>[\d, ]+)\)) AND updated >= "
    r"(?:(?P<number>\d+)|\"(?P<minute>[\d-]+ [\d:]+)\") ORDER BY (?P<order>created ASC|updated DESC)"
)


@dataclass
class Limits:
    """The screws of the service."""

    per_page: int = 100  # most issues of a page of the search [F]
    rows: int = 100  # most rows of any other page
    comments: int = 100  # most comments that come along with an issue [K]
    changes: int = 1000  # most entries of changelogs on a page in bulk [B]
    per_minute: int = 100  # requests of the account; the real limits are by endpoint and second, and not told [L]
    retry_after: str | None = ""  # of 429; "": the seconds until one more may go; None: no such field [F]
    index_lag: float = 0.0  # seconds after which the search knows of a change [F]: "eventually consistent"
    token_lives: float = 7 * 86_400.0  # seconds of a mark [D]
    takes_numbers: bool = True  # moments as milliseconds [N]
    second_of_two: bool = False  # an hour that comes twice is the later one [K]
    bulk: bool = True  # changelogs come in bulk
    never_ends: bool = False  # each page has a mark of a next one
    repeats: bool = False  # and that has the same issues
    skew: timedelta = timedelta(0)  # its clock before ours


@dataclass
class Simulator(Mishaps):
    """Issues with their comments and changelogs."""

    clock: Clock
    limits: Limits = field(default_factory=Limits)
    zone: str = "UTC"  # of the account [F]
    writes: tuple[str, ...] = ()  # permissions beside reading
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)  # fields, by number
    keys: dict[int, str] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    changelogs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)  # from this account, by a security level or rights
    hides_addresses: bool = False
    projects: dict[str, str] = field(default_factory=lambda: dict(PROJECTS))
    statuses: list[tuple[str, str, str]] = field(default_factory=lambda: list(STATUSES))
    unlisted: list[tuple[str, str, str]] = field(default_factory=list)  # statuses that `/status` does not show [K]
    check: Callable[[str, str, Mapping[str, str], bytes, Answer], None] | None = None  # looks at each request and its answer
    _gone: deque[float] = field(default_factory=deque)
    _index: dict[int, dict[str, Any]] = field(default_factory=dict)  # what the search knows
    _late: deque[tuple[float, int]] = field(default_factory=deque)  # (when it will, issue)
    _customers: dict[str, str] = field(default_factory=dict)
    _last: int = 100_000

    # what happens there

    def now(self) -> datetime:
        return self.clock.now() + self.limits.skew

    def customer(self, name: str) -> str:
        """The account of a customer; of kind `customer`, she knows the portal alone [D]."""
        return self._customers.setdefault(name, f"qm:{name}")

    def open(
        self, number: int, customer: str = "anna", text: str = "words", *, project: str = "SUP", by: str | None = None,
        reporter: str | None = None, request_type: str | None = "Get help", files: int = 0, **more: Any,
    ) -> None:  # fmt: skip
        """A request; `by` an agent in the customer's name. Portal and mail make it the reporter's own [K]."""
        at = self._iso()
        account = reporter or self.customer(customer)
        self.keys[number] = f"{project}-{number}"
        self.comments[number], self.changelogs[number] = [], []
        self.issues[number] = {
            "project": project, "created": at, "updated": at, "creator": by or account, "reporter": account, "assignee": None,
            "status": "1", "priority": "3", "labels": [], "duedate": None, "issuetype": "Service Request", "issuelinks": [],
            "description": adf(text, files), "request_type": request_type, "participants": [], **DEFAULT_FIELDS, **more,
        }  # fmt: skip
        self._touched(number)

    def say(self, number: int, by: str, text: str = "words", *, public: bool = True, files: int = 0, body: Any = None) -> int:
        """A comment. Its number."""
        self._last += 1
        at = self._touched(number)
        self.comments[number].append({
            "id": str(self._last), "by": by, "body": adf(text, files) if body is None else body, "created": at, "updated": at,
            "jsdPublic": public,
        })  # fmt: skip
        return self._last

    def set(self, number: int, by: str | None, **fields: Any) -> None:
        """Fields change in one entry of the changelog; `by` nobody is Jira itself."""
        self.change(number, by, *(self._set(number, key, new) for key, new in fields.items()))

    def change(self, number: int, by: str | None, *items: dict[str, Any]) -> None:
        """An entry of the changelog."""
        self._last += 1
        entry = {"id": str(self._last), "by": by, "at": self.now(), "items": list(items)}
        self.changelogs[number].append(entry)
        self._touched(number)

    def _set(self, number: int, key: str, new: Any) -> dict[str, Any]:
        """Ids stand in `from` and `to`, words for people in the other two [D]; dates in the former alone [K]."""
        issue = self.issues[number]
        old, issue[key] = issue[key], new
        kind, called, told = "jira", key, {"from": old, "to": new}
        if key == "status":
            named = {number: name for number, name, _ in (*self.statuses, *self.unlisted)}
            words = named[old], named[new]
        elif key == "priority":
            words = PRIORITIES[int(old) - 1], PRIORITIES[int(new) - 1]
        elif key == "labels":
            told, words = {"from": "", "to": ""}, (" ".join(old), " ".join(new))
        elif key == "kind":
            told, words = {"from": old and "1", "to": new and "2"}, (old, new)
        elif key == "assignee":
            words = tuple(PEOPLE[each][0] if each else None for each in (old, new))
        else:
            words = tuple(f"{each} 00:00:00.0" if each else None for each in (old, new))
        if key in FIELDS:
            kind, called = "custom", FIELDS[key][1]
        field_id = FIELDS[key][0] if key in FIELDS else key
        return {"field": called, "fieldtype": kind, "fieldId": field_id, **told, "fromString": words[0], "toString": words[1]}

    def link(self, number: int, by: str, to: int, *, gone: bool = False) -> None:
        """This issue duplicates another one; in the changelog of it, under no field's id [K]."""
        key = self.keys[to]
        words, end = f"This issue duplicates {key}", ("from" if gone else "to")
        links = self.issues[number]["issuelinks"]
        links.remove(to) if gone else links.append(to)
        item = {"field": "Link", "fieldtype": "jira", "from": None, "fromString": None, "to": None, "toString": None}
        self.change(number, by, item | {end: key, f"{end}String": words})

    def move(self, number: int, by: str, project: str) -> None:
        """It goes to another project and gets another key; its number stays [K]."""
        old, new = self.keys[number], f"{project}-{number + 5000}"
        before, self.issues[number]["project"] = self.issues[number]["project"], project
        self.keys[number] = new
        names = {key: number for number, key in self.projects.items()}
        self.change(
            number, by,
            {"field": "project", "fieldtype": "jira", "fieldId": "project", "from": names[before], "fromString": before.title(),
             "to": names[project], "toString": project.title()},
            {"field": "Key", "fieldtype": "jira", "from": None, "fromString": old, "to": None, "toString": new},
        )  # fmt: skip

    def delete(self, number: int) -> None:
        """Without a trace."""
        for held in (self.issues, self.keys, self.comments, self.changelogs, self._index):
            held.pop(number, None)  # type: ignore[attr-defined]

    def _touched(self, number: int) -> str:
        at = self.issues[number]["updated"] = self._iso()
        self._late.append((self.clock.monotonic() + self.limits.index_lag, number))
        return at

    def _iso(self, at: datetime | None = None) -> str:
        """With the offset of the account's zone, which has no colon [F]."""
        local = (at or self.now()).astimezone(ZoneInfo(self.zone))
        return local.strftime("%Y-%m-%dT%H:%M:%S.") + f"{local.microsecond // 1000:03}" + local.strftime("%z")

    # what it answers

    @staticmethod
    def headers() -> dict[str, str]:
        """What shows that a request is the account's."""
        return {"Authorization": f"Basic {base64.b64encode(f'{USERNAME}:{TOKEN}'.encode()).decode()}"}

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """One request."""
        parts = urlsplit(target)
        self.asked.append(f"{parts.path}?{parts.query}" if parts.query else parts.path + body.decode())
        found = self._answered(method, parts.path, dict(parse_qsl(parts.query)), headers, body)
        if self.check is not None:
            self.check(method, target, headers, body, found)
        return self.sent(found, self.now())

    def _answered(self, method: str, path: str, asked: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Answer:
        limit = self._over()
        if limit is not None:
            return limit
        if (planned := self.replaced()) is not None:
            return planned
        if self.has_expired(self.now()):
            return _json({"message": "Client must be authenticated to access this resource.", "status-code": 401}, 401)
        if headers.get("Authorization") not in (self.headers()["Authorization"], f"Bearer {TOKEN}"):
            return _json({"errorMessages": ["no"], "errors": {}}, 401)
        rest = path.removeprefix("/rest/api/3/")
        found = self._got(rest, asked) if method == "GET" else self._posted(rest, json.loads(body))
        answer = _json({"errorMessages": ["refused"], "errors": {}}, found) if isinstance(found, int) else _json(found)
        return self.shortened(answer)

    def _over(self) -> Answer | None:
        """429 where a limit is used up [L]; requests that are refused are not counted against it [K]."""
        now = self.clock.monotonic()
        self.taken[int(now // 60)] += 1
        while self._gone and self._gone[0] <= now - 60.0:
            self._gone.popleft()
        if len(self._gone) >= self.limits.per_minute:
            self.refused += 1
            wait = self.limits.retry_after
            wait = str(int(self._gone[0] + 60.0 - now) + 1) if wait == "" else wait
            reset = (self.now() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%MZ")
            fields = {"RateLimit-Reason": "jira-burst-based", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
            fields |= {"Retry-After": wait} if wait is not None else {}
            return Answer(429, fields, b'{"errorMessages":["Rate limit exceeded"]}')
        self._gone.append(now)
        return None

    def _got(self, rest: str, asked: Mapping[str, str]) -> Any:
        """The JSON of a GET, or a status."""
        if rest == "myself":
            return {**self._person(READER), "timeZone": self.zone, "locale": "en_GB"}
        if rest == "field":
            return listed()
        if rest == "status":
            return [
                {"id": number, "name": name, "statusCategory": {"id": 1, "key": kind, "name": kind}}
                for number, name, kind in self.statuses
            ]
        if rest == "priority/search":
            return self._page([{"id": str(n), "name": name} for n, name in enumerate(PRIORITIES, 1)], asked)
        if rest == "project/search":
            assert asked.get("typeKey") == "service_desk"
            return self._page(
                [{"id": number, "key": key, "projectTypeKey": "service_desk"} for number, key in self.projects.items()], asked
            )
        if rest == "mypermissions":
            wanted = asked["permissions"].split(",")
            return {"permissions": {each: {"key": each, "havePermission": each in self.writes} for each in wanted}}
        if match := re.fullmatch(r"issue/(\d+)/(comment|changelog)", rest):
            number = int(match[1])
            if not self._is_seen(number):
                return 404  # as if it were not there [D]
            if match[2] == "comment":
                page = self._page([self._comment(each) for each in self.comments[number]], asked)
                return {"comments": page.pop("values"), **{key: page[key] for key in ("startAt", "maxResults", "total")}}
            return self._page([self._entry(each, as_text=True) for each in self.changelogs[number]], asked)
        return 404

    def _page(self, rows: list[Any], asked: Mapping[str, str]) -> dict[str, Any]:
        start, size = int(asked.get("startAt", "0")), min(self.limits.rows, int(asked.get("maxResults", "50")))
        return {
            "startAt": start, "maxResults": size, "total": len(rows), "isLast": start + size >= len(rows),
            "values": rows[start : start + size],
        }  # fmt: skip

    def _posted(self, rest: str, asked: Mapping[str, Any]) -> Any:
        """The JSON of a POST that reads, or a status."""
        if rest == "search/jql":
            return self._search(asked)
        if rest == "changelog/bulkfetch":
            return self._bulk(asked) if self.limits.bulk else 404
        if rest == "issue/bulkfetch":  # what is not there, or not for us, is left out [B]
            numbers = [int(each) for each in asked["issueIdsOrKeys"]]
            if len(numbers) > 100:
                return 400
            seen = [each for each in numbers if self._is_seen(each)]
            return {"issues": [self._issue(each, asked["fields"], self._row(each)) for each in seen], "issueErrors": []}
        self.wrote.append(rest)
        return 405

    def _bulk(self, asked: Mapping[str, Any]) -> Any:
        """Changelogs of many issues, in pages that may end within one [B]."""
        if len(asked["issueIdsOrKeys"]) > 1000:
            return 400
        told = [
            (each, entry)
            for each in map(int, asked["issueIdsOrKeys"]) if self._is_seen(each)
            for entry in self.changelogs[each]
        ]  # fmt: skip
        start, size = int(asked.get("nextPageToken", "0")), min(self.limits.changes, asked["maxResults"])
        logs: dict[int, list[Any]] = {}
        for number, entry in told[start : start + size]:
            logs.setdefault(number, []).append(self._entry(entry, as_text=False))
        more = {"nextPageToken": str(start + size)} if start + size < len(told) else {}
        return {"issueChangeLogs": [{"issueId": str(n), "changeHistories": each} for n, each in logs.items()], **more}

    def _search(self, asked: Mapping[str, Any]) -> Any:
        """By JQL, from the index; a mark is opaque, and good with its own JQL for seven days [D]."""
        self._catch_up()
        match = _JQL.fullmatch(asked["jql"])
        if match is None or (match["number"] and not self.limits.takes_numbers):
            return 400
        if match["projects"] and not set(match["projects"].split(", ")) <= self.projects.keys():
            return 400  # no such project
        keys = {self.projects[each] for each in match["projects"].split(", ")} if match["projects"] else {*self.projects.values()}
        since = datetime.fromtimestamp(int(match["number"]) / 1000, UTC) if match["number"] else self._minute(match["minute"])
        rows = [
            (row["created"], number) if "created" in match["order"] else (row["updated"], -number)
            for number, row in self._index.items()
            if self._is_seen(number) and row["project"] in keys and _moment(row["updated"]) >= since
        ]
        rows.sort(reverse="DESC" in match["order"])
        after: tuple[str, int] | None = None
        if asked.get("nextPageToken"):
            found = _decoded(asked["nextPageToken"])
            if found is None or found[0] != asked["jql"] or self.now().timestamp() - found[3] > self.limits.token_lives:
                return 400
            after = (found[1], found[2])
        rows = [each for each in rows if after is None or each > after or self.limits.repeats]
        size = min(self.limits.per_page, asked["maxResults"])
        page = rows[:size]
        issues = [self._issue(abs(number), asked["fields"], self._index[abs(number)]) for _, number in page]
        if len(rows) <= size and not self.limits.never_ends:
            return {"issues": issues, "isLast": True}  # without nextPageToken [F]
        last = page[-1] if page else after or ("", 0)
        mark = json.dumps([asked["jql"], *last, self.now().timestamp(), len(self.asked)])
        return {"issues": issues, "isLast": False, "nextPageToken": base64.b64encode(mark.encode()).decode()}

    def _minute(self, text: str) -> datetime:
        """A minute of the account's zone, without an offset [J]."""
        zone = ZoneInfo(self.zone)
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone, fold=int(self.limits.second_of_two))

    def _catch_up(self) -> None:
        """The index takes up what changed, some time later."""
        while self._late and self._late[0][0] <= self.clock.monotonic():
            _, number = self._late.popleft()
            if number in self.issues:
                self._index[number] = self._row(number)

    def _row(self, number: int) -> dict[str, Any]:
        return {**self.issues[number], "key": self.keys[number], "comments": list(self.comments[number])}

    def _issue(self, number: int, fields: list[str], row: Mapping[str, Any]) -> dict[str, Any]:
        numbers = {key: number for number, key in self.projects.items()}
        own: dict[str, Any] = {
            "project": {
                "id": numbers.get(row["project"], "9"), "key": row["project"],
                "projectTypeKey": "service_desk" if row["project"] in numbers else "software",
            },
            "comment": {
                "comments": [self._comment(each) for each in row["comments"][: self.limits.comments]],
                "total": len(row["comments"]), "startAt": 0, "maxResults": len(row["comments"]),
            },
            "issuelinks": [
                {"id": "1", "type": {"name": "Duplicate", "inward": "is duplicated by", "outward": "duplicates"},
                 "outwardIssue": {"id": str(to), "key": self.keys[to]}}
                for to in row["issuelinks"]
            ],
            **{key: self._person(row[key]) if row[key] else None for key in ("creator", "reporter", "assignee")},
        }  # fmt: skip
        named = {number: (name, kind) for number, name, kind in (*self.statuses, *self.unlisted)}
        for key in row.keys() - own.keys() - {"key", "comments"}:
            field_id, value = shown_field(key, row[key], named)
            own[field_id] = [self._person(each) for each in value] if key == "participants" else value
        return {"id": str(number), "key": row["key"], "fields": {key: own[key] for key in fields if key in own}}

    def _comment(self, held: Mapping[str, Any]) -> dict[str, Any]:
        author = self._person(held["by"])
        return {key: value for key, value in held.items() if key != "by"} | {"author": author, "updateAuthor": author}

    def _entry(self, held: Mapping[str, Any], *, as_text: bool) -> dict[str, Any]:
        """In bulk the moment is a number of milliseconds [B]."""
        created = self._iso(held["at"]) if as_text else int(held["at"].timestamp() * 1000)
        found = {"id": held["id"], "created": created, "items": held["items"]}
        return found if held["by"] is None else {**found, "author": self._person(held["by"])}

    def _person(self, account: str) -> dict[str, Any]:
        return person(account, hides_address=self.hides_addresses)

    def _is_seen(self, number: int) -> bool:
        return number in self.issues and number not in self.hidden


def _json(found: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json;charset=UTF-8"}, json.dumps(found).encode())


def _decoded(mark: str) -> list[Any] | None:
    try:
        found = json.loads(base64.b64decode(mark))
    except ValueError:
        return None
    return found if isinstance(found, list) else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
