"""A small read-only IMAP4rev1 server on loopback: what a careful client reads mail with, and nothing that writes.

Its answers have the shapes of Dovecot 2.3's (FACTS-mail-and-tickets section 1); tests/demo holds both side by side.
"""

import asyncio
import hmac
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Final

from monitor.demo.imap_syntax import BadSyntax, Section, Token, header_fields, parse, section, uid_set
from monitor.demo.mailbox import Folder, Mailbox, StoredMessage, internal_date, parse_date

_LITERAL: Final = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")
_LITERAL_LIMIT: Final = 65_536
_BEFORE: Final = "IMAP4rev1 SASL-IR LITERAL+ ID AUTH=PLAIN"
_AFTER: Final = "IMAP4rev1 SASL-IR LITERAL+ ID LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE UIDPLUS UNSELECT"
_FLAGS: Final = "\\Answered \\Flagged \\Deleted \\Seen \\Draft"
_WRITING: Final = frozenset(
    {"SELECT", "APPEND", "STORE", "EXPUNGE", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE", "COPY", "MOVE"}
)


class ImapServer:
    """Serves one mailbox to any number of clients on 127.0.0.1, on a port the system chooses."""

    def __init__(self, mailbox: Mailbox, username: str, password: str) -> None:
        self._mailbox = mailbox
        self._account = (username, password)
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)

    @property
    def port(self) -> int:
        """Where it listens; only after `start`."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Close the door and all connections."""
        if self._server is not None:
            self._server.close()
        for session in tuple(self._sessions):
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        try:
            await Session(self._mailbox, self._account, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the client went, sent a line without end, or the demo stops: no answer is possible
        finally:
            writer.close()
            self._sessions.discard(task)


class CommandRefused(Exception):
    """The command was understood and refused."""


class Session:
    """One client's connection, and the folder it examines."""

    def __init__(
        self, mailbox: Mailbox, account: tuple[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._mailbox = mailbox
        self._account = account
        self._reader = reader
        self._writer = writer
        self._logged_in = False
        self._folder: Folder | None = None
        self._shown: list[int] = []  # UIDs in the order of the sequence numbers the client knows

    async def run(self) -> None:
        """Greet, then execute commands until the client logs out."""
        self._line(f"* OK [CAPABILITY {_BEFORE}] Demo mailbox ready.")
        while True:
            await self._writer.drain()
            line, literals = await self._command()
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
                self._line(f"{shown_tag} BAD Error in IMAP command: {error}.")
            except CommandRefused as refusal:
                self._line(f"{shown_tag} NO {refusal}")
            else:
                if name in ("NOOP", "CHECK", "UID"):
                    self._report_changes()
                self._line(f"{shown_tag} OK {done}")
                if name == "LOGOUT":
                    return

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
                self._line("+ OK")
                await self._writer.drain()
            literals.append(await self._reader.readexactly(int(literal[1])))
            parts = parts.rstrip(b"\r\n")

    def _execute(self, name: str, arguments: list[Token]) -> str:
        """Carry out one command; gives the text of its OK. Raises BadSyntax and CommandRefused."""
        match name:
            case "CAPABILITY":
                self._line(f"* CAPABILITY {_AFTER if self._logged_in else _BEFORE}")
            case "NOOP" | "CHECK":
                pass
            case "LOGOUT":
                self._line("* BYE Logging out")
            case "ID":
                self._line('* ID ("name" "demo")')
            case "LOGIN":
                return self._login(_words(arguments, 2))
            case "AUTHENTICATE":
                return self._authenticate(_words(arguments, 2))
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
                self._fetch(arguments[1:])
            case _:
                raise BadSyntax(f"Unknown command {name[:20]}")
        return f"{name.title()} completed."

    async def _plain(self, words: list[str]) -> list[str]:
        """User and password of AUTHENTICATE PLAIN, sent along (RFC 4959) or asked for (RFC 4616)."""
        if words[:1] != ["PLAIN"]:
            raise CommandRefused("Unsupported authentication mechanism.")
        if len(words) == 1:
            self._line("+ ")
            await self._writer.drain()
            words.append((await self._reader.readuntil(b"\n")).decode("ascii", "replace").strip())
        try:
            _, user, password = b64decode(words[1], validate=True).decode().split("\0")
        except ValueError:
            raise BadSyntax("not an answer of PLAIN") from None
        return [user, password]

    def _login(self, words: list[str]) -> str:
        good = [hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(words, self._account, strict=True)]
        if not all(good):
            raise CommandRefused("[AUTHENTICATIONFAILED] Authentication failed.")
        self._logged_in = True
        return f"[CAPABILITY {_AFTER}] Logged in"

    def _authenticate(self, words: list[str]) -> str:
        """PLAIN with an initial response (RFC 4616, 4959)."""
        try:
            _, user, password = b64decode(words[1], validate=True).decode().split("\0")
        except ValueError:
            raise BadSyntax("not a PLAIN response") from None
        if words[0].upper() != "PLAIN":
            raise CommandRefused("[AUTHENTICATIONFAILED] Only PLAIN.")
        return self._login([user, password])

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
            self._line('* LIST (\\Noselect) "." ""')
            return
        matcher = re.compile("".join(".*" if c in "*%" else re.escape(c) for c in pattern), re.IGNORECASE)
        for folder in self._mailbox.folders.values():
            if matcher.fullmatch(folder.name) and (folder.use or not only_special):
                attributes = f"\\HasNoChildren {folder.use}".strip()
                self._line(f'* LIST ({attributes}) "." {folder.name}')
                if wanted:
                    self._line(f"* STATUS {folder.name} ({_status_items(folder, wanted)})")

    def _status(self, arguments: list[Token]) -> None:
        folder = self._find(_words(arguments[:1], 1)[0])
        if len(arguments) != 2:
            raise BadSyntax("STATUS needs a list of items")
        self._line(f"* STATUS {folder.name} ({_status_items(folder, _upper(arguments[1]))})")

    def _examine(self, name: str) -> str:
        self._folder = None
        folder = self._folder = self._find(name)
        self._shown = list(folder.messages)
        self._line(f"* FLAGS ({_FLAGS})")
        self._line("* OK [PERMANENTFLAGS ()] Read-only mailbox.")
        self._line(f"* {len(self._shown)} EXISTS")
        self._line("* 0 RECENT")
        first = next((i for i, m in enumerate(folder.messages.values(), 1) if "\\Seen" not in m.flags), None)
        if first is not None:
            self._line(f"* OK [UNSEEN {first}] First unseen.")
        self._line(f"* OK [UIDVALIDITY {folder.validity}] UIDs valid")
        self._line(f"* OK [UIDNEXT {folder.next_uid}] Predicted next UID")
        self._line(f"* OK [HIGHESTMODSEQ {folder.change}] Highest")
        return "[READ-ONLY] Examine completed."

    def _search(self, arguments: list[Token]) -> None:
        """ALL, SINCE, BEFORE, UNSEEN, SEEN, ANSWERED and UID sets; several together narrow the result."""
        folder = self._examined()
        found = list(folder.messages.values())
        words = _flat(arguments)
        for word in words:
            key = word.upper()
            if key == "CHARSET":
                next(words, None)
            elif key in ("SINCE", "BEFORE"):
                try:
                    day = parse_date(next(words, ""))
                except ValueError:
                    raise BadSyntax(f"{key} needs a date") from None
                found = [m for m in found if (m.at.date() >= day) == (key == "SINCE")]
            elif key in ("UNSEEN", "SEEN", "ANSWERED", "UNANSWERED"):
                flag = "\\Seen" if key.endswith("SEEN") else "\\Answered"
                found = [m for m in found if (flag in m.flags) != key.startswith("UN")]
            elif key == "UID":
                named = set(uid_set(next(words, ""), list(folder.messages)))
                found = [m for m in found if m.uid in named]
            elif key != "ALL":
                raise BadSyntax(f"Unknown argument {key[:20]}")
        self._line("* SEARCH" + "".join(f" {m.uid}" for m in found))

    def _fetch(self, arguments: list[Token]) -> None:
        folder = self._examined()
        if len(arguments) < 2 or not isinstance(arguments[0], str):
            raise BadSyntax("FETCH needs messages and items")
        items = _items(arguments[1] if isinstance(arguments[1], list) else arguments[1:2])
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
            if message.change > since and uid in numbers:
                values = b" ".join(_value(message, item) for item in items)
                self._writer.write(b"* %d FETCH (%b)\r\n" % (numbers[uid], values))

    def _report_changes(self) -> None:
        """What came and went since the client last heard (RFC 3501 section 7.4.1: never during a plain FETCH)."""
        if self._folder is None:
            return
        for number in range(len(self._shown), 0, -1):
            if self._shown[number - 1] not in self._folder.messages:
                del self._shown[number - 1]
                self._line(f"* {number} EXPUNGE")
        newest = self._shown[-1] if self._shown else 0
        fresh = [uid for uid in self._folder.messages if uid > newest]
        if fresh:
            self._shown += fresh
            self._line(f"* {len(self._shown)} EXISTS")

    def _examined(self) -> Folder:
        if self._folder is None:
            raise BadSyntax("No mailbox selected")
        return self._folder

    def _find(self, name: str) -> Folder:
        folder = self._mailbox.folders.get("INBOX" if name.upper() == "INBOX" else name)
        if folder is None:
            raise CommandRefused("[NONEXISTENT] Mailbox doesn't exist.")
        return folder

    def _line(self, text: str) -> None:
        self._writer.write(text.encode() + b"\r\n")


def _status_items(folder: Folder, wanted: list[str]) -> str:
    values = {
        "MESSAGES": len(folder.messages),
        "RECENT": 0,
        "UIDNEXT": folder.next_uid,
        "UIDVALIDITY": folder.validity,
        "UNSEEN": folder.unseen(),
        "HIGHESTMODSEQ": folder.change,
    }
    unknown = [item for item in wanted if item not in values]
    if unknown:
        raise BadSyntax(f"Unknown STATUS item {unknown[0][:20]}")
    return " ".join(f"{item} {values[item]}" for item in wanted)


def _items(wanted: list[Token]) -> list[str | Section]:
    """The items to send for each message, UID always among them (RFC 3501 section 6.4.8)."""
    items: list[str | Section] = []
    for token in wanted:
        word = token.upper() if isinstance(token, str) else ""
        if word in ("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "MODSEQ"):
            items.append(word)
        elif word == "RFC822.HEADER":
            items.append(Section("RFC822.HEADER", "HEADER"))
        else:
            items.append(section(str(token)))
    return items if "UID" in items else ["UID", *items]


def _value(message: StoredMessage, item: str | Section) -> bytes:
    if isinstance(item, Section):
        match item.kind:
            case "HEADER":
                content = message.header
            case "TEXT":
                content = message.text
            case "HEADER.FIELDS":
                content = header_fields(message.header, item.names)
            case _:
                content = message.header + message.text
        if item.length is not None:
            content = content[item.origin : item.origin + item.length]
        return b"%b {%d}\r\n%b" % (item.label.encode(), len(content), content)
    values = {
        "UID": str(message.uid),
        "FLAGS": f"({' '.join(message.flags)})",
        "INTERNALDATE": f'"{internal_date(message.at)}"',
        "RFC822.SIZE": str(message.size),
        "MODSEQ": f"({message.change})",
    }
    return f"{item} {values[item]}".encode()


def _words(arguments: list[Token], count: int) -> list[str]:
    words = [argument for argument in arguments if isinstance(argument, str)]
    if len(words) != count or len(arguments) != count:
        raise BadSyntax(f"expected {count} arguments")
    return words


def _flat(arguments: list[Token]) -> Iterator[str]:
    for argument in arguments:
        if isinstance(argument, str):
            yield argument
        else:
            yield from _flat(argument)


def _upper(tokens: Token) -> list[str]:
    return [token.upper() for token in tokens if isinstance(token, str)] if isinstance(tokens, list) else []


def _sub(arguments: list[Token]) -> str:
    return arguments[0].upper() if arguments and isinstance(arguments[0], str) else ""
