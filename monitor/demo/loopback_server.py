"""A TCP server on 127.0.0.1 with a task for each client: what the demo's AMI and IMAP servers have in common."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress


class LoopbackServer:
    """Listens on a port the system chooses. Subclasses serve one client in `serve`."""

    #: The longest line or message a client may send, in bytes.
    limit = 65_536

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Awaitable[None]:
        """One client, until it leaves or is refused; the connection is closed afterwards."""
        raise NotImplementedError

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=self.limit)

    @property
    def port(self) -> int:
        """Where it listens; only after `start`."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Stop listening and close all connections."""
        if self._server is not None:
            self._server.close()
        for client in tuple(self._clients):
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            # The client went, sent nonsense without end, or the demo stops: no answer is possible.
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
                await self.serve(reader, writer)
        finally:
            writer.close()
            self._clients.discard(task)
