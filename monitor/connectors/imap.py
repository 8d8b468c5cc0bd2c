"""Source type `imap`: all mailboxes of one organisation over IMAP, read-only, as conversations.

Each poll asks every account for its folders' change marks (one round trip), opens only what moved, reads the headers of
what is new, and yields them 500 at a time. What is in Sent of one account answers what is in INBOX of another: so
nothing is called complete before all accounts and folders were seen.
"""

import asyncio
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from monitor.connector import Archive, Batch, Context, Cursor, Finding, Place, Rejected, Seconds, SourceSettings, StateReader
from monitor.connectors._mail.account import Account, Mailbox, batches, chosen, is_sent
from monitor.connectors._mail.contents import looked_at, text_wanted
from monitor.connectors._mail.headers import Mail, internal_date, is_moved, message_event_id, parse_mail
from monitor.connectors._mail.imap_client import Server, Tls
from monitor.connectors._mail.imap_responses import RECEIVED_ITEMS, TEXT_ITEMS, Fetched, Folder, first_day, folder_title
from monitor.connectors._mail.mbox import events_of_mbox, is_mbox
from monitor.connectors._mail.parties import ClassifiedMail, Identity, classify
from monitor.connectors._mail.threads import Threads, conversation_keys, state_keys
from monitor.domain.event import Event
from monitor.errors import ConfigError, SourceError

#: All its contacts are mail conversations, so the metrics of its contact points exist from the start.
CHANNEL: Final = "email"
PLACES: Final = (Place("address", "Mail: the address customers write to.", fold_case=True),)
_AT_ONCE: Final = 4  # accounts asked at the same time
_MAX_STATE: Final = 50_000  # kept in memory during one read, so that most need not be read again


