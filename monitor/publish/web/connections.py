"""The connections of the HTTP side: how many, how long a request's head may take, what is said to what is no HTTP.

Whoever can reach the port can open connections and send nothing. Their number is bounded, and where it is reached, the one
that has waited longest for a request makes room: a client that sends its request at once is served beside any number of others.
"""

import asyncio
import resource
import socket
import ssl
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Final

from aiohttp import web

from monitor import log
from monitor.publish.web.middleware import add_security_headers

#: The head of a request (its lines before the body) arrives within so many seconds of the connection, or of its first byte.
HEAD_SECONDS: Final = 10.0
#: A connection on which no further request comes is closed after so many seconds: longer than a scrape interval.
IDLE_SECONDS: Final = 75.0
MAX_CONNECTIONS: Final = 512
#: Accepting begins again so many seconds after the system had no descriptor or memory for a connection.
_PAUSE_SECONDS: Final = 1.0
#: Connections that the system holds until they are accepted; those of a flood beyond it try again after a second.
_BACKLOG: Final = 1024
_UNREADABLE: Final = (
    "the request cannot be read as HTTP: look for a method that there is not, for a carriage return at the end of a token, for "
    "other control characters in a header, and for lines of more than 8190 bytes\n"
)
_FAULT: Final = "a fault of the monitor: its log says where\n"


def most_connections() -> int:
    """How many at once: half of the descriptors of this process, at most MAX_CONNECTIONS."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, max(1, soft // 2))


class Connections:
    """Those that are open, of the `server` of an AppRunner that is set up."""

    def __init__(self, server: web.Server, *, most: int | None = None, head_seconds: float = HEAD_SECONDS) -> None:
        self.server = server
        self.head_seconds = head_seconds
        self._most = most_connections() if most is None else most
        self._open: set[Connection] = set()
        self._waiting: OrderedDict[Connection, None] = OrderedDict()  # for a request, longest first
        self._full = log.Seldom("web", "as many connections as may be: who waits longest for a request is disconnected")
        self.unreadable = log.Seldom("web", "a request that is no HTTP was refused")
        self.faults = log.Seldom("web", "a fault while answering")
        self._answer = server.request_handler
        server.request_handler = self._handle

    def admit(self) -> "Connection | None":
        """A place for another connection; None where every open one is being answered."""
        if len(self._open) >= self._most:
            self._full.warning(most=self._most)
            if not self._waiting:
                return None
            longest = next(iter(self._waiting))
            self.left(longest)
            longest.abort()
        connection = Connection(self)
        self._open.add(connection)
        self._waiting[connection] = None
        return connection

    def left(self, connection: "Connection") -> None:
        """It is closed, or about to be."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)

    def is_waiting(self, connection: "Connection") -> bool:
        """Whether no request is being answered on it."""
        return connection in self._waiting

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        assert isinstance(connection, Connection)
        self._waiting.pop(connection, None)
        connection.head_arrived()
        try:
            return await self._answer(request)
        finally:
            if connection in self._open:
                self._waiting[connection] = None


class Connection(web.RequestHandler):
    """One connection."""

    __slots__ = ("_connections", "_head_timer", "opening")

    def __init__(self, connections: Connections) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(connections.server, loop=loop, access_log=None, keepalive_timeout=IDLE_SECONDS)  # type: ignore[arg-type]
        self._connections = connections
        self._head_timer: asyncio.TimerHandle | None = None
        self.opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_timer is None and self._connections.is_waiting(self):
            self._await_head()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.head_arrived()
        self._connections.left(self)
        super().connection_lost(exc)

    def head_arrived(self) -> None:
        """The head is complete: from here on other limits hold."""
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def abort(self) -> None:
        """Closes it at once."""
        if self.transport is not None:
            self.transport.abort()
        elif self.opening is not None:
            self.opening.cancel()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The answer to what is no HTTP, and to a fault of ours. The error's own words quote the request: they go nowhere."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            text, places = _FAULT, [] if exc is None else log.where(exc)
            self._connections.faults.warning(status=status, kind=type(exc).__name__, where=places)
        else:
            text = _UNREADABLE
            self._connections.unreadable.warning(status=status, kind=type(exc).__name__, sender=request.remote)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun")
        response = web.Response(text=text, status=status)
        add_security_headers(response)
        response.force_close()
        return response

    def _await_head(self) -> None:
        self._head_timer = asyncio.get_running_loop().call_later(self._connections.head_seconds, self.abort)


class Listener:
    """Accepts connections on an address until it is closed."""

    def __init__(self, connections: Connections, tls: ssl.SSLContext | None = None) -> None:
        self._connections = connections
        self._tls = tls
        self._sockets: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._paused = log.Seldom("web", "connections cannot be accepted: paused")

    async def start(self, host: str | None, port: int) -> int:
        """Listens; the port, also where 0 let the system choose it. Raises OSError."""
        loop = asyncio.get_running_loop()
        # Only binds: asyncio's own accepting logs every failed attempt, thousands a second without descriptors.
        bound = await loop.create_server(asyncio.Protocol, host, port, start_serving=False)
        self._sockets = [each.dup() for each in bound.sockets]
        bound.close()
        for each in self._sockets:
            each.setblocking(False)
            each.listen(_BACKLOG)
            self._accepting.append(asyncio.create_task(self._accept(each), name="accept"))
        return int(self._sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stops listening. What is open stays so: the AppRunner closes it."""
        tasks = [*self._accepting, *self._opening]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in self._sockets:
            each.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(listening)
            except ConnectionAbortedError:  # gone before it was accepted
                continue
            except OSError as error:
                self._paused.warning(seconds=_PAUSE_SECONDS, error=error.strerror)
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            connection = self._connections.admit()
            if connection is None:
                accepted.close()
            else:
                connection.opening = asyncio.create_task(self._open(connection, accepted), name="connection")
                self._opening.add(connection.opening)
                connection.opening.add_done_callback(partial(self._opened, connection, accepted))
            await asyncio.sleep(0)  # a flood of connections leaves time to answer those that are open

    async def _open(self, connection: Connection, accepted: socket.socket) -> None:
        """Up to the end of the TLS handshake; a stranger who fails at it is no news."""
        loop, limit = asyncio.get_running_loop(), self._connections.head_seconds if self._tls is not None else None
        with suppress(OSError):
            await loop.connect_accepted_socket(lambda: connection, accepted, ssl=self._tls, ssl_handshake_timeout=limit)

    def _opened(self, connection: Connection, accepted: socket.socket, task: "asyncio.Task[None]") -> None:
        self._opening.discard(task)
        if connection.transport is None:  # refused, or cancelled before it began
            self._connections.left(connection)
            accepted.close()
