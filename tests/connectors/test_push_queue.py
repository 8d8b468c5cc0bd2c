"""What waits for the store goes together, in one transaction, and everybody learns what became of their own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from monitor.connector import Batch, Event, Gap, Refuse, Rejected
from monitor.domain.event import EventName
from monitor.errors import StoreUnavailable
from monitor.push_queue import GROUP_EVENTS, PushQueue
from monitor.testing import FakeClock
from tests.engine.fake_daemon import NINE, at, event


class Reader:
    """Takes batches as the engine does: the next one when the one before is stored."""

    def __init__(self, queue: PushQueue) -> None:
        self.queue = queue
        self._batches = queue.batches(Batch())

    async def begin(self) -> None:
        await anext(self._batches)

    async def taken(self, known: Sequence[EventName] = ()) -> Batch:
        """The next batch; the one before is stored then, and `known` of this one's events were before."""
        batch = await anext(self._batches)
        assert batch.on_stored is not None
        batch.on_stored(known)
        return batch

    async def end(self) -> None:
        await self._batches.aclose()


@asynccontextmanager
async def reading(clock: FakeClock | None = None) -> AsyncIterator[Reader]:
    reader = Reader(PushQueue(clock or FakeClock(NINE)))
    await reader.begin()
    try:
        yield reader
    finally:
        await reader.end()


async def offered(queue: PushQueue, *pushes: Sequence[Batch]) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(queue.store(*batches)) for batches in pushes]
    await asyncio.sleep(0)
    return tasks


def pushed(*names: str, **more: Any) -> Batch:
    return Batch([event(name, "queued", 0) for name in names], **more)


def named(name: str) -> EventName:
    [told] = pushed(name).events
    return told.contact, told.id, told.place


def contacts(batch: Batch) -> list[str]:
    return [each.contact for each in batch.events]


async def test_what_waits_is_stored_together_in_the_order_in_which_it_came() -> None:
    async with reading() as reader:
        tasks = await offered(reader.queue, [pushed("a")], [pushed("b", "c")], [pushed("d")])
        assert contacts(await reader.taken()) == ["a", "b", "c", "d"]
        later = await offered(reader.queue, [pushed("e")])
        assert not any(task.done() for task in tasks)
        assert contacts(await reader.taken()) == ["e"]
        assert await asyncio.gather(*tasks) == [0, 0, 0]
        assert not later[0].done()
        later[0].cancel()


@pytest.mark.parametrize(("second", "together"), [(GROUP_EVENTS - 3, True), (GROUP_EVENTS - 2, False)])
async def test_a_transaction_has_an_end(second: int, together: bool) -> None:
    async with reading() as reader:
        tasks = await offered(reader.queue, [pushed("a", "b", "c")], [pushed(*("x" for _ in range(second)))])
        first = await reader.taken()
        assert len(first.events) == (GROUP_EVENTS if together else 3)
        if not together:
            assert len((await reader.taken()).events) == second
        for task in tasks:
            task.cancel()


async def test_each_sender_learns_how_many_of_their_own_events_were_known() -> None:
    """`a` was stored before, `b` comes twice in one transaction: the second of them was known by then."""
    async with reading() as reader:
        tasks = await offered(reader.queue, [pushed("a", "b")], [pushed("c")], [pushed("b", "d")])
        await reader.taken(known=[named("a"), named("b")])
        await offered(reader.queue, [pushed("e")])
        await reader.taken()
        assert await asyncio.gather(*tasks) == [1, 0, 1]


async def test_an_event_that_was_known_twice_counts_with_both() -> None:
    async with reading() as reader:
        tasks = await offered(reader.queue, [pushed("a")], [pushed("a")])
        await reader.taken(known=[named("a")] * 2)
        await offered(reader.queue, [pushed("e")])
        await reader.taken()
        assert await asyncio.gather(*tasks) == [1, 1]


async def test_what_they_say_beside_their_events() -> None:
    one = pushed("a", newest_outbound=at(5), rejected=[Rejected("malformed", "line 1")])
    two = pushed("b", cursor={"seen_until": True}, watermark=at(9), newest_outbound=at(3))
    three = pushed("c", watermark=at(7), rejected=[Rejected("future", "line 2")])
    async with reading() as reader:
        tasks = await offered(reader.queue, [one], [two], [three])
        batch = await reader.taken()
        assert (batch.cursor, batch.watermark, batch.newest_outbound) == ({"seen_until": True}, at(9), at(5))
        assert [each.reason for each in batch.rejected] == ["malformed", "future"]
        for task in tasks:
            task.cancel()


