"""Source type `request_tracker`: Request Tracker 5 over its REST 2, read-only.

Tickets are listed by LastUpdated and id, and each one that changed is read with its whole history. Facts of the interface:
docs/connectors/request_tracker.md.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import quote

from pydantic import Field, SecretStr

from monitor.connector import Context, Finding, Place, Untold
from monitor.connectors._http.answers import Answer, Problem
from monitor.connectors._http.client import HttpClient
from monitor.connectors._http.fields import items, name, number, optional_items, optional_name, part, whole
from monitor.connectors._http.pages import Pages
from monitor.connectors._mail.headers import header_fields
from monitor.connectors._mail.machines import is_usual, says
from monitor.connectors._mail.text import html_text
from monitor.connectors._request_tracker import NOBODY, Reader, content, moment, rank, values_held
from monitor.connectors._tickets.checks import places_seen
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.connectors._tickets.facts import QUEUE, State, Ticket, Words
from monitor.connectors._tickets.helpdesk import Absence, Listing, Row
from monitor.connectors._tickets.over_http import HttpHelpdesk
from monitor.connectors._tickets.people import People
from monitor.connectors._tickets.rules import Rules, folded, rules_of
from monitor.connectors._tickets.settings import HelpdeskSettings
from monitor.errors import TransientError

CHANNEL: Final = "ticket"
PLACES: Final = (Place("queue", "Helpdesk: the queue of a ticket."),)

_API: Final = "/REST/2.0"
_PER_PAGE: Final = 100  # Request Tracker gives no more, whatever is asked for
_MAX_PAGES: Final = 200  # of one history
_ROBOTS: Final = ("RT_System",)
_SECONDS: Final = timedelta(seconds=2)
_BUSY: Final = timedelta(minutes=1)  # that a server may take from a record to the ticket's LastUpdated
_QUARTER: Final = timedelta(minutes=15)
_FURTHEST: Final = 14 * 4  # quarters of an hour that a zone may be away from UTC
#: Zones change to summer time and back by an hour: listings reach further back than that.
_OVERLAP: Final = timedelta(minutes=65)
_MAX_STATUSES: Final = 30
#: What else a customer may be known by. Numbers are seen by accounts alone that may change users (AdminUsers).
_NAMES: Final = ("EmailAddress", "MobilePhone", "WorkPhone", "HomePhone")
#: When more records than these are known they are asked for anew.
_MOST_RECORDS: Final = 20_000
_MESSAGES_LOOKED_AT: Final = 100  # by `check`, to say who is staff
#: What a listing says of each ticket, and a history of each record.
TICKETS_LISTED: Final = "LastUpdated,Created,Creator,Status,Owner,Queue,Requestor,Priority,Due,SLA,CustomFields"
RECORDS_TOLD: Final = "Type,Created,Creator,Field,OldValue,NewValue,ObjectId"
STATES: Final = {
    "stalled": State("pending", on="customer"),
    "resolved": State("closed", how="done"),
    "rejected": State("discarded", reason="rejected"),
    "deleted": State("discarded", reason="deleted"),
}
_HIDDEN: Final = (
    "the account does not see every record of a ticket's history: give it the rights ShowTicketComments, ShowOutgoingEmail and "
    "SeeCustomField, or promises, hand-overs and closings may be missing"
)


class Settings(HelpdeskSettings):
    """Keys of a source of type `request_tracker`."""

    type: Literal["request_tracker"]
    token: SecretStr = Field(description="Authentication token of an account that may only read.")
    queues: list[str] = Field(default_factory=list, description="Which to read; default: all that the account sees.")


def connect(settings: Settings, context: Context) -> HelpdeskConnector:
    """The connector of this source. Raises ConfigError when `ca_file` cannot be used."""
    return HelpdeskConnector(RequestTracker(settings, context), context, settings.backfill)


class RequestTracker(HttpHelpdesk):
    """The `Helpdesk` of one Request Tracker."""

    place = PLACES[0]
    overlap = _OVERLAP

    def __init__(self, settings: Settings, context: Context) -> None:
        headers = {"Authorization": f"token {settings.token.get_secret_value()}"}
        super().__init__(context, HttpClient(settings, context.clock, headers=headers, shows="token"))
        self._settings = settings
        self._rules = self._rules_with(STATES)
        self._zone = timedelta(0)
        self._queues: dict[str, str] = {}  # id -> name
        self._accounts: dict[str, tuple[str | None, bool]] = {}  # name in small letters -> id, whether it is staff
        self._records: dict[str, tuple[str, ...]] = {}  # name of a customer in small letters -> address and numbers
        self._hidden = False

    def untold(self) -> Untold:
        return Untold((_HIDDEN,)) if self._hidden else Untold()

    async def prepare(self) -> Rules:
        """Queues, statuses, the zone of the account's profile: once an hour; who is staff is asked when somebody appears."""
        if self._is_stale():
            self._accounts.clear()
            if len(self._records) > _MOST_RECORDS:
                self._records.clear()
            self._queues = {name(each, "id"): name(each, "Name") async for each in self._all("/queues/all", {"fields": "Name"})}
            self._rules = self._rules_with(STATES | await self._other_closed_states())
            zone = await self._zone_of_profile()
            if zone is not None:  # without any ticket there is nothing to try it with, and nothing to learn
                self._zone = zone
                self._has_learned()
        return self._rules

    async def changed(self, since: datetime, mark: Any) -> Listing:
        asked = f"id > {int(mark or 0)} AND LastUpdated >= '{since + self._zone:%Y-%m-%d %H:%M:%S}'{self._in_queues()}"
        body = (await self._tickets(asked, TICKETS_LISTED)).body
        rows = [_row(each) for each in items(body, "items")]
        total = part(body, "total")
        more = bool(rows) and (total > len(rows) if isinstance(total, int) else True)
        # In another season of the zone the filter is up to an hour wide of the mark.
        rows_since = [row for row in rows if not since - timedelta(minutes=61) <= row.updated < since]
        return Listing(rows_since, int(rows[-1].ref) if more else None, total if isinstance(total, int) else None)

    async def ticket(self, row: Row) -> Ticket | None:
        records = await self._history(row)
        if records is None:
            return None
        requestors = [name(each, "id") for each in items(row.data, "Requestor")]
        people = await self._people((name(each, "Creator", "id") for each in (*records, row.data)), requestors)
        fields = {name(each, "id"): name(each, "name") for each in items(row.data, "CustomFields")}
        nobody, _ = await self._account(NOBODY)
        reader = Reader(row.ref, self._queues, people, requestors, fields, nobody)
        owner = name(row.data, "Owner", "id")
        held = values_held(row.data, None if owner == NOBODY else (await self._account(owner))[0] or owner)
        ticket = reader.ticket(row.data, held, records)
        return replace(ticket, names=await self._other_names(ticket.customer)) if ticket.customer else ticket

    async def words(self, ref: str, *, ours: bool = False) -> Words:
        listed = await self._http.find(f"{_API}/transaction/{ref}/attachments", {"fields": "ContentType,Filename,Headers"})
        parts = [] if listed is None else items(listed.body, "items")
        headers = header_fields(str(part(parts, 0, "Headers") or "").encode("utf-8", "replace"))
        if says(headers, "", usual=is_usual(headers)).automatic:
            return Words(None, automatic=True)
        shown = [each for each in parts if not part(each, "Filename")]
        if len(shown) < len(parts) and not ours:
            return Words(None)
        for kind in ("text/plain", "text/html"):
            for each in shown:
                if part(each, "ContentType") == kind:
                    return Words(await self._content(name(each, "id"), kind))
        return Words(None)

    async def absent(self, refs: Sequence[str]) -> Mapping[str, Absence]:
        asked = f"({' OR '.join(f'id = {int(ref)}' for ref in refs)}){self._in_queues()}"
        seen = {number(each, "id") for each in items((await self._tickets(asked, "Status")).body, "items")}
        gone = {ref: await self._why_absent(ref) for ref in refs if ref not in seen}
        return {ref: why for ref, why in gone.items() if why is not None}

    async def check(self) -> AsyncIterator[Finding]:
        for finding in self._http.findings():
            yield finding
        version = optional_name((await self._http.get(f"{_API}/rt")).body, "Version")
        yield Finding(True, f"Request Tracker {version}")
        named = [*self._context.places, *self._settings.queues, *self._settings.escalation.queues]
        for finding in places_seen(self.place, list(self._queues.values()), named):
            yield finding
        authors = {"query": "Type = 'Correspond' OR Type = 'Comment'", "orderby": "id", "order": "DESC", "fields": "Creator"}
        newest = await self._http.get(f"{_API}/transactions", {**authors, "per_page": str(_MESSAGES_LOOKED_AT)})
        people = await self._people((name(each, "Creator", "id") for each in items(newest.body, "items")), ())
        yield Finding(True, f"{people.described()} (among who wrote the last {_MESSAGES_LOOKED_AT} messages)")
        yield Finding(True, f"searches are read in the zone of the account's profile: UTC{_signed(self._zone)}")
        yield await self._may_write()

    def _rules_with(self, states: Mapping[str, State]) -> Rules:
        return rules_of(self._settings, place=QUEUE, states=states, rank=rank, promise_fields=("Due",))

    # requests

    async def _other_closed_states(self) -> dict[str, State]:
        """Statuses of the desk's own lifecycles that close a ticket, as far as any has it: no interface lists them."""
        found: dict[str, State] = {}
        for _ in range(_MAX_STATUSES):
            known = (status for status, state in (STATES | found).items() if state.kind in ("closed", "discarded"))
            others = " AND ".join(f"Status != '{_quoted(each)}'" for each in known)
            some = items((await self._tickets(f"Status = '__Inactive__' AND {others}", "Status", per_page="1")).body, "items")
            if not some:
                break
            found[name(some, 0, "Status")] = State("closed", how="done")
        return found

    async def _tickets(self, asked: str, fields: str, **more: str) -> Answer:
        params = {"query": asked, "orderby": "id", "order": "ASC", "per_page": str(_PER_PAGE), "fields": fields, **more}
        return await self._http.get(f"{_API}/tickets", {**params, "fields[Queue]": "Name"})

    def _in_queues(self) -> str:
        named = " OR ".join(f"Queue = '{_quoted(each)}'" for each in self._settings.queues)
        return f" AND ({named})" if named else ""

    async def _all(self, path: str, params: Mapping[str, str]) -> AsyncIterator[Any]:
        """All items of a collection that tells its number of pages."""
        pages = Pages(path, _MAX_PAGES)
        number = last = 1
        while number <= last:
            pages.turn(number)
            body = (await self._http.get(_API + path, {**params, "per_page": str(_PER_PAGE), "page": str(number)})).body
            for each in items(body, "items"):
                yield each
            number, last = number + 1, whole(body, "pages") if part(body, "pages") is not None else 1

    async def _history(self, row: Row) -> list[Any] | None:
        """All records of a ticket, oldest first; None where it is gone.

        Records that the account may not see are left out after a page was cut: a short page, even an empty one, need not be the
        last. The ticket's LastUpdated tells whether the newest record was among them.
        """
        records: list[Any] = []
        path = f"{_API}/ticket/{row.ref}/history"
        pages = Pages(path, _MAX_PAGES)
        empty = number = 0
        reached = False
        while not reached and empty < 2:
            number += 1
            pages.turn(number)
            answer = await self._http.find(path, {"fields": RECORDS_TOLD, "per_page": str(_PER_PAGE), "page": str(number)})
            if answer is None:
                return None
            found = items(answer.body, "items")
            records += found
            empty = 0 if found else empty + 1
            newest = max((moment(each, "Created") for each in records), default=None)
            reached = len(found) < _PER_PAGE and newest is not None and newest >= row.updated - _SECONDS
        self._hidden = self._hidden or (not reached and (newest is None or newest < row.updated - _BUSY))
        return records

    async def _content(self, ref: str, kind: str) -> str | None:
        found = await self._http.find(f"{_API}/attachment/{ref}")
        text = None if found is None else content(found.body)
        return html_text(text) if text is not None and kind == "text/html" else text

    async def _account(self, person: str) -> tuple[str | None, bool]:
        """(id, whether it is staff) of an account; staff is who is privileged, which every account may see of the others."""
        known = self._accounts.get(folded(person))
        if known is None:
            answer = await self._http.find(f"{_API}/user/{quote(person, safe='')}")
            if answer is None:
                known = None, False
            else:
                own = next((each for each in items(answer.body, "_hyperlinks") if part(each, "ref") == "self"), None)
                known = optional_name(own, "id"), bool(part(answer.body, "Privileged"))
            self._accounts[folded(person)] = known
        return known

    async def _other_names(self, customer: str) -> tuple[str, ...]:
        """Address and numbers in the record of a customer, as far as the account may see them; asked once in a while."""
        known = self._records.get(folded(customer))
        if known is None:
            answer = await self._http.find(f"{_API}/user/{quote(customer, safe='')}")
            found = () if answer is None else (optional_name(answer.body, key) for key in _NAMES)
            known = tuple(each for each in found if each and folded(each) != folded(customer))
            self._records[folded(customer)] = known
        return known

    async def _people(self, authors: Iterable[str], requestors: Sequence[str]) -> People:
        """Who is who among these. Who asks for something himself is a customer there: nobody need be asked."""
        unasked = {folded(each) for each in (*requestors, *_ROBOTS, *self._settings.robots)}
        staff = []
        if self._settings.staff is None:
            staff = [each for each in sorted(set(authors)) if folded(each) not in unasked and (await self._account(each))[1]]
        return People.of(self._settings, staff, _ROBOTS, "being privileged")

    async def _why_absent(self, ref: str) -> Absence | None:
        path = f"{_API}/ticket/{ref}"
        answer = await self._http.try_get(path)
        if isinstance(answer, Problem) and answer.is_absent:
            return "deleted" if answer.kind == "missing" else "out_of_sight"
        body = self._http.good(answer, path).body
        if name(body, "id") != ref:
            return None  # merged: the other ticket tells it
        return "deleted" if part(body, "Status") == "deleted" else "out_of_sight"

    async def _may_write(self) -> Finding:
        some = items((await self._tickets("id > 0", "Status", per_page="1")).body, "items")
        if not some:
            return Finding(None, "no ticket is seen, so nobody can say whether the account may change one")
        links = optional_items((await self._http.get(f"{_API}/ticket/{name(some, 0, 'id')}")).body, "_hyperlinks")
        if any(part(each, "ref") in ("lifecycle", "comment") for each in links):
            return Finding(False, "the account may change tickets: take ModifyTicket and CommentOnTicket from it")
        return Finding(True, "the account may not change the ticket that was tried")

    # the zone in which searches are read

    async def _zone_of_profile(self) -> timedelta | None:
        """By trying: the latest wall clock that a ticket still counts as changed after. Nothing of the interface tells it."""
        for _ in range(3):
            newest = await self._tickets("id > 0", "LastUpdated", orderby="LastUpdated", order="DESC", per_page="1")
            found = items(newest.body, "items")
            if not found:
                return None
            ref, updated = number(found, 0, "id"), moment(found[0], "LastUpdated")
            low, high = -_FURTHEST, _FURTHEST + 1
            if await self._counts(ref, updated, low) and not await self._counts(ref, updated, high):
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if await self._counts(ref, updated, middle) else (low, middle)
                if await self._counts(ref, updated, low):
                    return low * _QUARTER
        raise TransientError("nobody can tell in which zone the server reads the times of a search", reason="protocol")

    async def _counts(self, ref: str, updated: datetime, quarters: int) -> bool:
        """Whether the ticket counts as changed at this wall clock or later, and has not changed meanwhile."""
        wall_clock = updated + quarters * _QUARTER
        answer = await self._tickets(f"id = {int(ref)} AND LastUpdated >= '{wall_clock:%Y-%m-%d %H:%M:%S}'", "LastUpdated")
        found = items(answer.body, "items")
        return bool(found) and moment(found[0], "LastUpdated") == updated


def _row(data: Any) -> Row:
    return Row(number(data, "id"), moment(data, "LastUpdated"), data)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _signed(zone: timedelta) -> str:
    minutes = round(zone.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
