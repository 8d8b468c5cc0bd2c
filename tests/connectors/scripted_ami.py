"""The demo's AMI session with knobs: it shows what a test sets, fails as a test wants, and keeps every action it was sent."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from monitor.demo.ami_session import BANNER, COMMANDS, AmiSession, Headers, Message, wire

USERNAME = "monitor"
SECRET = "top-secret-4711"
READER = {name: f"{COMMANDS[name]}  (Priv: <none>)" for name in ("Ping", "QueueStatus")}


def fields(values: dict[str, Any]) -> Message:
    return [(key, str(value)) for key, value in values.items()]


def block(values: dict[str, Any]) -> bytes:
    """One message on the wire."""
    return wire(fields(values))


@dataclass
class ScriptedAmi:
    """What it answers may be changed while it runs. `ahead`: its clock minus ours, in seconds."""

    banner: bytes = BANNER
    challenge: bool = True
    ahead: float = 0.0
    uptime: int | None = 86_400
    pongs: bool = True
    entries: list[dict[str, Any]] = field(default_factory=list)
    channels: list[dict[str, Any]] | None = field(default_factory=list)
    loading: int = 0  # this many QueueStatus are answered as by an Asterisk without app_queue
    commands: dict[str, str] = field(default_factory=lambda: dict(READER))
    members: list[str] = field(default_factory=list)
    member: dict[str, Any] = field(default_factory=dict)  # what is listed of each of them
    refusal: str | None = None
    port: int = 0
    wire: list[dict[str, str]] = field(default_factory=list)
    after_channels: Callable[[], bytes] | None = None
    logins: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def now(self) -> float:
        """Its clock, epoch seconds."""
        return time.time() + self.ahead

    def send(self, data: bytes) -> None:
        """To every client."""
        for writer in self._writers:
            writer.write(data)

    def say(self, name: str, at: float | None = None, **fields: Any) -> None:
        """An event now, or at its moment `at` (epoch seconds)."""
        self.send(block({"Event": name, "Privilege": "call,all", "Timestamp": f"{at or self.now():.6f}", **fields}))

    def hang_up(self) -> None:
        """Closes every connection."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        session = _Session(self, writer)
        try:
            await session.run(reader)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def logged_in(self, writer: asyncio.StreamWriter) -> None:
        """A client gets events from now on."""
        self.logins += 1
        self._writers.append(writer)


class _Session(AmiSession):
    """Answers as the knobs of its server say."""

    def __init__(self, server: ScriptedAmi, writer: asyncio.StreamWriter) -> None:
        super().__init__(USERNAME, SECRET, writer)
        self._server = server
        self.banner = server.banner

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._server.now(), UTC)

    def uptime(self) -> int | None:
        return self._server.uptime

    def commands(self) -> dict[str, str]:
        return self._server.commands

    def logged_in(self) -> None:
        self._server.logged_in(self.writer)

    def received(self, pairs: Message) -> bool:
        self._server.wire.append(dict(pairs))
        return super().received(pairs)

    def execute(self, action: str, headers: Headers) -> bool:
        server = self._server
        if action == "challenge" and not server.challenge:
            self.answer(headers, "Error")
        elif action == "login" and server.refusal is not None:
            self.answer(headers, "Error", ("Message", server.refusal))
        elif action == "ping" and not server.pongs:
            pass
        elif action == "queuestatus" and server.loading > 0:
            server.loading -= 1
            self.answer(headers, "Error", ("Message", "Invalid/unknown command: QueueStatus. Use Action: ListCommands"))
        elif action == "coreshowchannels" and server.channels is None:
            self.deny(headers)
        elif not super().execute(action, headers):
            return False
        if action == "coreshowchannels" and server.after_channels is not None:
            self.writer.write(server.after_channels())
        return True

    def rows(self, action: str, headers: Headers) -> Iterator[Message]:
        server = self._server
        if action == "coreshowchannels":
            return (fields({"Event": "CoreShowChannel", **each}) for each in server.channels or ())
        queues = sorted({entry["Queue"] for entry in server.entries} | {"support"})
        shown = [{"Event": "QueueParams", "Queue": queue} for queue in queues]
        shown += [{"Event": "QueueMember", "Queue": "support", "Location": member, **server.member} for member in server.members]
        return (fields(each) for each in shown + [{"Event": "QueueEntry", **each} for each in server.entries])


@asynccontextmanager
async def listening(ami: ScriptedAmi, tls: ssl.SSLContext | None = None) -> AsyncIterator[ScriptedAmi]:
    """Serves on a port the system chooses, or on the one it had before."""
    server = await asyncio.start_server(ami.serve, "127.0.0.1", ami.port, ssl=tls)
    ami.port = server.sockets[0].getsockname()[1]
    try:
        yield ami
    finally:
        server.close()
        ami.hang_up()
        await server.wait_closed()
