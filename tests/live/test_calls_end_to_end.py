"""Real calls on a real Asterisk, through the daemon, into a real Prometheus: what it shows is what the phones measured."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.calls.call_runner import Case, GroundTruth, run_calls
from tests.live.calls.expected_counts import Counts, Limits, expected
from tests.live.calls.interrupted_calls import AFTERWARDS, CUT_AT, INTERRUPTED, KILLED_AT, MENDED_AT, STOPPED, STOPPED_AT
from tests.live.calls.interrupted_calls import LIMITS as WIDER
from tests.live.calls.planned_calls import LIMITS, PLANNED_CALLS
from tests.servers.asterisk.server import AMI_SECRET, Asterisk
from tests.servers.daemon import Daemon
from tests.servers.prometheus import Prometheus
from tests.servers.tcp_proxy import TcpProxy

pytestmark = pytest.mark.waits(40)

#: The last decision about a call falls this long after it: a reason that queue_log gives, a call's late events.
SETTLED_SECONDS = 4.0

#: Counter -> the label that says what it counts.
COUNTERS = {"contacts": "direction", "outcomes": "outcome", "assessed": "signal", "signals": "signal"}


@pytest.fixture
async def asterisk() -> AsyncIterator[Asterisk]:
    async with Asterisk() as running:
        yield running


def configuration(
    asterisk: Asterisk, cases: tuple[Case, ...], limits: Limits, username: str = "monitor", **source: Any
) -> dict[str, Any]:
    """The account `monitor` may write nothing at all; `reporting` may also ask which channels are up."""
    pbx = {"type": "asterisk", "host": asterisk.host, "port": asterisk.ami_port, "username": username, "password": AMI_SECRET}
    points = {case.point: {"source": "pbx", "queue": case.point} for case in cases if case.point != "direct"}
    points["direct"] = {"source": "pbx", "extension": "8304"}
    return {
        "country": "GB",
        "timezone": "Europe/London",
        "sources": {"pbx": pbx | source},
        "contact_points": points,
        "policies": {"default": limits.policy()},
    }


async def counted(prometheus: Prometheus, since: float) -> Counts:
    """What Prometheus has counted since that moment; outbound calls aside, for they belong to no contact point of the run."""
    found: Counts = Counter()
    for name, label in COUNTERS.items():
        metric = f"contactpoint_{name}_total"
        for labels, value in await prometheus.query(f"({metric} - {metric} @ {since:.3f}) or {metric}"):
            what = labels[label]
            if what == "outbound":
                continue
            if name == "outcomes":
                what += " in target" if labels["in_target"] == "true" else " late"
            assert value == int(value)
            found[name, labels["contact_point"], what] += int(value)
    return Counter({key: count for key, count in found.items() if count})


def differences(got: Counts, want: Counts) -> dict[tuple[str, str, str], str]:
    """What was not counted as it happened."""
    return {key: f"{got[key]} for {want[key]}" for key in sorted(got | want) if got[key] != want[key]}


async def settled(daemon: Daemon, prometheus: Prometheus, truth: GroundTruth) -> None:
    """Returns when the daemon has seen everything up to some seconds after the last call, and Prometheus has read that."""
    last = max(call.ended_at for call in truth.calls.values()) + SETTLED_SECONDS
    until = time.monotonic() + 60
    while True:
        seen = await prometheus.query('contactpoint_source_watermark_timestamp_seconds{source="pbx"}')
        if seen and seen[0][1] > last:
            break
        assert time.monotonic() < until, f"the source is not seen up to the end: {daemon.log.read_text()[-4000:]}"
    await prometheus.scraped_since(time.time())


async def sighted(daemon: Daemon, since: float) -> float:
    """Returns up to when the daemon has seen its source completely, once that is after `since`."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page = await daemon.get("/metrics") or ""
        found = re.search(r'^contactpoint_source_watermark_timestamp_seconds\{[^}]*source="pbx"[^}]*\} (\S+)', page, re.M)
        if found and float(found[1]) > since:
            return float(found[1])
        await asyncio.sleep(0.05)
    raise AssertionError(f"the daemon does not see its source: {daemon.log.read_text()[-4000:]}")


def ends_in_queue_log(path: Path) -> dict[str, str]:
    """How each queue's one caller stopped waiting, as Asterisk wrote it down."""
    lines = (line.split("|") for line in path.read_text().splitlines())
    return {line[2]: line[4] for line in lines if line[4] in ("CONNECT", "ABANDON", "EXITWITHTIMEOUT")}


