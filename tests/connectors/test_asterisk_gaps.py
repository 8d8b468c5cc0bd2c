"""What Asterisk shows after a gap, a link that is dead or slow, and a process that stood still."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.connector import TransientError
from monitor.connectors._asterisk.session import Timing
from tests.connectors.asterisk.test_queue_log import StoredState
from tests.connectors.scripted_ami import SECRET, ScriptedAmi, listening
from tests.connectors.test_asterisk import Reading, after_a_gap, has, join, log_line, make, reading, shown, waits
from tests.servers.daemon import Daemon

CALLER, PHONE = "PJSIP/trunk-00000001", "PJSIP/1004-00000002"


def rings(ami: ScriptedAmi, uid: str = "1.1", phone: str = "1.2") -> None:
    """Somebody outside dials the phone 1004 itself, and it rings."""
    fields = {"Uniqueid": uid, "Linkedid": uid, "Channel": CALLER, "CallerIDNum": "02079460101", "Exten": "1004"}
    dest = {"DestUniqueid": phone, "DestLinkedid": uid, "DestChannel": PHONE}
    ami.say("Newchannel", **fields)
    ami.say("DialBegin", **fields, **dest, DialString="1004")
    ami.say("DialState", **fields, **dest, DialStatus="RINGING")


def press(ami: ScriptedAmi, what: str, uid: str = "1.2", linked: str = "1.1") -> None:
    ami.say(what, Uniqueid=uid, Linkedid=linked, Channel=PHONE)


def in_dial(uid: str = "1.1", **more: str) -> dict[str, str]:
    return {**shown(uid), "CallerIDNum": "02079460101", "Exten": "1004", "Application": "Dial", **more}


def agent(bridge: str, uid: str = "1.2", linked: str = "1.1") -> dict[str, str]:
    return {"Uniqueid": uid, "Linkedid": linked, "Channel": PHONE, "Application": "AppDial", "BridgeId": bridge}


async def rest_of(ami: ScriptedAmi, entries: StoredState, say: Callable[[], None], *words: str, **keys: Any) -> list[str]:
    async with reading(ami, entries, **keys) as running:
        say()
        await running.until(has(*words))
    return running.words


# --- a direct call rings when sight is lost --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{}, {"Application": "Dial"}, {"Application": "Dial", "BridgeId": "", "ChannelStateDesc": "Up"}])
async def test_it_rings_on_where_asterisk_shows_that_nobody_has_answered(how: dict[str, str]) -> None:
    async with listening(ScriptedAmi()) as ami:

        def meanwhile() -> None:
            ami.channels = [{**shown("1.1"), **how}]

        running, _ = await after_a_gap(ami, lambda: rings(ami), meanwhile, ("ringing",))
    assert running.words == []


@pytest.mark.parametrize(
    "channels",
    [
        [in_dial(BridgeId="b1"), agent("b1")],
        [in_dial(Application="VoiceMail")],
        [in_dial(Application="Queue")],
        None,
    ],
    ids=["answered", "on the mailbox", "in a queue", "not allowed to look"],
)
async def test_how_long_it_rang_is_unknown_where_it_may_have_been_answered(channels: list[dict[str, str]] | None) -> None:
    async with listening(ScriptedAmi()) as ami:

        def meanwhile() -> None:
            ami.channels = channels

        running, entries = await after_a_gap(ami, lambda: rings(ami), meanwhile, ("ringing",))
        assert running.words == ["lost(gap)"]

        def later() -> None:
            press(ami, "Hold")
            press(ami, "Unhold")

        assert await rest_of(ami, entries, later, "unheld") == ["held", "unheld"]


# --- calls that nobody saw begin -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [True, False], ids=["after a gap", "the first time"])
async def test_holds_of_a_call_that_was_answered_unseen_are_told(before: bool) -> None:
    entries = StoredState()
    async with listening(ScriptedAmi(channels=[])) as ami:
        if before:
            async with reading(ami, entries):
                pass
        ami.channels = [
            {**in_dial(BridgeId="b1"), "Application": "Queue", "ApplicationData": "support,t,,,60"},
            {**agent("b1"), "Application": "AppQueue"},
            in_dial("2.1", BridgeId="b2", Linkedid="2.1"), agent("b2", "2.2", "2.1"),
        ]  # fmt: skip
        async with reading(ami, entries) as running:
            press(ami, "Hold")
            press(ami, "Hold", "2.2", "2.1")
            await running.until(has("held", "held"))
    assert [(event.kind, event.place) for event in running.events] == [("held", "queue:support"), ("held", "extension:1004")]


@pytest.mark.parametrize(
    "channel",
    [
        {**shown("1.1"), "Application": "Queue", "ApplicationData": "support", "BridgeId": ""},
        {**in_dial(BridgeId="b1"), "Channel": "PJSIP/1003-00000001"},
        {**shown("1.1"), "Application": "ConfBridge", "BridgeId": "b1"},
        {**shown("1.1"), "Application": "AppDial", "BridgeId": "b1"},
    ],
    ids=["waits", "calls out or a colleague", "in a conference", "was called by us"],
)
async def test_no_call_is_made_of_what_is_not_a_customer_who_talks(channel: dict[str, str]) -> None:
    entries = StoredState()
    async with listening(ScriptedAmi(channels=[channel, agent("b1")])) as ami, reading(ami, entries) as running:
        press(ami, "Hold")
        join(ami, "9.9")
        await running.until(has("queued"))
    assert running.words == ["queued"]


# --- queue_log fills a part ------------------------------------------------------------------------------------------------


async def test_queue_log_does_not_say_whether_a_direct_call_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(log_line("CONFIGRELOAD", "", uid="NONE"))
    async with listening(ScriptedAmi()) as ami:

        def meanwhile() -> None:
            ami.channels = [in_dial(BridgeId="b1"), agent("b1")]

        running, _ = await after_a_gap(ami, lambda: rings(ami), meanwhile, ("ringing",), queue_log=path)
    assert running.words == ["lost(gap)"]
    gap = running.batches[0].gap
    assert gap is not None
    assert gap.unknown is not None
    assert "direct numbers" in gap.unknown


# --- whether somebody may have been called back in it ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uptime", "callbacks"),
    [(0, False), (86_400, True), (None, True), (60, True)],
    ids=["it has just started", "it ran on", "it does not say", "it has run for a minute"],
)
async def test_nobody_is_called_back_while_asterisk_starts_anew(uptime: int | None, callbacks: bool) -> None:
    entries = StoredState()
    async with listening(ScriptedAmi()) as ami:
        connector = make(ami, entries)
        first = Reading(connector, entries)
        await first.until(lambda r: bool(r.batches))
        ami.hang_up()
        await first.to_the_end()
        await asyncio.sleep(1.1)  # Uptime is whole seconds
        ami.uptime = uptime
        second = Reading(connector, entries)
        await second.until(lambda r: bool(r.batches))
        gap = second.batches[0].gap
        await second.aclose()
    assert gap is not None
    assert gap.callbacks is callbacks


async def test_a_daemon_that_was_killed_does_not_know_when_asterisk_stopped() -> None:
    async with listening(ScriptedAmi()) as ami:

        def meanwhile() -> None:
            ami.uptime = 0

        running, _ = await after_a_gap(ami, lambda: join(ami, "1.1"), meanwhile, ("queued",))
    gap = running.batches[0].gap
    assert gap is not None
    assert gap.callbacks


# --- signs of life ---------------------------------------------------------------------------------------------------------


async def test_each_batch_says_when_asterisk_was_last_heard() -> None:
    async with listening(ScriptedAmi(ahead=100.0)) as ami, reading(ami) as running:
        before = ami.now()
        await running.until(lambda r: r.batches[-1].proven is not None and r.batches[-1].proven.timestamp() > before)
        ami.pongs = False
        await running.to_the_end()
        assert running.batches[-1].proven is not None
        assert running.batches[-1].proven.timestamp() < before + 1.0


async def test_a_question_is_answered_at_once_however_seldom_it_pings() -> None:
    seldom = Timing(ping=60.0, silence=120.0, retry=0.02)
    entries = StoredState()
    async with listening(ScriptedAmi()) as ami:
        running = Reading(make(ami, entries, seldom), entries)
        await running.until(lambda r: bool(r.batches))
        prove = running.batches[0].prove
        assert prove is not None
        asked = time.time()
        prove()
        await running.until(lambda r: r.batches[-1].proven is not None and r.batches[-1].proven.timestamp() >= asked)
        assert time.time() - asked < 1.0
        await running.aclose()


async def test_a_dead_link_gathers_no_questions() -> None:
    entries = StoredState()
    async with listening(ScriptedAmi()) as ami:
        running = Reading(make(ami, entries), entries)
        await running.until(lambda r: bool(r.batches))
        prove = running.batches[0].prove
        assert prove is not None
        ami.pongs = False
        sent = len(ami.wire)
        for _ in range(100):
            prove()
        error = await running.to_the_end()
        assert isinstance(error, TransientError)
        assert len(ami.wire) - sent < 20
        await running.aclose()


async def test_why_a_caller_left_is_not_decided_on_a_dead_link() -> None:
    """The line goes dead after QueueCallerAbandon; HangupRequest, which would have said why, never comes."""
    entries = StoredState()
    slow = Timing(ping=0.5, silence=1.5, retry=0.02)
    async with listening(ScriptedAmi()) as ami:
        running = Reading(make(ami, entries, slow), entries)
        await running.until(lambda r: bool(r.batches))
        join(ami, "1.1")
        ami.pongs = False
        ami.say("QueueCallerAbandon", Uniqueid="1.1", Linkedid="1.1", Queue="support")
        await running.to_the_end()
        await running.aclose()
    assert running.words == ["queued"]


async def test_while_calls_are_open_each_sign_of_life_is_written_down() -> None:
    """A gap begins where it was last heard: what was judged up to there stays."""
    entries = StoredState()
    async with listening(ScriptedAmi()) as ami, reading(ami, entries) as running:
        join(ami, "1.1")
        await running.until(has("queued"))
        known = len(running.batches)
        await running.until(lambda r: len(r.batches) > known + 2)
        later = [batch for batch in running.batches[known:] if not batch.events]
    assert all(batch.cursor is not None for batch in later)


# --- a process that stood still --------------------------------------------------------------------------------------------


async def until_shown(daemon: Daemon, line: str, within_seconds: float) -> str:
    """The metrics page as soon as it shows the line."""
    until = time.monotonic() + within_seconds
    while line not in (page := await daemon.get("/metrics") or ""):
        assert time.monotonic() < until, page
        await asyncio.sleep(0.1)
    return page


@pytest.mark.waits(20)
async def test_a_stopped_process_does_not_judge_before_it_has_listened(tmp_path: Path) -> None:
    """A hold of a second and a half; the daemon stands still from the first second of it until long after the limit."""
    async with listening(ScriptedAmi()) as ami:
        pbx = {"type": "asterisk", "host": "127.0.0.1", "port": ami.port, "username": "monitor", "password": SECRET}
        config = {
            "timezone": "UTC", "country": "GB", "sources": {"pbx": pbx},
            "contact_points": {"support": {"source": "pbx", "queue": "support"}},
            "policies": {"default": {"long_hold": {"after": "2s"}, "long_wait": {"after": "2s"}}},
        }  # fmt: skip
        async with Daemon(tmp_path, config) as daemon:
            join(ami, "1.1")
            ami.say("AgentConnect", Uniqueid="1.1", Linkedid="1.1", Queue="support")
            press(ami, "Hold")
            join(ami, "1.7")
            for wait in ("hold", "queue"):
                waiting = f'contactpoint_waiting{{channel="phone",contact_point="support",wait="{wait}"}} 1'
                await until_shown(daemon, waiting, within_seconds=1.5)  # read, and no limit has passed
            pid = daemon.pid
            os.kill(pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(0.5)
                press(ami, "Unhold")
                ami.say("AgentConnect", Uniqueid="1.7", Linkedid="1.7", Queue="support")
                await asyncio.sleep(4.0)  # both limits of 2 s pass while it stands still
            finally:
                os.kill(pid, signal.SIGCONT)
            assessed = 'contactpoint_assessed_total{channel="phone",contact_point="support",signal="long_hold"} 1'
            page = await until_shown(daemon, assessed, within_seconds=15)
            for signal_name in ("long_hold", "long_wait"):
                labels = f'channel="phone",contact_point="support",signal="{signal_name}"'
                assert f"contactpoint_signals_total{{{labels}}} 0" in page
                assert f"contactpoint_signals_retracted_total{{{labels}}} 0" in page


async def test_a_caller_who_waits_on_is_not_touched_by_what_the_channels_say() -> None:
    async with listening(ScriptedAmi()) as ami:

        def meanwhile() -> None:
            ami.entries = [waits("1.1", 0)]
            ami.channels = [{**shown("1.1"), "Application": "Queue", "ApplicationData": "support"}]

        running, _ = await after_a_gap(ami, lambda: join(ami, "1.1"), meanwhile, ("queued",))
    assert running.words == []
