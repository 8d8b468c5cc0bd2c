"""Zammad's REST interface on loopback, as its source code and documentation describe it. Nothing here was measured on a real one.

Beside each behaviour stands where it comes from:
[T] zammad/zammad: app/controllers/tickets_controller.rb; [C] app/models/concerns/can_search.rb: without `query` the database is
asked, "since it is more up to date"; [H] app/models/history.rb, app/models/concerns/has_history.rb; [M] app/models/ticket.rb,
merge_to, and spec/models/ticket_spec.rb; [D] zammad/zammad-documentation: api/ticket/*.rst; [F] ../shared/lab/
FACTS-mail-and-tickets.md section 5.4; [K] nobody checked it: general knowledge, kept as a parameter.
All limits are fields of `Limits`.
"""

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

TOKEN = "s3cret-t0ken"
GROUPS = {1: "support", 2: "projects", 3: "managers", 4: "complaints"}
NOBODY, ALICE, BOB, CINDY, BOT, READER = 1, 3, 4, 5, 6, 9
AGENTS = {ALICE: "alice", BOB: "bob", CINDY: "cindy", BOT: "chatbot", READER: "monitor"}
#: Name -> (type, whether it stops the clocks) [F]; the last two are a desk's own.
STATES = {
    "new": ("new", False), "open": ("open", False), "pending reminder": ("pending reminder", True), "closed": ("closed", True),
    "merged": ("merged", True), "pending close": ("pending action", True), "at the supplier": ("open", True),
    "in the workshop": ("open", False),
}  # fmt: skip
PRIORITIES = {1: "1 low", 2: "2 normal", 3: "3 high"}
#: The query names that are declared for each kind of request; another one is refused here, so that none slips in.
_CONDITION = re.compile(r"condition\[ticket\.(id|updated_at|created_at)\]\[(?:operator|value)\](?:\[\])?\Z")
_SEARCHED = frozenset(("expand", "per_page", "page", "sort_by", "order_by"))


@dataclass
class Limits:
    """The screws of an installation."""

    per_page: int = 200  # [T]
    after_is_exclusive: bool = False  # whether "after (absolute)" leaves the moment itself out [K]
    knows_ids: bool = True  # whether a condition may name the id of a ticket [K]
    per_minute: int = 1_000_000  # of a proxy in front of it; Zammad has none of its own [F]
    retry_after: str | None = "30"
    skew: timedelta = timedelta(0)  # its clock before ours
    commits_after: float = 0.0  # seconds in which a change is not seen yet: its transaction is not through [K]


