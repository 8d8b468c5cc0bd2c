"""The demo's IMAP server with knobs: for what a real one cannot be made to do. Keeps every command it was sent.

It runs in a thread of its own: the client under test blocks.
"""

import asyncio
import re
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monitor.demo.imap_answers import status_items
from monitor.demo.imap_server import CommandRefused, Session
from monitor.demo.imap_syntax import Token, quoted
from monitor.demo.loopback_server import LoopbackServer
from monitor.demo.mailbox import Folder, Mailbox, StoredMessage

PASSWORD = "open-sesame-7"
RECEIVED = datetime(2026, 11, 18, 11, 30, tzinfo=UTC)
START_SECONDS = 60


@dataclass
class ScriptedImap:
    """What it answers may be changed while it runs. Any user name; every password that contains the right one."""

    before: str = "IMAP4rev1 SASL-IR AUTH=PLAIN"
    after: str = "IMAP4rev1 SASL-IR AUTH=PLAIN SPECIAL-USE LIST-EXTENDED LIST-STATUS"
    greeting: bytes = b"* OK ready\r\n"
    folders: dict[str, str] = field(default_factory=lambda: {"INBOX": "", "Sent": r"\Sent"})
    mails: dict[str, dict[int, bytes]] = field(default_factory=dict)  # folder -> UID -> headers, blank line, text
    flags: dict[tuple[str, int], str] = field(default_factory=dict)  # folder and UID -> flags beside \Seen
    change: int = 1  # HIGHESTMODSEQ of all folders
    uid_next: dict[str, int] = field(default_factory=dict)  # of folders whose last messages are gone
    delimiter: str = "/"
    listing: tuple[str, ...] = ()  # lines of LIST as a server was seen to write them, without "* LIST "
    closed: set[str] = field(default_factory=set)  # folders that EXAMINE refuses
    without_status: set[str] = field(default_factory=set)  # folders that STATUS refuses
    validity: int = 7
    poison: set[int] = field(default_factory=set)  # fetching one of these cuts the connection
    refused: set[int] = field(default_factory=set)  # a FETCH with one of these ends in NO
    textless: set[int] = field(default_factory=set)  # a FETCH of the text of one of these ends in NO, or
    cuts: bool = False  # cuts the connection
    refusal: bytes = b"NO [AUTHENTICATIONFAILED] no"
    answers: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)  # verb -> whole answer, given the tag
    last: str = ""  # after answering this verb it closes the connection
    commands: list[str] = field(default_factory=list)
    #: Tokens that XOAUTH2 and OAUTHBEARER take. Refusal: bare as Microsoft's, or `challenge` first as Google's, which waits.
    tokens: set[str] = field(default_factory=set)
    challenge: bytes = b""
    farewells: list[bytes] = field(default_factory=list)  # what clients answered to the challenge
    shown: list[str] = field(default_factory=list)  # the tokens that clients came with
    unconnected: bool = False  # logged in, but no mailbox behind it
    expires_at: str = ""  # once, in place of an answer to this verb: the session ends, and with it all tokens
    connections: int = 0
    port: int = 0

    def verbs(self) -> list[str]:
        """The commands without their arguments."""
        return [verb_of(command) for command in self.commands]

    def mailbox(self) -> Mailbox:
        """Folders and mails as they are set now."""
        made = Mailbox(RECEIVED)
        made.folders = {name: self._folder(name, use) for name, use in self.folders.items()}
        return made

    def _folder(self, name: str, use: str) -> Folder:
        folder = Folder(name, use, self.validity, change=self.change)
        for uid, raw in self.mails.get(name, {}).items():
            head, _, text = raw.partition(b"\r\n\r\n")
            flags = ("\\Seen", *self.flags.get((name, uid), "").split())
            folder.messages[uid] = StoredMessage(uid, RECEIVED, head + b"\r\n\r\n", text, flags, 1)
        folder.next_uid = max(max(folder.messages, default=0) + 1, self.uid_next.get(name, 1))
        return folder

    def move(self, source: str, uid: int, target: str) -> None:
        """One message to another folder, as MOVE does: a new UID there."""
        raw = self.mails[source].pop(uid)
        self.uid_next[source] = max(self.uid_next.get(source, 1), uid + 1)
        self.copy(raw, target)

    def copy(self, raw: bytes, target: str) -> int:
        """Puts a message into a folder, made where it is not there; gives its UID."""
        self.folders.setdefault(target, "")
        there = self.mails.setdefault(target, {})
        uid = max(max(there, default=0) + 1, self.uid_next.get(target, 1))
        there[uid] = raw
        self.uid_next[target] = uid + 1
        return uid


def verb_of(command: str) -> str:
    return " ".join(command.split()[: 2 if command.startswith("UID") else 1])


class _Server(LoopbackServer):
    def __init__(self, knobs: ScriptedImap) -> None:
        super().__init__()
        self._knobs = knobs

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._knobs.connections += 1
        await _Session(self._knobs, reader, writer).run()


