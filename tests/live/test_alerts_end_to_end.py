"""From a customer on hold to a message for somebody on call: a real daemon, Prometheus and Alertmanager, and back to silence."""

import asyncio
import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.imap_server import ImapServer
from monitor.demo.mailbox import Mailbox
from tests.connectors.scripted_ami import SECRET, ScriptedAmi, listening
from tests.live.alert_stack import Pusher, quick_routing, quick_rules, send_alerts_to, with_past_samples
from tests.servers.alertmanager import Alertmanager
from tests.servers.daemon import Daemon
from tests.servers.prometheus import Prometheus
from tests.servers.tcp_proxy import TcpProxy
from tests.servers.webhook import Webhook

#: Alerts of the committed rules that this test cannot bring about, or not end, and why. tests/rules shows them by promtool.
NOT_SHOWN = {
    "ContactPointNobodyThere": "wants a telephone system with callers in a queue; tests/live/test_agents.py has a real one",
    "ContactPointTrafficCeased": "compares with the same hour of last week",
    "ContactPointFastBurn": "a share of an hour; over only when five minutes have passed without a bad contact",
    "ContactPointHourBurn": "a share of an hour; over only when five minutes have passed without a bad contact",
    "ContactPointSlowBurn": "a share of six hours; over only after half an hour",
    "ContactPointObjectiveTrend": "a share of three days; over only after six hours",
    "ContactPointDetectionDelayed": "wants a daemon that has run for 35 minutes",
    "ContactPointStoreFailing": "over only when ten minutes have passed without a refused write",
    "ContactPointMonitorRestarting": "over only half an hour after the last restart",
}

#: Every alert and what it is about -> its receiver. Each is notified once when it begins and once when it has ended.
EXPECTED = {
    ("ContactPointHoldTooLong", "hold-line"): "control-room",
    ("ContactPointQueueUnanswered", "front-line"): "control-room-urgent",
    ("ContactPointQueueUnanswered", "night-line"): "control-room-urgent",
    ("ContactPointReplyVeryLate", "letters"): "control-room",
    ("ContactPointReplyVeryLate", "partner-mail"): "control-room",
    ("ContactPointDueSoon", "soon-mail"): "control-room",
    ("ContactPointPromiseDueSoon", "promises"): "nobody",
    ("ContactPointPromiseBroken", "promised-calls"): "control-room",
    ("ContactPointComplaintDeadlineNear", "complaints"): "control-room",
    ("ContactPointBlind", "reception"): "nobody",
    ("ContactPointBlind", "night-line"): "nobody",
    ("ContactPointBlind", "partner-mail"): "nobody",
    ("ContactPointBlind", "other"): "nobody",
    ("ContactPointUnwatched", "nobody-told"): "nobody",
    ("ContactPointSourceIdle", "shut"): "nobody",
    ("ContactPointSourceBlind", "pbx"): "on-call",
    ("ContactPointSourceBlind", "log"): "on-call",
    ("ContactPointSourceBlind", "partner"): "on-call",
    ("ContactPointSourceDown", "gone"): "on-call",
    ("ContactPointSourceAuthRefused", "pbx"): "on-call",
    ("ContactPointSourceClockSkew", "pbx"): "on-call",
    ("ContactPointRecordsRejected", "partner"): "on-call",
    ("ContactPointRecordsUnmapped", "partner"): "nobody",
    ("ContactPointNoOutbound", "mail"): "on-call",
    ("ContactPointConfigReloadFailed", ""): "on-call",
    ("ContactPointMonitorAbsent", ""): "on-call",
    ("ContactPointMonitorDown", ""): "on-call",
}
#: Notified once; its end comes ten minutes after the last negative contact.
BEGINS_ONLY = {("ContactPointCriticalSignal", "vip-counter"): "control-room-urgent"}
#: A source that has never worked is reported down a minute after the start, before it is called blind.
MAY_COME = {("ContactPointSourceDown", "pbx")}

TOKENS = {name: f"token-of-the-{name}" for name in ("desk", "partner", "shut")}
MAIL_PASSWORD = "password-of-the-mail"
ADDRESS = "info@example.org"


DAY = timedelta(days=1)


