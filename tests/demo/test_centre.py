"""The demo contact centre as a whole: hours of it on a clock of our own, and its doors over real sockets."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from itertools import islice

import pytest

from monitor.config.models import build
from monitor.connectors.events import Settings as EventsSettings
from monitor.connectors.imap import Settings as ImapSettings
from monitor.demo.centre import DemoCentre
from monitor.demo.configuration import configuration
from monitor.demo.letters import PostRoom, message_id, write
from monitor.demo.mailbox import Mailbox
from monitor.demo.pbx import Pbx
from monitor.demo.plans import CallPlan, HandOn
from monitor.demo.reception import Reception, opening, queues, scaled
from monitor.demo.story import SALES, SUPPORT, Stage, person, phone_day, timeline
from monitor.demo.story_written import Kind, Letter, mail_day
from monitor.testing import FakeClock

MONDAY_NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Hall:
    """The phone lines of the demo on a clock of our own."""

    def __init__(self, speed: float = 1, begun: datetime = MONDAY_NOON) -> None:
        self.clock = FakeClock(MONDAY_NOON)
        self.stage = Stage(begun, speed)
        self.pbx = Pbx(self.clock, random.Random(1), queues())
        self.names: list[tuple[float, str]] = []
        self.pbx.listeners.add(self._listen)
        self.reception = Reception(self.clock, self.pbx, self.stage, 7)

    def _listen(self, _privilege: str, message: bytes) -> None:
        self.names.append((self.clock.monotonic(), message.split(b"\r\n", 1)[0].decode().removeprefix("Event: ")))

    def when(self, event: str) -> list[float]:
        return [at for at, name in self.names if name == event]


async def test_the_curtain_rises_on_people_who_wait_and_one_of_them_gives_up() -> None:
    hall = Hall()
    watched = asyncio.Event()
    watched.set()
    hall.reception.raise_curtain(watched)
    await hall.clock.advance(1)
    support, sales = hall.pbx.queues[SUPPORT], hall.pbx.queues[SALES]
    now = hall.clock.now()
    assert [(now - e.since).total_seconds() for e in support.entries] == pytest.approx(
        [60.5, 50.5, 28.5, 9.5]
    )  # the first one's phone rings
    assert [(now - e.since).total_seconds() for e in sales.entries] == pytest.approx([15.5])
    assert sum(member.busy for member in support.members) == 3
    await hall.clock.advance(59)
    assert len(hall.when("QueueCallerAbandon")) == 2
    assert hall.when("QueueCallerAbandon")[0] == pytest.approx(20, abs=1)
    rung = hall.when("DialBegin")
    assert any(13 <= up - began <= 17 for began in rung for up in hall.when("DialEnd"))  # the reception, six rings
    assert hall.when("Hold") == pytest.approx([16, 22], abs=1)  # at the reception, and in the queue
    await hall.clock.advance(120)
    assert hall.when("Unhold") == pytest.approx([91, 152], abs=1)
    await hall.pbx.close()


async def test_the_first_acts_wait_for_somebody_to_watch_but_not_for_ever() -> None:
    hall = Hall()
    hall.reception.raise_curtain(asyncio.Event())
    await hall.clock.advance(19)
    assert [at for at in hall.when("QueueCallerJoin") if at > 1] == []
    await hall.clock.advance(10)
    assert [at for at in hall.when("QueueCallerJoin") if at > 1] == [24.5]
    await hall.pbx.close()


@pytest.mark.parametrize("speed", [1.0, 20.0])
async def test_hours_of_calls_leave_nothing_behind(speed: float) -> None:
    hall = Hall(speed)
    arrivals = timeline(lambda day: phone_day(day, 7), MONDAY_NOON.date())
    tasks = [asyncio.create_task(hall.reception.take_calls(arrivals)), asyncio.create_task(hall.reception.change_shifts())]
    most = 0
    for _ in range(6):
        await hall.clock.advance(600 / speed * 2)
        most = max(most, len(hall.pbx.channels))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await hall.clock.advance(2_400)  # the last ones hang up
    hall.pbx.raise_fault()
    assert hall.pbx.channels == {}
    assert all(not queue.entries for queue in hall.pbx.queues.values())
    assert not any(member.busy for queue in hall.pbx.queues.values() for member in queue.members)
    counts = Counter(name for _, name in hall.names)
    assert counts["Newchannel"] == counts["Hangup"]
    assert counts["BridgeCreate"] == counts["BridgeDestroy"]
    assert counts["QueueCallerJoin"] == counts["QueueCallerLeave"]
    assert counts["AgentConnect"] > 40
    assert 0 < counts["QueueCallerAbandon"] < counts["AgentConnect"]
    assert most < 120
    await hall.pbx.close()


async def test_what_was_missed_while_the_machine_slept_is_not_made_up_for() -> None:
    hall = Hall(begun=MONDAY_NOON - timedelta(hours=1))  # the lid was closed for an hour
    arrivals = timeline(lambda day: phone_day(day, 7), MONDAY_NOON.date())
    task = asyncio.create_task(hall.reception.take_calls(arrivals))
    await hall.clock.advance(1)
    for _ in range(200):
        await hall.clock.settle()
    assert len(hall.pbx.channels) < 6
    task.cancel()
    await hall.pbx.close()


def test_a_faster_day_shortens_talks_and_nothing_that_a_customer_waits_for() -> None:
    plan = CallPlan(
        "8001", "1", "x", patience=80, pickups=(7.0,), talk=100, holds=((20, 130),), wrap_up=10,
        hand_on=HandOn("blind", "1301", ring=6, talk=60, ask=20), call_back_after=600,
    )  # fmt: skip
    assert scaled(plan, 10) == CallPlan(
        "8001", "1", "x", patience=80, pickups=(7.0,), talk=10, holds=((2, 130),), wrap_up=1,
        hand_on=HandOn("blind", "1301", ring=6, talk=6, ask=2), call_back_after=60,
    )  # fmt: skip


def test_members_have_names_of_their_own() -> None:
    names = [member.name for queue in queues() for member in queue.members]
    assert len(set(names)) == len(names)
    assert opening(7) == opening(7)


def letter(key: str, hours: float, *, outgoing: bool = False, answers: tuple[str, ...] = (), kind: Kind = "plain") -> Letter:
    return Letter(MONDAY_NOON + timedelta(hours=hours), key, outgoing, person(3), "Frage zu Möbeln", "Grüße", answers, kind)


def test_letters_are_proper_mail() -> None:
    raw = write(letter("k1", 0, answers=("k0",)), MONDAY_NOON, ["<k0@demo.example>"])
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
    assert message_from_bytes(write(letter("k", 0, kind=kind), MONDAY_NOON, []))[header] == value


def test_the_post_room_files_letters_and_marks_what_was_answered() -> None:
    mailbox = Mailbox(MONDAY_NOON)
    post = PostRoom(mailbox, Stage(MONDAY_NOON, 1))
    old = 24 * 8
    for item in (
        letter("old", -old), letter("q", -2), letter("a", -1, outgoing=True, answers=("q",)), letter("spam", 0, kind="spam"),
        letter("d", 0, outgoing=True, kind="draft"), letter("auto", 0, outgoing=True, answers=("q",), kind="automatic"),
    ):  # fmt: skip
        post.put(item)
    filed = {name: [m.flags for m in folder.messages.values()] for name, folder in mailbox.folders.items()}
    assert filed == {
        "INBOX": [("\\Answered", "\\Seen")], "Archive": [("\\Seen",)], "Drafts": [("\\Draft", "\\Seen")], "Junk": [()],
        "Sent": [("\\Seen",), ("\\Seen",)], "Trash": [],
    }  # fmt: skip
    assert next(iter(mailbox.folders["INBOX"].messages.values())).at == MONDAY_NOON - timedelta(hours=2)


def test_a_mailbox_keeps_so_many_messages_and_forgets_the_oldest() -> None:
    mailbox = Mailbox(MONDAY_NOON, cap=100)
    post = PostRoom(mailbox, Stage(MONDAY_NOON, 1))
    for item in islice(timeline(lambda day: mail_day(day, 7), MONDAY_NOON.date()), 600):
        post.put(item)
    assert max(len(folder.messages) for folder in mailbox.folders.values()) == 100
    inbox = mailbox.folders["INBOX"]
    assert max(inbox.messages) == inbox.next_uid - 1
    assert min(inbox.messages) == inbox.next_uid - 100


def test_the_configuration_is_one_the_daemon_takes() -> None:
    settings = build(configuration(5038, 1143, {"pbx": "a", "mail": "b", "desk": "c"}))
    assert set(settings.sources) == {"pbx", "mail", "desk"}
    assert isinstance(settings.sources["mail"], ImapSettings)
    assert isinstance(settings.sources["desk"], EventsSettings)
    assert settings.place_of(settings.contact_points["reception"]) == "extension:100"
    assert len(settings.contact_points) == 7


@pytest.mark.parametrize("speed", [0.5, 61])
def test_a_speed_nobody_could_follow_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="between 1 and 60"):
        DemoCentre(FakeClock(), speed=speed)


async def test_the_doors_open_and_close() -> None:
    centre = DemoCentre(FakeClock(MONDAY_NOON))
    await centre.start()
    settings = centre.settings()
    for source in ("pbx", "mail"):
        reader, writer = await asyncio.open_connection("127.0.0.1", settings["sources"][source]["port"])
        assert await reader.readline()
        writer.close()
    waiting = asyncio.create_task(centre.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    await centre.stop()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", settings["sources"]["mail"]["port"])
