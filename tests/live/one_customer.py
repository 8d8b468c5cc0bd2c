"""Customers who call, write and open tickets about one matter, on real servers, step by step, before two daemons.

The steps: given-up calls -> mails -> tickets -> promises -> a promise is moved -> calls that keep one -> a mailbox that
cannot be read while a mail keeps one -> the due moment -> calls that come late. Both daemons read the same servers; one runs
through, the other one is killed between each two steps. Nothing is taken from the daemons but that they have seen a step.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from tests.live.calls.call_runner import Agent, Case, run_calls
from tests.live.calls.outgoing_calls import Outgoing, call_out
from tests.live.helpdesk.mail import CUSTOMERS, mail_from
from tests.servers.asterisk.server import AMI_SECRET, Asterisk
from tests.servers.daemon import Daemon
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.servers.request_tracker import RequestTracker

OURS = "lab.example"
TEAM = f"team@{OURS}"
PATIENCE = 60.0
#: So long before a promise falls due both daemons are asked: a busy machine takes seconds for that.
BEFORE = 6.0
#: What is promised by mail and by ticket; shorter ones are what one says on the phone, and no promises.
BY_MAIL, IN_MAIL = "I'll call you back in five minutes.", timedelta(minutes=5)
BY_TICKET, IN_TICKET = "I'll send you the label in three minutes.", timedelta(minutes=3)
MOVED = "It takes longer: I'll call you back in ten minutes."
IN_MOVED = timedelta(minutes=10)

#: (counter, contact point, what) -> how many. What is not in it is 0.
Counts = dict[tuple[str, str, str], int]
#: Counter -> the label that says what it counts, if any.
COUNTERS = {
    "contacts": "direction", "outcomes": "outcome", "assessed": "signal", "signals": "signal", "signals_retracted": "signal",
    "history_assessed": "signal", "history_signals": "signal", "abandons_recovered": None, "promises_made": None,
    "promises_kept_late": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer and what they go through. The contact points of a story are NAME-calls, NAME-mails and NAME-desk."""

    name: str
    queue: str  # qNN of the switch
    number: str
    agent: str  # who calls back

    @property
    def address(self) -> str:
        return f"{self.name}@{CUSTOMERS}"


KEPT = Customer("kept", "01", "02079460501", "1001")
CAME = Customer("came", "02", "02079460502", "1002")  # calls again, in place of being called
BROKEN = Customer("broken", "03", "02079460503", "1003")
LATE = Customer("late", "04", "02079460504", "1004")
PUT_OFF = Customer("moved", "05", "02079460505", "1005")
UNREAD = Customer("unread", "06", "02079460506", "1006")  # opens a ticket alone; is promised a label
ALL = (KEPT, CAME, BROKEN, LATE, PUT_OFF, UNREAD)
WRITING = ALL[:-1]


def counted(page: str) -> Counts:
    """What /metrics counts of customers."""
    found: Counts = {}
    for name, labels, value in re.findall(r"^contactpoint_(\w+)_total\{(.*)\} (\S+)$", page, re.M):
        if name in COUNTERS and float(value):
            said = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            what = said.get(COUNTERS[name] or "", "")
            if name == "outcomes":
                what += " in target" if said["in_target"] == "true" else " late"
            key = name, said["contact_point"], what
            found[key] = found.get(key, 0) + int(float(value))
    return found


async def sighted(daemon: Daemon, since: float, sources: Collection[str] = ("pbx", "mail", "desk")) -> None:
    """Returns when the daemon has seen these sources completely up to a moment after `since`."""
    pattern = re.compile(r'^contactpoint_source_watermark_timestamp_seconds\{[^}]*source="(\w+)"[^}]*\} (\S+)', re.M)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        seen = {source: float(at) for source, at in pattern.findall(await daemon.get("/metrics") or "")}
        if all(seen.get(source, 0.0) > since for source in sources):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the daemon does not see all of {sources}: {daemon.log.read_text()[-4000:]}")


