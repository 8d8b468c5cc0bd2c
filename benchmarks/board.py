"""What does the live board cost: its first byte, and an update to all who look?

    python -m benchmarks.board [POINTS] [WAITS] [PAGES] [SECONDS]

POINTS phone lines with WAITS running waits on a real live state, as the daemon has it; another process asks for the first page,
then opens PAGES streams of it. Meanwhile callers come and go at a tenth of the lines, ten times a second; what that costs while
nobody looks is measured first, and taken off. Beside it, in the same run, the named alternative: each page draws the board for
itself at every update.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from aiohttp import web

from benchmarks._measure import figure, machine
from benchmarks._pages import OpenToAll
from benchmarks.scrape import measured
from monitor.clock import SystemClock
from monitor.config.loading import build
from monitor.daemon.app import Generation
from monitor.domain.event import Channel
from monitor.domain.judge import RunningWait
from monitor.domain.snapshot import Snapshot, WhoWaits
from monitor.engine.live_state import LiveState
from monitor.engine.who_waits import next_limits, who_waits
from monitor.publish.web.board.page import Wanted, board, macro_of, parts
from monitor.publish.web.board.service import look
from monitor.publish.web.responses import Pages
from monitor.publish.web.server import make_app
from monitor.store import make_store

#: Reads the first page some times, then as many streams as it is told, until its input ends. Prints seconds to the first byte.
READER = """
import socket, selectors, sys, time
port, rounds, pages = map(int, sys.argv[1:4])
def asked(path):
    s = socket.create_connection(("127.0.0.1", port))
    head = ("GET " + path + " HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept-Encoding: gzip", "Connection: close")
    s.sendall("".join(line + "\\r\\n" for line in (*head, "")).encode())
    return s
for _ in range(rounds):
    start = time.perf_counter(); s = asked("/"); s.recv(1); print(time.perf_counter() - start, flush=True)
    while s.recv(1 << 16): pass
ready = selectors.DefaultSelector()
for _ in range(pages): ready.register(asked("/api/v1/stream"), selectors.EVENT_READ)
print("open", flush=True)
end = time.monotonic() + float(sys.argv[4]); read = 0
while time.monotonic() < end:
    for key, _ in ready.select(1): read += len(key.fileobj.recv(1 << 18))
