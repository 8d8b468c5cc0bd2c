"""Source type `imap`: all mailboxes of one organisation over IMAP, read-only, as conversations.

Each poll asks every account for its folders' change marks (one round trip), opens only what moved, reads the headers of
what is new, and yields them 500 at a time. What is in Sent of one account answers what is in INBOX of another: so
nothing is called complete before all accounts and folders were seen.
"""

import asyncio
import re
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from monitor.connector import Archive, Batch, Context, Cursor, Finding, Place, Rejected, Seconds, SourceSettings, Untold
from monitor.connectors._mail.account import Account, Mailbox, Password, batches
from monitor.connectors._mail.flags import is_flag
from monitor.connectors._mail.folders import WATCHED, Folders, Known, sorted_out
from monitor.connectors._mail.following import Follower, Following
from monitor.connectors._mail.headers import message_event_id
from monitor.connectors._mail.ignored import Ignored
from monitor.connectors._mail.imap_client import Server
from monitor.connectors._mail.imap_responses import first_day, header_items
from monitor.connectors._mail.mailbox_check import examined
from monitor.connectors._mail.mbox import events_of_mbox, is_mbox
from monitor.connectors._mail.moves import place
from monitor.connectors._mail.oauth import Auth, RefreshTokenAuth, make_grant
from monitor.connectors._mail.our_words import MailWords
from monitor.connectors._mail.parties import Identity
from monitor.connectors._mail.positions import Missing, incomplete
from monitor.connectors._mail.reading import Chosen, Reading
from monitor.connectors._mail.rests import Rests, soonest
from monitor.connectors._mail.tokens import Bearer, TokenSource
from monitor.connectors._reaching import Tls
from monitor.domain.event import Event
from monitor.errors import ConfigError, SourceError

#: All its contacts are mail conversations, so the metrics of its contact points exist from the start.
CHANNEL: Final = "email"
PLACES: Final = (Place("address", "Mail: the address customers write to.", fold_case=True),)
_AT_ONCE: Final = 4  # accounts asked at the same time
_FILLING: Final = Untold(("mail of long ago is being put into a folder: it is taken in when that is over, with its answers",))


