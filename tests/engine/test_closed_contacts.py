"""A contact that is told more events than are kept: its sender hears of it, and what waits in it is void for everybody."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from monitor.connector import Batch, Offered, RejectedLine
from monitor.domain.bounded import MOST_EVENTS as MOST
from monitor.domain.bounded import TOO_MANY
from monitor.domain.event import to_micros
from monitor.engine.evaluation import read_record, read_running
from monitor.engine.explain import as_text, explain
from monitor.engine.ingest import NO_ROOM
from monitor.store.base import FoundContact, Store
from tests.engine.fake_daemon import AbsentStore, at, event
from tests.engine.pushed_desk import PushedDesk

HOURS = 3600.0
MOST_EVENTS = MOST["email"]


def line(kind: str, seconds: float, contact: str = "thread", **keys: Any) -> bytes:
    told = {"id": f"{kind}-{seconds:g}", "contact": contact, "contact_point": "desk", "channel": "email", "kind": kind}
    return json.dumps({**told, "at": at(seconds).isoformat(), **keys}).encode()


#: A question at nine, then as many notes, a second apart, as there is room for.
THREAD = [line("received", 0), *(line("noted", second) for second in range(1, MOST_EVENTS))]


class Desk(PushedDesk):
    """It is an hour after nine."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, at(HOURS))

    def found(self, contact: str = "thread") -> FoundContact:
        [found] = self.store.find(contact)
        return found

    def waiting(self) -> list[str]:
        return [wait.wait for row in self.store.running("desk") for wait in read_running(row.running)]

    def shown_waiting(self) -> int:
        return sum(group.waiting for group in self.daemon.live_state.running_waits.groups(self.daemon.clock.now()).values())

    async def refused(self) -> float:
        await self.daemon.coordinator.flush()
        return self.daemon.total("source_records_rejected_total", "desk", "events", TOO_MANY)


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    desk = Desk(store)
    async with desk.daemon:
        assert await desk.push(*THREAD) == Offered(MOST_EVENTS, 0, [])
        yield desk


async def test_a_contact_with_as_many_events_as_are_kept_waits_like_any_other(desk: Desk) -> None:
    assert (desk.waiting(), desk.shown_waiting(), await desk.refused()) == (["reply"], 1, 0)
    assert await desk.push(*THREAD) == Offered(MOST_EVENTS, MOST_EVENTS, [])
    assert desk.waiting() == ["reply"]


async def test_the_next_one_is_refused_and_nothing_waits_there_any_more(desk: Desk) -> None:
    offered = await desk.push(line("received", 1, "other"), line("replied", 3000))
    assert offered == Offered(1, 0, [RejectedLine(2, NO_ROOM, TOO_MANY)])
    assert (desk.shown_waiting(), await desk.refused()) == (1, 1)
    await desk.push(line("replied", 3000, "other"))
    await desk.clock.advance(5 * HOURS)
    assert (desk.waiting(), desk.shown_waiting()) == ([], 0)
    assert desk.daemon.signals("late_reply", channel="email") == 0
    assert desk.daemon.total("assessed_total", "email", "desk", "late_reply") == 1  # `other`
    assert desk.daemon.total("source_events_total", "desk") == MOST_EVENTS + 2


async def test_whoever_asks_why_is_told(desk: Desk) -> None:
    await desk.push(line("replied", 3000))
    told = explain(desk.daemon.generation.directory, desk.store, desk.found())
    assert told["events"][-1] == {"kind": "lost", "at": "2026-11-02T09:50:00Z", "reason": TOO_MANY}
    assert [(each["wait"], each["outcome"]) for each in told["waits"]] == [("reply", "void")]
    assert f"lost  ({TOO_MANY})" in as_text(told)


async def test_what_was_late_stays_late(desk: Desk) -> None:
    await desk.clock.advance(4 * HOURS)
    assert desk.daemon.signals("late_reply", channel="email") == 1
    await desk.push(line("replied", 4.5 * HOURS))
    await desk.clock.advance(10)
    assert desk.daemon.signals("late_reply", channel="email") == 1
    assert desk.daemon.total("signals_retracted_total") == 0
    assert desk.shown_waiting() == 0


async def test_every_refusal_is_counted_and_the_log_says_it_once_and_without_content(desk: Desk) -> None:
    with capture_logs() as logged:
        for _ in range(3):
            assert (await desk.push(line("replied", 3000), line("received", 3001))).accepted == 0
    [said] = [entry for entry in logged if "contact" in entry]
    assert (said["log_level"], said["source"], said["contact"]) == ("warning", "desk", desk.found().row.id)
    assert "thread" not in str(said)
    assert await desk.refused() == 6


