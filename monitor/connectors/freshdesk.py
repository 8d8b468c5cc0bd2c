"""Source type `freshdesk`: Freshdesk over its REST interface (v2), read-only.

Tickets are listed by the time of their last change; each one that changed is read with all conversations, and compared with what
it was like before, since no history is told. Not tried against the real service. Facts of the interface, and where they come
from: docs/connectors/freshdesk.md.
"""

import base64
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import Field

from monitor.connector import Context, Finding, Place, Seconds, Untold
from monitor.connectors._freshdesk import STATUSES, Names, Reader, Words, fields_of, rank
from monitor.connectors._freshdesk_asides import RATED, Asides
from monitor.connectors._freshdesk_lists import API, Asking, Page, listed, seen
from monitor.connectors._http.answers import Problem
from monitor.connectors._http.budget import RequestBudget
from monitor.connectors._http.client import HttpClient
from monitor.connectors._http.fields import name, optional_name, part, whole
from monitor.connectors._http.settings import HeaderSecret
from monitor.connectors._tickets.checks import places_seen
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.connectors._tickets.facts import QUEUE, Ticket
from monitor.connectors._tickets.facts import Words as Said
from monitor.connectors._tickets.helpdesk import Absence, Listing, Row
from monitor.connectors._tickets.over_http import HttpHelpdesk
from monitor.connectors._tickets.people import People
from monitor.connectors._tickets.rules import Rules, folded, rules_of
from monitor.connectors._tickets.settings import HelpdeskSettings
from monitor.connectors._tickets.written import moment_at
from monitor.errors import DataError, SourceError

CHANNEL: Final = "ticket"
PLACES: Final = (Place("group", "Helpdesk: the group that has a ticket; `none`: no group has it yet."),)

#: Whole seconds, and servers that may differ by some.
_LAG: Final = timedelta(seconds=5)
_OVERLAP: Final = timedelta(minutes=5)
#: What was changed so shortly before a pass will be read once more.
_SETTLED: Final = timedelta(seconds=3)
#: Of a hundred requests, so many look whether an open ticket is still there.
_LOOKS_PERCENT: Final = 4
_PARTIAL: Final = (2, 3)  # the ticket_scope of an agent who sees those of his groups, or his own
_LEARNING: Final = 8  # requests for which there must be room, some to spare
_MAX_CUSTOMERS: Final = 50_000
_MAX_RATED: Final = 10_000
#: Allowances from which on they are by the hour, as plans of before 2021 have them.
_BY_HOUR: Final = 1_000


class Settings(HelpdeskSettings):
    """Keys of a source of type `freshdesk`."""

    type: Literal["freshdesk"]
    key: HeaderSecret = Field(description="API key of an agent who sees all tickets.")
    groups: list[str] = Field(default_factory=list, description="Which to read, by their names; default: all that it sees.")
    staff: list[str] | None = Field(
        None, description="Who is staff, instead of all agents: addresses of agents, or numbers of accounts."
    )
    robots: list[str] = Field(default_factory=list, description="Programs that write as agents: addresses, or numbers.")
    requests_per_minute: int = Field(
        50, ge=10, le=60_000, description="Most requests in any minute, as Freshdesk counts them: some cost more than one."
    )
    lists_per_minute: int = Field(20, ge=1, le=1_000, description="Most pages of the list of tickets in any minute.")
    poll_every: Seconds = Field(timedelta(seconds=20), description="Pause between two reads.")


def connect(settings: Settings, context: Context) -> HelpdeskConnector:
    """The connector of this source. Raises ConfigError when `ca_file` cannot be used."""
    return HelpdeskConnector(Freshdesk(settings, context), context, settings.backfill)


