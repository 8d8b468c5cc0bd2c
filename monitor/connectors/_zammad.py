"""Articles and history of Zammad -> facts of a ticket. Pure.

What each of them means, and where that comes from: docs/connectors/zammad.md.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from monitor.connectors._http.fields import items, name, number, optional_name, part, whole
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
    Judged,
    Merge,
    Message,
    Side,
    Stamp,
    State,
    Ticket,
    Value,
)
from monitor.connectors._tickets.rules import folded
from monitor.connectors._tickets.written import PER_SECOND, moment, moment_at, places, value

#: The account as which Zammad itself acts, and to which what is nobody's belongs.
SYSTEM: Final = "1"
_TAGS: Final = "tags"
#: Fields by the names that the history has for them; those of the desk's own go by their own names.
_FIELDS: Final = {"state": STATUS, "owner": OWNER, "group": QUEUE, "priority": PRIORITY, "pending_time": UNTIL}
#: What tickets have beside the fields that people set.
_NO_FIELDS: Final = frozenset((
    "id", "title", "note", "customer", "created_by", "updated_by", "create_article_type", "create_article_sender", "time_unit",
    "preferences", "organization", "number", "close_at", "last_close_at", "escalation_at", "article_count",
    "checklist", *(f"{kind}_{what}" for kind in ("first_response", "update", "close") for what in (
        "at", "escalation_at", "in_min", "diff_in_min",
    )), "last_contact_at", "last_contact_agent_at", "last_contact_customer_at", "last_owner_update_at",
))  # fmt: skip
_MERGED: Final = "merged"
_NOTE: Final = "note"
_TYPES: Final = {
    "closed": State("closed", how="done"), "pending action": State("pending", on="customer"),
    "pending reminder": State("pending"), "removed": State("discarded", reason="deleted"),
    _MERGED: State("discarded", reason="duplicate"),
}  # fmt: skip
#: What Zammad does because of words comes within so much time of them.
_AT_ONCE: Final = timedelta(seconds=10)
_SLACK: Final = timedelta(seconds=1)
_RANK: Final = re.compile(r"\s*(\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Sides:
    """Whom the settings name, in small letters: addresses, logins, numbers of accounts."""

    colleagues: frozenset[str]
    programs: frozenset[str]


def states_of(states: Iterable[Any]) -> dict[str, State]:
    """What each state of `/ticket_states` means: its type says so, and whether it stops the clocks. Raises DataError."""
    found: dict[str, State] = {}
    for each in states:
        kind = optional_name(each, "state_type") or ""
        state = _TYPES.get(kind)
        if state is None and part(each, "ignore_escalation") is True:
            state = State("pending", on="third_party")
        if state is not None:
            found[name(each, "name")] = state
    return found


def rank(priority: str) -> float | None:
    """How urgent a priority is, as `2 normal`: the number that it begins with."""
    match = _RANK.match(priority)
    return float(match[1]) if match else None


def merged_into(history: Iterable[Any]) -> str | None:
    """The id of the ticket in which the one with this history goes on. Raises DataError."""
    merges = (each for each in history if part(each, "type") == "merged_into" and part(each, "id_to") is not None)
    return next((number(each, "id_to") for each in merges), None)


def row_value(row: Any, field: str) -> Value:
    """What a ticket's field holds, of a row with names."""
    if field == OWNER:
        owner = optional_name(row, "owner_id")
        return None if owner == SYSTEM else owner
    key = next((key for key, known in _FIELDS.items() if known == field), field)
    return value(part(row, key))


