"""Freshdesk on loopback, as its documentation and others' clients describe it. Nothing here was measured on the real one.

Beside each behaviour stands where it comes from:
[F] ../shared/lab/FACTS-mail-and-tickets.md section 5.2, which names the pages and files behind each line;
[D] developers.freshdesk.com/api, as reproduced in ktsaou/freshdesk_mcp:FRESHDESK_API_REFERENCE.md and by others' clients;
[T] singer-io/tap-freshdesk:tap_freshdesk/streams.py (deleted and spam with updated_since, in the order of the changes);
[P] airbytehq/airbyte issues 3858, 4002, 6133 (the 300th page, the way round);
[J] sjkingo/python-freshdesk:freshdesk/v2/tests/sample_json_data (shapes);
[M] the words that programs look for after a merge ("closed and merged into ticket N");
[K] nobody checked it: general knowledge, kept as a parameter where it matters.
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

KEY = "s3cret-k3y"
GROUPS = {11: "support", 12: "projects", 13: "managers", 14: "complaints"}
ME, ALICE, BOB, CINDY, BOT, GONE = 100, 101, 102, 103, 104, 105
#: Number -> address; GONE was an agent once.
AGENTS = {
    ME: "monitor@desk.example", ALICE: "alice@desk.example", BOB: "bob@desk.example", CINDY: "cindy@desk.example",
    BOT: "chatbot@desk.example",
}  # fmt: skip
OPEN, PENDING, RESOLVED, CLOSED, WAITING, THIRD_PARTY = 2, 3, 4, 5, 6, 7
STATUSES = {
    OPEN: "Open", PENDING: "Pending", RESOLVED: "Resolved", CLOSED: "Closed", WAITING: "Waiting on Customer",
    THIRD_PARTY: "Waiting on Third Party",
}  # fmt: skip
EMAIL, PHONE, OUTBOUND = 1, 3, 10
REPLY, BY_MAIL, NOTE, SURVEY, FORWARD = 0, 1, 2, 6, 8
FIELDS = {"cf_due": "Due", "cf_promised_by": "Promised by", "cf_kind": "Kind"}
#: The query names that are declared for each kind of request [D]; another one is refused [K], so that none slips in.
_QUERIES: Mapping[str, frozenset[str]] = {
    "tickets": frozenset(("updated_since", "order_by", "order_type", "per_page", "page", "include", "filter")),
    "ticket": frozenset(("include",)),
    "paged": frozenset(("per_page", "page", "created_since")),
}
_LISTED = frozenset(("stats", "requester", "description", "company"))
_VIEWED = frozenset(("stats", "requester", "conversations", "company"))


@dataclass
class Limits:
    """The screws of the service."""

    per_page: int = 100  # most rows of any page, whatever is asked for [D]
    max_page: int = 300  # [P]
    per_minute: int = 100  # of the account [F] (Growth)
    lists_per_minute: int = 20  # [F] (Growth)
    include_cost: int = 2  # what each include adds [D]; others say 1 or 3
    retry_after: str | None = ""  # of 429; "": the seconds until one more may go; None: no such field
    tells: bool = True  # how much is left [F]
    inclusive: bool = True  # whether updated_since means that second as well [K]
    forgets: bool = True  # moments of a status are emptied when it ends [K]
    reopens: bool = True  # the customer's words open it [K]
    never_ends: bool = False  # there always is a next page
    skew: timedelta = timedelta(0)  # its clock before ours


@dataclass
class Simulator(Mishaps):
    """Tickets with their conversations."""

    clock: Clock
    limits: Limits = field(default_factory=Limits)
    scope: int = 1  # of the agent: 1 all tickets, 2 those of its groups, 3 its own [D]
    forbidden: tuple[str, ...] = ()  # patterns of paths to which the agent has no right
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    conversations: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    ratings: list[dict[str, Any]] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)  # for good
    hidden: set[int] = field(default_factory=set)  # from this agent
    _order: list[tuple[str, int]] = field(default_factory=list)  # (updated_at, ticket)
    _spent: dict[str, deque[float]] = field(default_factory=dict)
    _last: int = 43_000_000_000
    _customers: dict[str, int] = field(default_factory=dict)

    # what happens there

    def now(self) -> datetime:
        return self.clock.now() + self.limits.skew

    def customer(self, name: str) -> int:
        """The account of a customer."""
        return self._customers.setdefault(name, 1000 + len(self._customers))

    def open(
        self, number: int, customer: str = "anna", text: str = "Where is it?", *, group: int | None = 11, source: int = EMAIL,
        status: int = OPEN, priority: int = 2, responder: int | None = None, tags: tuple[str, ...] = (), **fields: Any,
    ) -> None:  # fmt: skip
        """A new ticket [J]; `source` PHONE: an agent has written down a call; OUTBOUND: has written to the customer."""
        at = _iso(self.now())
        self.tickets[number] = {
            "id": number, "subject": "s", "status": status, "priority": priority, "source": source, "type": None,
            "requester_id": self.customer(customer), "responder_id": responder, "group_id": group, "company_id": None,
            "tags": list(tags), "spam": False, "due_by": None, "fr_due_by": None, "is_escalated": False, "fr_escalated": False,
            "created_at": at, "updated_at": at, "custom_fields": {**dict.fromkeys(FIELDS), **fields},
            "description": f"<div>{text}</div>", "description_text": text, "attachments": [],
            "stats": dict.fromkeys((
                "agent_responded_at", "requester_responded_at", "first_responded_at", "status_updated_at", "reopened_at",
                "resolved_at", "closed_at", "pending_since",
            )),
        }  # fmt: skip
        self.tickets[number]["stats"]["status_updated_at"] = at
        self.conversations[number] = []
        bisect.insort(self._order, (at, number))

    def touch(self, number: int) -> None:
        """It has changed."""
        ticket = self.tickets[number]
        del self._order[bisect.bisect_left(self._order, (ticket["updated_at"], number))]
        ticket["updated_at"] = _iso(self.now())
        bisect.insort(self._order, (ticket["updated_at"], number))

    def say(
        self, number: int, by: int, text: str = "words", *, private: bool = False, incoming: bool | None = None,
        source: int | None = None, files: int = 0, auto_response: bool = False, automation: int | None = None,
    ) -> int:  # fmt: skip
        """A conversation; a customer's opens the ticket [K]. Its number."""
        self._last += 64
        ticket, at = self.tickets[number], _iso(self.now())
        incoming = by not in AGENTS and by != GONE if incoming is None else incoming
        source = source if source is not None else BY_MAIL if incoming else NOTE if private else REPLY
        self.conversations[number].append({
            "id": self._last, "ticket_id": number, "user_id": by, "incoming": incoming, "private": private, "source": source,
            "body": f"<div>{text}</div>", "body_text": text, "support_email": None, "created_at": at, "updated_at": at,
            "attachments": [{"id": each, "name": "photo.png"} for each in range(files)], "auto_response": auto_response,
            "automation_id": automation, "from_email": None, "to_emails": [],
        })  # fmt: skip
        stats = ticket["stats"]
        if by == ticket["requester_id"]:
            stats["requester_responded_at"] = at
            if self.limits.reopens and ticket["status"] in (PENDING, RESOLVED, CLOSED, WAITING):
                self._become(number, OPEN)
        elif not incoming and not private and automation is None:
            stats["agent_responded_at"] = at
            stats["first_responded_at"] = stats["first_responded_at"] or at
        self.touch(number)
        return self._last

    def set(self, number: int, **fields: Any) -> None:
        """Fields change in one update; custom ones by their names."""
        ticket = self.tickets[number]
        for key, new in fields.items():
            if key == "status":
                self._become(number, new)
            elif key in FIELDS:
                ticket["custom_fields"][key] = new
            else:
                ticket[key] = new
        self.touch(number)

    def _become(self, number: int, status: int) -> None:
        """The status, and its moments [F][K]."""
        ticket, at = self.tickets[number], _iso(self.now())
        old, stats = ticket["status"], ticket["stats"]
        if old == status:
            return
        ticket["status"], stats["status_updated_at"] = status, at
        if old in (RESOLVED, CLOSED) and status not in (RESOLVED, CLOSED):
            stats["reopened_at"] = at
            if self.limits.forgets:
                stats["resolved_at"] = stats["closed_at"] = None
        if old == PENDING and self.limits.forgets:
            stats["pending_since"] = None
        if status == PENDING:
            stats["pending_since"] = at
        if status in (RESOLVED, CLOSED):
            stats["resolved_at"] = stats["resolved_at"] or at
        if status == CLOSED:
            stats["closed_at"] = at

    def rate(self, number: int, score: int) -> None:
        """The customer says how content she is; the ticket is not changed by it [K]."""
        self._last += 1
        at = _iso(self.now())
        self.ratings.append({
            "id": self._last, "survey_id": 1, "user_id": self.tickets[number]["requester_id"], "ticket_id": number,
            "feedback": "f", "ratings": {"default_question": score}, "created_at": at, "updated_at": at,
        })  # fmt: skip

    def merge(self, number: int, into: int, by: int = ALICE) -> None:
        """Both get a note, private by default, in words that the agent may change [M]; the one is closed."""
        self.say(into, by, f"Merged from ticket {number}<br><br>Subject: s<br>Description: words", private=True)
        self.say(number, by, f"This ticket is closed and merged into ticket {into}", private=True)
        self._become(number, CLOSED)

    def delete(self, number: int, *, spam: bool = False) -> None:
        """Into the bin, or to the spam."""
        self.tickets[number]["spam" if spam else "deleted"] = True
        self.touch(number)

    def bring_back(self, number: int) -> None:
        """Out of both."""
        self.tickets[number].update(spam=False, deleted=False)
        self.touch(number)

    # what it answers

    @staticmethod
    def headers() -> dict[str, str]:
        """What shows that a request is the agent's."""
        return {"Authorization": f"Basic {base64.b64encode(f'{KEY}:X'.encode()).decode()}"}

    def answer(self, method: str, target: str, headers: Mapping[str, str], _body: bytes = b"") -> Answer:
        """One request."""
        parts = urlsplit(target)
        path, query = parts.path, dict(parse_qsl(parts.query))
        self.asked.append(path + (f"?{parts.query}" if parts.query else ""))
        if method != "GET":
            self.wrote.append(f"{method} {path}")
        found = self._answered(path, query, headers)
        return self.sent(found, self.now())

    def _answered(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        used = 1 + self.limits.include_cost * len(query.get("include", "").split(",") if "include" in query else ())
        limit = self._over(path, used)
        if limit is not None:
            return limit
        if (planned := self.replaced()) is not None:
            return planned
        if self.has_expired(self.now()) or headers.get("Authorization") != self.headers()["Authorization"]:
            return _json({"code": "invalid_credentials", "message": "You have to be logged in to perform this action."}, 401)
        if any(re.search(each, path) for each in self.forbidden):
            return _json({"code": "access_denied", "message": "You are not authorized to perform this action."}, 403)
        found, more = self._found(path.removeprefix("/api/v2/"), query)
        answer = _json({"description": "Validation failed", "errors": []}, found) if isinstance(found, int) else _json(found)
        answer.headers.update({
            "X-RateLimit-Total": str(self.limits.per_minute), "X-RateLimit-Used-CurrentRequest": str(used),
            **({"X-RateLimit-Remaining": str(self.limits.per_minute - len(self._spent["all"]))} if self.limits.tells else {}),
        })  # fmt: skip
        if more or self.limits.never_ends:
            answer.headers["Link"] = f'<https://desk.invalid{path}?page=2>; rel="next"'
        return self.shortened(answer)

    def _over(self, path: str, used: int) -> Answer | None:
        """429 where a limit is used up; what is refused counts as well [F]."""
        now = self.clock.monotonic()
        self.taken[int(now // 60)] += used
        kept = [("all", self.limits.per_minute, used)]
        kept += [("tickets", self.limits.lists_per_minute, 1)] if path == "/api/v2/tickets" else []
        for kind, most, cost in kept:
            spent = self._spent.setdefault(kind, deque())
            while spent and spent[0] <= now - 60.0:
                spent.popleft()
            if len(spent) + cost > most:
                self.refused += 1
                wait = self.limits.retry_after
                wait = str(int(spent[0] + 60.0 - now) + 1 if spent else 60) if wait == "" else wait
                fields = {"Retry-After": wait} if wait is not None else {}
                return _json({"message": "You have exceeded the limit of requests"}, 429)._replace(headers=fields)
        for kind, _, cost in kept:
            self._spent[kind].extend([now] * cost)
        return None

    def _found(self, rest: str, query: Mapping[str, str]) -> tuple[Any, bool]:
        """(the JSON at a path, or a status; whether there is a further page)."""
        match = re.fullmatch(r"tickets/(\d+)(/conversations)?", rest)
        kind = "tickets" if rest == "tickets" else "ticket" if match and not match[2] else "paged"
        allowed = frozenset() if rest in ("ticket_fields", "agents/me") else _QUERIES[kind]
        included = frozenset(query["include"].split(",")) if "include" in query else frozenset()
        if set(query) - allowed or included - (_LISTED if kind == "tickets" else _VIEWED):
            return 400, False
        if kind == "tickets":
            return self._tickets(query, included)
        if match is not None:
            return self._ticket(int(match[1]), query, included, conversations=bool(match[2]))
        if rest == "agents/me":
            return self._agent(ME) | {"ticket_scope": self.scope}, False
        if rest == "ticket_fields":
            return self._fields(), False
        if contact := re.fullmatch(r"contacts/(\d+)", rest):
            return self._contact(int(contact[1])) or 404, False
        since = query.get("created_since", _iso(self.now() - timedelta(days=30)))
        lists = {
            "agents": [self._agent(each) for each in AGENTS],
            "groups": [{"id": number, "name": name} for number, name in GROUPS.items()],
            "surveys/satisfaction_ratings": [each for each in self.ratings if each["created_at"] >= since],
        }  # fmt: skip
        return self._page(lists[rest], query) if rest in lists else (404, False)

    def _tickets(self, query: Mapping[str, str], included: frozenset[str]) -> tuple[Any, bool]:
        """Without `updated_since` what was created within 30 days [F]."""
        if int(query.get("page", "1")) > self.limits.max_page:
            return 400, False
        since = query.get("updated_since", "")
        begin = bisect.bisect_left(self._order, (since, 0 if self.limits.inclusive else 1 << 62))
        numbers = [number for _, number in self._order[begin:]]
        if not since:
            oldest = _iso(self.now() - timedelta(days=30))
            numbers = [number for number in numbers if self.tickets[number]["created_at"] >= oldest]
        if query.get("order_by", "created_at") == "created_at":
            numbers.sort(key=lambda number: (self.tickets[number]["created_at"], number))
        if query.get("order_type", "desc") == "desc":
            numbers.reverse()
        wanted = query.get("filter")
        seen = [each for each in numbers if self._is_seen(each) and self._bin(each) == wanted]
        page, more = self._page(seen, query)
        return [self._shown(number, included) for number in page], more

    def _ticket(
        self, number: int, query: Mapping[str, str], included: frozenset[str], *, conversations: bool
    ) -> tuple[Any, bool]:
        if number not in self.tickets or number in self.gone:
            return 404, False
        if number in self.hidden:
            return 403, False
        if conversations:
            return (404, False) if self._bin(number) else self._page(self.conversations[number], query)
        return self._shown(number, included | {"description"}), False

    def _page(self, rows: list[Any], query: Mapping[str, str]) -> tuple[list[Any], bool]:
        size = min(self.limits.per_page, int(query.get("per_page", "30")))
        start = (int(query.get("page", "1")) - 1) * size
        return rows[start : start + size], start + size < len(rows)

    def _bin(self, number: int) -> str | None:
        ticket = self.tickets[number]
        return "deleted" if ticket.get("deleted") else "spam" if ticket["spam"] else None

    def _is_seen(self, number: int) -> bool:
        return number not in self.hidden and number not in self.gone

    def _shown(self, number: int, included: frozenset[str]) -> dict[str, Any]:
        """A list leaves out the words and `stats` [D]."""
        ticket = self.tickets[number]
        left_out = {"stats"} - included | ({"description", "description_text"} if "description" not in included else set())
        shown = {key: held for key, held in ticket.items() if key not in left_out}
        if "requester" in included:
            shown["requester"] = self._contact(ticket["requester_id"])
        return shown

    def _contact(self, number: int) -> dict[str, Any] | None:
        known = next((name for name, each in self._customers.items() if each == number), None)
        if known is None:
            return None
        return {"id": number, "name": known, "email": f"{known}@customer.example", "phone": None, "mobile": None}

    def _agent(self, number: int) -> dict[str, Any]:
        return {"id": number, "ticket_scope": 1, "type": "support_agent", "contact": {"name": "A", "email": AGENTS[number]}}

    def _fields(self) -> list[Any]:
        statuses = {str(number): [name, name] for number, name in STATUSES.items()}
        own = [{"name": name, "label": title, "default": False, "type": "custom_date"} for name, title in FIELDS.items()]
        return [{"name": "status", "label": "Status", "default": True, "type": "default_status", "choices": statuses}, *own]


def _json(found: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(found).encode())


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
