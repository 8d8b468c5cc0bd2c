"""Articles and history of Znuny -> facts of a ticket. Pure.

What they mean was measured on 6.5.15: docs/connectors/znuny.md.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final, NamedTuple

from monitor.connectors._http.fields import name, optional_items, optional_name, part, whole
from monitor.connectors._mail.headers import addresses
from monitor.connectors._mail.text import html_text
from monitor.connectors._tickets.facts import (
    OWNER,
    PRIORITY,
    QUEUE,
    STATUS,
    UNTIL,
    Change,
    Fact,
    Merge,
    Message,
    Side,
    Stamp,
    State,
    Ticket,
    Value,
)
from monitor.connectors._tickets.rules import folded
from monitor.errors import DataError

#: The account as which Znuny itself acts: taking mail, in the customers' pages, by rules. A ticket of nobody's belongs to it.
SYSTEM: Final = "1"
MERGED: Final = "merged"
STATES: Final = {
    "pending reminder": State("pending"),
    "pending auto close+": State("pending", on="customer"),
    "pending auto close-": State("pending", on="customer"),
    "closed successful": State("closed", how="done"),
    "closed unsuccessful": State("closed", how="done"),
    "removed": State("discarded", reason="deleted"),
}
#: A status that the desk made itself means what its type says. Type -> a status of that type.
STATUS_OF_TYPE: Final = {
    "new": "new", "open": "open", "closed": "closed successful", "pending reminder": "pending reminder",
    "pending auto": "pending auto close+", "removed": "removed", MERGED: MERGED,
}  # fmt: skip
KNOWN_STATUSES: Final = frozenset((*STATES, "new", "open", MERGED))
#: What Znuny does because of words comes within so much time of them, and the first words within so much of their ticket.
_AT_ONCE: Final = timedelta(seconds=10)
_AT_FIRST: Final = timedelta(minutes=1)
_SLACK: Final = timedelta(minutes=1)
_PER_SECOND: Final = 1 << 9  # records of one second that are told apart
_MAX_VALUE: Final = 200
_WALL_CLOCK: Final = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d)(:\d\d)?\Z", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_DYNAMIC_FIELD: Final = re.compile(r"%%FieldName%%(.*?)%%Value%%(.*)%%OldValue%%(.*)\Z", re.DOTALL)
#: History type -> field, place of the new value and of the old one; of the owner only the new one is told.
_FIELDS: Final = {
    "StateUpdate": (STATUS, 1, 0), "OwnerUpdate": (OWNER, 1, None), "Move": (QUEUE, 0, 2), "PriorityUpdate": (PRIORITY, 2, 0),
    "SetPendingTime": (UNTIL, 0, None), "TypeUpdate": ("Type", 0, 2), "ServiceUpdate": ("Service", 0, 2),
    "SLAUpdate": ("SLA", 0, 2),
}  # fmt: skip
#: Dynamic fields of these names would be taken for Znuny's own.
_RESERVED: Final = frozenset((STATUS, OWNER, QUEUE, PRIORITY, UNTIL, "Type", "Service", "SLA"))
#: A mail passed on to a third party is no answer, though the customer may see it.
_FORWARD: Final = "Forward"


class Zone(NamedTuple):
    """The zone in which Znuny keeps all its times (OTRSTimeZone)."""

    tz: tzinfo

    def moment(self, data: Any, *path: str | int, until: datetime | None = None) -> datetime:
        """A moment that must be there. Of two in the hour that comes twice the later one, if that is not after `until`.

        Raises DataError.
        """
        found = self.value(name(data, *path), until)
        if not isinstance(found, datetime):
            raise DataError(f"no moment {'.'.join(map(str, path))}")
        return found

    def value(self, text: str | None, until: datetime | None = None) -> Value:
        """A field's value: a moment, a day, a text; None where it is not set."""
        if text is None:
            return None
        try:
            if match := _WALL_CLOCK.match(text):
                wall_clock = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3] or ':00'}").replace(tzinfo=self.tz)
                earlier, later = wall_clock.astimezone(UTC), wall_clock.replace(fold=1).astimezone(UTC)
                return later if until is not None and later <= until + _SLACK else earlier
            if _DAY.match(text):
                return date.fromisoformat(text)
        except (ValueError, OverflowError):
            pass  # digits like those of a date
        return text[:_MAX_VALUE] or None

    def wall_clock(self, since: datetime, now: datetime) -> str:
        """From when to search, so that nothing is missed between two moments, however the zone changes between them."""
        offset = min(moment.astimezone(self.tz).utcoffset() or timedelta(0) for moment in (since, now))
        return f"{since + offset:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True, slots=True)
