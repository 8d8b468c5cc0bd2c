"""Tickets of Freshdesk, their conversations, and looks at them -> facts of a ticket. Pure.

What each of them means, and where that comes from: docs/connectors/freshdesk.md.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from monitor.connectors._freshdesk_looks import CLOSED, OPEN, PENDING, RESOLVED, Look, Present, Seen, looked, without_closing
from monitor.connectors._http.fields import name, optional_name, part, whole
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
    Rating,
    Side,
    Stamp,
    State,
    Ticket,
    Value,
)
from monitor.connectors._tickets.people import People
from monitor.connectors._tickets.rules import folded
from monitor.connectors._tickets.settings import HelpdeskSettings
from monitor.connectors._tickets.written import PER_SECOND, moment, moment_at, places, value

TAGS: Final = "tags"
#: Fields by the names that tickets have for them.
_FIELDS: Final = {"status": STATUS, "responder_id": OWNER, "group_id": QUEUE, "priority": PRIORITY}
#: Names of the frame, which a custom field of the same name must not hide.
_FRAMES: Final = frozenset((*_FIELDS.values(), UNTIL))
#: Statuses that every account has.
STATUSES: Final = {OPEN: "Open", PENDING: "Pending", RESOLVED: "Resolved", CLOSED: "Closed"}
_STATES: Final = {
    PENDING: State("pending", on="customer"), RESOLVED: State("closed", how="done"), CLOSED: State("closed", how="done"),
}  # fmt: skip
#: Statuses that a new account has beside those, by their names.
_BY_NAME: Final = {
    "waiting on customer": State("pending", on="customer"), "waiting on third party": State("pending", on="third_party"),
}  # fmt: skip
_PRIORITIES: Final = {"1": "low", "2": "medium", "3": "high", "4": "urgent"}
_RANKS: Final = {each: float(number) for number, each in _PRIORITIES.items()}
#: Sources of tickets: an agent writes down a call; an agent writes to a customer who has asked nothing.
_PHONE, _OUTBOUND = 3, 10
#: Sources of conversations that are neither asked of us nor answered to the customer: comments on a survey, what is forwarded.
_ASIDE: Final = (6, 8)
_SCORES: Final = {103: 1.0, 102: 5 / 6, 101: 2 / 3, 100: 0.5, -101: 1 / 3, -102: 1 / 6, -103: 0.0, 1: 1.0, 2: 0.5, 3: 0.0}
#: What Freshdesk proposes for the notes of a merge, in English: where the ticket goes on, and which one goes on here.
_INTO: Final = re.compile(r"closed and merged into ticket\s+#?(\d{1,18})\b")
_FROM: Final = re.compile(r"\s*Merged from ticket\s+#?(\d{1,18})\b")
_NOTICE: Final = 2_000  # characters of a note in which such words are looked for
_MAX_MERGED: Final = 20  # tickets that went on in one, whose words are read


def rank(priority: str) -> float | None:
    """How urgent a priority is."""
    return _RANKS.get(folded(priority))


class Fields(NamedTuple):
    """Which fields beside status, agent, group and priority are read, as the settings name them. What is read is kept, so nothing
    else is: fields hold anything of a customer's."""

    dated: frozenset[str] = frozenset()  # promises: dates alone
    valued: Mapping[str, frozenset[str]] = MappingProxyType({})  # field -> values that mean something, in small letters

    def held(self, field: str, raw: Any) -> str | None:
        """What is read of a field's value."""
        if field in self.dated:
            return str(raw) if isinstance(value(raw), date) else None
        each = {folded(str(text)): str(text) for text in (raw if isinstance(raw, list) else [raw]) if text is not None}
        return ", ".join(sorted(text for small, text in each.items() if small in self.valued[field])) or None


def fields_of(settings: HelpdeskSettings) -> Fields:
    """What the settings want to know."""
    dated = frozenset(settings.promise_fields or ()) - _FRAMES
    named = [(each, known) for each, values in settings.policies.items() for known in values]
    named += [(TAGS, each.tag) for each in settings.complaints if each.tag]
    named += [(each.field, each.value) for each in settings.complaints if each.field and each.value]
    valued: dict[str, set[str]] = {}
    for each, known in named:
        valued.setdefault(each, set()).add(folded(known))
    return Fields(dated, {each: frozenset(wanted) for each, wanted in valued.items() if each not in dated | _FRAMES})


