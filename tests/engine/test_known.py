"""What is said of contacts that are there already, by whoever knows: pushed for another source's mail, or settled by hand."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from monitor.connector import Batch, Context, NoState, Offered
from monitor.connectors._discover import event_ids
from monitor.connectors.events import Settings, connect
from monitor.domain.customer import customer_hasher
from monitor.domain.event import from_micros
from monitor.engine.evaluation import read_record, read_running
from monitor.errors import StoreUnavailable
from monitor.store.base import FoundContact, Store
from monitor.testing import FakeClock
from tests.engine.fake_daemon import NINE, AbsentStore, RunningDaemon, at, counted, event
from tests.engine.pushed_desk import PushedDesk
from tests.engine.scenarios import ingest_run

#: The default limit of `late_reply` is 4 h; no calendar is configured.
HOURS = 3600.0
#: A conversation as the mailbox tells it: named by its first mail, its events by what `event_ids` makes of their Message-IDs.
HASHED = customer_hasher(b"k" * 32, "GB")
[FIRST], [SECOND] = event_ids("<first@example.net>", HASHED), event_ids("<second@example.net>", HASHED)
CONVERSATION = FIRST


def mail(kind: str, seconds: float, contact: str = CONVERSATION, address: str = "info", **details: Any) -> Any:
    return event(contact, kind, seconds, f"address:{address}@example.org", "email", **details)


def line(**keys: Any) -> bytes:
    return json.dumps({"at": at(HOURS).isoformat(), **keys}).encode()


NEEDED = {
    "settled": {"reason": "x"},
    "discarded": {"reason": "x"},
    "bounced": {"event": "x"},
    "promised": {"due": at(9 * HOURS).isoformat()},
}


class Desk(PushedDesk):
    """It is an hour after nine."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, at(HOURS))
        self.daemon.generation.statuses["mail"].kind = "imap"  # whose events have names

    async def read(self, *events: Any) -> None:
        """The mailbox tells these; it has been seen up to now."""
        await self.daemon.coordinator.store_batch("mail", Batch(events=events, watermark=self.clock.now(), cursor={"uid": 1}))

    def kinds(self, contact: str = CONVERSATION) -> list[str]:
        [found] = self.store.find(contact)
        return [each.kind for each in read_record(found.row).events]

    def waiting(self) -> list[tuple[str, str]]:
        return [(row.contact, wait.wait) for row in self.store.running("mail") for wait in read_running(row.running)]

    def shown_waiting(self) -> int:
        groups = self.daemon.live_state.running_waits.groups(self.daemon.clock.now())
        return sum(group.waiting for (source, *_), group in groups.items() if source == "mail")


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    desk = Desk(store)
    async with desk.daemon:
        await desk.read(mail("received", 0, id=FIRST), mail("received", 60, id=SECOND))
        yield desk


@pytest.mark.parametrize("name", ["<first@example.net>", "first@example.net", "<second@example.net>"])
async def test_a_mail_is_settled_by_a_push_that_names_its_conversation(desk: Desk, name: str) -> None:
    assert (desk.waiting(), desk.shown_waiting()) == ([(CONVERSATION, "reply")], 1)
    before = desk.store.cursor_row("mail")
    told = line(contact=name, kind="settled", reason="by phone", by="Ann", id="1")
    assert await desk.push(told) == Offered(1, 0, [])
    assert desk.kinds() == ["received", "received", "settled"]
    assert (desk.waiting(), desk.shown_waiting()) == ([], 0)
    assert desk.store.cursor_row("mail") == before
    assert await desk.push(told) == Offered(1, 1, [])  # known
    assert desk.kinds() == ["received", "received", "settled"]
    assert counted(desk.store)["assessed_total", ("email", "info@example.org", "late_reply")] == 1
    assert desk.daemon.total("source_events_total", "desk") == 1
    assert desk.daemon.total("source_events_total", "mail") == 2
    await desk.daemon.coordinator.flush()
    assert desk.daemon.live_state.totals == desk.store.totals()


async def test_what_was_late_when_it_was_settled_is_late(desk: Desk) -> None:
    await desk.clock.advance(3 * HOURS + 1)  # one o'clock and a second
    await desk.read()
    await desk.clock.advance(0)
    assert desk.daemon.signals("late_reply", "info@example.org", "email") == 1
    await desk.push(line(contact=CONVERSATION, kind="settled", reason="by phone", at=at(4 * HOURS + 1).isoformat()))
    assert desk.daemon.signals("late_reply", "info@example.org", "email") == 1
    assert desk.daemon.total("signals_retracted_total") == 0
    assert desk.daemon.total("outcomes_total") == 0