@dataclass(frozen=True, slots=True)
class Reader:
    """How one ticket is read."""

    sides: Sides
    row: Any
    articles: Sequence[Any]
    history: Sequence[Any]
    users: Mapping[str, Any]  # by number
    target: str | None  # the number of the ticket in which it goes on

    def ticket(self) -> Ticket:
        """Raises DataError."""
        records = self._in_order()
        seqs = places(records)
        opening = self._opening()
        customer = optional_name(self.row, "customer_id") or ""
        names = self._names(customer)
        opener = self._opener(opening)
        opened = Stamp("created", moment_at(self.row, "created_at"), opener, next(iter(seqs.values()), 0))
        answered = opening is not None and opener == "agent" and _is_shown(opening)
        text = _text(opening) if opening is not None and opener == "customer" else None
        return Ticket(
            name(self.row, "id"), name(self.row, "number"), opened, names[0] if names else None, self._now(),
            [*self._facts(records, seqs, opening), *self._judged()], answered=answered, names=names[1:], text=text,
        )  # fmt: skip

    def _names(self, customer: str) -> tuple[str, ...]:
        known = self.users.get(customer)
        found = [optional_name(known, key) for key in ("email", "phone", "mobile")]
        return tuple(each for each in (found if known is not None else [optional_name(self.row, "customer")]) if each)

    def _in_order(self) -> list[Any]:
        """Articles and changes, oldest first."""
        changes = [each for each in self.history if part(each, "object") == "Ticket"]
        return sorted(
            (*self.articles, *changes),
            key=lambda each: (moment_at(each, "created_at"), "object" in each, whole(each, "id")),
        )

    def _opening(self) -> Any | None:
        """The article with which it was made, unless that went on elsewhere."""
        own = {
            name(each, "o_id")
            for each in self.history if part(each, "object") == "Ticket::Article" and part(each, "type") == "created"
        }  # fmt: skip
        made = moment_at(self.row, "created_at")
        candidates = [
            each
            for each in self.articles
            if (name(each, "id") in own if own else moment_at(each, "created_at") - made >= -_SLACK)
        ]
        first = min(candidates, key=lambda each: whole(each, "id"), default=None)
        return first if first is not None and moment_at(first, "created_at") - made < _AT_ONCE - _SLACK else None

    def _opener(self, opening: Any | None) -> Side:
        if opening is not None:
            side = self._writer(opening)
        else:
            sender = optional_name(self.row, "create_article_sender")
            side = "agent" if sender == "Agent" else "customer"
        return "customer" if side == "rule" else side  # a form on a web page makes it, say

    def _now(self) -> dict[str, Value]:
        held: dict[str, Value] = {field: row_value(self.row, field) for field in _FIELDS.values()}
        own = (
            key for key in self.row if not key.endswith(("_id", "_ids", "_at")) and key not in _NO_FIELDS and key not in _FIELDS
        )
        held |= {key: value(self.row[key]) for key in own if key not in held}
        tags: list[str] = []
        newest = max((moment_at(each, "created_at") for each in self.history), default=None)
        for each in self.history:
            field, _, new = self._changed(each)
            if part(each, "attribute") == "tag":
                tags = _tagged(tags, each)
            elif field is not None and newest is not None and newest > moment_at(self.row, "updated_at"):
                held[field] = new  # the history is newer than the listing
        held[_TAGS] = value(tags)
        if self.target is not None:
            held[STATUS] = next((old for each in self.history for field, old, new in [self._changed(each)]
                                 if field == STATUS and new == _MERGED), held[STATUS])  # fmt: skip
        return held

    def _judged(self) -> Iterator[Judged]:
        """What Zammad's own service levels say of the first answer and of the closing: minutes that were left, or missing."""
        waits: tuple[tuple[str, Literal["reply", "resolution"]], ...] = (("first_response", "reply"), ("close", "resolution"))
        for kind, wait in waits:
            at, left = moment(part(self.row, f"{kind}_at")), part(self.row, f"{kind}_diff_in_min")
            if at is not None and isinstance(left, int | float):
                stamp = Stamp(f"sla:{kind}", at, "rule", int(at.timestamp()) * PER_SECOND)
                yield Judged(stamp, wait, left < 0)

    # what came after its creation

    def _facts(self, records: Sequence[Any], seqs: Mapping[int, int], opening: Any | None) -> Iterator[Fact]:
        tags: list[str] = []
        asked: datetime | None = None  # when the customer wrote last
        merged = next((moment_at(each, "created_at") for each in self.history if part(each, "type") == "merged_into"), None)
        for record in records:
            at, seq = moment_at(record, "created_at"), seqs[id(record)]
            if "object" not in record:
                if record is opening or (merged is not None and at >= merged):  # the note of the merge is no word of ours
                    continue
                message = self._message(record, at, seq)
                asked = at if message.stamp.by == "customer" else asked
                yield message
                continue
            stamp = Stamp(f"h{name(record, 'id')}", at, self._actor(record, at, asked), seq)
            if part(record, "type") == "merged_into" and self.target is not None:
                yield Merge(stamp, self.target)
                return
            if part(record, "attribute") == "tag":
                before, tags = tags, _tagged(tags, record)
                yield Change(stamp, _TAGS, value(before), value(tags))
                continue
            field, old, new = self._changed(record)
            if field is not None and old != new:
                yield Change(stamp, field, old, new)

    def _changed(self, record: Any) -> tuple[str | None, Value, Value]:
        """(field, before, after) of a change; no field: it is none that is read."""
        attribute = optional_name(record, "attribute")
        if part(record, "type") != "updated" or part(record, "object") != "Ticket" or not attribute or attribute in _NO_FIELDS:
            return None, None, None
        field = _FIELDS.get(attribute, attribute)
        if field == OWNER:
            old, new = (optional_name(record, key) for key in ("id_from", "id_to"))
            return field, None if old == SYSTEM else old, None if new == SYSTEM else new
        return field, value(part(record, "value_from")), value(part(record, "value_to"))

    def _message(self, article: Any, at: datetime, seq: int) -> Message:
        stamp = Stamp(name(article, "id"), at, self._writer(article), seq)
        public = _is_shown(article)
        automatic = part(article, "preferences", "is-auto-response") is True
        text: str | None = _text(article)
        if (stamp.by == "customer" and part(article, "attachments")) or (stamp.by != "customer" and not public):
            text = None
        return Message(stamp, public=public, automatic=automatic, text=text)

    # who is who

    def _writer(self, article: Any) -> Side:
        """Each article says whose it is."""
        known = self._known_by(article)
        sender = optional_name(article, "sender")
        if sender == "System" or known & self.sides.programs:
            return "rule"
        return "agent" if sender == "Agent" or known & self.sides.colleagues else "customer"

    def _known_by(self, article: Any) -> frozenset[str]:
        author = optional_name(article, "created_by_id") or ""
        account = self.users.get(author)
        said = [author, optional_name(article, "created_by"), optional_name(account, "email"), optional_name(account, "login")]
        written = part(article, "from")
        sent = addresses(written.encode("utf-8", "replace")) if isinstance(written, str) else ()
        return frozenset(folded(each) for each in (*said, *sent) if each)

    def _actor(self, record: Any, at: datetime, asked: datetime | None) -> Side:
        author = optional_name(record, "created_by_id") or ""
        account = self.users.get(author)
        known = frozenset(
            folded(each) for each in (author, optional_name(account, "email"), optional_name(account, "login")) if each
        )
        if author == optional_name(self.row, "customer_id"):
            return "customer"
        if part(record, "sourceable_type") is not None or known & self.sides.programs:
            return "rule"
        if author == SYSTEM:  # what it does because of a customer's words is the customer's doing
            return "customer" if asked is not None and at - asked <= _AT_ONCE else "rule"
        return "agent"


def users_of(assets: Any) -> dict[str, Any]:
    """The accounts that come along with a history, by number."""
    found = part(assets, "User")
    return found if isinstance(found, dict) else {}


def _is_shown(article: Any) -> bool:
    """Whether the customer has or wrote it. A note of an agent's is no communication, even if public; a mail of his was sent."""
    kind, is_agent = part(article, "type"), part(article, "sender") != "Customer"
    if kind == _NOTE and is_agent:
        return False
    return part(article, "internal") is not True or (kind == "email" and is_agent)


def _text(article: Any) -> str:
    body = part(article, "body")
    if not isinstance(body, str):
        return ""
    return html_text(body) if "html" in str(part(article, "content_type") or "text/html") else body


def _tagged(tags: Collection[str], record: Any) -> list[str]:
    named = optional_name(record, "value_to") or optional_name(record, "value_from") or ""
    left = [each for each in tags if each != named]
    return [*left, named] if part(record, "type") == "added" else left


def list_of(body: Any) -> list[Any]:
    """The rows of a list, which stand at the top. Raises DataError."""
    return items({"rows": body}, "rows")