class _Session(Session):
    """Answers as the knobs say."""

    def __init__(self, knobs: ScriptedImap, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(knobs.mailbox(), ("", PASSWORD), reader, writer)
        self._knobs = knobs
        self._left_out = self._of_text = False
        self.before, self.after = knobs.before, knobs.after

    def greet(self) -> None:
        self.writer.write(self._knobs.greeting)

    async def received(self, line: bytes, literals: list[bytes]) -> bool:
        knobs, strings = self._knobs, iter(literals)
        tag, _, rest = re.sub(rb"\{\d+\+?\}", lambda _: b"<" + next(strings) + b">", line).partition(b" ")
        knobs.commands.append(rest.decode())
        verb = verb_of(knobs.commands[-1])
        self._mailbox = knobs.mailbox()
        if verb == "AUTHENTICATE" and knobs.commands[-1].split()[1] in ("XOAUTH2", "OAUTHBEARER"):
            return await self._by_token(tag)
        if verb == knobs.expires_at:
            knobs.expires_at = ""
            knobs.tokens.clear()
            self.writer.write(b"* BYE Session invalidated - AccessTokenExpired\r\n")
            return False
        if knobs.unconnected and self._logged_in and verb not in ("CAPABILITY", "LOGOUT"):
            self.writer.write(tag + b" BAD User is authenticated but not connected.\r\n* BYE Connection closed. 14\r\n")
            return False
        if self._as_recorded(knobs, tag, verb):
            return True
        if verb in knobs.answers:
            self.writer.write(knobs.answers[verb](tag))
            return verb not in ("LOGOUT", knobs.last)
        return await super().received(line, literals) and verb != knobs.last

    async def _by_token(self, tag: bytes) -> bool:
        """The exchanges of docs/decisions/mail-oauth.md: Microsoft's, Google's (two steps), RFC 7628's."""
        knobs, words = self._knobs, self._knobs.commands[-1].split()
        if len(words) == 2:
            self.writer.write(b"+ \r\n")
            await self.writer.drain()
            words.append((await self._reader.readuntil(b"\n")).decode().strip())
        said = b64decode(words[2], validate=True).decode()
        token = said.partition("auth=Bearer ")[2].partition("\1")[0]
        knobs.shown.append(token)
        if token in knobs.tokens:
            self._logged_in = True
            self.writer.write(tag + b" OK AUTHENTICATE completed.\r\n")
            return True
        if knobs.challenge:
            self.writer.write(b"+ " + knobs.challenge + b"\r\n")
            await self.writer.drain()
            knobs.farewells.append(await self._reader.readuntil(b"\n"))
        self.writer.write(tag + b" " + knobs.refusal + b"\r\n")
        return True

    def _as_recorded(self, knobs: ScriptedImap, tag: bytes, verb: str) -> bool:
        """Refusals of single folders, and a listing as another server wrote it; False for all else."""
        arguments = knobs.commands[-1].partition(" ")[2]
        name = arguments[1:].partition('"')[0]
        if verb == "EXAMINE" and name in knobs.closed:
            self.writer.write(tag + b" NO [UNAVAILABLE] Server busy, try again later\r\n")
        elif verb == "STATUS" and name in knobs.without_status:
            self.writer.write(tag + b" NO [SERVERBUG] Internal error occurred\r\n")
        elif verb == "LIST" and knobs.listing:
            for line in knobs.listing:
                self.line(f"* LIST {line}")
                folder = self._mailbox.folders.get(line.rpartition(f'"{knobs.delimiter}" ')[2].strip('"'))
                if "STATUS (" in arguments and folder is not None:
                    self.line(f"* STATUS {quoted(folder.name)} ({status_items(folder, ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY'])})")
            self.writer.write(tag + b" OK Success\r\n")
        else:
            return False
        return True

    def list_line(self, folder: Folder) -> None:
        special = "SPECIAL-USE" in self.after or "\\Noselect" in folder.use
        attributes = f"\\HasNoChildren {folder.use if special else ''}".strip()
        self.line(f'* LIST ({attributes}) "{self._knobs.delimiter}" {quoted(folder.name)}')

    def check_password(self, user: str, password: str) -> None:
        if PASSWORD not in password:
            raise CommandRefused(self._knobs.refusal.decode().removeprefix("NO "))

    def login_text(self) -> str:
        return "Logged in"

    def fetch(self, arguments: list[Token]) -> None:
        self._left_out = False
        self._of_text = "[TEXT]" in self._knobs.commands[-1]
        super().fetch(arguments)
        if self._left_out:
            raise CommandRefused("[SERVERBUG] not this one")

    def may_send(self, uid: int) -> bool:
        knobs = self._knobs
        textless = self._of_text and uid in knobs.textless
        if uid in knobs.poison or (textless and knobs.cuts):
            raise ConnectionResetError
        refused = textless or uid in knobs.refused
        self._left_out = self._left_out or refused
        return not refused


@contextmanager
def scripted_imap(knobs: ScriptedImap) -> Iterator[ScriptedImap]:
    """Runs it until the block ends."""
    started, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        server = _Server(knobs)
        await server.start()
        knobs.port = server.port
        started.set()
        await stop.wait()
        await server.stop()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert started.wait(START_SECONDS)
        yield knobs
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