class Sides:
    """Who is who. Znuny says of each article whose it is; the settings add whom it takes for somebody else."""

    colleagues: frozenset[str] = frozenset()  # addresses of those who answer by mail, past Znuny
    robots: frozenset[str] = frozenset()  # numbers of accounts, or addresses

    def of_article(self, article: Any, customer: str | None) -> Side:
        """On which side the author of an article stands in a ticket of this customer."""
        sender, account = name(article, "SenderType"), name(article, "CreateBy")
        if sender == "system" or self.robots & {sender_of(article)} or (sender == "agent" and self.is_program(account)):
            return "rule"
        colleague = sender_of(article) in self.colleagues and sender_of(article) != folded(customer)
        return "agent" if sender == "agent" or colleague else "customer"

    def is_program(self, account: str) -> bool:
        """Whether nobody sits behind an account."""
        return account == SYSTEM or account in self.robots

    def of_account(self, account: str) -> Side:
        """On which side the account acts that changed something."""
        return "rule" if self.is_program(account) else "agent"


class Said(NamedTuple):
    """Words, and the article that they are."""

    article: Any
    message: Message

    @property
    def at(self) -> datetime:
        return self.message.stamp.at

    @property
    def by(self) -> Side:
        return self.message.stamp.by


@dataclass(slots=True)
class Reader:
    """How one ticket is read. One object a ticket."""

    zone: Zone
    sides: Sides
    statuses: Mapping[str, str]  # of the desk's own -> one of the same type whose meaning is known
    data: Any  # as TicketGet has it
    records: Sequence[Any]  # its history, oldest first
    _held: dict[str, Value] = field(default_factory=dict)  # so far, of fields whose records do not say what was before

    def ticket(self) -> Ticket:
        """The ticket with its history. Raises DataError."""
        ref = name(self.data, "TicketID")
        articles = articles_of(self.data)
        customer = customer_of(self.data, articles)
        stamped = list(self._stamped())
        merges = [(record, stamp) for record, stamp in stamped if _is_merged(record, ref)]
        said = [each for each in self._said(articles, stamped, customer) if not _is_notice(each, merges)]
        created = self.zone.moment(self.data, "Created")
        first = next((each for each in said if timedelta(0) <= each.at - created <= _AT_FIRST), None)
        opened = Stamp("created", created, self._opener(first), _seq(created, 0))
        sender = first and part(first.article, "SenderType")
        answered = first is not None and sender == opened.by == "agent" and first.message.public
        if first is not None and sender == "customer":
            said.remove(first)  # it is what opened the ticket, perhaps by a colleague's hand
        opening = first.message.text if first is not None and first not in said and opened.by == "customer" else None
        facts: list[Fact] = [each.message for each in said]
        facts += [Merge(stamp, _parts(record)[2]) for record, stamp in merges]
        now = self._now()
        spoken = [each.at for each in (first, *said) if each is not None and each.by == "customer"]
        for record, stamp in stamped:
            facts += self._changes(record, stamp, spoken, now)
        return Ticket(ref, name(self.data, "TicketNumber"), opened, customer, now, facts, answered=answered, text=opening)

    def _stamped(self) -> Iterator[tuple[Any, Stamp]]:
        """Each record with its stamp. Records have no number of their own, but only articles' ever move to another ticket."""
        in_second: Counter[datetime] = Counter()
        alike: Counter[tuple[datetime, str]] = Counter()
        for record in self.records:
            at, kind, article = self.zone.moment(record, "CreateTime"), name(record, "HistoryType"), _article(record)
            ref = f"a{article}" if article else f"{int(at.timestamp())}.{kind}.{alike[at, kind]}"
            alike[at, kind] += not article
            yield record, Stamp(ref, at, self.sides.of_account(name(record, "CreateBy")), _seq(at, in_second[at]))
            in_second[at] += 1

    def _said(self, articles: Sequence[Any], stamped: Sequence[tuple[Any, Stamp]], customer: str | None) -> list[Said]:
        """What was written, oldest first."""
        recorded: dict[str, tuple[int, str]] = {}
        for record, stamp in stamped:
            recorded.setdefault(_article(record), (stamp.seq % _PER_SECOND, name(record, "HistoryType")))
        found = []
        for article in articles:
            ref = name(article, "ArticleID")
            place, kind = recorded.get(ref, (_PER_SECOND - 1, ""))
            at, side = self.zone.moment(article, "CreateTime", until=incoming(article)), self.sides.of_article(article, customer)
            public = whole(article, "IsVisibleForCustomer") == 1 and kind != _FORWARD
            words = (
                f"{name(self.data, 'TicketID')}/{ref}" if side == "customer" else None
            )  # has it files? The ticket does not say
            text = text_of(article) if side in ("agent", "customer") and public else None
            found.append(Said(article, Message(Stamp(f"a{ref}", at, side, _seq(at, place)), public, text=text, words_ref=words)))
        return sorted(found, key=lambda each: each.message.stamp.seq)

    def _opener(self, first: Said | None) -> Side:
        """Who opened it. Of a program that took a mail or a form: whose words they were."""
        if not self.sides.is_program(name(self.data, "CreateBy")):
            return "agent"
        return "customer" if first is None else first.by  # without words: they went into another ticket

    def _now(self) -> dict[str, Value]:
        """What the fields hold at present, by the same names as in the history."""
        fields = optional_items(self.data, "DynamicField")
        held: dict[str, Value] = {_text(each, "Name"): self.zone.value(_text(each, "Value")) for each in fields}
        own = {field: optional_name(self.data, field) for field in ("Type", "Service", "SLA")}
        return held | own | {
            STATUS: self._status(name(self.data, "State")), OWNER: _owner(name(self.data, "OwnerID")),
            QUEUE: name(self.data, "Queue"), PRIORITY: optional_name(self.data, "Priority"),
        }  # fmt: skip

    def _status(self, status: str) -> str:
        return self.statuses.get(status, status)

    def _changes(self, record: Any, stamp: Stamp, spoken: Collection[datetime], now: dict[str, Value]) -> Iterator[Change]:
        kind = name(record, "HistoryType")
        if kind == "NewTicket":
            self._held[OWNER] = _owner(name(record, "OwnerID"))
        elif kind == "TicketDynamicFieldUpdate":
            if (match := _DYNAMIC_FIELD.match(_text(record, "Name"))) and match[1] not in _RESERVED:
                yield Change(stamp, match[1], self.zone.value(match[3]), self.zone.value(match[2]))
        elif kind in _FIELDS:
            yield from self._change(kind, _parts(record), stamp, spoken, now)

    def _change(
        self, kind: str, parts: Sequence[str], stamp: Stamp, spoken: Collection[datetime], now: dict[str, Value]
    ) -> Iterator[Change]:
        called, new_at, old_at = _FIELDS[kind]
        if max(new_at, old_at or 0) >= len(parts):
            return  # the first value, which is no change; or cut off, for a record has room for 200 characters
        new = self._value(called, parts[new_at])
        old = self._held.get(called) if old_at is None else self._value(called, parts[old_at])
        self._held[called] = new
        if called == STATUS and new == MERGED:
            now[STATUS] = old  # the merge tells it
            return
        if called == STATUS and stamp.by == "rule" and any(abs(stamp.at - at) <= _AT_ONCE for at in spoken):
            stamp = stamp._replace(by="customer")
        if new != old:
            yield Change(stamp, called, old, new)

    def _value(self, called: str, text: str) -> Value:
        if called == OWNER:
            return _owner(text)
        if called == STATUS:
            return self._status(text)
        if called == UNTIL:
            until = self.zone.value(text)
            return until if isinstance(until, datetime) else None  # 00-00-00 00:00
        return None if text in ("", "NULL") else text


