"""Zendesk Support on loopback, as its documentation and others' clients describe it. Nothing here was measured on the real one.

Beside each behaviour stands where it comes from:
[F] ../shared/lab/FACTS-mail-and-tickets.md section 5.1, which names the pages and files behind each line;
[E] developer.zendesk.com, "Using the Incremental Exports API" and "Incremental Exports";
[A] developer.zendesk.com, "Ticket Audits" and "Ticket Audit events reference"; shapes as recorded in facetoe/zenpy's tests;
[V] developer.zendesk.com, "Via object reference";
[S] developer.zendesk.com, "Export Search Results" (api/v2/search/export);
[L] developer.zendesk.com, "Rate limits";
[M] developer.zendesk.com, "Ticket metric event types reference"; sideloads as Automattic/tap-zendesk and others ask for them;
[K] nobody checked it: general knowledge, kept as a parameter.
All limits are fields of `Limits`.
"""

import base64
import bisect
import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from monitor.clock import Clock
from tests.connectors.mishaps import Answer, Mishaps

USERNAME, TOKEN = "monitor@desk.example", "s3cret-t0ken"
GROUPS = {11: "support", 12: "projects", 13: "managers", 14: "complaints"}
#: Number -> (name, address, role).
ALICE, BOB, CINDY, BOT, ADMIN, GONE = 101, 102, 103, 104, 100, 105
PEOPLE: dict[int, tuple[str, str, str]] = {
    ADMIN: ("Monitor", USERNAME, "admin"), ALICE: ("Alice", "alice@desk.example", "agent"),
    BOB: ("Bob", "bob@desk.example", "agent"), CINDY: ("Cindy", "cindy@desk.example", "agent"),
    BOT: ("Chat Bot", "chatbot@desk.example", "agent"),
    GONE: ("Greta", "greta@desk.example", "end-user"),  # an agent once
}  # fmt: skip
SYSTEM = -1  # [K] the author of what rules do
PROMISED_BY, KIND = 9001, 9002
FIELDS = {PROMISED_BY: "Promised by", KIND: "Kind"}
_FIRST_AUDIT = 28_000_000_000_000  # numbers are larger than 2**40 by now [K]
#: The query names that are declared for each kind of request [E][A][S]; another one is refused here, so that none slips in.
_QUERIES: Mapping[str, frozenset[str]] = {
    "export": frozenset(("start_time", "cursor", "per_page", "include")),
    "search": frozenset(("query", "filter[type]", "page[size]", "page[after]")),
    "list": frozenset(("page[size]", "page[after]", "role[]", "ids")),
}


@dataclass
class Limits:
    """The screws of the service."""

    per_page: int = 100  # most rows of any page, whatever is asked for
    withheld: float = 60.0  # seconds before the request that the export leaves out [E]
    strict_start: bool = True  # a start_time within them is refused with 400 [F]
    per_minute: int = 200  # requests of the account [L] (Team)
    exports_per_minute: int = 10  # [E]
    searches_per_minute: int = 100  # [S]
    retry_after: str | None = ""  # of 429; "": the seconds until one more may go; None: no such field [F]
    index_lag: float = 0.0  # seconds after which the search knows of a change [K]
    mark_lives: float = 3600.0  # seconds of a mark of the search [S]
    never_ends: bool = False  # end_of_stream is never true
    repeats: bool = False  # the last row of a page of the export comes once more on the next [F]: "duplicates"
    skew: timedelta = timedelta(0)  # its clock before ours


