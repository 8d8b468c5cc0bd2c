"""`/api/v1/stream`: what changes of the board while somebody looks, as server-sent events (WHATWG HTML, section 9.2).

One task takes the snapshot and puts it into words, once for all who look at the same thing and at most twice a second; what is
the same as before is neither drawn nor sent. Nobody has a queue: who is slow is sent, when he can take it, what has changed
since he was sent something last. A message is compressed once, too, for all who take it so: each is a piece of a gzip stream that
refers to nothing before it.
"""

import asyncio
import json
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from aiohttp import web

from monitor.publish.web.board.page import Board, Wanted, order, part_of, parts
from monitor.publish.web.board.service import Seen, look, wanted_of
from monitor.publish.web.board.standing import standings
from monitor.publish.web.responses import accepts_gzip
from monitor.publish.web.services import Services

#: Streams that are open at once, besides which other connections must have room.
MAX_STREAMS: Final = 200
#: Different parts of the board that are looked at at once: each is drawn by itself.
MAX_VIEWS: Final = 32
#: Between two looks at what changes, in seconds.
PAUSE_SECONDS: Final = 0.5
#: What only time brings (something becomes at risk) is seen so soon.
TICK_SECONDS: Final = 1.0
#: A stream on which nothing happens says so often that it is alive.
BEAT_SECONDS: Final = 5.0
#: Who does not take what is sent for so long is gone.
SEND_SECONDS: Final = 20.0
#: A browser whose stream has ended asks again after so many milliseconds.
_RETRY: Final = b"retry: 2000\n\n"
#: What a gzip stream begins with (RFC 1952). Its checksum never comes: the stream has no end.
_GZIP_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"

#: Draws one part of a board: its name and what it says.
Draw = Callable[[str, object], str]


def _piece(data: bytes) -> bytes:
    """A piece of a gzip stream: whoever has it can read all of it, whatever went before (RFC 1951; a full flush)."""
    work = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return work.compress(data) + work.flush(zlib.Z_FULL_FLUSH)


class _View:
    """What those see who look at the same thing. `number` counts what has changed of it."""

    def __init__(self, wanted: Wanted, edition: str) -> None:
        self.wanted = wanted
        self.watchers = 0
        self._edition = edition
        self._number = 0
        self._parts: dict[str, object] = {}
        self._drawn: dict[str, tuple[int, str]] = {}  # name -> since which number it is so, and how it looks
        self._order: tuple[int, list[str] | None] = (0, None)  # since which number; None: nothing was drawn yet
        self._shown: Board | None = None
        self._moved_on = asyncio.Event()
        self._sent: dict[tuple[int, bool], bytes] = {}  # by what was sent before, and whether it is packed

    def draw(self, shown: Board, draw: Draw) -> Callable[[], None]:
        """Draws what has changed, in any thread; what is returned makes it visible, on the event loop."""
        found = parts(shown)
        changed = {name: draw(name, each) for name, each in found.items() if self._parts.get(name) != each}
        rows = order(shown)

        def put() -> None:
            self._shown = shown
            if not changed and rows == self._order[1] and found.keys() == self._parts.keys():
                return
            self._number += 1
            self._parts = dict(found)
            drawn = {name: (self._number, html) for name, html in changed.items()}
            self._drawn = {name: each for name, each in {**self._drawn, **drawn}.items() if name in found}
            if rows != self._order[1]:
                self._order = (self._number, rows)
            self._sent.clear()
            self.wake()

        return put

    def wake(self) -> None:
        """Everybody who waits goes on."""
        passed, self._moved_on = self._moved_on, asyncio.Event()
        passed.set()

    async def after(self, number: int, *, packed: bool) -> tuple[int, bytes]:
        """What has changed since `number`, as soon as something has; else, now and then, only what time it is."""
        if self._number == number:
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._moved_on.wait()
        message = self._sent.get((number, packed))
        if message is None or self._number == number:
            said = self._message(number)
            message = self._sent[number, packed] = _piece(said) if packed else said
        return self._number, message

    def _message(self, number: int) -> bytes:
        if self._shown is None:
            return b": not yet\n\n"
        order_of, rows = self._order
        said = {
            "at": self._shown.iso,
            "clock": self._shown.clock,
            "date": self._shown.date,
            "zone": self._shown.zone,
            "edition": self._edition,
            "title": self._shown.head.news.title,
            "said": self._shown.head.news.plain,
            "parts": {name: html for name, (since, html) in self._drawn.items() if since > number},
            **({"order": rows} if order_of > number else {}),
        }
        return b"data: " + json.dumps(said, separators=(",", ":")).encode() + b"\n\n"


class Streams:
    """All streams of the board."""

    def __init__(self, services: Services, draw: Draw, edition: str, may_look: Callable[[web.Request], bool]) -> None:
        """`may_look`: whether who opened a stream is still one of the users, where there are any."""
        self._services, self._draw, self._edition, self._may_look = services, draw, edition, may_look
        self._views: dict[Wanted, _View] = {}
        self._open = 0
        self._closed = False
        self._looking: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Ends all streams, and the task that looks: a server that stops does not wait for who looks."""
        self._closed = True
        for view in self._views.values():
            view.wake()
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One stream, until its reader goes. Raises HTTPServiceUnavailable where too many are open."""
        wanted = wanted_of(request)
        if self._closed or self._open >= MAX_STREAMS or (wanted not in self._views and len(self._views) >= MAX_VIEWS):
            problem = "as many pages as may be look at the board already: load the page now and then instead"
            raise web.HTTPServiceUnavailable(text=problem, headers={"Retry-After": "10"})
        packed = accepts_gzip(request)
        headers = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
        response = web.StreamResponse(headers={**headers, "Content-Encoding": "gzip"} if packed else headers)
        view = self._enter(wanted)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await response.prepare(request)
                await response.write(_GZIP_HEAD + _piece(_RETRY) if packed else _RETRY)
            number = 0
            while self._is_running() and not self._closed and self._may_look(request):
                number, message = await view.after(number, packed=packed)
                async with asyncio.timeout(SEND_SECONDS):
                    await response.write(message)
        except (ConnectionError, TimeoutError):
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._leave(view)
        return response

    def _enter(self, wanted: Wanted) -> _View:
        view = self._views.setdefault(wanted, _View(wanted, self._edition))
        view.watchers += 1
        self._open += 1
        if not self._is_running():
            self._looking = asyncio.create_task(self._look(), name="board")
        return view

    def _leave(self, view: _View) -> None:
        view.watchers -= 1
        self._open -= 1
        if not view.watchers:
            self._views.pop(view.wanted, None)

    def _drawn(self, views: Sequence[_View], seen: Seen) -> list[Callable[[], None]]:
        everybody = standings(*seen[:2])
        return [view.draw(part_of(everybody, *seen, view.wanted), self._draw) for view in views]

    def _is_running(self) -> bool:
        return self._looking is not None and not self._looking.done()

    async def _look(self) -> None:
        """Looks as long as anybody does."""
        version = -1
        while self._views:
            version = await self._services.changed(version, TICK_SECONDS)
            views = list(self._views.values())
            seen = look(self._services, *(view.wanted for view in views))
            for put in await asyncio.to_thread(self._drawn, views, seen):
                put()
            await asyncio.sleep(PAUSE_SECONDS)
