"""How many events of a push were known before, however they come."""

import asyncio
import json
from typing import Any

from monitor.engine.evaluation import read_record
from monitor.store.base import Store
from tests.engine.fake_daemon import NINE, at
from tests.engine.pushed_desk import PushedDesk


def call(contact: str, kind: str = "queued", point: str = "first") -> bytes:
    told: dict[str, Any] = {"contact": contact, "contact_point": point, "channel": "phone", "kind": kind}
    return json.dumps({**told, "id": "1", "at": at(0).isoformat()}).encode()


async def pushed(desk: PushedDesk, *bodies: tuple[bytes, ...]) -> list[tuple[int, int]]:
    """Accepted and repeated of what is pushed at once: the first body goes alone, the others share a transaction."""
    return [(told.accepted, told.repeated) for told in await asyncio.gather(*(desk.push(*body) for body in bodies))]


async def test_within_one_body_among_several_senders_and_after_a_restart(store: Store) -> None:
    one, two, three = call("c1"), call("c2"), call("c3")
    desk = PushedDesk(store, NINE)
    async with desk.daemon:
        assert await pushed(desk, (one, one, two)) == [(3, 1)]
        bodies = (two,), (three, three), (one, three), (call("c3", "ended"),)
        assert await pushed(desk, *bodies) == [(1, 1), (2, 1), (2, 2), (1, 1)]
    desk = PushedDesk(store, NINE)
    async with desk.daemon:
        assert await pushed(desk, (one, call("c4"), three)) == [(3, 2)]


async def test_a_call_at_two_contact_points_may_name_its_events_alike(store: Store) -> None:
    desk = PushedDesk(store, NINE)
    async with desk.daemon:
        await pushed(desk, (call("c", point="second"),))
        bodies = (call("alone"),), (call("c", point="second"),), (call("c"),)
        assert await pushed(desk, *bodies) == [(1, 0), (1, 1), (1, 0)]


async def test_a_text_is_read_alike_each_time(store: Store) -> None:
    told = {"contact": "c", "contact_point": "chat", "channel": "chat", "kind": "replied", "id": "1", "at": at(0).isoformat()}
    line = json.dumps({**told, "text": "I'll call you back tomorrow by 11."}).encode()
    nameless = json.dumps({**told, "id": None, "at": at(1).isoformat(), "text": "We will send you a label."}).encode()
    for _ in range(2):
        desk = PushedDesk(store, NINE)
        async with desk.daemon:
            first = await pushed(desk, (line, nameless))
            assert await pushed(desk, (line, nameless)) == [(2, 2)]
    assert first == [(2, 2)]
    [found] = store.find("c")
    gists = [event.gist for event in read_record(found.row).events]
    assert [[each.deed for each in gist.promises] for gist in gists if gist] == [["call"], ["send"]]
