"""Audits of Zendesk -> facts of a ticket. Pure.

An audit is one update of a ticket: who, when, and its events. Where each fact of the interface comes from:
docs/connectors/zendesk.md.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from monitor.connectors._http.fields import items, name, optional_items, optional_name, part, whole
from monitor.connectors._tickets.facts import (
    OWNER,
    PRIORITY,
    QUEUE,
    STATUS,
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
from monitor.connectors._tickets.written import PER_SECOND, moment_at, places, value
from monitor.errors import DataError

DUE: Final = "due_at"
_TAGS: Final = "tags"
#: Fields that are read, by the names that audits have for them; custom ones go by their numbers there.
_FIELDS: Final = {
    "status": STATUS, "assignee_id": OWNER, "group_id": QUEUE, "priority": PRIORITY, DUE: DUE, _TAGS: _TAGS, "type": "type",
}  # fmt: skip
#: Names that a custom field of the same title would hide.
OWN: Final = frozenset(_FIELDS.values())
#: A ticket that was merged into one that nobody names, as if in a status of its own; no real one has such a name.
_MERGED: Final = "closed\nby merge"
STATES: Final = {
    "pending": State("pending", on="customer"), "hold": State("pending", on="third_party"),
    "solved": State("closed", how="done"), "closed": State("closed", how="done"),
    "deleted": State("discarded", reason="deleted"), _MERGED: State("discarded", reason="duplicate"),
}  # fmt: skip
_PRIORITIES: Final = {"low": 1.0, "normal": 2.0, "high": 3.0, "urgent": 4.0}
_SCORES: Final = {"good": 1.0, "goodwithcomment": 1.0, "bad": 0.0, "badwithcomment": 0.0}
_MERGE_TAG: Final = "closed_by_merge"
_COMMENTS: Final = ("Comment", "VoiceComment")
#: Metrics of Zendesk's service levels that are ours as well.
_METRICS: Final = {"reply_time": "reply", "resolution_time": "resolution"}
#: What Zendesk writes of a merge, in English: where the ticket goes on, and which ones go on here.
_INTO: Final = re.compile(r"closed and merged into request #(\d{1,18})\b")
_FROM: Final = re.compile(
    r"[Rr]equests? ([#\d, ]{2,400}?)(?:\s\".*\")? (?:was|were) closed and merged into this request", re.DOTALL
)  # fmt: skip
_NOTICE: Final = 2_000  # characters of a comment in which such words are looked for
_NUMBER: Final = re.compile(r"\d{1,18}")
_MAX_MERGED: Final = 20  # tickets that went on in one, whose words are read
#: An audit's place among those of its second has so many values.


@dataclass(frozen=True, slots=True)
class Names:
    """What numbers mean."""

    groups: Mapping[str, str]
    fields: Mapping[str, str]  # custom fields
    people: People  # by number of account
    #: Address, phone and the like of a customer by the number of the account, the one that he is known by first.
    customers: Mapping[str, tuple[str, ...]]
    proves_staff: bool = True  # whoever does what customers cannot is staff of a ticket, whatever he is now


def rank(priority: str) -> float | None:
    """How urgent a priority is."""
    return _PRIORITIES.get(priority.strip().casefold())


@dataclass(frozen=True, slots=True)
class Reader:
    """How the audits of one ticket are read."""

    names: Names
    source: str  # its accounts have numbers, which mean somebody else elsewhere

    def merged_here(self, row: Any, audits: Sequence[Any]) -> list[str]:
        """The numbers of the tickets that go on in this one. Raises DataError."""
        found = [ref for ref in _History(self.names, row, audits).merged_here() if ref != name(row, "id")]
        return list(dict.fromkeys(found))[:_MAX_MERGED]

    def ticket(self, row: Any, audits: Sequence[Any], merged: Mapping[str, Sequence[Any]]) -> Ticket:
        """The ticket of a listing with its history. `merged`: the audits of those that go on in it. Raises DataError."""
        ref, history = name(row, "id"), _History(self.names, row, audits)
        if not history.audits:
            raise DataError("no audits")
        facts: list[Fact] = [*history.facts(), *_judged(row)]
        facts += (fact for other in merged.values() for fact in _words_of(self.names, row, other))
        requester = optional_name(row, "requester_id") or ""
        names = self.names.customers.get(requester, ())
        customer = names[0] if names else f"{self.source} account {requester}" if requester else None
        return Ticket(
            ref, ref, history.opened(), customer, history.now(), facts, answered=history.answered(), follows=_follows(row),
            names=names[1:], text=history.opening_text(),
        )  # fmt: skip


def _judged(row: Any) -> Iterator[Judged]:
    """What Zendesk's own service levels say, as far as one was applied and decided: by the events of its metrics, which may
    come along with a listing."""
    metrics = part(row, "metric_events")
    for metric, wait in _METRICS.items():
        told = part(metrics, metric)
        cycles: dict[int, list[Any]] = {}
        for each in told if isinstance(told, list) else ():
            cycles.setdefault(whole(each, "instance_id"), []).append(each)
        for number, events in cycles.items():
            kinds = {optional_name(each, "type") or "": each for each in events}
            decided = kinds.get("breach") or kinds.get("fulfill")
            if "apply_sla" not in kinds or decided is None or part(decided, "deleted") is True:
                continue
            at, seq = moment_at(decided, "time"), number % PER_SECOND
            stamp = Stamp(f"sla:{metric}:{number}", at, "rule", int(at.timestamp()) * PER_SECOND + seq)
            kind: Literal["reply", "follow_up", "resolution"] = (
                "resolution" if wait == "resolution" else "reply" if number == 1 else "follow_up"
            )
            yield Judged(stamp, kind, "breach" in kinds)


def _words_of(names: Names, row: Any, audits: Sequence[Any]) -> Iterator[Message]:
    """What was said in a ticket that goes on in this one, its first words included."""
    history = _History(names, row, audits)
    if not history.audits:
        return
    first = history.first_comment()
    for fact in (history.message(history.audits[0], first), *history.facts()) if first is not None else history.facts():
        if isinstance(fact, Message):
            yield fact


class _History:
    """The audits of one ticket, oldest first."""

    def __init__(self, names: Names, row: Any, audits: Sequence[Any]) -> None:
        self._names = names
        self._row = row
        self.audits = sorted(audits, key=lambda audit: (moment_at(audit, "created_at"), whole(audit, "id")))
        self._requester = optional_name(row, "requester_id") or ""
        self._private = _made_private(self.audits)
        self._proven = self._proven_staff() if names.proves_staff else frozenset()
        self._seqs = places(self.audits)
        self._merge = next((audit for audit in self.audits if _is_merged_by(audit)), None)
        self._into = None if self._merge is None else _into(self._merge)

    # its beginning

    def opened(self) -> Stamp:
        """By whom the first words are; where an agent made it for somebody, by him."""
        by = self._opener()
        return Stamp("created", moment_at(self._row, "created_at"), by, self._seqs[id(self.audits[0])])

    def _opener(self) -> Side:
        first = self.first_comment()
        by = self._side(self.audits[0], first, author=optional_name(first, "author_id"))
        if by == "rule" and self._requester:  # a form on a web page makes it, say
            return "customer"
        return by

    def answered(self) -> bool:
        """An agent has made it with words that the customer was sent."""
        first = self.first_comment()
        return first is not None and self._opener() == "agent" and self._is_public(first)

    def opening_text(self) -> str | None:
        """What the customer began it with; of a follow-up, which may be a mere thank-you, unless a file came along."""
        first = self.first_comment()
        if first is None or self._opener() != "customer" or (_follows(self._row) and part(first, "attachments")):
            return None
        return _text(first)

    def first_comment(self) -> Any | None:
        """The comment of its creation."""
        return next((event for event in _events(self.audits[0]) if part(event, "type") in _COMMENTS), None)

    # its fields

    def now(self) -> dict[str, Value]:
        """What its fields hold: as listed, or as the newest audits have it, where these are newer."""
        held = {field: self._value(field, part(self._row, key)) for key, field in _FIELDS.items()}
        for each in optional_items(self._row, "custom_fields"):
            title = self._names.fields.get(optional_name(each, "id") or "")
            if title is not None:
                held[title] = self._value(title, part(each, "value"))
        if moment_at(self.audits[-1], "created_at") > moment_at(self._row, "updated_at"):
            for audit in self.audits:
                held |= {field: self._value(field, part(event, "value")) for event, field in self._set_in(audit)}
        if self._merge is not None:
            before = next((event for event, field in self._set_in(self._merge) if field == STATUS), None)
            held[STATUS] = _MERGED if self._into is None else value(part(before, "previous_value"))
        return held

    def _set_in(self, audit: Any) -> Iterator[tuple[Any, str]]:
        """Each event that sets a field that is read, with the field's name."""
        for event in _events(audit):
            if part(event, "type") in ("Create", "Change"):
                called = optional_name(event, "field_name") or ""
                field = _FIELDS.get(called) or self._names.fields.get(called)
                if field is not None:
                    yield event, field

    def _value(self, field: str, raw: Any) -> Value:
        if field == QUEUE:
            number = optional_name(raw)
            return None if number is None else self._names.groups.get(number, f"#{number}")
        return value(raw)

    # what came later

    def facts(self) -> list[Fact]:
        """All but what its creation told. Raises DataError."""
        facts: list[Fact] = []
        for index, audit in enumerate(self.audits):
            for event in _events(audit):
                kind = part(event, "type")
                if kind in _COMMENTS and index > 0 and audit is not self._merge and not self._is_notice(audit, event):
                    facts.append(self.message(audit, event))
                elif (score := _score(event)) is not None:
                    facts.append(Rating(self._stamp(audit, event, name(event, "id")), score))
            # What rules set in the second of its creation is how it began.
            facts += self._changes(audit) if index > 0 else ()
            if audit is self._merge:
                if self._into is not None:
                    facts.append(Merge(self._stamp(audit, None, f"{name(audit, 'id')}:merge"), self._into))
                break
        return facts

    def merged_here(self) -> Iterator[str]:
        """The numbers of the tickets that go on in this one, as agents and rules say; customers may write what they like."""
        for audit in self.audits:
            source = part(audit, "via", "source")
            if part(source, "rel") == "merge":
                several = part(source, "from", "ticket_ids")
                numbers = [part(source, "from", "ticket_id"), *(several if isinstance(several, list) else ())]
                yield from (str(each) for each in numbers if isinstance(each, int))
            for event in _events(audit):
                if self._is_notice(audit, event) and (told := _FROM.match(_text(event)[:_NOTICE])) is not None:
                    yield from _NUMBER.findall(told[1])

    def _is_notice(self, audit: Any, event: Any) -> bool:
        """Whether a comment is what Zendesk itself writes of a merge."""
        if part(event, "type") not in _COMMENTS:
            return False
        if part(audit, "via", "source", "rel") == "merge":
            return True
        is_theirs = self._side(audit, event, author=optional_name(event, "author_id")) == "customer"
        return not is_theirs and _FROM.match(_text(event)[:_NOTICE]) is not None

    def message(self, audit: Any, event: Any) -> Message:
        """Words; a customer's come along as long as nothing is attached to them, ours where the customer sees them."""
        author = optional_name(event, "author_id") or optional_name(audit, "author_id") or ""
        stamp = self._stamp(audit, event, name(event, "id"), author=author)
        public = self._is_public(event)
        text: str | None = _text(event)
        if (stamp.by == "customer" and part(event, "attachments")) or (stamp.by != "customer" and not public):
            text = None
        return Message(stamp, public=public, text=text)

    def _changes(self, audit: Any) -> list[Change]:
        found = []
        for event, field in self._set_in(audit):
            old = None if part(event, "type") == "Create" else self._value(field, part(event, "previous_value"))
            new = self._value(field, part(event, "value"))
            if field == STATUS and audit is self._merge:
                new = old if self._into is not None else _MERGED
            if old != new:
                found.append(Change(self._stamp(audit, event, name(audit, "id")), field, old, new))
        return found

    def _stamp(self, audit: Any, event: Any, ref: str, *, author: str | None = None) -> Stamp:
        return Stamp(ref, moment_at(audit, "created_at"), self._side(audit, event, author=author), self._seqs[id(audit)])

    # who is who

    def _side(self, audit: Any, event: Any, *, author: str | None = None) -> Side:
        author = author or optional_name(audit, "author_id") or ""
        via = part(event, "via", "channel") or part(audit, "via", "channel")
        if via in ("rule", "system") or author == "-1":
            return "rule"
        if isinstance(via, str) and via.startswith("answer_bot"):
            return "rule"
        side = self._names.people.side(author, (self._requester,))
        return "agent" if side == "customer" and author in self._proven else side

    def _proven_staff(self) -> frozenset[str]:
        """Who has done here what customers cannot: accounts of people who have left are no agents any more."""
        proven = set()
        for audit in self.audits:
            for event in _events(audit):
                if _is_ours(event) and part(event, "via", "channel") is None and part(audit, "via", "channel") != "rule":
                    proven.add(optional_name(event, "author_id") or optional_name(audit, "author_id") or "")
        return frozenset(proven - {self._requester, ""})

    def _is_public(self, event: Any) -> bool:
        return part(event, "public") is not False and name(event, "id") not in self._private


