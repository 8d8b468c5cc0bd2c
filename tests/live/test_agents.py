"""Who could answer, on a real Asterisk: members are paused, added, removed and called, and a real daemon follows."""

import asyncio
import re
import time
from pathlib import Path

from tests.live.calls.call_runner import Agent, Case, run_calls
from tests.servers.asterisk.server import AMI_SECRET, Asterisk
from tests.servers.daemon import Daemon

IN_STATE = re.compile(r'^contactpoint_agents\{[^}]*contact_point="line"[^}]*state="(\w+)"[^}]*\} (\S+)', re.M)


def configuration(asterisk: Asterisk, username: str = "monitor") -> dict[str, object]:
    pbx = {
        "type": "asterisk", "host": asterisk.host, "port": asterisk.ami_port, "username": username, "password": AMI_SECRET,
    }  # fmt: skip
    return {"country": "GB", "sources": {"pbx": pbx}, "contact_points": {"line": {"source": "pbx", "queue": "q01"}}}


async def agents(daemon: Daemon) -> dict[str, int]:
    """State -> how many; empty where the figure is absent."""
    return {state: int(float(count)) for state, count in IN_STATE.findall(await daemon.get("/metrics") or "")}


async def until(daemon: Daemon, **expected: int) -> None:
    """Returns when the figures are these, all others 0."""
    wanted = {"ready": 0, "busy": 0, "paused": 0, "away": 0, **expected}
    end, seen = time.monotonic() + 20, {}
    while time.monotonic() < end:
        seen = await agents(daemon)
        if seen == wanted:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{seen}, not {wanted}")


async def test_the_figures_follow_the_members(tmp_path: Path) -> None:
    async with Asterisk() as asterisk, Daemon(tmp_path, configuration(asterisk)) as daemon:

        async def cli(command: str) -> None:
            await asyncio.to_thread(asterisk.cli, command)

        await until(daemon, ready=2)
        await cli("queue pause member PJSIP/1101 queue q01 reason Lunch")
        await until(daemon, ready=1, paused=1)
        await cli("queue add member PJSIP/1003 to q01")
        await until(daemon, ready=2, paused=1)
        await cli("queue add member PJSIP/nobody to q01")
        await until(daemon, ready=2, paused=1, away=1)
        await cli("queue remove member PJSIP/nobody from q01")
        await cli("queue remove member PJSIP/1003 from q01")
        await cli("queue unpause member PJSIP/1101 queue q01")
        await until(daemon, ready=2)

        call = Case("one call", "line", "8501", "5550001", (Agent("1101", ring=2.0, talk=4.0),))
        running = asyncio.create_task(run_calls(asterisk, [call]))
        await until(daemon, ready=1, busy=1)
        await cli("queue pause member PJSIP/1101 queue q01")  # while it rings or talks: paused before everything
        await until(daemon, ready=1, paused=1)
        await running
        await cli("queue unpause member PJSIP/1101 queue q01")
        await until(daemon, ready=2)

        await asyncio.to_thread(asterisk.kill)
        end = time.monotonic() + 20
        while await agents(daemon):
            assert time.monotonic() < end, "a lost connection must leave no figure"
            await asyncio.sleep(0.1)
        await asyncio.to_thread(asterisk.start)
        await until(daemon, ready=2)