def linkedid(path: Path, queue: str) -> str:
    """The source's own name of the call that came to this queue."""
    return next(line[1] for line in (text.split("|") for text in path.read_text().splitlines()) if line[2] == queue)


async def test_every_planned_call_is_counted_exactly_as_the_phones_measured_it(asterisk: Asterisk, tmp_path: Path) -> None:
    async with (
        Daemon(tmp_path, configuration(asterisk, PLANNED_CALLS, LIMITS)) as daemon,
        Prometheus(daemon.address) as prometheus,
    ):
        await prometheus.scraped_since(time.time())
        began = time.time()
        at_first = await prometheus.query("contactpoint_signals_total")
        assert {labels["contact_point"] for labels, _ in at_first} == {case.point for case in PLANNED_CALLS}
        assert {value for _, value in at_first} == {0.0}
        truth = await run_calls(asterisk, PLANNED_CALLS)
        await settled(daemon, prometheus, truth)
        assert ends_in_queue_log(asterisk.queue_log) == {
            call.case.point: "CONNECT" if call.answered_at else "ABANDON" if call.ended_by == "caller" else "EXITWITHTIMEOUT"
            for call in truth.calls.values()
            if call.case.point != "direct"
        }, "the phones and Asterisk itself do not agree"

        want = expected(truth, LIMITS)
        assert differences(await counted(prometheus, began), want) == {}, str(truth)

        # A breach is counted when the limit passes, not when the customer is off hold again.
        ((since, until),) = truth.calls["a hold above the limit"].legs[0].holds
        series = 'contactpoint_signals_total{contact_point="q04",signal="long_hold"}'
        before, during = await prometheus.query_at(series, since + LIMITS.hold), await prometheus.query_at(series, until)
        assert [value for _, value in (*before, *during)] == [0.0, 1.0]

        # To a quarter of a second: the truth is measured at the phones, the wait by Asterisk's time stamps. On a busy machine
        # the phones note a moment late, and Asterisk may be as late to send what it has stamped.
        near = 0.25 + 2 * truth.lag
        explained = json.loads(await daemon.command("explain", linkedid(asterisk.queue_log, "q05"), "--json"))
        assert explained["contact_point"] == "q05"
        lengths = [(wait["wait"], wait["waited_seconds"], wait["outcome"]) for wait in explained["waits"]]
        call = truth.calls["three holds"]
        assert lengths == [
            ("queue", pytest.approx(call.waited, abs=near), "kept"),
            ("ring", pytest.approx(call.rang, abs=near), "kept"),
            *(("hold", pytest.approx(s, abs=near), "breached" if s > LIMITS.hold else "kept") for s in call.holds),
        ]

        # The same as people ask for it; increase() extrapolates by a part of a scrape interval.
        span = int(time.time() - began) + 1
        grown = await prometheus.query(f"round(increase(contactpoint_signals_total[{span}s])) > 0")
        assert {("signals", labels["contact_point"], labels["signal"]): value for labels, value in grown} == {
            key: count for key, count in want.items() if key[0] == "signals" and count
        }
        assert not re.search("0207946", daemon.log.read_text()), "a caller's number is in the log"


async def test_a_daemon_killed_three_times_counts_each_call_once(asterisk: Asterisk, tmp_path: Path) -> None:
    config = configuration(asterisk, INTERRUPTED + AFTERWARDS, WIDER, "reporting", queue_log=str(asterisk.queue_log))
    blind: list[tuple[float, float]] = []
    async with Daemon(tmp_path, config) as daemon, Prometheus(daemon.address) as prometheus:
        await sighted(daemon, time.time())
        await prometheus.scraped_since(time.time())
        began = time.time()
        async with asyncio.TaskGroup() as group:
            calls = group.create_task(run_calls(asterisk, INTERRUPTED))
            for moment in KILLED_AT:
                await asyncio.sleep(began + moment - time.time())
                killed = time.time()
                await daemon.kill()
                await asyncio.sleep(1.5)  # so long it stays dead
                await daemon.start()
                blind.append((killed, await sighted(daemon, time.time())))
        truth = calls.result() | await run_calls(asterisk, AFTERWARDS)
        await settled(daemon, prometheus, truth)

        assert differences(await counted(prometheus, began), expected(truth, WIDER, blind)) == {}, f"{truth}\n{blind}"
        for name in COUNTERS:
            resets = await prometheus.query(f"sum(resets(contactpoint_{name}_total[{int(time.time() - began) + 1}s]))")
            assert [value for _, value in resets] == [0.0], name


