"""Every connector of ours keeps what `monitor.testing.ConnectorContract` asks of all."""

import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.clock import SystemClock
from monitor.connector import Connector, Context, PushTarget
from monitor.connectors import asterisk, events, imap, queue_log
from monitor.connectors._asterisk.session import Timing
from monitor.testing import ConnectorContract, FakeClock, SourceScenario
from tests.connectors.asterisk_recordings import read
from tests.connectors.mail_names import kept
from tests.connectors.scripted_ami import SECRET, ScriptedAmi, listening
from tests.connectors.scripted_imap import PASSWORD, ScriptedImap, scripted_imap

NOBODY_LISTENS = 9  # the discard port
NUMBER = "02079460123"
BEGIN = 1_795_298_900


def log_lines() -> bytes:
    """Two calls in queue_log: one is answered, one gives up; one line is garbage that names a caller."""
    lines = [
        f"{BEGIN}|{BEGIN}.1|support|NONE|ENTERQUEUE||{NUMBER}|1",
        f"{BEGIN + 5}|{BEGIN}.1|support|Alice|CONNECT|5|{BEGIN}.2|2",
        f"{BEGIN + 10}|{BEGIN}.9|support|NONE|ENTERQUEUE||0301234567|1",
        f"x|{NUMBER}",
        f"{BEGIN + 30}|{BEGIN}.1|support|Alice|COMPLETECALLER|5|25|1",
        f"{BEGIN + 50}|{BEGIN}.9|support|NONE|ABANDON|1|1|40",
    ]
    return "".join(line + "\n" for line in lines).encode()


class AnHourLater(SystemClock):
    """Sleeps as usual, but it is always an hour after the first call."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(BEGIN + 3600, UTC)


class TestQueueLog(ConnectorContract):
    module = queue_log

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "queue_log"
            path.write_bytes(log_lines())
            yield SourceScenario(
                {"path": str(path)},
                contacts={f"{BEGIN}.1": ["queued", "ringing", "answered", "ended"], f"{BEGIN}.9": ["queued", "left", "ended"]},
                personal={NUMBER, "0301234567"},
                clock=AnHourLater(),
                unreachable={"path": str(path) + ".gone"},
                archives={"queue_log": read("answered", "queue_log")},
            )


class TestAsterisk(ConnectorContract):
    module = asterisk

    def connector(self, scenario: SourceScenario, context: Context) -> Connector:
        settings = asterisk.Settings.model_validate({"type": "asterisk", **scenario.settings})
        return asterisk.Asterisk(settings, context, Timing(ping=0.05, silence=2.0, retry=0.02, loading=2.0))

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        async with listening(ScriptedAmi()) as ami:
            began = time.time()

            async def report(_: Connector) -> None:
                call = {"Uniqueid": "1.1", "Linkedid": "1.1", "Channel": "PJSIP/trunk-00000001"}
                ami.say("QueueCallerJoin", began + 0.1, **call, CallerIDNum=NUMBER, Queue="support")
                ami.say("AgentConnect", began + 0.2, **call, Queue="support")
                ami.say("Hangup", began + 0.3, **call)

            yield SourceScenario(
                {"host": "127.0.0.1", "port": ami.port, "username": "monitor", "password": SECRET},
                contacts={"1.1": ["queued", "answered", "ended"]},
                personal={NUMBER},
                secrets={SECRET},
                places={"queue:support"},
                report=report,
                open_connections=lambda: sum(not writer.is_closing() for writer in ami._writers),
                changes=lambda: [asked["Action"] for asked in ami.wire if asked["Action"] not in READING],
                unreachable={"host": "127.0.0.1", "port": NOBODY_LISTENS, "username": "monitor", "password": SECRET},
                archives={"queue_log": read("answered", "queue_log")},
            )


#: All that AMI is ever asked.
READING = {"Challenge", "Login", "Ping", "QueueStatus", "CoreShowChannels", "ListCommands", "Logoff"}
ACCOUNT = "support@lab.example"
ADDRESS = "gwen@customer.example"


def mail(number: int, sender: str, to: str, subject: str, answers: int | None = None) -> bytes:
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Message-ID: <{number}@x>"]
    lines += [f"In-Reply-To: <{answers}@x>"] if answers is not None else []
    return "\r\n".join([*lines, "", "Where is my parcel?", ""]).encode()


class TestImap(ConnectorContract):
    module = imap

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        inbox = {n: mail(n, ADDRESS, ACCOUNT, "Lost umbrella") for n in range(1, 4)}
        sent = {1: mail(11, ACCOUNT, ADDRESS, "Re: Lost umbrella", answers=1)}
        with scripted_imap(ScriptedImap(mails={"INBOX": inbox, "Sent": sent}, poison={3})) as server:
            yield SourceScenario(
                {
                    "host": "127.0.0.1", "port": server.port, "tls": "none", "timeout": "5s", "username": ACCOUNT,
                    "password": PASSWORD, "domains": ["lab.example"],
                },
                contacts={kept("1@x"): ["received", "replied"], kept("2@x"): ["received"]},
                personal={ADDRESS, "umbrella", "parcel"},
                secrets={PASSWORD},
                places={f"address:{ACCOUNT}"},
                clock=FakeClock(datetime(2026, 11, 18, 12, 0, tzinfo=UTC)),
                changes=lambda: [verb for verb in server.verbs() if verb not in LOOKING],
                unreachable={
                    "host": "127.0.0.1", "port": NOBODY_LISTENS, "tls": "none", "username": ACCOUNT, "password": PASSWORD,
                },
                archives={"mbox": b"From gwen Wed Nov 18 10:00:00 2026\n" + inbox[1].replace(b"\r\n", b"\n")},
            )  # fmt: skip


#: Commands that change nothing in a mailbox.
LOOKING = {
    "CAPABILITY", "LOGIN", "AUTHENTICATE", "ENABLE", "ID", "NAMESPACE", "LIST", "STATUS", "EXAMINE", "UID SEARCH", "UID FETCH",
    "NOOP", "CLOSE", "UNSELECT", "LOGOUT",
}  # fmt: skip
TOKEN = "s3cret-token"


def contact_event(contact: str, kind: str, minute: int, **more: Any) -> bytes:
    at = f"2026-11-02T09:{minute:02}:00Z"
    return json.dumps({
        "id": f"{contact}-{kind}", "contact": contact, "contact_point": "desk", "channel": "email", "kind": kind, "at": at,
        "customer": ADDRESS, **more,
    }).encode()  # fmt: skip


class TestEvents(ConnectorContract):
    module = events

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        lines = [
            contact_event("c1", "received", 0, text="Where is my parcel?"),
            contact_event("c1", "replied", 10),
            contact_event("c2", "received", 20),
            b'{"kind": "seen_until", "at": "2026-11-02T09:30:00Z"}',
        ]

        async def report(connector: Connector) -> None:
            assert isinstance(connector, PushTarget)
            bad = contact_event("c3", "received", 30, mood=ADDRESS)
            answer = await connector.offer(list(enumerate([*lines, bad], 1)))
            assert [refused.line for refused in answer.rejected] == [5]

        yield SourceScenario(
            {"token": TOKEN},
            contacts={"c1": ["received", "replied"], "c2": ["received"]},
            personal={ADDRESS, "parcel"},
            secrets={TOKEN},
            report=report,
            archives={"events": b"\n".join(lines)},
            push=(TOKEN, lines),
        )
