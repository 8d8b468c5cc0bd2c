"""What REST 2 of Request Tracker 5.0.3 answers about tickets, records, accounts and queues, as JSON values. Pure."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from monitor.demo.rt_tickets import NEVER, Account, Record, Ticket, TicketSystem, Words

MAX_PER_PAGE: Final = 100  # whatever is asked for
_DEFAULT_PER_PAGE: Final = 20

Json = dict[str, Any]


class Answers:
    """Renders what is in `system` under the address `base` of the interface."""

    def __init__(self, system: TicketSystem, base: str) -> None:
        self._system = system
        self._base = base

    def ticket(self, ticket: Ticket) -> Json:
        """A ticket as it is shown alone."""
        links = [
            {"ref": "self", "type": "ticket", "id": ticket.number, "_url": self._url("ticket", ticket.number)},
            *({"ref": "customfield", **field} for field in self._custom_fields(ticket, values=False)),
            {"ref": "history", "_url": f"{self._url('ticket', ticket.number)}/history"},
        ]
        return {
            **self._ticket(ticket), "EffectiveId": self._ref("ticket", str(ticket.number)), "id": ticket.number,
            "_hyperlinks": links,
        }  # fmt: skip

    def listed_ticket(self, ticket: Ticket, query: Mapping[str, str]) -> Json:
        """A ticket in a list: the fields that were asked for."""
        whole = {**self._ticket(ticket), "EffectiveId": str(ticket.number)}
        if query.get("fields[Queue]") == "Name":
            whole["Queue"] = {**whole["Queue"], "Name": self._system.queues[ticket.queue]}
        return self._listed("ticket", ticket.number, whole, query)

    def listed_record(self, record: Record, query: Mapping[str, str]) -> Json:
        """A record in a list."""
        whole = {
            "Type": record.kind, "Created": _iso(record.at), "Creator": self._user(record.by), "Field": record.field,
            "OldValue": record.old, "NewValue": record.new, "Data": record.data, "ObjectId": str(record.ticket), "Object": "",
        }  # fmt: skip
        return self._listed("transaction", record.id, whole, query)

    def listed_queue(self, ref: str, query: Mapping[str, str]) -> Json:
        """A queue in a list."""
        whole = {"Name": self._system.queues[ref], "Lifecycle": "default", "SLADisabled": "1"}
        return self._listed("queue", ref, whole, query)

    def listed_attachment(self, record: int, words: Words, query: Mapping[str, str]) -> Json:
        """The only part of a message, in a list."""
        return self._listed("attachment", record, {**_attachment(words), "Content": words.text}, query)

    def attachment(self, record: int, words: Words) -> Json:
        """The same alone: here its content is written in base64."""
        return {**_attachment(words), "Content": b64encode(words.text.encode()).decode(), "id": record}

    def user(self, called: str, account: Account) -> Json:
        """An account as every other one may see it."""
        link = {"ref": "self", "type": "user", "id": account.id, "_url": self._url("user", account.id)}
        return {
            "Name": called, "Privileged": int(account.privileged), "RealName": account.real_name,
            "EmailAddress": account.address, "_hyperlinks": [link],
        }  # fmt: skip

    def page(self, path: str, query: Mapping[str, str], rows: Sequence[Json], total: int | None) -> Json:
        """A page of a list. `total`: of all its pages, None where Request Tracker does not tell."""
        number, size = page_asked(query)
        pages = None if total is None else -(-total // size) or 0.0
        found: Json = {
            "items": rows, "count": len(rows), "page": number, "per_page": size, "total": total, "pages": pages,
        }  # fmt: skip
        if pages is not None and number < pages:
            found["next_page"] = self._page_url(path, query, number + 1)
        if pages is not None and number > 1:
            found["prev_page"] = self._page_url(path, query, number - 1)
        return found

    def _page_url(self, path: str, query: Mapping[str, str], number: int) -> str:
        return f"{self._base}{path}?{urlencode({**query, 'page': str(number)})}"

    def _ticket(self, ticket: Ticket) -> Json:
        unset = dict.fromkeys(("Resolved", "Started", "Starts", "Told"), _iso(NEVER))
        return {
            **unset, "AdminCc": [], "Cc": [], "Created": _iso(ticket.created), "Creator": self._user(ticket.creator),
            "CustomFields": list(self._custom_fields(ticket, values=True)), "Due": _iso(ticket.due), "FinalPriority": "0",
            "InitialPriority": "50", "LastUpdated": _iso(ticket.updated), "LastUpdatedBy": self._user(ticket.updated_by),
            "Owner": self._user(ticket.owner), "Priority": ticket.priority, "Queue": self._ref("queue", ticket.queue),
            "Requestor": [self._user(each) for each in ticket.requestors], "SLA": ticket.sla, "Status": ticket.status,
            "Subject": ticket.subject, "TimeEstimated": "0", "TimeLeft": "0", "TimeWorked": "0", "Type": "ticket",
        }  # fmt: skip

    def _custom_fields(self, ticket: Ticket, *, values: bool) -> Iterable[Json]:
        for ref, called in self._system.fields.items():
            held = ticket.fields[ref]
            yield {**self._ref("customfield", ref), "name": called} | ({"values": [held] if held else []} if values else {})

    def _listed(self, kind: str, ref: int | str, whole: Json, query: Mapping[str, str]) -> Json:
        asked = query.get("fields", "").split(",")
        return {**{name: value for name, value in whole.items() if name in asked}, **self._ref(kind, str(ref))}

    def _user(self, called: str) -> Json:
        return self._ref("user", called)

    def _ref(self, kind: str, ref: str) -> Json:
        return {"id": ref, "type": kind, "_url": self._url(kind, ref)}

    def _url(self, kind: str, ref: int | str) -> str:
        return f"{self._base}/{kind}/{ref}"


def page_asked(query: Mapping[str, str]) -> tuple[int, int]:
    """(number of the page, rows on it) that are asked for."""
    return max(1, _number(query.get("page"), 1)), min(max(1, _number(query.get("per_page"), _DEFAULT_PER_PAGE)), MAX_PER_PAGE)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else default


def _attachment(words: Words) -> Json:
    return {"ContentType": words.content_type, "Headers": words.headers, "Filename": ""}


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
