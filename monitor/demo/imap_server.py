"""A small read-only IMAP4rev1 server on loopback: what a careful client reads mail with, and nothing that writes.

Its answers have the shapes of Dovecot 2.3's (FACTS-mail-and-tickets section 1); tests/demo holds both side by side.
"""

import asyncio
import hmac
import re
from base64 import b64decode
from typing import Final

from monitor.demo.imap_answers import fetch_items, fetch_value, status_items
from monitor.demo.imap_search import matching
from monitor.demo.imap_syntax import BadSyntax, Token, parse, quoted, uid_set
from monitor.demo.loopback_server import LoopbackServer
from monitor.demo.mailbox import Folder, Mailbox

_LITERAL: Final = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")
_LITERAL_LIMIT: Final = 65_536
_BEFORE: Final = "IMAP4rev1 SASL-IR LITERAL+ ID AUTH=PLAIN"
_AFTER: Final = "IMAP4rev1 SASL-IR LITERAL+ ID LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE UIDPLUS UNSELECT"
_FLAGS: Final = "\\Answered \\Flagged \\Deleted \\Seen \\Draft"
_WRITING: Final = frozenset(
    {"SELECT", "APPEND", "STORE", "EXPUNGE", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE", "COPY", "MOVE"}
)


class ImapServer(LoopbackServer):
    """Serves one mailbox to any number of clients on 127.0.0.1."""

    limit = 1 << 20

    def __init__(self, mailbox: Mailbox, username: str, password: str) -> None:
        super().__init__()
        self._mailbox = mailbox
        self._account = (username, password)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        await Session(self._mailbox, self._account, reader, writer).run()


class CommandRefused(Exception):
    """The command was understood and refused."""


class Session:
    """One client's connection, and the folder it examines. `before` and `after`: its capabilities, before and after login."""

    before = _BEFORE
    after = _AFTER

    def __init__(
        self, mailbox: Mailbox, account: tuple[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._mailbox = mailbox
        self._account = account
        self._reader = reader
        self.writer = writer
        self._logged_in = False
        self._folder: Folder | None = None
        self._shown: list[int] = []  # UIDs in the order of the sequence numbers the client knows

    async def run(self) -> None:
        """Greet, then execute commands until the client logs out."""
        self.greet()
        while True:
            await self.writer.drain()
            line, literals = await self._command()
            if not await self.received(line, literals):
                await self.writer.drain()
                return

    def greet(self) -> None:
        """The first line of the connection."""
        self.line(f"* OK [CAPABILITY {self.before}] Demo mailbox ready.")

    async def received(self, line: bytes, literals: list[bytes]) -> bool:
        """Execute one command and complete it; False closes the connection."""
        tag, _, rest = line.partition(b" ")
        shown_tag = tag.decode("ascii", "replace") or "*"
        try:
            tokens = parse(rest, literals)
            if not tokens or not isinstance(tokens[0], str):
                raise BadSyntax("no command")
            name = tokens[0].upper()
            if name == "AUTHENTICATE":
                done = self._login(await self._plain(_words(tokens[1:], len(tokens) - 1)))
            else:
                done = self._execute(name, tokens[1:])
        except BadSyntax as error:
            self.line(f"{shown_tag} BAD Error in IMAP command: {error}.")
        except CommandRefused as refusal:
            self.line(f"{shown_tag} NO {refusal}")
        else:
            if name in ("NOOP", "CHECK", "UID"):
                self._report_changes()
            self.line(f"{shown_tag} OK {done}")
            return name != "LOGOUT"
        return True

    async def _command(self) -> tuple[bytes, list[bytes]]:
        """One command: its line, with `{n}` where a literal stood, and the literals."""
        parts = b""
        literals: list[bytes] = []
        while True:
            line = await self._reader.readuntil(b"\n")
            parts += line
            literal = _LITERAL.search(line)
            if literal is None:
                return parts.rstrip(b"\r\n"), literals
            if int(literal[1]) > _LITERAL_LIMIT:
                raise asyncio.LimitOverrunError("literal too long", 0)
            if not literal[2]:
                self.line("+ OK")
                await self.writer.drain()
            literals.append(await self._reader.readexactly(int(literal[1])))
            parts = parts.rstrip(b"\r\n")

    def _execute(self, name: str, arguments: list[Token]) -> str:
        """Carry out one command; gives the text of its OK. Raises BadSyntax and CommandRefused."""
        match name:
            case "CAPABILITY":
                self.line(f"* CAPABILITY {self.after if self._logged_in else self.before}")
            case "NOOP" | "CHECK":
                pass
            case "LOGOUT":
                self.line("* BYE Logging out")
            case "ID":
                self.line('* ID ("name" "demo")')
            case "LOGIN":
                return self._login(_words(arguments, 2))
            case _ if not self._logged_in:
                raise BadSyntax(f"{name} before login")
            case "LIST" | "LSUB":
                self._list(arguments)
            case "STATUS":
                self._status(arguments)
            case "EXAMINE":
                return self._examine(_words(arguments[:1], 1)[0])
            case "CLOSE" | "UNSELECT":
                self._folder = None
            case _ if name in _WRITING or (name == "UID" and _sub(arguments) in _WRITING):
                raise CommandRefused("[READ-ONLY] [read-only demo] This mailbox can only be examined.")
            case "UID" if _sub(arguments) == "SEARCH":
                self._search(arguments[1:])
            case "UID" if _sub(arguments) == "FETCH":
                self.fetch(arguments[1:])
            case _:
                raise BadSyntax(f"Unknown command {name[:20]}")
        return f"{name.title()} completed."

    async def _plain(self, words: list[str]) -> list[str]:
        """User and password of AUTHENTICATE PLAIN, sent along (RFC 4959) or asked for (RFC 4616)."""
        if words[:1] != ["PLAIN"]:
            raise CommandRefused("Unsupported authentication mechanism.")
        if len(words) == 1:
            self.line("+ ")
            await self.writer.drain()
            words.append((await self._reader.readuntil(b"\n")).decode("ascii", "replace").strip())
        try:
            _, user, password = b64decode(words[1], validate=True).decode().split("\0")
        except ValueError:
            raise BadSyntax("not an answer of PLAIN") from None
        return [user, password]

    def _login(self, words: list[str]) -> str:
        self.check_password(*words)
        self._logged_in = True
        return self.login_text()

    def check_password(self, user: str, password: str) -> None:
        """Raises CommandRefused when they are not those of the account."""
        good = [hmac.compare_digest(a.encode(), b.encode()) for a, b in zip((user, password), self._account, strict=True)]
        if not all(good):
            raise CommandRefused("[AUTHENTICATIONFAILED] Authentication failed.")

    def login_text(self) -> str:
        """The text of a successful login: Dovecot saves the client the question for capabilities."""
        return f"[CAPABILITY {self.after}] Logged in"

    def _list(self, arguments: list[Token]) -> None:
        """LIST and LIST-EXTENDED with RETURN (SPECIAL-USE STATUS (…)) (RFC 5258, 5819, 6154)."""
        only_special = bool(arguments) and isinstance(arguments[0], list) and "SPECIAL-USE" in _upper(arguments.pop(0))
        _, pattern = _words(arguments[:2], 2)
        options = arguments[3] if len(arguments) > 3 and _upper(arguments[2:3]) == ["RETURN"] else []
        wanted: list[str] = []
        for index, option in enumerate(options):
            if isinstance(option, str) and option.upper() == "STATUS" and index + 1 < len(options):
                wanted = _upper(options[index + 1])
        if not pattern:
            self.line('* LIST (\\Noselect) "." ""')
            return
        matcher = re.compile("".join(".*" if c in "*%" else re.escape(c) for c in pattern), re.IGNORECASE)
        for folder in self._mailbox.folders.values():
            if matcher.fullmatch(folder.name) and (folder.use or not only_special):
                self.list_line(folder)
                if wanted and "\\Noselect" not in folder.use:
                    self.line(f"* STATUS {quoted(folder.name)} ({status_items(folder, wanted)})")

    def list_line(self, folder: Folder) -> None:
        """One folder's line of LIST."""
        attributes = f"\\HasNoChildren {folder.use if 'SPECIAL-USE' in self.after else ''}".strip()
        self.line(f'* LIST ({attributes}) "." {quoted(folder.name)}')

    def _status(self, arguments: list[Token]) -> None:
        folder = self._find(_words(arguments[:1], 1)[0])
        if len(arguments) != 2:
            raise BadSyntax("STATUS needs a list of items")
        self.line(f"* STATUS {quoted(folder.name)} ({status_items(folder, _upper(arguments[1]))})")

    def _examine(self, name: str) -> str:
        self._folder = None
        folder = self._folder = self._find(name)
        self._shown = list(folder.messages)
        self.line(f"* FLAGS ({_FLAGS})")
        self.line("* OK [PERMANENTFLAGS ()] Read-only mailbox.")
        self.line(f"* {len(self._shown)} EXISTS")
        self.line("* 0 RECENT")
        first = next((i for i, m in enumerate(folder.messages.values(), 1) if "\\Seen" not in m.flags), None)
        if first is not None:
            self.line(f"* OK [UNSEEN {first}] First unseen.")
        self.line(f"* OK [UIDVALIDITY {folder.validity}] UIDs valid")
        self.line(f"* OK [UIDNEXT {folder.next_uid}] Predicted next UID")
        self.line(f"* OK [HIGHESTMODSEQ {folder.change}] Highest")
        return "[READ-ONLY] Examine completed."

    def _search(self, arguments: list[Token]) -> None:
        found = matching(self._examined().messages, arguments)
        self.line("* SEARCH" + "".join(f" {m.uid}" for m in found))

    def may_send(self, uid: int) -> bool:
        """Whether FETCH includes this message; tests make a server fail at one."""
        return True

    def fetch(self, arguments: list[Token]) -> None:
        """UID FETCH, also with CHANGEDSINCE (RFC 7162). Raises BadSyntax and CommandRefused."""
        folder = self._examined()
        if len(arguments) < 2 or not isinstance(arguments[0], str):
            raise BadSyntax("FETCH needs messages and items")
        items = fetch_items(arguments[1] if isinstance(arguments[1], list) else arguments[1:2])
        since = -1
        if len(arguments) > 2:
            modifier = arguments[2] if isinstance(arguments[2], list) else []
            if _upper(modifier[:1]) != ["CHANGEDSINCE"] or not str(modifier[-1]).isdigit():
                raise BadSyntax("unknown FETCH modifier")
            since = int(str(modifier[1]))
            items.append("MODSEQ")
        numbers = {uid: i for i, uid in enumerate(self._shown, 1)}
        for uid in uid_set(arguments[0], list(folder.messages)):
            message = folder.messages[uid]
            if message.change > since and uid in numbers and self.may_send(uid):
                values = b" ".join(fetch_value(message, item) for item in items)
                self.writer.write(b"* %d FETCH (%b)\r\n" % (numbers[uid], values))

    def _report_changes(self) -> None:
        """What came and went since the client last heard (RFC 3501 section 7.4.1: never during a plain FETCH)."""
        if self._folder is None:
            return
        for number in range(len(self._shown), 0, -1):
            if self._shown[number - 1] not in self._folder.messages:
                del self._shown[number - 1]
                self.line(f"* {number} EXPUNGE")
        newest = self._shown[-1] if self._shown else 0
        fresh = [uid for uid in self._folder.messages if uid > newest]
        if fresh:
            self._shown += fresh
            self.line(f"* {len(self._shown)} EXISTS")

    def _examined(self) -> Folder:
        if self._folder is None:
            raise BadSyntax("No mailbox selected")
        return self._folder

    def _find(self, name: str) -> Folder:
        folder = self._mailbox.folders.get("INBOX" if name.upper() == "INBOX" else name)
        if folder is None:
            raise CommandRefused("[NONEXISTENT] Mailbox doesn't exist.")
        return folder

    def line(self, text: str) -> None:
        """One line to the client."""
        self.writer.write(text.encode() + b"\r\n")


def _words(arguments: list[Token], count: int) -> list[str]:
    words = [argument for argument in arguments if isinstance(argument, str)]
    if len(words) != count or len(arguments) != count:
        raise BadSyntax(f"expected {count} arguments")
    return words


def _upper(tokens: Token) -> list[str]:
    return [token.upper() for token in tokens if isinstance(token, str)] if isinstance(tokens, list) else []


def _sub(arguments: list[Token]) -> str:
    return arguments[0].upper() if arguments and isinstance(arguments[0], str) else ""
