"""What another process forgets beside a running daemon is shown no longer, and comes back where it is told of again."""

import json
from pathlib import Path
from typing import Any

from monitor.store import make_store
from tests.engine.fake_daemon import NINE, at
from tests.engine.pushed_desk import PushedDesk
from tests.engine.scenarios import ingest_run

LABELS = ("phone", "oops", "inbound")


def call(contact: str, point: str, kind: str = "queued", seconds: float = 0) -> bytes:
    told: dict[str, Any] = {"contact": contact, "contact_point": point, "channel": "phone", "kind": kind}
    return json.dumps({**told, "at": at(seconds).isoformat()}).encode()


async def test_contact_and_contact_point_go_from_the_snapshot_within_seconds(tmp_path: Path):
    url = f"sqlite:{tmp_path / 'contacts.db'}"
    store, beside = make_store(url), make_store(url)
    for each in (store, beside):
        each.open()
    ingest = ingest_run(beside).ingest
    desk = PushedDesk(store, NINE)
    async with desk.daemon as daemon:
        await desk.push(call("a", "oops"), call("b", "oops"), call("c", "line"))
        points = daemon.snapshot().points
        assert (points["oops"].running or {})["queue"].waiting == 2
        assert (points["line"].running or {})["queue"].waiting == 1

        ingest.forget("desk", [("a", "oops")], now=at(0))
        await desk.clock.advance(10)
        assert (daemon.snapshot().points["oops"].running or {})["queue"].waiting == 1

        ingest.forget("desk", [("b", "oops")], now=at(10))
        ingest.forget_places("desk", "oops")
        await desk.clock.advance(10)
        snapshot = daemon.snapshot()
        assert set(snapshot.points) == {"line"}
        assert snapshot.totals["contacts_total", LABELS] == 2
        await desk.clock.advance(100)  # no limit of what is forgotten falls
        assert daemon.signals("long_wait", channel="phone", point="oops") == 0

        await desk.push(call("d", "oops", seconds=120))
        snapshot = daemon.snapshot()
        assert set(snapshot.points) == {"line", "oops"}
        assert snapshot.totals["contacts_total", LABELS] == 3
    assert [row.contact_point for row in store.places("desk")] == ["line", "oops"]
    for each in (store, beside):
        each.close()