def _is_ours(event: Any) -> bool:
    """Whether no customer can do this: write what only colleagues see, give the ticket to somebody, say how urgent it is."""
    if part(event, "type") in _COMMENTS:
        return part(event, "public") is False
    return part(event, "type") == "Change" and part(event, "field_name") in ("assignee_id", "group_id", "priority")


def _made_private(audits: Iterable[Any]) -> frozenset[str]:
    """The comments that customers see no more."""
    shown: dict[str, bool] = {}
    for audit in audits:
        for event in _events(audit):
            if part(event, "type") == "CommentPrivacyChange":
                shown[name(event, "comment_id")] = part(event, "public") is True
    return frozenset(comment for comment, public in shown.items() if not public)


def _is_merged_by(audit: Any) -> bool:
    """Whether a ticket goes on in another one by this audit, which closes it. Tags alone say nothing: follow-ups inherit them."""
    changes = {optional_name(event, "field_name"): event for event in _events(audit) if part(event, "type") == "Change"}
    if part(changes.get("status"), "value") != "closed":
        return False
    tags = (part(changes.get(_TAGS), key) for key in ("previous_value", "value"))
    before, after = (each if isinstance(each, list) else () for each in tags)
    return part(audit, "via", "source", "rel") == "merge" or (_MERGE_TAG in after and _MERGE_TAG not in before)


