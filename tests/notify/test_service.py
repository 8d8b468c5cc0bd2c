"""The daemon's side: receivers that hang or refuse, a store that is away, a restart, a stop."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.snapshot import PointState, ReceiverState, Snapshot, TotalKey
from monitor.errors import StoreUnavailable
from monitor.notify import service
from monitor.notify.service import Notifier
from monitor.notify.wording import Worded
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock
from tests.notify.watch import LIMITS, LINKS, line, read, receiver
from tests.publish.snapshots import NOW, snapshot, waits

STORED_AS = "notify:pbx"
HELD = line(holds=waits(1, 1, 241))
CALM = line()


class Pocket:
    """A receiver in this process. `answer`: what `send` returns; `hold`: it waits until that is set."""

    def __init__(self) -> None:
        self.got: list[Worded] = []
        self.tries = 0
        self.answer: str | None = None
        self.hold: threading.Event | None = None

    def send(self, said: Worded, group: str) -> str | None:
        self.tries += 1
        if self.hold is not None:
            self.hold.wait(20)
        if self.answer is None:
            self.got.append(said)
        return self.answer


class House:
    """The daemon, reduced to one snapshot that a test changes."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.points: tuple[PointState, ...] = (HELD,)
        self.totals: dict[TotalKey, float] = {}
        self.receivers: dict[str, ReceiverState] = {}
        self.in_trouble = asyncio.Event()

    def snapshot(self) -> Snapshot:
        now = self.clock.now()
        return replace(snapshot(*self.points, sources=(read(now),)), at=now)

    async def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    aside = call

    def add_totals(self, deltas: Mapping[TotalKey, float]) -> None:
        for key, value in deltas.items():
            self.totals[key] = self.totals.get(key, 0.0) + value

    def show_receiver(self, name: str, state: ReceiverState) -> None:
        self.receivers[name] = state
        if state.well is False:
            self.in_trouble.set()

    def counted(self, outcome: str, name: str = "ops") -> float:
        return self.totals.get(("notifications_total", (name, outcome)), 0.0)


