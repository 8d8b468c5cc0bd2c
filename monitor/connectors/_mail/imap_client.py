"""IMAP over a blocking socket, for reading only: the few commands a monitor needs, pipelined (RFC 9051, 5819, 6154).

Only CAPABILITY, STARTTLS, LOGIN or AUTHENTICATE, NOOP, LIST, STATUS, EXAMINE, UID SEARCH, UID FETCH with PEEK and LOGOUT
are ever sent. Runs in threads; every wait has a time-out. Why no library: docs/decisions/imap-client.md.
"""

import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from io import BufferedReader
from typing import Final

from monitor.connectors._mail.headers import MAX_HEADERS
from monitor.connectors._mail.imap_responses import (
    Answer,
    Fetched,
    Folder,
    Line,
    Opened,
    fetched,
    listed,
    mark_key,
    oauthbearer,
    put_off,
    quotable,
    quoted,
    search_criteria,
    statuses,
    uid_sets,
    xoauth2,
)
from monitor.connectors._reaching import Tls, speaks_no_tls, why
from monitor.errors import AuthError, SourceError, TransientError

_MAX_LINE: Final = 8_388_608  # a SEARCH answer of a million messages is one line
_MAX_DISCARD: Final = 67_108_864  # a literal larger than this is not worth waiting for
_MAX_UNTAGGED: Final = 200_000  # lines of one answer
_LITERAL_SIZE: Final = 20  # characters of `{123456789012+}`, at most, at the end of a line
_LITERAL: Final = re.compile(rb"\{(\d{1,12})\+?\}\r?\n\Z")
_CODE: Final = re.compile(rb"\[(UIDVALIDITY|UIDNEXT) (\d{1,20})\]", re.IGNORECASE)
_PASSING: Final = re.compile(
    rb"\[(?:UNAVAILABLE|SERVERBUG|INUSE|LIMIT|OVERQUOTA)|too many|maximum number|try again|temporar", re.IGNORECASE
)


class Dropped(TransientError):
    """The server closed the connection in the middle of an answer."""


@dataclass(frozen=True)
class Server:
    """Where and how to reach the server. `timeout` in seconds holds for each single wait."""

    host: str
    port: int
    tls: Tls
    ca_file: str | None
    timeout: float