@dataclass
class Simulator(Mishaps):
    """Tickets with their audits."""

    clock: Clock
    limits: Limits = field(default_factory=Limits)
    role: str = "admin"  # of the account; anything else may not export [F]
    scopes: tuple[str, ...] | None = None  # an OAuth token's; None: an API token
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    audits: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    metrics: dict[int, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)  # events of metrics, by metric [M]
    gone: set[int] = field(default_factory=set)  # for good: not even the export has them
    hidden: set[int] = field(default_factory=set)  # from this account, where it is no administrator's
    people: dict[int, tuple[str, str, str]] = field(default_factory=lambda: dict(PEOPLE))
    _order: list[tuple[int, int]] = field(default_factory=list)  # (generated_timestamp, ticket)
    _gone: dict[str, deque[float]] = field(default_factory=dict)
    _last: int = _FIRST_AUDIT
    _customers: dict[str, int] = field(default_factory=dict)

    # what happens there

    def now(self) -> datetime:
        return self.clock.now() + self.limits.skew

    def customer(self, name: str) -> int:
        """The account of a customer."""
        if name not in self._customers:
            number = self._customers[name] = 1000 + len(self._customers)
            self.people[number] = (name, f"{name}@customer.example", "end-user")
        return self._customers[name]

    def open(
        self, number: int, customer: str = "anna", text: str = "Where is it?", *, by: int | None = None, group: int | None = 11,
        public: bool = True, author: int | None = None, status: str = "new", priority: str | None = "normal", via: Any = None,
        tags: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """A new ticket; `by` an agent where he makes it for the customer, whose words are `author`'s."""
        requester = self.customer(customer)
        maker = by or requester
        at = _iso(self.now())
        self.tickets[number] = {
            "id": number, "requester_id": requester, "submitter_id": maker, "assignee_id": None, "group_id": group,
            "status": status, "priority": priority, "type": None, "due_at": None, "tags": list(tags), "subject": "s",
            "description": text, "satisfaction_rating": {"score": "unoffered"}, "created_at": at, "updated_at": at,
            "custom_fields": [{"id": PROMISED_BY, "value": None}, {"id": KIND, "value": None}],
            "via": via or {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
        }  # fmt: skip
        self.audits[number] = []
        created = [
            {"type": "Create", "field_name": key, "value": _said(self.tickets[number][key])}
            for key in ("status", "priority", "group_id", "assignee_id", "requester_id", "tags")
        ]
        self.update(number, maker, _comment(author or maker, text, public), *created, via=self.tickets[number]["via"])

    def update(self, number: int, by: int, *events: dict[str, Any], via: Any = None) -> int:
        """An update of the ticket; its number. Whoever is not an agent writes from outside."""
        self._last += 64
        audit = self._last
        at = _iso(self.now())
        numbered = [{"id": audit + 1 + place, "audit_id": audit, **event} for place, event in enumerate(events)]
        self.audits[number].append({
            "id": audit, "ticket_id": number, "created_at": at, "author_id": by, "events": numbered,
            "metadata": {"system": {"ip_address": "192.0.2.7"}, "custom": {}},
            "via": via or {"channel": "web", "source": {"from": {}, "to": {}, "rel": None}},
        })  # fmt: skip
        self.tickets[number]["updated_at"] = at
        self.touch(number)
        return audit

    def touch(self, number: int) -> None:
        """Zendesk itself has something to do with it: the export takes it up anew, updated_at stays [E]."""
        ticket = self.tickets[number]
        if "generated_timestamp" in ticket:
            del self._order[bisect.bisect_left(self._order, (ticket["generated_timestamp"], number))]
        ticket["generated_timestamp"] = int(self.now().timestamp())
        bisect.insort(self._order, (ticket["generated_timestamp"], number))

    def say(
        self, number: int, by: int, text: str = "words", *, public: bool = True, files: int = 0, via: Any = None,
        also: tuple[dict[str, Any], ...] = (),
    ) -> int:  # fmt: skip
        """A comment; the customer's opens a solved ticket again, in the same audit [F]. Its number."""
        ticket = self.tickets[number]
        events = [_comment(by, text, public, files), *also]
        if by == ticket["requester_id"] and ticket["status"] in ("solved", "pending", "hold") and public:
            events.append(self.changed(number, "status", "open"))
        return self.update(number, by, *events, via=via) + 1

    def changed(self, number: int, key: str, new: Any, *, rule: bool = False) -> dict[str, Any]:
        """A field gets another value: the event of it [A]. A trigger's bears a `via` of its own [V]."""
        ticket = self.tickets[number]
        if key.isdigit():
            held = next(each for each in ticket["custom_fields"] if each["id"] == int(key))
            old, held["value"] = held["value"], new
        else:
            old, ticket[key] = ticket[key], new
        via = {"via": {"channel": "rule", "source": {"from": {"id": 7, "title": "t"}, "rel": "trigger"}}} if rule else {}
        return {"type": "Change", "field_name": key, "value": _said(new), "previous_value": _said(old), **via}

    def set(self, number: int, by: int, via: Any = None, **fields: Any) -> None:
        """Fields change in one update; custom ones as f9001=…"""
        named = {key.removeprefix("f") if key[1:].isdigit() else key: new for key, new in fields.items()}
        self.update(number, by, *[self.changed(number, key, new) for key, new in named.items()], via=via)

    def rate(self, number: int, score: str) -> None:
        """The customer says how content she is."""
        requester = self.tickets[number]["requester_id"]
        self.update(number, requester, {"type": "SatisfactionRating", "score": score, "assignee_id": None, "body": ""})

    def merge(self, number: int, into: int, by: int = ALICE, *, named: bool = True) -> None:
        """It is closed and tagged; both get a comment in Zendesk's words, private by default. `named`: the audits say by which
        tickets, too [K]."""

        def via(**ends: Any) -> Any:
            return {"channel": "web", "source": {"from": {}, "to": {}, "rel": "merge", **ends}} if named else None

        told = f'Request #{number} "s" was closed and merged into this request. Last comment in request #{number}:\n\nwords'
        self.update(into, by, _comment(by, told, public=False), via=via(**{"from": {"ticket_id": number}}))
        closed = self.changed(number, "status", "closed")
        tagged = self.changed(number, "tags", [*self.tickets[number]["tags"], "closed_by_merge"])
        words = _comment(by, f'This request was closed and merged into request #{into} "s".', public=False)
        self.update(number, by, words, closed, tagged, via=via(to={"ticket_id": into}))

    def delete(self, number: int) -> None:
        """The export says "deleted" [F]; nothing else has it."""
        self.tickets[number]["status"] = "deleted"
        self.touch(number)

    # what it answers

    @staticmethod
    def headers() -> dict[str, str]:
        """What shows that a request is the account's."""
        return {"Authorization": f"Basic {base64.b64encode(f'{USERNAME}/token:{TOKEN}'.encode()).decode()}"}

    def answer(self, method: str, target: str, headers: Mapping[str, str], _body: bytes = b"") -> Answer:
        """One request."""
        parts = urlsplit(target)
        path, query = parts.path, parse_qsl(parts.query)
        self.asked.append(path + (f"?{parts.query}" if parts.query else ""))
        if method != "GET":
            self.wrote.append(f"{method} {path}")
        found = self._answered(path, query, headers)
        return self.sent(found, self.now())

    def _answered(self, path: str, query: list[tuple[str, str]], headers: Mapping[str, str]) -> Answer:
        limit = self._over(path)
        if limit is not None:
            return limit
        if (planned := self.replaced()) is not None:
            return planned
        if not self._admits(headers):
            return _json({"error": "Couldn't authenticate you"}, 401)
        found = self._found(path, query)
        answer = _json({"error": "Refused"}, found) if isinstance(found, int) else _json(found)
        left = self.limits.per_minute - len(self._gone["all"])
        answer.headers.update({"X-Rate-Limit": str(self.limits.per_minute), "X-Rate-Limit-Remaining": str(left)})  # [L]
        return self.shortened(answer)

    def _over(self, path: str) -> Answer | None:
        """429 with a body of plain text [F] where a limit is used up; requests that are refused are not counted against it [K].
        Limits of an endpoint count towards the account's as well [S]."""
        now = self.clock.monotonic()
        self.taken[int(now // 60)] += 1
        kept = [("all", self.limits.per_minute)]
        kept += [("export", self.limits.exports_per_minute)] if "/incremental/" in path else []
        kept += [("search", self.limits.searches_per_minute)] if path.endswith("/search/export") else []
        for kind, most in kept:
            gone = self._gone.setdefault(kind, deque())
            while gone and gone[0] <= now - 60.0:
                gone.popleft()
            if len(gone) >= most:
                self.refused += 1
                wait = self.limits.retry_after
                wait = str(int(gone[0] + 60.0 - now) + 1) if wait == "" else wait
                fields = {"Content-Type": "text/plain", **({"Retry-After": wait} if wait is not None else {})}
                return Answer(429, fields, b"Number of allowed API requests per minute exceeded")
        for kind, _ in kept:
            self._gone[kind].append(now)
        return None

    def _admits(self, headers: Mapping[str, str]) -> bool:
        if self.has_expired(self.now()):
            return False
        basic = base64.b64encode(f"{USERNAME}/token:{TOKEN}".encode()).decode()
        return headers.get("Authorization") == (f"Bearer {TOKEN}" if self.scopes is not None else f"Basic {basic}")

    def _found(self, path: str, query: list[tuple[str, str]]) -> Any:
        """The JSON at a path, or a status."""
        rest = path.removeprefix("/api/v2/")
        kind = {"incremental/tickets/cursor": "export", "search/export": "search"}.get(rest, "list")
        if {key for key, _ in query} - _QUERIES[kind]:
            return 400
        asked = dict(query)
        if kind == "export":
            return self._export(asked) if self.role == "admin" else 403
        if kind == "search":
            return self._search(asked)
        if match := re.fullmatch(r"tickets/(\d+)(/audits)?", rest):
            number = int(match[1])
            if number not in self.tickets or number in self.gone or self.tickets[number]["status"] == "deleted":
                return 404
            if self.role != "admin" and number in self.hidden:
                return 403
            return self._page("audits", self.audits[number], asked) if match[2] else {"ticket": self._shown(number)}
        return self._list(rest, query, asked)

    def _list(self, rest: str, query: list[tuple[str, str]], asked: Mapping[str, str]) -> Any:
        if rest == "users/me":
            return {"user": {"id": ADMIN, "name": "Monitor", "email": USERNAME, "role": self.role}}
        if rest == "groups":
            return self._page("groups", [{"id": number, "name": name} for number, name in GROUPS.items()], asked)
        if rest == "ticket_fields":
            return self._page("ticket_fields", [{"id": number, "title": title} for number, title in FIELDS.items()], asked)
        if rest == "users":
            roles = {text for key, text in query if key == "role[]"}
            return self._page("users", [self._person(each) for each, (_, _, role) in self.people.items() if role in roles], asked)
        if rest == "oauth/tokens/current":
            return 404 if self.scopes is None else {"token": {"id": 1, "scopes": list(self.scopes)}}
        numbers = [int(each) for each in asked.get("ids", "").split(",") if each]
        if rest == "users/show_many":
            return {"users": [self._person(each) for each in numbers if each in self.people]}
        if rest == "tickets/show_many":  # what is not there is left out [K]
            return {"tickets": [self._shown(each) for each in numbers if self._is_seen(each)]}
        return 404

    def _export(self, asked: Mapping[str, str]) -> Any:
        """By generated_timestamp and number; what is newer than a minute is left out [E]."""
        newest = int(self.now().timestamp() - self.limits.withheld)
        if "cursor" in asked:
            found = re.fullmatch(r"(\d+)\|\|(\d*)", _decoded(asked["cursor"]))
            if found is None:
                return 400
            after = (int(found[1]), int(found[2] or -1))
        else:
            start = int(asked["start_time"])
            if self.limits.strict_start and start > newest:
                return 400
            after = (start, -1)
        first = bisect.bisect_right(self._order, after)
        size = min(self.limits.per_page, int(asked.get("per_page", 1000)))
        page = [each for each in self._order[first : first + size] if each[0] <= newest and each[1] not in self.gone]
        end = page[-1] if page else after
        more = first + size < len(self._order) and self._order[first + size][0] <= newest
        if self.limits.repeats and more and len(page) > 1:
            end = page[-2]
        cursor = base64.b64encode(f"{end[0]}||{end[1] if end[1] >= 0 else ''}".encode()).decode()
        if self.limits.never_ends:
            cursor = base64.b64encode(f"{end[0]}||{end[1] if end[1] >= 0 else 0}{len(self.asked)}".encode()).decode()
        with_metrics = "metric_events" in asked.get("include", "")
        tickets = [
            self._shown(number) | ({"metric_events": self.metrics.get(number, {})} if with_metrics else {}) for _, number in page
        ]
        users = {each["requester_id"] for each in tickets} if "users" in asked.get("include", "") else set()
        return {
            "tickets": tickets, "after_cursor": cursor, "before_cursor": None, "users": [self._person(each) for each in users],
            "end_of_stream": not more and not self.limits.never_ends, "after_url": f"https://desk.invalid/api/v2/incremental/tickets/cursor?cursor={cursor}",
        }  # fmt: skip

    def _search(self, asked: Mapping[str, str]) -> Any:
        """In the order of creation; a mark is good for an hour [S]."""
        since = datetime.fromisoformat(asked["query"].removeprefix("updated>=").replace("Z", "+00:00"))
        known = self.now() - timedelta(seconds=self.limits.index_lag)
        rows = [
            self._shown(number) for number in sorted(self.tickets)
            if self._is_seen(number) and since <= _moment(self.tickets[number]["updated_at"]) <= known
        ]  # fmt: skip
        made, _, after = _decoded(asked.get("page[after]", "")).partition("|")
        if made and self.now().timestamp() - float(made) > self.limits.mark_lives:
            return 400
        rows = [each for each in rows if each["id"] > int(after or 0)]
        size = min(self.limits.per_page, int(asked["page[size]"]))
        last = rows[:size][-1]["id"] if rows else 0
        mark = base64.b64encode(f"{self.now().timestamp()}|{last}".encode()).decode()
        return {"results": rows[:size], "meta": {"has_more": len(rows) > size, "after_cursor": mark}, "links": {"prev": None}}

    def _page(self, key: str, rows: list[Any], asked: Mapping[str, str]) -> Any:
        start = int(asked.get("page[after]", "0"))
        end = start + min(self.limits.per_page, int(asked.get("page[size]", 100)))
        return {key: rows[start:end], "meta": {"has_more": end < len(rows), "after_cursor": str(end)}, "links": {}}

    def _shown(self, number: int) -> dict[str, Any]:
        return dict(self.tickets[number])

    def _is_seen(self, number: int) -> bool:
        known = number in self.tickets and self.tickets[number]["status"] != "deleted"
        return known and number not in self.hidden and number not in self.gone

    def _person(self, number: int) -> dict[str, Any]:
        name, address, role = self.people[number]
        return {"id": number, "name": name, "email": address, "role": role, "phone": None}


def _comment(author: int, text: str, public: bool, files: int = 0) -> dict[str, Any]:
    attached = [{"id": each, "file_name": "photo.png"} for each in range(files)]
    html = f'<div class="zd-comment"><p>{text}</p></div>'
    return {
        "type": "Comment", "author_id": author, "body": text, "plain_body": text, "html_body": html, "public": public,
        "attachments": attached,
    }  # fmt: skip


def _said(held: Any) -> Any:
    """As audits write values: numbers as text."""
    return str(held) if isinstance(held, int) and not isinstance(held, bool) else held


def _json(found: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json; charset=UTF-8"}, json.dumps(found).encode())


def _decoded(mark: str) -> str:
    try:
        return base64.b64decode(mark).decode()
    except ValueError:
        return ""


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