async def shown(daemon: Daemon, wanted: Counts, patience: float = PATIENCE) -> float:
    """When the daemon showed all of these counts, within so many seconds."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        found = counted(await daemon.get("/metrics") or "")
        if all(found.get(key, 0) == value for key, value in wanted.items()):
            return time.time()
        await asyncio.sleep(0.1)
    missing = {key: f"{found.get(key, 0)} for {value}" for key, value in wanted.items() if found.get(key, 0) != value}
    raise AssertionError(f"not shown: {missing}\n{daemon.log.read_text()[-3000:]}")


async def next_second() -> datetime:
    """The whole second that has just begun: mail and tickets keep no smaller ones, and each step is to have its own."""
    await asyncio.sleep(1.0 - time.time() % 1.0)
    return datetime.fromtimestamp(int(time.time()), UTC)


@dataclass
class Played:
    """What happened, as it was done; and what the daemons showed, by their names."""

    due: dict[str, datetime] = field(default_factory=dict)  # when each promise falls due that was not moved
    called: dict[str, float] = field(default_factory=dict)  # when a call of ours was taken, by customer
    messages: dict[str, str] = field(default_factory=dict)  # the Message-ID of each customer's own mail
    ticket: str = ""  # the one in which a label is promised
    broken_at: dict[str, dict[str, float]] = field(default_factory=dict)  # daemon -> what slipped -> when that was seen
    counts: dict[str, Counts] = field(default_factory=dict)
    signals: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    explained: dict[str, dict[str, Any]] = field(default_factory=dict)  # daemon -> customer -> explain --json
    text: dict[str, dict[str, str]] = field(default_factory=dict)  # the same for people


class Stage:
    """The servers, what can be done on them, and the daemons that watch."""

    def __init__(self, asterisk: Asterisk, dovecot: Dovecot, desk: RequestTracker, top: Path) -> None:
        self.asterisk, self.dovecot, self.desk = asterisk, dovecot, desk
        people = top / "people.csv"
        people.write_text("".join(f"{each.name};{each.address};{each.number}\n" for each in ALL), encoding="utf-8")
        for customer in ALL:
            desk.client().post("/queue", {"Name": customer.name})
        dovecot.maildir(TEAM)
        self.daemons: dict[str, Daemon] = {}
        for name in ("steady", "killed"):
            (top / name).mkdir()
            self.daemons[name] = Daemon(top / name, self._configuration(people))

    def _configuration(self, people: Path) -> dict[str, Any]:
        pbx = {
            "type": "asterisk", "host": self.asterisk.host, "port": self.asterisk.ami_port, "username": "reporting",
            "password": AMI_SECRET, "queue_log": str(self.asterisk.queue_log),
        }  # fmt: skip
        mail = {
            "type": "imap", "host": self.dovecot.host, "port": self.dovecot.port, "tls": "none", "username": TEAM,
            "password": PASSWORD, "domains": [OURS], "poll_every": "1s", "timeout": "4s",
        }  # fmt: skip
        desk = {
            "type": "request_tracker", "url": self.desk.url, "token": self.desk.token, "poll_every": "1s",
            "requests_per_minute": 60_000,
        }  # fmt: skip
        points: dict[str, Any] = {}
        for each in ALL:
            points[f"{each.name}-calls"] = {"source": "pbx", "queue": f"q{each.queue}"}
            points[f"{each.name}-mails"] = {"source": "mail", "address": f"{each.name}@{OURS}"}
            points[f"{each.name}-desk"] = {"source": "desk", "queue": each.name}
        return {
            "country": "GB", "timezone": "UTC", "people": {"file": str(people)},
            "sources": {"pbx": pbx, "mail": mail, "desk": desk}, "contact_points": points,
        }  # fmt: skip

    async def all_show(self, wanted: Counts) -> None:
        """Returns when both daemons show these counts; then one of them is killed, started again, and sees everything."""
        await asyncio.gather(*(shown(daemon, wanted) for daemon in self.daemons.values()))
        await self.daemons["killed"].kill()
        await self.daemons["killed"].start()

    async def all_see(self, sources: Collection[str] = ("pbx", "mail", "desk")) -> None:
        now = time.time()
        await asyncio.gather(*(sighted(daemon, now, sources) for daemon in self.daemons.values()))

    def put_mail(self, customer: Customer, at: datetime, name: str, text: str, *, ours: bool, answers: str = "") -> None:
        folder = "Sent" if ours else "INBOX"
        self.dovecot.append(TEAM, folder, [(at, _mail(customer, at, name, text, ours=ours, answers=answers))])

    def put_unread(self, customer: Customer, at: datetime, name: str, text: str) -> None:
        """A mail of ours that lies on a server which does not answer just now."""
        self.dovecot.put_files(TEAM, "Sent", [(at, _mail(customer, at, name, text, ours=True))])


def _mail(customer: Customer, at: datetime, name: str, text: str, *, ours: bool, answers: str = "") -> bytes:
    us = f"{customer.name}@{OURS}"
    lines = [
        f"From: {us if ours else customer.address}",
        f"To: {customer.address if ours else us}",
        f"Subject: {'Re: ' if answers else ''}Parcel",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{name}>",
        *([f"References: <{answers}>"] if answers else []),
    ]
    return "\r\n".join((*lines, "Content-Type: text/plain; charset=utf-8", "", f"Hello,\r\n\r\n{text}\r\n\r\nTom", "")).encode()


async def play(top: Path) -> Played:
    """All of it. Skips (or fails, in CI) where a server is missing; raises AssertionError where a step is not seen."""
    with running_dovecot() as dovecot, RequestTracker() as desk:
        async with AsyncExitStack() as stack:
            asterisk = await stack.enter_async_context(Asterisk())
            stage = Stage(asterisk, dovecot, desk, top)
            for daemon in stage.daemons.values():
                await stack.enter_async_context(daemon)
            return await _steps(stage)


async def _steps(stage: Stage) -> Played:
    played = Played()
    await stage.all_see()
    await _give_up(stage)
    await _write(stage, played)
    await _open_tickets(stage, played)
    await _promise(stage, played)
    await _put_off(stage)
    await _keep(stage, played)
    await _keep_unread(stage, played)
    await _fall_due(stage, played)
    await _keep_late(stage, played)
    await _look(stage, played)
    return played


async def _give_up(stage: Stage) -> None:
    """All call, wait for six seconds, and hang up before anybody answers."""
    cases = []
    for each in ALL:
        ringing = tuple(Agent(f"{row}{each.queue}", ring=None) for row in (11, 12))
        cases.append(Case(each.name, f"q{each.queue}", f"85{each.queue}", each.number, ringing, stay=6.0))
    await run_calls(stage.asterisk, cases)
    await stage.all_show({("outcomes", f"{each.name}-calls", "abandoned in target"): 1 for each in ALL})


async def _write(stage: Stage, played: Played) -> None:
    await stage.all_see()
    at = await next_second()
    for each in WRITING:
        played.messages[each.name] = f"{each.name}-asks@{CUSTOMERS}"
        stage.put_mail(each, at, played.messages[each.name], "Where is it?", ours=False)
    await stage.all_show({("contacts", f"{each.name}-mails", "inbound"): 1 for each in WRITING})


async def _open_tickets(stage: Stage, played: Played) -> None:
    await stage.all_see()
    for each in ALL:
        mail = mail_from(each.name, each.name, "Parcel", await next_second(), "Where is it?")
        stage.desk.deliver(mail, each.name)
    found = stage.desk.client().get(f"/tickets?query=Queue%3D'{UNREAD.name}'")["items"]
    played.ticket = str(found[0]["id"])
    await stage.all_show({("contacts", f"{each.name}-desk", "inbound"): 1 for each in ALL})


async def _promise(stage: Stage, played: Played) -> None:
    """First the label, by ticket; then the calls, by mail."""
    await stage.all_see()
    stage.desk.client("alice").post(
        f"/ticket/{played.ticket}/correspond", {"Content": BY_TICKET, "ContentType": "text/plain"}
    )  # fmt: skip
    history = stage.desk.client().get(f"/ticket/{played.ticket}/history?fields=Type,Created&per_page=100")["items"]
    said = next(each["Created"] for each in history if each["Type"] == "Correspond")
    played.due[UNREAD.name] = datetime.fromisoformat(said.replace("Z", "+00:00")) + IN_TICKET
    at = await next_second()
    for each in WRITING:
        stage.put_mail(each, at, f"{each.name}-promise@{OURS}", BY_MAIL, ours=True, answers=played.messages[each.name])
        played.due[each.name] = at + IN_MAIL
    await stage.all_show({
        **{("promises_made", f"{each.name}-mails", ""): 1 for each in WRITING},
        ("promises_made", f"{UNREAD.name}-desk", ""): 1,
    })  # fmt: skip


async def _put_off(stage: Stage) -> None:
    await stage.all_see()
    at = await next_second()
    asked = f"{PUT_OFF.name}-asks@{CUSTOMERS}"
    stage.put_mail(PUT_OFF, at, f"{PUT_OFF.name}-again@{OURS}", MOVED, ours=True, answers=asked)
    await stage.all_show({("promises_made", f"{PUT_OFF.name}-mails", ""): 2})


async def _keep(stage: Stage, played: Played) -> None:
    """We call one; another one calls again, and is answered."""
    await stage.all_see()
    taken = await call_out(stage.asterisk, [Outgoing(KEPT.agent, KEPT.number)])
    played.called[KEPT.name] = taken[KEPT.number]
    answering = (Agent(f"11{CAME.queue}", ring=0.7, talk=1.0),)
    truth = await run_calls(
        stage.asterisk, [Case(CAME.name, f"q{CAME.queue}", f"85{CAME.queue}", CAME.number, answering)]
    )  # fmt: skip
    assert truth.calls[CAME.name].answered_at is not None
    played.called[CAME.name] = truth.calls[CAME.name].answered_at or 0.0
    await stage.all_show({("assessed", f"{each.name}-mails", "slipped_promise"): 1 for each in (KEPT, CAME)})


async def _keep_unread(stage: Stage, played: Played) -> None:
    """The mailbox hangs; a mail of ours that lies there has kept what was promised, which nobody can know until it is read."""
    await stage.all_see()
    stage.dovecot.stop()
    try:
        at = await next_second()
        assert at < played.due[UNREAD.name], "the machine is too busy: the run proves nothing"
        stage.put_unread(UNREAD, at, f"{UNREAD.name}-label@{OURS}", "Here is your label.")
        await _slipped(stage, played, [(UNREAD.name, "desk")])
        await stage.daemons["killed"].kill()
        await stage.daemons["killed"].start()
    finally:
        stage.dovecot.resume()
    assert time.time() < played.due[BROKEN.name].timestamp(), "the machine is too busy: the run proves nothing"
    await stage.all_show({("signals_retracted", f"{UNREAD.name}-desk", "slipped_promise"): 1})


async def _fall_due(stage: Stage, played: Played) -> None:
    """What was not kept is broken at its moment."""
    await stage.all_see()
    await _slipped(stage, played, [(BROKEN.name, "mails"), (LATE.name, "mails")])


async def _slipped(stage: Stage, played: Played, promises: Collection[tuple[str, str]]) -> None:
    """Looks just before these promises fall due, and waits until both daemons show that they have slipped."""
    due = max(played.due[name] for name, _ in promises).timestamp()
    await asyncio.sleep(max(0.0, due - BEFORE - time.time()))
    for daemon in stage.daemons.values():
        seen = counted(await daemon.get("/metrics") or "")
        assert time.time() < due, "the machine is too busy: the run proves nothing"
        early = [key for story, place in promises if (key := ("signals", f"{story}-{place}", "slipped_promise")) in seen]
        assert not early, f"broken before its moment: {early}"
    for story, place in promises:
        wanted = {("signals", f"{story}-{place}", "slipped_promise"): 1}
        moments = await asyncio.gather(*(shown(daemon, wanted) for daemon in stage.daemons.values()))
        for name, moment in zip(stage.daemons, moments, strict=True):
            played.broken_at.setdefault(name, {})[story] = moment


async def _keep_late(stage: Stage, played: Played) -> None:
    """Two calls after the moment; one of them is in time for what it was moved to."""
    await stage.all_show({})
    await stage.all_see()
    taken = await call_out(stage.asterisk, [Outgoing(each.agent, each.number) for each in (LATE, PUT_OFF)])
    for each in (LATE, PUT_OFF):
        played.called[each.name] = taken[each.number]
    await stage.all_show({
        ("promises_kept_late", f"{LATE.name}-mails", ""): 1,
        ("assessed", f"{PUT_OFF.name}-mails", "slipped_promise"): 1,
    })  # fmt: skip


async def _look(stage: Stage, played: Played) -> None:
    """When everything has been seen up to some seconds after the last call, all that the daemons show."""
    await asyncio.gather(*(sighted(daemon, time.time() + 4.0) for daemon in stage.daemons.values()))
    asked = {**played.messages, UNREAD.name: played.ticket}
    for name, daemon in stage.daemons.items():
        played.counts[name] = counted(await daemon.get("/metrics") or "")
        played.signals[name] = json.loads(await daemon.command("signals", "--format", "json"))
        played.explained[name] = await _each(asked, lambda contact, d=daemon: d.command("explain", contact, "--json"), json.loads)
        played.text[name] = await _each(asked, lambda contact, d=daemon: d.command("explain", contact), str)


async def _each(asked: Mapping[str, str], command: Callable[[str], Awaitable[str]], read: Callable[[str], Any]) -> dict[str, Any]:
    return {story: read(await command(contact)) for story, contact in asked.items()}