async def test_one_message_of_it_named_by_its_message_id(desk: Desk) -> None:
    told = line(contact=CONVERSATION, kind="discarded", reason="duplicate", event="<first@example.net>")
    assert (await desk.push(told)).accepted == 1
    [found] = desk.store.find(CONVERSATION)
    [running] = read_running(found.row.running or "[]")
    assert running.since == at(60)


async def test_a_message_id_of_a_mail_that_is_read_later_is_kept_as_its_id(desk: Desk) -> None:
    await desk.push(line(contact=CONVERSATION, kind="discarded", reason="duplicate", event="<third@example.net>"))
    [found] = desk.store.find(CONVERSATION)
    assert "third" not in found.row.record
    [third] = event_ids("third@example.net", HASHED)
    await desk.read(mail("received", 120, id=third))
    [found] = desk.store.find(CONVERSATION)
    assert [running.since for running in read_running(found.row.running or "[]")] == [at(0)]
    await desk.push(line(contact=CONVERSATION, kind="settled", reason="x", event=FIRST, id="1"))
    await desk.push(line(contact=CONVERSATION, kind="settled", reason="x", event=SECOND, id="2"))
    assert desk.waiting() == []  # the third asks nothing


@pytest.mark.parametrize("kind", ["settled", "discarded", "restored", "bounced", "replied", "noted", "promised", "complained"])
async def test_of_a_contact_that_nobody_knows_nothing_can_be_said(desk: Desk, kind: str) -> None:
    offered = await desk.push(b"", line(contact="other@example.net", kind=kind, **NEEDED.get(kind, {})), b"{")
    assert offered.accepted == 0
    [unknown, bad] = offered.rejected
    assert (unknown.line, unknown.reason, bad.line) == (2, "unknown_contact", 3)
    assert unknown.why == f"contact: nobody knows 'other@example.net'; {kind} speaks of a contact that is there already"
    assert desk.store.find("other@example.net") == []
    await desk.clock.advance(10)
    assert desk.daemon.total("source_records_rejected_total", "desk", "events", "unknown_contact") == 1


async def test_a_name_that_may_mean_several_contacts_is_refused_with_their_ids(desk: Desk) -> None:
    """A call that went through two queues, in both of which something was promised."""
    due = at(9 * HOURS)
    await desk.read(*(event("twice", "promised", 90, f"queue:{queue}", "phone", due=due) for queue in ("info", "sales")))
    [unknown] = (await desk.push(line(contact="twice", kind="settled", reason="x"))).rejected
    ids = [each.row.id for each in desk.store.find("twice")]
    assert len(ids) == 2
    assert all(each in unknown.why for each in ids)
    assert (await desk.push(line(contact=ids[0], kind="settled", reason="x"))).accepted == 1
    assert len([each for each in desk.waiting() if each[0] == "twice"]) == 1


async def test_the_pushing_sources_own_contact_goes_before_that_of_another(desk: Desk) -> None:
    own = {"contact": CONVERSATION, "contact_point": "desk", "channel": "email"}
    await desk.push(line(**own, kind="received"))
    assert (await desk.push(line(contact=CONVERSATION, kind="settled", reason="x"))).accepted == 1
    assert desk.waiting() == [(CONVERSATION, "reply")]
    kinds = {each.source: [told.kind for told in read_record(each.row).events] for each in desk.store.find(CONVERSATION)}
    assert kinds == {"desk": ["received", "settled"], "mail": ["received", "received"]}


@pytest.mark.parametrize("where", [{}, {"contact_point": "desk", "channel": "email"}])
async def test_a_contact_and_what_became_of_it_may_come_in_one_push_in_any_order(desk: Desk, where: dict[str, str]) -> None:
    settled = line(contact="new", kind="settled", reason="x", **where)
    received = line(contact="new", contact_point="desk", channel="email", kind="received", at=at(0).isoformat())
    offered = await desk.push(settled, received)
    assert (offered.accepted, offered.rejected) == (2, [])
    assert desk.kinds("new") == ["received", "settled"]


async def test_a_contact_point_that_is_named_though_another_source_reads_the_contact(desk: Desk) -> None:
    told = line(contact=CONVERSATION, contact_point="front-counter", channel="counter", kind="settled", reason="x")
    assert (await desk.push(told)).accepted == 1
    assert desk.waiting() == []


async def test_ids_of_two_senders_do_not_meet(desk: Desk) -> None:
    """The mailbox calls an event `1`, too."""
    await desk.read(mail("noted", 61, id="1"))
    assert await desk.push(line(contact=CONVERSATION, kind="settled", reason="x", id="1")) == Offered(1, 0, [])
    assert desk.kinds() == ["received", "received", "noted", "settled"]


