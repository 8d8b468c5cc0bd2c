"""Users with passwords: who gets in, and what it costs to ask."""

import asyncio
import re
import threading
from collections.abc import Iterator

import bcrypt
import pytest
from aiohttp import encode_basic_auth, web
from aiohttp.test_utils import TestClient, make_mocked_request

from monitor.publish.web import middleware
from tests.publish.web.answers import CONTACT
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


async def test_nothing_but_the_probe_answers_without_a_login(client: TestClient, services: FakeServices):
    """Every route that there is, by whatever method, and what is none."""
    services.tokens = {}
    routes = [(route.method, route.resource.canonical) for route in client.app.router.routes() if route.resource is not None]
    asked = {(method, re.sub(r"{[^}]*}", CONTACT, path)) for method, path in [*routes, ("GET", "/nowhere"), ("PUT", "/")]}
    assert len(asked) > 20
    answered = set()
    for method, path in asked:
        for headers in ({}, {"Authorization": "Bearer x"}, {"Accept": "text/html", "Content-Type": "application/json"}):
            answer = await client.request(method, path, headers=headers, allow_redirects=False)
            if answer.status != 401:
                answered.add((method, path))
    assert answered == {("GET", "/-/healthy"), ("HEAD", "/-/healthy")}
    assert (services.pushed, services.settled, services.reloads) == ([], [], 0)


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


class TestTheWall:
    """A user who may see the wall alone."""

    @pytest.fixture
    def services(self) -> FakeServices:
        return FakeServices(accounts={"ann": hashed("right")}, wall_accounts={"hall": hashed("wall")})

    async def status(self, client: TestClient, path: str, method: str = "GET") -> int:
        headers = {"Authorization": encode_basic_auth("hall", "wall")}
        return (await client.request(method, path, headers=headers, allow_redirects=False)).status

    @pytest.mark.parametrize("path", ["/?wall=1", "/?wall=1&team=Sales", "/static/style.css", "/static/icon.svg?1", "/-/healthy"])
    async def test_sees_the_wall_and_the_files_that_it_loads(self, client: TestClient, path: str):
        assert await self.status(client, path) == 200
        assert await self.status(client, path, "HEAD") == 200

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/?wall=0",
            "/?wall=0&wall=1",
            "/?wall=1&wall=0",
            "/metrics?wall=1",
            "/static/../metrics",
            "/nowhere?wall=1",
        ],
    )
    async def test_sees_nothing_else(self, client: TestClient, path: str):
        assert await self.status(client, path) == 403

    async def test_whatever_route_there_is(self, client: TestClient, services: FakeServices):
        routes = [(route.method, route.resource.canonical) for route in client.app.router.routes() if route.resource is not None]
        open_to_it = {"/static/{name}", "/-/healthy", "/api/v1/stream", "/"}
        asked = [(method, re.sub(r"{[^}]*}", CONTACT, path)) for method, path in routes if path not in open_to_it]
        assert len(asked) > 15
        for method, path in asked:
            expected = 401 if path == "/api/v1/events" else 403  # which looks at no user
            services.tokens = {}
            assert await self.status(client, f"{path}?wall=1", method) == expected, path
        assert await self.status(client, "/?wall=1", "POST") == 403
        assert services.reloads == 0

    async def test_is_told_so_on_a_page_whose_links_it_may_follow(self, client: TestClient):
        headers = {"Authorization": encode_basic_auth("hall", "wall"), "Accept": "text/html"}
        answer = await client.get("/sources", headers=headers)
        text = await answer.text()
        assert (answer.status, answer.content_type) == (403, "text/html")
        assert "this login sees the board on the wall alone" in text
        assert re.findall('<a [^>]*href="([^"]*)"', text) == ["/?wall=1"]
        for path in re.findall('(?:href|src)="([^"]*)"', text):
            assert await self.status(client, path) == 200

    async def test_a_wrong_password_is_refused_as_any(self, client: TestClient):
        assert await status(client, "hall", "wrong", "/?wall=1") == 401

    async def test_others_see_everything_and_the_wall(self, client: TestClient):
        for path in ("/", "/?wall=1", "/sources"):
            assert await status(client, "ann", "right", path) == 200

    async def test_where_nobody_needs_a_login_it_is_nobody(self, client: TestClient, services: FakeServices):
        services.accounts = None
        assert await self.status(client, "/sources") == 200


