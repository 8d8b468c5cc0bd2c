"""The example of docs/connectors/writing-one.md as an installed package of somebody else's, and a fake of its system."""

import json
import re
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Final

from aiohttp import web

from monitor.connectors._discover import source_types

PAGE: Final = Path(__file__).parents[2] / "docs" / "connectors" / "writing-one.md"
SECRET: Final = "sesame-of-the-hall"
PHONE: Final = "+442079460123"


def blocks(language: str) -> list[str]:
    """The fenced blocks of the page in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@contextmanager
def installed(directory: Path) -> Iterator[ModuleType]:
    """One module in a package with an entry point, as pip would leave it in `directory`; forgotten at the end."""
    package, info = directory / "acme_counters", directory / "acme_counters-1.0.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").write_text("")
    (package / "ticket_machine.py").write_text(blocks("python")[0])
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-counters\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[contact_monitor.connectors]\nticket_machine = acme_counters.ticket_machine\n")
    sys.path.insert(0, str(directory))
    invalidate_caches()
    source_types.cache_clear()
    try:
        yield import_module("acme_counters.ticket_machine")
    finally:
        sys.path.remove(str(directory))
        for name in [each for each in sys.modules if each.partition(".")[0] == "acme_counters"]:
            del sys.modules[name]
        source_types.cache_clear()


def record(number: int, ticket: str, what: str, second: int, phone: str | None = None) -> bytes:
    """A record as the machine gives it; all at counter P on 2 November 2026, seconds after nine."""
    at = f"2026-11-02T09:{second // 60:02}:{second % 60:02}"
    return json.dumps({"record": number, "ticket": ticket, "counter": "P", "what": what, "at": at, "phone": phone}).encode()


@asynccontextmanager
async def machine(records: Sequence[bytes], page: int = 2) -> AsyncIterator[int]:
    """The machine on loopback: the port. Gives `page` records at a time, to whoever knows the secret."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("X-Api-Secret") != SECRET:
            raise web.HTTPForbidden
        after = int(request.query["after"])
        left = [each for each in records if json.loads(each)["record"] > after]
        return web.Response(body=b"\n".join(left[:page]))

    app = web.Application()
    app.router.add_get("/records", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
