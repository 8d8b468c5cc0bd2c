"""Mailboxes behind OAuth, against an IMAP server that breaks off as Microsoft's and Google's were seen to.

Sources of what it says: Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth" (bare refusal); Google, "OAuth 2.0
Mechanism" (challenge, empty answer); RFC 7628 section 3.2.3 (`AQ==`); wire logs in public issues: simonrob/email-oauth2-proxy 74
(OK, then BAD) and 191 (throttling), joeyates/imap-backup 198 (BYE at a token's end). Never tried against the real ones.
"""

import logging
import traceback
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.connector import Batch, Context, Cursor, NoState
from monitor.connectors._mail.imap_client import ImapSession, Server
from monitor.connectors.imap import ImapConnector, Settings, connect
from monitor.errors import AuthError, SourceError, TransientError
from monitor.testing import FakeClock
from tests.connectors.mail_names import HASHED, kept
from tests.connectors.scripted_imap import ScriptedImap, scripted_imap
from tests.connectors.token_server import SECRET, TokenServer, token_server

USER = "support@lab.example"
OTHER = "sales@lab.example"
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
#: Outlook's before login (wire log in mscdex/node-imap 689): neither SPECIAL-USE nor LIST-STATUS, before or after.
OUTLOOK = "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+"
GMAIL = "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=OAUTHBEARER"
CHALLENGE = b64encode(b'{"status":"401","schemes":"bearer mac","scope":"https://mail.google.com/"}\n')
MICROSOFT_NO = b"NO AUTHENTICATE failed."
GOOGLE_NO = b"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"
THROTTLED = b" Request is throttled. Suggested Backoff Time: 299910 milliseconds\r\n"


def question(number: int) -> bytes:
    head = f"From: c{number}@customer.example\r\nTo: {USER}\r\nSubject: Case {number}\r\nMessage-ID: <{number}@x>"
    return f"{head}\r\n\r\nWhere is it?\r\n".encode()


def outlook(numbers: Iterable[int] = (1,), **knobs: Any) -> ScriptedImap:
    """A mailbox as Exchange's shows it."""
    mails = {"INBOX": {n: question(n) for n in numbers}}
    folders = {"INBOX": "", "Sent Items": ""}
    return ScriptedImap(before=OUTLOOK, after=OUTLOOK, refusal=MICROSOFT_NO, folders=folders, mails=mails, **knobs)


# the session alone


def refused_login(server: ScriptedImap) -> SourceError:
    client = ImapSession(Server("127.0.0.1", server.port, "none", None, 2.0))
    client.connect()
    with pytest.raises(SourceError) as caught:
        client.authenticate(USER, "token-1", "look there")
    assert not client.alive
    assert "token-1" not in "".join(traceback.format_exception(caught.value)).replace('authenticate(USER, "token-1"', "")
    return caught.value


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (OUTLOOK, ["XOAUTH2", "user=support@lab.example\1auth=Bearer token-1\1\1"]),
        (GMAIL, ["XOAUTH2", "user=support@lab.example\1auth=Bearer token-1\1\1"]),
        (
            "IMAP4rev1 SASL-IR AUTH=OAUTHBEARER",
            ["OAUTHBEARER", "n,a=support@lab.example,\1host=127.0.0.1\1port=PORT\1auth=Bearer token-1\1\1"],
        ),
        ("IMAP4rev1 AUTH=XOAUTH2", ["XOAUTH2"]),
        ("IMAP4rev1 AUTH=OAUTHBEARER", ["OAUTHBEARER"]),
    ],
)
def test_login_takes_what_the_server_offers(before: str, words: list[str]) -> None:
    with scripted_imap(ScriptedImap(before=before, tokens={"token-1"})) as server:
        client = ImapSession(Server("127.0.0.1", server.port, "none", None, 2.0))
        client.connect()
        client.authenticate(USER, "token-1", "")
        client.logout()
        said = [b64encode(each.replace("PORT", str(server.port)).encode()).decode() for each in words[1:]]
        assert server.commands[1] == " ".join(["AUTHENTICATE", words[0], *said])
        assert server.shown == ["token-1"]
        assert server.verbs()[2:] == ["CAPABILITY", "LOGOUT"]