async def test_what_a_cut_connection_hid_is_read_from_queue_log(asterisk: Asterisk, tmp_path: Path) -> None:
    async with TcpProxy(asterisk.ami_port) as proxy:
        config = configuration(
            asterisk, INTERRUPTED + AFTERWARDS, WIDER, "reporting", port=proxy.port, queue_log=str(asterisk.queue_log)
        )
        async with Daemon(tmp_path, config) as daemon, Prometheus(daemon.address) as prometheus:
            truth, cut, began = await through_a_cut(asterisk, proxy, daemon, prometheus)
            assert differences(await counted(prometheus, began), expected(truth, WIDER, [cut])) == {}, f"{truth}\n{cut}"


async def test_without_queue_log_a_cut_connection_is_a_gap_and_nothing_is_invented(asterisk: Asterisk, tmp_path: Path) -> None:
    async with TcpProxy(asterisk.ami_port) as proxy:
        config = configuration(asterisk, INTERRUPTED + AFTERWARDS, WIDER, "reporting", port=proxy.port)
        async with Daemon(tmp_path, config) as daemon, Prometheus(daemon.address) as prometheus:
            truth, cut, began = await through_a_cut(asterisk, proxy, daemon, prometheus)
            got, want = await counted(prometheus, began), expected(truth, WIDER, [cut])
            assert got <= want, f"{got - want} never happened\n{truth}"
            unheard = {call.case.point for call in truth.calls.values() if cut[0] < call.dialled_at and call.ended_at < cut[1]}
            assert "q04" in unheard
            assert not [key for key in got if key[1] in unheard]
            assert {key: got[key] for key in want if key[1] == "q09"} == {key: want[key] for key in want if key[1] == "q09"}

            gap = await prometheus.query('contactpoint_source_gap_seconds_total{source="pbx"}')
            assert [MENDED_AT - CUT_AT <= value <= cut[1] - cut[0] + 2 for _, value in gap] == [True], gap
            said = [json.loads(line) for line in daemon.log.read_text().splitlines()]
            reported = [entry["event"].partition(":")[0] for entry in said if entry.get("source") == "pbx"]
            assert reported == ["works", "does not work", "a gap nothing can fill", "works again"]


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_callers_whom_a_restart_of_asterisk_cut_off_have_not_given_up(how: str, asterisk: Asterisk, tmp_path: Path) -> None:
    config = configuration(asterisk, STOPPED + AFTERWARDS, WIDER, queue_log=str(asterisk.queue_log))
    async with Daemon(tmp_path, config) as daemon, Prometheus(daemon.address) as prometheus:
        await sighted(daemon, time.time())
        await prometheus.scraped_since(time.time())
        began = time.time()
        async with asyncio.TaskGroup() as group:
            calls = group.create_task(run_calls(asterisk, STOPPED))
            await asyncio.sleep(began + STOPPED_AT - time.time())
            await asyncio.to_thread(getattr(asterisk, how))
            await asyncio.to_thread(asterisk.start)
            await sighted(daemon, time.time())
        truth = calls.result() | await run_calls(asterisk, AFTERWARDS)
        await settled(daemon, prometheus, truth)

        got, want = await counted(prometheus, began), expected(truth, WIDER)
        assert {key: got[key] for key in want if key[1] == "q09"} == {key: want[key] for key in want if key[1] == "q09"}
        assert not [
            key for key in got if key[2] in ("abandoned", "abandoned late", "abandoned in target") and key[0] != "assessed"
        ]
        assert [got["contacts", case.point, "inbound"] for case in STOPPED] == [1, 1, 1]
        # Talking and waiting were sighted until the end: what had been decided by then stays.
        assert got["outcomes", "q10", "answered in target"] == got["outcomes", "q11", "answered in target"] == 1


async def through_a_cut(
    asterisk: Asterisk, proxy: TcpProxy, daemon: Daemon, prometheus: Prometheus
) -> tuple[GroundTruth, tuple[float, float], float]:
    """Plays INTERRUPTED with one long cut of the AMI connection; the truth, the blind span, and when it began."""
    await sighted(daemon, time.time())
    await prometheus.scraped_since(time.time())
    began = time.time()
    async with asyncio.TaskGroup() as group:
        calls = group.create_task(run_calls(asterisk, INTERRUPTED))
        await asyncio.sleep(began + CUT_AT - time.time())
        cut_at = time.time()
        proxy.cut()
        await asyncio.sleep(began + MENDED_AT - time.time())
        proxy.mend()
        back_at = await sighted(daemon, time.time())
    truth = calls.result() | await run_calls(asterisk, AFTERWARDS)
    await settled(daemon, prometheus, truth)
    return truth, (cut_at, back_at), began
