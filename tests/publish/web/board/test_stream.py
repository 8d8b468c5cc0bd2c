"""The stream: what changed, once for all, and nothing else."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import bcrypt
import pytest
from aiohttp import ClientResponse, encode_basic_auth
from aiohttp.test_utils import TestClient

from monitor.publish.web.board import stream
from monitor.publish.web.board.lines import line_id
from tests.publish.snapshots import NOW
from tests.publish.web.board.scenes import Scene
from tests.publish.web.fakes import FakeServices

PATH = "/api/v1/stream"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def services() -> FakeServices:
    return Scene().add("line", waits={"queue": [3]}).add("other").services()


class Reader:
    """Reads one stream."""

    def __init__(self, answer: ClientResponse) -> None:
        self.answer = answer

    async def next(self) -> dict[str, Any]:
        """The next message that says something."""
        async with asyncio.timeout(10):
            while line := await self.answer.content.readline():
                if line.startswith(b"data: "):
                    message: dict[str, Any] = json.loads(line[6:])
                    return message
        raise AssertionError("the stream has ended")


@asynccontextmanager
async def reading(client: TestClient, query: str = "") -> AsyncIterator[Reader]:
    async with client.get(PATH + query) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        yield Reader(answer)


def show(services: FakeServices, scene: Scene) -> None:
    """What the daemon says from now on."""
    later = scene.services()
    services.current, services.who_waits, services.limits = later.current, later.who_waits, later.limits
    services.version += 1
    services.moved_on.set()


async def test_first_everything_then_what_changed(client: TestClient, services: FakeServices):
    async with reading(client) as reader:
        first = await reader.next()
        assert set(first["parts"]) == {"head", "cards", "limits", line_id("line"), line_id("other")}
        assert first["order"] == [line_id("line"), line_id("other")]
        assert (first["at"], first["clock"], first["title"]) == ("2026-11-02T09:30:00Z", "09:30:00", "Board")
        show(services, Scene().add("line", waits={"queue": [3]}).add("other", waits={"queue": [30]}, title="Other"))
        second = await reader.next()
        assert set(second["parts"]) == {"head", "cards", "limits"} - ({"limits"} if "limits" not in second["parts"] else set())
        assert second["order"] == [line_id("line")]
        assert second["title"] == "(1) Other over the limit"
        assert second["said"] == "Other: 1 caller has waited too long"
        assert "over the limit now" in second["parts"]["cards"]


async def test_browsers_are_sent_a_gzip_stream(client: TestClient, services: FakeServices):
    async with client.get(PATH) as early:
        assert early.headers["Content-Encoding"] == "gzip"
        one = Reader(early)
        first = await one.next()
        show(services, Scene().add("line", waits={"queue": [3, 4]}).add("other"))
        await one.next()
        async with client.get(PATH) as late:  # which is sent all at once
            assert set((await Reader(late).next())["parts"]) == set(first["parts"])


@pytest.mark.parametrize("pieces", [[b"one"], [b"two", b"one"], [b"one" * 9000, b"two", b"one" * 9000]])
def test_a_piece_can_be_read_as_it_comes_whatever_went_before(pieces: list[bytes]):
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # gzip
    assert unpack.decompress(stream._GZIP_HEAD) == b""
    assert [unpack.decompress(stream._piece(each)) for each in pieces] == pieces


async def test_who_takes_nothing_packed_is_sent_nothing_packed(client: TestClient):
    async with client.get(PATH, headers={"Accept-Encoding": "identity"}) as answer:
        assert "Content-Encoding" not in answer.headers
        assert (await Reader(answer).next())["title"] == "Board"


async def test_who_opens_a_stream_is_told_that_the_list_is_empty(client: TestClient, services: FakeServices):
    # whose page was drawn before the last row became a card
    show(services, Scene().add("line", waits={"queue": [30]}))
    async with reading(client) as reader:
        assert (await reader.next())["order"] == []


async def test_what_only_grows_is_not_sent(client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stream, "BEAT_SECONDS", 0.05)
    async with reading(client) as reader:
        await reader.next()
        services.current = replace(services.current, at=NOW + timedelta(seconds=2))
        services.version += 1
        services.moved_on.set()
        while (message := await reader.next())["at"] == "2026-11-02T09:30:00Z":
            pass
        assert message["parts"] == {}
        assert "order" not in message


async def test_the_day_and_the_zone_are_told_with_the_time(client: TestClient, services: FakeServices):
    # at 01:00 UTC on 25 October 2026 London's clocks go back, from BST to GMT
    services.current = replace(services.current, at=datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC))
    async with reading(client) as reader:
        said = await reader.next()
        assert (said["date"], said["clock"], said["zone"]) == ("Sun 25 Oct 2026", "01:59:59", "BST")
        services.current = replace(services.current, at=datetime(2026, 10, 25, 1, 0, 1, tzinfo=UTC))
        services.version += 1
        services.moved_on.set()
        while (said := await reader.next())["clock"] == "01:59:59":
            pass
        assert (said["date"], said["clock"], said["zone"]) == ("Sun 25 Oct 2026", "01:00:01", "GMT")


async def test_who_looks_at_a_part_is_told_of_that_part(client: TestClient, services: FakeServices):
    show(services, Scene().add("line", team="Sales").add("other", team="Front"))
    async with reading(client, "?team=Sales") as reader:
        assert (await reader.next())["order"] == [line_id("line")]


async def test_all_who_look_at_the_same_are_told_the_same_and_it_is_drawn_once(
    client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch
):
    drawn: list[str] = []
    draw = stream._View.draw

    def counted(self: Any, shown: Any, by: Any) -> Any:
        drawn.append("view")
        return draw(self, shown, lambda name, said: drawn.append(name) or by(name, said))

    monkeypatch.setattr(stream._View, "draw", counted)
    async with reading(client) as one, reading(client) as two:
        assert await one.next() == await two.next()
        show(services, Scene().add("line", waits={"queue": [3, 4]}).add("other"))
        assert await one.next() == await two.next()
    assert drawn.count(line_id("line")) == 2
    assert drawn.count(line_id("other")) == 1


async def test_more_than_may_be_are_refused_and_who_goes_makes_room(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stream, "MAX_STREAMS", 1)
    async with reading(client) as reader:
        await reader.next()
        async with client.get(PATH) as refused:
            assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
    async with asyncio.timeout(10):
        while (await client.head("/-/healthy")).status == 200:
            async with client.get(PATH) as again:
                if again.status == 200:
                    break


async def test_different_parts_are_bounded_too(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stream, "MAX_VIEWS", 1)
    async with reading(client) as reader, reading(client) as same:
        await reader.next()
        await same.next()
        async with client.get(PATH + "?team=Sales") as refused:
            assert refused.status == 503


async def test_who_is_no_user_any_more_is_told_nothing_more(client: TestClient, services: FakeServices):
    async with reading(client) as reader:
        await reader.next()
        services.accounts = {"ann": "$2b$04$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}
        show(services, Scene().add("secret", waits={"queue": [30]}))
        rest = await reader.answer.content.read()
        assert rest.count(b"data: ") <= 1  # what was on its way


async def test_a_server_that_stops_does_not_wait_for_who_looks(client: TestClient):
    async with reading(client) as reader:
        await reader.next()
        async with asyncio.timeout(10):  # and not for the minute that an answer may take
            await client.server.close()
        await reader.answer.content.read()


async def test_nobody_looks_when_nobody_reads(client: TestClient, services: FakeServices):
    async with reading(client) as reader:
        await reader.next()
        assert [task for task in asyncio.all_tasks() if task.get_name() == "board"]
    async with asyncio.timeout(10):
        while [task for task in asyncio.all_tasks() if task.get_name() == "board"]:
            services.version += 1
            services.moved_on.set()
            await asyncio.sleep(0)


async def test_it_asks_for_a_user_where_there_are_users(client: TestClient, services: FakeServices):
    services.accounts = {"ann": "$2b$04$xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}
    async with client.get(PATH) as answer:
        assert answer.status == 401


async def test_who_sees_the_wall_alone_sees_it_change_until_that_is_taken_away(
    client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "BEAT_SECONDS", 0.05)
    stored = bcrypt.hashpw(b"wall", bcrypt.gensalt(4)).decode()
    services.accounts, services.wall_accounts = {"ann": stored}, {"hall": stored}
    headers = {"Authorization": encode_basic_auth("hall", "wall")}
    async with client.get(PATH, headers=headers) as answer:
        assert answer.status == 403
    async with client.get(f"{PATH}?wall=1", headers=headers) as answer:
        assert answer.status == 200
        reader = Reader(answer)
        assert (await reader.next())["parts"]
        await reader.next()
        services.wall_accounts = {}
        async with asyncio.timeout(10):
            assert (await answer.content.read()).endswith(b"\n\n")  # up to its end
