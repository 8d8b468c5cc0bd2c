"""Znuny's generic interface on loopback, with knobs: shapes as in `tests/recordings/znuny`, misfortunes by hand."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from monitor.clock import Clock

USERNAME, PASSWORD = "monitor", "s3cret-pass"
#: Accounts by number; customers and rules act as the first.
ROOT, ALICE, BOB, BOT = 1, 2, 3, 5
LOGINS = {ROOT: "root@localhost", ALICE: "alice", BOB: "bob", BOT: "chatbot"}
QUEUES = {"Support": 5, "Projects": 6, "Managers": 7}
TYPES = {
    "new": "new", "open": "open", "closed successful": "closed", "closed unsuccessful": "closed", "merged": "merged",
    "pending reminder": "pending reminder", "pending auto close+": "pending auto", "removed": "removed",
    "closed with workaround": "closed", "waiting for parts": "pending reminder", "in the workshop": "open",
}  # fmt: skip
_PATH = re.compile(r"/Ticket/(?:(History)/)?([\d,]+)\Z")


@dataclass
class ScriptedZnuny:
    """Tickets with their articles and histories, answered as Znuny 6.5.15 does."""

    clock: Clock
    zone: tzinfo = UTC  # of everything it stores
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    articles: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    records: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[int, list[str]] = field(default_factory=dict)  # article -> names of what is attached
    hidden: set[int] = field(default_factory=set)  # tickets that the account may not see
    denied: set[int] = field(default_factory=set)  # tickets that are found, and not given
    understands: bool = True  # the filter by time
    instead: list[tuple[str, int, dict[str, str], bytes]] = field(default_factory=list)  # pattern of a path, what answers it
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)  # of searches
    wrote: list[str] = field(default_factory=list)  # requests that could change something
    urls: list[str] = field(default_factory=list)  # as a web server logs them
    port: int = 0
    _last: int = 0

    # what happens there

    def open(
        self,
        number: int,
        customer: str = "anna@example.org",
        *,
        by: int = ROOT,
        sender: str | None = "customer",
        queue: str = "Support",
        state: str = "new",
        **more: Any,
    ) -> None:
        """A new ticket with its first article, if it has one."""
        at = self._now()
        self.tickets[number] = {
            "TicketID": number, "TicketNumber": str(1000000 + number), "Created": at, "Changed": at, "CreateBy": by,
            "ChangeBy": by, "CustomerUserID": customer, "CustomerID": "", "Owner": LOGINS[ROOT], "OwnerID": ROOT,
            "Queue": queue, "QueueID": QUEUES[queue], "Priority": "3 normal", "PriorityID": 3, "State": state,
            "StateType": TYPES[state], "Type": "Unclassified", "TypeID": 1, "Lock": "unlock", "LockID": 1,
        }  # fmt: skip
        self.articles[number], self.records[number] = [], []
        self.record(number, "NewTicket", f"%%{1000000 + number}%%{queue}%%3 normal%%{state}%%{number}", by)
        if sender:
            self.say(number, by, sender=sender, **more)

    def record(self, number: int, kind: str, text: str, by: int = ALICE, article: int = 0) -> None:
        """A record of its history."""
        ticket, at = self.tickets[number], self._now()
        ticket["Changed"], ticket["ChangeBy"] = at, by
        self.records[number].append({
            "ArticleID": article, "CreateBy": by, "CreateTime": at, "HistoryType": kind, "Name": text,
            "OwnerID": ticket["OwnerID"], "PriorityID": ticket["PriorityID"], "QueueID": ticket["QueueID"], "StateID": 1,
            "TicketID": str(number), "TypeID": 1,
        })  # fmt: skip

    def say(
        self,
        number: int,
        by: int,
        text: str = "words",
        *,
        sender: str = "agent",
        public: bool = True,
        address: str = "",
        channel: str = "Email",
        kind: str = "SendAnswer",
        html: bool = False,
        files: tuple[str, ...] = (),
    ) -> int:
        """An article. Returns its number."""
        self._last += 1
        writer = address or (self.tickets[number]["CustomerUserID"] if sender == "customer" else f"{LOGINS[by]}@desk.example")
        self.articles[number].append({
            "ArticleID": self._last, "ArticleNumber": len(self.articles[number]) + 1, "Body": text, "CreateBy": by,
            "CreateTime": self._now(), "IncomingTime": int(self.clock.now().timestamp()), "CommunicationChannel": channel,
            "ContentType": f"text/{'html' if html else 'plain'}; charset=utf-8", "From": f"Some Body <{writer}>", "To": "",
            "IsVisibleForCustomer": int(public), "SenderType": sender, "Subject": "Re", "TicketID": number,
        })  # fmt: skip
        self.files[self._last] = list(files)
        self.record(number, "FollowUp" if sender == "customer" else kind, "%%", by, self._last)
        return self._last

    def set_state(self, number: int, state: str, by: int = ALICE, until: str = "") -> None:
        """Its status changes, and with it the time until which it waits."""
        ticket = self.tickets[number]
        old, ticket["State"], ticket["StateType"] = ticket["State"], state, TYPES[state]
        self.record(number, "StateUpdate", f"%%{old}%%{state}%%", by)
        self.record(number, "SetPendingTime", f"%%{until or '00-00-00 00:00'}", by)

    def set_owner(self, number: int, owner: int, by: int = ALICE) -> None:
        """It is somebody else's."""
        self.tickets[number] |= {"Owner": LOGINS[owner], "OwnerID": owner}
        self.record(number, "OwnerUpdate", f"%%{LOGINS[owner]}%%{owner}", by)

    def move(self, number: int, queue: str, by: int = ALICE) -> None:
        """It goes into another queue."""
        old, old_id = self.tickets[number]["Queue"], self.tickets[number]["QueueID"]
        self.tickets[number] |= {"Queue": queue, "QueueID": QUEUES[queue]}
        self.record(number, "Move", f"%%{queue}%%{QUEUES[queue]}%%{old}%%{old_id}", by)

    def set_priority(self, number: int, priority: str, by: int = ALICE) -> None:
        """It is more urgent, or less."""
        old, self.tickets[number]["Priority"] = self.tickets[number]["Priority"], priority
        self.record(number, "PriorityUpdate", f"%%{old}%%{old[0]}%%{priority}%%{priority[0]}", by)

    def set_field(self, number: int, called: str, old: str, new: str, by: int = ALICE) -> None:
        """A dynamic field holds something else."""
        self.tickets[number]["DynamicField"] = [{"Name": called, "Value": new}] if new else []
        self.record(number, "TicketDynamicFieldUpdate", f"%%FieldName%%{called}%%Value%%{new}%%OldValue%%{old}", by)

    def merge(self, number: int, into: int, by: int = ALICE) -> None:
        """Its articles, and the records of them, go over to the other one; it keeps a note and a status."""
        self.articles[into] += self.articles[number]
        moved = [each for each in self.records[number] if each["ArticleID"]]
        self.records[into] = sorted([*self.records[into], *moved], key=lambda each: each["CreateTime"])
        self.articles[number] = []
        self.records[number] = [each for each in self.records[number] if not each["ArticleID"]]
        self.say(number, by, "Merged.", channel="Internal", kind="AddNote")
        numbers = f"%%{1000000 + number}%%{number}%%{1000000 + into}%%{into}"
        self.record(number, "Merged", numbers, by)
        self.record(into, "Merged", numbers, by)
        self.set_state(number, "merged", by)

    def delete(self, number: int) -> None:
        """It was never there."""
        del self.tickets[number], self.articles[number], self.records[number]

    # what it answers

    async def answer(self, request: web.Request) -> web.Response:
        """One request."""
        path = unquote(request.raw_path.partition("?")[0])
        self.asked.append(path)
        self.urls.append(request.raw_path)
        if request.method != "GET" and path != "/Ticket/Search":
            self.wrote.append(f"{request.method} {path}")
        for number, (pattern, status, headers, body) in enumerate(self.instead):
            if re.search(pattern, path):
                del self.instead[number]
                return self._dated(web.Response(status=status, headers=headers, body=body))
        if path == "/Ticket/Search" and request.method == "POST":
            found = self._search(await request.json()) if self._admits(request) else _error("TicketSearch.AuthFail")
        elif (match := _PATH.match(path)) and request.method == "GET":
            operation = "TicketHistoryGet" if match[1] else "TicketGet"
            found = self._read(operation, match[2], request.query) if self._admits(request) else _error(f"{operation}.AuthFail")
        else:
            text = f"HTTP::REST Error while determine Operation for request URI '{path}'."
            return self._dated(web.Response(status=500, text=text))
        return self._dated(web.json_response(found))

    def _admits(self, request: web.Request) -> bool:
        given = request.headers.get("X-OTRS-Header-UserLogin"), request.headers.get("X-OTRS-Header-Password")
        return given == (USERNAME, PASSWORD)

    def _dated(self, response: web.Response) -> web.Response:
        response.headers["Date"] = format_datetime(self.clock.now(), usegmt=True)
        return response

    def _now(self) -> str:
        return f"{self.clock.now().astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def _search(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.bodies.append(asked)
        since = asked.get("TicketLastChangeTimeNewerDate", "")
        if since > self._now():
            return {}  # as Znuny does, without a word
        rows = [ticket for ref, ticket in self.tickets.items() if ref not in self.hidden]
        rows = [ticket for ticket in rows if ticket["Changed"] >= since or not self.understands]
        if any(queue not in QUEUES for queue in asked.get("Queues", ())):
            return {}  # as well
        for key, name in (("Queues", "Queue"), ("States", "State")):
            rows = [ticket for ticket in rows if key not in asked or ticket[name] in asked[key]]
        wanted = {int(ref) for ref in asked["TicketID"]} if "TicketID" in asked else self.tickets.keys()
        rows = [ticket for ticket in rows if ticket["TicketID"] in wanted]
        rows.sort(key=lambda ticket: ticket["Changed"], reverse=asked.get("OrderBy", "Down") == "Down")
        found = [str(ticket["TicketID"]) for ticket in rows][: asked.get("Limit", 500)]
        return {"TicketID": found} if found else {}

    def _read(self, operation: str, refs: str, query: Any) -> dict[str, Any]:
        numbers = [int(ref) for ref in refs.split(",")]
        if any(ref not in self.tickets or ref in self.hidden | self.denied for ref in numbers):
            return _error(f"{operation}.AccessDenied")
        if operation == "TicketHistoryGet":
            return {"TicketHistory": [{"TicketID": str(ref), "History": self.records[ref]} for ref in numbers]}
        return {"Ticket": [self._shown(ref, query) for ref in numbers]}

    def _shown(self, number: int, query: Any) -> dict[str, Any]:
        ticket = dict(self.tickets[number])
        if not ticket.get("DynamicField") or query.get("DynamicFields") != "1":
            ticket.pop("DynamicField", None)
        sender = query.get("ArticleSenderType")
        articles = [each for each in self.articles[number] if sender is None or sender == each["SenderType"]]
        if query.get("AllArticles") == "1" and articles:
            with_files = query.get("Attachments") == "1"
            ticket["Article"] = [self._with_files(each, query) for each in articles] if with_files else articles
        return ticket

    def _with_files(self, article: dict[str, Any], query: Any) -> dict[str, Any]:
        assert query["GetAttachmentContents"] == "0"
        names = self.files[article["ArticleID"]]
        return {**article, "Attachment": [{"Filename": each, "Content": ""} for each in names]} if names else article


def _error(code: str) -> dict[str, Any]:
    return {"Error": {"ErrorCode": code, "ErrorMessage": f"{code.partition('.')[0]}: no"}}


@asynccontextmanager
async def scripted_znuny(server: ScriptedZnuny) -> AsyncIterator[str]:
    """Serves it; gives the address that a source names."""
    runner = web.ServerRunner(web.Server(server.answer))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await runner.cleanup()
