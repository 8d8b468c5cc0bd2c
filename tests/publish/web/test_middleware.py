"""Users with passwords: who gets in, and what it costs to ask."""

import bcrypt
import pytest
from aiohttp import encode_basic_auth
from aiohttp.test_utils import TestClient

from monitor.publish.web import middleware
from tests.publish.web.fakes import FakeServices


def hashed(password: str) -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()


@pytest.fixture
def services() -> FakeServices:
    return FakeServices(accounts={"ann": hashed("right"), "öl": hashed("ß"), "long": hashed("x" * 80), "broken": "not a hash"})


async def status(client: TestClient, name: str, password: str, path: str = "/") -> int:
    return (await client.get(path, headers={"Authorization": encode_basic_auth(name, password, "utf-8")})).status


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/sources", "/static/style.css", "/nowhere"])
async def test_nobody_gets_in_without_a_password(client: TestClient, path: str):
    answer = await client.get(path)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("name", "password", "expected"),
    [
        ("ann", "right", 200),
        ("ann", "wrong", 401),
        ("ann", "", 401),
        ("bob", "right", 401),
        ("", "", 401),
        ("öl", "ß", 200),
        ("long", "x" * 80, 200),
        ("broken", "not a hash", 401),
    ],
)
async def test_names_and_passwords(client: TestClient, name: str, password: str, expected: int):
    assert await status(client, name, password) == expected


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic /////w==", "Bearer right", "Digest x", "Basic YW5u"])
async def test_broken_headers_are_refused(client: TestClient, header: str):
    assert (await client.get("/", headers={"Authorization": header})).status == 401


@pytest.mark.parametrize("path", ["/-/healthy", "/-/ready"])
async def test_probes_need_none(client: TestClient, path: str):
    assert (await client.get(path)).status == 200


async def test_pushing_goes_by_its_own_token(client: TestClient, services: FakeServices):
    assert (await client.post("/api/v1/events", data=b"{}", headers={"Authorization": "Bearer t"})).status == 200
    assert services.pushed[0][1] == "t"


async def test_reloading_needs_one(client: TestClient, services: FakeServices):
    assert (await client.post("/-/reload")).status == 401
    assert services.reloads == 0


async def test_a_password_is_checked_once_and_then_remembered(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    checked: list[str] = []
    matches = middleware._matches
    monkeypatch.setattr(middleware, "_matches", lambda password, stored: checked.append(password) or matches(password, stored))
    for _ in range(3):
        assert await status(client, "ann", "right") == 200
        assert await status(client, "ann", "wrong") == 401
    assert checked == ["right", "wrong"]


async def test_a_changed_password_counts_at_once(client: TestClient, services: FakeServices):
    assert await status(client, "ann", "right") == 200
    services.accounts = {"ann": hashed("new")}
    assert await status(client, "ann", "right") == 401
    assert await status(client, "ann", "new") == 200


async def test_unknown_names_cost_a_check_too(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    checked: list[str] = []
    monkeypatch.setattr(middleware, "_matches", lambda password, stored: checked.append(password) or True)
    assert await status(client, "nobody", "guess") == 401
    assert checked == ["guess"]


def test_hashes_of_other_tools_are_understood():
    # htpasswd writes $2y$ where bcrypt's own tools write $2b$.
    assert middleware._matches("right", hashed("right").replace("$2b$", "$2y$"))