class Site:
    """A notifier that can be killed and begun anew over the same store."""

    def __init__(self, *names: str) -> None:
        self.clock = FakeClock(NOW)
        self.store = MemoryStore()
        self.house = House(self.clock)
        self.pockets = {name: Pocket() for name in names}
        self.begin()

    @property
    def ops(self) -> Pocket:
        return self.pockets["ops"]

    def begin(self) -> None:
        receivers = {receiver(name): pocket for name, pocket in self.pockets.items()}
        self.notifier = Notifier(self.house, self.store, self.clock, receivers, limits=LIMITS, links=LINKS, stored_as=STORED_AS)
        self.running = asyncio.create_task(self.notifier.run())

    async def kill(self) -> None:
        """Nothing more is written."""
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)

    async def pass_time(self, seconds: float) -> None:
        """Evaluation by evaluation; after each, threads that have something to say have said it."""
        for _ in range(int(seconds // 5)):
            await self.clock.advance(5)
            for name in self.pockets:
                line = self.notifier._lines[name]
                if line.sending is not None and self.pockets[name].hold is None:
                    await asyncio.wait((line.sending,))


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site("ops")
    yield made
    await made.kill()


async def test_a_message_is_sent_once_and_counted(site: Site) -> None:
    assert site.house.receivers == {"ops": ReceiverState(None)}
    await site.pass_time(600)
    assert [each.title for each in site.ops.got] == ["FIRING: Billing line: a customer is on hold far too long"]
    assert site.house.totals == site.store.totals() == {("notifications_total", ("ops", "sent")): 1.0}
    assert site.house.receivers["ops"].well is True


async def test_killed_and_begun_anew_it_neither_repeats_nor_forgets(site: Site) -> None:
    await site.pass_time(20)
    await site.kill()
    site.begin()  # it has held for twenty seconds of thirty
    await site.pass_time(30)
    assert len(site.ops.got) == 1
    await site.kill()
    site.begin()
    await site.pass_time(600)
    assert len(site.ops.got) == 1
    await site.kill()
    site.house.points = (CALM,)
    site.begin()
    await site.pass_time(600)
    assert [each.title.partition(":")[0] for each in site.ops.got] == ["FIRING", "RESOLVED"]


async def test_killed_while_it_sends_it_sends_again(site: Site) -> None:
    site.ops.hold = threading.Event()
    await site.pass_time(45)
    assert site.ops.tries == 1
    await site.kill()
    site.ops.hold.set()
    site.ops.hold = None
    site.begin()
    await site.pass_time(60)
    assert site.ops.tries == 2


async def test_a_receiver_that_does_not_take_it_is_tried_ever_more_seldom_and_shows_it(site: Site) -> None:
    site.ops.answer = "it answers with HTTP status 503"
    await site.pass_time(700)
    # at 40 s, then after 5, 15, 60 and 300 s, each at the evaluation that follows
    assert site.ops.tries == 5
    assert site.house.receivers["ops"][0] is False
    assert site.house.receivers["ops"].trouble == "it answers with HTTP status 503"
    assert site.house.counted("failed") == 5
    site.ops.answer = None
    await site.pass_time(300)
    assert len(site.ops.got) == 1
    assert site.house.receivers["ops"].well is True
    assert site.house.receivers["ops"].trouble is None


async def test_what_comes_and_goes_while_a_receiver_cannot_be_reached_is_counted(site: Site) -> None:
    site.ops.answer = "it cannot be reached, or does not take the message"
    await site.pass_time(60)
    site.house.points = (CALM,)
    await site.pass_time(60)
    assert site.house.counted("missed") == 1
    site.ops.answer = None
    site.house.points = (HELD,)
    await site.pass_time(60)
    assert site.ops.got[0].text.endswith("Alerts that came and went before they could be told: 1.")


async def test_a_receiver_that_hangs_holds_up_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SEND_SECONDS", 0.05)
    site = Site("ops", "night")
    hold = site.ops.hold = threading.Event()
    await site.pass_time(60)
    assert len(site.pockets["night"].got) == 1
    await asyncio.wait_for(site.house.in_trouble.wait(), 20)
    assert site.house.receivers["ops"].trouble == "no answer within 0.05 s"
    await site.pass_time(600)
    assert site.ops.tries == 1  # it has not let go: a second message would hang beside the first
    hold.set()
    site.ops.hold = None
    await asyncio.wait((site.notifier._lines["ops"].sending,))  # type: ignore[arg-type,type-var]
    await site.pass_time(30)
    assert site.ops.tries == 2
    await site.kill()


async def test_people_are_told_while_the_store_is_away_and_it_is_written_later(site: Site) -> None:
    await site.pass_time(5)
    broken = StoreUnavailable("the disk is full")
    real = site.store.transaction
    site.store.transaction = lambda source: (_ for _ in ()).throw(broken)  # type: ignore[method-assign]
    await site.pass_time(60)
    assert len(site.ops.got) == 1
    assert site.store.totals() == site.house.totals == {}
    site.store.transaction = real  # type: ignore[method-assign]
    await site.pass_time(5)
    assert site.house.totals == site.store.totals() == {("notifications_total", ("ops", "sent")): 1.0}
    await site.kill()
    site.begin()
    await site.pass_time(600)
    assert len(site.ops.got) == 1


async def test_calm_writes_nothing(site: Site) -> None:
    site.house.points = (CALM,)
    await site.pass_time(10)
    before = site.store.read_state(STORED_AS, ("state",))
    site.store.transaction = None  # type: ignore[assignment]  # whoever asks for one fails
    await site.pass_time(600)
    assert site.store.read_state(STORED_AS, ("state",)) == before


async def test_a_stop_waits_for_what_is_on_its_way(site: Site) -> None:
    hold = site.ops.hold = threading.Event()
    await site.pass_time(45)
    closing = asyncio.create_task(site.notifier.close())
    await asyncio.sleep(0)
    hold.set()
    await closing
    assert len(site.ops.got) == 1
    await site.kill()
    site.ops.hold = None
    site.begin()
    await site.pass_time(600)
    assert len(site.ops.got) == 1


async def test_a_stop_writes_what_the_store_had_not_taken(site: Site) -> None:
    real = site.store.transaction
    site.store.transaction = lambda source: (_ for _ in ()).throw(StoreUnavailable("locked"))  # type: ignore[method-assign]
    await site.pass_time(60)
    assert len(site.ops.got) == 1
    site.store.transaction = real  # type: ignore[method-assign]
    await site.kill()
    await site.notifier.close()
    assert site.store.totals() == {("notifications_total", ("ops", "sent")): 1.0}
    site.begin()
    await site.pass_time(600)
    assert len(site.ops.got) == 1


async def test_a_stop_does_not_wait_for_ever(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LAST_SECONDS", 0.05)
    hold = site.ops.hold = threading.Event()
    await site.pass_time(45)
    await site.notifier.close()
    assert site.ops.got == []
    hold.set()


async def test_a_bug_of_ours_in_what_is_sent_ends_the_daemon(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Worded:
        raise KeyError("a bug")

    monkeypatch.setattr(service, "worded", broken)
    await site.pass_time(60)
    with pytest.raises(KeyError):
        await site.running
