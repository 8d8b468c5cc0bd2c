"""The demo contact centre as a whole: hours of it on a fake clock, and its ports over real sockets."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from itertools import islice
from pathlib import Path

import aiohttp
import pytest

from monitor.config.loading import build
from monitor.connectors.events import Settings as EventsSettings
from monitor.connectors.imap import Settings as ImapSettings
from monitor.connectors.request_tracker import Settings as RtSettings
from monitor.demo.beginning import Beginning
from monitor.demo.call_generator import CallGenerator, make_queues, opening_calls, scaled
from monitor.demo.call_plans import CallPlan, Transfer
from monitor.demo.call_traffic import SALES, SUPPORT, calls_of_day
from monitor.demo.configuration import configuration
from monitor.demo.contact_centre import HISTORY, SEED, ContactCentre
from monitor.demo.customers import customer
from monitor.demo.mail_generator import MailGenerator, compose, message_id
from monitor.demo.mailbox import Mailbox
from monitor.demo.opening import opening_tickets
from monitor.demo.pbx import Pbx
from monitor.demo.schedule import TimeScale, opening_hours, timeline
from monitor.demo.ticket_traffic import tickets_of_day
from monitor.demo.written_traffic import Kind, PlannedMail, mails_of_day
from monitor.testing import FakeClock
from tests.servers.ports import free_port

MONDAY_NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class PhoneLines:
    """The phone lines of the demo on a clock of our own."""

    def __init__(self, speed: float = 1, begun: datetime = MONDAY_NOON) -> None:
        self.clock = FakeClock(MONDAY_NOON)
        self.scale = TimeScale(begun, speed)
        self.pbx = Pbx(self.clock, random.Random(1), make_queues())
        self.names: list[tuple[float, str]] = []
        self.pbx.listeners.add(self._listen)
        self.calls = CallGenerator(self.clock, self.pbx, self.scale, 7)

    def _listen(self, _privilege: str, message: bytes) -> None:
        self.names.append((self.clock.monotonic(), message.split(b"\r\n", 1)[0].decode().removeprefix("Event: ")))

    def when(self, event: str) -> list[float]:
        return [at for at, name in self.names if name == event]


async def test_at_the_start_callers_wait_and_two_of_them_give_up_within_a_minute() -> None:
    lines = PhoneLines()
    first_login = asyncio.Event()
    first_login.set()
    lines.calls.start_opening_calls(first_login)
    await lines.clock.advance(1)
    support, sales = lines.pbx.queues[SUPPORT], lines.pbx.queues[SALES]
    now = lines.clock.now()
    assert [(now - e.since).total_seconds() for e in support.entries] == pytest.approx(
        [60.5, 50.5, 28.5, 9.5]
    )  # the first one's phone rings
    assert [(now - e.since).total_seconds() for e in sales.entries] == pytest.approx([15.5])
    assert sum(member.busy for member in support.members) == 3
    await lines.clock.advance(59)
    assert len(lines.when("QueueCallerAbandon")) == 2
    assert lines.when("QueueCallerAbandon")[0] == pytest.approx(20, abs=1)
    rung = lines.when("DialBegin")
    assert any(13 <= up - began <= 17 for began in rung for up in lines.when("DialEnd"))  # the reception, six rings
    assert lines.when("Hold") == pytest.approx([16, 22], abs=1)  # at the reception, and in the queue
    await lines.clock.advance(120)
    assert lines.when("Unhold") == pytest.approx([91, 152], abs=1)
    await lines.pbx.close()


async def test_the_first_calls_to_come_wait_for_a_login_but_not_for_ever() -> None:
    lines = PhoneLines()
    lines.calls.start_opening_calls(asyncio.Event())
    await lines.clock.advance(19)
    assert [at for at in lines.when("QueueCallerJoin") if at > 1] == []
    await lines.clock.advance(10)
    assert [at for at in lines.when("QueueCallerJoin") if at > 1] == [24.5]
    await lines.pbx.close()


@pytest.mark.parametrize("speed", [1.0, 20.0])
async def test_hours_of_calls_leave_nothing_behind(speed: float) -> None:
    lines = PhoneLines(speed)
    arrivals = timeline(lambda day: calls_of_day(day, 7), MONDAY_NOON.date())
    tasks = [asyncio.create_task(lines.calls.generate(arrivals)), asyncio.create_task(lines.calls.adjust_staffing())]
    most = 0
    for _ in range(6):
        await lines.clock.advance(600 / speed * 2)
        most = max(most, len(lines.pbx.channels))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await lines.clock.advance(2_400)  # the last ones hang up
    lines.pbx.raise_fault()
    assert lines.pbx.channels == {}
    assert all(not queue.entries for queue in lines.pbx.queues.values())
    assert not any(member.busy for queue in lines.pbx.queues.values() for member in queue.members)
    counts = Counter(name for _, name in lines.names)
    assert counts["Newchannel"] == counts["Hangup"]
    assert counts["BridgeCreate"] == counts["BridgeDestroy"]
    assert counts["QueueCallerJoin"] == counts["QueueCallerLeave"]
    assert counts["AgentConnect"] > 40
    assert 0 < counts["QueueCallerAbandon"] < counts["AgentConnect"]
    assert most < 120
    await lines.pbx.close()


async def test_what_was_missed_while_the_machine_slept_is_not_made_up_for() -> None:
    lines = PhoneLines(begun=MONDAY_NOON - timedelta(hours=1))  # the machine was suspended for an hour
    arrivals = timeline(lambda day: calls_of_day(day, 7), MONDAY_NOON.date())
    task = asyncio.create_task(lines.calls.generate(arrivals))
    await lines.clock.advance(1)
    for _ in range(200):
        await lines.clock.settle()
    assert len(lines.pbx.channels) < 6
    task.cancel()
    await lines.pbx.close()


def test_a_faster_day_shortens_talks_and_nothing_that_a_customer_waits_for() -> None:
    plan = CallPlan(
        "8001", "1", "x", patience=80, pickups=(7.0,), talk=100, holds=((20, 130),), wrap_up=10,
        transfer=Transfer("blind", "1301", ring=6, talk=60, consultation=20), call_back_after=600,
    )  # fmt: skip
    assert scaled(plan, 10) == CallPlan(
        "8001", "1", "x", patience=80, pickups=(7.0,), talk=10, holds=((2, 130),), wrap_up=1,
        transfer=Transfer("blind", "1301", ring=6, talk=6, consultation=2), call_back_after=60,
    )  # fmt: skip


def test_members_have_names_of_their_own() -> None:
    names = [member.name for queue in make_queues() for member in queue.members]
    assert len(set(names)) == len(names)


def test_the_opening_calls_are_the_same_for_a_seed_and_others_for_another() -> None:
    assert opening_calls(7) == opening_calls(7)
    assert opening_calls(7) != opening_calls(8)


def mail(key: str, hours: float, *, outgoing: bool = False, answers: tuple[str, ...] = (), kind: Kind = "plain") -> PlannedMail:
    return PlannedMail(
        MONDAY_NOON + timedelta(hours=hours), key, outgoing, customer(3), "Frage zu Möbeln", "Grüße", answers, kind
    )


def test_generated_mails_are_proper_mails() -> None:
    raw = compose(mail("k1", 0, answers=("k0",)), MONDAY_NOON, ["<k0@demo.example>"])
    assert raw.partition(b"\r\n\r\n")[0].isascii()
    message = message_from_bytes(raw, policy=modern)
    assert message["Subject"] == "Frage zu Möbeln"
    assert message["To"] == "Demo Service <info@demo.example>"
    assert message["Message-ID"] == "<k1@post.example>" == message_id("k1", outgoing=False)
    assert message["In-Reply-To"] == message["References"] == "<k0@demo.example>"
    assert message["Date"].datetime == MONDAY_NOON
    assert message.get_content().strip() == "Grüße"


@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [("automatic", "Auto-Submitted", "auto-replied"), ("away", "Auto-Submitted", "auto-replied"), ("bulk", "Precedence", "bulk")],
)
def test_machines_say_that_they_are(kind: Kind, header: str, value: str) -> None:
    assert message_from_bytes(compose(mail("k", 0, kind=kind), MONDAY_NOON, []))[header] == value


def test_the_generator_files_mails_and_flags_what_was_answered() -> None:
    mailbox = Mailbox(MONDAY_NOON)
    generator = MailGenerator(mailbox, TimeScale(MONDAY_NOON, 1))
    old = 24 * 8
    for item in (
        mail("old", -old), mail("q", -2), mail("a", -1, outgoing=True, answers=("q",)), mail("spam", 0, kind="spam"),
        mail("d", 0, outgoing=True, kind="draft"), mail("auto", 0, outgoing=True, answers=("q",), kind="automatic"),
    ):  # fmt: skip
        generator.deliver(item)
    filed = {name: [m.flags for m in folder.messages.values()] for name, folder in mailbox.folders.items()}
    assert filed == {
        "INBOX": [("\\Answered", "\\Seen")], "Archive": [("\\Seen",)], "Drafts": [("\\Draft", "\\Seen")], "Junk": [()],
        "Sent": [("\\Seen",), ("\\Seen",)], "Trash": [],
    }  # fmt: skip
    assert next(iter(mailbox.folders["INBOX"].messages.values())).at == MONDAY_NOON - timedelta(hours=2)


def test_a_mailbox_keeps_so_many_messages_and_forgets_the_oldest() -> None:
    mailbox = Mailbox(MONDAY_NOON, cap=100)
    generator = MailGenerator(mailbox, TimeScale(MONDAY_NOON, 1))
    for item in islice(timeline(lambda day: mails_of_day(day, 7), MONDAY_NOON.date()), 600):
        generator.deliver(item)
    assert max(len(folder.messages) for folder in mailbox.folders.values()) == 100
    inbox = mailbox.folders["INBOX"]
    assert max(inbox.messages) == inbox.next_uid - 1
    assert min(inbox.messages) == inbox.next_uid - 100


def test_the_configuration_is_one_the_daemon_takes(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    passwords = {"pbx": "a", "mail": "b", "helpdesk": "c", "visits": "d", "export": "e"}
    hours = opening_hours(timedelta(hours=7))  # over midnight
    settings = build(configuration(5038, 1143, 8080, passwords, people, hours))
    assert settings.people.file == people
    assert set(settings.sources) == {"pbx", "mail", "helpdesk", "visits", "export"}
    assert isinstance(settings.sources["mail"], ImapSettings)
    assert isinstance(settings.sources["helpdesk"], RtSettings)
    assert settings.sources["helpdesk"].url == "http://127.0.0.1:8080"
    assert isinstance(settings.sources["visits"], EventsSettings)
    assert settings.place_of(settings.contact_points["service-desk"]) == "queue:Service Desk"
    assert settings.place_of(settings.contact_points["reception"]) == "extension:100"
    assert len(settings.contact_points) == 7


@pytest.mark.parametrize("speed", [0.5, 61])
def test_a_speed_nobody_could_follow_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="between 1 and 60"):
        ContactCentre(FakeClock(), speed=speed)


async def test_the_telephones_past_ends_with_the_first_start_and_is_not_told_to_a_store_that_has_one() -> None:
    """A second start an hour later tells the same: what came between was read from AMI."""
    hour = timedelta(hours=1)

    def told(now: datetime, begun: Beginning) -> list[str]:
        parts = list(ContactCentre(FakeClock(now), begun=begun)._calls_before())
        assert all(datetime.fromisoformat(body["at"]) < MONDAY_NOON for part in parts for body in part)
        return [body["id"] for part in parts for body in part]

    first = Beginning(MONDAY_NOON, timedelta(0))
    assert len(told(MONDAY_NOON, first)) > 10_000
    assert told(MONDAY_NOON + hour, first) == told(MONDAY_NOON, first)
    assert told(MONDAY_NOON, Beginning(None, timedelta(0))) == []


async def test_the_ports_open_and_close() -> None:
    centre = ContactCentre(FakeClock(MONDAY_NOON))
    await centre.start()
    settings = centre.settings()
    for source in ("pbx", "mail"):
        reader, writer = await asyncio.open_connection("127.0.0.1", settings["sources"][source]["port"])
        assert await reader.readline()
        writer.close()
    desk = settings["sources"]["helpdesk"]
    async with aiohttp.ClientSession(desk["url"], headers={"Authorization": f"token {desk['token']}"}) as session:
        async with session.get("/REST/2.0/tickets?query=id>0") as answer:
            assert (await answer.json())["total"] > 40  # of two weeks
        async with session.get("/REST/2.0/rt", headers={"Authorization": "token other"}) as answer:
            assert answer.status == 401
    waiting = asyncio.create_task(centre.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    await centre.stop()
    for port in (settings["sources"]["mail"]["port"], int(desk["url"].rpartition(":")[2])):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_tickets_come_and_go_on_as_time_passes() -> None:
    clock = FakeClock(MONDAY_NOON)
    centre = ContactCentre(clock, url=f"http://127.0.0.1:{free_port()}", speed=60)
    await centre.start()
    await clock.advance(180)  # three hours of the simulated day
    desk = centre.settings()["sources"]["helpdesk"]
    first = (MONDAY_NOON - HISTORY).date()
    steps = [step for day in range(HISTORY.days + 1) for step in tickets_of_day(first + timedelta(days=day), SEED)]
    steps += opening_tickets(TimeScale(MONDAY_NOON, 60), SEED)
    past = {step.number for step in steps if step.at <= MONDAY_NOON}
    now = {step.number for step in steps if step.at <= MONDAY_NOON + timedelta(hours=3)}
    changed = {step.number for step in steps if MONDAY_NOON < step.at <= MONDAY_NOON + timedelta(hours=3)}
    assert now > past
    async with aiohttp.ClientSession(desk["url"], headers={"Authorization": f"token {desk['token']}"}) as session:
        async with session.get("/REST/2.0/tickets?query=id>0") as answer:
            assert (await answer.json())["total"] == len(now)
        async with session.get("/REST/2.0/tickets?query=LastUpdated >= '2026-11-02 12:00:00'&per_page=100") as answer:
            assert {int(each["id"]) for each in (await answer.json())["items"]} == changed
    await centre.stop()
