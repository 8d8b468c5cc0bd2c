"""The client against a real server on loopback, one misfortune at a time."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from monitor.connectors._http import client as client_module
from monitor.connectors._http.answers import Answer, Problem
from monitor.connectors._http.client import READING_POSTS, HttpClient
from monitor.connectors._http.pages import Pages
from monitor.connectors._http.settings import HttpSettings
from monitor.errors import AuthError, ConfigError, SourceError, TransientError
from monitor.testing import FakeClock
from tests.servers.ports import free_port

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SECRET = "token 1-2-s3cret"
CERTIFICATES = Path(__file__).parents[1] / "certificates"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def server(answer: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that answers everything by `answer`; gives its address."""
    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port: int = runner.addresses[0][1]
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def made(url: str, **keys: Any) -> HttpClient:
    settings = HttpSettings(type=keys.pop("type", "request_tracker"), url=url, **{"timeout": "20s", **keys})
    return HttpClient(settings, FakeClock(NOW), headers={"Authorization": SECRET}, shows="token")


async def asked(answer: Handler, path: str = "/x", **keys: Any) -> Any:
    """What `get` gives or raises."""
    async with server(answer) as url:
        client = made(url, **keys)
        async with client.connected():
            try:
                return await client.get(path, {"query": "id>0"})
            except SourceError as error:
                return error


def status(
    code: int, headers: dict[str, str] | None = None, text: str = '{"message": "Ihr Ticket von anna@example.org"}'
) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=code, headers=headers, text=text)

    return answer


async def test_json_comes_back_with_the_secret_shown_and_the_parameters_as_they_are():
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(
            (request.method, request.path, request.query["query"], request.headers["Authorization"], request.headers["Accept"])
        )
        return web.json_response({"a": [1, None, "é"]}, headers={"Set-Cookie": "session=1"})

    async with server(answer) as url:
        client = made(url + "/base/")
        async with client.connected():
            first = await client.get("/x", {"query": "LastUpdated >= '2026-11-02 09:00:00' AND a+b&c"})
            await client.get("/x", {"query": "id>0"})
    assert first.body == {"a": [1, None, "é"]}
    assert first.asked_at == NOW
    assert seen[0] == ("GET", "/base/x", "LastUpdated >= '2026-11-02 09:00:00' AND a+b&c", SECRET, "application/json")
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (401, AuthError, "auth"),
        (403, AuthError, "auth"),
        (400, TransientError, "protocol"),
        (404, TransientError, "protocol"),
        (408, TransientError, "timeout"),
        (409, TransientError, "protocol"),
        (410, TransientError, "protocol"),
        (422, TransientError, "protocol"),
        (429, TransientError, "rate_limit"),
        (500, TransientError, "connect"),
        (502, TransientError, "connect"),
        (503, TransientError, "connect"),
        (504, TransientError, "timeout"),
        (304, TransientError, "protocol"),
    ],
)
async def test_each_status_has_one_meaning(code: int, kind: type[SourceError], reason: str):
    error = await asked(status(code, text="" if code == 304 else "<html>anna@example.org</html>"))
    assert (type(error), error.reason) == (kind, reason)
    assert str(code) in str(error)
    assert "anna" not in repr(error)
    assert SECRET not in repr(error)


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0), ("x", None)]
)
async def test_the_pause_that_was_asked_for_goes_with_the_error(code: int, header: str, seconds: float | None):
    error = await asked(status(code, {"Retry-After": header, "Date": format_datetime(NOW, usegmt=True)}))
    assert error.retry_after == seconds


async def test_a_pause_until_a_moment_counts_by_the_servers_clock():
    ahead = NOW + timedelta(hours=2)
    headers = {
        "Date": format_datetime(ahead, usegmt=True),
        "Retry-After": format_datetime(ahead + timedelta(seconds=30), usegmt=True),
    }
    error = await asked(status(429, headers))
    assert error.retry_after == pytest.approx(29.5)  # Date was cut to whole seconds: the server stands half a second on


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!DOCTYPE html><html>Log in", "web page"),
        ("  \n<html>", "web page"),
        ("", "no JSON"),
        ("ok", "no JSON"),
        ('{"a": ', "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("1" * 5_000, "no JSON"),
    ],
)
async def test_what_is_no_json_is_told_from_an_answer(text: str, words: str):
    error = await asked(status(200, text=text))
    assert (type(error), error.reason) == (TransientError, "protocol")
    assert words in str(error)


async def test_bytes_that_are_no_utf8_spoil_nothing_else():
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=b'{"subject": "caf\xe9", "id": 7}', content_type="application/json")

    assert (await asked(answer)).body == {"subject": "caf�", "id": 7}


async def test_a_character_that_was_cut_in_half_spoils_nothing_else():
    text = r'{"cut": "half \ud83d", "whole": "\ud83d\ude00", "written": "\\ud83d"}'
    body = (await asked(status(200, text=text))).body
    assert body == {"cut": "half ?", "whole": "\U0001f600", "written": "\\ud83d"}


