"""What somebody on call would get: a small HTTP server that keeps every message of Alertmanager and finds what is new in it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web

Labels = dict[str, str]


@dataclass(frozen=True)
class Notification:
    """An alert that a message mentions for the first time as firing or as resolved. `receiver` is the last part of the URL."""

    receiver: str
    status: str
    labels: Labels
    annotations: Labels

    @property
    def name(self) -> str:
        """The alert's name."""
        return self.labels["alertname"]

    @property
    def subject(self) -> str:
        """The contact point or source it is about; empty when it is about neither."""
        return self.labels.get("contact_point") or self.labels.get("source", "")


class Webhook:
    """A message lists all alerts of its group; what an earlier message of the group has said of an alert is no news."""

    def __init__(self) -> None:
        self.address = ""
        self.news: list[Notification] = []
        #: The receiver of each message that came.
        self.messages: list[str] = []
        #: Messages that said nothing new, by receiver: each is a person disturbed for nothing.
        self.repeats: list[str] = []
        self._known: set[tuple[str, str, str, str, str]] = set()
        self._arrived = asyncio.Condition()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/{receiver}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{host}:{port}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        message: dict[str, Any] = await request.json()
        receiver = request.match_info["receiver"]
        anything_new = False
        self.messages.append(receiver)
        for alert in message["alerts"]:
            key = (receiver, message["groupKey"], alert["fingerprint"], alert["startsAt"], alert["status"])
            if key not in self._known:
                self._known.add(key)
                anything_new = True
                self.news.append(Notification(receiver, alert["status"], alert["labels"], alert["annotations"]))
        if not anything_new:
            self.repeats.append(receiver)
        async with self._arrived:
            self._arrived.notify_all()
        return web.Response()

    def about(self, name: str, subject: str = "", *, status: str = "firing") -> list[Notification]:
        """The news about this alert and contact point or source."""
        return [each for each in self.news if (each.name, each.subject, each.status) == (name, subject, status)]

    async def until(self, name: str, subject: str = "", *, status: str = "firing", within: float = 60.0) -> Notification:
        """Returns the first news about it, now or when it comes. Raises TimeoutError after `within` seconds."""
        await self.until_news(
            lambda: bool(self.about(name, subject, status=status)), f"news of {name} {subject} {status}", within=within
        )
        return self.about(name, subject, status=status)[0]

    async def until_news(self, come: Callable[[], bool], what: str, *, within: float = 60.0) -> None:
        """Returns once `come()` is true, asked anew with each message. Raises TimeoutError after `within` seconds."""
        end = time.monotonic() + within
        async with self._arrived:
            while not come():
                try:
                    await asyncio.wait_for(self._arrived.wait(), max(0.0, end - time.monotonic()))
                except TimeoutError:
                    seen = sorted({(each.name, each.subject, each.status) for each in self.news})
                    raise TimeoutError(f"no {what} within {within:g} s; there was {seen}") from None