@pytest.mark.parametrize("ir", ["", " SASL-IR"])
@pytest.mark.parametrize(
    ("mechanism", "challenge", "refusal", "farewells"),
    [
        ("XOAUTH2", b"", MICROSOFT_NO, []),
        ("XOAUTH2", CHALLENGE, GOOGLE_NO, [b"\r\n"]),
        ("OAUTHBEARER", CHALLENGE, GOOGLE_NO, [b"AQ==\r\n"]),
        ("OAUTHBEARER", b"", GOOGLE_NO, []),
    ],
)
def test_both_ways_to_refuse_a_token(mechanism: str, ir: str, challenge: bytes, refusal: bytes, farewells: list[bytes]) -> None:
    knobs = ScriptedImap(before=f"IMAP4rev1 AUTH={mechanism}{ir}", challenge=challenge, refusal=refusal)
    with scripted_imap(knobs) as server:
        error = refused_login(server)
        assert isinstance(error, AuthError)
        assert str(error).endswith("look there")
        assert server.farewells == farewells


@pytest.mark.parametrize(
    ("refusal", "reason", "retry_after"),
    [
        (b"NO" + THROTTLED.strip(b"\r\n"), "rate_limit", 299.91),
        (b"NO Server Unavailable. 15", "connect", None),
        (b"NO [ALERT] Too many simultaneous connections. (Failure)", "connect", None),
    ],
)
def test_a_login_that_is_put_off(refusal: bytes, reason: str, retry_after: float | None) -> None:
    with scripted_imap(outlook()) as server:
        server.refusal = refusal
        error = refused_login(server)
        assert isinstance(error, TransientError)
        assert (error.reason, error.retry_after) == (reason, retry_after)


def test_a_server_without_tokens_is_shown_none() -> None:
    with scripted_imap(ScriptedImap(before="IMAP4rev1 AUTH=PLAIN SASL-IR")) as server:
        error = refused_login(server)
        assert isinstance(error, AuthError)
        assert "give a password instead of auth" in str(error)
        assert server.verbs() == ["CAPABILITY"]


# the connector


@asynccontextmanager
async def lab(imap: ScriptedImap, clock: FakeClock, **knobs: Any) -> AsyncIterator[tuple[ScriptedImap, TokenServer]]:
    """A mail server that takes the tokens of the token server beside it."""
    with scripted_imap(imap):
        async with token_server(TokenServer(clock.now, on_token=imap.tokens.add, **knobs)) as tokens:
            yield imap, tokens


def connector(imap: ScriptedImap, tokens: TokenServer, clock: FakeClock, *boxes: str) -> ImapConnector:
    auth = {"type": "microsoft", "tenant": "lab.example", "client_id": "app", "client_secret": SECRET, "token_url": tokens.url}
    given = {"type": "imap", "host": "127.0.0.1", "port": imap.port, "tls": "none", "timeout": "2s", "domains": ["lab.example"]}
    accounts = {"accounts": {box: {} for box in boxes or (USER,)}, "auth": auth}
    context = Context("mail", clock, UTC, "GB", HASHED, NoState())
    return connect(Settings.model_validate(given | accounts), context)


async def poll(reader: ImapConnector, cursor: Cursor | None = None) -> list[Batch]:
    return [batch async for batch in reader.read(cursor)]


