"""The demo's stories: an hour of it on a fake clock is read as the daemon reads it, and the verdicts are those of the script.

The mails are read as a mailbox file, the calls as what the phone system reports; nothing goes over a socket.
"""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from monitor.config.loading import build
from monitor.connector import Batch, NoState
from monitor.connectors._asterisk.tracker import CallTracker
from monitor.connectors._discover import source_types
from monitor.daemon.app import Generation, make_context
from monitor.demo.call_generator import CallGenerator, make_queues
from monitor.demo.call_traffic import calls_of_day
from monitor.demo.configuration import configuration, write_people
from monitor.demo.customers import customer, storied
from monitor.demo.mail_generator import MailGenerator
from monitor.demo.mailbox import Mailbox
from monitor.demo.pbx import Pbx
from monitor.demo.schedule import TimeScale, opening_hours, timeline
from monitor.demo.stories import STORIES, customer_of, stories_of_hour
from monitor.demo.story_teller import StoryTeller
from monitor.domain.customer import customer_hasher
from monitor.domain.event import EPOCH, Event
from monitor.engine.explain import Explanation, explain
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock
from tests.connectors.asterisk_recordings import follow
from tests.engine.fake_daemon import InlineExecutor

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
KEY = b"k" * 32
MICRO = timedelta(microseconds=1)

#: Of each story the signals of its contacts in the order of their beginnings: (contact point, signals). What we call ourselves
#: belongs to no contact point of its own.
SCRIPT: dict[str, list[tuple[str, set[str]]]] = {
    "kept": [("info-mail", set()), ("other", set())],
    "late": [("info-mail", {"slipped_promise"}), ("other", set())],
    "broken": [("info-mail", {"slipped_promise"})],
    "repeat": [("reception", set()), ("info-mail", {"repeat_contact"})],
    "unanswered": [("info-mail", set()), ("reception", {"repeat_contact", "lost_context"})],
    "sent": [("info-mail", set()), ("reception", {"lost_context"})],
    "recovered": [("support-line", {"abandoned"}), ("reception", {"repeat_contact"})],
}