def test_hashes_of_other_tools_are_understood():
    # htpasswd writes $2y$ where bcrypt's own tools write $2b$.
    assert middleware._matches("right", hashed("right").replace("$2b$", "$2y$"))


class TestGuessers:
    """The check of a guess takes as long as the test says."""

    @pytest.fixture
    def held(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
        """Until it is set, no check of a password other than `right` ends; what is checked is in `checked`."""
        free, matches = threading.Event(), middleware._matches
        self.checked: list[str] = []

        def slow(password: str, stored: str) -> bool:
            self.checked.append(password)
            if password != "right":
                free.wait(60)
            return matches(password, stored)

        monkeypatch.setattr(middleware, "_matches", slow)
        yield free
        free.set()

    async def test_who_is_known_does_not_wait_behind_them(self, client: TestClient, held: threading.Event):
        assert await status(client, "ann", "right") == 200
        guesses = [asyncio.create_task(status(client, "ann", f"guess {number}")) for number in range(60)]
        await asyncio.wait(guesses, return_when=asyncio.FIRST_COMPLETED)  # the queue is full
        async with asyncio.timeout(30):
            assert await status(client, "ann", "right") == 200
        held.set()
        refused = await asyncio.gather(*guesses)
        # all of this address: so many are checked, the others are sent away
        assert (refused.count(401), refused.count(503)) == (
            middleware.MAX_CHECKS_OF_ADDRESS,
            60 - middleware.MAX_CHECKS_OF_ADDRESS,
        )

    async def test_who_is_sent_away_may_come_again(self, client: TestClient, held: threading.Event):
        guesses = [asyncio.create_task(status(client, "ann", f"guess {number}")) for number in range(5)]
        await asyncio.wait(guesses, return_when=asyncio.FIRST_COMPLETED)
        answer = await client.get("/", headers={"Authorization": encode_basic_auth("ann", "right", "utf-8")})
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        held.set()
        await asyncio.gather(*guesses)
        assert await status(client, "ann", "right") == 200

    async def test_guesses_drive_no_right_password_out(self, client: TestClient, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(middleware, "_MAX_REMEMBERED", 3)
        checked: list[str] = []
        monkeypatch.setattr(middleware, "_matches", lambda password, _: checked.append(password) or password == "right")
        assert await status(client, "ann", "right") == 200
        for number in range(4):
            assert await status(client, "ann", f"guess {number}") == 401
        assert await status(client, "ann", "right") == 200
        assert await status(client, "ann", "guess 3") == 401
        assert await status(client, "ann", "guess 0") == 401  # forgotten: checked again
        assert checked == ["right", "guess 0", "guess 1", "guess 2", "guess 3", "guess 0"]

    async def test_one_check_for_all_who_ask_the_same(self, client: TestClient, held: threading.Event):
        asking = [asyncio.create_task(status(client, "ann", "wrong")) for _ in range(20)]
        held.set()
        assert set(await asyncio.gather(*asking)) == {401}
        assert self.checked == ["wrong"]


class TestQueue:
    """What may wait, by the rules alone: requests from addresses that a test on loopback does not have."""

    @staticmethod
    def asking(number: int, address: str) -> web.Request:
        header = {"Authorization": encode_basic_auth("ann", f"guess {number}", "utf-8")}
        return make_mocked_request("GET", "/", headers=header).clone(remote=address)

    async def test_addresses_have_their_own_share_of_a_bounded_queue(self, monkeypatch: pytest.MonkeyPatch):
        free = threading.Event()
        monkeypatch.setattr(middleware, "_matches", lambda *_: free.wait(60) and False)
        auth, users = middleware.BasicAuth(), {"ann": hashed("right")}
        waiting: list[asyncio.Task[str | None]] = []
        refused: list[str] = []
        for number in range(25):  # five guesses of each of five addresses
            address = f"192.0.2.{number // 5}"
            waiting.append(asyncio.create_task(auth.user(self.asking(number, address), users)))
            await asyncio.sleep(0)
            if waiting[-1].done():
                assert isinstance(waiting.pop().exception(), web.HTTPServiceUnavailable)
                refused.append(address)
        free.set()
        assert await asyncio.gather(*waiting) == [None] * middleware.MAX_CHECKS
        # the fifth of each, and of the last address everything: sixteen wait
        assert refused == [f"192.0.2.{each}" for each in (0, 1, 2, 3, 4, 4, 4, 4, 4)]
        free.set()
        assert await auth.user(self.asking(99, "192.0.2.4"), users) is None
