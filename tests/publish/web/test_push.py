"""Pushed contact events: bounds, numbering, answers."""

import asyncio
import gzip
import json

import pytest
from aiohttp.test_utils import TestClient

from monitor.publish.web import push
from monitor.publish.web.services import PushResult
from tests.publish.web.fakes import FakeServices

PATH = "/api/v1/events"
ONE = b'{"id": "1"}'
TWO = b'{"id": "2"}'


class TestWhatIsHandedOn:
    @pytest.mark.parametrize(
        "body",
        [ONE + b"\n" + TWO, ONE + b"\n" + TWO + b"\n", b'[{"id": "1"}, {"id": "2"}]', b' \n[{"id": "1"},\n{"id": "2"}]\n'],
    )
    async def test_lines_or_an_array(self, client: TestClient, services: FakeServices, body: bytes):
        await client.post(PATH, data=body)
        [(_, _, lines)] = services.pushed
        assert [(number, json.loads(line)) for number, line in lines] == [(1, {"id": "1"}), (2, {"id": "2"})]

    async def test_blank_lines_are_skipped_and_counted(self, client: TestClient, services: FakeServices):
        await client.post(PATH, data=b"\n" + ONE + b"\r\n  \n" + TWO)
        assert services.pushed[0][2] == [(2, ONE + b"\r"), (4, TWO)]

    async def test_bad_lines_are_handed_on_too_for_the_daemon_to_reject(self, client: TestClient, services: FakeServices):
        await client.post(PATH, data=b'{"id":\n\xff\xfe\n' + ONE)
        assert services.pushed[0][2] == [(1, b'{"id":'), (2, b"\xff\xfe"), (3, ONE)]

    async def test_the_source_and_the_token(self, client: TestClient, services: FakeServices):
        await client.post(PATH, params={"source": "shop"}, data=ONE, headers={"Authorization": "Bearer s3cret"})
        await client.post(PATH, data=ONE)
        await client.post(PATH, data=ONE, headers={"Authorization": "Basic s3cret"})
        assert [(source, token) for source, token, _ in services.pushed] == [("shop", "s3cret"), (None, None), (None, None)]

    async def test_a_packed_body(self, client: TestClient, services: FakeServices):
        await client.post(PATH, data=gzip.compress(ONE), headers={"Content-Encoding": "gzip"})
        assert services.pushed[0][2] == [(1, ONE)]

    async def test_nothing_at_all(self, client: TestClient, services: FakeServices):
        assert (await client.post(PATH)).status == 200
        assert services.pushed[0][2] == []


class TestAnswers:
    async def test_counts_and_the_reason_for_each_bad_line(self, client: TestClient, services: FakeServices):
        services.result = PushResult("stored", accepted=3, repeated=2, rejected=[(4, "no such kind: rang")])
        answer = await client.post(PATH, data=ONE)
        assert answer.status == 200
        assert await answer.json() == {
            "accepted": 3,
            "repeated": 2,
            "rejected": 1,
            "errors": [{"line": 4, "reason": "no such kind: rang"}],
        }

    async def test_bad_lines_beside_events_that_were_known_are_no_error(self, client: TestClient, services: FakeServices):
        services.result = PushResult("stored", accepted=2, repeated=2, rejected=[(1, "not JSON")])
        assert (await client.post(PATH, data=b"x")).status == 200

    async def test_only_bad_lines_are_an_error(self, client: TestClient, services: FakeServices):
        services.result = PushResult("stored", rejected=[(1, "not JSON")])
        assert (await client.post(PATH, data=b"x")).status == 400

    async def test_a_million_bad_lines_do_not_make_a_giant_answer(self, client: TestClient, services: FakeServices):
        services.result = PushResult("stored", accepted=1, rejected=[(n, "not JSON") for n in range(1, 5001)])
        answer = await (await client.post(PATH, data=ONE)).json()
        assert (answer["rejected"], len(answer["errors"])) == (5000, push.MAX_SHOWN_REJECTS)

    @pytest.mark.parametrize(
        ("result", "status", "header"),
        [
            (PushResult("unauthorised"), 401, ("WWW-Authenticate", "Bearer")),
            (PushResult("unknown_source"), 404, None),
            (PushResult("unavailable"), 503, ("Retry-After", "5")),
        ],
    )
    async def test_refusals(
        self, client: TestClient, services: FakeServices, result: PushResult, status: int, header: tuple[str, str] | None
    ):
        services.result = result
        answer = await client.post(PATH, data=ONE)
        assert answer.status == status
        assert set(await answer.json()) == {"error"}
        if header:
            assert answer.headers[header[0]] == header[1]

    async def test_a_page_of_another_site_cannot_push(self, client: TestClient, services: FakeServices):
        assert (await client.post(PATH, data=ONE, headers={"Origin": "http://evil.example"})).status == 403
        assert not services.pushed


class TestBounds:
    async def test_exactly_the_limit_is_taken_and_one_byte_more_is_not(
        self, client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(push, "BODY_BYTES", 1000)
        assert (await client.post(PATH, data=b"x" * 1000)).status == 200
        assert (await client.post(PATH, data=b"x" * 1001)).status == 413
        assert len(services.pushed) == 1

    async def test_a_body_of_unknown_length(self, client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(push, "BODY_BYTES", 1000)

        async def endless():
            for _ in range(100):
                yield b"x" * 100

        assert (await client.post(PATH, data=endless())).status == 413
        assert not services.pushed

    async def test_a_small_body_that_unpacks_to_a_large_one(
        self, client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(push, "BODY_BYTES", 1000)
        small = gzip.compress(b"x" * 100_000)
        assert len(small) < 1000
        assert (await client.post(PATH, data=small, headers={"Content-Encoding": "gzip"})).status == 413
        assert not services.pushed

    @pytest.mark.parametrize("body", [b"{}\n" * 11, b"[" + b"{}," * 10 + b"{}]"])
    async def test_too_many_events(
        self, client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch, body: bytes
    ):
        monkeypatch.setattr(push, "MAX_LINES", 10)
        assert (await client.post(PATH, data=body)).status == 413
        assert not services.pushed

    @pytest.mark.parametrize("body", [b"[", b"[{]", b"[" * 100_000, b"[1] 2", b"[\xff]"])
    async def test_a_broken_array_is_refused_as_a_whole(self, client: TestClient, services: FakeServices, body: bytes):
        answer = await client.post(PATH, data=body)
        assert answer.status == 400
        assert await answer.json() == {"error": "the body begins as a JSON array but is none"}
        assert not services.pushed

    async def test_a_sender_that_stops_in_the_middle_is_let_go(
        self, client: TestClient, services: FakeServices, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(push, "_READ_SECONDS", 0.05)

        for_ever = asyncio.Event()

        async def stuck():
            yield ONE
            await for_ever.wait()

        answer = await client.post(PATH, data=stuck())
        assert answer.status == 408
        assert not services.pushed