def configuration(
    top: Path, ami: int, imap: int, *, secret: str = "not the password", gone: str = "gone", shut: bool = True
) -> dict[str, Any]:
    """Limits of seconds. The phone system's password is wrong, one file does not exist, and one line is closed today."""
    in_three_days = f"{datetime.now(UTC) + 3 * DAY:%a}".lower()
    hours = {in_three_days: "09:00-10:00"} if shut else {"mon-sun": "00:00-24:00"}

    def fed(source: str, policy: str = "quick", **where: str) -> dict[str, str]:
        return {"source": source, "policy": policy, "team": "desk", **where}

    return {
        "timezone": "Europe/London",
        "calendars": {"seldom": {"hours": hours}},
        "sources": {
            "desk": {"type": "events", "token": TOKENS["desk"]},
            "partner": {"type": "events", "token": TOKENS["partner"], "discover": False, "poll_every": "1s"},
            "pbx": {"type": "asterisk", "host": "127.0.0.1", "port": ami, "username": "monitor", "password": secret},
            "log": {"type": "queue_log", "path": str(top / "queue_log")},
            "shut": {"type": "events", "token": TOKENS["shut"]},
            "gone": {"type": "queue_log", "path": str(top / gone)},
            "mail": {
                "type": "imap", "host": "127.0.0.1", "port": imap, "tls": "none", "username": ADDRESS,
                "password": MAIL_PASSWORD, "domains": ["example.org"], "poll_every": "1s",
            },
        },
        "contact_points": {
            "hold-line": fed("desk", channel="phone"),
            "front-line": fed("desk", channel="phone"),
            "vip-counter": fed("desk", "vip", channel="counter"),
            "letters": fed("desk", channel="email"),
            "soon-mail": fed("desk", "patient", channel="email"),
            "shut-line": fed("shut", channel="phone", calendar="seldom"),
            "promises": fed("desk", channel="email"),
            "promised-calls": fed("desk", channel="phone"),
            "complaints": fed("desk", channel="email"),
            "partner-mail": fed("partner", channel="email"),
            "reception": fed("pbx", extension="100"),
            "night-line": fed("log", queue="night"),
            "mailbox": fed("mail", address=ADDRESS),
            "nobody-told": {"channel": "chat", "policy": "quick", "team": "desk"},
        },
        "policies": {
            "quick": {
                "long_hold": {"after": "3s"},
                "long_wait": {"after": "1s"},
                "late_reply": {"after": "2s", "clock": "always"},
            },
            "patient": {"late_reply": {"after": "1h", "clock": "always", "warn_before": "30m"}},
            "vip": {"long_wait": {"after": "1s", "objective": "100%"}},
        },
    }  # fmt: skip


def event(point: str, channel: str, kind: str, ago: timedelta = timedelta(0), contact: str = "1", **more: Any) -> dict[str, Any]:
    """Something that happened `ago` to a contact of this contact point."""
    at = (datetime.now(UTC) - ago).isoformat()
    return {"contact": f"{point}-{contact}", "contact_point": point, "channel": channel, "kind": kind, "at": at, **more}


def letter(number: int, *, outgoing: bool = False) -> bytes:
    """A mail of a customer, or our answer to one."""
    message = EmailMessage()
    ours, theirs = ADDRESS, f"customer-{number}@example.net"
    message["From"], message["To"] = (ours, theirs) if outgoing else (theirs, ours)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Subject"] = "A question"
    message["Message-ID"] = f"<{'answer' if outgoing else 'question'}-{number}@example.net>"
    if outgoing:
        message["In-Reply-To"] = message["References"] = f"<question-{number}@example.net>"
    message.set_content("Words.")
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def queue_lines(agent: str, verb: str, *rest: str) -> list[str]:
    """Lines of queue_log about the two callers of the night line."""
    now = str(int(time.time()))
    return ["|".join((now, f"night-{number}", "night", agent, verb, *rest)) + "\n" for number in (1, 2)]


