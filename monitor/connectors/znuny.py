"""Source type `znuny`: Znuny 6.5 over its generic interface, read-only.

Tickets are listed by the time of their last change, and each one that changed is read with all articles and its history. Facts
of the interface: docs/connectors/znuny.md.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr

from monitor.connector import Context, Finding, Place, Untold
from monitor.connectors._http.answers import Problem, ProblemKind
from monitor.connectors._http.client import HttpClient
from monitor.connectors._http.fields import items, name, number, optional_name, part, whole
from monitor.connectors._tickets.checks import places_seen
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.connectors._tickets.facts import QUEUE, Ticket, Words
from monitor.connectors._tickets.helpdesk import Absence, Listing, Row
from monitor.connectors._tickets.over_http import HttpHelpdesk
from monitor.connectors._tickets.rules import Rules, folded, rules_of
from monitor.connectors._tickets.settings import HelpdeskSettings
from monitor.connectors._znuny import (
    KNOWN_STATUSES,
    STATES,
    STATUS_OF_TYPE,
    SYSTEM,
    Reader,
    Sides,
    Zone,
    articles_of,
    incoming,
    rank,
    statuses_of,
    text_of,
    type_by_name,
)
from monitor.errors import TransientError

CHANNEL: Final = "ticket"
PLACES: Final = (Place("queue", "Helpdesk: the queue of a ticket."),)

_SEARCH: Final = "/Ticket/Search"
_AT_MOST: Final = 1_000_000  # tickets of one search: their numbers only, some 10 MB
_PER_PAGE: Final = 100
_LOOKED_AT: Final = 100  # newest tickets, by `check`
_READ: Final = 20  # of which it reads the articles
_TRIED: Final = 5  # newest tickets in which the zone is looked for
#: Servers that share a database may differ by so much.
_OVERLAP: Final = timedelta(minutes=5)
_SAME: Final = timedelta(minutes=7)  # zones differ by quarters of an hour
#: What the errors mean that Znuny reports with status 200, by the last word of their codes.
_KINDS: Final[dict[str, ProblemKind]] = {"AuthFail": "auth", "AccessDenied": "forbidden", "NotValidTicketID": "missing"}
_NO_SERVICE: Final = "as where url names no valid web service with this route"
_DENIED: Final = (
    "the account finds tickets that it may not read: give it the permission `ro` for the groups of these queues, and see whether "
    "a permission module of Znuny's forbids more"
)


def _zone_name(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{text!r} is no time zone; write one such as Europe/London") from None
    return text


def _plain(secret: SecretStr) -> SecretStr:
    _ascii(secret.get_secret_value())
    return secret


def _ascii(text: str) -> str:
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError("it goes along in a header of each request: choose one of printable ASCII characters")
    return text


def _addresses(staff: list[str] | None) -> list[str] | None:
    if other := next((each for each in staff or () if "@" not in each), None):
        raise ValueError(f"{other!r} is no address: Znuny itself says who writes as an agent, and of mails it knows the address")
    return staff


class Settings(HelpdeskSettings):
    """Keys of a source of type `znuny`."""

    type: Literal["znuny"]
    username: Annotated[str, AfterValidator(_ascii)] = Field(description="Login of an agent that may only read.")
    password: Annotated[SecretStr, AfterValidator(_plain)] = Field(description="Its password.")
    timezone: Annotated[str, AfterValidator(_zone_name)] = Field(
        "UTC", description="Znuny's own setting OTRSTimeZone; `check` and each hour of reading see whether it is."
    )
    queues: list[str] = Field(default_factory=list, description="Which to read, by their full names; default: all that it sees.")
    staff: Annotated[list[str] | None, AfterValidator(_addresses)] = Field(
        None, description="Addresses of colleagues whose mails are answers; who writes in Znuny is known."
    )
    robots: list[str] = Field(default_factory=list, description="Numbers of accounts (UserID) of programs, or their addresses.")


def connect(settings: Settings, context: Context) -> HelpdeskConnector:
    """The connector of this source. Raises ConfigError when `ca_file` cannot be used."""
    return HelpdeskConnector(Znuny(settings, context), context, settings.backfill)


class Znuny(HttpHelpdesk):
    """The `Helpdesk` of one Znuny."""

    place = PLACES[0]
    overlap = _OVERLAP

    def __init__(self, settings: Settings, context: Context) -> None:
        self._settings = settings
        # Znuny takes both as parameters, too, but those of a GET stand in the logs of web servers.
        headers = {
            "X-OTRS-Header-UserLogin": settings.username, "X-OTRS-Header-Password": settings.password.get_secret_value()
        }  # fmt: skip
        super().__init__(context, HttpClient(settings, context.clock, headers=headers, shows="password", refusal=_refusal))
        self._zone = Zone(ZoneInfo(settings.timezone))
        self._sides = Sides(frozenset(map(folded, settings.staff or ())), frozenset(map(folded, settings.robots)))
        self._rules = rules_of(settings, place=QUEUE, states=STATES, rank=rank, promise_fields=())
        self._queues = frozenset(map(folded, settings.queues))
        self._found: list[int] | None = None  # what one search found, until all its pages are read
        #: Statuses whose meaning is known by their names, in small letters.
        self._understood = KNOWN_STATUSES | frozenset(map(folded, settings.pending_statuses or ()))
        self._types: dict[str, str] = {}  # of the others -> its type
        self._denied: set[int] = set()

    def untold(self) -> Untold:
        return Untold((_DENIED,)) if self._denied else Untold()

    async def prepare(self) -> Rules:
        """Once an hour: whether the zone is still right, for a search after a moment that has not come yet finds nothing."""
        if self._is_stale():
            self._types.clear()
            newest = await self._tickets(await self._newest(_TRIED), AllArticles="1")
            self._check_zone([article for each in newest for article in articles_of(each)])
            self._has_learned()
        return self._rules

    async def changed(self, since: datetime, mark: Any) -> Listing:
        """By number: a search gives nothing but the numbers, all of them, and is made once a pass."""
        if mark is None or self._found is None:
            asked = {"TicketLastChangeTimeNewerDate": self._zone.wall_clock(since, self.now())}
            self._found = sorted(await self._search(asked))
            self._denied.intersection_update(self._found)
        left = [ref for ref in self._found if ref > int(mark or 0)]
        rows = [self._row(each) for each in await self._tickets(left[:_PER_PAGE]) if self._is_ours(each)]
        # In the hour that comes twice the filter is up to an hour wide of the mark.
        rows = [row for row in rows if not since - timedelta(minutes=61) <= row.updated < since]
        if len(left) <= _PER_PAGE:
            self._found = None
            return Listing(rows, None, len(left))
        return Listing(rows, left[_PER_PAGE - 1], len(left))

    async def ticket(self, row: Row) -> Ticket | None:
        found = await self._http.find(f"/Ticket/{row.ref}", {"AllArticles": "1", "DynamicFields": "1"})
        told = None if found is None else await self._http.find(f"/Ticket/History/{row.ref}")
        if found is None or told is None:
            return None
        data, records = part(found.body, "Ticket", 0), items(told.body, "TicketHistory", 0, "History")
        self._types[name(data, "State")] = name(data, "StateType")
        own = [each for each in statuses_of(data, records) if folded(each) not in self._understood]
        statuses = {each: STATUS_OF_TYPE.get(await self._type(each), "open") for each in own}
        return Reader(self._zone, self._sides, statuses, data, records).ticket()

    async def words(self, ref: str, *, ours: bool = False) -> Words:
        number, _, article = ref.partition("/")
        asked = {"AllArticles": "1", "ArticleSenderType": "customer", "Attachments": "1", "GetAttachmentContents": "0"}
        found = await self._http.find(f"/Ticket/{number}", asked)
        for each in articles_of(part(found.body, "Ticket", 0)) if found is not None else []:
            if name(each, "ArticleID") == article and not part(each, "Attachment"):
                return Words(text_of(each))
        return Words(None)

    async def absent(self, refs: Sequence[str]) -> Mapping[str, Absence]:
        """Deleted or out of sight: Znuny says the same of both."""
        found = await self._search({"TicketID": list(refs)})
        if self._queues:
            found = [whole(each, "TicketID") for each in await self._tickets(found) if self._is_ours(each)]
        seen = set(map(str, found))
        return {ref: "out_of_sight" for ref in refs if ref not in seen}

    async def check(self) -> AsyncIterator[Finding]:
        for finding in self._http.findings():
            yield finding
        newest = await self._tickets(await self._newest(_LOOKED_AT))
        seen = {name(each, "Queue") for each in newest}
        for finding in places_seen(self.place, seen, ()):
            yield finding
        for finding in [found async for found in self._named(seen)]:
            yield finding
        yield Finding(True, f"its times are those of {self._zone.tz}")
        wrote = await self._tickets([whole(each, "TicketID") for each in newest[:_READ]], AllArticles="1")
        for finding in self._who_is_who([article for each in wrote for article in articles_of(each)]):
            yield finding

    async def _named(self, seen: Collection[str]) -> AsyncIterator[Finding]:
        """Queues of the configuration in which nothing is seen. A search among queues of which one is unknown finds nothing."""
        named = {*self._settings.queues, *self._settings.escalation.queues}
        named |= {place.removeprefix(f"{self.place.key}:") for place in self._context.places}
        for each in sorted(named - set(seen)) if seen else ():
            if not await self._search({"Queues": [each, *sorted(seen)[:1]]}, at_most=1):
                yield Finding(False, f"queue {each}: Znuny has none of this name; write it as it is written there")
            elif not await self._search({"Queues": [each]}, at_most=1):
                yield Finding(
                    None, f"queue {each}: this account finds no ticket there; unless it is empty, check the account's rights"
                )

    def _who_is_who(self, articles: Sequence[Any]) -> Iterator[Finding]:
        agents = Counter(name(each, "CreateBy") for each in articles if part(each, "SenderType") == "agent")
        robots = ", ".join(("root@localhost", *self._settings.robots))
        staff = len([each for each in agents if not self._sides.is_program(each)])
        also = f" and {len(self._sides.colleagues)} addresses of the settings" if self._sides.colleagues else ""
        yield Finding(
            True, f"staff: {staff} accounts by sender type agent{also}; robots: {robots} (in the last {len(articles)} articles)"
        )
        if agents[SYSTEM]:
            yield Finding(
                None, f"{agents[SYSTEM]} of them were written as root@localhost, which is Znuny's own account: they answer nobody"
            )  # fmt: skip

    # requests

    async def _newest(self, count: int) -> list[int]:
        """The tickets that changed last."""
        return await self._search({"SortBy": "Changed", "OrderBy": "Down"}, at_most=count)

    async def _search(self, asked: Mapping[str, Any], at_most: int = _AT_MOST) -> list[int]:
        """The numbers of the tickets. Raises DataError for what is no answer to a search."""
        body = {"SearchInArchive": "AllTickets", "Limit": at_most, **asked}
        answer = await self._http.try_search(_SEARCH, body)
        if isinstance(answer, Problem) and answer.status == 500:
            answer = answer._replace(code=_NO_SERVICE)
        found = self._http.good(answer, _SEARCH).body
        if found == {}:
            return []  # a list would be there if anything had been found
        refs = [whole(each) for each in items(found, "TicketID")]
        if len(refs) >= _AT_MOST:
            raise TransientError(f"more than {_AT_MOST} tickets changed: lower backfill", reason="protocol")
        return refs

    async def _tickets(self, refs: Sequence[int], **more: str) -> list[Any]:
        """These tickets; those that are gone meanwhile are left out, and one that may not be read spoils no answer."""
        if not refs:
            return []
        path = f"/Ticket/{','.join(map(str, refs))}"
        answer = await self._http.find(path, more)
        if answer is not None:
            return items(answer.body, "Ticket")
        if len(refs) == 1:
            self._denied.add(refs[0])
            return []
        half = len(refs) // 2
        return [*await self._tickets(refs[:half], **more), *await self._tickets(refs[half:], **more)]

    async def _type(self, status: str) -> str:
        """The type of a status, as a ticket has it that is in it now: no interface lists them."""
        if status not in self._types:
            found = await self._tickets(await self._search({"States": [status]}, at_most=1))
            in_it = (optional_name(each, "StateType") for each in found if part(each, "State") == status)
            self._types[status] = next(in_it, None) or type_by_name(status)
        return self._types[status]

    def _is_ours(self, data: Any) -> bool:
        """Whether a ticket lies in a queue that is to be read. A search in one that Znuny does not know finds nothing at all."""
        return not self._queues or folded(name(data, "Queue")) in self._queues

    def _row(self, data: Any) -> Row:
        self._denied.discard(whole(data, "TicketID"))
        return Row(number(data, "TicketID"), self._zone.moment(data, "Changed", until=self.now()))

    def _check_zone(self, articles: Sequence[Any]) -> None:
        """By articles, which have their moment twice: once as seconds since 1970. Raises TransientError."""
        known = [(at, self._zone.moment(each, "CreateTime", until=at) - at) for each in articles if (at := incoming(each))]
        if known and not any(abs(difference) < _SAME for _, difference in known):
            at, difference = max(known)
            offset = difference + (at.astimezone(self._zone.tz).utcoffset() or timedelta(0))
            minutes = round(offset.total_seconds() / 60)
            shown = f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
            raise TransientError(
                f"by its newest articles the server's times are {shown}, not {self._zone.tz}: set timezone to its OTRSTimeZone",
                reason="protocol",
            )


def _refusal(body: Any) -> Problem | None:
    """Znuny reports errors with status 200."""
    code = part(body, "Error", "ErrorCode")
    if not isinstance(code, str):
        return None
    kind = _KINDS.get(code.rpartition(".")[2], "refused")
    return Problem(kind, 200, code=re.sub(r"[^\w.]", "?", code)[:60])
