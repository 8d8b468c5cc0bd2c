"""Mails -> conversations -> neutral events. Pure: what it must know of earlier mails comes in as state and goes out as state.

A mail belongs to the conversation of the mails it refers to; failing that, to one of the same subject with the same
customer. Only who takes part in a conversation can go on with it: whoever else refers to it (two customers who answer
one mailing) begins his own. An answer that is read before its question (from another account) is parked in the state
and comes out with the question, so that the order of reading does not matter.

StoredState, all keys and values hashed or numeric but for our own address and the first Message-ID:
  m:<mail>     -> conversation, whose mail it is (c customer's, o ours, ? only referred to), fingerprint
  t:<thread>   -> conversation (Outlook's Thread-Index)
  s:<subject>  -> the newest conversations of this customer with this subject
  c:<conversation> -> its name, place, customers, span, and parked answers
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from monitor.connectors._mail.headers import (
    Mail,
    contact_name,
    is_calendar_reply,
    may_be_calendar_reply,
    short_hash,
)
from monitor.connectors._mail.parties import ClassifiedMail
from monitor.domain.event import Event, from_micros, to_micros

_WINDOW: Final = timedelta(days=30) // timedelta(microseconds=1)
_TOLERANCE: Final = timedelta(minutes=10) // timedelta(microseconds=1)  # two servers' clocks
_MAX_CUSTOMERS: Final = 8
_MAX_PARKED: Final = 20
_MAX_SAME_SUBJECT: Final = 4
_pack: Final = json.JSONEncoder(separators=(",", ":")).encode
_MAILING: Final = 3  # written by us to more people than this: each answer is a matter of its own


@dataclass(slots=True)
class _Conversation:
    """The stored state of one conversation. It has no name until there is an event of it."""

    key: str
    begun: int
    last: int
    name: str = ""
    place: str = ""
    customers: list[str] = field(default_factory=list)
    parked: list[tuple[str, str, int]] = field(default_factory=list)  # event id, kind, micros

    @classmethod
    def from_entry(cls, key: str, entry: str) -> "_Conversation":
        begun, last, name, place, customers, parked = json.loads(entry)
        return cls(key, begun, last, name, place, customers, [(i, k, a) for i, k, a in parked])

    def to_entry(self) -> str:
        row = (self.begun, self.last, self.name, self.place, self.customers, self.parked)
        return _pack(row)

    def touch(self, at: int, customers: Iterable[str]) -> None:
        self.begun, self.last = min(self.begun, at), max(self.last, at)
        for customer in customers:
            if customer not in self.customers and len(self.customers) < _MAX_CUSTOMERS:
                self.customers.append(customer)


def state_keys(classified: Iterable[ClassifiedMail]) -> set[str]:
    """The keys of the state to read before these mails can be put in place."""
    keys: set[str] = set()
    for p in classified:
        mail = p.mail
        keys.add("m:" + mail.id)
        if mail.message_id:
            keys.add("m:" + _second_id(mail))
        for reference in mail.references:
            keys.add("m:" + reference)
        if mail.thread:
            keys.add("t:" + short_hash(mail.thread))
        keys.update(p.subject_keys)
    return keys


def conversation_keys(state: Mapping[str, str]) -> set[str]:
    """The keys of the conversations that these entries point to."""
    keys: set[str] = set()
    for key, entry in state.items():
        if key[0] != "c":
            keys.update("c:" + part[:16] for part in entry.split(","))
    return keys


def _second_id(mail: Mail) -> str:
    """The id of a mail whose Message-ID another mail already bears."""
    return mail.id[:8] + mail.fingerprint


class Threads:
    """Puts the mails of one batch in place: fill with `add`, then read `events` and `changes`."""

    def __init__(self, state: Mapping[str, str]) -> None:
        self._state = dict(state)
        self._conversations: dict[str, _Conversation] = {}
        self._touched: set[str] = set()
        self.events: list[Event] = []
        self._changes: dict[str, str] = {}

    def changes(self) -> dict[str, str]:
        """The entries to store with this batch."""
        for key in self._touched:
            self._changes["c:" + key] = self._conversations[key].to_entry()
        return self._changes

    def add(self, p: ClassifiedMail, courtesy: bool = False) -> None:
        """One mail. `courtesy`: its text is only a thank-you."""
        mail = p.mail
        event_id, name_id = mail.id, mail.message_id
        entry = self._state.get("m:" + event_id)
        if entry and mail.message_id and entry[17:] not in ("", mail.fingerprint) and entry[16] != "?":
            event_id, name_id = _second_id(mail), None  # another mail with the same Message-ID
        put = self._add_ours if p.ours else self._add_customers
        put(p, event_id, name_id, courtesy)

    def _add_customers(self, p: ClassifiedMail, event_id: str, name_id: str | None, courtesy: bool) -> None:
        mail, customer, at = p.mail, p.others[0], to_micros(p.mail.at)
        conversation = self._known("m:" + event_id)
        if conversation is None:
            found = self._referred(mail)
            mine = [c for c in found if customer in c.customers]
            conversation = mine[0] if mine else (None if found else self._same_subject(p, at))
        fresh = conversation is None
        conversation = conversation or self._new(event_id, at)
        conversation.touch(at, (customer,))
        if not conversation.name:
            conversation.customers.sort(key=customer.__ne__)  # who asks comes first
            conversation.name = self._name(mail, name_id, event_id, conversation)
            conversation.place = p.place
            for parked_id, kind, moment in conversation.parked:
                self._emit(conversation, parked_id, kind, from_micros(moment))
            conversation.parked = []
        self._emit(conversation, event_id, "received", mail.at, customer, courtesy)
        self._register(p, event_id, conversation, "c", by_subject=fresh or not mail.references)

    def _add_ours(self, p: ClassifiedMail, event_id: str, name_id: str | None, _: bool) -> None:
        mail, at = p.mail, to_micros(p.mail.at)
        own, found = self._known("m:" + event_id), self._referred(mail)
        targets = self._answered(p, own, found, at) or self._begun_by_us(p, event_id, name_id, at)
        if not targets:
            return
        joins = () if len(p.others) > _MAILING and not _is_answer(p) else p.others
        for conversation in targets:
            conversation.touch(at, joins)
            self._touched.add(conversation.key)
            self._emit_or_park(conversation, event_id, "auto_replied" if p.automatic else "replied", mail.at)
        if joins:
            self._register(p, event_id, targets[0], "o", by_subject=own is None and not found, refer=not p.subject.forwards)
        else:
            self._put_mail(event_id, targets[0], "o", mail.fingerprint)

    def _answered(
        self, p: ClassifiedMail, own: _Conversation | None, found: Sequence[_Conversation], at: int
    ) -> list[_Conversation]:  # fmt: skip
        """The known conversations that a mail of ours goes on: `found` by its references, its own, or by subject."""
        # Forwarding a customer's mail to a third party answers nobody.
        targets = [c for c in found if not p.subject.forwards or any(o in c.customers for o in p.others)]
        if own is not None and own not in targets:
            targets.insert(0, own)
        if not targets:
            match = self._same_subject(p, at)
            targets = [match] if match else []
        return targets

    def _begun_by_us(self, p: ClassifiedMail, event_id: str, name_id: str | None, at: int) -> list[_Conversation]:
        """A new conversation; without a name if the mail answers one that was not read yet, none for an automatic mail."""
        answers_unread = _is_answer(p) and not p.subject.forwards
        if p.automatic and not answers_unread:
            return []
        begun = self._new(event_id, at)
        if not answers_unread:
            begun.name, begun.place = contact_name(name_id, event_id), p.place
        return [begun]

    def _emit_or_park(self, conversation: _Conversation, event_id: str, kind: str, at: datetime) -> None:
        """An event of ours; it is kept for later where the conversation has no name yet."""
        if conversation.name:
            self._emit(conversation, event_id, kind, at)
        elif all(event_id != parked[0] for parked in conversation.parked):
            conversation.parked = [*conversation.parked, (event_id, kind, to_micros(at))][-_MAX_PARKED:]

    def _emit(
        self, c: _Conversation, event_id: str, kind: str, at: datetime, customer: str | None = None, courtesy: bool = False
    ) -> None:
        who = customer or (c.customers[0] if c.customers else None)
        self.events.append(Event(event_id, c.name, c.place, "email", kind, at, who, courtesy=courtesy))

    def _name(self, mail: Mail, name_id: str | None, event_id: str, conversation: _Conversation) -> str:
        """The first mail of the conversation as far as known, unless that already names another one."""
        if mail.root:
            root = mail.references[0]
            owner = self._state.get("m:" + root)
            if owner is None or owner[:16] == conversation.key:
                return contact_name(mail.root, root)
        return contact_name(name_id, event_id)

    def _known(self, key: str) -> _Conversation | None:
        entry = self._state.get(key)
        return self._conversation(entry[:16]) if entry else None

    def _conversation(self, key: str) -> _Conversation | None:
        conversation = self._conversations.get(key)
        if conversation is None:
            entry = self._state.get("c:" + key)
            if entry is not None:
                conversation = self._conversations[key] = _Conversation.from_entry(key, entry)
        return conversation

    def _new(self, key: str, at: int) -> _Conversation:
        conversation = self._conversations[key] = _Conversation(key, at, at)
        return conversation

    def _referred(self, mail: Mail) -> list[_Conversation]:
        """The known conversations this mail refers to, in the order of its references."""
        keys = ["m:" + r for r in mail.references]
        if mail.thread:
            keys.append("t:" + short_hash(mail.thread))
        found: dict[str, _Conversation] = {}
        for key in keys:
            conversation = self._known(key)
            if conversation is not None:
                found[conversation.key] = conversation
        return list(found.values())

    def _same_subject(self, p: ClassifiedMail, at: int) -> _Conversation | None:
        """The newest conversation of the same customer with the same subject, where the subject says that it goes on.

        A customer's mail without such a prefix may still be the question of an answer that was read before it.
        """
        candidates = [
            c
            for key in p.subject_keys
            for part in filter(None, self._state.get(key, "").split(","))
            if (c := self._conversation(part)) is not None
        ]
        if p.subject.answers:
            running = [c for c in candidates if c.begun - _TOLERANCE <= at <= c.last + _WINDOW]
            if running:
                return max(running, key=lambda c: c.begun)
        if p.ours:
            return None
        parked = [c for c in candidates if not c.name and at - _TOLERANCE <= c.begun <= at + _WINDOW]
        return min(parked, key=lambda c: c.begun) if parked else None

    def _register(
        self, p: ClassifiedMail, event_id: str, conversation: _Conversation, side: str, *, by_subject: bool, refer: bool = True
    ) -> None:
        """Make the conversation findable by this mail, by the mails it refers to and, where needed, by its subject."""
        mail = p.mail
        self._touched.add(conversation.key)
        self._put_mail(event_id, conversation, side, mail.fingerprint)
        if refer:
            for reference in mail.references:
                key = "m:" + reference
                if key not in self._state:
                    self._put(key, conversation.key + "?")
        if mail.thread:
            key = "t:" + short_hash(mail.thread)
            if key not in self._state:
                self._put(key, conversation.key)
        if by_subject:
            for key in p.subject_keys:
                others = [k for k in self._state.get(key, "").split(",") if k and k != conversation.key]
                self._put(key, ",".join([*others, conversation.key][-_MAX_SAME_SUBJECT:]))

    def _put_mail(self, event_id: str, conversation: _Conversation, side: str, fingerprint: str) -> None:
        key = "m:" + event_id
        if self._state.get(key, "")[16:17] in ("", "?"):
            self._put(key, conversation.key + side + fingerprint)

    def _put(self, key: str, entry: str) -> None:
        if self._state.get(key) != entry:
            self._state[key] = self._changes[key] = entry


def _is_answer(p: ClassifiedMail) -> bool:
    return bool(p.mail.references) or p.mail.thread_reply or p.subject.answers


def text_wanted(classified: Sequence[ClassifiedMail], state: Mapping[str, str]) -> set[int]:
    """Indices of the mails whose text must be looked at: a customer's word after what may be an answer of ours."""
    sides = {p.mail.id: "o" if p.ours else "c" for p in classified}
    wanted = set()
    for index, p in enumerate(classified):
        if p.ours:
            continue
        if p.mail.references:
            parent = p.mail.references[-1]
            side = sides.get(parent) or state.get("m:" + parent, "")[16:17]
            follows = side != "c"
        else:
            follows = p.mail.thread_reply or p.subject.answers
        if follows or may_be_calendar_reply(p.mail):
            wanted.add(index)
    return wanted


def is_machines_text(mail: Mail, body: bytes) -> bool:
    """Whether the text shows what the headers did not: the mail only accepts an invitation."""
    return may_be_calendar_reply(mail) and is_calendar_reply(body)
