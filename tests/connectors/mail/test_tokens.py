"""The token source against a token server on loopback (its sources: tests/connectors/token_server.py)."""

import asyncio
import logging
import socket
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from monitor.connectors._mail.imap_responses import oauthbearer, xoauth2
from monitor.connectors._mail.oauth import Auth, make_grant
from monitor.connectors._mail.tokens import TokenSource
from monitor.errors import AuthError, ConfigError, SourceError, TransientError
from monitor.testing import FakeClock
from tests.connectors.app_keys import (
    ACCOUNT,
    app_file,
    certificate_pem,
    other_key,
    pem,
    rsa_key,
    service_account_file,
    thumbprint,
)
from tests.connectors.token_server import SECRET, TRACE, TokenServer, aadsts, token_server

BOX = "info@lab.example"
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
CLIENT = "11111111-2222-3333-4444-555555555555"


def microsoft(url: str, **more: Any) -> dict[str, Any]:
    return {"type": "microsoft", "tenant": "lab.example", "client_id": CLIENT, "token_url": url, "client_secret": SECRET} | more


def by_certificate(url: str, directory: Path) -> dict[str, Any]:
    return microsoft(url, client_secret=None, certificate=str(app_file(directory)))


def google(url: str, directory: Path) -> dict[str, Any]:
    return {"type": "google", "service_account": str(service_account_file(directory)), "token_url": url}


def consent(url: str, **more: Any) -> dict[str, Any]:
    return {"type": "refresh_token", "token_url": url, "client_id": CLIENT, "refresh_token": "refresh-1"} | more


def source(auth: dict[str, Any], clock: FakeClock, timeout: float = 5.0) -> TokenSource:
    return TokenSource(make_grant(TypeAdapter(Auth).validate_python(auth)), clock, timeout)


def server_of(clock: FakeClock, ahead: timedelta = timedelta(0), **knobs: Any) -> TokenServer:
    return TokenServer(lambda: clock.now() + ahead, public_key=rsa_key().public_key(), **knobs)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


# what is said


def test_the_words_of_xoauth2():
    """The vector of Microsoft's page."""
    assert xoauth2("test@contoso.onmicrosoft.com", "EwBAAl3BAAUFFpUAo7J3Ve0bjLBWZWCclRC3EoAA") == (
        b"dXNlcj10ZXN0QGNvbnRvc28ub25taWNyb3NvZnQuY29tAWF1dGg9QmVhcmVyIEV3QkFBbDNCQUFVRkZwVUFvN0oz"
        b"VmUwYmpMQldaV0NjbFJDM0VvQUEBAQ=="
    )


def test_the_words_of_oauthbearer():
    """The shape of RFC 7628 section 4.1, for Gmail."""
    assert oauthbearer("u@example.com", "imap.gmail.com", 993, "TOK") == (
        b"bixhPXVAZXhhbXBsZS5jb20sAWhvc3Q9aW1hcC5nbWFpbC5jb20BcG9ydD05OTMBYXV0aD1CZWFyZXIgVE9LAQE="
    )


async def test_microsoft_is_shown_the_secret(clock: FakeClock):
    async with token_server(server_of(clock)) as server:
        assert await source(microsoft(server.url), clock).token(BOX) == "token-1"
    assert server.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scope": "https://outlook.office365.com/.default",
        }
    ]


async def test_microsoft_is_shown_a_signature(clock: FakeClock, tmp_path: Path):
    async with token_server(server_of(clock, life=5)) as server:
        tokens = source(by_certificate(server.url, tmp_path), clock)
        await tokens.token(BOX)
        await clock.advance(10)
        await tokens.token(BOX)
    (header, claims), (_, second) = server.assertions
    assert (header["alg"], header["x5t#S256"]) == ("PS256", thumbprint())
    at = int(NOW.timestamp())
    assert claims.pop("jti") != second["jti"]
    assert claims == {"aud": server.url, "iss": CLIENT, "sub": CLIENT, "iat": at, "nbf": at, "exp": at + 600}
    form = server.forms[0]
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_secret" not in form


