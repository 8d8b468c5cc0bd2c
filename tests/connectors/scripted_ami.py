"""A small AMI server on loopback that says what a test tells it to, and keeps every action it was sent."""

import asyncio
import hashlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

SECRET = "top-secret-4711"
READER = {"Ping": "Keepalive command.  (Priv: <none>)", "QueueStatus": "Show queue status.  (Priv: <none>)"}


def block(fields: dict[str, Any]) -> bytes:
    """One message on the wire."""
    return "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode() + b"\r\n"


@dataclass
class ScriptedAmi:
    """What it answers may be changed while it runs. `ahead`: its clock minus ours, in seconds."""

    banner: bytes = b"Asterisk Call Manager/11.0.0\r\n"
    challenge: bool = True
    ahead: float = 0.0
    uptime: int | None = 86_400
    pongs: bool = True
    entries: list[dict[str, Any]] = field(default_factory=list)
    channels: list[dict[str, Any]] | None = field(default_factory=list)
    loading: int = 0  # this many QueueStatus are answered as by an Asterisk without app_queue
    commands: dict[str, str] = field(default_factory=lambda: dict(READER))
    members: list[str] = field(default_factory=list)
    refusal: str | None = None
    port: int = 0
    wire: list[dict[str, str]] = field(default_factory=list)
    after_channels: Callable[[], bytes] | None = None
    logins: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _ready: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> float:
        """Its clock, epoch seconds."""
        return time.time() + self.ahead

    async def ready(self) -> None:
        """Until a client has logged in and asked for everything."""
        async with asyncio.timeout(10):
            await self._ready.wait()

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
        self._ready.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        writer.write(self.banner)
        nonce = "812734"
        try:
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode()
                asked = dict(line.split(": ", 1) for line in raw.strip().split("\r\n"))
                self.wire.append(asked)
                reply = self._answer(asked, nonce)
                writer.write(reply)
                name = asked["Action"]
                if name == "Logoff" or b"Authentication failed" in reply:
                    break
                if name == "Login":
                    self.logins += 1
                    self._writers.append(writer)
                if name == "CoreShowChannels":
                    self._ready.set()
                    if self.after_channels is not None:
                        writer.write(self.after_channels())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _answer(self, asked: dict[str, str], nonce: str) -> bytes:
        name, id_ = asked["Action"], asked.get("ActionID", "")
        if name == "Challenge":
            return self._reply(id_, self.challenge, Challenge=nonce) if self.challenge else self._reply(id_, False)
        if name == "Login":
            key = hashlib.md5((nonce + SECRET).encode(), usedforsecurity=False).hexdigest()
            good = asked.get("Key") == key if "Key" in asked else asked.get("Secret") == SECRET
            if self.refusal is not None:
                return self._reply(id_, False, Message=self.refusal)
            if not good:
                return self._reply(id_, False, Message="Authentication failed")
            booted = {"Event": "FullyBooted", "Privilege": "system,all", "Uptime": self.uptime}
            hello = self._reply(id_, True, Message="Authentication accepted")
            return hello + (block(booted) if self.uptime is not None else b"")
        if name == "Ping":
            return self._reply(id_, True, Ping="Pong", Timestamp=f"{self.now():.6f}") if self.pongs else b""
        if name == "QueueStatus":
            if self.loading > 0:
                self.loading -= 1
                return self._reply(id_, False, Message="Invalid/unknown command: QueueStatus. Use Action: ListCommands")
            queues = sorted({entry["Queue"] for entry in self.entries} | {"support"})
            rows = [{"Event": "QueueParams", "Queue": queue} for queue in queues]
            rows += [{"Event": "QueueMember", "Queue": "support", "Location": member} for member in self.members]
            return self._list(id_, "QueueStatusComplete", rows + [{"Event": "QueueEntry", **each} for each in self.entries])
        if name == "CoreShowChannels":
            if self.channels is None:
                return self._reply(id_, False, Message="Permission denied")
            return self._list(id_, "CoreShowChannelsComplete", [{"Event": "CoreShowChannel", **c} for c in self.channels])
        if name == "ListCommands":
            return self._reply(id_, True, **self.commands)
        return self._reply(id_, name == "Logoff", Message="Permission denied")

    def _reply(self, id_: str, good: bool, **fields: Any) -> bytes:
        return block({"Response": "Success" if good else "Error", "ActionID": id_, **fields})

    def _list(self, id_: str, end: str, rows: list[dict[str, Any]]) -> bytes:
        start = self._reply(id_, True, EventList="start")
        parts = b"".join(block({**row, "ActionID": id_}) for row in rows)
        return start + parts + block({"Event": end, "ActionID": id_, "EventList": "Complete", "ListItems": len(rows)})


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
