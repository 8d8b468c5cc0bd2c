"""Follows mails that are known already: into Junk, Trash and folders to be ignored, and by the flags they are given.

Nothing but headers of what is new there is read. A mail that nobody has read as a customer's is nobody's business here.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from monitor.connector import Batch
from monitor.connectors._mail.account import Mailbox, batches
from monitor.connectors._mail.filling import Filling
from monitor.connectors._mail.flags import Looks, Wanted
from monitor.connectors._mail.folders import Known
from monitor.connectors._mail.headers import Hasher, Mail, header_fields, internal_date, parse_mail
from monitor.connectors._mail.imap_responses import Fetched, first_day, with_message_id
from monitor.connectors._mail.moves import REASONS, Fates, account_of, fate_keys, mail_keys
from monitor.connectors._mail.positions import Positions
from monitor.connectors._mail.state_cache import StateCache
from monitor.connectors._mail.threads import Threads, conversation_keys
from monitor.errors import SourceError

#: Many programs move a mail by copying it and delete the first one later, some when they are closed. So long a copy that is left
#: is looked for again; then it counts as one that somebody keeps.
_COPY_IS_KEPT: Final = timedelta(minutes=10)


class Following:
    """What outlives a poll: since when a mail lies in two places, and which flags were found."""

    def __init__(self) -> None:
        self.looks = Looks()
        self.filling = Filling()
        self.no_sent = False  # no folder of any account holds our own mails
        self.doubled: dict[tuple[str, str, int, int], datetime] = {}  # account, folder, UIDVALIDITY, UID -> since when


class _Found(NamedTuple):
    """A known mail in a folder where mails are thrown out to."""

    uid: int
    event_id: str
    mail: Mail
    ids: tuple[str, ...]  # what its copies may bear as Message-ID


class Follower:
    """One poll of it. `readable`: place -> the folder that is read; `unheard`: accounts that could not be asked."""

    def __init__(
        self,
        following: Following,
        state: StateCache,
        positions: Positions,
        began: datetime,
        readable: Mapping[str, tuple[Mailbox, Known]],
        unheard: Iterable[str],
        hash_customer: Hasher,
    ) -> None:
        self._following = following
        self._state = state
        self._positions = positions
        self._began = began
        self._readable = readable
        self._hash_customer = hash_customer
        self._unheard = {account_of(each) for each in unheard}

    # --- thrown out -----------------------------------------------------------------------------

    async def watch(self, mailbox: Mailbox, known: Known, history: timedelta) -> Batch | None:
        """What turned up in a folder that is not read. Raises SourceError. None: nothing to tell.

        1. An account that is read for the first time has thrown out nothing that we know: only the position is taken.
        2. The headers of new mails; those are followed that are known as a customer's.
        3. Where else they were seen is looked at: a mail of which a copy is left is not thrown out.
        4. The position stays before a mail whose copy may be about to go (see _COPY_IS_KEPT).
        """
        account, folder = mailbox.account.username, known.folder
        if self._positions.is_new(account) and folder.uid_validity is not None and folder.uid_next is not None:
            self._positions.at(account, known, folder.uid_validity, folder.uid_next)
            return None
        opened = await asyncio.to_thread(mailbox.open, known.name)
        if opened is None:
            return None
        first, read_before = self._positions.first_uid(account, known, opened.uid_validity)
        since = None if read_before else first_day(history, self._began.date())
        uids = await asyncio.to_thread(mailbox.uids, first, opened, since)
        messages: list[Fetched] = []
        for portion in batches(uids):
            fetched, _ = await asyncio.to_thread(mailbox.headers, portion)
            messages += [m for m in fetched if m.data is not None and m.uid >= first]
        threads, fates, found = await self._known(messages)
        kept, perhaps = await self._copies(found, fates) if found else (set(), set())
        waiting = {f.uid for f in found if f.uid in perhaps or self._is_fresh(account, known, opened.uid_validity, f, kept)}
        for each in found:
            if each.uid not in kept | waiting:
                fates.thrown_out(each.event_id, REASONS[known.role])
        end = max(opened.uid_next or 0, uids[-1] + 1 if uids else 0, first)
        self._positions.at(account, known, opened.uid_validity, min(waiting, default=end))
        return self._batch(threads, fates)

    def _is_fresh(self, account: str, known: Known, validity: int, found: _Found, kept: set[int]) -> bool:
        """Whether this copy has not been beside another one for long."""
        key = (account, known.name, validity, found.uid)
        doubled = self._following.doubled
        if found.uid not in kept:
            doubled.pop(key, None)
            return False
        if self._began - doubled.setdefault(key, self._began) < _COPY_IS_KEPT:
            return True
        for each in [k for k, since in doubled.items() if self._began - since >= _COPY_IS_KEPT]:
            del doubled[each]
        return False

    async def _copies(self, found: Sequence[_Found], fates: Fates) -> tuple[set[int], set[int]]:
        """UIDs of these mails of which a copy lies in a folder that is read, and of those of which nobody can tell now."""
        asked: dict[str, list[_Found]] = {}
        perhaps: set[int] = set()
        for each in found:
            for where in fates.places(each.event_id):
                if where in self._readable:
                    asked.setdefault(where, []).append(each)
                elif any(where.startswith(account) for account in self._unheard):
                    perhaps.add(each.uid)
        kept: set[int] = set()
        for where, mails in asked.items():
            mailbox, known = self._readable[where]
            try:
                lying = await asyncio.to_thread(_lying, mailbox, known, mails, self._began, self._hash_customer)
            except SourceError:
                lying = None
            if lying is None:
                perhaps.update(m.uid for m in mails)
            else:
                kept |= lying
        return kept, perhaps - kept

    # --- marked ---------------------------------------------------------------------------------

    async def look(self, mailbox: Mailbox, known: Known, wanted: Wanted, now: float) -> Batch | None:
        """What was marked as needing no answer since the last look. Raises SourceError. None: nothing to tell.

        `now`: seconds of a clock that only goes on.
        """
        account, looks = mailbox.account.username, self._following.looks
        if not looks.due(account, known.folder, now):
            return None
        if await asyncio.to_thread(mailbox.open, known.name) is None:
            return None
        asked = wanted.criteria(self._began.date())
        answers = await asyncio.to_thread(mailbox.search, [criteria for criteria, _ in asked])
        why = {uid: reason for (_, reason), uids in zip(asked, answers, strict=True) for uid in uids}
        messages: list[Fetched] = []
        for portion in batches(looks.new(account, known.folder, why)):
            fetched, _ = await asyncio.to_thread(mailbox.headers, portion)
            messages += [m for m in fetched if m.data is not None and m.uid in why]
        threads, fates, found = await self._known(messages)
        for each in found:
            fates.marked(each.event_id, why[each.uid], since_it_came=True)
        looks.done(account, known.folder, why, now)
        return self._batch(threads, fates)

    # --- both -----------------------------------------------------------------------------------

    async def _known(self, messages: Sequence[Fetched]) -> tuple[Threads, Fates, list[_Found]]:
        """Those of these messages that are known as customers' mails."""
        mails = await asyncio.to_thread(_parsed, messages, self._began, self._hash_customer)
        state = await self._state.of(mail_keys(mail for _, mail, _ in mails))
        state |= await self._state.of(conversation_keys(state))
        threads = Threads(state)
        fates = Fates(threads, await self._state.of(fate_keys(state)), self._began)
        known = [(uid, threads.known_as(mail), mail, ids) for uid, mail, ids in mails]
        return threads, fates, [_Found(uid, each, mail, ids) for uid, each, mail, ids in known if each is not None]

    def _batch(self, threads: Threads, fates: Fates) -> Batch | None:
        """None where there is nothing to tell; where we stand is then told with the next batch."""
        changes = threads.changes() | fates.changes
        if not changes:
            return None
        self._state.put(changes)
        return Batch(threads.events, self._positions.cursor_if_moved(), state=changes, more=True)