class AccountSettings(BaseModel):
    """The secret of one account."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    password: SecretStr


class Settings(SourceSettings):
    """Keys of a source of type `imap`."""

    type: Literal["imap"]
    host: str
    port: int | None = Field(None, ge=1, le=65535, description="Default 993 with `tls: implicit`, else 143.")
    tls: Tls = Field("implicit", description="`none` sends the password in clear: only on a network you trust.")
    ca_file: Path | None = Field(None, description="Certificate authority of the server, if it is not a public one.")
    username: str | None = None
    password: SecretStr | None = None
    accounts: dict[str, AccountSettings] = Field(default_factory=dict, description="Several mailboxes that belong together.")
    addresses: list[str] = Field(default_factory=list, description="Our addresses; plus-addresses of them are ours as well.")
    domains: list[str] = Field(default_factory=list, description="Our domains: mail between colleagues is no contact.")
    folders: list[str] | None = Field(None, description="Default: all but Junk, Drafts and Trash.")
    history: Seconds = Field(timedelta(days=90), description="How far back the first read of a folder goes.")

    @model_validator(mode="after")
    def _accounts_or_username(self) -> "Settings":
        if (self.username is None) == (not self.accounts):
            raise ValueError("give username and password, or accounts, one of them")
        if self.username is not None and self.password is None:
            raise ValueError("username wants password or password_file, one of them")
        if self.accounts and self.password is not None:
            raise ValueError("with accounts each account has its own password or password_file")
        return self


def connect(settings: Settings, context: Context) -> "ImapConnector":
    """The connector of this source. Raises ConfigError when `ca_file` is no file."""
    return ImapConnector(settings, context)


def event_id(name: str) -> str | None:
    """The id of the event of a mail that is named by its Message-ID; None for what is none."""
    return message_event_id(name) if "@" in name else None


def identity(settings: Settings, places: Iterable[str]) -> Identity:
    """Who is "us" to this source: its addresses, accounts and domains, and the configured `places` of it."""
    named = [p.partition(":")[2] for p in places if p.startswith("address:")]
    return Identity.of([*settings.addresses, *named], settings.domains, places, [*settings.accounts, settings.username or ""])


class ImapConnector:
    """Polls the accounts; connections are kept from one poll to the next."""

    live = False

    def __init__(self, settings: Settings, context: Context) -> None:
        self._settings = settings
        self._context = context
        port = settings.port or (993 if settings.tls == "implicit" else 143)
        ca_file = str(settings.ca_file) if settings.ca_file else None
        self._server = Server(settings.host, port, settings.tls, ca_file, settings.timeout.total_seconds())
        self._accounts = _accounts(settings)
        self._us = identity(settings, context.places)
        self.mailboxes = [Mailbox(self._server, account) for account in self._accounts]
        # Nothing says which poll is the last: the connections are closed with the connector.
        self._finalizer = weakref.finalize(self, _abort, self.mailboxes)

    def close(self) -> None:
        """Drops the connections that are kept between polls."""
        self._finalizer()

    async def read(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """One poll. `watermark` comes with its last batch, and only when every account could be read."""
        began = self._context.clock.now()
        reading = _Reading(self._context, self._us, began, cursor)
        failures: list[SourceError] = []
        finished = False
        try:
            gate = asyncio.Semaphore(_AT_ONCE)
            surveys = await asyncio.gather(*(self._survey(mailbox, gate) for mailbox in self.mailboxes))
            work: list[tuple[Mailbox, Folder]] = []
            for mailbox, survey in zip(self.mailboxes, surveys, strict=True):
                if isinstance(survey, SourceError):
                    failures.append(survey)
                else:
                    work += [(mailbox, f) for f in chosen(survey, self._settings.folders) if reading.moved(mailbox, f)]
            broken: set[int] = set()
            for mailbox, folder in sorted(work, key=lambda w: is_sent(w[1])):
                if id(mailbox) in broken:
                    continue
                try:
                    async with aclosing(self._read_folder(reading, mailbox, folder)) as found:
                        async for batch in found:
                            yield batch
                except SourceError as failure:
                    broken.add(id(mailbox))
                    failures.append(failure)
            finished = True
        finally:
            if not finished:
                _abort(self.mailboxes)  # a thread may still be waiting on one of them
        if failures:
            raise failures[0]
        yield Batch(cursor=reading.cursor_if_moved(), watermark=began)

    async def _survey(self, mailbox: Mailbox, gate: asyncio.Semaphore) -> list[Folder] | SourceError:
        async with gate:
            try:
                return await asyncio.to_thread(mailbox.survey)
            except SourceError as failure:
                return failure

    async def _read_folder(self, reading: "_Reading", mailbox: Mailbox, folder: Folder) -> AsyncGenerator[Batch, None]:
        """A batch for each portion of new mails of one folder; the cursor moves with each."""
        opened = await asyncio.to_thread(mailbox.open, folder.name)
        if opened is None:
            return
        first, known = reading.first_uid(mailbox, folder, opened.uid_validity)
        since = None if known else first_day(self._settings.history, reading.began.date())
        uids = await asyncio.to_thread(mailbox.uids, first, opened, since)
        portions = batches(uids)
        for index, portion in enumerate(portions):
            following = portions[index + 1] if index + 1 < len(portions) else ()
            fetched, unreadable = await asyncio.to_thread(mailbox.headers, portion, following)
            batch = await reading.batch(mailbox, folder, set(portion), fetched, unreadable)
            reading.at(mailbox, folder, opened.uid_validity, portion[-1] + 1)
            yield Batch(
                batch.events,
                reading.cursor_if_moved(),
                rejected=batch.rejected,
                newest_outbound=batch.newest_outbound,
                state=batch.state,
            )
        end = max(opened.uid_next or 0, uids[-1] + 1 if uids else 0, first)
        reading.at(mailbox, folder, opened.uid_validity, end)

    async def check(self) -> AsyncIterator[Finding]:
        """Logs in to each account, names the folders it would read, and opens the first one read-only."""
        for account in self._accounts:
            mailbox = Mailbox(self._server, account)
            try:
                findings = await asyncio.to_thread(_examined, mailbox, self._settings.folders)
            except SourceError as error:
                findings = [Finding(False, f"{account.username}: {error}")]
            finally:
                mailbox.abort()
            for finding in findings:
                yield finding


class _Reading:
    """One poll in progress: where it stands and the state it has made so far."""

    def __init__(self, context: Context, us: Identity, began: datetime, cursor: Cursor | None) -> None:
        self.began = began
        self._context = context
        self._us = us
        self._cursor: dict[str, dict[str, list[int]]] = {a: dict(folders) for a, folders in (cursor or {}).items()}
        self._cursor_reported = cursor is not None
        self._state = _StateCache(context.state)

    def moved(self, mailbox: Mailbox, folder: Folder) -> bool:
        """Whether there is something new; a server that gives no marks is always asked."""
        known = self._cursor.get(mailbox.account.username, {}).get(folder.name)
        return known is None or folder.uid_next is None or known != [folder.uid_validity, folder.uid_next]

    def first_uid(self, mailbox: Mailbox, folder: Folder, validity: int) -> tuple[int, bool]:
        """The first UID not read yet, and whether the folder was read before under this UIDVALIDITY."""
        known = self._cursor.get(mailbox.account.username, {}).get(folder.name)
        return (known[1], True) if known and known[0] == validity else (1, False)

    def at(self, mailbox: Mailbox, folder: Folder, validity: int, uid_next: int) -> None:
        """Everything below `uid_next` was read."""
        folders = self._cursor.setdefault(mailbox.account.username, {})
        if folders.get(folder.name) != [validity, uid_next]:
            folders[folder.name] = [validity, uid_next]
            self._cursor_reported = False

    def cursor_if_moved(self) -> Cursor | None:
        """Where we stand, if no batch has said so yet."""
        if self._cursor_reported:
            return None
        self._cursor_reported = True
        return {account: dict(folders) for account, folders in self._cursor.items()}

    async def batch(
        self, mailbox: Mailbox, folder: Folder, wanted: set[int], fetched: Sequence[Fetched], unreadable: Sequence[int]
    ) -> Batch:
        """Headers -> events. The text of a few is looked at; it goes no further than this function."""
        pairs, rejected = await asyncio.to_thread(self._classified, mailbox, folder, wanted, fetched)
        rejected += [Rejected("unreadable", f"message in {_kind(folder)}", len(unreadable))] if unreadable else []
        classified = [p for _, p in pairs]
        state = await self._known({}, classified)
        asked = [pairs[i][0] for i in sorted(text_wanted(classified, state))]
        texts = await asyncio.to_thread(mailbox.texts, asked, TEXT_ITEMS) if asked else {}
        looked = await asyncio.to_thread(self._looked_at, pairs, texts)
        before = set(map(id, classified))
        if changed := [p for p, _ in looked if id(p) not in before]:
            state = await self._known(state, changed)
        events, changes = await asyncio.to_thread(_threaded, looked, state)
        self._state.put(changes)
        newest = max((p.mail.at for p in classified if p.ours and not p.automatic), default=None)
        return Batch(events, rejected=rejected, newest_outbound=newest, state=changes)

    async def _known(self, state: dict[str, str], mails: Sequence[ClassifiedMail]) -> dict[str, str]:
        """What is stored of these mails and of the conversations they belong to, added to `state`."""
        state = state | await self._state.of(state_keys(mails) - state.keys())
        return state | await self._state.of(conversation_keys(state) - state.keys())

    def _looked_at(
        self, pairs: Sequence[tuple[int, ClassifiedMail]], texts: Mapping[int, bytes]
    ) -> list[tuple[ClassifiedMail, bool]]:  # fmt: skip
        """The mails as their text shows them, each with whether it is a mere thank-you; without those of machines."""
        found: list[tuple[ClassifiedMail, bool]] = []
        for uid, p in pairs:
            body = texts.get(uid)
            if body is not None:
                seen = looked_at(p, body, self._us, self._context.hash_customer)
                found += [seen] if seen is not None else []
            elif p.open_question is None:
                found.append((p, False))
        return found

    def _classified(
        self, mailbox: Mailbox, folder: Folder, wanted: set[int], fetched: Iterable[Fetched]
    ) -> tuple[list[tuple[int, ClassifiedMail]], list[Rejected]]:
        pairs: list[tuple[int, ClassifiedMail]] = []
        rejected: list[Rejected] = []
        in_sent, address, hashed = is_sent(folder), mailbox.account.address, self._context.hash_customer
        mails: dict[int, tuple[Fetched, Mail]] = {}
        for message in fetched:
            if message.uid not in wanted or message.draft:
                continue
            if message.data is None:
                rejected.append(Rejected("too_large", f"headers of a message in {_kind(folder)}"))
                continue
            mails[message.uid] = message, parse_mail(message.data, internal_date(message.internal_date), self.began)
        moved = sorted(uid for uid, (_, mail) in mails.items() if is_moved(mail))
        received = mailbox.texts(moved, RECEIVED_ITEMS) if moved else {}
        for uid, (message, mail) in mails.items():
            if uid in received and message.data is not None:
                mail = parse_mail(message.data + received[uid], internal_date(message.internal_date), self.began)
            found = classify(mail, self._us, address, in_sent, hashed)
            if found is not None:
                pairs.append((uid, found))
        return pairs, rejected


class _StateCache:
    """The stored state as it will be once the yielded batches are stored; the newest are kept in memory."""

    def __init__(self, state: StateReader) -> None:
        self._reader = state
        self._kept: dict[str, str] = {}

    async def of(self, keys: set[str]) -> dict[str, str]:
        found = {k: self._kept[k] for k in keys if k in self._kept}
        missing = keys - found.keys()
        return found | (await self._reader.keys(missing) if missing else {})

    def put(self, changes: dict[str, str]) -> None:
        self._kept |= changes
        if len(self._kept) > _MAX_STATE:
            self._kept = dict(list(self._kept.items())[-_MAX_STATE // 2 :])


def _threaded(
    mails: Sequence[tuple[ClassifiedMail, bool]], state: Mapping[str, str]
) -> tuple[list[Event], dict[str, str]]:  # fmt: skip
    threads = Threads(state)
    for mail, courtesy in mails:
        threads.add(mail, courtesy)
    return threads.events, threads.changes()


def _kind(folder: Folder) -> str:
    """A folder's name may be a customer's: samples only say whether it is Sent."""
    return "Sent" if is_sent(folder) else "INBOX" if folder.name.upper() == "INBOX" else "a folder"


def _accounts(settings: Settings) -> list[Account]:
    if settings.ca_file is not None and not settings.ca_file.is_file():
        raise ConfigError(f"ca_file {settings.ca_file}: no such file")
    if settings.username is not None and settings.password is not None:
        address = settings.username if "@" in settings.username else next(iter(settings.addresses), settings.username)
        return [Account(settings.username, settings.password.get_secret_value(), address)]
    return [Account(name, account.password.get_secret_value(), name) for name, account in settings.accounts.items()]


def _examined(mailbox: Mailbox, wanted: Sequence[str] | None) -> list[Finding]:
    """Logs in, lists what would be read, opens one folder read-only and logs out. Raises SourceError."""
    who = mailbox.account.username
    folders = chosen(mailbox.survey(), wanted)
    titles = ", ".join(folder_title(f.name) for f in folders[:20]) + (" …" if len(folders) > 20 else "")
    findings = [Finding(True, f"{who}: logged in"), Finding(bool(folders), f"{who}: would read {titles or 'no folder at all'}")]
    sent = [f for f in folders if is_sent(f)]
    if not sent:
        findings.append(
            Finding(None, f"{who}: no Sent folder among these; answers must lie in another account, or all looks unanswered")
        )
    elif not any(f.messages for f in sent):
        findings.append(Finding(None, f"{who}: Sent is empty; answers must lie in another account, or all looks unanswered"))
    for folder in folders[:1]:
        opened = mailbox.open(folder.name)
        if opened is None:
            findings.append(Finding(False, f"{who}: {folder_title(folder.name)} cannot be opened"))
        elif opened.read_only:
            findings.append(Finding(True, f"{who}: {folder_title(folder.name)} opens read-only (EXAMINE)"))
        else:
            findings.append(Finding(False, f"{who}: the server does not confirm that EXAMINE is read-only"))
    mailbox.logout()
    return findings


def _abort(mailboxes: Iterable[Mailbox]) -> None:
    for mailbox in mailboxes:
        mailbox.abort()


def _read_mbox(file: BinaryIO, settings: Settings, context: Context) -> Iterator[Event | Rejected]:
    return events_of_mbox(file, identity(settings, context.places), context.hash_customer, context.clock.now())


ARCHIVES: Final = (Archive("mbox", "mbox", is_mbox, _read_mbox),)