async def test_google_gives_a_token_for_each_mailbox(clock: FakeClock, tmp_path: Path):
    async with token_server(server_of(clock)) as server:
        tokens = source(google(server.url, tmp_path), clock)
        assert [await tokens.token(box) for box in (BOX, "b@lab.example", BOX)] == ["token-1", "token-2", "token-1"]
    assert server.forms[0]["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    (header, claims), (_, second) = server.assertions
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
    at = int(NOW.timestamp())
    assert claims == {
        "iss": ACCOUNT,
        "sub": BOX,
        "aud": "https://oauth2.googleapis.com/token",
        "scope": "https://www.googleapis.com/auth/gmail.imap_admin",
        "iat": at,
        "exp": at + 3600,
    }
    assert second["sub"] == "b@lab.example"


async def test_a_refresh_token_that_is_replaced_is_followed(clock: FakeClock):
    async with token_server(server_of(clock, life=5, refresh_tokens=["refresh-1"])) as server:
        tokens = source(consent(server.url, scope="imap", client_secret="s"), clock)
        for _ in range(3):
            await tokens.token(BOX)
            await clock.advance(10)
    assert [form["refresh_token"] for form in server.forms] == ["refresh-1", "refresh-2", "refresh-3"]
    assert server.forms[0] == {
        "grant_type": "refresh_token",
        "client_id": CLIENT,
        "client_secret": "s",
        "refresh_token": "refresh-1",
        "scope": "imap",
    }


# how long a token is kept


@pytest.mark.parametrize(
    ("life", "kept_until"),
    [
        (5, 4.5),  # a tenth before the end
        ("600", 540),  # Microsoft's older endpoint writes it as a text
        (3599, 3299),  # five minutes before the end
        ("5400", 5100),
        (None, 270),  # it did not say
    ],
)
async def test_a_token_is_renewed_before_its_end(clock: FakeClock, life: object, kept_until: float):
    async with token_server(server_of(clock, life=life)) as server:
        tokens = source(microsoft(server.url), clock)
        assert await tokens.token(BOX) == "token-1"
        await clock.advance(kept_until - 0.01)
        assert await tokens.token(BOX) == "token-1"
        assert not tokens.worn(BOX, "token-1")
        await clock.advance(0.01)
        assert tokens.worn(BOX, "token-1")
        assert await tokens.token(BOX) == "token-2"
        assert tokens.worn(BOX, "token-1")
        assert not tokens.worn(BOX, "token-2")


async def test_one_token_is_asked_for_at_a_time(clock: FakeClock):
    async with token_server(server_of(clock)) as server:
        server.open.clear()
        tokens = source(microsoft(server.url), clock)
        waiting = [asyncio.create_task(tokens.token(f"{n}@lab.example")) for n in range(20)]
        await server.asked.wait()
        waiting[0].cancel()  # whoever asked first may go: the others still wait
        server.open.set()
        found = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert found[1:] == ["token-1"] * 19
    assert len(server.forms) == 1


async def test_a_refusal_is_one_for_all_who_wait(clock: FakeClock):
    async with token_server(server_of(clock, secret="another")) as server:
        server.open.clear()
        tokens = source(microsoft(server.url), clock)
        waiting = [asyncio.create_task(tokens.token(BOX)) for _ in range(5)]
        await server.asked.wait()
        server.open.set()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in found] == [AuthError] * 5
        assert len(server.forms) == 1
        server.secret = SECRET  # what failed is not kept
        assert await tokens.token(BOX) == "token-1"


