"""A small IMAP server on loopback with knobs: for what a real one cannot be made to do. Keeps every command it was sent."""

import base64
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedReader

PASSWORD = "open-sesame-7"


@dataclass
class ScriptedImap:
    """What it answers may be changed while it runs."""

    before: str = "IMAP4rev1 SASL-IR AUTH=PLAIN"
    after: str = "IMAP4rev1 SASL-IR AUTH=PLAIN SPECIAL-USE LIST-EXTENDED LIST-STATUS"
    greeting: bytes = b"* OK ready\r\n"
    folders: dict[str, str] = field(default_factory=lambda: {"INBOX": "", "Sent": r"\Sent"})
    mails: dict[str, dict[int, bytes]] = field(default_factory=dict)  # folder -> UID -> headers, blank line, text
    validity: int = 7
    poison: set[int] = field(default_factory=set)  # fetching one of these cuts the connection
    refused: set[int] = field(default_factory=set)  # a FETCH with one of these ends in NO
    refusal: bytes = b"NO [AUTHENTICATIONFAILED] no"
    answers: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)  # verb -> whole answer, given the tag
    last: str = ""  # after answering this verb it closes the connection
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def verbs(self) -> list[str]:
        """The commands without their arguments."""
        return [" ".join(c.split()[: 2 if c.startswith("UID") else 1]) for c in self.commands]

    def serve(self, conn: socket.socket) -> None:
        """One connection from greeting to end."""
        self.connections += 1
        with conn, conn.makefile("rb") as file:
            conn.sendall(self.greeting)
            while line := self._command(conn, file):
                tag, _, command = line.partition(b" ")
                text = command.decode()
                self.commands.append(text)
                verb = self.verbs()[-1]
                answer = self.answers[verb](tag) if verb in self.answers else self._answer(tag, verb, text)
                if answer is None:
                    return
                conn.sendall(answer)
                if verb in ("LOGOUT", self.last):
                    return

    def _command(self, conn: socket.socket, file: BufferedReader) -> bytes:
        line = file.readline().rstrip(b"\r\n")
        while literal := re.search(rb"\{(\d+)\}$", line):
            conn.sendall(b"+ go on\r\n")
            line = line[: literal.start()] + b"<" + file.read(int(literal[1])) + b">" + file.readline().rstrip(b"\r\n")
        return line

    def _answer(self, tag: bytes, verb: str, text: str) -> bytes | None:
        ok = tag + b" OK done\r\n"
        if verb == "CAPABILITY":
            known = self.after if "LOGIN" in self.verbs() or "AUTHENTICATE" in self.verbs() else self.before
            return b"* CAPABILITY " + known.encode() + b"\r\n" + ok
        if verb in ("LOGIN", "AUTHENTICATE"):
            return ok if self._knows(text) else tag + b" " + self.refusal + b"\r\n"
        if verb == "LIST":
            return b"".join(self._listed(name, "STATUS" in text) for name in self.folders) + ok
        if verb == "STATUS":
            return self._status(text.split('"')[1]) + ok
        if verb == "EXAMINE":
            self._open = text.split('"')[1]
            top = f"* OK [UIDVALIDITY {self.validity}] v\r\n* OK [UIDNEXT {self._next(self._open)}] n\r\n"
            return top.encode() + tag + b" OK [READ-ONLY] done\r\n"
        if verb == "UID SEARCH":
            found = " ".join(str(u) for u in self.mails.get(self._open, {}))
            return f"* SEARCH {found}\r\n".encode() + ok
        if verb == "UID FETCH":
            return self._fetched(tag, text)
        return ok

    def _knows(self, text: str) -> bool:
        packed = text.split()[-1]
        with suppress(ValueError):
            return base64.b64decode(packed, validate=True).decode().endswith("\0" + PASSWORD)
        return PASSWORD in text

    def _next(self, folder: str) -> int:
        return max(self.mails.get(folder, {}), default=0) + 1

    def _listed(self, name: str, status: bool) -> bytes:
        use = self.folders[name] if "SPECIAL-USE" in self.after else ""
        return f'* LIST ({use}) "/" "{name}"\r\n'.encode() + (self._status(name) if status else b"")

    def _status(self, name: str) -> bytes:
        mails = self.mails.get(name, {})
        return f'* STATUS "{name}" (MESSAGES {len(mails)} UIDNEXT {self._next(name)} UIDVALIDITY {self.validity})\r\n'.encode()

    def _fetched(self, tag: bytes, text: str) -> bytes | None:
        out = b""
        asked = [(int(a), int(b or a)) for a, b in re.findall(r"(\d+)(?::(\d+))?", text.split()[2])]
        done = b" OK done\r\n"
        for uid, raw in self.mails[self._open].items():
            if not any(a <= uid <= b for a, b in asked):
                continue
            if uid in self.poison:
                return None
            if uid in self.refused:
                done = b" NO [SERVERBUG] not this one\r\n"
                continue
            head, _, body = raw.partition(b"\r\n\r\n")
            part, data = (b"BODY[TEXT]<0>", body) if "[TEXT]" in text else (b"BODY[HEADER.FIELDS (FROM)]", head + b"\r\n\r\n")
            out += b'* 1 FETCH (UID %d FLAGS (\\Seen) INTERNALDATE "18-Nov-2026 10:00:00 +0000" ' % uid
            out += part + b" {%d}\r\n" % len(data) + data + b")\r\n"
        return out + tag + done


@contextmanager
def scripted_imap(server: ScriptedImap) -> Iterator[ScriptedImap]:
    """Runs it until the block ends; each connection in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        open_now: list[socket.socket] = []
        threads: list[threading.Thread] = []

        def accept() -> None:
            while True:
                try:
                    conn, _ = listener.accept()
                except OSError:
                    return
                open_now.append(conn)
                threads.append(threading.Thread(target=handle, args=(conn,)))
                threads[-1].start()

        def handle(conn: socket.socket) -> None:
            with suppress(OSError):
                server.serve(conn)

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for conn in open_now:
                with suppress(OSError):
                    conn.shutdown(socket.SHUT_RDWR)
            for thread in (acceptor, *threads):
                thread.join(5)