def _parsed(messages: Iterable[Fetched], now: datetime, hash_customer: Hasher) -> list[tuple[int, Mail, tuple[str, ...]]]:
    """UID, mail, and the Message-IDs that its copies may bear: its own, and that of the mail a rule passed on."""
    parsed = []
    for message in messages:
        block = message.data or b""
        mail = parse_mail(block, internal_date(message.internal_date), now, hash_customer)
        own = header_fields(block).get(b"message-id", b"").decode("latin-1").strip()
        parsed.append((message.uid, mail, tuple(dict.fromkeys((own, mail.message_id or "")))))
    return parsed


def _lying(
    mailbox: Mailbox, known: Known, mails: Sequence[_Found], now: datetime, hash_customer: Hasher
) -> set[int] | None:  # fmt: skip
    """UIDs (of the folder they were thrown into) of the mails of which this folder holds a copy; None if it cannot be opened.

    A mail without a Message-ID, or with one that cannot be asked for, is not looked for. Raises SourceError.
    """
    if mailbox.open(known.name) is None:
        return None
    asked = [(mail, criteria) for mail in mails for each in mail.ids if (criteria := with_message_id(each)) is not None]
    answers = mailbox.search([criteria for _, criteria in asked])
    hits = sorted({uid for uids in answers for uid in uids})
    there: dict[int, Mail] = {}
    for portion in batches(hits):
        messages, _ = mailbox.headers(portion)
        there |= {uid: mail for uid, mail, _ in _parsed(messages, now, hash_customer)}
    lying = set()
    for (mail, _), uids in zip(asked, answers, strict=True):
        copies = [there[uid] for uid in uids if uid in there]
        if any((c.id, c.fingerprint) == (mail.mail.id, mail.mail.fingerprint) for c in copies):
            lying.add(mail.uid)
    return lying
