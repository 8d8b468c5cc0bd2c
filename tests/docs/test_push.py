"""docs/push-events.md done as it stands, against a real daemon: from its configuration to a true figure."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from tests.docs.pages import blocks, with_secrets_inside
from tests.servers.daemon import Daemon
from tests.servers.requirement import require

PAGE = "push-events.md"
COUNTED = 'contactpoint_signals_total{channel="counter",contact_point="front-counter",signal="long_wait"}'


def block(language: str, containing: str) -> str:
    [text] = [each.text for each in blocks(language) if each.page == PAGE and containing in each.text]
    return text


async def counted(daemon: Daemon) -> list[str]:
    page = await daemon.get("/metrics") or ""
    return [line.removeprefix(COUNTED).strip() for line in page.splitlines() if line.startswith(COUNTED)]


async def test_curl_and_python_push_the_visitor_of_the_page_and_he_is_counted_once(tmp_path: Path):
    require("curl")
    config = with_secrets_inside(block("yaml", "sources:"), PAGE)
    async with Daemon(tmp_path, config) as daemon:
        assert await counted(daemon) == ["0.0"]
        command = block("sh", "curl").replace("127.0.0.1:9760", daemon.address)
        curl = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", command, env=os.environ | {"TOKEN": "canary"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(curl.communicate(), 30)
        assert json.loads(out) == {"accepted": 3, "repeated": 0, "rejected": 0, "errors": []}
        assert await counted(daemon) == ["1.0"]
        names: dict[str, Any] = {}
        exec(block("python", "def push"), names)
        events = [json.loads(line) for line in command.splitlines() if line.startswith("{")]
        told = await asyncio.to_thread(names["push"], f"http://{daemon.address}", "canary", events)
        assert told == {"accepted": 3, "repeated": 3, "rejected": 0, "errors": []}
        assert await counted(daemon) == ["1.0"]