class Freshdesk(HttpHelpdesk):
    """The `Helpdesk` of one account."""

    place = PLACES[0]
    overlap = _OVERLAP
    lag = _LAG

    def __init__(self, settings: Settings, context: Context) -> None:
        basic = base64.b64encode(f"{settings.key.get_secret_value()}:X".encode()).decode()
        super().__init__(context, HttpClient(settings, context.clock, headers={"Authorization": f"Basic {basic}"}, shows="key"))
        self._settings = settings
        self._asking = Asking(self._http, RequestBudget(settings.lists_per_minute, context.clock), context.clock)
        self.looked_at = max(1, min(type(self).looked_at, settings.requests_per_minute * _LOOKS_PERCENT // 100))
        self._names = Names(fields_of(settings))
        self._rules = self._rules_now()
        self._wanted = frozenset(map(folded, settings.groups))
        self._customers: dict[str, tuple[str, ...]] = {}  # number of an account -> its address, and what else it is known by
        self._agents: dict[str, str] = {}  # number of an account -> address
        self._missing: list[str] = []  # what this account may not see, for `check`
        self._scope: Any = None
        self._allowed: str | None = None  # requests, as Freshdesk says
        self._listed: dict[str, str] = {}  # ticket -> when it was changed: those of the last passes, which were read
        self._offered: dict[str, str] = {}  # the same of the last pages, as far as nobody has asked for them
        self._until: datetime | None = None  # what changes later is the next pass's
        self._unchanged: datetime | None = None  # what the last complete pass did not list was then as it was before
        self._asides = Asides(context.clock)
        self._aside: str | None = None  # what this pass looks for beside
        self._has_ratings = False  # those of this pass were asked for
        self._ratings: dict[str, dict[str, Any]] = {}  # ticket -> ratings, by their names
        self._to_tell: set[str] = set()  # tickets with ratings that were not told yet

    def untold(self) -> Untold:
        if self._scope in _PARTIAL:
            return Untold(("the agent does not see all tickets: give it global access, or some are missing without a word",))
        return Untold()

    async def prepare(self) -> Rules:
        """Who we are, groups, statuses, custom fields and agents: once an hour, when that holds nothing up, or once in two."""
        if self._is_stale(2) or (self._is_stale() and self._http.has_room(_LEARNING)):
            await self._learn()
            self._has_learned()
        return self._rules

    async def changed(self, since: datetime, mark: Any) -> Listing:
        """In the order of the changes, each page from the moment of the last one: what changes meanwhile goes to the end."""
        if mark is None:
            self._begin(since)
        self._asides.begin(since)
        self._unchanged = since + self.overlap - self.lag
        until = self._until = self._until or self.now()
        aside = part(mark, "aside")
        if aside == RATED:
            return await self._rated()
        if aside is not None:
            page = await self._asking.page(self._asides.since(str(aside)), {**mark, "filter": str(aside)}, until)
            if page.mark is None:
                self._asides.done(str(aside), until - self.overlap)
            return Listing([Row(str(whole(row, "id")), self.now(), row) for row in page.rows], page.mark)
        page = await self._page(since, mark, until)
        if mark is None:
            self._aside = self._asides.due(busy=bool(self._offered))
            if self._aside == RATED:  # before the tickets are read, so that none is read for a rating alone
                await self._learn_ratings()
        rows = [Row(str(whole(row, "id")), moment_at(row, "updated_at"), row) for row in page.rows]
        return Listing(rows, page.mark or ({"aside": self._aside} if self._aside is not None else None))

    def _begin(self, since: datetime) -> None:
        """A pass begins anew."""
        self._until, self._aside = self.now(), None
        known, self._offered = {**self._listed, **self._offered}, {}  # what nobody asked for was known
        self._listed = {ref: at for ref, at in known.items() if at >= f"{since:%Y-%m-%dT%H:%M:%SZ}"}

    async def ticket(self, row: Row) -> Ticket | Absence | None:
        offered = self._offered.pop(row.ref, None)
        try:
            told = await self._read(row)
        except SourceError:
            self._offered.clear()  # nobody asks for them in this pass, known or not
            raise
        if offered is not None and self._until is not None and row.updated < self._until - _SETTLED:
            self._listed[row.ref] = offered
        return told

    async def _read(self, row: Row) -> Ticket | Absence | None:
        data = row.data
        if data is None or (part(data, "stats") is None and not _is_gone(data) and self._is_wanted(data)):
            data = await self._one(row.ref)
        if data is None:
            return None
        if _is_gone(data):
            return "deleted"
        if not self._is_wanted(data):
            return "out_of_sight"
        conversations = await self._asking.whole(f"/tickets/{int(row.ref)}/conversations")
        if conversations is None:
            return None
        now = self.now()
        reader = Reader(self._names, data, conversations, now, self._unchanged or now)
        merged = {ref: words for ref in reader.merged_here() if (words := await self._words_of(ref)) is not None}
        ratings = self._ratings.get(row.ref, {}).values()
        ticket = reader.ticket(row.kept, await self._known_as(data), merged, ratings)
        self._to_tell.discard(row.ref)
        return ticket

    async def words(self, ref: str, *, ours: bool = False) -> Said:
        raise AssertionError(f"conversation {ref}: all words come along")

    async def absent(self, refs: Sequence[str]) -> Mapping[str, Absence] | None:
        """No list names tickets by their numbers: each of them is asked for, as long as that holds nothing up."""
        gone: dict[str, Absence] = {}
        for ref in refs:
            if not self._http.has_room():
                break
            path = f"/tickets/{int(ref)}"
            answer = await self._asking.ask(path)
            if isinstance(answer, Problem) and answer.is_absent:
                gone[ref] = "deleted" if answer.kind == "missing" else "out_of_sight"
                continue
            found = self._http.good(answer, API + path).body
            if _is_gone(found):
                gone[ref] = "deleted"
            elif not self._is_wanted(found):
                gone[ref] = "out_of_sight"
        return gone

    async def check(self) -> AsyncIterator[Finding]:
        for finding in self._http.findings():
            yield finding
        yield Finding(
            None, "this connector was written from Freshdesk's documentation and has not been tried on the real service"
        )
        if self._allowed is not None:
            yield self._allowance(self._allowed)
        named = [*self._context.places, *self._settings.groups, *self._settings.escalation.queues]
        for each in self._missing:
            yield Finding(None, each)
        if self._names.groups:
            for finding in places_seen(self.place, list(self._names.groups.values()), named):
                yield finding
        yield Finding(True, self._names.people.described())
        for each in (*(self._settings.staff or ()), *self._settings.robots):
            if not self._accounts([each]):
                yield Finding(False, f"{each}: no agent has this address; of others write the number of the account")
        yield Finding(None, "an API key may do what its agent may; give the agent a role of its own that allows nothing")

    # what is learned once an hour

    async def _learn(self) -> None:
        """Raises AuthError where the key is not accepted."""
        me = await self._asking.get("/agents/me")
        self._scope, self._allowed = part(me.body, "ticket_scope"), me.headers.get("X-RateLimit-Total")
        self._missing = []
        groups = await self._listed_or(
            "/groups", "the account may not list groups: they go by their numbers here, as group: \"#17\""
        )  # fmt: skip
        told = await self._asking.find("/ticket_fields")  # not in pages
        fields = [] if told is None else listed(told.body)
        if told is None:
            self._missing.append(
                "the account may not list ticket fields: statuses of your own go by their numbers, fields by names"
            )
        agents = await self._listed_or(
            "/agents", "the account may not list agents: whoever writes inside Freshdesk is one; name robots by their numbers"
        )
        self._agents = {name(each, "id"): folded(optional_name(part(each, "contact"), "email")) for each in agents}
        if len(self._customers) > _MAX_CUSTOMERS:
            self._customers.clear()
        self._names = Names(
            self._names.fields,
            {name(each, "id"): name(each, "name") for each in groups},
            {**STATUSES, **_statuses(fields)},
            {folded(optional_name(each, "label")): name(each, "name") for each in fields if part(each, "default") is not True},
            self._people(),
            self._settings.staff is None,
        )
        self._rules = self._rules_now()

    async def _listed_or(self, path: str, missing: str) -> list[Any]:
        """A whole list; none where the account has no right to it, which `check` then says."""
        found = await self._asking.whole(path)
        if found is None:
            self._missing.append(missing)
        return found or []

    def _rules_now(self) -> Rules:
        return rules_of(self._settings, place=QUEUE, states=self._names.states(), rank=rank, promise_fields=())

    def _people(self) -> People:
        robots = self._accounts(self._settings.robots)
        named = self._settings.staff
        staff = set(self._agents) if named is None else self._accounts(named)
        told_by = "being agents" if named is None else "the settings"
        return People(frozenset(staff - robots), frozenset(robots), told_by, ", ".join(self._settings.robots) or "none")

    def _accounts(self, named: Iterable[str]) -> set[str]:
        """Numbers of the accounts that the settings name, by number or, of agents, by address."""
        wanted = {folded(each) for each in named}
        return {each for each in wanted if each.isdigit()} | {ref for ref, address in self._agents.items() if address in wanted}

    def _allowance(self, allowed: str) -> Finding:
        mine, known = self._settings.requests_per_minute, int(allowed) if allowed.isascii() and allowed.isdigit() else None
        by_hour = known is not None and known >= _BY_HOUR
        text = (
            f"Freshdesk allows {allowed} requests {'an hour' if by_hour else 'a minute'} to all programs together; "
            f"at most {mine} a minute are this source's"
        )
        return Finding(None if known is None else mine * (60 if by_hour else 1) < known, text)

    # listings

    async def _page(self, since: datetime, mark: Any, until: datetime) -> Page:
        """A page of tickets, with all that is needed of them where one has changed: that costs more."""
        if mark is not None:
            page = await self._asking.page(since, mark, until, include=("stats", "requester", "description"))
        else:
            page = await self._asking.page(since, {}, until)
            if any(self._listed.get(ref) != at for ref, at in seen(page.rows).items()):
                page = await self._asking.page(since, {}, until, include=self._needed(page.rows, since))
        for row in page.rows:
            if (requester := part(row, "requester")) is not None:
                self._learn_customer(requester)
        self._offered |= seen(page.rows)
        return page

    def _needed(self, rows: Sequence[Any], since: datetime) -> Sequence[str]:
        """What is to be included: requesters that are not known, first words that were not read yet."""
        strangers = any(optional_name(row, "requester_id") not in self._customers for row in rows)
        new = any(moment_at(row, "created_at") >= since for row in rows)
        return ("stats", *(["requester"] if strangers else []), *(["description"] if new else []))

    async def _one(self, ref: str) -> Any:
        """A ticket; None where it is not there, or not for us."""
        answer = await self._asking.find(f"/tickets/{int(ref)}", include=("stats",))
        return None if answer is None else answer.body

    async def _words_of(self, ref: str) -> Words | None:
        """A ticket that went on in another one, with what was said in it."""
        answer = await self._asking.find(f"/tickets/{int(ref)}")
        conversations = None if answer is None else await self._asking.whole(f"/tickets/{int(ref)}/conversations")
        return None if answer is None or conversations is None else Words(answer.body, conversations)

    async def _known_as(self, row: Any) -> tuple[str, ...]:
        """What the customer is known by, address first."""
        if part(row, "requester_id") is None:
            return ()
        number = str(whole(row, "requester_id"))
        if number not in self._customers:
            answer = await self._asking.find(f"/contacts/{number}")
            self._learn_customer({"id": number} if answer is None else answer.body)
        return self._customers.get(number) or (f"{self._context.source} account {number}",)

    def _learn_customer(self, contact: Any) -> None:
        known_by = (optional_name(contact, key) for key in ("email", "phone", "mobile"))
        self._customers[name(contact, "id")] = tuple(text for text in known_by if text)

    def _is_wanted(self, row: Any) -> bool:
        group = optional_name(row, "group_id")
        return not self._wanted or folded(self._names.groups.get(group or "", f"#{group}")) in self._wanted

    # what the list of tickets does not tell

    async def _learn_ratings(self) -> None:
        """Where a plan has no surveys, or the account no right to them, there are none."""
        if len(self._ratings) > _MAX_RATED:
            self._ratings = {ref: known for ref, known in self._ratings.items() if ref in self._to_tell}
        since = self._asides.since(RATED)
        found = await self._asking.whole("/surveys/satisfaction_ratings", {"created_since": f"{since:%Y-%m-%dT%H:%M:%SZ}"})
        for each in found or ():
            ref, known_as = str(whole(each, "ticket_id")), name(each, "id")
            if known_as not in self._ratings.setdefault(ref, {}):
                self._ratings[ref][known_as] = each
                self._to_tell.add(ref)
        self._has_ratings = True

    async def _rated(self) -> Listing:
        """Tickets that were rated and have not changed since."""
        if not self._has_ratings:  # another process had begun this pass
            await self._learn_ratings()
        self._has_ratings = False
        self._asides.done(RATED, (self._until or self.now()) - self.overlap)
        return Listing([Row(ref, self.now()) for ref in sorted(self._to_tell)])


def _is_gone(row: Any) -> bool:
    return part(row, "deleted") is True or part(row, "spam") is True


def _statuses(fields: Iterable[Any]) -> dict[str, str]:
    """What agents call each status, by its number. Raises DataError."""
    choices = next((part(each, "choices") for each in fields if part(each, "name") == "status"), None)
    if choices is None:
        return {}
    if not isinstance(choices, dict):
        raise DataError("no statuses")
    shown = {number: each[0] if isinstance(each, list) and each else each for number, each in choices.items()}
    return {str(number): str(each).strip() for number, each in shown.items() if each}