async def failing(reader: ImapConnector, cursor: Cursor | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await poll(reader, cursor)
    assert not {SECRET, "token-1", "token-2"} & set("".join(traceback.format_exception(caught.value)).split())
    return caught.value


def contacts(batches: Iterable[Batch]) -> list[str]:
    return sorted(event.contact for batch in batches for event in batch.events)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


async def test_all_mailboxes_are_read_by_one_token(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with lab(outlook([1, 2]), clock) as (imap, tokens):
            reader = connector(imap, tokens, clock, USER, OTHER)
            batches = await poll(reader)
            assert set(contacts(batches)) == {kept("1@x"), kept("2@x")}
            assert batches[-1].watermark == NOW
            assert imap.shown == ["token-1", "token-1"]
            assert len(tokens.forms) == 1
            assert set(next(b.cursor for b in reversed(batches) if b.cursor)[USER]) == {"INBOX", "Sent Items"}
            reader.close()
    assert "token-" not in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("verb", ["LIST", "STATUS", "EXAMINE", "UID FETCH"])
async def test_a_session_that_ends_with_its_token_costs_nothing(clock: FakeClock, verb: str) -> None:
    """`* BYE Session invalidated - AccessTokenExpired` in place of an answer."""
    async with lab(outlook(range(1, 601)), clock) as (imap, tokens):
        reader = connector(imap, tokens, clock)
        first = await poll(reader)
        imap.mails["INBOX"] = {n: question(n) for n in range(1, 1201)}
        imap.expires_at = verb
        second = await poll(reader, next(b.cursor for b in reversed(first) if b.cursor))
        assert not imap.expires_at
        assert contacts([*first, *second]) == sorted(kept(f"{n}@x") for n in range(1, 1201))
        assert [r for b in second for r in b.rejected] == []
        assert second[-1].watermark == NOW
        assert imap.shown == ["token-1", "token-1", "token-2"]  # our clock had not told us that it had ended
        assert imap.connections == 3
        reader.close()


async def test_a_session_is_opened_anew_before_its_token_ends(clock: FakeClock) -> None:
    async with lab(outlook(), clock, life=3600) as (imap, tokens):
        reader = connector(imap, tokens, clock)
        cursor = (await poll(reader))[-1].cursor
        await clock.advance(3299)
        await poll(reader, cursor)
        assert (imap.connections, len(tokens.forms)) == (1, 1)
        await clock.advance(1)  # five minutes before the end
        await poll(reader, cursor)
        assert (imap.connections, len(tokens.forms)) == (2, 2)
        assert imap.shown == ["token-1", "token-2"]
        assert imap.verbs().count("LOGOUT") == 1
        reader.close()


async def test_a_revoked_token_is_replaced_once(clock: FakeClock) -> None:
    async with lab(outlook(), clock, life=3600) as (imap, tokens):
        reader = connector(imap, tokens, clock)
        await poll(reader)
        reader.mailboxes[0].abort()
        imap.tokens.clear()
        assert (await poll(reader))[-1].watermark == NOW
        assert imap.shown == ["token-1", "token-1", "token-2"]
        reader.mailboxes[0].abort()
        imap.tokens.clear()
        tokens.on_token = None  # no token is good there any more
        assert isinstance(await failing(reader), AuthError)
        assert imap.shown[3:] == ["token-2", "token-3"]


async def test_a_mailbox_that_takes_no_token_does_not_ask_for_one_after_the_other(clock: FakeClock) -> None:
    async with lab(outlook(), clock) as (imap, tokens):
        tokens.on_token = None
        reader = connector(imap, tokens, clock)
        error = await failing(reader)
        assert isinstance(error, AuthError)
        assert "ObjectId of the enterprise application" in str(error)
        assert "Add-MailboxPermission" in str(error)
        assert (imap.connections, len(tokens.forms)) == (1, 1)


async def test_logged_in_without_a_mailbox_behind_it(clock: FakeClock) -> None:
    """OK, then BAD: missing rights, or a fault on their side that passes. Seen as refused, tried slowly, never given up."""
    async with lab(outlook(unconnected=True), clock) as (imap, tokens):
        reader = connector(imap, tokens, clock)
        error = await failing(reader)
        assert isinstance(error, TransientError)
        assert (error.reason, error.retry_after) == ("auth", 300)
        assert "FullAccess" in str(error)
        assert "IMAP is switched on" in str(error)
        imap.unconnected = False
        await clock.advance(300)
        assert contacts(await poll(reader)) == [kept("1@x")]
        reader.close()


@pytest.mark.parametrize("verb", ["CAPABILITY", "LIST", "STATUS", "EXAMINE", "UID FETCH"])
@pytest.mark.parametrize("kind", [b" NO", b" BAD"])
@pytest.mark.parametrize("end", [b"", b"* BYE Connection closed. 14\r\n"])
async def test_a_server_that_asks_for_a_pause_gets_it(clock: FakeClock, verb: str, kind: bytes, end: bytes) -> None:
    async with lab(outlook(), clock) as (imap, tokens):
        reader = connector(imap, tokens, clock)
        imap.answers[verb] = lambda tag: tag + kind + THROTTLED + end
        error = await failing(reader)
        assert isinstance(error, TransientError)
        assert (error.reason, error.retry_after) == ("rate_limit", 299.91)
        imap.answers.clear()
        connections = imap.connections
        await clock.advance(299.9)
        again = await failing(reader)
        assert isinstance(again, TransientError)
        assert again.retry_after == pytest.approx(0.01)
        assert imap.connections == connections
        await clock.advance(0.02)
        assert contacts(await poll(reader)) == [kept("1@x")]
        reader.close()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (b"NO Request is throttled. Suggested Backoff Time: 999999999 milliseconds", 3600),
        (b"NO Request is throttled. Suggested Backoff Time: soon", 60),
        (b"BAD Request is throttled.", 60),
    ],
)
async def test_how_long_a_pause_is(clock: FakeClock, text: bytes, rest: float) -> None:
    async with lab(outlook(), clock) as (imap, tokens):
        imap.answers["LIST"] = lambda tag: tag + b" " + text + b"\r\n"
        error = await failing(connector(imap, tokens, clock))
        assert isinstance(error, TransientError)
        assert error.retry_after == rest


