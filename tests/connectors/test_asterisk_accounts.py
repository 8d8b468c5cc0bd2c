"""An account that sees too little: what is said, what is told of its calls, and what is not."""

import time
from pathlib import Path

import pytest

from monitor.connector import Finding
from monitor.connectors._asterisk.calls import STATE_PREFIX
from tests.connectors.asterisk.test_queue_log import StoredState
from tests.connectors.scripted_ami import ScriptedAmi, block, listening
from tests.connectors.test_asterisk import Reading, findings, has, join, log_line, reading


def gives_up(ami: ScriptedAmi, uid: str = "1.1") -> None:
    """As class agent alone tells it."""
    join(ami, uid)
    for name in ("QueueCallerAbandon", "QueueCallerLeave"):
        ami.say(name, Uniqueid=uid, Linkedid=uid, Queue="support")


def whys(running: Reading) -> list[str]:
    return [why for batch in running.batches if batch.untold is not None for why in batch.untold.why]


async def test_a_missing_class_call_is_said_after_the_first_call() -> None:
    async with listening(ScriptedAmi()) as ami, reading(ami) as running:
        gives_up(ami)
        await running.until(lambda r: bool(whys(r)))
        gives_up(ami, "1.2")
        await running.until(lambda r: r.words.count("queued") == 2)
    (said,) = whys(running)
    assert said.startswith("class call is missing")
    assert "manager.conf" in said


async def test_whether_a_caller_gave_up_is_unknown_without_class_call() -> None:
    entries = StoredState()
    async with listening(ScriptedAmi()) as ami, reading(ami, entries) as running:
        gives_up(ami)
        await running.until(has("lost(gap)"))
    assert running.words == ["queued", "lost(gap)"]


async def test_queue_log_knows_it(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.touch()
    async with listening(ScriptedAmi()) as ami, reading(ami, queue_log=path) as running:
        gives_up(ami)
        with path.open("ab") as file:
            file.write(log_line("ABANDON", 1, 1, 9))
        await running.until(has("left(caller)"))
    assert running.words == ["queued", "left(caller)"]


@pytest.mark.parametrize(("reason", "words"), [("agent", ["queued", "answered", "ended"]), ("transfer", ["queued", "answered"])])
async def test_without_class_call_agent_complete_ends_a_call(reason: str, words: list[str]) -> None:
    entries = StoredState()
    async with listening(ScriptedAmi()) as ami, reading(ami, entries) as running:
        join(ami, "1.1")
        for name in ("AgentConnect", "AgentComplete"):
            ami.say(name, Uniqueid="1.1", Linkedid="1.1", Reason=reason, Queue="support")
        join(ami, "1.9")
        await running.until(lambda r: r.words.count("queued") == 2)
        if reason == "agent":
            await running.until(lambda _: STATE_PREFIX + "1.1" not in entries.kept)
    assert [event.kind for event in running.events if event.contact == "1.1"] == words


async def test_with_class_call_agent_complete_ends_nothing() -> None:
    """The caller may go on in the dialplan: only the Hangup ends the call."""
    async with listening(ScriptedAmi()) as ami, reading(ami) as running:
        ami.say("Newchannel", Uniqueid="1.1", Linkedid="1.1", Channel="PJSIP/trunk-00000001")
        join(ami, "1.1")
        for name in ("AgentConnect", "AgentComplete"):
            ami.say(name, Uniqueid="1.1", Linkedid="1.1", Reason="agent", Queue="support")
        join(ami, "1.9")
        await running.until(lambda r: r.words.count("queued") == 2)
    assert [event.kind for event in running.events if event.contact == "1.1"] == ["queued", "answered"]


# --- check -----------------------------------------------------------------------------------------------------------------


def events(*names: str) -> bytes:
    said = {"Uniqueid": "1.1", "Linkedid": "1.1", "Timestamp": f"{time.time():.6f}", "Queue": "support"}
    return b"".join(block({"Event": name, **said}) for name in names)


def texts(found: list[Finding], ok: bool | None) -> str:
    return " / ".join(finding.text for finding in found if finding.ok is ok)


async def test_check_finds_that_class_call_is_missing_where_a_call_shows_it() -> None:
    ami = ScriptedAmi()
    ami.after_channels = lambda: events("QueueCallerJoin", "QueueCallerAbandon", "QueueCallerLeave")
    async with listening(ami):
        found = await findings(ami)
    assert "class call is missing" in texts(found, False)


@pytest.mark.parametrize(("names", "other"), [(("QueueCallerJoin",), "call"), (("Newchannel",), "agent")])
async def test_check_says_of_which_class_nothing_came(names: tuple[str, ...], other: str) -> None:
    ami = ScriptedAmi()
    ami.after_channels = lambda: events(*names)
    async with listening(ami):
        found = await findings(ami)
    assert f"no event of class {other} came" in texts(found, None)
    assert texts(found, False) == ""
