"""A second daemon on the store of the first, as processes: it says who has it and leaves; commands go on beside a daemon."""

import asyncio
import json
import re
from pathlib import Path

from tests.cli.conftest import in_own_process
from tests.servers.daemon import Daemon

SOURCES = {"sources": {"desk": {"type": "events", "token": "s3cret"}}}
EVENTS = [
    {"contact": "m1", "contact_point": "info", "channel": "email", "kind": "received", "at": "2026-11-02T09:00:00Z"},
    {"contact": "m1", "contact_point": "info", "channel": "email", "kind": "replied", "at": "2026-11-02T17:00:00Z"},
    {"contact": "m2", "contact_point": "info", "channel": "email", "kind": "received", "at": "2026-11-02T09:00:00Z"},
]


async def test_the_second_says_who_has_the_store_and_leaves_with_4(tmp_path: Path):
    async with asyncio.timeout(120), Daemon(tmp_path, SOURCES) as first:
        second = await in_own_process("run", "--config", first.config, cwd=tmp_path)
        assert (second.code, second.out) == (4, "")
        assert re.fullmatch(
            rf"store {re.escape(str(tmp_path))}/contacts\.db: another daemon \(process {first.pid} on \S+, since .* UTC\) "
            r"has it open: end that one first\n",
            second.err,
        )
        assert await first.get("/-/ready") == "ready\n"
        await first.kill()
        await first.start()  # nothing of the killed one keeps it out


async def test_commands_work_beside_a_daemon(tmp_path: Path):
    (tmp_path / "mail.jsonl").write_text("".join(json.dumps(each) + "\n" for each in EVENTS))
    async with asyncio.timeout(120), Daemon(tmp_path, SOURCES) as daemon:
        assert "3 events stored into desk" in await daemon.command("import", str(tmp_path / "mail.jsonl"))
        assert "m1" in await daemon.command("signals", "--since", "2026-11-01T00:00:00Z")
        assert "late_reply" in await daemon.command("explain", "m1")
        assert "settled; what waited there: reply" in await daemon.command("settle", "m2", "--reason", "by phone")
        assert "configuration: ok" in await daemon.command("check", "--offline")
        assert "were up to date" in await daemon.command("migrate")
        assert await daemon.stop() == 0