async def test_the_other_mailboxes_are_read_while_one_pauses(clock: FakeClock) -> None:
    async with lab(outlook(), clock) as (imap, tokens):
        throttle_once(imap)
        reader = connector(imap, tokens, clock, USER, OTHER)
        error = await failing(reader)
        assert isinstance(error, TransientError)
        assert (error.reason, error.retry_after) == ("rate_limit", None)  # the source is tried again as ever
        connections = imap.connections
        found: list[Batch] = []
        with pytest.raises(TransientError):
            await gather(reader, found)
        assert set(contacts(found)) == {kept("1@x")}
        assert all(batch.watermark is None for batch in found)  # the other one may hold the answer
        assert imap.connections == connections
        await clock.advance(300)
        assert (await poll(reader))[-1].watermark is not None
        reader.close()


async def test_of_several_pauses_the_shortest_counts(clock: FakeClock) -> None:
    async with lab(outlook(), clock) as (imap, tokens):
        pauses = [90_000, 30_000]
        imap.answers["LIST"] = lambda tag: (
            tag + b" NO Request is throttled. Suggested Backoff Time: %d milliseconds\r\n" % pauses.pop()
        )
        error = await failing(connector(imap, tokens, clock, USER, OTHER))
        assert isinstance(error, TransientError)
        assert error.retry_after == 30


async def gather(reader: ImapConnector, found: list[Batch]) -> None:
    async for batch in reader.read(None):
        found.append(batch)  # noqa: PERF401  # what came before the error counts


def throttle_once(imap: ScriptedImap) -> None:
    def answer(tag: bytes) -> bytes:
        del imap.answers["LIST"]
        return tag + b" NO" + THROTTLED

    imap.answers["LIST"] = answer


async def test_an_overloaded_server_is_tried_again_as_ever(clock: FakeClock) -> None:
    async with lab(outlook(), clock) as (imap, tokens):
        imap.answers["EXAMINE"] = lambda tag: tag + b" NO Server Unavailable. 15\r\n"
        error = await failing(connector(imap, tokens, clock))
        assert isinstance(error, TransientError)
        assert (error.reason, error.retry_after) == ("connect", None)


@pytest.mark.parametrize("knobs", [{"secret": "another"}, {"instead": [(503, {}, {})]}])
async def test_without_a_token_nobody_connects(clock: FakeClock, knobs: dict[str, Any]) -> None:
    async with lab(outlook(), clock, **knobs) as (imap, tokens):
        reader = connector(imap, tokens, clock)
        error = await failing(reader)
        assert type(error) is (AuthError if "secret" in knobs else TransientError)
        assert "token server 127.0.0.1" in str(error)
        assert imap.connections == 0
        tokens.secret = SECRET
        assert contacts(await poll(reader)) == [kept("1@x")]
        reader.close()


async def test_check_logs_in_by_token(clock: FakeClock) -> None:
    async with lab(outlook(), clock) as (imap, tokens):
        findings = [finding async for finding in connector(imap, tokens, clock, USER, OTHER).check()]
        assert [f.text for f in findings if "logged in" in f.text] == [f"{USER}: logged in", f"{OTHER}: logged in"]
        assert not [f for f in findings if f.ok is False]
        assert len(tokens.forms) == 1
        imap.unconnected = True
        [finding] = [finding async for finding in connector(imap, tokens, clock).check()]
        assert finding.ok is False
        assert finding.text.startswith(f"{USER}: logged in, but")
        tokens.secret = "another"
        [finding] = [finding async for finding in connector(imap, tokens, clock).check()]
        assert "AADSTS7000215" in finding.text
