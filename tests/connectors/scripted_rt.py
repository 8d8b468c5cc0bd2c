"""Request Tracker's REST 2 on loopback, with knobs: shapes as in `tests/recordings/request_tracker`, misfortunes by hand."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from monitor.clock import Clock

TOKEN = "1-14-s3cret"
NEVER = "1970-01-01T00:00:00Z"
QUEUES = {"1": "General", "3": "Support", "4": "Projects"}
#: Name -> (id, whether it is privileged).
USERS = {"RT_System": ("1", 0), "Nobody": ("6", 0), "alice": ("29", 1), "bob": ("31", 1), "bot": ("40", 1)}
INACTIVE = ("resolved", "rejected", "done", "won't fix")
_CONDITION = re.compile(r"(id|LastUpdated|Queue|Status) (>=|>|!=|=) ('(?:[^'\\]|\\.)*'|\d+)")


@dataclass
class ScriptedRt:
    """Tickets with their records, answered as Request Tracker 5.0.3 does."""

    clock: Clock
    zone: timedelta = timedelta(0)  # of the account's profile: searches read times in it
    per_page: int = 100
    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by the ticket that shows them
    texts: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # record -> content type, header fields, text
    hidden: set[str] = field(default_factory=set)  # types of records that the account may not see
    gone: dict[str, Any] = field(default_factory=dict)  # ticket -> status of an answer, or the ticket that answers instead
    instead: list[tuple[str, int, dict[str, str], bytes]] = field(default_factory=list)  # pattern of a path, what answers it
    asked: list[str] = field(default_factory=list)
    wrote: list[str] = field(default_factory=list)  # requests that are no GET
    may_write: bool = False
    port: int = 0
    _last: int = 0

    # what happens there

    def open(self, number: str, by: str = "anna@example.org", queue: str = "3", at: datetime | None = None, **more: Any) -> str:
        """A new ticket. Returns the number of its first record."""
        at = at or self.clock.now()
        requestor = more.pop("requestor", by)
        self.tickets[number] = {
            "id": number, "type": "ticket", "Created": _iso(at), "LastUpdated": _iso(at), "Creator": _user(by), "Status": "new",
            "Owner": _user("Nobody"), "Queue": {"id": queue, "type": "queue", "Name": QUEUES[queue]}, "Priority": "50",
            "Requestor": [_user(requestor)], "Due": NEVER, "SLA": "day",
            "CustomFields": [{"id": "2", "name": "Promised by", "type": "customfield", "values": []}], **more,
        }  # fmt: skip
        self.records[number] = []
        return self.record(number, "Create", by, at=at)

    def record(self, number: str, kind: str, by: str, at: datetime | None = None, **fields: str) -> str:
        """A record of its history. Returns its number."""
        self._last += 1
        at = at or self.clock.now()
        empty = {"Field": "", "OldValue": "", "NewValue": "", "ObjectId": number}
        told = {"id": str(self._last), "type": "transaction", "Type": kind, "Created": _iso(at), "Creator": _user(by)}
        self.records[number].append({**told, **empty, **fields})
        self.tickets[number]["LastUpdated"] = _iso(at)
        return str(self._last)

    def say(
        self, number: str, by: str, text: str = "words", *, kind: str = "Correspond", headers: str = "", html: bool = False
    ) -> str:
        """Words: to or from the customer, or a comment."""
        ref = self.record(number, kind, by)
        self.texts[ref] = ("text/html" if html else "text/plain", headers, text)
        return ref

    def set(self, number: str, name: str, old: str, new: str, by: str = "alice") -> str:
        """A field of it changes."""
        if name in ("Status", "Priority"):
            self.tickets[number][name] = new
        elif name == "Queue":
            self.tickets[number]["Queue"] = {"id": new, "type": "queue", "Name": QUEUES[new]}
        elif name == "Owner":
            self.tickets[number]["Owner"] = _user(next(user for user, (ref, _) in USERS.items() if ref == new))
            self.record(number, "SetWatcher", by, Field="Owner", OldValue=old, NewValue=new)
        elif name == "Due":
            self.tickets[number]["Due"] = new.replace(" ", "T") + "Z"
        return self.record(number, "Status" if name == "Status" else "Set", by, Field=name, OldValue=old, NewValue=new)

    def promise(self, number: str, old: str, new: str, by: str = "alice") -> str:
        """Its custom field holds another date."""
        self.tickets[number]["CustomFields"][0]["values"] = [new] if new else []
        return self.record(number, "CustomField", by, Field="2", OldValue=old, NewValue=new)

    def merge(self, number: str, into: str, by: str = "alice") -> None:
        """It shows the other one's data from now on, and the other one its records."""
        link = f"fsck.com-rt://desk.example/ticket/{into}"
        for each in (number, into):
            self.record(each, "AddLink", by, Field="MergedInto", NewValue=link)
        self.records[into] = sorted([*self.records[into], *self.records.pop(number)], key=lambda record: int(record["id"]))
        del self.tickets[number]
        self.gone[number] = into

    # what it answers

    async def answer(self, request: web.Request) -> web.Response:
        """One request."""
        path = unquote(request.raw_path.partition("?")[0]).removeprefix("/REST/2.0")
        self.asked.append(path + (f"?{request.query['query']}" if "query" in request.query else ""))
        if request.method != "GET":
            self.wrote.append(f"{request.method} {path}")
        for number, (pattern, status, headers, body) in enumerate(self.instead):
            if re.search(pattern, self.asked[-1]):
                del self.instead[number]
                return self._dated(web.Response(status=status, headers=headers, body=body))
        if request.headers.get("Authorization") != f"token {TOKEN}":
            return self._dated(web.json_response({"message": "Unauthorized"}, status=401))
        found = self._found(path, request)
        if isinstance(found, int):
            return self._dated(web.json_response({"message": "No"}, status=found))
        return self._dated(web.json_response(found))

    def _dated(self, response: web.Response) -> web.Response:
        response.headers["Date"] = format_datetime(self.clock.now(), usegmt=True)
        return response

    def _found(self, path: str, request: web.Request) -> Any:
        """The JSON at a path, or a status."""
        page, per_page = int(request.query.get("page", 1)), min(int(request.query.get("per_page", 20)), self.per_page)
        kind, _, rest = path.removeprefix("/").partition("/")
        if path == "/rt":
            return {"Version": "5.0.3"}
        if path == "/queues/all":
            rows = [{"id": ref, "type": "queue", "Name": name} for ref, name in QUEUES.items()]
            return _collection(rows, page, per_page, total=True)
        if path == "/tickets":
            return _collection(self._search(request.query), page, per_page, total=True)
        if path == "/transactions":
            newest = sorted((r for rows in self.records.values() for r in rows), key=lambda r: -int(r["id"]))
            return _collection([r for r in newest if r["Type"] in ("Correspond", "Comment")], page, per_page, total=False)
        if kind == "user":
            known = USERS.get(rest)
            links = [{"ref": "self", "id": int(known[0]), "type": "user"}] if known else []
            return {"Name": rest, "Privileged": known[1], "_hyperlinks": links} if known else 404
        if kind == "ticket":
            return self._ticket(rest, page, per_page)
        if kind == "transaction":
            return self._attachments(rest.removesuffix("/attachments"))
        if kind == "attachment":
            return {"id": rest, "ContentType": self.texts[rest][0], "Content": b64encode(self.texts[rest][2].encode()).decode()}
        return 404

    def _search(self, query: Any) -> list[dict[str, Any]]:
        rows = [ticket for number, ticket in self.tickets.items() if number not in self.gone]
        ids = [value for name, how, value in _conditions(query["query"]) if (name, how) == ("id", "=")]
        queues = [value for name, _, value in _conditions(query["query"]) if name == "Queue"]
        for name, how, value in _conditions(query["query"]):
            if (name, how) == ("id", ">"):
                rows = [ticket for ticket in rows if int(ticket["id"]) > int(value)]
            elif name == "LastUpdated":
                since = datetime.fromisoformat(value + "+00:00") - self.zone
                rows = [ticket for ticket in rows if datetime.fromisoformat(ticket["LastUpdated"]) >= since]
            elif (name, value) == ("Status", "__Inactive__"):
                rows = [ticket for ticket in rows if ticket["Status"] in INACTIVE]
            elif (name, how) == ("Status", "!="):
                rows = [ticket for ticket in rows if ticket["Status"] != value]
        rows = [t for t in rows if (not ids or t["id"] in ids) and (not queues or t["Queue"]["Name"] in queues)]
        newest_first = query.get("order") == "DESC"
        by = query["orderby"]
        return sorted(rows, key=lambda t: int(t["id"]) if by == "id" else t[by], reverse=newest_first)

    def _ticket(self, rest: str, page: int, per_page: int) -> Any:
        number, _, more = rest.partition("/")
        instead = self.gone.get(number)
        if isinstance(instead, int):
            return instead
        number = instead or number
        if number not in self.tickets:
            return 404
        if more == "history":
            rows = self.records[number][(page - 1) * per_page : page * per_page]  # rights hide rows of a page that was cut before
            return _collection([row for row in rows if row["Type"] not in self.hidden], 1, per_page, total=False)
        links = [{"ref": "self"}, {"ref": "history"}, *([{"ref": "comment"}] if self.may_write else [])]
        return {**self.tickets[number], "id": int(number), "_hyperlinks": links}

    def _attachments(self, record: str) -> Any:
        kind, headers, _ = self.texts[record]
        return _collection([{"id": record, "ContentType": kind, "Headers": headers, "Filename": ""}], 1, 20, total=False)


def _conditions(query: str) -> list[tuple[str, str, str]]:
    """(field, operator, value) of each condition."""
    found = _CONDITION.findall(query)
    return [(name, how, re.sub(r"\\(.)", r"\1", value[1:-1] if value[0] == "'" else value)) for name, how, value in found]


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _user(name: str) -> dict[str, str]:
    return {"id": name, "type": "user", "_url": f"http://desk.example/REST/2.0/user/{name}"}


def _collection(rows: list[dict[str, Any]], page: int, per_page: int, *, total: bool) -> dict[str, Any]:
    shown = rows[(page - 1) * per_page : page * per_page]
    pages = -(-len(rows) // per_page)
    return {
        "items": shown, "count": len(shown), "page": page, "per_page": per_page, "total": len(rows) if total else None,
        "pages": pages if total else None,
    }  # fmt: skip


@asynccontextmanager
async def scripted_rt(rt: ScriptedRt) -> AsyncIterator[str]:
    """Serves it; gives the address that a source names."""
    runner = web.ServerRunner(web.Server(rt.answer))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        rt.port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{rt.port}"
    finally:
        await runner.cleanup()
