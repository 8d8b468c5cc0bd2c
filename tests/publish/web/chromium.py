"""A headless Chromium of Debian's, driven over the DevTools protocol: as little of it as the tests need."""

import itertools
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0",
)  # fmt: skip


@contextmanager
def chromium(program: str, profile: Path) -> Iterator[int]:
    """A running browser; gives the port of its DevTools."""
    arguments = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stderr is not None
            found = (re.search(r"DevTools listening on ws://127\.0\.0\.1:(\d+)/", line) for line in process.stderr)
            port = next((int(match[1]) for match in found if match), None)
            assert port is not None, "Chromium ended before it listened"
            yield port
        finally:
            process.kill()


class Tab:
    """One page. `troubles` collects what the browser's console would show in red, `asked` which addresses it asked for."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket, self._ids = socket, itertools.count(1)
        self._loaded = 0
        self.troubles: list[str] = []
        self.asked: list[str] = []

    async def call(self, method: str, **parameters: Any) -> Any:
        """One command and its result."""
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while (message := await self._receive()).get("id") != number:
            pass
        assert "error" not in message, message
        return message["result"]

    async def visit(self, address: str) -> None:
        """Opens a page and waits until it is there, with its sheet."""
        before = self._loaded
        await self.call("Page.navigate", url=address)
        while self._loaded == before:
            await self._receive()

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page; of a promise, what becomes of it."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def press_tab(self) -> None:
        """The Tab key, down and up."""
        for kind in ("keyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)

    async def show_as(self, width: int, scheme: str, height: int = 900) -> None:
        """A window of this width and height in CSS pixels, in a `light` or `dark` desktop."""
        await self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        await self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def _receive(self) -> dict[str, Any]:
        message = await self._socket.receive(timeout=30)
        assert message.type is WSMsgType.TEXT, message
        event: dict[str, Any] = message.json()
        if event.get("method") == "Page.loadEventFired":
            self._loaded += 1
        elif event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
            self.troubles.append(event["params"]["entry"]["text"])
        elif event.get("method") == "Network.requestWillBeSent":
            self.asked.append(event["params"]["request"]["url"])
        elif event.get("method") in ("Page.javascriptDialogOpening", "Runtime.exceptionThrown"):
            self.troubles.append(str(event))
        return event


@asynccontextmanager
async def new_tab(port: int) -> AsyncIterator[Tab]:
    """A fresh page in the browser that listens on `port`."""
    async with ClientSession() as session:
        async with session.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
            target = await answer.json()
        try:
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Log", "Runtime", "Network"):
                    await tab.call(f"{domain}.enable")
                yield tab
        finally:
            # Pages left open go on asking for their streams: a hundred of them cost the run most of a core.
            async with session.get(f"http://127.0.0.1:{port}/json/close/{target['id']}"):
                pass