@dataclass(frozen=True, slots=True)
class Names:
    """What numbers mean."""

    fields: Fields
    groups: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=lambda: dict(STATUSES))
    custom: Mapping[str, str] = field(default_factory=dict)  # titles of custom fields, in small letters -> their names
    people: People = field(default_factory=lambda: People(frozenset(), frozenset(), "", ""))  # by number of account
    proves_staff: bool = True  # what comes from inside is an agent's, whoever he is now

    def states(self) -> dict[str, State]:
        """What each status means, by its name."""
        known = {title: _BY_NAME.get(folded(title)) for title in self.statuses.values()}
        known |= {self.statuses.get(number, number): state for number, state in _STATES.items()}
        return {title: state for title, state in known.items() if state is not None}

    def value(self, name: str, raw: str | None) -> Value:
        """A field's value as the settings write it."""
        if raw is None:
            return None
        if name == STATUS:
            return self.statuses.get(raw, raw)
        if name == QUEUE:
            return self.groups.get(raw, f"#{raw}")
        return _PRIORITIES.get(raw, raw) if name == PRIORITY else raw if name == OWNER else value(raw)

    def held(self, row: Any) -> dict[str, str | None]:
        """What the fields of a ticket hold, as Freshdesk writes it."""
        found = {known: optional_name(row, key) for key, known in _FIELDS.items()}
        for each in (*self.fields.dated, *self.fields.valued):
            raw = part(row, each)
            if raw is None:
                raw = part(row, "custom_fields", self.custom.get(folded(each), each))
            found[each] = self.fields.held(each, raw)
        return found