print(read, flush=True)
"""
CHANGES_A_SECOND = 10


class Centre(OpenToAll):
    """Phone lines with callers waiting. What the board asks of the daemon, it answers."""

    def __init__(self, points: int, waits: int) -> None:
        self.names = [f"line-{number:04}" for number in range(points)]
        policy = {"long_wait": {"after": "20s", "objective": "80%"}, "long_hold": {"after": "2m", "objective": "98%"}}
        settings = build(
            {
                "store": "memory:",
                "sources": {"pbx": {"type": "asterisk", "host": "192.0.2.1", "username": "monitor", "password": "unused"}},
                "contact_points": {name: {"source": "pbx", "queue": name, "policy": "phone"} for name in self.names},
                "policies": {"phone": policy},
            }
        )
        self.clock = SystemClock()
        self.live: LiveState = Generation(settings, make_store(settings.store), self.clock, b"key").live_state
        for status in self.live.sources.values():
            status.up, status.connected, status.tried = True, True, True
        self.turn = 0
        monday = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday())
        weeks = [(monday - timedelta(weeks=number)).isoformat() for number in range(14)]
        self.live.weeks = {(name, "long_wait", week): (300, 40) for name in self.names for week in weeks}
        self.each = waits // points
        for name in self.names:
            self._fill(name)

    def _fill(self, name: str) -> None:
        now, number = self.clock.now(), self.names.index(name)
        for call in range(self.each):
            age = (call * 7 + number + self.turn) % (30 if number % 10 == 0 else 16)  # a tenth of the lines is over its limit
            since = now - timedelta(seconds=age)
            wait = RunningWait("queue", since, since + timedelta(seconds=20), age > 20)
            self.live.running_waits.replace("pbx", (f"call-{call}", name), f"{number * 1000 + call:016x}", "phone", (wait,))

    def change(self) -> None:
        """Callers come and go at a tenth of the lines."""
        self.turn += 1
        for name in self.names[self.turn % 10 :: 10]:
            self._fill(name)
        self.live.changes.record()

    def snapshot(self) -> Snapshot:
        return self.live.snapshot(self.clock.now())

    async def changed(self, after: int, within: float) -> int:
        return await self.live.changes.within(within, after, self.clock)

    def waiting(self, contact_point: str, channel: Channel, limit: int) -> Mapping[str, WhoWaits]:
        return who_waits(self.live, contact_point, channel, limit, self.clock.now())

    def next_limits(self, limit: int) -> WhoWaits:
        return next_limits(self.live, limit, self.clock.now())


async def reader(port: int, rounds: int, pages: int, seconds: float) -> asyncio.subprocess.Process:
    arguments = (str(port), str(rounds), str(pages), str(seconds))
    return await asyncio.create_subprocess_exec(sys.executable, "-c", READER, *arguments, stdout=asyncio.subprocess.PIPE)


async def changing(centre: Centre, seconds: float) -> float:
    """Callers come and go for so long; the share of a core that all of this process took meanwhile."""
    before, start = time.process_time(), time.perf_counter()
    while time.perf_counter() < start + seconds:
        centre.change()
        await asyncio.sleep(1 / CHANGES_A_SECOND)
    return (time.process_time() - before) / (time.perf_counter() - start)


async def main(points: int, waits: int, pages: int, seconds: int) -> None:
    """Prints one line each."""
    print(machine())
    centre = Centre(points, waits)
    runner = web.AppRunner(make_app(centre), access_log=None)  # type: ignore[arg-type]  # the board asks for nothing else
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    unseen = await changing(centre, 3)
    process = await reader(runner.addresses[0][1], 10, pages, seconds)
    assert process.stdout is not None
    first = [float(await process.stdout.readline()) for _ in range(10)]
    await process.stdout.readline()  # the streams are open
    shares: list[float] = []

    async def changes() -> int:
        shares.append(await changing(centre, seconds - 1))
        return 0

    _, _, held = await measured(changes)
    share = shares[0] - unseen
    sent = int((await process.stdout.readline()).split()[-1])
    await process.wait()
    await runner.cleanup()
    drawing = Pages()

    def alone() -> int:
        shown = board(*look(centre, Wanted()), Wanted())  # type: ignore[arg-type]
        return sum(len(drawing.macro(*macro_of(name, part), part)) for name, part in parts(shown).items())

    alone()
    begun = time.process_time()
    size = alone()
    each = time.process_time() - begun
    print(f"{points} contact points, {waits:,} running waits; what changes costs {unseen * 100:.1f} % of a core, besides")
    print(f"first byte of the page      {statistics.median(first) * 1000:8.1f} ms, at most {max(first) * 1000:.1f} ms")
    rate = sent / pages / seconds / 1024
    print(f"{pages} pages kept up to date   {share * 100:8.1f} % of a core, {rate:.0f} KiB/s a page")
    print(f"the loop was held up for    {held * 1000:8.1f} ms at most")
    drawn = f"{each * 1000:.1f} ms and {size / 1024:.0f} KiB each, twice a second"
    print(f"drawn for each page alone   {each * pages * 2 * 100:8.1f} % of a core: {drawn}")
    figure("board.first", f"{statistics.median(first) * 1000:,.0f} ms")
    figure("board.share", f"{share * 100:.0f} %")
    figure("board.alone", f"{each * pages * 2 * 100:.0f} %")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:5]]
    asyncio.run(main(*numbers, *(200, 5000, 50, 12)[len(numbers) :]))