async def test_a_token_that_still_holds_is_used_while_the_token_server_is_not_there(clock: FakeClock):
    async with token_server(server_of(clock, life=3600)) as server:
        tokens = source(microsoft(server.url), clock)
        await tokens.token(BOX)
        await clock.advance(3300)
        server.instead = [(429, {"Retry-After": "120"}, {}), (503, {}, {}), (503, {}, {})]
        assert await tokens.token(BOX) == "token-1"
        await clock.advance(119)
        assert await tokens.token(BOX) == "token-1"
        assert len(server.forms) == 2  # it was asked to wait
        await clock.advance(1)
        assert await tokens.token(BOX) == "token-1"
        assert len(server.forms) == 3
        await clock.advance(180)  # the end
        with pytest.raises(TransientError):
            await tokens.token(BOX)


async def test_a_refused_token_is_dropped_once_it_has_worked_or_is_old(clock: FakeClock):
    async with token_server(server_of(clock, life=3600)) as server:
        tokens = source(microsoft(server.url), clock)
        await tokens.token(BOX)
        assert not tokens.drop(BOX, "token-1", worked=False)  # new, and never accepted: another one is refused as well
        assert tokens.drop(BOX, "token-1", worked=True)
        assert await tokens.token(BOX) == "token-2"
        assert tokens.drop(BOX, "token-1", worked=False)  # there is another by now
        assert await tokens.token(BOX) == "token-2"
        await clock.advance(299)
        assert not tokens.drop(BOX, "token-2", worked=False)
        await clock.advance(1)
        assert tokens.drop(BOX, "token-2", worked=False)
        assert await tokens.token(BOX) == "token-3"


# what a refusal means

MICROSOFT_SAYS = [
    (7000215, "wants the secret's value, not its ID"),
    (7000222, "has expired: make a new one"),
    (700016, "check auth.client_id and auth.tenant"),
    (70011, "leave auth.scope out"),
    (90002, "check auth.tenant"),
    (700027, "upload the one in auth.certificate"),
    (123456, "AADSTS123456"),
]


@pytest.mark.parametrize(("number", "remedy"), MICROSOFT_SAYS)
@pytest.mark.parametrize("status", [400, 401])
async def test_what_microsoft_refuses(clock: FakeClock, number: int, remedy: str, status: int):
    numbered = aadsts(number)
    in_words = {key: value for key, value in numbered.items() if key != "error_codes"}
    for body in (numbered, in_words):
        async with token_server(server_of(clock, instead=[(status, {}, body)])) as server:
            error = await refused(source(microsoft(server.url), clock))
        assert isinstance(error, AuthError)
        assert remedy in str(error)
        assert "127.0.0.1" in str(error)


