"""Connections of strangers, over real sockets: what is no HTTP, heads that never end, more than may be."""

import asyncio
import errno
import json
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from monitor.publish.web.connections import MAX_CONNECTIONS, Connections, Listener, most_connections
from monitor.publish.web.server import make_app
from tests.publish.web.fakes import FakeServices

HALF = b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n"
WHOLE = HALF + b"\r\n"
LAST = HALF + b"Connection: close\r\n\r\n"
LONG = 3600.0  # nothing in a test takes so long
NUMBER = b"+442079460000"

CERTIFICATE = Path(__file__).parents[2] / "connectors" / "certificates" / "valid.pem"

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Stream]]


@asynccontextmanager
async def listening(
    services: FakeServices, *, most: int = 50, head_seconds: float = LONG, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Connect]:
    """How to connect to the application. Ends what is still open, and does not wait for a minute."""
    runner = web.AppRunner(make_app(services), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    assert runner.server is not None
    listener = Listener(Connections(runner.server, most=most, head_seconds=head_seconds), tls)
    port = await listener.start("127.0.0.1", 0)
    async with AsyncExitStack() as opened, asyncio.timeout(60):

        async def connect() -> Stream:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            opened.callback(lambda: writer.transport.abort())  # keeps the writer
            return reader, writer

        try:
            yield connect
        finally:
            await listener.close()
            await runner.cleanup()


def certified() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


async def answer(stream: Stream) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer. Raises IncompleteReadError where there is none."""
    head = (await stream[0].readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return int(head[0].split()[1]), headers, await stream[0].readexactly(int(headers["content-length"]))


async def asked(connect: Connect, request: bytes = LAST) -> tuple[int, dict[str, str], bytes]:
    stream = await connect()
    stream[1].write(request)
    return await answer(stream)


async def is_closed(stream: Stream) -> bool:
    """Waits for the other side to close; whether it did so without a word."""
    try:
        return await stream[0].read() == b""
    except ConnectionError:
        return True


class TestWhatIsNoHttp:
    @pytest.mark.parametrize(
        "request_",
        [
            b"POST /api/v1/events HTTP/1.1\r\nAuthorization: Bearer " + NUMBER + b"\r\r\n\r\n",
            NUMBER + b"\r\n\r\n",
            b"GET /" + NUMBER * 1000 + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: " + NUMBER * 1000 + b"\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + NUMBER + b"\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01" + NUMBER + b"\r\n\r\n",
        ],
        ids=["a carriage return in a token", "no request", "a long address", "a long header", "no header", "a TLS greeting"],
    )
    async def test_is_answered_in_our_words_and_logged_without_its_own(self, services: FakeServices, request_: bytes):
        with capture_logs() as logs:
            async with listening(services) as connect:
                stream = await connect()
                stream[1].write(request_)
                status, headers, body = await answer(stream)
                assert await is_closed(stream)
        assert status == 400
        assert body.startswith(b"the request cannot be read as HTTP")
        assert (headers["server"], headers["x-frame-options"]) == ("contact-monitor", "DENY")
        [line] = logs
        assert (line["event"], line["sender"]) == ("a request that is no HTTP was refused", "127.0.0.1")
        assert NUMBER.decode() not in json.dumps(logs)

    async def test_a_flood_is_one_line(self, services: FakeServices):
        with capture_logs() as logs:
            async with listening(services) as connect:
                assert {(await asked(connect, b"\0\r\n\r\n"))[0] for _ in range(40)} == {400}
        assert len(logs) == 1

    @pytest.mark.parametrize(
        ("header", "body"),
        [
            (b"Transfer-Encoding: chunked", NUMBER + b"\r\n"),
            (b"Content-Encoding: gzip\r\nContent-Length: 13", NUMBER),
        ],
    )
    async def test_a_damaged_body_is_a_bad_request(self, services: FakeServices, header: bytes, body: bytes):
        with capture_logs() as logs:
            async with listening(services) as connect:
                head = b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n\r\n"
                status, headers, text = await asked(connect, head + body)
        assert (status, headers["server"]) == (400, "contact-monitor")
        assert NUMBER not in text
        assert NUMBER.decode() not in json.dumps(logs)
        assert not services.pushed

    async def test_a_fault_of_ours_is_told_by_its_place(self, services: FakeServices, monkeypatch: pytest.MonkeyPatch):
        async def broken(contact: str) -> None:
            raise KeyError(NUMBER.decode())

        monkeypatch.setattr(services, "contact", broken)
        with capture_logs() as logs:
            async with listening(services) as connect:
                status, headers, body = await asked(connect, LAST.replace(b"/-/healthy", b"/contacts/0123456789abcdef"))
        assert (status, headers["server"], body) == (500, "contact-monitor", b"a fault of the monitor: its log says where\n")
        [line] = logs
        assert (line["kind"], line["where"][-1].endswith(" broken")) == ("KeyError", True)
        assert NUMBER.decode() not in json.dumps(logs)


class TestHeads:
    async def test_half_a_head_is_not_waited_for(self, services: FakeServices):
        async with listening(services, head_seconds=0.05) as connect:
            stream = await connect()
            stream[1].write(HALF)
            assert await is_closed(stream)

    async def test_nor_one_that_comes_byte_by_byte(self, services: FakeServices):
        async with listening(services, head_seconds=0.05) as connect:
            stream = await connect()

            stream[1].write(HALF)

            async def drip() -> None:
                while True:
                    stream[1].write(b"x")
                    await asyncio.sleep(0.001)

            dripping = asyncio.create_task(drip())
            assert await is_closed(stream)
            dripping.cancel()

    async def test_nor_silence(self, services: FakeServices):
        async with listening(services, head_seconds=0.05) as connect:
            assert await is_closed(await connect())

    async def test_nor_half_of_a_second_head(self, services: FakeServices):
        async with listening(services, head_seconds=0.05) as connect:
            stream = await connect()
            stream[1].write(WHOLE)
            assert (await answer(stream))[0] == 200
            stream[1].write(HALF)
            assert await is_closed(stream)

    async def test_who_is_being_answered_may_take_longer(self, services: FakeServices, monkeypatch: pytest.MonkeyPatch):
        closed, seen = asyncio.Event(), services.contact

        async def slow(contact: str):
            await closed.wait()  # until the time for a head is over, as another connection shows
            return await seen(contact)

        monkeypatch.setattr(services, "contact", slow)
        async with listening(services, head_seconds=0.05) as connect:
            asking, other = await connect(), await connect()
            asking[1].write(LAST.replace(b"/-/healthy", b"/contacts/0123456789abcdef"))
            assert await is_closed(other)
            closed.set()
            assert (await answer(asking))[0] == 404

    async def test_nor_a_tls_handshake(self, services: FakeServices):
        async with listening(services, head_seconds=0.05, tls=certified()) as connect:
            assert await is_closed(await connect())


class TestHowMany:
    async def test_who_waits_longest_makes_room(self, services: FakeServices):
        with capture_logs() as logs:
            async with listening(services, most=3) as connect:
                first, second, third = [await connect() for _ in range(3)]
                for _, writer in (first, second, third):
                    writer.write(HALF)
                fourth = await connect()
                assert await is_closed(first)
                fourth[1].write(LAST)
                assert (await answer(fourth))[0] == 200
                second[1].write(b"Connection: close\r\n\r\n")
                assert (await answer(second))[0] == 200
        assert [(each["event"], each["most"]) for each in logs] == [
            ("as many connections as may be: who waits longest for a request is disconnected", 3)
        ]

    async def test_a_request_among_half_sent_heads(self, services: FakeServices):
        """Today's 1,100 in small: far more than may be open."""
        with capture_logs() as logs:
            async with listening(services, most=10) as connect:
                for _ in range(100):
                    (await connect())[1].write(HALF)
                assert (await asked(connect))[0] == 200
        assert len(logs) == 1

    async def test_who_is_being_answered_keeps_its_place(self, services: FakeServices, monkeypatch: pytest.MonkeyPatch):
        entered, finish, seen = asyncio.Event(), asyncio.Event(), services.contact

        async def slow(contact: str):
            entered.set()
            await finish.wait()
            return await seen(contact)

        monkeypatch.setattr(services, "contact", slow)
        async with listening(services, most=1) as connect:
            asking = await connect()
            asking[1].write(LAST.replace(b"/-/healthy", b"/contacts/0123456789abcdef"))
            await entered.wait()
            assert await is_closed(await connect())
            finish.set()
            assert (await answer(asking))[0] == 404
            assert await is_closed(asking)
            assert (await asked(connect))[0] == 200

    async def test_a_place_is_free_again_when_its_connection_has_gone(self, services: FakeServices):
        with capture_logs() as logs:
            async with listening(services, most=2) as connect:
                for _ in range(10):
                    stream = await connect()
                    stream[1].write(LAST)
                    assert (await answer(stream))[0] == 200
                    assert await is_closed(stream)
        assert logs == []

    async def test_stalled_handshakes_are_counted(self, services: FakeServices):
        async with listening(services, most=2, tls=certified()) as connect:
            first, _, _ = [await connect() for _ in range(3)]
            assert await is_closed(first)

    def test_never_more_than_half_of_the_descriptors(self, monkeypatch: pytest.MonkeyPatch):
        expected = {256: 128, 1023: 511, 1024: 512, 1_000_000: MAX_CONNECTIONS, resource.RLIM_INFINITY: MAX_CONNECTIONS, 1: 1}
        for soft, most in expected.items():
            monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
            assert most_connections() == most

    def test_the_service_has_descriptors_for_all(self):
        unit = (Path(__file__).parents[3] / "config" / "systemd" / "contact-monitor.service").read_text()
        [given] = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("LimitNOFILE=")]
        assert int(given) >= 2 * MAX_CONNECTIONS


async def test_without_descriptors_accepting_pauses_and_says_so_once(services: FakeServices, monkeypatch: pytest.MonkeyPatch):
    loop = asyncio.get_running_loop()
    accept, tried = loop.sock_accept, 0

    async def out_of_descriptors(listening: socket.socket):
        nonlocal tried
        tried += 1
        if tried <= 5:
            raise OSError(errno.EMFILE, "Too many open files")
        return await accept(listening)

    monkeypatch.setattr(loop, "sock_accept", out_of_descriptors)
    monkeypatch.setattr("monitor.publish.web.connections._PAUSE_SECONDS", 0.01)
    with capture_logs() as logs:
        async with listening(services) as connect:
            assert (await asked(connect))[0] == 200
    [line] = logs
    assert (line["event"], line["error"]) == ("connections cannot be accepted: paused", "Too many open files")