def _into(audit: Any) -> str | None:
    """The ticket in which one goes on by this audit; None where nobody can say."""
    target = part(audit, "via", "source", "to", "ticket_id")
    if isinstance(target, int | str):
        return str(target)
    told = (_INTO.search(_text(event)[:_NOTICE]) for event in _events(audit) if part(event, "type") in _COMMENTS)
    return next((match[1] for match in told if match is not None), None)


def _follows(row: Any) -> str | None:
    """The closed ticket whose matter goes on in this one."""
    source = part(row, "via", "source")
    if part(source, "rel") != "follow_up":
        return None
    followed = part(source, "from", "ticket_id")
    return str(followed) if isinstance(followed, int | str) else None


def _score(event: Any) -> float | None:
    """How content the customer says to be."""
    if part(event, "type") == "SatisfactionRating":
        said = part(event, "score")
    elif part(event, "field_name") == "satisfaction_score":
        said = part(event, "value")
    else:
        return None
    return _SCORES.get(said) if isinstance(said, str) else None


def _events(audit: Any) -> list[Any]:
    return items(audit, "events")


def _text(comment: Any) -> str:
    found = (part(comment, key) for key in ("plain_body", "body"))
    return next((text for text in found if isinstance(text, str)), "").replace("&nbsp;", " ")
