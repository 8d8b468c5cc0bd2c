"""The demo's AMI over a real socket, as a client sees it."""

import asyncio
import random
from collections.abc import AsyncIterator
from hashlib import md5

import pytest

from monitor.demo.ami_server import AmiServer
from monitor.demo.call_plans import CallPlan
from monitor.demo.calls import Call
from monitor.demo.channels import Member, Queue
from monitor.demo.pbx import Pbx
from monitor.testing import FakeClock

CALL = CallPlan("8001", "02079460001", "Caller One", pickups=(None,), patience=200)


class Client:
    """Speaks AMI by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, **headers: str) -> dict[str, str]:
        self.writer.write("".join(f"{k}: {v}\r\n" for k, v in headers.items()).encode() + b"\r\n")
        return await self.message()

    async def message(self) -> dict[str, str]:
        raw = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        return {k: v.strip() for k, v in (line.split(":", 1) for line in raw.strip().split("\r\n"))}

    async def until(self, event: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        while not found or found[-1].get("Event") != event:
            found.append(await self.message())
        return found


class Rig:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.pbx = Pbx(self.clock, random.Random(1), [Queue("support", "8001", [Member("1001", "Alice")])])
        self.server = AmiServer(self.pbx, "monitor", "s3cret")
        self.clients: list[Client] = []

    async def connect(self, *, login: bool = True) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.server.port))
        self.clients.append(client)
        assert await client.reader.readuntil(b"\n") == b"Asterisk Call Manager/11.0.0\r\n"
        if login:
            answer = await client.ask(Action="Login", Username="monitor", Secret="s3cret")
            assert answer == {"Response": "Success", "Message": "Authentication accepted"}
            assert (await client.message())["Event"] == "FullyBooted"
        return client


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    await rig.server.start()
    yield rig
    for client in rig.clients:
        client.writer.close()
    await rig.server.stop()
    await rig.pbx.close()


async def test_before_login_every_action_is_denied(rig: Rig) -> None:
    client = await rig.connect(login=False)
    assert await client.ask(Action="QueueStatus", ActionID="q") == {
        "Response": "Error", "ActionID": "q", "Message": "Permission denied",
    }  # fmt: skip


async def test_a_wrong_password_is_refused_and_the_connection_closed(rig: Rig) -> None:
    client = await rig.connect(login=False)
    assert await client.ask(Action="Login", Username="monitor", Secret="wrong") == {
        "Response": "Error", "Message": "Authentication failed",
    }  # fmt: skip
    assert await client.reader.read() == b""


@pytest.mark.parametrize(("secret", "response"), [("s3cret", "Success"), ("wrong", "Error")])
async def test_login_by_challenge(rig: Rig, secret: str, response: str) -> None:
    client = await rig.connect(login=False)
    challenge = (await client.ask(Action="Challenge", AuthType="MD5"))["Challenge"]
    key = md5((challenge + secret).encode()).hexdigest()
    answer = await client.ask(Action="Login", AuthType="MD5", Username="monitor", Key=key)
    assert answer["Response"] == response


async def test_a_key_without_a_challenge_is_worth_nothing(rig: Rig) -> None:
    client = await rig.connect(login=False)
    answer = await client.ask(Action="Login", AuthType="MD5", Username="monitor", Key=md5(b"s3cret").hexdigest())
    assert answer["Message"] == "Authentication failed"


async def test_ping_tells_the_servers_time(rig: Rig) -> None:
    client = await rig.connect()
    await rig.clock.advance(1.5)
    assert await client.ask(Action="Ping", ActionID="p1") == {
        "Response": "Success", "ActionID": "p1", "Ping": "Pong", "Timestamp": f"{rig.clock.now().timestamp():.6f}",
    }  # fmt: skip


@pytest.mark.parametrize(
    "action", ["Originate", "Hangup", "Command", "QueuePause", "Redirect", "QueueReset", "GetConfig", "Nonsense"]
)
async def test_nothing_that_writes_is_allowed(rig: Rig, action: str) -> None:
    client = await rig.connect()
    assert await client.ask(Action=action) == {"Response": "Error", "Message": "Permission denied"}


async def test_the_polls_show_who_waits_and_since_when(rig: Rig) -> None:
    for _ in range(2):
        rig.pbx.spawn(run_call(rig, CALL))
    await rig.clock.advance(12.5)  # both joined after 0.5 s; the only phone rings for the first
    client = await rig.connect()

    rows = [await client.ask(Action="QueueStatus", ActionID="q1"), *await client.until("QueueStatusComplete")]
    assert rows[0] == {"Response": "Success", "ActionID": "q1", "EventList": "start", "Message": "Queue status will follow"}
    assert [row["Event"] for row in rows[1:]] == ["QueueParams", "QueueMember", "QueueEntry", "QueueEntry", "QueueStatusComplete"]
    assert rows[2]["Status"] == "6"
    assert [(row["Position"], row["Wait"], row["ConnectedLineNum"]) for row in rows[3:5]] == [
        ("1", "12", "1001"),
        ("2", "12", "unknown"),
    ]
    assert list(rows[3]) == [
        "Event", "Queue", "Position", "Channel", "Uniqueid", "CallerIDNum", "CallerIDName", "ConnectedLineNum",
        "ConnectedLineName", "Wait", "Priority", "ActionID",
    ]  # fmt: skip
    assert rows[-1] == {"Event": "QueueStatusComplete", "ActionID": "q1", "EventList": "Complete", "ListItems": "4"}

    rows = [await client.ask(Action="QueueSummary", ActionID="s"), *await client.until("QueueSummaryComplete")]
    assert (rows[1]["Callers"], rows[1]["LongestHoldTime"], rows[1]["Available"]) == ("2", "12", "0")

    rows = [await client.ask(Action="CoreShowChannels", ActionID="c"), *await client.until("CoreShowChannelsComplete")]
    shown = rows[1:-1]
    assert [row["Application"] for row in shown] == ["Queue", "Queue", "AppQueue"]
    assert {row["Duration"] for row in shown} == {"00:00:12"}
    assert shown[2]["Linkedid"] == shown[0]["Uniqueid"] == shown[0]["Linkedid"]
    assert list(shown[0])[:2] == ["Event", "ActionID"]
    assert list(shown[0])[-4:] == ["Application", "ApplicationData", "Duration", "BridgeId"]


async def run_call(rig: Rig, plan: CallPlan) -> None:
    await Call(rig.pbx, plan).run()


async def test_events_can_be_switched_off_and_limited_to_classes(rig: Rig) -> None:
    quiet, agents = await rig.connect(), await rig.connect()
    assert (await quiet.ask(Action="Events", EventMask="off"))["Events"] == "Off"
    assert (await agents.ask(Action="Events", EventMask="agent"))["Events"] == "On"
    rig.pbx.spawn(run_call(rig, CALL))
    await rig.clock.advance(1)
    assert [(await agents.message())["Event"] for _ in range(2)] == ["QueueCallerJoin", "AgentCalled"]
    assert (await quiet.ask(Action="Ping"))["Ping"] == "Pong"


async def test_timestamps_never_stand_still(rig: Rig) -> None:
    client = await rig.connect()
    rig.pbx.spawn(run_call(rig, CALL))
    await rig.clock.advance(1)
    stamps = [event["Timestamp"] for event in await client.until("DialState")]
    assert stamps == sorted(set(stamps))


async def test_logoff_says_goodbye_and_closes(rig: Rig) -> None:
    client = await rig.connect()
    assert (await client.ask(Action="Logoff"))["Response"] == "Goodbye"
    assert await client.reader.read() == b""
    assert not rig.pbx.listeners


async def test_a_client_that_does_not_read_is_cut_off_and_the_others_live_on(rig: Rig) -> None:
    await rig.connect()  # never reads again
    alive = await rig.connect()
    padding = [("Padding", "x" * 60_000)]
    for _ in range(400):
        rig.pbx.emit("UserEvent", padding)
        await alive.until("UserEvent")
        if len(rig.pbx.listeners) == 1:
            break
    assert len(rig.pbx.listeners) == 1
    assert (await alive.ask(Action="Ping"))["Ping"] == "Pong"


async def test_a_line_break_in_a_callers_name_cannot_forge_a_field(rig: Rig) -> None:
    client = await rig.connect()
    rig.pbx.spawn(run_call(rig, CallPlan("8001", "02079460001", "Eve\r\nEvent: Shutdown", patience=1)))
    await rig.clock.advance(0.1)
    event = await client.message()
    assert (event["Event"], event["CallerIDName"]) == ("Newchannel", "Eve  Event: Shutdown")