class AccountSettings(BaseModel):
    """The secret of one account; nothing where `auth` serves all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    password: SecretStr | None = None


class IgnoreSettings(BaseModel):
    """Mail that is no contact. Shell-style patterns (`*`, `?`), in capitals or not, of the whole text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    senders: list[str] = Field(default_factory=list, description="Addresses of senders.")
    domains: list[str] = Field(default_factory=list, description="Domains of senders, with those below them.")
    subjects: list[str] = Field(default_factory=list, description="Subjects.")
    folders: list[str] = Field(
        default_factory=list,
        description="Folders, with those below them; a mail that is moved there asks nothing any more.",
    )
    headers: dict[str, str] = Field(default_factory=dict, description="Header fields and what they say.")

    @field_validator("headers")
    @classmethod
    def _are_fields(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if not re.fullmatch(r"[A-Za-z0-9-]{1,76}", name):
                raise ValueError(f"{name!r} is no name of a header field: write it without the colon, as X-Our-Tool")
        return headers

    def rules(self) -> Ignored:
        """What tells of a mail whether it is left out; mails in ignored folders are not read at all."""
        return Ignored(self.senders, self.domains, self.subjects, self.headers)


class Settings(SourceSettings):
    """Keys of a source of type `imap`."""

    type: Literal["imap"]
    host: str
    port: int | None = Field(None, ge=1, le=65535, description="Default 993 with `tls: implicit`, else 143.")
    tls: Tls = Field("implicit", description="`none` sends the password or token in clear: only on a network you trust.")
    ca_file: Path | None = Field(None, description="Certificate authority of the server, if it is not a public one.")
    username: str | None = None
    password: SecretStr | None = None
    accounts: dict[str, AccountSettings] = Field(default_factory=dict, description="Several mailboxes that belong together.")
    auth: Auth | None = Field(None, description="Instead of passwords, for all accounts of this source.")
    addresses: list[str] = Field(default_factory=list, description="Our addresses; plus-addresses of them are ours as well.")
    domains: list[str] = Field(default_factory=list, description="Our domains: mail between colleagues is no contact.")
    folders: list[str] | None = Field(None, description="Default: all but Junk, Drafts, Trash and what holds no mail.")
    ignore: IgnoreSettings = Field(default_factory=IgnoreSettings, description="Mail that is no contact.")
    no_answer_needed: list[str] = Field(
        default_factory=list, description="Keywords (`$NoAnswer`) or flags (`\\Flagged`) of mails that need no answer."
    )
    history: Seconds = Field(timedelta(days=90), description="How far back the first read of a folder goes.")

    @field_validator("no_answer_needed")
    @classmethod
    def _can_be_searched_for(cls, flags: list[str]) -> list[str]:
        for flag in flags:
            if not is_flag(flag):
                raise ValueError(f"{flag!r} is no flag of IMAP: a keyword has no blanks, of its own flags Flagged is meant")
        return flags

    @model_validator(mode="after")
    def _accounts_or_username(self) -> "Settings":
        if (self.username is None) == (not self.accounts):
            raise ValueError("give username and password, or accounts, one of them")
        with_password = [f"accounts.{name}" for name, account in self.accounts.items() if account.password is not None]
        if self.auth is not None:
            self._check_auth(with_password)
        elif self.username is not None and self.password is None:
            raise ValueError("username wants password or password_file, one of them; or give auth")
        elif self.accounts and self.password is not None:
            raise ValueError("with accounts each account has its own password or password_file")
        elif len(with_password) < len(self.accounts):
            lacking = [name for name, account in self.accounts.items() if account.password is None]
            raise ValueError("\n".join(f".accounts.{a}.password: is missing; give password or password_file" for a in lacking))
        return self

    def _check_auth(self, with_password: list[str]) -> None:
        """Raises ValueError where something else says how to log in, or where no mailbox is named."""
        if self.password is not None or with_password:
            where = " and ".join(f"{each}.password" for each in with_password) or "password"
            raise ValueError(f"auth logs in without a password: take away auth, or {where}")
        named = [("username", self.username)] if self.username is not None else [("accounts", name) for name in self.accounts]
        nameless = [(key, name) for key, name in named if "@" not in name]
        if nameless and not isinstance(self.auth, RefreshTokenAuth):
            key, name = nameless[0]
            raise ValueError(f".{key}: {name!r} is no mailbox: with auth write its address, as info@example.org")


def connect(settings: Settings, context: Context) -> "ImapConnector":
    """The connector of this source. Raises ConfigError when `ca_file`, or a file that `auth` names, cannot be used."""
    return ImapConnector(settings, context)


def event_id(name: str, hash_customer: Callable[[str], str]) -> str:
    """The id of the event of a mail that is named by its Message-ID. Some have no @, so any name may be one."""
    return message_event_id(name, hash_customer)


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
        self._accounts = _accounts(settings, context)
        self._rests = Rests(context.clock)
        self._us = identity(settings, context.places)
        self._ignored = settings.ignore.rules()
        self._chosen = Chosen(settings.folders, settings.ignore.folders, settings.no_answer_needed)
        items = header_items(settings.ignore.headers)
        self.mailboxes = [Mailbox(self._server, account, items) for account in self._accounts]
        self._following = Following()
        # Nothing says which poll is the last: the connections are closed with the connector.
        self._finalizer = weakref.finalize(self, _abort, self.mailboxes)

    def close(self) -> None:
        """Drops the connections that are kept between polls."""
        self._finalizer()

    async def read(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """One poll. `watermark` comes with its last batch, and only when every account and folder could be read."""
        self._bind()
        began = self._context.clock.now()
        reading = Reading(self._context, self._us, self._ignored, began, cursor)
        failures: list[SourceError] = []
        finished = False
        try:
            gate = asyncio.Semaphore(_AT_ONCE)
            surveys = await asyncio.gather(*(self._survey(mailbox, gate) for mailbox in self.mailboxes))
            told = [(m, s) for m, s in zip(self.mailboxes, surveys, strict=True) if isinstance(s, Folders)]
            failures += [s for s in surveys if isinstance(s, SourceError)]
            work = reading.begin(told, self._chosen, self._following, all_told=not failures)
            follower = self._follower(reading, told)
            broken: set[int] = set()
            for mailbox, known in work:
                if id(mailbox) in broken:
                    continue
                try:
                    async with aclosing(self._steps(reading, follower, mailbox, known)) as found:
                        async for batch in found:
                            yield batch
                except SourceError as failure:
                    broken.add(id(mailbox))
                    failures.append(self._rests.noted(mailbox.account.username, failure))
            finished = True
        finally:
            if not finished:
                _abort(self.mailboxes)  # a thread may still be waiting on one of them
        position = reading.positions.cursor_if_moved()
        if position is not None and (failures or reading.missing):
            yield Batch(cursor=position)
        if failures:
            raise soonest(failures, len(self.mailboxes))
        if reading.missing:
            raise incomplete(reading.missing)
        if reading.waits:
            yield Batch(cursor=position, untold=_FILLING)
            return
        filled = self._following.filling.over(began)
        yield Batch(cursor=position, watermark=began, untold=Untold() if filled else None)

    async def _survey(self, mailbox: Mailbox, gate: asyncio.Semaphore) -> Folders | SourceError:
        settings = self._settings
        async with gate:
            resting = self._rests.failure(mailbox.account.username)
            if resting is not None:
                return resting
            try:
                folders = await asyncio.to_thread(mailbox.survey, bool(settings.no_answer_needed) or self._following.no_sent)
            except SourceError as failure:
                return self._rests.noted(mailbox.account.username, failure)
        return sorted_out(folders, settings.folders, settings.ignore.folders)

    def _bind(self) -> None:
        for account in self._accounts:
            if isinstance(account.credential, Bearer):
                account.credential.bind()

    def _follower(self, reading: Reading, told: Sequence[tuple[Mailbox, Folders]]) -> Follower:
        readable = {place(m.account.username, f.name): (m, f) for m, folders in told for f in folders.read}
        unheard = {m.account.username for m in self.mailboxes} - {m.account.username for m, _ in told}
        return Follower(
            self._following, reading.state, reading.positions, reading.began, readable, unheard, self._context.hash_customer
        )

    async def _steps(
        self, reading: Reading, follower: Follower, mailbox: Mailbox, known: Known
    ) -> AsyncGenerator[Batch, None]:  # fmt: skip
        """What is to be done with one folder: read what is new in it, look for flags, or for mails that were thrown out."""
        account = mailbox.account.username
        if known.role in WATCHED:
            batch = await follower.watch(mailbox, known, self._settings.history)
            if batch is not None:
                yield batch
            return
        if known.role == "sent" or reading.positions.moved(account, known):
            async with aclosing(self._read_folder(reading, mailbox, known)) as found:
                async for each in found:
                    yield each
        if reading.wanted and known.role != "sent":
            batch = await follower.look(mailbox, known, reading.wanted, self._context.clock.monotonic())
            if batch is not None:
                yield batch

    async def _read_folder(self, reading: Reading, mailbox: Mailbox, known: Known) -> AsyncGenerator[Batch, None]:
        """A batch for each portion of new mails of one folder; the cursor moves with each."""
        account, positions = mailbox.account.username, reading.positions
        opened = await asyncio.to_thread(mailbox.open, known.name)
        if opened is None:
            reading.missing.append(Missing(account, known.kind, False))
            return
        if known.shows_sent and known.folder.uid_next is not None and opened.uid_next is not None:
            # What came meanwhile may be an answer of ours that was not in Sent when that was read.
            opened = opened._replace(uid_next=min(opened.uid_next, known.folder.uid_next))
        first, read_before = positions.first_uid(account, known, opened.uid_validity)
        since = None if read_before else first_day(self._settings.history, reading.began.date())
        uids = await asyncio.to_thread(mailbox.uids, first, opened, since)
        if known.shows_sent and opened.uid_next is not None:
            uids = [uid for uid in uids if uid < opened.uid_next]
        portions = batches(uids)
        for index, portion in enumerate(portions):
            following = portions[index + 1] if index + 1 < len(portions) else ()
            fetched, unreadable = await asyncio.to_thread(mailbox.headers, portion, following)
            batch = await reading.batch(mailbox, known, set(portion), fetched, unreadable)
            if batch is None:
                return
            positions.at(account, known, opened.uid_validity, portion[-1] + 1)
            yield Batch(
                batch.events,
                positions.cursor_if_moved(),
                rejected=batch.rejected,
                newest_outbound=batch.newest_outbound,
                state=batch.state,
                more=True,  # its answers may lie in Sent, which comes later
            )
        end = max(opened.uid_next or 0, uids[-1] + 1 if uids else 0, first)
        positions.at(account, known, opened.uid_validity, end)

    async def check(self) -> AsyncIterator[Finding]:
        """Logs in to each account, says what it would read and why, and opens each of these folders read-only."""
        settings = self._settings
        self._bind()
        for account in self._accounts:
            mailbox = Mailbox(self._server, account)
            try:
                findings = await asyncio.to_thread(examined, mailbox, settings.folders, settings.ignore.folders)
            except SourceError as error:
                findings = [Finding(False, f"{account.username}: {error}")]
            finally:
                mailbox.abort()
            for finding in findings:
                yield finding


def _accounts(settings: Settings, context: Context) -> list[Account]:
    if settings.ca_file is not None and not settings.ca_file.is_file():
        raise ConfigError(f"ca_file {settings.ca_file}: no such file")
    given: dict[str, SecretStr | None] = {name: account.password for name, account in settings.accounts.items()}
    if settings.username is not None:
        given = {settings.username: settings.password}
    if settings.auth is not None:
        tokens = TokenSource(make_grant(settings.auth), context.clock, settings.timeout.total_seconds())
        return [Account(name, Bearer(tokens, name), _address(name, settings)) for name in given]
    return [
        Account(name, Password(password.get_secret_value()), _address(name, settings))
        for name, password in given.items()
        if password is not None
    ]


def _address(name: str, settings: Settings) -> str:
    """Whose mail lies in an account: a single one need not be called by its address."""
    return name if "@" in name or settings.accounts else next(iter(settings.addresses), name)


def _abort(mailboxes: Iterable[Mailbox]) -> None:
    for mailbox in mailboxes:
        mailbox.abort()


def _read_mbox(file: BinaryIO, settings: Settings, context: Context) -> Iterator[Event | Rejected]:
    us, hear = identity(settings, context.places), partial(MailWords, context.read_text, context.places)
    return events_of_mbox(file, us, settings.ignore.rules(), context.hash_customer, context.clock.now(), hear)


ARCHIVES: Final = (Archive("mbox", "mbox", is_mbox, _read_mbox),)