async def test_an_earlier_event_that_comes_late_is_taken_and_another_gives_way(desk: Desk) -> None:
    await desk.push(line("replied", 3000))
    assert await desk.push(line("replied", 0.5)) == Offered(1, 0, [])
    assert await desk.refused() == 2
    assert [each.kind for each in read_record(desk.found().row).events][:3] == ["received", "replied", "noted"]
    assert desk.daemon.total("outcomes_total", "email", "desk", "replied") == 1


@pytest.mark.parametrize(("step", "told"), [(1, [1001, 1002, 1003]), (-1, [1, 2, 3])])
async def test_of_a_push_that_is_too_long_the_earliest_are_kept(store: Store, step: int, told: list[int]) -> None:
    desk = Desk(store)
    async with desk.daemon:
        offered = await desk.push(*[line("noted", second) for second in range(MOST_EVENTS + 3)][::step])
        assert (offered.accepted, [each.line for each in offered.rejected]) == (MOST_EVENTS, told)
        assert await desk.refused() == 3
        row = desk.found().row
        assert (row.begun, row.last) == (to_micros(at(0)), to_micros(at(MOST_EVENTS)))


async def test_a_line_that_names_no_contact_point_is_named_by_its_own_number(desk: Desk) -> None:
    settled = {"kind": "settled", "reason": "x", "contact": "thread", "at": at(3000).isoformat()}
    offered = await desk.push(line("noted", 2000), json.dumps(settled).encode())
    assert [(each.line, each.reason) for each in offered.rejected] == [(1, TOO_MANY), (2, TOO_MANY)]


async def test_what_others_say_of_it_is_refused_and_closes_it(desk: Desk) -> None:
    mails = [event("mails", "received", 0, "address:info@example.org", "email")]
    mails += [event("mails", "noted", second, "address:info@example.org", "email") for second in range(1, MOST_EVENTS)]
    await desk.daemon.coordinator.store_batch("mail", Batch(events=mails, watermark=at(HOURS)))
    assert desk.shown_waiting() == 2
    said = json.dumps({"contact": "mails", "kind": "settled", "reason": "x", "at": at(HOURS).isoformat()}).encode()
    for _ in range(2):
        [refused] = (await desk.push(said)).rejected
        assert refused.why == NO_ROOM
        assert desk.shown_waiting() == 1
    assert read_record(desk.found("mails").row).events[-1].reason == TOO_MANY


async def test_while_the_store_is_away_nobody_is_told_anything_twice() -> None:
    store = AbsentStore()
    desk = Desk(store)
    async with desk.daemon:
        await desk.push(*THREAD)
        store.away = True
        offer = asyncio.create_task(desk.push(line("replied", 3000)))
        await store.asked.wait()
        store.away = False
        await desk.clock.advance(5)
        assert await offer == Offered(0, 0, [RejectedLine(1, NO_ROOM, TOO_MANY)])
        assert await desk.refused() == 1


async def test_a_ticket_that_follows_a_closed_one_is_stored_and_answered_as_what_it_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the earlier one is followed is a conclusion of ours: it is no event that anybody told, and refuses nobody anything."""
    monkeypatch.setitem(MOST, "ticket", 2)  # type: ignore[index]
    desk = Desk(store)
    ticket = {"channel": "ticket"}
    full = [line("received", 0, "t1", **ticket), line("noted", 1, "t1", **ticket), line("noted", 2, "t1", **ticket)]
    following = line("received", 60, "t2", follows="t1", **ticket)
    async with desk.daemon:
        await desk.push(*full)
        told = desk.daemon.total("source_events_total", "desk", "events")
        # two senders at once: their pushes share a transaction
        answers = await asyncio.gather(desk.push(following), desk.push(line("received", 70, "t3", **ticket)))
        assert [(each.accepted, each.repeated, each.rejected) for each in answers] == [(1, 0, [])] * 2
        again = await desk.push(following)
        assert (again.accepted, again.repeated, again.rejected) == (1, 1, [])
        assert desk.daemon.total("source_events_total", "desk", "events") == told + 2


async def test_a_ticket_that_follows_an_open_one_is_one_event(store: Store) -> None:
    desk = Desk(store)
    ticket = {"channel": "ticket"}
    async with desk.daemon:
        await desk.push(line("received", 0, "t1", **ticket), line("resolved", 1, "t1", **ticket))
        for repeated in (0, 1):
            offered = await desk.push(line("received", 60, "t2", follows="t1", **ticket))
            assert (offered.accepted, offered.repeated) == (1, repeated)
        assert desk.daemon.total("source_events_total", "desk", "events") == 3
        assert [each.kind for each in read_record(desk.found("t1").row).events] == ["received", "resolved", "reopened"]
