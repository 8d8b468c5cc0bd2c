"""Where chats, pagers and mail servers would be: loopback HTTP and SMTP that keep every message they are given."""

import asyncio
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Self

from aiohttp import web


class MessageSink:
    """`posted`: path -> bodies of POSTs there. `mailed`: recipient -> mails to them. Both in the order of their coming."""

    def __init__(self, status: int = 202) -> None:
        """`status`: what every POST is answered with."""
        self._status = status
        self.http = ""
        self.smtp = ""
        self.posted: dict[str, list[Any]] = {}
        self.mailed: dict[str, list[EmailMessage]] = {}
        self._arrived = asyncio.Condition()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take_post)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.http = "{}:{}".format(*self._runner.addresses[0][:2])
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.smtp = "{}:{}".format(*self._server.sockets[0].getsockname()[:2])
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
        await self._runner.cleanup()

    async def until(self, come: Callable[[], bool], within: float = 60.0) -> None:
        """Returns once `come()` is true, asked anew with each message. Raises TimeoutError."""
        async with asyncio.timeout(within), self._arrived:
            await self._arrived.wait_for(come)

    async def _take_post(self, request: web.Request) -> web.Response:
        self.posted.setdefault(request.match_info["path"], []).append(await request.json())
        await self._tell()
        return web.Response(text="ok", status=self._status)

    async def _tell(self) -> None:
        async with self._arrived:
            self._arrived.notify_all()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As much of SMTP (RFC 5321) as a client without TLS and login needs."""
        recipients: list[str] = []
        writer.write(b"220 sink\r\n")
        try:
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"MAIL":
                    recipients = []
                if verb == b"RCPT":
                    recipients.append(line.decode().partition("<")[2].partition(">")[0])
                if verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    body = await reader.readuntil(b"\r\n.\r\n")
                    message = message_from_bytes(body[:-3].replace(b"\r\n..", b"\r\n."), policy=default)
                    for recipient in recipients:
                        self.mailed.setdefault(recipient, []).append(message)
                    await self._tell()
                writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 well\r\n")
        except ConnectionError:
            pass  # gone without a word
        finally:
            writer.close()