class Words(NamedTuple):
    """A ticket that went on in another one: as it is listed, and its conversations."""

    row: Any
    conversations: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """How one ticket is read."""

    names: Names
    row: Any
    conversations: Sequence[Any]
    now: datetime  # the server's clock
    unchanged: datetime  # until when the ticket was as it was at the last reading

    def merged_here(self) -> list[str]:
        """The numbers of the tickets that go on in this one. Raises DataError."""
        notes = (_FROM.match(_text(each)[:_NOTICE]) for each in self.conversations if self._is_inside(each))
        found = [match[1] for match in notes if match is not None and match[1] != name(self.row, "id")]
        return list(dict.fromkeys(found))[:_MAX_MERGED]

    def ticket(
        self, kept: Any, known_as: Sequence[str], merged: Mapping[str, Words], ratings: Iterable[Any] = ()
    ) -> Ticket:  # fmt: skip
        """The ticket. `kept`: its `Ticket.kept` of the last reading; `known_as`: what the customer is known by, the first one
        first; `merged`: those that go on in it. Raises DataError."""
        ref, created = name(self.row, "id"), moment_at(self.row, "created_at")
        asked = [moment_at(each, "created_at") for each in self.conversations if self._side(each) == "customer"]
        present = Present(created, moment_at(self.row, "updated_at"), self.names.held(self.row), part(self.row, "stats"), asked)
        look = looked(Look.unpacked(kept), present, unchanged=self.unchanged, dated=self.names.fields.dated)
        note, into = self._merge()
        shown = look if note is None else without_closing(look, moment_at(note, "created_at"))
        source = part(self.row, "source")
        by_agent = source in (_PHONE, _OUTBOUND)
        opened = Stamp("created", created, "agent" if by_agent else "customer", int(created.timestamp()) * PER_SECOND)
        facts = [*self._facts(shown, opened, note, into), *self._judged()]
        for other in merged.values():
            facts += _words_of(self.names, other, self.now)
        facts += (fact for each in ratings if (fact := _rating(each)) is not None)
        now = {known: self.names.value(known, held) for known, held in shown.values.items()}
        text = None if by_agent else _described(self.row)
        return Ticket(
            ref, ref, opened, known_as[0] if known_as else None, now, facts, answered=source == _OUTBOUND, names=known_as[1:],
            text=text, kept=look.packed(),
        )  # fmt: skip

    def words(self) -> list[Message]:
        """What was said in it, its first words included; for the ticket in which it goes on. Raises DataError."""
        note, _ = self._merge()
        opened = Stamp(f"ticket:{name(self.row, 'id')}", moment_at(self.row, "created_at"), "customer", 0)
        first = opened._replace(seq=int(opened.at.timestamp()) * PER_SECOND)
        facts = self._facts(Look(opened.at, {}), first, note, None)
        said = [fact for fact in facts if isinstance(fact, Message)]
        by_agent = part(self.row, "source") in (_PHONE, _OUTBOUND)
        return said if by_agent else [Message(first, text=_described(self.row)), *said]

    def _facts(self, look: Look, opened: Stamp, note: Any | None, into: str | None) -> list[Fact]:
        """What came after its creation; within one second what had happened by then, words, what happened then."""
        records = sorted(
            [
                *(((moment_at(each, "created_at"), 1, whole(each, "id")), each) for each in self._said(note)),
                *(((each.at, 2 if each.after is None else 0, index), each) for index, each in enumerate(look.changes)),
            ],
            key=lambda record: record[0],
        )
        seqs = places([opened, *records], lambda record: opened.at if record is opened else max(record[0][0], opened.at))
        facts: list[Fact] = []
        refs: Counter[str] = Counter()  # changes of one field within one second
        for each in records:
            ((at, _, _), record), seq = each, seqs[id(each)]
            if record is note:  # what is said after it is said to nobody
                facts += [Merge(Stamp(name(record, "id"), at, "agent", seq), into)] if into is not None else []
                break
            if isinstance(record, Seen):
                refs[ref := f"{record.field}:{int(at.timestamp())}"] += 1
                facts.append(self._changed(record, f"{ref}:{refs[ref]}", seq))
            else:
                facts.append(self._message(record, at, seq))
        return facts

    def _said(self, note: Any | None) -> list[Any]:
        """The conversations but for the notes of tickets that were merged into this one, which are no words of ours."""
        return [
            each for each in self.conversations
            if each is note or not (self._is_inside(each) and _FROM.match(_text(each)[:_NOTICE]) is not None)
        ]  # fmt: skip

    def _changed(self, seen: Seen, ref: str, seq: int) -> Change:
        stamp = Stamp(ref, seen.at, seen.by, seq, seen.after)
        return Change(stamp, seen.field, self.names.value(seen.field, seen.old), self.names.value(seen.field, seen.new))

    def _message(self, conversation: Any, at: datetime, seq: int) -> Message:
        stamp = Stamp(name(conversation, "id"), at, self._side(conversation), seq)
        public = part(conversation, "private") is not True and part(conversation, "source") not in _ASIDE
        automatic = stamp.by == "customer" and part(conversation, "auto_response") is True
        text: str | None = _text(conversation)
        if (stamp.by == "customer" and part(conversation, "attachments")) or (stamp.by != "customer" and not public):
            text = None
        return Message(stamp, public=public, automatic=automatic, text=text)

    def _merge(self) -> tuple[Any | None, str | None]:
        """(the note that says that it goes on in another ticket, that one's number), or twice None."""
        for each in self.conversations:
            match = _INTO.search(_text(each)[:_NOTICE]) if self._is_inside(each) else None
            if match is not None and match[1] != name(self.row, "id"):
                return each, match[1]
        return None, None

    def _judged(self) -> Iterator[Judged]:
        """What Freshdesk's own service levels say of the first answer, a later one, and the resolution."""
        stats, number = part(self.row, "stats"), int(self.now.timestamp()) * PER_SECOND
        waits: tuple[tuple[Literal["reply", "resolution"], str, str, str], ...] = (
            ("reply", "fr_due_by", "first_responded_at", "fr_escalated"), ("resolution", "due_by", "resolved_at", "is_escalated"),
        )  # fmt: skip
        for wait, due_key, done_key, late_key in waits:
            due, done = moment(part(self.row, due_key)), moment(part(stats, done_key))
            if due is None:
                continue
            is_late = done > due if done is not None else part(self.row, late_key) is True and due <= self.now
            if is_late or done is not None:
                at = due if is_late or done is None else done
                yield Judged(Stamp(f"sla:{wait}", at, "rule", number), wait, is_late)
        due = moment(part(self.row, "nr_due_by"))
        if due is not None and due <= self.now and part(self.row, "nr_escalated") is True:
            yield Judged(Stamp(f"sla:next:{int(due.timestamp())}", due, "rule", number), "follow_up", True)

    # who is who

    def _side(self, conversation: Any) -> Side:
        author, incoming = optional_name(conversation, "user_id") or "", part(conversation, "incoming") is True
        if not incoming and (part(conversation, "automation_id") is not None or part(conversation, "auto_response") is True):
            return "rule"
        requester = optional_name(self.row, "requester_id") or ""
        side = self.names.people.side(author, (requester,))
        proven = self.names.proves_staff and not incoming and author != requester
        return "agent" if side == "customer" and proven else side

    def _is_inside(self, conversation: Any) -> bool:
        """Whether it was written inside the helpdesk: customers may write what they like."""
        return part(conversation, "incoming") is not True and self._side(conversation) != "customer"


def _words_of(names: Names, other: Words, now: datetime) -> list[Message]:
    return Reader(names, other.row, other.conversations, now, now).words()


def _rating(rating: Any) -> Rating | None:
    """How content the customer says to be, on Freshdesk's scale of seven or three."""
    said = part(rating, "ratings", "default_question")
    score = _SCORES.get(said) if isinstance(said, int) and not isinstance(said, bool) else None
    if score is None:
        return None
    at = moment_at(rating, "created_at")
    return Rating(Stamp(f"rating:{name(rating, 'id')}", at, "customer", int(at.timestamp()) * PER_SECOND), score)


def _text(conversation: Any) -> str:
    """Its words; what is quoted as lines that begin with `> `."""
    page, plain = part(conversation, "body"), part(conversation, "body_text")
    return html_text(page) if isinstance(page, str) and page else plain if isinstance(plain, str) else ""


def _described(row: Any) -> str | None:
    """What the customer began it with, where that came along."""
    page, plain = part(row, "description"), part(row, "description_text")
    if part(row, "attachments"):
        return None
    return html_text(page) if isinstance(page, str) and page else plain if isinstance(plain, str) else None