@pytest.mark.parametrize(
    ("kind", "body", "remedy"),
    [
        ("microsoft", {"error": "invalid_client"}, "auth.client_secret or auth.certificate"),
        ("microsoft", {"error": "unauthorized_client"}, "IMAP.AccessAsApp"),
        ("google", {"error": "unauthorized_client"}, "https://www.googleapis.com/auth/gmail.imap_admin"),
        ("google", {"error": "invalid_grant"}, "auth.service_account was revoked"),
        ("consent", {"error": "invalid_grant"}, "consent anew"),
        ("consent", {"error": "something_new"}, "something_new"),
        ("consent", {"error": "<b>not a code</b>"}, "status 400"),
        ("consent", b"", "status 400"),
    ],
)
async def test_what_others_refuse(clock: FakeClock, tmp_path: Path, kind: str, body: Any, remedy: str):
    async with token_server(server_of(clock, instead=[(400, {}, body)])) as server:
        auth = {"microsoft": microsoft(server.url), "google": google(server.url, tmp_path), "consent": consent(server.url)}[kind]
        error = await refused(source(auth, clock))
    assert isinstance(error, AuthError)
    assert remedy in str(error)
    assert "<b>" not in str(error)


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason", "retry_after"),
    [
        (429, {"Retry-After": "17"}, {}, "rate_limit", 17),
        (429, {"Retry-After": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, {}, "rate_limit", 90),
        (429, {"Retry-After": format_datetime(NOW - timedelta(seconds=90), usegmt=True)}, {}, "rate_limit", 0),
        (429, {"Retry-After": "86400"}, {}, "rate_limit", 3600),  # no longer than an hour
        (429, {"Retry-After": "soon"}, {}, "rate_limit", None),
        (429, {"Retry-After": f"Mon, 01 Jan {'9' * 30} 00:00:00 GMT"}, {}, "rate_limit", None),
        (429, {}, b"", "rate_limit", None),
        (500, {}, b"<html>", "connect", None),
        (503, {"Retry-After": "5"}, {}, "connect", 5),
        (400, {}, {"error": "temporarily_unavailable", "error_description": TRACE}, "connect", None),
        (200, {}, b"<html>", "protocol", None),
        (200, {}, {}, "protocol", None),
        (200, {}, {"access_token": 5, "expires_in": 5}, "protocol", None),
        (200, {}, {"access_token": "t\r\nLOGOUT", "expires_in": 5}, "protocol", None),
        (200, {}, {"access_token": "t", "expires_in": "soon"}, "protocol", None),
        (200, {}, {"access_token": "t", "expires_in": 0}, "protocol", None),
        (200, {}, {"access_token": "t", "expires_in": True}, "protocol", None),
        (200, {}, b"[" * 60_000, "protocol", None),
        (200, {}, b'{"access_token": "' + b"x" * 70_000, "protocol", None),
        (302, {"Location": "http://127.0.0.1:1/"}, {}, "protocol", None),  # secrets go nowhere else
        (404, {}, b"<html>", "protocol", None),
    ],
)
async def test_what_passes(
    clock: FakeClock, status: int, headers: dict[str, str], body: Any, reason: str, retry_after: float | None
):
    async with token_server(server_of(clock, instead=[(status, headers, body)])) as server:
        error = await refused(source(microsoft(server.url), clock))
    assert isinstance(error, TransientError)
    assert (error.reason, error.retry_after) == (reason, retry_after)
    assert len(server.forms) == 1


async def test_a_token_server_that_hangs_or_is_not_there(clock: FakeClock):
    async with token_server(server_of(clock)) as server:
        server.open.clear()
        error = await refused(source(microsoft(server.url), clock, timeout=0.05))
        assert isinstance(error, TransientError)
        assert error.reason == "timeout"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # it does not listen
        error = await refused(source(microsoft(f"http://127.0.0.1:{nobody.getsockname()[1]}/"), clock))
        assert isinstance(error, TransientError)
        assert error.reason == "connect"


async def refused(tokens: TokenSource) -> SourceError:
    """The error, looked through for what nobody may see."""
    with pytest.raises(SourceError) as caught:
        await tokens.token(BOX)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    for hidden in (SECRET, "refresh-1", "4711", "0815", "anna@", BOX):
        assert hidden not in shown
    return caught.value


# clocks


@pytest.mark.parametrize("ahead", [timedelta(minutes=-20), timedelta(minutes=6), timedelta(hours=5)])
@pytest.mark.parametrize("kind", [google, by_certificate])
async def test_a_wrong_clock_of_ours_is_made_good(
    clock: FakeClock, tmp_path: Path, ahead: timedelta, kind: Callable[[str, Path], dict[str, Any]]
):
    """What is signed has a time on it, and the server takes none that is minutes off."""
    async with token_server(server_of(clock, ahead, life=60)) as server:
        tokens = source(kind(server.url, tmp_path), clock)
        assert await tokens.token(BOX) == "token-1"
        assert len(server.forms) == 2
        await clock.advance(60)
        assert await tokens.token(BOX) == "token-2"
        assert len(server.forms) == 3  # it is known now
    assert [claims["iat"] for _, claims in server.assertions] == [
        int(at.timestamp()) for at in (NOW, NOW + ahead, NOW + ahead + timedelta(seconds=60))
    ]


