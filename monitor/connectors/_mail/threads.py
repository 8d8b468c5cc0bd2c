"""Mails -> conversations -> neutral events. Pure: what it must know of earlier mails comes in as state and goes out as state.

A mail belongs to the conversation of the mails it refers to; failing that, to one of the same subject with the same
customer. Only who takes part in a conversation, or writes from the same firm, can go on with it: whoever else refers to it
(two customers who answer one mailing) begins his own. A mail of ours answers what it refers to only if it goes to who asked
there. What is read before the mail that decides about it (an answer before its question, a doubtful mail before the answer it
refers to) is parked in the state and comes out with that mail, so that the order of reading does not matter.

StoredState, all keys and values hashed or numeric but for our own address:
  m:<mail>     -> conversation, whose mail it is (c customer's, o ours, ? only referred to), fingerprint
  t:<thread>   -> conversation (Outlook's Thread-Index)
  s:<subject>  -> the newest conversations of this customer with this subject
  c:<conversation> -> its name (the id of its first mail), place, customers, span, parked answers, who asked, their firms
  p:<mail>     -> of a mail that was not read yet: mails that count if it is ours, and whom it did not reach
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from monitor.connectors._mail.conversation import Conversation, Parked, join, meet, pack
from monitor.connectors._mail.headers import Mail, short_hash
from monitor.connectors._mail.our_words import MAILING, MailWords, gist_at, is_answer
from monitor.connectors._mail.parties import ClassifiedMail
from monitor.domain.event import Event, from_micros, to_micros
from monitor.domain.gist import Gist

_WINDOW: Final = timedelta(days=30) // timedelta(microseconds=1)
_TOLERANCE: Final = timedelta(minutes=10) // timedelta(microseconds=1)  # two servers' clocks
_MAX_PARKED: Final = 20
_MAX_SAME_SUBJECT: Final = 4


def state_keys(classified: Iterable[ClassifiedMail]) -> set[str]:
    """The keys of the state to read before these mails can be put in place."""
    keys: set[str] = set()
    for p in classified:
        mail = p.mail
        keys.add("m:" + mail.id)
        if mail.message_id:
            keys.add("m:" + mail.second_id)
        for reference in mail.references:
            keys.add("m:" + reference)
        if mail.thread:
            keys.add("t:" + short_hash(mail.thread))
        if p.ours:
            keys.add("p:" + mail.id)
        elif p.counts in ("answer", "copy") and mail.references:
            keys.add("p:" + mail.references[-1])
        for bounced in p.bounced:
            keys.update(("m:" + bounced, "p:" + bounced))
        keys.update(p.subject_keys)
        keys.update(p.also_keys)
    return keys


def conversation_keys(state: Mapping[str, str]) -> set[str]:
    """The keys of the conversations that these entries point to."""
    keys: set[str] = set()
    for key, entry in state.items():
        if key[0] in "mts":
            keys.update("c:" + part[:16] for part in entry.split(","))
    return keys


def known_ids(mail: Mail) -> tuple[str, str]:
    """The ids one of which a mail has where it was put in place."""
    return mail.id, mail.second_id


class Threads:
    """Puts the mails of one batch in place: fill with `add`, then read `events` and `changes`."""

    def __init__(self, state: Mapping[str, str]) -> None:
        self._state = dict(state)
        self._conversations: dict[str, Conversation] = {}
        self._touched: set[str] = set()
        self.events: list[Event] = []
        self._changes: dict[str, str] = {}

    def changes(self) -> dict[str, str]:
        """The entries to store with this batch."""
        for key in self._touched:
            self._changes["c:" + key] = self._conversations[key].to_entry()
        return self._changes

    def add(
        self, p: ClassifiedMail, courtesy: bool = False, answered: bool = False, words: MailWords | None = None
    ) -> str | None:  # fmt: skip
        """One mail. `courtesy`: its text is only a thank-you. `answered`: the server says that it has been dealt with. `words`:
        its text, where that was looked at.

        -> the id under which it was put in place as a customer's mail; None where it is none.
        """
        if p.bounced:
            self._take_back(p)
            return None
        mail = p.mail
        event_id = mail.id
        entry = self._state.get("m:" + event_id, "")
        if entry and mail.message_id and _differs(entry[17:], mail.fingerprint) and entry[16] != "?":
            event_id = mail.second_id  # another mail with the same Message-ID
            entry = self._state.get("m:" + event_id, "")
        if p.ours:
            self._add_ours(p, event_id, words)
            return None
        if p.counts == "never":
            self._remember(p)
            return None
        # Ours: a copy of what we sent, in a folder that holds everything.
        put = entry[16:17] != "o" and self._add_customers(p, event_id, entry, courtesy, answered, words)
        return event_id if put else None

    # --- customers ------------------------------------------------------------------------------

    def _add_customers(
        self, p: ClassifiedMail, event_id: str, entry: str, courtesy: bool, answered: bool, words: MailWords | None
    ) -> bool:
        """Whether it is a customer's mail."""
        mail, at = p.mail, to_micros(p.mail.at)
        found = self._referred(mail)
        conversation = (self._own_conversation(p, entry) if entry else None) or self._going_on(p, found, at)
        if p.counts != "always" and entry[16:17] != "c" and not self._counts(p, event_id, found, conversation):
            return False
        fresh = conversation is None
        conversation = conversation or self._new(event_id, at)
        conversation.asks(p, at)
        if not conversation.name:
            conversation.customers.sort(key=lambda each: each not in p.others)  # who asks comes first
            conversation.name = self._name(mail, event_id, conversation)
            conversation.place = p.place
            for parked in conversation.parked:
                gist = gist_at(conversation.place, parked.gists)
                self._emit(conversation, parked.id, parked.kind, from_micros(parked.at), gist=gist)
            conversation.parked = []
        courtesy = courtesy and self._keeps_subject(p, conversation)
        customer = p.others[0] if p.others else None
        self._emit(conversation, event_id, "received", mail.at, customer, courtesy, answered, mail.clock, words=words)
        self._register(p, event_id, conversation, "c", by_subject=fresh or not mail.references)
        return True

    def _own_conversation(self, p: ClassifiedMail, entry: str) -> Conversation | None:
        """Where this mail was put before, or where mails of ours wait for it that were read first."""
        conversation = self._conversation(entry[:16])
        if conversation is None or entry[16] != "?" or not conversation.parked or not conversation.customers:
            return conversation
        return conversation if conversation.knows(p) or not p.others else None  # None: we wrote about it to somebody else

    def _going_on(self, p: ClassifiedMail, found: Sequence[Conversation], at: int) -> Conversation | None:
        for conversation in found:
            if conversation.knows(p):
                return conversation
        return None if found else self._same_subject(p, at)

    def _counts(
        self, p: ClassifiedMail, event_id: str, found: Sequence[Conversation], conversation: Conversation | None
    ) -> bool:  # fmt: skip
        """Whether a mail that leaves it open is a customer's: by what it goes on from."""
        if p.counts == "first":
            about = any(self._state.get(key) for key in p.also_keys)
            return not (p.mail.references or p.mail.thread_reply or about)
        if conversation is not None or (found and p.counts == "answer"):
            return True
        if p.mail.references and not found:
            self._await(p, event_id)
        return False

    def _await(self, p: ClassifiedMail, event_id: str) -> None:
        """Parks a doubtful mail until what it refers to is read: that may be ours."""
        waiting, failed = self._pending(p.mail.references[-1])
        row = [event_id, to_micros(p.mail.at), p.place, p.others, p.firms, p.subject_keys, p.mail.fingerprint, p.counts]
        if all(each[0] != event_id for each in waiting) and len(waiting) < _MAX_PARKED:
            self._put("p:" + p.mail.references[-1], pack([[*waiting, row], failed]))

    def _pending(self, event_id: str) -> tuple[list[Any], list[str] | None]:
        """Of a mail that may be ours: what waits for it, and whom it did not reach (empty: not told; None: it arrived)."""
        entry = self._state.get("p:" + event_id)
        if entry is None:
            return [], None
        waiting, failed = json.loads(entry)
        return waiting, failed

    def _release(self, event_id: str, conversation: Conversation) -> None:
        """What waited for this mail of ours counts now: it was written to us by a person."""
        for mail_id, at, place, others, firms, keys, fingerprint, counts in self._pending(event_id)[0]:
            stranger = not meet(conversation.customers, others) and not meet(conversation.firms, firms)
            if self._side(mail_id) in ("c", "o") or (counts == "copy" and stranger):
                continue
            conversation.touch(at, others)
            join(conversation.asked, others)
            join(conversation.firms, firms)
            conversation.place = conversation.place or place
            self._touched.add(conversation.key)
            self._emit_or_park(conversation, mail_id, "received", from_micros(at))
            self._put_mail(mail_id, conversation, "c", fingerprint)
            for key in keys:
                self._put_subject(key, conversation)

    def _keeps_subject(self, p: ClassifiedMail, conversation: Conversation) -> bool:
        """A thank-you under a new subject is none: people write the question into the subject."""
        if not p.subject.text:
            return True
        return not p.subject.forwards and any(conversation.key in self._state.get(key, "") for key in p.subject_keys)

    def _remember(self, p: ClassifiedMail) -> None:
        """A machine's mail in a conversation: somebody may write "reply" on it."""
        found = self._referred(p.mail)
        conversation = next((c for c in found if c.knows(p)), found[0] if found else None)
        if conversation is not None and not self._side(p.mail.id):
            self._put("m:" + p.mail.id, conversation.key + "?")

    # --- ours -----------------------------------------------------------------------------------

    def _add_ours(self, p: ClassifiedMail, event_id: str, words: MailWords | None) -> None:
        mail, at = p.mail, to_micros(p.mail.at)
        own, found = self._known("m:" + event_id), self._referred(mail)
        targets = self._answered(p, own, found, at) or self._begun_by_us(p, event_id, at)
        if not targets:
            return
        joins = () if len(p.others) > MAILING and not is_answer(p) else p.others
        for conversation in targets:
            conversation.touch(at, joins)
            if joins and not conversation.asked:
                join(conversation.firms, p.firms)
            self._touched.add(conversation.key)
            if not self._came_back(event_id, conversation):
                kind = "auto_replied" if p.automatic else "replied"
                self._emit_or_park(conversation, event_id, kind, mail.at, mail.clock, words)
        if joins or not p.others:
            refer = not p.subject.forwards and (not found or any(c in targets for c in found))
            self._register(p, event_id, targets[0], "o", by_subject=own is None and not found, refer=refer)
        else:
            self._put_mail(event_id, targets[0], "o", mail.fingerprint)
        self._release(event_id, targets[0])

    def _answered(
        self, p: ClassifiedMail, own: Conversation | None, found: Sequence[Conversation], at: int
    ) -> list[Conversation]:  # fmt: skip
        """The known conversations that a mail of ours goes on: `found` by its references, its own, or by subject.

        What does not go to who asked answers nobody: a question to the carrier written under the customer's mail, or that
        mail handed on.
        """
        targets = [c for c in found if c.is_told_by(p)]
        if own is not None and own not in targets and (self._side(p.mail.id) == "o" or own.is_told_by(p)):
            targets.insert(0, own)
        if not targets and not found:
            match = self._same_subject(p, at)
            targets = [match] if match else []
        return targets

    def _begun_by_us(self, p: ClassifiedMail, event_id: str, at: int) -> list[Conversation]:
        """A new conversation; without a name if the mail answers one that was not read yet, none for an automatic mail."""
        read = self._referred(p.mail)
        answers_unread = is_answer(p) and not p.subject.forwards and not read
        if (p.automatic and not answers_unread) or (not p.others and not answers_unread):
            return []
        begun = self._new(event_id, at)
        if not answers_unread:
            begun.name, begun.place = event_id, p.place
        return [begun]

    # --- answers that came back -----------------------------------------------------------------

    def _take_back(self, p: ClassifiedMail) -> None:
        """A delivery report: the answers it names did not reach who asked."""
        for event_id in p.bounced:
            if self._side(event_id) != "o":
                self._put("p:" + event_id, pack([self._pending(event_id)[0], p.failed]))
                continue
            conversation = self._known("m:" + event_id)
            if conversation is None or not _missed(p.failed, conversation):
                continue
            before = len(conversation.parked)
            conversation.parked = [each for each in conversation.parked if each.id != event_id]
            self._touched.add(conversation.key)
            if conversation.name and before == len(conversation.parked):
                self.about(event_id, "bounced", p.mail.at, p.mail.id)

    def _came_back(self, event_id: str, conversation: Conversation) -> bool:
        failed = self._pending(event_id)[1]
        return failed is not None and _missed(failed, conversation)

    def known_as(self, mail: Mail) -> str | None:
        """The id under which this mail was put in place as a customer's; None where it was not."""
        for event_id in known_ids(mail):
            entry = self._state.get("m:" + event_id, "")
            same = not mail.message_id or not _differs(entry[17:], mail.fingerprint)
            if entry[16:17] == "c" and same:
                return event_id
        return None

    def about(self, event_id: str, kind: str, at: datetime, name: str, reason: str | None = None) -> None:
        """Says something of a mail that was put in place before, if it is known. `name` makes the event's own id."""
        conversation = self._known("m:" + event_id)
        if conversation is not None and conversation.name:
            own_id = short_hash(f"{kind}:{event_id}:{name}")
            who = conversation.customers[0] if conversation.customers else None
            self.events.append(
                Event(own_id, conversation.name, conversation.place, "email", kind, at, who, reason=reason, event=event_id)
            )

    # --- both -----------------------------------------------------------------------------------

    def _emit_or_park(
        self, conversation: Conversation, event_id: str, kind: str, at: datetime, clock: str | None = None,
        words: MailWords | None = None,
    ) -> None:  # fmt: skip
        """An event that needs a conversation with a name; it is kept for later where there is none yet."""
        if conversation.name:
            self._emit(conversation, event_id, kind, at, reason=clock, words=words)
        elif all(event_id != parked.id for parked in conversation.parked):
            gists = words.by_place(Event(event_id, "", "", "email", kind, at)) if words is not None else {}
            conversation.parked = [*conversation.parked, Parked(event_id, kind, to_micros(at), gists)][-_MAX_PARKED:]

    def _emit(
        self, c: Conversation, event_id: str, kind: str, at: datetime, customer: str | None = None, courtesy: bool = False,
        answered: bool = False, reason: str | None = None, gist: Gist | None = None, words: MailWords | None = None,
    ) -> None:  # fmt: skip
        who = customer or (c.customers[0] if c.customers else None)
        event = Event(event_id, c.name, c.place, "email", kind, at, who)
        if courtesy or answered or reason or gist:
            event = event._replace(courtesy=courtesy, answered=answered or None, reason=reason, gist=gist)
        self.events.append(event if words is None else words.told(event))

    def _name(self, mail: Mail, event_id: str, conversation: Conversation) -> str:
        """The first mail of the conversation as far as known, unless that already names another one."""
        if mail.references:
            owner = self._state.get("m:" + mail.references[0])
            if owner is None or owner[:16] == conversation.key:
                return mail.references[0]
        return event_id

    def _side(self, event_id: str) -> str:
        """Whose mail this is as far as known: c, o, ?, or nothing."""
        return self._state.get("m:" + event_id, "")[16:17]

    def _known(self, key: str) -> Conversation | None:
        entry = self._state.get(key)
        return self._conversation(entry[:16]) if entry else None

    def _conversation(self, key: str) -> Conversation | None:
        conversation = self._conversations.get(key)
        if conversation is None:
            entry = self._state.get("c:" + key)
            if entry is not None:
                conversation = self._conversations[key] = Conversation.from_entry(key, entry)
        return conversation

    def _new(self, key: str, at: int) -> Conversation:
        conversation = self._conversations[key] = Conversation(key, at, at)
        return conversation

    def _referred(self, mail: Mail) -> list[Conversation]:
        """The known conversations this mail refers to, in the order of its references."""
        keys = ["m:" + r for r in mail.references]
        if mail.thread:
            keys.append("t:" + short_hash(mail.thread))
        found: dict[str, Conversation] = {}
        for key in keys:
            conversation = self._known(key)
            if conversation is not None:
                found[conversation.key] = conversation
        return list(found.values())

    def _same_subject(self, p: ClassifiedMail, at: int) -> Conversation | None:
        """The newest conversation of the same customer with the same subject, where that says that the mail goes on.

        That is a prefix or a case number; of ours the subject alone where the customer has asked, since many helpdesks
        write neither prefix nor reference. A customer's mail without prefix may still be the question of an answer that was
        read before it.
        """
        keys = (*p.subject_keys, *p.also_keys) if p.ours else p.subject_keys
        candidates = [
            c
            for key in keys
            for part in filter(None, self._state.get(key, "").split(","))
            if (c := self._conversation(part)) is not None
        ]
        running = [c for c in candidates if c.begun - _TOLERANCE <= at <= c.last + _WINDOW]
        if not p.subject.answers:
            running = [c for c in running if p.ours and c.name and c.asked]
        if running:
            return max(running, key=lambda c: c.begun)
        if p.ours:
            return None
        parked = [c for c in candidates if not c.name and at - _TOLERANCE <= c.begun <= at + _WINDOW]
        return min(parked, key=lambda c: c.begun) if parked else None

    def _register(
        self, p: ClassifiedMail, event_id: str, conversation: Conversation, side: str, *, by_subject: bool, refer: bool = True
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
        if mail.redirected:
            self._put_mail(mail.redirected, conversation, side, mail.fingerprint)
        for key in p.subject_keys:
            if by_subject or conversation.key not in self._state.get(key, ""):
                self._put_subject(key, conversation)

    def _put_subject(self, key: str, conversation: Conversation) -> None:
        others = [k for k in self._state.get(key, "").split(",") if k and k != conversation.key]
        self._put(key, ",".join([*others, conversation.key][-_MAX_SAME_SUBJECT:]))

    def _put_mail(self, event_id: str, conversation: Conversation, side: str, fingerprint: str) -> None:
        key = "m:" + event_id
        if self._state.get(key, "")[16:17] in ("", "?"):
            self._put(key, conversation.key + side + fingerprint)

    def _put(self, key: str, entry: str) -> None:
        if self._state.get(key) != entry:
            self._state[key] = self._changes[key] = entry


def _missed(failed: Sequence[str], conversation: Conversation) -> bool:
    """Whether a mail that did not reach these (nobody named: whoever it went to) has missed who asked."""
    return not failed or any(each in (conversation.asked or conversation.customers) for each in failed)


def _differs(known: str, fingerprint: str) -> bool:
    """Whether two mails with one Message-ID are two. Fingerprints of another length were made of raw bytes, in 0.1."""
    return len(known) == len(fingerprint) and known != fingerprint
