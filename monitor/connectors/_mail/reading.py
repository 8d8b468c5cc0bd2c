"""One poll of all accounts in progress: headers and a few texts -> classified mails -> conversations -> batches."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.connector import Batch, Context, Cursor, Rejected
from monitor.connectors._mail.account import Mailbox
from monitor.connectors._mail.contents import looked_at, text_wanted
from monitor.connectors._mail.filling import Filling
from monitor.connectors._mail.flags import Wanted
from monitor.connectors._mail.folders import Folders, Known
from monitor.connectors._mail.following import Following
from monitor.connectors._mail.headers import Mail, internal_date, is_moved, parse_mail
from monitor.connectors._mail.ignored import Ignored
from monitor.connectors._mail.imap_responses import RECEIVED_ITEMS, Fetched, text_items
from monitor.connectors._mail.mime import LONG
from monitor.connectors._mail.moves import Fates, fate_keys, place
from monitor.connectors._mail.our_words import MailWords, is_cut
from monitor.connectors._mail.parties import ClassifiedMail, Identity, classify
from monitor.connectors._mail.positions import Missing, Positions
from monitor.connectors._mail.state_cache import StateCache
from monitor.connectors._mail.threads import Threads, conversation_keys, state_keys
from monitor.domain.event import Event

#: A mail as its text shows it, whether it is a mere thank-you, and what it says.
_Looked = tuple[ClassifiedMail, bool, MailWords | None]


class Chosen(NamedTuple):
    """What the configuration says of folders and flags."""

    folders: Sequence[str] | None
    ignored: Sequence[str]
    no_answer_needed: Sequence[str]


class Reading:
    """One poll in progress: where it stands and the state it has made so far."""

    def __init__(
        self, context: Context, us: Identity, ignored: Ignored, began: datetime, cursor: Cursor | None
    ) -> None:  # fmt: skip
        self.began = began
        self.positions = Positions(cursor)
        self.state = StateCache(context.state)
        self.missing: list[Missing] = []
        self.wanted = Wanted((), no_sent=False)
        self.waits = False  # for old mails that are being put into folders
        self._filling = Filling()
        self._context = context
        self._us = us
        self._ignored = ignored

    def begin(
        self, told: Sequence[tuple[Mailbox, Folders]], chosen: Chosen, following: Following, *, all_told: bool
    ) -> list[tuple[Mailbox, Known]]:  # fmt: skip
        """The folders in which there is something to do, in the order in which it is done."""
        for mailbox, folders in told:
            account = mailbox.account.username
            self.missing += self.positions.missing(account, folders, chosen.folders, chosen.ignored)
        self._filling = following.filling
        following.no_sent = all_told and not self.missing and not any(folders.sent for _, folders in told)
        self.wanted = Wanted(chosen.no_answer_needed, no_sent=following.no_sent)
        now = self._context.clock.monotonic()
        work: list[tuple[Mailbox, Known]] = []
        for mailbox, folders in told:
            account = mailbox.account.username
            due = {f.name for f in (*folders.read, *folders.watched) if self.positions.moved(account, f)}
            if any(f.shows_sent and f.name in due for f in folders.read):
                due |= {f.name for f in folders.sent}
            if self.wanted:
                due |= {f.name for f in folders.read if f.role != "sent" and following.looks.due(account, f.folder, now)}
            work += [(mailbox, f) for f in (*folders.read, *folders.watched) if f.name in due]
        return sorted(work, key=lambda w: w[1].order)

    async def batch(
        self, mailbox: Mailbox, folder: Known, wanted: set[int], fetched: Sequence[Fetched], unreadable: Sequence[int]
    ) -> Batch | None:
        """Headers -> events. The text of a few is looked at; it goes no further than this function. None: not yet."""
        pairs, rejected = await asyncio.to_thread(self._classified, mailbox, folder, wanted, fetched)
        rejected += [Rejected("unreadable", f"message in {folder.kind}", len(unreadable))] if unreadable else []
        classified = [p for _, p in pairs]
        state = await self._known({}, classified)
        if self._is_being_filled(mailbox, folder, classified, state, max(wanted)):
            self.waits = True
            return None
        texts = await asyncio.to_thread(self._texts, mailbox, pairs, text_wanted(classified, state, copies=folder.shows_sent))
        looked = await asyncio.to_thread(self._looked_at, pairs, texts)
        before = set(map(id, classified))
        if changed := [p for p, *_ in looked if id(p) not in before]:
            state = await self._known(state, changed)
        fates = await self.state.of(fate_keys(state))
        flags = {m.uid: why for m in fetched if (why := self.wanted.reason(m.flags)) is not None} if self.wanted else {}
        marked = {(p.mail.id, p.mail.fingerprint): flags[uid] for uid, p in pairs if uid in flags}
        where = place(mailbox.account.username, folder.name)
        events, changes = await asyncio.to_thread(self._threaded, looked, state, fates, where, marked)
        self.state.put(changes)
        newest = max((p.mail.at for p in classified if p.ours and not p.automatic), default=None)
        return Batch(events, rejected=rejected, newest_outbound=newest, state=changes)

    def _texts(
        self, mailbox: Mailbox, pairs: Sequence[tuple[int, ClassifiedMail]], wanted: Mapping[int, int]
    ) -> dict[int, bytes]:  # fmt: skip
        """The beginnings of the mails at these places among `pairs`, each so long: one round trip, and one for pages of ours that
        turn out to want more."""
        asked: dict[str, list[int]] = {}
        for index, most in sorted(wanted.items()):
            asked.setdefault(text_items(most), []).append(pairs[index][0])
        texts = mailbox.texts(asked) if asked else {}
        cut = [uid for uid, p in pairs if p.ours and uid in texts and is_cut(p, texts[uid])]
        return texts | mailbox.texts({text_items(LONG): cut}) if cut else texts

    def _is_being_filled(
        self, mailbox: Mailbox, folder: Known, mails: Sequence[ClassifiedMail], state: Mapping[str, str], last_uid: int
    ) -> bool:
        """Whether so many of these mails are old and new to us that the folder is left alone for now."""
        account = mailbox.account.username
        if self.positions.is_new(account):
            return False
        old = sum(self._filling.is_old(p.mail.at) and state.get("m:" + p.mail.id, "")[16:17] in ("", "?") for p in mails)
        return old > 0 and self._filling.waits(account, folder.name, old, last_uid, self.began)

    async def _known(self, state: dict[str, str], mails: Sequence[ClassifiedMail]) -> dict[str, str]:
        """What is stored of these mails and of the conversations they belong to, added to `state`."""
        state = state | await self.state.of(state_keys(mails) - state.keys())
        return state | await self.state.of(conversation_keys(state) - state.keys())

    def _looked_at(
        self, pairs: Sequence[tuple[int, ClassifiedMail]], texts: Mapping[int, bytes]
    ) -> list[_Looked]:  # fmt: skip
        """The mails as their text shows them; without those of machines."""
        found: list[_Looked] = []
        for uid, p in pairs:
            body = texts.get(uid)
            if body is None:
                found += [(p, False, None)] if p.open_question is None else []
            elif p.ours:
                found.append((p, False, self._words(p, body)))
            else:
                seen = looked_at(p, body, self._us, self._context.hash_customer)
                # What a colleague has forwarded is told in his words and somebody else's.
                found += [(*seen, self._words(p, body) if seen[0] is p else None)] if seen is not None else []
        return found

    def _words(self, p: ClassifiedMail, body: bytes) -> MailWords:
        return MailWords(self._context.read_text, self._context.places, p, body)

    def _classified(
        self, mailbox: Mailbox, folder: Known, wanted: set[int], fetched: Iterable[Fetched]
    ) -> tuple[list[tuple[int, ClassifiedMail]], list[Rejected]]:
        pairs: list[tuple[int, ClassifiedMail]] = []
        rejected: list[Rejected] = []
        in_sent, address, hashed = folder.role == "sent", mailbox.account.address, self._context.hash_customer
        mails: list[tuple[Fetched, bytes, Mail]] = []
        moved: list[int] = []
        for message in fetched:
            if message.uid not in wanted or (message.draft and not in_sent):
                continue  # what lies in Sent has gone, whatever flag of its draft it has kept
            if message.data is None:
                rejected.append(Rejected("too_large", f"headers of a message in {folder.kind}"))
                continue
            mail = parse_mail(message.data, internal_date(message.internal_date), self.began, hashed)
            mails.append((message, message.data, mail))
            if mail.clock is not None and is_moved(mail):
                moved.append(message.uid)
        received = mailbox.texts({RECEIVED_ITEMS: sorted(moved)}) if moved else {}
        for message, block, mail in mails:
            if self._ignored.any and self._ignored.covers(mail, block):
                continue
            if received and message.uid in received:
                mail = parse_mail(block + received[message.uid], internal_date(message.internal_date), self.began, hashed)
            found = classify(mail, self._us, address, in_sent, hashed)
            if found is not None:
                pairs.append((message.uid, found))
        return pairs, rejected

    def _threaded(
        self,
        mails: Sequence[_Looked],
        state: Mapping[str, str],
        fate: Mapping[str, str],
        where: str,
        marked: Mapping[tuple[str, str], str],
    ) -> tuple[list[Event], dict[str, str]]:
        """Conversations and events of the mails of one folder, `where`. `marked`: why some need no answer."""
        threads = Threads(state)
        fates = Fates(threads, fate, self.began)
        for p, courtesy, words in mails:
            why = marked.get((p.mail.id, p.mail.fingerprint)) if marked else None
            known = why is not None and threads.known_as(p.mail) is not None
            event_id = threads.add(p, courtesy, answered=why is not None and not known, words=words)
            if event_id is not None:
                fates.shown(event_id, where)
                if why is not None:
                    fates.marked(event_id, why, since_it_came=known)
        return threads.events, threads.changes() | fates.changes