def articles_of(data: Any) -> list[Any]:
    """The articles of a ticket; Znuny leaves out the key where there are none. Raises DataError."""
    return optional_items(data, "Article")


def text_of(article: Any) -> str | None:
    """What an article says."""
    text = part(article, "Body")
    if not isinstance(text, str):
        return None
    return html_text(text) if "html" in (optional_name(article, "ContentType") or "").lower() else text


def sender_of(article: Any) -> str:
    """The address of an article's From; empty where it has none."""
    sender = part(article, "From") or ""
    if not isinstance(sender, str):
        raise DataError("From is no text")
    return next(iter(addresses(sender.encode("utf-8", "replace"))), "")


def incoming(article: Any) -> datetime | None:
    """The moment of an article by another field, which counts seconds since 1970."""
    found = part(article, "IncomingTime")
    try:
        return None if found is None else datetime.fromtimestamp(whole(found), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def customer_of(data: Any, articles: Sequence[Any]) -> str | None:
    """The address by which a ticket's customer is known, or the login where there is no address."""
    login = optional_name(data, "CustomerUserID")
    if login is not None and "@" in login:
        return login
    wrote = (sender_of(each) for each in articles if part(each, "SenderType") == "customer")
    return next((sender for sender in wrote if sender), login)


def statuses_of(data: Any, records: Sequence[Any]) -> set[str]:
    """All that a ticket was ever in."""
    named = [_parts(each)[:2] for each in records if part(each, "HistoryType") == "StateUpdate"]
    return {name(data, "State"), *(status for each in named for status in each if status)}


def type_by_name(status: str) -> str:
    """The type of a status that no ticket is in any more: people call them as Znuny calls its own."""
    word = status.partition(" ")[0].casefold()
    return {"closed": "closed", "pending": "pending reminder", "merged": MERGED, "removed": "removed"}.get(word, "open")


def rank(priority: str) -> float | None:
    """How urgent a priority is: the number that its name begins with, more is more urgent."""
    match = re.match(r"\s*(\d{1,9})\b", priority, re.ASCII)
    return float(match[1]) if match else None


def _article(record: Any) -> str:
    """The article that a record is of; empty where it is of none."""
    found = optional_name(record, "ArticleID")
    return "" if found in (None, "0") else found


def _is_merged(record: Any, ref: str) -> bool:
    """Whether a record says that this ticket goes on in another one, which has the same record."""
    return part(record, "HistoryType") == "Merged" and len(parts := _parts(record)) > 2 and parts[1] == ref


def _is_notice(said: Said, merges: Sequence[tuple[Any, Stamp]]) -> bool:
    """Whether it is what Znuny writes into a ticket that it merges: public, by the agent, and sent to nobody."""
    return optional_name(said.article, "CommunicationChannel") == "Internal" and any(
        name(record, "CreateBy") == name(said.article, "CreateBy") and abs(stamp.at - said.at) <= _AT_ONCE
        for record, stamp in merges
    )


def _parts(record: Any) -> list[str]:
    """What the name of a record holds, `%%new%%open%%`."""
    return _text(record, "Name").removeprefix("%%").split("%%")


def _text(data: Any, key: str) -> str:
    """Some text; several values in a row."""
    found = part(data, key)
    if isinstance(found, list):
        return ", ".join(each for each in found if isinstance(each, str))
    return optional_name(data, key) or ""


def _owner(account: str) -> str | None:
    return None if account == SYSTEM else account


def _seq(at: datetime, place: int) -> int:
    """Grows with time, and within a second with the order of recording."""
    return int(at.timestamp()) * _PER_SECOND + min(place, _PER_SECOND - 1)
