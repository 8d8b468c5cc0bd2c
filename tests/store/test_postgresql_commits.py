"""A commit whose answer is lost with the connection: what was done is not done again, what was not done is."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Thread

import pytest

from monitor.errors import StoreUnavailable
from monitor.store.base import Store
from monitor.store.engines import postgresql as engine
from tests.servers.postgresql import REAL_SERVER, Postgresql

pytestmark = REAL_SERVER

Open = Callable[[str], Store]


def add_one(store: Store) -> None:
    """What has no cursor to protect it: the daemon's own counters."""
    with store.transaction("pbx") as unit:
        unit.add_totals({("m", ()): 1.0})


class Interceptor:
    """Forwards to a server, and loses the connection at the client's next COMMIT: on the way there or on the way back.

    When it is lost on the way there, the server does not hear of it: it waits for a client that is gone.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.lose: str | None = None  # "request" or "answer"
        self._withheld = False  # the next answer is lost
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._sockets = [self._listener]
        self._threads: list[Thread] = []
        self._start(self._accept)

    def turn_away(self) -> None:
        """No new connections from now on."""
        self._listener.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        self._threads.append(Thread(target=work, args=arguments))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                self._start(self._to_server, client, server)
                self._start(self._to_client, server, client)

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if b"; COMMIT" in data:
                    lost, self.lose = self.lose, None
                    if lost == "request":
                        client.shutdown(socket.SHUT_RDWR)
                        return
                    self._withheld = lost == "answer"
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _to_client(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self._withheld:  # the server has done it
                    self._withheld = False
                    break
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def interceptor(postgresql: Postgresql) -> Iterator[Interceptor]:
    made = Interceptor(postgresql.port)
    yield made
    made.close()


class TestACommitWhoseAnswerIsLost:
    @pytest.fixture
    def store(self, postgresql_url: str, interceptor: Interceptor, open_sql: Open) -> Store:
        return open_sql(re.sub(r":\d+/", f":{interceptor.port}/", postgresql_url))

    def test_that_was_done_counts_once(self, store: Store, interceptor: Interceptor) -> None:
        add_one(store)
        interceptor.lose = "answer"
        add_one(store)  # no error: it is stored
        assert interceptor.lose is None
        add_one(store)
        assert store.totals() == {("m", ()): 3.0}

    def test_that_was_not_done_is_offered_again(self, store: Store, interceptor: Interceptor) -> None:
        add_one(store)
        interceptor.lose = "request"
        with pytest.raises(StoreUnavailable):
            add_one(store)
        assert interceptor.lose is None
        add_one(store)
        assert store.totals() == {("m", ()): 2.0}

    def test_and_that_nobody_can_be_asked_about_is_unavailable(
        self, store: Store, interceptor: Interceptor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_one(store)
        monkeypatch.setattr(engine, "OUTCOME_SECONDS", 0.0)
        interceptor.turn_away()
        interceptor.lose = "request"
        with pytest.raises(StoreUnavailable, match="outcome is not known"):
            add_one(store)