@dataclass
class Simulator(Mishaps):
    """Tickets with their articles and histories."""

    clock: Clock
    limits: Limits = field(default_factory=Limits)
    access: dict[str, list[str]] = field(default_factory=lambda: {name: ["read"] for name in GROUPS.values()})
    roles: tuple[str, ...] = ("Agent",)
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    articles: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    history: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    _last: int = 100
    _customers: dict[str, int] = field(default_factory=dict)
    _gone: deque[float] = field(default_factory=deque)

    # what happens there

    def now(self) -> datetime:
        return self.clock.now() + self.limits.skew

    def customer(self, name: str) -> int:
        """The account of a customer."""
        return self._customers.setdefault(name, 1000 + len(self._customers))

    def open(
        self, number: int, customer: str = "anna", text: str = "Where is it?", *, by: int | None = None, group: int = 1,
        sender: str = "Customer", kind: str = "email", state: str = "new", **more: Any,
    ) -> None:  # fmt: skip
        """A new ticket with its first article."""
        at, account = _iso(self.now()), self.customer(customer)
        maker = by or account
        self.tickets[number] = {
            "id": number, "number": str(22000 + number), "group_id": group, "state": state, "priority_id": 2, "owner_id": NOBODY,
            "customer_id": account, "pending_time": None, "created_at": at, "updated_at": at, "created_by_id": maker,
            "create_article_sender": sender, "title": "t", "preferences": {}, "article_count": 1, "promised_by": None, **more,
        }  # fmt: skip
        self.articles[number], self.history[number] = [], []
        self._record(number, maker, type="created")
        self.say(number, maker, text, sender=sender, kind=kind)

    def say(
        self, number: int, by: int, text: str = "words", *, sender: str | None = None, kind: str = "email",
        internal: bool = False, files: int = 0, automatic: bool = False, address: str = "",
    ) -> int:  # fmt: skip
        """An article. A customer's opens a closed or pending ticket again, as what she did [K]."""
        self._last += 1
        at = self._touch(number)
        sender = sender or ("Agent" if by in AGENTS else "Customer")
        login = self._login(by)
        self.articles[number].append({
            "id": self._last, "ticket_id": number, "type": kind, "sender": sender, "internal": internal, "body": f"<p>{text}</p>",
            "content_type": "text/html", "from": f"Some Body <{address or login}>", "created_by_id": by, "created_by": login,
            "created_at": at, "updated_at": at, "preferences": {"is-auto-response": True} if automatic else {},
            "attachments": [{"id": each, "filename": "photo.png"} for each in range(files)],
        })  # fmt: skip
        self._record(number, by, type="created", object="Ticket::Article", o_id=self._last, related_o_id=number)
        ticket = self.tickets[number]
        reopens = ticket["state"] in ("closed", "pending reminder", "pending close")
        if sender == "Customer" and by == ticket["customer_id"] and not automatic and reopens:
            self.set(number, by, state="open")
        return self._last

    def set(self, number: int, by: int, *, rule: str | None = None, **fields: Any) -> None:
        """Fields change in one request: a record each [H]."""
        ticket = self.tickets[number]
        for key, new in fields.items():
            old, ticket[key] = ticket[key], new
            record: dict[str, Any] = {"attribute": key.removesuffix("_id")}
            if key in ("owner_id", "group_id", "priority_id"):
                record |= {"id_from": old, "id_to": new, "value_from": self._named(key, old), "value_to": self._named(key, new)}
            else:
                record |= {"value_from": str(old or ""), "value_to": str(new or "")}
            if rule is not None:
                record |= {"sourceable_type": rule, "sourceable_id": 7}
            self._record(number, by, type="updated", **record)
        self._touch(number)

    def tag(self, number: int, by: int, called: str, *, gone: bool = False) -> None:
        """A tag is added, or removed."""
        self._record(number, by, type="removed" if gone else "added", attribute="tag", value_to=called)
        self._touch(number)

    def merge(self, number: int, into: int, by: int = ALICE) -> None:
        """Articles go over as they are; both histories say so; the source keeps a public note and the state merged [M]."""
        self.articles[into] += self.articles[number]
        for each in self.articles[number]:
            each["ticket_id"] = into
        self.articles[number] = []
        self._record(into, by, type="received_merge", id_to=into, id_from=number)
        self._record(number, by, type="merged_into", id_to=into, id_from=number)
        self.say(number, by, "merged", kind="note")
        self.set(number, by, state="merged", owner_id=NOBODY)
        self._touch(into)

    def delete(self, number: int) -> None:
        """With all that belongs to it [H]."""
        del self.tickets[number], self.articles[number], self.history[number]

    def _touch(self, number: int) -> str:
        at = self.tickets[number]["updated_at"] = _iso(self.now())
        return at

    def _record(self, number: int, by: int, **what: Any) -> None:
        self._last += 1
        record = {"id": self._last, "object": "Ticket", "o_id": number, "created_by_id": by, "created_at": _iso(self.now())}
        self.history[number].append(record | what)

    # what it answers

    def answer(self, method: str, target: str, headers: Mapping[str, str], _body: bytes = b"") -> Answer:
        """One request."""
        parts = urlsplit(target)
        self.asked.append(parts.path + (f"?{parts.query}" if parts.query else ""))
        if method != "GET":
            self.wrote.append(f"{method} {parts.path}")
        found = self._answered(parts.path, parse_qsl(parts.query), headers)
        return self.sent(found, self.now())

    def _answered(self, path: str, query: list[tuple[str, str]], headers: Mapping[str, str]) -> Answer:
        now = self.clock.monotonic()
        self.taken[int(now // 60)] += 1
        while self._gone and self._gone[0] <= now - 60.0:
            self._gone.popleft()
        if len(self._gone) >= self.limits.per_minute:
            self.refused += 1
            wait = {"Retry-After": self.limits.retry_after} if self.limits.retry_after is not None else {}
            return Answer(429, {"Content-Type": "text/html", **wait}, b"<html>slow down</html>")
        self._gone.append(now)
        if (planned := self.replaced()) is not None:
            return planned
        if headers.get("Authorization") != f"Token token={TOKEN}" or self.has_expired(self.now()):
            return _json({"error": "Invalid token"}, 401)
        found = self._found(path.removeprefix("/api/v1/"), query)
        answer = _json({"error": "No"}, found) if isinstance(found, int) else _json(found)
        return self.shortened(answer)

    def _found(self, rest: str, query: list[tuple[str, str]]) -> Any:
        """The JSON at a path, or a status."""
        if rest == "users/me":
            return {"id": READER, "login": "monitor", "roles": list(self.roles), "groups": self.access}
        if rest == "ticket_states":
            return [
                {"id": number, "name": name, "state_type": kind, "ignore_escalation": ignored}
                for number, (name, (kind, ignored)) in enumerate(STATES.items(), 1)
            ]
        if rest == "tickets/search":
            return self._search(query)
        if match := re.fullmatch(r"(tickets|ticket_history|ticket_articles/by_ticket)/(\d+)", rest):
            number = int(match[2])
            if number not in self.tickets:
                return 404
            if number in self.hidden:
                return 403
            if match[1] == "tickets":
                return self._shown(number)
            return self.articles[number] if "articles" in match[1] else self._told(number)
        return 404

    def _search(self, query: list[tuple[str, str]]) -> Any:
        """A plain list, with names [T][D]; conditions are looked up in the database [C]."""
        if any(key not in _SEARCHED and not _CONDITION.match(key) for key, _ in query):
            return 422
        asked: dict[str, list[str]] = {}
        for key, text in query:
            asked.setdefault(key, []).append(text)
        known = self.now() - timedelta(seconds=self.limits.commits_after)
        rows = [self._shown(each) for each in self.tickets if each not in self.hidden and self._moment(each) <= known]
        for key in ("updated_at", "created_at"):
            if after := asked.get(f"condition[ticket.{key}][value]"):
                assert asked[f"condition[ticket.{key}][operator]"] == ["after (absolute)"]
                exclusive = self.limits.after_is_exclusive
                rows = [each for each in rows if each[key] > after[0] or (each[key] == after[0] and not exclusive)]
        if ids := asked.get("condition[ticket.id][value][]"):
            if not self.limits.knows_ids:
                return 500
            rows = [each for each in rows if str(each["id"]) in ids]
        sort = asked.get("sort_by", ["updated_at"])[0]
        rows.sort(key=lambda each: (each[sort], each["id"]), reverse=asked.get("order_by", ["desc"])[0] == "desc")
        size = min(int(asked["per_page"][0]), self.limits.per_page)
        start = (int(asked["page"][0]) - 1) * size
        return rows[start : start + size]

    def _moment(self, number: int) -> datetime:
        return datetime.fromisoformat(self.tickets[number]["updated_at"].replace("Z", "+00:00"))

    def _shown(self, number: int) -> dict[str, Any]:
        ticket = self.tickets[number]
        return {
            **ticket, "group": GROUPS[ticket["group_id"]], "priority": PRIORITIES[ticket["priority_id"]],
            "owner": self._login(ticket["owner_id"]), "customer": self._login(ticket["customer_id"]), "updated_by": "x",
        }  # fmt: skip

    def _told(self, number: int) -> Any:
        """Oldest first, with the records of articles, and the accounts that appear [H]."""
        known = {each["created_by_id"] for each in self.history[number]} | {self.tickets[number]["customer_id"]}
        users = {str(each): {"id": each, "login": self._login(each), "email": self._login(each)} for each in known}
        return {"history": self.history[number], "assets": {"User": users}}

    def _login(self, account: int) -> str:
        if account == NOBODY:
            return "-"
        names = AGENTS | {number: name for name, number in self._customers.items()}
        return f"{names[account]}@{'desk' if account in AGENTS else 'customer'}.example"

    def _named(self, key: str, held: int) -> str:
        if key == "owner_id":
            return "-" if held == NOBODY else AGENTS[held].title()
        return GROUPS[held] if key == "group_id" else PRIORITIES[held]


def _json(found: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(found).encode())


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
