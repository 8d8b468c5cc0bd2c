"""Serves the tickets over REST 2 of Request Tracker 5, read-only: what `tests/recordings/request_tracker` shows of a real one."""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web

from monitor.clock import Clock
from monitor.demo.rt_answers import Answers, page_asked
from monitor.demo.rt_search import BadQuery, condition
from monitor.demo.rt_tickets import Record, Ticket, TicketSystem, stamp

API: Final = "/REST/2.0"
VERSION: Final = "5.0.3"
_TICKET_FIELDS: Final = frozenset({"id", "LastUpdated", "Queue", "Status"})
_RECORD_FIELDS: Final = frozenset({"id", "Type"})
_ORDERS: Final[Mapping[str, Callable[[Ticket], Any]]] = {
    "id": lambda ticket: ticket.number, "LastUpdated": lambda ticket: (ticket.updated, ticket.number),
}  # fmt: skip


class Refused(Exception):
    """Answered with a status and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class RtServer:
    """Listens on a port of 127.0.0.1 that the system chooses; only GET, and only for who shows the token."""

    #: Statuses that close a ticket.
    inactive: Sequence[str] = ("resolved", "rejected", "deleted")

    def __init__(self, system: TicketSystem, token: str, clock: Clock) -> None:
        self.system = system
        self.zone = timedelta(0)  # of the account's profile: searches read times in it
        self._token = f"token {token}"
        self._clock = clock
        self._runner = web.ServerRunner(web.Server(self.answer))

    async def start(self) -> None:
        """Listen."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()

    @property
    def port(self) -> int:
        """Where it listens; only after `start`."""
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """Stop listening and close all connections."""
        await self._runner.cleanup()

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """One request."""
        try:
            if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), self._token.encode()):
                raise Refused(401, "Unauthorized")
            if request.method != "GET":
                raise Refused(405, "Method Not Allowed")
            path = unquote(request.raw_path.partition("?")[0])
            if not path.startswith(f"{API}/"):
                raise Refused(404, "Not Found")
            answers = Answers(self.system, f"http://{request.host}{API}")
            return self.response(self.found(path.removeprefix(API), dict(request.query), answers), charset='"utf-8"')
        except Refused as refused:
            return self.response({"message": str(refused)}, refused.status)

    def response(self, body: Any, status: int = 200, charset: str = "utf-8") -> web.Response:
        """JSON, by the clock that we were given."""
        headers = {
            "Content-Type": f"application/json; charset={charset}", "Date": format_datetime(self._clock.now(), usegmt=True),
        }  # fmt: skip
        return web.Response(status=status, headers=headers, body=json.dumps(body).encode())

    def found(self, path: str, query: Mapping[str, str], answers: Answers) -> Any:
        """The JSON at a path. Raises Refused."""
        match path.split("/")[1:]:
            case ["rt"]:
                return {"Version": VERSION}
            case ["queues", "all"]:
                rows = sorted(self.system.queues, key=lambda ref: self.system.queues[ref])
                return self._page(path, query, answers, rows, answers.listed_queue, told=True)
            case ["tickets"]:
                return self._page(path, query, answers, self.search(query), answers.listed_ticket, told=True)
            case ["transactions"]:
                return self._page(path, query, answers, self._newest(query), answers.listed_record, told=False)
            case ["ticket", number]:
                return answers.ticket(self.ticket(number))
            case ["ticket", number, "history"]:
                return self._page(path, query, answers, self.ticket(number).records, answers.listed_record, told=False)
            case ["transaction", number, "attachments"]:
                words = self.system.words.get(_whole(number))
                parts = [] if words is None else [answers.listed_attachment(_whole(number), words, query)]
                return answers.page(path, query, parts, None)
            case ["attachment", number] if (words := self.system.words.get(_whole(number))) is not None:
                return answers.attachment(_whole(number), words)
            case ["user", called] if (account := self.system.accounts.get(called)) is not None:
                return answers.user(called, account)
        raise Refused(404, "Not Found")

    def ticket(self, number: str) -> Ticket:
        """The ticket of this number. Raises Refused."""
        found = self.system.tickets.get(_whole(number))
        if found is None:
            raise Refused(404, "Not Found")
        return found

    def search(self, query: Mapping[str, str]) -> list[Ticket]:
        """The tickets that are asked for, in order. Raises Refused."""
        wanted = _condition(query.get("query", ""), _TICKET_FIELDS)
        found = [ticket for ticket in self.system.tickets.values() if wanted(self._row(ticket))]
        return sorted(found, key=_ORDERS.get(query.get("orderby", ""), _ORDERS["id"]), reverse=query.get("order") == "DESC")

    def _row(self, ticket: Ticket) -> dict[str, int | str]:
        return {
            "id": ticket.number, "LastUpdated": stamp(ticket.updated + self.zone), "Queue": self.system.queues[ticket.queue],
            "Status": ticket.status, "__Inactive__": ticket.status in self.inactive,
        }  # fmt: skip

    def _newest(self, query: Mapping[str, str]) -> list[Record]:
        """The records that are asked for, of all tickets."""
        wanted = _condition(query.get("query", ""), _RECORD_FIELDS)
        every = (record for ticket in self.system.tickets.values() for record in ticket.records)
        found = [record for record in every if wanted({"id": record.id, "Type": record.kind})]
        return sorted(found, key=lambda record: record.id, reverse=query.get("order") == "DESC")

    def _page(
        self, path: str, query: Mapping[str, str], answers: Answers, rows: Sequence[Any],
        shown: Callable[[Any, Mapping[str, str]], Any], *, told: bool,
    ) -> Any:  # fmt: skip
        """The part of `rows` that is asked for. `told`: with the number of them all."""
        number, size = page_asked(query)
        part = rows[(number - 1) * size : number * size]
        return answers.page(path, query, [shown(each, query) for each in part], len(rows) if told else None)


def _condition(query: str, fields: frozenset[str]) -> Any:
    try:
        return condition(query, fields)
    except BadQuery as error:
        raise Refused(400, str(error)) from None


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1
