"""Notifications of a real daemon by HTTP and mail, killed while a message is on its way and after it arrived."""

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.servers.daemon import Daemon
from tests.servers.message_sink import MessageSink

TOKEN = "a-token-of-the-tests-of-notifications"


class KillingSink(MessageSink):
    """Kills whoever sends the first message by HTTP after it has arrived and before it is answered."""

    def __init__(self, kill: Callable[[], Awaitable[None]]) -> None:
        super().__init__(200)
        self._kill: Callable[[], Awaitable[None]] | None = kill

    async def _take_post(self, request: web.Request) -> web.Response:
        answer = await super()._take_post(request)
        if self._kill is not None:
            kill, self._kill = self._kill, None
            await kill()
        return answer


def configuration(sink: MessageSink) -> dict[str, Any]:
    return {
        "sources": {"desk": {"type": "events", "token": TOKEN}},
        "contact_points": {
            name: {"source": "desk", "channel": "phone", "title": f"The {name} line"} for name in ("first", "second")
        },
        "alerts": {"critical": ["first", "second"], "page_url": "http://monitor.example"},
        "notify": {
            "receivers": {
                "chat": {"url": f"json://{sink.http}/chat"},
                "mail": {"url": f"mailto://{sink.smtp}?mode=insecure&from=monitor@example.org&to=ops@example.org"},
            }
        },
    }


def turn_away(daemon: Daemon, contact_point: str) -> None:
    """A caller who never got in."""
    event = {
        "id": contact_point, "contact": contact_point, "contact_point": contact_point, "channel": "phone",
        "kind": "turned_away", "reason": "full", "at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    request = urllib.request.Request(
        f"http://{daemon.address}/api/v1/events",
        data=json.dumps(event).encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["accepted"] == 1


async def counted(daemon: Daemon, receiver: str) -> None:
    """Returns once the daemon has written that a message was taken. Raises TimeoutError."""
    series = f'contactpoint_notifications_total{{outcome="sent",receiver="{receiver}"}}'
    async with asyncio.timeout(30):
        while True:
            page = await daemon.get("/metrics") or ""
            if [line for line in page.splitlines() if line.startswith(series) and not line.endswith(" 0.0")]:
                return
            await asyncio.sleep(0.1)


async def test_killed_at_the_worst_moments_it_says_nothing_too_little(tmp_path: Path) -> None:
    daemons: list[Daemon] = []
    killed = asyncio.Event()

    async def kill() -> None:
        await daemons[0].kill()
        killed.set()

    async with KillingSink(kill) as sink:
        daemon = Daemon(tmp_path, configuration(sink))
        daemons.append(daemon)
        async with daemon:
            await asyncio.to_thread(turn_away, daemon, "first")
            await asyncio.wait_for(killed.wait(), 60)
            await daemon.start()
            await sink.until(lambda: len(sink.posted["chat"]) == 2)  # it may not have arrived, so it is said again
            await sink.until(lambda: len(sink.mailed.get("ops@example.org", [])) >= 1)
            await counted(daemon, "chat")
            await daemon.kill()
            await daemon.start()
            await asyncio.to_thread(turn_away, daemon, "second")
            await sink.until(lambda: len(sink.posted["chat"]) == 3)
            assert await daemon.stop() == 0
    titles = [body["title"] for body in sink.posted["chat"]]
    first, second = (f"FIRING: The {name} line: callers are turned away, and not one is allowed" for name in ("first", "second"))
    assert titles == [first, first, second]
    assert {mail["Subject"] for mail in sink.mailed["ops@example.org"]} <= {first, second}
    assert "Page: http://monitor.example/contact-points/first" in sink.posted["chat"][0]["message"]
    assert "Traceback" not in daemon.log.read_text()
