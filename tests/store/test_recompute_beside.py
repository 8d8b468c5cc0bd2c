"""`recompute` beside a running daemon, on both databases: asked to reload first, killed in the middle, gone on with.

What Prometheus scrapes before and after: counters to the digit the same, the weeks as under the new limits.
"""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, run
from typing import Any

import pytest

from monitor.engine.judged_anew import read_judged_anew
from monitor.store import make_store
from tests.servers.daemon import Daemon
from tests.servers.postgresql import REAL_SERVER

CALLS = 400
#: As a user runs it, in smaller steps, each of which is written down.
IN_STEPS = """
import monitor.engine.recomputing as steps
steps.AT_ONCE, steps._NOTE_EVERY = 10, -1.0
from monitor.cli.commands import main
main()
"""
_SAMPLE = re.compile(r"^(contactpoint_\w+)(\{.*contact_point=.*\}) (\S+)", re.MULTILINE)


def configuration(store: str, limit: str) -> dict[str, Any]:
    return {
        "store": store,
        "privacy": {"key": "for tests, not for anybody's customers"},
        "sources": {"desk": {"type": "events", "token": "s3cret"}},
        "policies": {"default": {"long_wait": {"after": limit}}},
    }


def calls() -> str:
    """Twenty days of calls until yesterday, all answered after 15 s."""
    lines = []
    for number in range(CALLS):
        begun = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1 + number % 20, minutes=number)
        told = {"contact": f"c{number}", "contact_point": "hotline", "channel": "phone"}
        for kind, seconds in (("queued", 0), ("answered", 15), ("ended", 60)):
            lines.append({**told, "kind": kind, "at": (begun + timedelta(seconds=seconds)).isoformat()})
    return "".join(json.dumps(line) + "\n" for line in lines)


async def scraped(daemon: Daemon) -> tuple[dict[tuple[str, str], float], tuple[float, float]]:
    """The counters of contact points, and (assessed, signals) of `long_wait` over all weeks."""
    samples = {(name, labels): float(value) for name, labels, value in _SAMPLE.findall(await daemon.get("/metrics") or "")}
    weeks = {"assessed": 0.0, "signals": 0.0}
    for (name, labels), value in samples.items():
        what = name.removeprefix("contactpoint_report_week_")
        if what in weeks and "long_wait" in labels:
            weeks[what] += value
    counters = {key: value for key, value in samples.items() if key[0].endswith(("_total", "_bucket", "_sum", "_count"))}
    return counters, (weeks["assessed"], weeks["signals"])


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110  # another process fulfils it
            await asyncio.sleep(0.2)


async def recomputed(daemon: Daemon) -> tuple[int, str]:
    command = [sys.executable, "-m", "monitor", "recompute", "--config", str(daemon.config)]
    done = await asyncio.to_thread(run, command, capture_output=True, cwd=daemon.top, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


def killed_in_the_middle(daemon: Daemon) -> None:
    command = [sys.executable, "-c", IN_STEPS, "recompute", "--config", str(daemon.config)]
    with Popen(command, stdout=DEVNULL, stderr=PIPE, cwd=daemon.top) as process:
        assert process.stderr is not None
        while b"30 %" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=REAL_SERVER)])
async def test_counters_stay_and_weeks_follow(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    store = f"sqlite:{tmp_path / 'contacts.db'}" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    (tmp_path / "calls.jsonl").write_text(calls())
    async with asyncio.timeout(240), Daemon(tmp_path, configuration(store, "20s")) as daemon:
        await daemon.command("import", str(tmp_path / "calls.jsonl"), "--source", "desk")

        async def shows(signals: int) -> bool:
            return (await scraped(daemon))[1] == (CALLS, signals)

        await until(lambda: shows(0))
        before, _ = await scraped(daemon)
        daemon.config.write_text(json.dumps({"listen": daemon.address} | configuration(store, "10s")))
        code, said = await recomputed(daemon)
        assert code == 1
        assert re.search(rf"source desk: another daemon \(process {daemon.pid} on .* judges by another.*reload", said)

        os.kill(daemon.pid, signal.SIGHUP)

        async def has_reloaded() -> bool:
            return "configuration reloaded" in daemon.log.read_text() and await daemon.get("/-/ready") is not None

        await until(has_reloaded)
        await asyncio.to_thread(killed_in_the_middle, daemon)
        with_store = make_store(store)
        underway = read_judged_anew(with_store).underway
        assert underway is not None
        assert CALLS * 0.2 < underway.done < CALLS
        code, said = await recomputed(daemon)
        assert (code, f"gone on with what was interrupted after {underway.done} contacts" in said) == (0, True)
        assert "counters stay as they are" in said
        await until(lambda: shows(CALLS))
        assert (await scraped(daemon))[0] == before
        assert (await recomputed(daemon))[1].count(" 0 say something else than before") == 1
        assert [each.limits for each in read_judged_anew(with_store).spans] == [underway.limits]
        assert read_judged_anew(with_store).underway is None
        with_store.close()

        rated = {"contact": "c7", "contact_point": "hotline", "channel": "phone", "kind": "rated", "score": 0.1}
        (tmp_path / "later.jsonl").write_text(json.dumps({**rated, "at": datetime.now(UTC).isoformat()}) + "\n")
        await daemon.command("import", str(tmp_path / "later.jsonl"), "--source", "desk")
        key = ("contactpoint_signals_total", '{channel="phone",contact_point="hotline",signal="low_rating"}')

        async def has_heard() -> bool:
            return (await scraped(daemon))[0][key] == before[key] + 1

        await until(has_heard)
        after, weeks = await scraped(daemon)
        assert {labels for (_, labels), value in after.items() if value != before.get((_, labels))} == {key[1]}
        assert weeks == (CALLS, CALLS)
        assert await daemon.stop() == 0
