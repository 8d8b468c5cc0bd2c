"""`POST /api/v1/contacts/ID/settle`: who may, what is asked for, what comes back."""

import json
from typing import Any

import bcrypt
import pytest
from aiohttp import encode_basic_auth
from aiohttp.test_utils import TestClient

from tests.publish.web.answers import CONTACT
from tests.publish.web.fakes import FakeServices

PATH = f"/api/v1/contacts/{CONTACT}/settle"
TOKEN = {"Authorization": "Bearer s3cret"}
ANN = {"Authorization": encode_basic_auth("ann", "right", "utf-8")}


@pytest.fixture
def services() -> FakeServices:
    return FakeServices(tokens={"s3cret": "desk"}, waits={CONTACT: ("reply", "promise")})


def with_users(services: FakeServices) -> None:
    services.accounts = {"ann": bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()}


class TestAnswers:
    async def test_what_waited_is_named(self, client: TestClient, services: FakeServices):
        answer = await client.post(PATH, json={"reason": "by phone", "by": "Ann"}, headers=TOKEN)
        told = {"contact": CONTACT, "settled": ["reply", "promise"], "reason": "by phone", "by": "Ann"}
        assert (answer.status, await answer.json()) == (200, told)
        assert services.settled == [(CONTACT, "by phone", "Ann")]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"

    async def test_a_second_time_there_is_nothing_to_settle(self, client: TestClient, services: FakeServices):
        services.waits[CONTACT] = ()
        answer = await client.post(PATH, json={"reason": "by phone"}, headers=TOKEN)
        assert (answer.status, "nothing was changed" in (await answer.json())["error"]) == (409, True)

    @pytest.mark.parametrize("contact", ["feedfeedfeedfeed", "first@example.net", "0123456789ABCDEF"])
    async def test_no_such_contact(self, client: TestClient, services: FakeServices, contact: str):
        answer = await client.post(f"/api/v1/contacts/{contact}/settle", json={"reason": "by phone"}, headers=TOKEN)
        assert (answer.status, "no such contact" in (await answer.json())["error"]) == (404, True)

    async def test_the_store_is_away(self, client: TestClient, services: FakeServices):
        services.readable = False
        answer = await client.post(PATH, json={"reason": "by phone"}, headers=TOKEN)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert "secret.db" not in await answer.text()

    @pytest.mark.parametrize(
        ("asked", "problem"),
        [
            ({}, "reason is needed"),
            ({"reason": ""}, "reason is needed"),
            ({"reason": " \t"}, "reason is needed"),
            ({"reason": None}, "reason is needed"),
            ({"reason": 7}, "reason is needed"),
            ({"reason": "x" * 201}, "reason has 201 characters; at most 200"),
            ({"reason": "a\nb"}, "control characters"),
            ({"reason": "\x1b[2J"}, "control characters"),
            ({"reason": "a\ud800"}, "control characters"),
            ({"reason": "x", "by": ""}, "by is needed"),
            ({"reason": "x", "by": "\u202etxt"}, "by holds control characters"),
            ({"reason": "x", "until": "2026"}, "'until' is no key"),
            ([], "JSON object"),
            ("x", "JSON object"),
        ],
    )
    async def test_what_is_wrong_is_said(self, client: TestClient, services: FakeServices, asked: Any, problem: str):
        answer = await client.post(PATH, json=asked, headers=TOKEN)
        assert (answer.status, problem in (await answer.json())["error"]) == (400, True)
        assert services.settled == []

    @pytest.mark.parametrize("reason", ["x" * 200, "  told her by phone  ", "Rückruf 電話"])
    async def test_what_is_right(self, client: TestClient, services: FakeServices, reason: str):
        assert (await client.post(PATH, json={"reason": reason}, headers=TOKEN)).status == 200
        assert services.settled == [(CONTACT, reason.strip(), "desk")]

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 5000])
    async def test_what_is_no_json(self, client: TestClient, body: bytes):
        answer = await client.post(PATH, data=body, headers={**TOKEN, "Content-Type": "application/json"})
        assert answer.status == 400

    async def test_too_much(self, client: TestClient, services: FakeServices):
        body = json.dumps({"reason": "x" * 20_000})
        answer = await client.post(PATH, data=body, headers={**TOKEN, "Content-Type": "application/json"})
        assert (answer.status, services.settled) == (413, [])

    async def test_it_is_posted_not_looked_at(self, client: TestClient):
        assert (await client.get(PATH, headers=TOKEN)).status == 405


class TestWhoMay:
    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": "Bearer"}, ANN])
    async def test_without_users_the_token_of_a_source_is_needed(
        self, client: TestClient, services: FakeServices, headers: dict[str, str]
    ):
        answer = await client.post(PATH, json={"reason": "x"}, headers=headers)
        assert (answer.status, answer.headers["WWW-Authenticate"], services.settled) == (401, "Bearer", [])

    async def test_a_user_and_a_token_may(self, client: TestClient, services: FakeServices):
        with_users(services)
        for headers in (ANN, TOKEN):
            assert (await client.post(PATH, json={"reason": "x"}, headers=headers)).status == 200
        assert [by for _, _, by in services.settled] == ["ann", "desk"]

    async def test_a_user_cannot_pass_for_somebody_else(self, client: TestClient, services: FakeServices):
        with_users(services)
        await client.post(PATH, json={"reason": "x", "by": "Bob"}, headers=ANN)
        await client.post(PATH, json={"reason": "x", "by": "ann"}, headers=ANN)
        assert [by for _, _, by in services.settled] == ["Bob (logged in as ann)", "ann"]

    @pytest.mark.parametrize(
        "headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": encode_basic_auth("ann", "wrong", "utf-8")}]
    )
    async def test_nobody_else(self, client: TestClient, services: FakeServices, headers: dict[str, str]):
        with_users(services)
        assert (await client.post(PATH, json={"reason": "x"}, headers=headers)).status == 401
        assert services.settled == []

    async def test_a_token_opens_nothing_else(self, client: TestClient, services: FakeServices):
        with_users(services)
        for path in ("/", f"/api/v1/contacts/{CONTACT}", f"/contacts/{CONTACT}", "/metrics"):
            assert (await client.get(path, headers=TOKEN)).status == 401
        assert (await client.post("/-/reload", headers=TOKEN)).status == 401


class TestAForeignPage:
    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
    async def test_what_its_form_can_send_is_not_taken(self, client: TestClient, services: FakeServices, kind: str):
        with_users(services)
        answer = await client.post(PATH, data=b'{"reason": "x"}', headers={**ANN, "Content-Type": kind})
        assert (answer.status, services.settled) == (415, [])

    @pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
    async def test_nor_what_its_script_sends(self, client: TestClient, services: FakeServices, headers: dict[str, str]):
        with_users(services)
        answer = await client.post(PATH, json={"reason": "x"}, headers={**ANN, **headers})
        assert (answer.status, services.settled) == (403, [])