async def test_a_promise_made_by_phone_for_a_mail_is_to_be_kept(desk: Desk) -> None:
    await desk.push(line(contact=CONVERSATION, kind="promised", due=at(2 * HOURS).isoformat()))
    assert sorted(desk.waiting()) == [(CONVERSATION, "promise"), (CONVERSATION, "reply")]
    await desk.clock.advance(HOURS + 1)
    await desk.read()
    await desk.clock.advance(0)
    assert desk.daemon.signals("slipped_promise", "info@example.org", "email") == 1


async def test_a_settled_contact_is_not_begun_by_its_own_source_either(desk: Desk) -> None:
    """What is said of a conversation that was pruned meanwhile."""
    await desk.read(mail("discarded", 3600, "long-gone", reason="deleted"))
    assert desk.store.find("long-gone") == []


async def test_while_the_store_is_away_a_push_waits_and_then_counts_once() -> None:
    store = AbsentStore()
    desk = Desk(store)
    async with desk.daemon:
        await desk.read(mail("received", 0, id=FIRST))
        store.away = True
        offer = asyncio.create_task(desk.push(line(contact=CONVERSATION, kind="settled", reason="x", id="1")))
        await store.asked.wait()
        assert not offer.done()
        store.away = False
        await desk.clock.advance(5)
        assert await offer == Offered(1, 0, [])
        assert desk.waiting() == []


class TestAnotherProcessReadsTheSource:
    """Two daemons on one store: `desk` is pushed to one of them, the mailbox is read by the other."""

    async def test_it_follows(self, store: Store) -> None:
        clock = FakeClock(at(HOURS))
        other = ingest_run(store)
        other.store_batch([mail("received", 0, id=FIRST)], NINE)
        pushes = connect(
            Settings.model_validate({"type": "events", "token": "t"}),
            Context("desk", clock, None, "GB", str, NoState()),  # type: ignore[arg-type]
        )
        async with RunningDaemon(clock, {"desk": pushes}, store) as daemon:
            before = store.cursor_row("pbx")
            offered = await pushes.offer([(1, line(contact=CONVERSATION, kind="settled", reason="by phone"))])
            assert offered == Offered(1, 0, [])
            assert store.cursor_row("pbx") == before
            assert list(store.running("pbx")) == []
            await daemon.coordinator.flush()
            assert daemon.live_state.totals == store.totals()
            assert "info@example.org" not in {state.info.name for state in daemon.snapshot().points.values()}
            assert daemon.live_state.running_waits.groups(daemon.clock.now()) == {}


class TestSettledByHand:
    def found(self, desk: Desk) -> FoundContact:
        [found] = desk.store.find(CONVERSATION)
        return found

    async def settle(self, desk: Desk, reason: str = "by phone") -> tuple[str, ...] | None:
        found = self.found(desk)
        key = (found.row.contact, found.row.contact_point)
        return (await desk.daemon.coordinator.settle(found.source, key, reason, "Ann")).waits

    async def test_who_why_and_when_are_kept_and_the_second_time_changes_nothing(self, desk: Desk) -> None:
        assert await self.settle(desk) == ("reply",)
        settled = read_record(self.found(desk).row).events[-1]
        assert (settled.kind, settled.at, settled.reason, settled.by) == ("settled", at(HOURS), "by phone", "Ann")
        assert (desk.waiting(), desk.shown_waiting()) == ([], 0)
        stored = self.found(desk)
        await desk.clock.advance(60)
        assert await self.settle(desk) == ()
        assert self.found(desk) == stored

    async def test_a_message_of_a_mail_server_whose_clock_is_ahead_is_settled_too(self, desk: Desk) -> None:
        await desk.read(mail("replied", 1800), mail("received", HOURS + 30, id="ahead"))
        assert await self.settle(desk) == ("follow_up",)
        assert desk.waiting() == []
        assert from_micros(self.found(desk).row.last) == at(HOURS + 30)

    async def test_who_asks_again_waits_again(self, desk: Desk) -> None:
        await self.settle(desk)
        await desk.clock.advance(60)
        await desk.read(mail("received", HOURS + 60, id="again"))
        assert desk.waiting() == [(CONVERSATION, "follow_up")]

    async def test_what_waits_on_the_line_is_not_settled(self, desk: Desk) -> None:
        await desk.daemon.coordinator.store_batch("mail", Batch(events=[event("call", "queued", HOURS)]))
        assert (await desk.daemon.coordinator.settle("mail", ("call", "desk"), "x", "Ann")).waits == ()
        assert (await desk.daemon.coordinator.settle("mail", ("nobody", "desk"), "x", "Ann")).waits is None

    async def test_a_generation_that_ends_takes_nothing_more(self, desk: Desk) -> None:
        desk.daemon.coordinator.release()
        with pytest.raises(StoreUnavailable):
            await self.settle(desk)
