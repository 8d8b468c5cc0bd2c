"""The demo's Request Tracker with knobs: rights, merges, zones, misfortunes by hand. Keeps every request it was sent."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from monitor.clock import Clock
from monitor.demo.rt_answers import Answers
from monitor.demo.rt_server import API, Refused, RtServer
from monitor.demo.rt_tickets import Account, Ticket, TicketSystem, Words

TOKEN = "1-14-s3cret"
QUEUES = {"1": "General", "3": "Support", "4": "Projects"}
PROMISED_BY = "2"  # the only custom field
#: Name -> (id, whether it is privileged).
USERS = {"RT_System": (1, False), "Nobody": (6, False), "alice": (29, True), "bob": (31, True), "bot": (40, True)}


class _Tickets(TicketSystem):
    """Numbers records one after the other, whatever their ticket."""

    def __init__(self) -> None:
        accounts = {name: Account(ref, privileged, name.title(), None) for name, (ref, privileged) in USERS.items()}
        super().__init__(accounts, QUEUES, {PROMISED_BY: "Promised by"})
        self._numbers = count(1)

    def next_record(self, ticket: Ticket) -> int:
        return next(self._numbers)


class ScriptedRt(RtServer):
    """What happens there is said by number, as a text; `zone` and the other knobs may be turned while it runs."""

    inactive = ("resolved", "rejected", "done", "won't fix")

    def __init__(self, clock: Clock) -> None:
        super().__init__(_Tickets(), TOKEN, clock)
        self._now = clock.now
        self.per_page = 100
        self.hidden: set[str] = set()  # types of records that the account may not see
        self.gone: dict[str, int | str] = {}  # ticket -> status of an answer, or the ticket that answers instead
        self.instead: list[tuple[str, int, dict[str, str], bytes]] = []  # pattern of a path, what answers it
        self.asked: list[str] = []
        self.wrote: list[str] = []  # requests that are no GET
        self.may_write = False

    # what happens there

    def open(
        self,
        number: str,
        by: str = "anna@example.org",
        queue: str = "3",
        at: datetime | None = None,
        requestor: str | None = None,
    ) -> None:
        """A new ticket."""
        self.system.open(int(number), by, at or self._now(), queue, Words(""), requestor=requestor)

    def say(
        self, number: str, by: str, text: str = "words", *, kind: str = "Correspond", headers: str = "", html: bool = False
    ) -> str:
        """Words: to or from the customer, or a comment. Gives the number of the record."""
        words = Words(text, headers, "text/html" if html else "text/plain")
        return str(self.system.say(int(number), by, self._now(), words, kind))

    def set(self, number: str, name: str, new: str, by: str = "alice") -> str:
        """A field of it changes. Gives the number of the record."""
        return str(self.system.set(int(number), name, new, by, self._now()))

    def promise(self, number: str, new: str, by: str = "alice") -> str:
        """Its custom field holds another date. Gives the number of the record."""
        return str(self.system.set_custom(int(number), PROMISED_BY, new, by, self._now()))

    def merge(self, number: str, into: str, by: str = "alice") -> None:
        """It shows the other one's data from now on, and the other one its records."""
        for each in (number, into):
            link = f"fsck.com-rt://desk.example/ticket/{into}"
            self.system.record(int(each), "AddLink", by, self._now(), "MergedInto", new=link)
        merged, other = self.system.tickets.pop(int(number)), self.system.tickets[int(into)]
        other.records = sorted([*other.records, *merged.records])
        self.gone[number] = into

    # what it answers

    async def answer(self, request: web.BaseRequest) -> web.Response:
        path = unquote(request.raw_path.partition("?")[0]).removeprefix(API)
        self.asked.append(path + (f"?{request.query['query']}" if "query" in request.query else ""))
        if request.method != "GET":
            self.wrote.append(f"{request.method} {path}")
        for number, (pattern, status, headers, body) in enumerate(self.instead):
            if re.search(pattern, self.asked[-1]):
                del self.instead[number]
                response = self.response(None, status)
                response.headers.update(headers)
                response.body = body
                return response
        return await super().answer(request)

    def found(self, path: str, query: Mapping[str, str], answers: Answers) -> Any:
        size = min(int(query.get("per_page", 20)), self.per_page)
        body = super().found(path, {**query, "per_page": str(size)}, answers)
        if path.endswith("/history"):  # rights hide rows of a page that was cut before
            body["items"] = [each for each in body["items"] if each["Type"] not in self.hidden]
        elif path.startswith("/ticket/") and self.may_write:
            body["_hyperlinks"].append({"ref": "comment"})
        return body

    def ticket(self, number: str) -> Ticket:
        instead = self.gone.get(number, number)
        if isinstance(instead, int):
            raise Refused(instead, "No")
        return super().ticket(instead)

    def search(self, query: Mapping[str, str]) -> list[Ticket]:
        return [ticket for ticket in super().search(query) if str(ticket.number) not in self.gone]


@asynccontextmanager
async def scripted_rt(rt: ScriptedRt) -> AsyncIterator[str]:
    """Serves it; gives the address that a source names."""
    try:
        await rt.start()
        yield f"http://127.0.0.1:{rt.port}"
    finally:
        await rt.stop()