def said_of(name: str, **details: Any) -> Batch:
    return Batch([event(name, "noted", 0, **details)])


@pytest.mark.parametrize(
    "alone",
    [
        said_of("b", place=""),
        Batch([event("b", "settled", 0)]),
        pushed("b", gap=Gap(at(0), at(1))),
        pushed("b", state={"k": "v"}),
    ],
    ids=["without a place", "settled", "a gap", "state"],
)
async def test_what_cannot_share_a_transaction_goes_alone_and_in_its_turn(alone: Batch) -> None:
    """What speaks of a contact must find it stored, though it came a moment before."""
    async with reading() as reader:
        tasks = await offered(reader.queue, [pushed("a")], [alone], [pushed("c")], [pushed("d")])
        assert [contacts(await reader.taken()) for _ in range(3)] == [["a"], ["b"], ["c", "d"]]
        for task in tasks:
            task.cancel()


async def test_who_is_refused_learns_it_and_nobody_else() -> None:
    """`a` comes from two senders, and is refused twice; `c` from one who wants to know nothing."""
    told: list[tuple[str, str, str, str]] = []

    def refuser(sender: str) -> Refuse:
        def refuse(event: Event, why: str, reason: str = "unknown_contact") -> None:
            told.append((sender, event.contact, why, reason))

        return refuse

    one = pushed("a", "b", on_refused=refuser("one"))
    two, three = pushed("c"), pushed("a", on_refused=refuser("three"))
    async with reading() as reader:
        tasks = await offered(reader.queue, [one], [two], [three])
        batch = await reader.taken()
        assert contacts(batch) == ["a", "b", "c", "a"]
        assert batch.on_refused is not None
        for refused in (batch.events[3], batch.events[0], batch.events[2]):
            batch.on_refused(refused, "no room", "too_many_events")
        assert told == [("one", "a", "no room", "too_many_events"), ("three", "a", "no room", "too_many_events")]
        for task in tasks:
            task.cancel()


async def test_between_the_pieces_of_one_push_no_batch_is_whole() -> None:
    """Others go on between the pieces; a second push of several pieces waits until the first is whole."""
    async with reading() as reader:
        one = [pushed("a1", more=True), pushed("a2", more=True), pushed("a3")]
        two = [pushed("b1", more=True), pushed("b2")]
        tasks = await offered(reader.queue, one, two, [pushed("c")])
        seen = []
        for _ in range(6):
            batch = await reader.taken()
            seen.append((contacts(batch), batch.more))
            if contacts(batch) == ["a2"]:
                tasks += await offered(reader.queue, [pushed("d")])
        assert seen == [
            (["a1"], True), (["c"], True), (["a2"], True), (["d"], True), (["a3"], False), (["b1"], True),
        ]  # fmt: skip
        for task in tasks:
            task.cancel()


async def test_since_when_something_waits_untaken() -> None:
    clock = FakeClock(NINE)
    async with reading(clock) as reader:
        assert reader.queue.untaken_since is None
        await clock.advance(3)
        tasks = await offered(reader.queue, [pushed("a")], [said_of("b", place="")])
        await clock.advance(4)
        tasks += await offered(reader.queue, [pushed("c")])
        await reader.taken()
        assert reader.queue.untaken_since == at(3)
        await reader.taken()
        assert reader.queue.untaken_since == at(7)
        await reader.taken()
        assert reader.queue.untaken_since is None
        for task in tasks:
            task.cancel()


async def test_when_the_reader_goes_everybody_learns_it() -> None:
    reader = Reader(PushQueue(FakeClock(NINE), max_waiting=3))
    await reader.begin()
    tasks = await offered(reader.queue, [pushed("a")], [pushed("b")])
    await reader.taken()
    tasks += await offered(reader.queue, [pushed("c")], [pushed("d")], [pushed("e"), pushed("f")])
    await reader.end()
    tasks += await offered(reader.queue, [pushed("late")])
    for task in tasks:
        with pytest.raises(StoreUnavailable, match="send it again"):
            await task
    async with aclosing(reader.queue.batches(Batch())) as again:
        await anext(again)
        [task] = await offered(reader.queue, [pushed("g")])
        assert contacts(await anext(again)) == ["g"]
        task.cancel()


async def test_a_push_of_nothing_is_stored_at_once() -> None:
    assert await PushQueue(FakeClock(NINE)).store() == 0