async def test_an_absent_thing_is_a_value():
    async with server(status(404)) as url:
        client = made(url)
        async with client.connected():
            found = await client.try_get("/ticket/9")
    assert isinstance(found, Problem)
    assert (found.kind, found.is_absent) == ("missing", True)
    assert [Problem(kind, 0).is_absent for kind in ("forbidden", "gone", "auth", "rate_limit", "html")] == [
        True,
        True,
        False,
        False,
        False,
    ]


async def test_a_success_that_means_an_error_is_one_where_the_system_says_so():
    def refusal(body: Any) -> Problem | None:
        return Problem("auth", 200, code=body["Error"]["ErrorCode"]) if "Error" in body else None

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"Error": {"ErrorCode": "TicketGet.AuthFail", "ErrorMessage": "for anna@example.org"}})

    async with server(answer) as url:
        client = HttpClient(HttpSettings(type="znuny", url=url), FakeClock(NOW), headers={}, shows="password", refusal=refusal)
        async with client.connected():
            with pytest.raises(AuthError, match=r"does not accept the password.*\(200 TicketGet.AuthFail\)"):
                await client.get("/Ticket/1")


# bounds


async def test_an_answer_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_module, "MAX_BODY", 1_000)
    assert (await asked(status(200, text='"' + "x" * 998 + '"'))).body == "x" * 998
    error = await asked(status(200, text='"' + "x" * 999 + '"'))
    assert (error.reason, "larger" in str(error)) == ("protocol", True)


async def test_a_compressed_answer_is_bounded_by_what_comes_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_module, "MAX_BODY", 1_000_000)

    async def answer(_request: web.Request) -> web.Response:
        response = web.Response(body=b'"' + b"x" * 5_000_000 + b'"')
        response.enable_compression(web.ContentCoding.gzip)
        return response

    assert "larger" in str(await asked(answer))


async def test_silence_ends_with_the_time_out():
    release = asyncio.Event()

    async def answer(_request: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    async with server(answer) as url:
        client = made(url, timeout=timedelta(milliseconds=50))
        async with client.connected():
            with pytest.raises(TransientError, match="in time") as caught:
                await client.get("/x")
        release.set()
    assert caught.value.reason == "timeout"


async def test_an_answer_that_breaks_off_is_a_lost_connection():
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"a": 1')
        assert request.transport is not None
        request.transport.close()
        return response

    error = await asked(answer)
    assert (type(error), error.reason) == (TransientError, "connect")


async def test_nobody_listening_is_a_lost_connection():
    port = free_port()
    client = made(f"http://127.0.0.1:{port}")
    async with client.connected():
        with pytest.raises(TransientError, match=f"cannot be reached at 127.0.0.1:{port}: connection refused") as caught:
            await client.get("/x")
    assert caught.value.reason == "connect"


async def test_an_answer_in_clear_where_tls_was_wanted_says_which_address_to_write():
    async def in_clear(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(in_clear, "127.0.0.1", 0)
    async with server:
        client = made(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with client.connected():
            with pytest.raises(TransientError, match="speaks no TLS there; write http://") as caught:
                await client.get("/x")
    assert caught.value.reason == "tls"


# redirects


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_within_the_server_is_followed(code: int):
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/x":
            return web.Response(status=code, headers={"Location": "/y?query=id%3E0"})
        return web.json_response([request.path, dict(request.query), request.headers["Authorization"]])

    assert (await asked(answer)).body == ["/y", {"query": "id>0"}, SECRET]


@pytest.mark.parametrize(
    "location",
    ["http://localhost:{port}/y", "http://127.0.0.1:{other}/y", "//evil.example/y", "ftp://127.0.0.1/", "http://[", ""],
)
async def test_a_redirect_elsewhere_is_refused_and_the_secret_not_shown(location: str):
    paths = []

    async def answer(request: web.Request) -> web.Response:
        paths.append(request.path)
        where = location.format(port=request.url.port, other=free_port())
        return web.Response(status=302, headers={"Location": where} if where else {})

    error = await asked(answer)
    assert (error.reason, "elsewhere" in str(error)) == ("protocol", True)
    assert paths == ["/x"]


async def test_a_circle_of_redirects_ends():
    paths = []

    async def answer(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=302, headers={"Location": "/x"})

    assert "elsewhere" in str(await asked(answer))
    assert len(paths) == 4


@pytest.mark.parametrize(
    ("base", "target", "stays"),
    [
        ("http://rt.example", "https://rt.example/x", True),
        ("https://rt.example", "http://rt.example/x", False),
        ("https://rt.example", "https://rt.example:8443/x", False),
        ("http://rt.example:8080", "https://rt.example/x", True),
        ("https://rt.example", "https://rt.example.org/x", False),
        ("https://rt.example", "https://user@rt.example/x", True),
    ],
)
def test_where_a_secret_may_be_shown(base: str, target: str, stays: bool):
    assert client_module._stays(base, target) is stays


# TLS


@pytest.mark.parametrize(
    ("shown", "trusted", "words"),
    [
        ("valid.pem", "valid.pem", None),
        ("valid.pem", None, "self-signed"),
        ("expired.pem", "expired.pem", "certificate has expired"),
    ],
)
async def test_a_certificate_is_verified(shown: str, trusted: str | None, words: str | None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / shown)
    async with server(status(200, text="[]"), context) as url:
        client = made(url, ca_file=CERTIFICATES / trusted if trusted else None)
        async with client.connected():
            if words is None:
                assert (await client.get("/x")).body == []
                return
            with pytest.raises(TransientError, match=words) as caught:
                await client.get("/x")
    assert caught.value.reason == "tls"


# writing


def test_the_only_requests_that_are_no_get():
    jira = "jira_service_management"
    assert {
        ("znuny", "/Ticket/Search"), (jira, "/rest/api/3/search/jql"), (jira, "/rest/api/3/changelog/bulkfetch"),
        (jira, "/rest/api/3/issue/bulkfetch"),
    } == READING_POSTS  # fmt: skip


async def test_a_post_that_is_not_listed_is_a_bug_and_goes_nowhere():
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.json_response({})

    async with server(answer) as url:
        client = made(url)
        async with client.connected():
            with pytest.raises(ValueError, match="not in the list"):
                await client.search("/Ticket/Search", {})
    assert seen == []


async def test_a_listed_search_goes_by_post_and_follows_no_redirect():
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.method, request.path, await request.json()))
        return (
            web.Response(status=307, headers={"Location": "/elsewhere"})
            if len(seen) > 1
            else web.json_response({"TicketID": ["1"]})
        )

    async with server(answer) as url:
        client = made(url, type="znuny")
        async with client.connected():
            found = await client.search("/Ticket/Search", {"Limit": 5})
            with pytest.raises(TransientError, match="elsewhere"):
                await client.search("/Ticket/Search", {"Limit": 6})
    assert isinstance(found, Answer)
    assert seen == [("POST", "/Ticket/Search", {"Limit": 5}), ("POST", "/Ticket/Search", {"Limit": 6})]


# clocks, pages, settings


@pytest.mark.parametrize(("seconds", "offset"), [(0, 0), (1, 0), (-2, 0), (2, 2.5), (-3, -2.5), (3600, 3600.5)])
async def test_the_servers_clock_is_read_and_noise_is_none(seconds: int, offset: float):
    async with server(status(200, {"Date": format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)}, "[]")) as url:
        client = made(url)
        async with client.connected():
            await client.get("/x")
    assert client.offset == timedelta(seconds=offset)
    assert client.server_now() == NOW + client.offset


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, []),
        (90, ["its clock is 90 s ahead of ours: limits are counted late by that, dates and opening hours go by it; set it"]),
        (-90, ["its clock is 90 s behind ours: dates and opening hours go by it; set it"]),
    ],
)
async def test_check_says_what_a_clock_that_differs_does(seconds: int, said: list[str]):
    async with server(status(200, {"Date": format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)}, "[]")) as url:
        client = made(url)
        async with client.connected():
            await client.get("/x")
    assert [finding.text for finding in client.findings() if "clock" in finding.text] == said