class Hour:
    """The stories of one hour of the demo, beside its other calls, and what the monitor makes of them."""

    def __init__(self, directory: Path, speed: float) -> None:
        people = directory / "people.csv"
        write_people(people)
        passwords = {name: f"of the {name}" for name in ("pbx", "mail", "helpdesk", "visits", "export")}
        self.settings = build(configuration(1, 2, 3, passwords, people, opening_hours(timedelta(0))))
        self.clock = FakeClock(NOON)
        self.scale = TimeScale(NOON, speed)
        self.pbx = Pbx(self.clock, random.Random(1), make_queues())
        self.reports: list[tuple[int, bytes]] = []
        self.pbx.listeners.add(lambda _, message: self.reports.append(((self.clock.now() - EPOCH) // MICRO, message)))
        self.mailbox = Mailbox(NOON)
        self.calls = CallGenerator(self.clock, self.pbx, self.scale, 7)
        self.teller = StoryTeller(self.clock, MailGenerator(self.mailbox, self.scale), self.calls, self.scale)
        self.store = MemoryStore()

    async def live(self, seconds: float) -> None:
        """That much real time, in which nobody new is told of after the first stories."""
        arrivals = timeline(lambda day: calls_of_day(day, 7), NOON.date())
        work = [self.teller.run(), self.calls.generate(arrivals), self.calls.adjust_staffing()]
        tasks = [asyncio.create_task(each) for each in work]
        await self.clock.advance(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.pbx.raise_fault()
        await self.pbx.close()

    async def read(self, sources: Sequence[str]) -> None:
        """Everything, source by source in this order as a daemon does that starts late, and judged up to now."""
        self.generation = Generation(self.settings, self.store, self.clock, KEY, executor=InlineExecutor())
        await self.generation.start()
        told = {"mail": self._mails(), "pbx": self._calls()}
        for source in sources:
            await self.generation.coordinator.store_batch(source, Batch(told[source], watermark=self.clock.now()))

    def _mails(self) -> list[Event]:
        found = [each for folder in ("INBOX", "Sent") for each in self.mailbox.folders[folder].messages.values()]
        lines = BytesIO()
        for mail in sorted(found, key=lambda each: each.at):
            text = (mail.header + mail.text).replace(b"\r\n", b"\n")
            lines.write(f"From demo@demo.example {mail.at:%a %b %d %H:%M:%S %Y}\n".encode() + text + b"\n\n")
        lines.seek(0)
        context = make_context(self.settings, "mail", self.clock, KEY, NoState())
        [archive] = source_types()["imap"].archives
        return [each for each in archive.read(lines, self.settings.sources["mail"], context) if isinstance(each, Event)]

    def _calls(self) -> list[Event]:
        context = make_context(self.settings, "pbx", self.clock, KEY, NoState())
        tracker = CallTracker(context.hash_customer, places=context.places)
        return follow([(0, b"Asterisk Call Manager/9.0.0\r\n"), *self.reports], tracker)

    def contacts_of(self, name: str, hour: int = 0) -> list[Explanation]:
        """The contacts of a story's customer, in the order of their beginnings."""
        who = customer_of(self.teller.number_of(hour), name)
        names = self.generation.names_of(customer_hasher(KEY, "GB")(who.number))
        found = [each for each in self.store.begun_between(0, 2**62) if each.row.customer in names]
        return [explain(self.generation.directory, self.store, each, self.generation.names_of) for each in found]


def signals_of(contacts: list[Explanation]) -> list[tuple[str, set[str]]]:
    return [(each["contact_point"], {signal["signal"] for signal in each["signals"]}) for each in contacts]


@pytest.fixture(scope="module", params=[(1.0, ("mail", "pbx")), (20.0, ("pbx", "mail"))])
def hour(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Hour:
    """An hour of the demo; a faster one needs some minutes more, for what is promised is promised for minutes."""
    speed, order = request.param
    made = Hour(tmp_path_factory.mktemp("demo"), speed)

    async def happen() -> None:
        await made.live(3_600 if speed == 1 else 3_600 / speed + 300)
        await made.read(order)

    asyncio.run(happen())
    return made


@pytest.mark.parametrize("name", SCRIPT)
def test_the_verdicts_of_each_story_are_those_of_its_script(hour: Hour, name: str) -> None:
    assert signals_of(hour.contacts_of(name)) == SCRIPT[name]


def test_each_story_is_told_once_an_hour_and_promises_are_read_as_they_are_meant(hour: Hour) -> None:
    promises = {name: [each for each in hour.contacts_of(name)[0]["waits"] if each["wait"] == "promise"] for name in SCRIPT}
    assert {name: [each["outcome"] for each in found] for name, found in promises.items()} == {
        "kept": ["kept"], "late": ["breached"], "broken": ["breached"], "repeat": [], "unanswered": [], "sent": [],
        "recovered": [],
    }  # fmt: skip
    [late], [broken], [kept] = promises["late"], promises["broken"], promises["kept"]
    assert kept["kept_by"] is not None
    assert kept["kept_by"]["channel"] == "phone"
    assert late["late_seconds"] is not None
    assert late["late_seconds"] >= 20
    assert hour.scale.speed > 1 or broken["until"] is None  # for hours of the demo
    assert {each["deed"] for each in (late, kept)} == {"call"}
    assert broken["deed"] == "send"


def test_contacts_of_a_story_stand_side_by_side(hour: Hour) -> None:
    call, _ = hour.contacts_of("recovered")
    assert [each["mark"] for each in call["marks"]] == ["abandoned", "recovered"]
    assert [each["relations"] for each in call["others"]] == [["settled_callback", "recovered", "came_again"]]
    mail, call = hour.contacts_of("unanswered")
    assert [each["relations"] for each in call["others"]] == [["came_before", "unanswered"]]
    assert [each["contact"] for each in mail["others"]] == [call["contact"]]
    assert hour.generation.live_state.totals[("abandons_recovered_total", ("phone", "support-line"))] >= 1


def test_nobody_else_is_a_customer_of_the_stories() -> None:
    others = {customer(n) for n in range(12_000)}
    people = [storied(n) for n in range(6_000)]
    assert len({who.number for who in people} | {who.number for who in others}) == 18_000
    assert len({who.address for who in people} | {who.address for who in others}) == 18_000


@pytest.mark.parametrize("speed", [1.0, 7.0, 60.0])
def test_no_customer_has_two_stories_within_weeks_and_all_steps_are_in_order(speed: float) -> None:
    scale = TimeScale(NOON, speed)
    assert len({customer_of(n, name) for n in range(800) for name, _ in STORIES}) == 800 * len(STORIES)
    steps = stories_of_hour(scale.to_real(NOON), speed, 5)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert steps == stories_of_hour(scale.to_real(NOON), speed, 5)
    assert steps[0].at == NOON


async def test_what_should_have_begun_while_the_machine_slept_is_left_out(tmp_path: Path) -> None:
    hour = Hour(tmp_path, 1.0)
    hour.scale = TimeScale(NOON - timedelta(hours=5), 1.0)
    hour.teller = StoryTeller(hour.clock, MailGenerator(hour.mailbox, hour.scale), hour.calls, hour.scale)
    await hour.live(180)  # the stories of the sixth hour begin
    assert {len(folder.messages) for name, folder in hour.mailbox.folders.items() if name == "INBOX"} == {2}
