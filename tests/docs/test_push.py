"""docs/push-events.md done as it stands, against a real daemon: from its configuration to a true figure."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from monitor.engine.evaluation import contact_id
from tests.docs.pages import TOKEN, TOP, blocks, with_secrets_inside
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


async def answer_to(command: str) -> Any:
    """What a command of the page prints, as JSON."""
    curl = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", command, env=os.environ | {"TOKEN": TOKEN},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(curl.communicate(), 30)
    return json.loads(out)


async def test_curl_and_python_push_the_visitor_of_the_page_and_he_is_counted_once(tmp_path: Path):
    require("curl")
    config = with_secrets_inside(block("yaml", "sources:"), PAGE)
    async with Daemon(tmp_path, config) as daemon:
        assert await counted(daemon) == ["0.0"]
        command = block("sh", "--data-binary").replace("127.0.0.1:9760", daemon.address)
        assert await answer_to(command) == {"accepted": 3, "repeated": 0, "rejected": 0, "errors": []}
        assert await counted(daemon) == ["1.0"]
        names: dict[str, Any] = {}
        exec(block("python", "def push"), names)
        events = [json.loads(line) for line in command.splitlines() if line.startswith("{")]
        told = await asyncio.to_thread(names["push"], f"http://{daemon.address}", TOKEN, events)
        assert told == {"accepted": 3, "repeated": 3, "rejected": 0, "errors": []}
        assert await counted(daemon) == ["1.0"]


async def test_a_contact_is_settled_by_the_command_of_the_page_and_by_its_line(tmp_path: Path):
    require("curl")
    names: dict[str, Any] = {}
    exec(block("python", "def push"), names)
    config = with_secrets_inside(block("yaml", "sources:"), PAGE)
    async with Daemon(tmp_path, config) as daemon:

        async def push(event: dict[str, Any]) -> Any:
            return await asyncio.to_thread(names["push"], f"http://{daemon.address}", TOKEN, [event])

        asked = {"contact_point": "shop", "channel": "email", "kind": "received", "at": "2026-11-02T11:00:00Z"}
        await push({"contact": "question@example.net", **asked})
        await push({"contact": "other", **asked})
        page = (TOP / "docs" / PAGE).read_text().splitlines()
        [line] = [each.strip() for each in page if each.startswith('    {"contact": "<question')]
        for known in (0, 1):
            assert await push(json.loads(line)) == {"accepted": 1, "repeated": known, "rejected": 0, "errors": []}
        settle = next(each for each in block("sh", "settle").split("\ncurl ") if "/settle" in each)
        for example, own in (("127.0.0.1:9760", daemon.address), ("0123456789abcdef", contact_id("desk", "other", ""))):
            assert example in settle
            settle = settle.replace(example, own)
        told = await answer_to("curl " + settle)
        assert (told["settled"], told["reason"], told["by"]) == (["reply"], "told her by phone", "Ann")