@pytest.mark.waits(85)
async def test_every_live_alert_fires_reaches_its_receiver_once_and_ends(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    every = quick_rules(rules)
    shown = {name for name, _ in EXPECTED | BEGINS_ONLY}
    assert every == shown | NOT_SHOWN.keys() | {"ContactPointWatchdog"}
    log = tmp_path / "queue_log"
    log.touch()
    mailbox = Mailbox(datetime.now(UTC))
    imap = ImapServer(mailbox, ADDRESS, MAIL_PASSWORD)
    await imap.start()
    try:
        async with (
            Webhook() as webhook,
            Alertmanager(quick_routing(webhook.address)) as alertmanager,
            listening(ScriptedAmi(ahead=60.0)) as ami,
        ):
            daemon = Daemon(tmp_path, configuration(tmp_path, ami.port, imap.port))
            async with TcpProxy(int(daemon.address.rpartition(":")[2])) as proxy:
                proxy.cut()
                target = f"127.0.0.1:{proxy.port}"
                prometheus = Prometheus(target, rules=(rules,))
                send_alerts_to(prometheus, alertmanager.address)
                with_past_samples(prometheus, target, [("phone", "front-line"), ("phone", "night-line")])
                async with prometheus, daemon:
                    await _live(webhook, prometheus, daemon, proxy, ami, mailbox, imap.port, log)
    finally:
        await imap.stop()

    notified = Counter((each.receiver, each.name, each.subject, each.status) for each in webhook.news)
    assert notified.pop(("watchdog", "ContactPointWatchdog", "", "firing")) == 1
    for name, subject in MAY_COME:
        for status in ("firing", "resolved"):
            notified.pop(("on-call", name, subject, status), None)
    wanted = Counter((receiver, *what, "firing") for what, receiver in (EXPECTED | BEGINS_ONLY).items())
    wanted.update((receiver, *what, "resolved") for what, receiver in EXPECTED.items())
    assert notified == wanted
    assert webhook.repeats == []
    for each in webhook.news:
        assert each.annotations["description"]
        assert "%!" not in each.annotations["description"]


async def _live(
    webhook: Webhook,
    prometheus: Prometheus,
    daemon: Daemon,
    proxy: TcpProxy,
    ami: ScriptedAmi,
    mailbox: Mailbox,
    imap: int,
    log: Path,
) -> None:
    desk = Pusher(daemon.address, TOKENS)

    async def alerted(*which: tuple[str, str], status: str = "firing", within: float = 60.0) -> None:
        for name, subject in which:
            await webhook.until(name, subject, status=status, within=within)

    async def over(*which: tuple[str, str], within: float = 60.0) -> None:
        await alerted(*which, status="resolved", within=within)

    async def firing(point: str) -> set[str]:
        found = await prometheus.query(f'ALERTS{{contact_point="{point}",alertstate="firing"}}')
        return {labels["alertname"] for labels, _ in found}

    # The sender's own word counts from now on: a minute later nothing of it is known any more.
    await desk.push("partner", {"kind": "seen_until", "at": datetime.now(UTC).isoformat()})
    await _configured(daemon, {"no_such_key": 1})
    assert await desk.reload() == 400
    await alerted(("ContactPointMonitorAbsent", ""))
    proxy.mend()
    await prometheus.scraped_since(time.time())

    await _things_go_wrong(desk, mailbox, log)
    await alerted(
        ("ContactPointHoldTooLong", "hold-line"),
        ("ContactPointQueueUnanswered", "front-line"),
        ("ContactPointQueueUnanswered", "night-line"),
        ("ContactPointReplyVeryLate", "letters"),
        ("ContactPointDueSoon", "soon-mail"),
        ("ContactPointPromiseDueSoon", "promises"),
        ("ContactPointPromiseBroken", "promised-calls"),
        ("ContactPointComplaintDeadlineNear", "complaints"),
        ("ContactPointBlind", "reception"),
        ("ContactPointUnwatched", "nobody-told"),
        ("ContactPointSourceIdle", "shut"),
        ("ContactPointSourceBlind", "pbx"),
        ("ContactPointSourceDown", "gone"),
        ("ContactPointSourceAuthRefused", "pbx"),
        ("ContactPointRecordsRejected", "partner"),
        ("ContactPointRecordsUnmapped", "partner"),
        ("ContactPointNoOutbound", "mail"),
        ("ContactPointConfigReloadFailed", ""),
    )

    # The callers of the night line may still wait: the alert about them goes on, and is not repeated while nobody can know.
    away = await asyncio.to_thread(log.rename, log.with_name("elsewhere"))
    await alerted(("ContactPointBlind", "night-line"), ("ContactPointSourceBlind", "log"))
    assert await firing("night-line") == {"ContactPointBlind", "ContactPointQueueUnanswered"}

    await _things_are_put_right(desk, mailbox)
    await asyncio.to_thread(_the_log_is_back, away, log)
    await over(
        ("ContactPointHoldTooLong", "hold-line"),
        ("ContactPointQueueUnanswered", "front-line"),
        ("ContactPointReplyVeryLate", "letters"),
        ("ContactPointDueSoon", "soon-mail"),
        ("ContactPointPromiseDueSoon", "promises"),
        ("ContactPointPromiseBroken", "promised-calls"),
        ("ContactPointComplaintDeadlineNear", "complaints"),
        ("ContactPointUnwatched", "nobody-told"),
        ("ContactPointRecordsRejected", "partner"),
        ("ContactPointRecordsUnmapped", "partner"),
        ("ContactPointNoOutbound", "mail"),
    )
    await _configured(daemon, configuration(log.parent, ami.port, imap, secret=SECRET, gone="found", shut=False))
    assert await desk.reload() == 200
    # Not before the reload, during which nothing is known for a moment.
    await desk.push("partner", event("partner-mail", "email", "received", 2 * DAY))
    await alerted(("ContactPointReplyVeryLate", "partner-mail"))
    await over(
        ("ContactPointMonitorAbsent", ""),
        ("ContactPointConfigReloadFailed", ""),
        ("ContactPointSourceAuthRefused", "pbx"),
        ("ContactPointSourceBlind", "pbx"),
        ("ContactPointBlind", "reception"),
        ("ContactPointSourceDown", "gone"),
        ("ContactPointSourceIdle", "shut"),
        ("ContactPointSourceBlind", "log"),
        ("ContactPointBlind", "night-line"),
        ("ContactPointQueueUnanswered", "night-line"),
    )
    await alerted(("ContactPointSourceClockSkew", "pbx"))
    ami.ahead = 0.0
    await over(("ContactPointSourceClockSkew", "pbx"))

    # The sender has fallen silent, which is blindness though every attempt to read it works. Nobody can tell who still waits.
    await alerted(("ContactPointSourceBlind", "partner"), ("ContactPointBlind", "partner-mail"), within=60.0)
    assert not await prometheus.query('contactpoint_waiting{contact_point="partner-mail"}')
    assert await firing("partner-mail") == {"ContactPointBlind", "ContactPointReplyVeryLate"}
    await desk.push("partner", event("partner-mail", "email", "replied"))
    await desk.push("partner", {"kind": "seen_until", "at": datetime.now(UTC).isoformat()})
    await over(("ContactPointSourceBlind", "partner"), ("ContactPointBlind", "partner-mail"), ("ContactPointBlind", "other"))
    await over(("ContactPointReplyVeryLate", "partner-mail"))

    proxy.cut()
    await daemon.kill()
    await alerted(("ContactPointMonitorDown", ""))
    await daemon.start()
    proxy.mend()
    await over(("ContactPointMonitorDown", ""))

    # It lasts ten minutes: had it begun earlier, the restart would have made two of it.
    await desk.push(
        "desk", event("vip-counter", "counter", "queued", timedelta(seconds=2)), event("vip-counter", "counter", "answered")
    )
    await alerted(("ContactPointCriticalSignal", "vip-counter"))


def _the_log_is_back(away: Path, log: Path) -> None:
    with away.open("a") as lines:
        lines.writelines(queue_lines("PJSIP/100", "CONNECT", "9", "night-3", "2"))
    away.rename(log)
    log.with_name("found").touch()


async def _configured(daemon: Daemon, config: dict[str, Any]) -> None:
    have = json.loads(daemon.config.read_text())
    daemon.config.write_text(json.dumps({"listen": have["listen"], "store": have["store"]} | config))


async def _things_go_wrong(desk: Pusher, mailbox: Mailbox, log: Path) -> None:
    minute = timedelta(minutes=1)
    for number in range(10):
        mailbox.deliver("INBOX", letter(number), datetime.now(UTC))
    with log.open("a") as lines:
        lines.writelines(queue_lines("NONE", "ENTERQUEUE", "", "5550020", "1"))
    due = (datetime.now(UTC) + 30 * minute).isoformat()
    await desk.push(
        "desk",
        event("hold-line", "phone", "queued"),
        event("hold-line", "phone", "answered"),
        event("hold-line", "phone", "held"),
        *(event("front-line", "phone", "queued", contact=number) for number in "12"),
        event("letters", "email", "received", 2 * DAY),
        event("soon-mail", "email", "received", 45 * minute),
        event("promises", "email", "received", 2 * minute),
        event("promises", "email", "replied", minute),
        event("promises", "email", "promised", minute, due=due),
        event("promised-calls", "phone", "queued", 90 * minute),
        event("promised-calls", "phone", "answered", 90 * minute),
        event("promised-calls", "phone", "promised", 90 * minute, due=(datetime.now(UTC) - minute).isoformat()),
        event("promised-calls", "phone", "ended", 89 * minute),
        # A complaint in finance has eight weeks; the last of them has begun.
        event("complaints", "email", "received", 52 * DAY),
        event("complaints", "email", "complained", 52 * DAY, sector="finance"),
        event("complaints", "email", "replied", 51 * DAY),
    )
    await desk.push(
        "partner",
        *(event("no-contact-point", "email", "received", contact=str(number)) for number in range(3)),
        *({"kind": "received"} for _ in range(3)),
    )


async def _things_are_put_right(desk: Pusher, mailbox: Mailbox) -> None:
    mailbox.deliver("Sent", letter(0, outgoing=True), datetime.now(UTC), ("\\Seen",))
    await desk.push(
        "desk",
        event("hold-line", "phone", "unheld"),
        event("hold-line", "phone", "ended"),
        *(event("front-line", "phone", "answered", contact=number) for number in "12"),
        event("letters", "email", "replied"),
        event("soon-mail", "email", "replied"),
        event("promises", "email", "fulfilled"),
        event("promised-calls", "phone", "fulfilled"),
        event("complaints", "email", "resolved"),
        event("nobody-told", "chat", "queued"),
        event("nobody-told", "chat", "answered"),
    )
    notes = (event("partner-mail", "email", "noted", timedelta(seconds=number)) for number in range(400))
    await desk.push("partner", *notes)
