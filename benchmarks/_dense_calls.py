"""The recorded calls as a busy exchange would tell of them, many at once, and a loopback server that tells."""

import asyncio
import gzip
import heapq
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count, islice
from typing import Final, NamedTuple

from benchmarks._data import RECORDING
from monitor.demo.ami_session import AmiSession, Headers, Message

USERNAME: Final = "monitor"
SECRET: Final = "loopback"
#: The last message tells of a caller of this name: whoever has stored that has stored everything.
LAST: Final = "1795300000.last"
LAST_MESSAGE: Final = (
    b"Event: QueueCallerJoin\r\nTimestamp: \x01\r\nChannel: PJSIP/trunk-ffffffff\r\nUniqueid: %b\r\nLinkedid: %b\r\n"
    b"CallerIDNum: 5551\r\nQueue: support\r\n\r\n" % (LAST.encode(), LAST.encode())
)
#: Messages a second of the recording: 7,888 in 40.6 s.
RECORDED_RATE: Final = 195.0

_STAMP: Final = re.compile(rb"(?<=\r\nTimestamp: )(\d+\.\d+)")
_ID: Final = re.compile(rb"\b(1[6-9]\d{8})\.(\d+)")
_CHANNEL: Final = re.compile(rb"-([0-9a-f]{8})\b")
_LINKED: Final = re.compile(rb"\r\nLinkedid: ([\d.]+)")
_TURN: Final = 0.002


class _Said(NamedTuple):
    """One message of a call: seconds after its first, and bytes with marks where the call's number and the moment go."""

    after: float
    text: bytes


def _recorded_calls() -> list[list[_Said]]:
    """Each call of the recording by itself; a message that names none goes with the call that was told of before it."""
    with gzip.open(RECORDING) as file:
        raw = file.read()
    calls: dict[bytes, list[tuple[float, bytes]]] = {}
    name = None
    for text in raw[raw.index(b"Event: Newchannel") :].split(b"\r\n\r\n"):
        stamp, linked = _STAMP.search(text), _LINKED.search(text)
        name = linked[1] if linked else name
        if stamp is None or name is None:
            continue
        marked = _CHANNEL.sub(rb"-\0\1", _ID.sub(rb"\1.\0\2", _STAMP.sub(b"\1", text)))
        calls.setdefault(name, []).append((float(stamp[1]), marked + b"\r\n\r\n"))
    return [[_Said(at - call[0][0], text) for at, text in call] for call in calls.values()]


def dense_messages(rate: float) -> Iterator[bytes]:
    """Ever new calls without end, so many at once that `rate` messages a second arise at the pace of the recording.

    Each message lacks its moment, which belongs where b"\1" stands.
    """
    calls = _recorded_calls()
    step = sum(map(len, calls)) / len(calls) / rate  # seconds between two calls
    order = count()
    waiting: list[tuple[float, int, bytes, bytes]] = []
    for number in count():
        begun, mark = number * step, b"%05d" % number
        while waiting and waiting[0][0] <= begun:
            _, _, text, of = heapq.heappop(waiting)
            yield text.replace(b"\0", of)
        for said in calls[number % len(calls)]:
            heapq.heappush(waiting, (begun + said.after, next(order), said.text, mark))


def stamped(texts: list[bytes], moment: float) -> bytes:
    """These messages as told at `moment` (epoch seconds)."""
    return b"".join(texts).replace(b"\1", b"%.6f" % moment)


async def serve(rate: float, messages: int, pace: float | None) -> None:
    """Says its port on standard output, then tells the first client that asks for channels; ends when that client leaves.

    The calls are dense enough for `rate` messages a second; told at `pace` a second, None: as fast as they are taken.
    """
    done = asyncio.Event()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(writer, rate, messages, pace)
        try:
            with suppress(ConnectionError):  # it left without waiting for the answer to its goodbye
                await session.run(reader)
        finally:
            writer.close()
            done.set()

    server = await asyncio.start_server(client, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await done.wait()


class _Session(AmiSession):
    """Has no queues and no channels to show, but much to tell."""

    def __init__(self, writer: asyncio.StreamWriter, rate: float, messages: int, pace: float | None) -> None:
        super().__init__(USERNAME, SECRET, writer)
        self._told = [*islice(dense_messages(rate), messages - 1), LAST_MESSAGE]
        self._pace = pace
        self._telling: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def uptime(self) -> int:
        return 86_400

    def rows(self, action: str, headers: Headers) -> Iterator[Message]:
        return iter(())

    def execute(self, action: str, headers: Headers) -> bool:
        goes_on = super().execute(action, headers)
        if action == "coreshowchannels" and self._telling is None:
            self._telling = asyncio.create_task(self._tell())
        return goes_on

    async def _tell(self) -> None:
        await asyncio.sleep(1.0)
        begun, done = time.monotonic(), 0
        while done < len(self._told):
            if self._pace is None:
                upto = done + 500
            else:
                await asyncio.sleep(_TURN)
                upto = int((time.monotonic() - begun) * self._pace)
            self.writer.write(stamped(self._told[done:upto], time.time()))
            done = max(done, upto)
            await self.writer.drain()