def test_a_page_is_asked_for_once_and_pages_end():
    pages = Pages("https://rt.example/tickets", 3)
    for mark in ("a", "b", "c"):
        pages.turn(mark)
    with pytest.raises(TransientError, match="same next page twice"):
        pages.turn("b")
    with pytest.raises(TransientError, match="more than 3 pages"):
        pages.turn("d")


@pytest.mark.parametrize(
    "url",
    [
        "rt.example",
        "ftp://rt.example",
        "https://",
        "https://u:p@rt.example",
        "https://rt.example/?a=b",
        "https://rt example",
        "https://rt.example:x",
        "https://[",
        "",
    ],
)
def test_what_is_no_address_of_a_server(url: str):
    with pytest.raises(ValueError, match="address"):
        HttpSettings(type="redmine", url=url)


def test_an_address_may_have_a_path_and_a_slash_at_its_end():
    assert HttpSettings(type="redmine", url="https://rt.example:8443/rt/").url == "https://rt.example:8443/rt"


def test_a_certificate_authority_that_is_not_there_is_told_at_once(tmp_path: Path):
    with pytest.raises(ConfigError, match="no such file"):
        made("https://rt.example", ca_file=tmp_path / "none.pem")


async def test_a_file_without_certificates_is_told_when_connecting(tmp_path: Path):
    (tmp_path / "empty.pem").write_text("no certificate")
    client = made("https://rt.example", ca_file=tmp_path / "empty.pem")
    with pytest.raises(ConfigError, match="holds no certificates"):
        async with client.connected():
            pass


@pytest.mark.parametrize(
    ("headers", "told"), [({"Date": ""}, False), ({"Date": "soon"}, False), ({"Date": "Wed, 18 Nov 2026 12:00:00 GMT"}, True)]
)
async def test_check_says_where_nobody_says_the_time(headers: dict[str, str], told: bool):
    async with server(status(200, headers, "[]")) as url:
        client = made(url)
        async with client.connected():
            await client.get("/x")
    assert ("does not say what time it is" in " ".join(finding.text for finding in client.findings())) is not told