async def test_a_clock_that_is_right_does_not_make_a_refusal_two(clock: FakeClock, tmp_path: Path):
    async with token_server(server_of(clock, timedelta(seconds=29))) as server:
        server.instead = [(400, {}, {"error": "invalid_grant"})] * 2
        assert isinstance(await refused(source(google(server.url, tmp_path), clock)), AuthError)
        assert len(server.forms) == 1


async def test_where_nothing_is_signed_no_clock_matters(clock: FakeClock):
    async with token_server(server_of(clock, timedelta(hours=5), secret="another")) as server:
        assert isinstance(await refused(source(microsoft(server.url), clock)), AuthError)
        assert len(server.forms) == 1


# what may not be seen


async def test_no_log_holds_a_secret(clock: FakeClock, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        async with token_server(server_of(clock, refresh_tokens=["refresh-1"])) as server:
            for auth in (microsoft(server.url), google(server.url, tmp_path), consent(server.url)):
                tokens = source(auth, clock)
                await tokens.token(BOX)
                assert "token-" not in repr(tokens) + repr(vars(tokens)["grant"])
            server.instead = [(401, {}, aadsts(7000215))]
            await refused(source(microsoft(server.url), clock))
    for hidden in (SECRET, "refresh-", "token-", "PRIVATE", TRACE):
        assert hidden not in caplog.text


# files


def refused_file(auth: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        make_grant(TypeAdapter(Auth).validate_python(auth))
    shown = "".join(traceback.format_exception(caught.value))
    assert pem().decode().splitlines()[1] not in shown
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds no private key in PEM form"),
        (pem(), "holds no certificate in PEM form"),
        (certificate_pem(), "holds no private key in PEM form"),
        (pem(passphrase=b"x") + certificate_pem(), "without a passphrase"),
        (pem(other_key()) + certificate_pem(), "an RSA key"),
        (pem().replace(b"M", b"!") + certificate_pem(), "an RSA key"),
        (pem() + b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", "its certificate"),
    ],
    ids=[
        "empty",
        "a key alone",
        "a certificate alone",
        "a passphrase",
        "an elliptic curve",
        "a damaged key",
        "a damaged certificate",
    ],
)
def test_a_certificate_file_that_cannot_be_used(tmp_path: Path, content: bytes, problem: str):
    path = tmp_path / "app.pem"
    path.write_bytes(content)
    text = refused_file(microsoft("https://x.example/", client_secret=None, certificate=str(path)))
    assert text.startswith(f"auth.certificate {path} ")
    assert problem in text


@pytest.mark.parametrize("content", ["", "[]", "{}", "5", '{"private_key": 1, "private_key_id": "a", "client_email": "b"}'])
def test_a_service_account_file_that_is_none(tmp_path: Path, content: str):
    path = tmp_path / "account.json"
    path.write_text(content)
    text = refused_file({"type": "google", "service_account": str(path)})
    assert text.startswith(f"auth.service_account {path} holds no key")
    assert "give the JSON key file" in text


def test_a_file_that_is_not_there(tmp_path: Path):
    text = refused_file({"type": "google", "service_account": str(tmp_path / "none.json")})
    assert text == f"auth.service_account {tmp_path}/none.json cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("auth", "url"),
    [
        (
            {"type": "microsoft", "tenant": "lab.example", "client_id": "c", "client_secret": "s"},
            "https://login.microsoftonline.com/lab.example/oauth2/v2.0/token",
        ),
        (consent("http://[::1]:8080/token"), "http://[::1]:8080/token"),
        (consent("http://localhost/token"), "http://localhost/token"),
    ],
)
def test_where_tokens_are_asked_for(auth: dict[str, Any], url: str):
    assert make_grant(TypeAdapter(Auth).validate_python(auth)).url == url


@pytest.mark.parametrize("url", ["http://localhost.example.org/", "http://10.0.0.1/", "ftp://127.0.0.1/", "https:///x", "x"])
def test_where_no_secret_is_sent(url: str):
    with pytest.raises(ValueError, match=r"write https://"):
        TypeAdapter(Auth).validate_python(consent(url))
