"""A TCP proxy on loopback that a test can cut and mend: the server behind it goes on, unheard."""

import asyncio
import socket
import struct
from types import TracebackType
from typing import Self


class TcpProxy:
    """Forwards connections to `target` (port on 127.0.0.1) until `cut`, and again after `mend`."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self._cut = False
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cut()
        self._server.close()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Resets every connection and turns new ones away."""
        self._cut = True
        for writer in self._writers:
            # Linger 0: the peer sees a reset, as when a firewall forgets the connection.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self._writers.clear()

    def mend(self) -> None:
        """New connections are forwarded again."""
        self._cut = False

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers |= {writer, behind_writer}
        await asyncio.gather(self._pump(reader, behind_writer), self._pump(behind_reader, writer))
        self._writers -= {writer, behind_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()
