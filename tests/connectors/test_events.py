"""Pushed contact events: answered when stored, judged as the sender says, and never fatal."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from monitor.clock import SystemClock
from monitor.connectors.events import CHUNK, Events
from monitor.errors import StoreUnavailable
from monitor.testing import FakeClock
from tests.engine.fake_daemon import NINE, AbsentStore, RunningDaemon, at
from tests.engine.pushed_desk import events_source

events = partial(events_source, "web")


def line(contact: str, kind: str, seconds: float, **keys: Any) -> bytes:
    told = {"contact": contact, "contact_point": "desk", "channel": "chat", "kind": kind, "at": at(seconds).isoformat(), **keys}
    return json.dumps(told).encode()


def seen_until(seconds: float) -> bytes:
    return json.dumps({"kind": "seen_until", "at": at(seconds).isoformat()}).encode()


def numbered(*lines: bytes) -> list[tuple[int, bytes]]:
    return list(enumerate(lines, 1))


@asynccontextmanager
async def pushed(store: AbsentStore | None = None) -> AsyncIterator[tuple[FakeClock, RunningDaemon, Events]]:
    clock = FakeClock(NINE)
    connector = events(clock)
    async with RunningDaemon(clock, {"web": connector}, store) as daemon:
        yield clock, daemon, connector


async def test_a_push_is_answered_when_the_store_has_it_and_not_before() -> None:
    store = AbsentStore()
    async with pushed(store) as (clock, _daemon, connector):
        store.away = True
        offer = asyncio.create_task(connector.offer(numbered(line("c", "queued", 0), b"{", line("d", "queued", 0))))
        await store.asked.wait()
        await clock.advance(15)
        assert not offer.done()
        assert list(store.begun_between(0, 2**62)) == []
        store.away = False
        await clock.advance(5.1)
        offered = await offer
        assert offered.accepted == 2
        assert [(bad.line, bad.reason) for bad in offered.rejected] == [(2, "malformed")]
        assert {each.row.contact for each in store.begun_between(0, 2**62)} == {"c", "d"}


async def test_what_was_refused_is_counted_under_its_reason() -> None:
    async with pushed() as (clock, daemon, connector):
        future = line("c", "queued", 0, at="2099-01-01T00:00:00Z")
        offered = await connector.offer(numbered(future, line("c", "rang", 0), b"\xff", b"\xff"))
        await clock.advance(1)
        assert offered.accepted == 0
        for reason, count in (("future", 1), ("unknown_kind", 1), ("malformed", 2)):
            assert daemon.total("source_records_rejected_total", "web", "events", reason) == count


async def test_pushing_again_changes_nothing() -> None:
    async with pushed() as (clock, daemon, connector):
        body = numbered(line("c", "queued", -30, id="1"), line("c", "answered", -5, id="2"), line("x", "queued", -1))
        for _ in range(3):
            assert (await connector.offer(body)).accepted == 3
        await clock.advance(1)
        assert daemon.total("contacts_total") == 2
        assert daemon.signals("long_wait", channel="chat") == 1
        assert daemon.total("source_events_total", "web", "events") == 3


async def test_a_large_push_is_stored_in_portions_and_answered_once() -> None:
    async with pushed() as (_clock, daemon, connector):
        body = numbered(*(line(f"c{n}", "queued", 0) for n in range(CHUNK + 1)))
        assert (await connector.offer(body)).accepted == CHUNK + 1
        assert daemon.total("contacts_total") == CHUNK + 1


async def test_an_empty_push_is_answered() -> None:
    async with pushed() as (_clock, _daemon, connector):
        assert (await connector.offer([])).accepted == 0
        assert (await connector.offer(numbered(b"\n", b"  "))).accepted == 0


async def test_the_newest_answer_of_ours_is_told() -> None:
    async with pushed() as (_clock, daemon, connector):
        told = [line("m", kind, seconds, channel="email") for kind, seconds in (("received", -90), ("replied", -60))]
        await connector.offer(numbered(told[1], line("n", "replied", -80, channel="email"), told[0]))
        await connector.offer(numbered(line("o", "received", -10, channel="email")))
        assert daemon.snapshot().sources["web"].last_outbound == at(-60)


async def test_what_is_pushed_is_complete_up_to_now() -> None:
    async with pushed() as (clock, daemon, connector):
        await connector.offer(numbered(line("c", "queued", 0)))
        await clock.advance(20)
        assert daemon.signals("long_wait", channel="chat") == 0
        await clock.advance(0.001)
        assert daemon.signals("long_wait", channel="chat") == 1


async def test_a_sender_that_says_how_far_it_has_seen_is_judged_there_alone() -> None:
    async with pushed() as (clock, daemon, connector):
        await connector.offer(numbered(line("c", "queued", 0), seen_until(0)))
        await clock.advance(100)
        assert daemon.signals("long_wait", channel="chat") == 0
        assert daemon.snapshot().sources["web"].watermark == NINE
        await connector.offer(numbered(seen_until(20)))
        await clock.advance(0.1)
        assert daemon.signals("long_wait", channel="chat") == 0
        await connector.offer(numbered(line("c", "answered", 19), seen_until(90)))
        await clock.advance(100)
        assert daemon.signals("long_wait", channel="chat") == 0
        assert daemon.total("assessed_total", "chat", "desk", "long_wait") == 1


async def test_events_beside_seen_until_are_stored_before_absence_is_judged_there() -> None:
    async with pushed() as (clock, daemon, connector):
        await connector.offer(numbered(line("c", "queued", 0), seen_until(0)))
        await clock.advance(100)
        await connector.offer(numbered(seen_until(90), line("c", "answered", 5)))
        await clock.advance(1)
        assert daemon.signals("long_wait", channel="chat") == 0


async def test_nobody_has_seen_the_future() -> None:
    async with pushed() as (clock, daemon, connector):
        await connector.offer(numbered(line("c", "queued", 0), seen_until(3600)))
        await clock.advance(1)
        assert daemon.snapshot().sources["web"].watermark == NINE
        assert daemon.signals("long_wait", channel="chat") == 0


async def test_the_senders_word_goes_on_to_govern_after_a_restart() -> None:
    store = AbsentStore()
    async with pushed(store) as (_clock, _daemon, connector):
        await connector.offer(numbered(line("c", "queued", 0), seen_until(0)))
    async with pushed(store) as (clock, daemon, connector):
        await clock.advance(100)
        assert daemon.signals("long_wait", channel="chat") == 0
        assert daemon.snapshot().sources["web"].up
        await connector.offer(numbered(seen_until(21)))
        await clock.advance(0.1)
        assert daemon.signals("long_wait", channel="chat") == 1


async def test_pushes_that_wait_when_the_reader_goes_are_answered_at_once() -> None:
    """Both the one in hand and those behind it; whoever comes later is told the same until somebody reads again."""
    connector = events(SystemClock())
    reader = connector.read(None)
    assert (await anext(reader)).live_lag == timedelta(0)
    offers = [asyncio.create_task(connector.offer(numbered(line("c0", "queued", 0))))]
    await anext(reader)
    offers += [asyncio.create_task(connector.offer(numbered(line(f"c{n}", "queued", 0)))) for n in (1, 2)]
    while connector._queue.waiting < 2:  # noqa: ASYNC110  # a queue tells nobody how long it is
        await asyncio.sleep(0.001)
    await reader.aclose()
    for offer in offers:
        with pytest.raises(StoreUnavailable, match="send it again"):
            await offer
    with pytest.raises(StoreUnavailable):
        await connector.offer(numbered(line("late", "queued", 0)))
    again = connector.read(None)
    await anext(again)
    offer = asyncio.create_task(connector.offer(numbered(line("c", "queued", 0))))
    assert len((await anext(again)).events) == 1
    assert not offer.done()
    following = asyncio.create_task(anext(again))
    assert (await offer).accepted == 1
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await again.aclose()


async def test_a_sender_that_hangs_up_before_its_answer_harms_nobody() -> None:
    connector = events(SystemClock())
    reader = connector.read(None)
    await anext(reader)
    for reader_goes in (False, True):
        offer = asyncio.create_task(connector.offer(numbered(line("c", "queued", 0))))
        assert len((await anext(reader)).events) == 1
        offer.cancel()
        await asyncio.gather(offer, return_exceptions=True)
        if reader_goes:
            await reader.aclose()
        else:
            following = asyncio.create_task(connector.offer(numbered(line("d", "queued", 0))))
            assert len((await anext(reader)).events) == 1
            waiting = asyncio.create_task(anext(reader))
            assert (await following).accepted == 1
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            reader = connector.read(None)
            await anext(reader)


@pytest.mark.parametrize(
    ("own", "shown", "admitted"),
    [("s3cret", "s3cret", True), ("s3cret", "s3cres", False), ("s3cret", "", False), ("s3cret", None, False), (None, None, False),
     (None, "s3cret", False), ("pässword", "pässword", True)],
)  # fmt: skip
def test_who_may_push(own: str | None, shown: str | None, admitted: bool) -> None:
    assert events(SystemClock(), own).admits(shown) is admitted


@pytest.mark.parametrize(("token", "ok"), [("s3cret", [True, None]), (None, [None])])
async def test_check_says_whether_anybody_can_push_and_that_silence_would_look_like_calm(
    token: str | None, ok: list[bool | None]
) -> None:
    findings = [finding async for finding in events(SystemClock(), token).check()]
    assert [finding.ok for finding in findings] == ok
    assert "s3cret" not in findings[0].text


@pytest.mark.parametrize("count", [1, CHUNK + 1])
async def test_how_many_were_known_before_is_answered(count: int) -> None:
    body = numbered(*(line(f"c{n}", "queued", 0) for n in range(count + 1)))
    async with pushed() as (_, _, connector):
        offered = [await connector.offer(lines) for lines in (body[:count], body, body)]
    assert [(each.accepted, each.repeated) for each in offered] == [(count, 0), (count + 1, count), (count + 1, count + 1)]


async def test_a_long_push_is_judged_when_all_of_it_is_stored() -> None:
    """Each answer stands further down than one transaction reaches; the chat was answered within its 20 s."""
    async with pushed() as (clock, daemon, connector):
        calls = range(CHUNK + 1)
        lines = [line(f"c{n}", "queued", -3600) for n in calls] + [line(f"c{n}", "answered", -3590) for n in calls]
        assert (await connector.offer(numbered(*lines))).accepted == 2 * (CHUNK + 1)
        await clock.advance(1)
        assert daemon.signals("long_wait", channel="chat") == 0
        assert daemon.total("signals_retracted_total") == 0