class ImapSession:
    """One connection, logged in by `login`. Not for use from two threads at a time; `abort` may come from any."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sock: socket.socket | None = None
        self._file: BufferedReader | None = None
        self._count = 0
        self._waiting: set[bytes] = set()
        self._lines: list[Line] = []
        self._answers: dict[bytes, Answer] = {}
        self._open = False
        self.capabilities: frozenset[bytes] = frozenset()

    # connecting

    def connect(self) -> None:
        """Connects, secures the line and reads the greeting. Raises TransientError (reason tls for certificates)."""
        server = self._server
        try:
            self._sock = socket.create_connection((server.host, server.port), server.timeout)
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if server.tls == "implicit":
                self._secure()
            self._file = self._sock.makefile("rb")
        except OSError as error:
            self.abort()
            raise _named(error, f"cannot connect to {server.host}:{server.port}") from error
        greeting, _ = self._greeting()
        if greeting[:5].upper() == b"* BYE":
            self.abort()
            raise TransientError("the server refuses to talk to us")
        if greeting[:4].upper() != b"* OK":
            raise self._broken("this is no IMAP server")
        self._ask_capabilities()
        if server.tls == "starttls":
            self._start_tls()

    def _greeting(self) -> Line:
        """What the server says first. To a client that speaks in clear a port of TLS says nothing."""
        try:
            return self._line()
        except TransientError as error:
            if self._server.tls == "implicit":
                raise
            where = f"{self._server.host}:{self._server.port}"
            text = f"{where} sent no greeting; if this is its port of TLS, set tls to implicit"
            raise TransientError(text, reason=error.reason) from error

    def _secure(self) -> None:
        if self._sock is None:
            raise Dropped("not connected")
        context = ssl.create_default_context(cafile=self._server.ca_file)
        self._sock = context.wrap_socket(self._sock, server_hostname=self._server.host)

    def _start_tls(self) -> None:
        """STARTTLS, then the capabilities anew. Raises TransientError."""
        if b"STARTTLS" not in self.capabilities:
            self.abort()
            raise TransientError(
                "the server offers no STARTTLS: set tls to implicit, or to none on a network you trust", reason="tls"
            )
        if not self.command("STARTTLS").ok:
            self.abort()
            raise TransientError("the server refused STARTTLS", reason="tls")
        file = self._file
        # What came before the handshake was said by anybody (RFC 9051 section 11.3).
        if file is None or self._buffered(file):
            raise self._broken("the server talks on in clear after STARTTLS")
        try:
            file.close()
            self._secure()
            assert self._sock is not None
            self._file = self._sock.makefile("rb")
        except OSError as error:
            self.abort()
            raise _named(error, "TLS could not be started") from error
        self._ask_capabilities()

    def _buffered(self, file: BufferedReader) -> bool:
        assert self._sock is not None
        self._sock.setblocking(False)
        try:
            return bool(file.peek(1))
        finally:
            self._sock.settimeout(self._server.timeout)

    def login(self, username: str, password: str) -> None:
        """Raises AuthError when the server refuses them, TransientError when it says to come back."""
        if b"AUTH=PLAIN" in self.capabilities:
            packed = b64encode(f"\0{username}\0{password}".encode()).decode()
            if b"SASL-IR" in self.capabilities:
                answer = self.command(f"AUTHENTICATE PLAIN {packed}")
            else:
                answer = self._continued("AUTHENTICATE PLAIN", [packed.encode()])
        elif b"LOGINDISABLED" in self.capabilities:
            raise AuthError("the server allows no login on this connection: it wants TLS")
        elif quotable(username) and quotable(password):
            answer = self.command(f"LOGIN {quoted(username)} {quoted(password)}")
        else:
            user, word = username.encode(), password.encode()
            answer = self._continued(f"LOGIN {{{len(user)}}}", [user + b" {%d}" % len(word), word])
        if not answer.ok:
            self.abort()
            if _PASSING.search(answer.text):
                raise TransientError("the server puts the login off: too many connections, or it is not ready")
            raise AuthError("the server does not accept this username and password")
        self._ask_capabilities()  # the list changes at login (FACTS section 1)

    def authenticate(self, username: str, token: str, remedy: str) -> None:
        """Logs in by an OAuth token. Raises AuthError with `remedy` when it is refused, TransientError when to come back."""
        if b"AUTH=XOAUTH2" in self.capabilities:
            mechanism, words, farewell = "XOAUTH2", xoauth2(username, token), b""
        elif b"AUTH=OAUTHBEARER" in self.capabilities:
            words = oauthbearer(username, self._server.host, self._server.port, token)
            mechanism, farewell = "OAUTHBEARER", b"AQ=="
        else:
            self.abort()
            raise AuthError("the server takes no tokens here (neither XOAUTH2 nor OAUTHBEARER): give a password instead of auth")
        # A server may say why it refuses as one more question, and waits for the answer that ends it.
        if b"SASL-IR" in self.capabilities:
            answer = self._continued(f"AUTHENTICATE {mechanism} {words.decode()}", [farewell])
        else:
            answer = self._continued(f"AUTHENTICATE {mechanism}", [words, farewell])
        if not answer.ok:
            self.abort()
            if _PASSING.search(answer.text):
                raise TransientError("the server puts the login off: too many connections, or it is not ready")
            raise AuthError(f"the server does not accept the token for this mailbox: {remedy}")
        self._ask_capabilities()

    def _continued(self, command: str, parts: Iterable[bytes]) -> Answer:
        """A command whose parts the server asks for one by one (`+`)."""
        tag = self._send(command)
        for part in parts:
            while not (line := self._line())[0].startswith(b"+"):
                self._assign(*line)
                if tag in self._answers:
                    return self._result(tag)
            self._write(part + b"\r\n")
        return self._result(tag)

    def _ask_capabilities(self) -> None:
        answer = self.command("CAPABILITY")
        for line, _ in answer.lines:
            words = line.upper().split()
            if words[1:2] == [b"CAPABILITY"]:
                self.capabilities = frozenset(words[2:])

    # reading

    def folders(self, changes: bool = False) -> list[Folder]:
        """All folders with their change marks; one round trip where the server has LIST-STATUS.

        `changes`: ask for the mark that moves with each change of a flag as well, where the server has one.
        """
        if self._open:
            # STATUS of the folder that is open may be old otherwise (FACTS section 1); Dovecot answers a pipelined one too late.
            self.command("NOOP")
        use = "SPECIAL-USE " if b"SPECIAL-USE" in self.capabilities else ""
        marks = "MESSAGES UIDNEXT UIDVALIDITY" + (" HIGHESTMODSEQ" if changes and b"CONDSTORE" in self.capabilities else "")
        if b"LIST-STATUS" in self.capabilities:
            listing = self._send(f'LIST "" "*" RETURN ({use}STATUS ({marks}))')
        elif use and b"LIST-EXTENDED" in self.capabilities:
            listing = self._send('LIST "" "*" RETURN (SPECIAL-USE)')
        else:
            listing = self._send('LIST "" "*"')
        answer = self._result(listing)
        if not answer.ok:
            raise self._broken("the server refused LIST")
        folders = listed(answer)
        lines = answer.lines
        if b"LIST-STATUS" not in self.capabilities:
            opening = [f.name for f in folders if not f.attributes & {"noselect", "nonexistent"}]
            tags = [self._send(f"STATUS {quoted(name)} ({marks})") for name in opening]
            lines = [line for tag in tags for line in self._result(tag).lines]
        told = statuses(lines)
        return [f._replace(**told.get(mark_key(f.name.encode("latin-1")), {})) for f in folders]

    def examine(self, folder: str) -> Opened | None:
        """Opens a folder read-only; None when the server does not let us. Raises TransientError."""
        answer = self.command(f"EXAMINE {quoted(folder)}")
        if not answer.ok:
            return None
        self._open = True
        codes = {m[1].upper(): int(m[2]) for line, _ in answer.lines for m in _CODE.finditer(line)}
        validity = codes.get(b"UIDVALIDITY")
        if validity is None:
            return None
        return Opened(validity, codes.get(b"UIDNEXT"), b"[READ-ONLY]" in answer.text.upper())

    def uids(self, first: int, since: date | None) -> list[int]:
        """UIDs from `first` on, ascending; with `since` only messages that arrived on that day or later."""
        [found] = self.search([search_criteria(first, since)])
        return [uid for uid in found if uid >= first]  # `n:*` always holds the last message

    def search(self, criteria: Iterable[str]) -> list[list[int]]:
        """The UIDs of the messages of the open folder that each of the criteria describes, ascending."""
        found = []
        for tag in [self._send(f"UID SEARCH {each}") for each in criteria]:
            answer = self._result(tag)
            if not answer.ok:
                raise self._broken("the server refused UID SEARCH")
            uids = {
                int(w)
                for line, _ in answer.lines
                if line[:8].upper() == b"* SEARCH"
                for w in line.split()[2:]
                if w.isdigit() and len(w) <= 20
            }
            found.append(sorted(uids))
        return found

    def send_fetch(self, uids: Sequence[int], items: str) -> list[bytes]:
        """Asks for `items` of these messages and does not wait; `fetched` reads the answer."""
        return [self._send(f"UID FETCH {part} {items}") for part in uid_sets(uids)]

    def fetched(self, tags: Iterable[bytes]) -> tuple[list[Fetched], bool]:
        """The messages, and whether the server gave all it has. Raises Dropped when it closed the connection instead."""
        found: list[Fetched] = []
        complete = True
        for tag in tags:
            answer = self._result(tag)
            complete = complete and (answer.ok or b"EXPUNGEISSUED" in answer.text.upper())
            for line, literals in answer.lines:
                message = fetched(line, literals)
                if message is not None:
                    found.append(message)
        return found, complete

    # the wire

    def command(self, text: str) -> Answer:
        """Sends one command and waits for its completion."""
        return self._result(self._send(text))

    def _send(self, text: str) -> bytes:
        self._count += 1
        tag = b"m%d" % self._count
        self._waiting.add(tag)
        self._write(tag + b" " + text.encode("latin-1") + b"\r\n")
        return tag

    def _write(self, data: bytes) -> None:
        if self._sock is None:
            raise Dropped("the connection is closed")
        try:
            self._sock.sendall(data)
        except OSError as error:
            self.abort()
            raise _named(error, "the connection broke") from error

    def _result(self, tag: bytes) -> Answer:
        """Reads on until `tag` is completed. Servers may complete commands in another order than they were sent."""
        while tag not in self._answers:
            self._assign(*self._line())
        answer = self._answers.pop(tag)
        error = None if answer.ok else put_off(answer.text)
        if error is not None:
            self.abort()
            raise error
        return answer

    def _assign(self, line: bytes, literals: Sequence[bytes | None]) -> None:
        tag, _, status = line.partition(b" ")
        if tag in self._waiting:
            self._waiting.remove(tag)
            self._answers[tag] = Answer(status[:2].upper() == b"OK", status, self._lines)
            self._lines = []
        elif line[:5].upper() == b"* BYE":
            raise self._dropped()
        elif line[:2] != b"* ":
            raise self._broken("the server says what was not asked for")
        else:
            self._lines.append((line, literals))
            if len(self._lines) > _MAX_UNTAGGED:
                raise self._broken("the server's answer has no end")

    def _line(self) -> Line:
        """One response, with its literals taken out of the text."""
        file = self._file
        if file is None:
            raise Dropped("the connection is closed")
        try:
            line = file.readline(_MAX_LINE)
            if line[-3:] != b"}\r\n" and line[-1:] == b"\n":
                return line, ()
            literals: list[bytes | None] = []
            text = line
            while match := _LITERAL.search(line, max(0, len(line) - _LITERAL_SIZE)):
                literals.append(self._literal(file, int(match[1])))
                line = file.readline(_MAX_LINE)
                text = text[: -len(match[0])] + b"{}" + line if len(text) < _MAX_LINE else text
        except OSError as error:
            self.abort()
            raise _named(error, "no answer") from error
        except ValueError as error:  # another thread has closed the file
            raise Dropped("the connection is closed") from error
        if line[-1:] != b"\n":
            raise self._broken("a line without end") if len(line) >= _MAX_LINE else self._dropped()
        return text, literals

    def _literal(self, file: BufferedReader, size: int) -> bytes | None:
        if size <= MAX_HEADERS:
            data = file.read(size)
            if len(data) < size:
                raise self._dropped()
            return data
        if size > _MAX_DISCARD:
            raise self._broken("the server announces more than we are willing to read")
        while size > 0:
            piece = file.read(min(size, 65_536))
            if not piece:
                raise self._dropped()
            size -= len(piece)
        return None

    def _dropped(self) -> Dropped:
        self.abort()
        return Dropped("the server closed the connection")

    def _broken(self, message: str) -> TransientError:
        self.abort()
        return TransientError(message, reason="protocol")

    # ending

    @property
    def alive(self) -> bool:
        """Whether there is a connection, as far as we know."""
        return self._sock is not None

    def logout(self) -> None:
        """Leaves politely where that is possible at once."""
        with suppress(SourceError):
            self.command("LOGOUT")
        self.abort()

    def abort(self) -> None:
        """Closes the connection; a thread that waits on it is woken."""
        sock, file = self._sock, self._file
        self._sock = self._file = None
        self._waiting.clear()
        self._answers.clear()
        self._lines = []
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        if file is not None:
            with suppress(OSError, ValueError):
                file.close()


def _named(error: OSError, doing: str) -> TransientError:
    """What went wrong on the line, as one of our errors, without any text of the other side but the certificate's fault."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return TransientError(f"{doing}: the server's certificate is not accepted ({error.verify_message})", reason="tls")
    if isinstance(error, TimeoutError):
        return TransientError(f"{doing}: the server does not answer", reason="timeout")
    if isinstance(error, ssl.SSLError) and speaks_no_tls(error):
        return TransientError(f"{doing}: {why(error)}; set tls to starttls or none, or port to that of TLS", reason="tls")
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return TransientError(f"{doing}: TLS failed ({error.reason})", reason="tls")
    if isinstance(error, ConnectionError | ssl.SSLError) and not isinstance(error, ConnectionRefusedError):
        return Dropped(f"{doing}: the connection was closed")
    return TransientError(f"{doing}: {why(error)}")
