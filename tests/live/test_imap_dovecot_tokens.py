"""A real Dovecot that takes tokens (XOAUTH2, OAUTHBEARER) and asks the test's token server whose they are."""

import asyncio
import imaplib
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from monitor.connectors._mail.imap_client import ImapSession, Server
from monitor.connectors._mail.imap_responses import oauthbearer, xoauth2
from monitor.connectors.imap import ImapConnector
from monitor.errors import AuthError
from tests.connectors.app_keys import rsa_key, service_account_file
from tests.connectors.mail_names import kept
from tests.connectors.token_server import TokenServer, token_server
from tests.live.connector_store import ConnectorStore, StoppedClock
from tests.live.mail_conversations import NOW
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.ports import free_port

pytestmark = [pytest.mark.waits(12), pytest.mark.xdist_group("dovecot-tokens")]

_numbers = count(1)
LIFE = 3600


@pytest.fixture(scope="module")
def token_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(token_port: int) -> Iterator[Dovecot]:
    with running_dovecot(introspection=f"http://127.0.0.1:{token_port}/introspect") as dovecot:
        yield dovecot


@pytest.fixture
def user() -> str:
    """A mailbox that nobody has used yet."""
    return f"tokens{next(_numbers)}@lab.example"


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def tokens(token_port: int, clock: StoppedClock) -> AsyncIterator[TokenServer]:
    async with token_server(TokenServer(clock.now, life=LIFE, public_key=rsa_key().public_key()), token_port) as running:
        yield running


def mail(number: int, user: str) -> bytes:
    head = f"From: c{number}@customer.example\r\nTo: {user}\r\nSubject: Case {number}\r\nMessage-ID: <{number}.{user}>"
    return f"{head}\r\nContent-Type: text/plain\r\n\r\nWhere is it?\r\n".encode()


def connector(
    store: ConnectorStore, server: Dovecot, tokens: TokenServer, clock: StoppedClock, keys: Path, *users: str
) -> ImapConnector:
    """One by a service account: its tokens are one mailbox's each, as Dovecot wants them."""
    auth = {"type": "google", "service_account": str(service_account_file(keys)), "token_url": tokens.url}
    return store.connector(server, [], clock, accounts={user: {} for user in users}, auth=auth)


def good_token(tokens: TokenServer, user: str, life: timedelta = timedelta(hours=1)) -> str:
    tokens.owners["a-token"] = user, tokens.now() + life
    return "a-token"


def log_in(server: Dovecot, user: str, token: str, without: bytes) -> None:
    """Shows a token; `without` one mechanism, so that the other is taken. Raises AuthError."""
    client = ImapSession(Server(server.host, server.port, "none", None, 5.0))
    client.connect()
    client.capabilities -= {without}
    client.authenticate(user, token, "look there")
    assert [folder.name for folder in client.folders() if folder.name == "INBOX"] == ["INBOX"]
    client.logout()


@pytest.mark.parametrize("without", [b"AUTH=XOAUTH2", b"AUTH=OAUTHBEARER"])
async def test_a_token_opens_the_mailbox_it_is_for_and_no_other(
    server: Dovecot, tokens: TokenServer, user: str, without: bytes
) -> None:
    token = good_token(tokens, user)
    await asyncio.to_thread(log_in, server, user, token, without)
    with pytest.raises(AuthError, match="look there"):
        await asyncio.to_thread(log_in, server, f"other.{user}", token, without)


async def test_a_token_may_be_long(server: Dovecot, tokens: TokenServer, user: str) -> None:
    token = "t" * 6_000
    tokens.owners[token] = user, tokens.now() + timedelta(hours=1)
    await asyncio.to_thread(log_in, server, user, token, b"")


@pytest.mark.parametrize("without", [b"AUTH=XOAUTH2", b"AUTH=OAUTHBEARER"])
async def test_a_token_that_has_ended_is_refused(server: Dovecot, tokens: TokenServer, user: str, without: bytes) -> None:
    token = good_token(tokens, user, timedelta(0))
    with pytest.raises(AuthError, match="look there"):
        await asyncio.to_thread(log_in, server, user, token, without)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
async def test_dovecot_refuses_in_two_steps(server: Dovecot, tokens: TokenServer, user: str, mechanism: str) -> None:
    """What the test above went through: a challenge in JSON that waits for an answer, as Google's."""
    token = good_token(tokens, user, timedelta(0))
    words = xoauth2(user, token) if mechanism == "XOAUTH2" else oauthbearer(user, server.host, server.port, token)
    challenges: list[bytes] = []

    def say(challenge: bytes) -> bytes:
        challenges.append(challenge)
        return b64decode(words) if len(challenges) == 1 else b""

    def by_the_standard_library() -> None:
        with (
            imaplib.IMAP4(server.host, server.port, timeout=20) as client,
            pytest.raises(client.error, match="AUTHENTICATIONFAILED"),
        ):
            client.authenticate(mechanism, say)

    await asyncio.to_thread(by_the_standard_library)
    assert len(challenges) == 2
    assert "status" in json.loads(challenges[1])


async def test_mailboxes_are_read_by_tokens(
    server: Dovecot, tokens: TokenServer, clock: StoppedClock, user: str, tmp_path: Path
) -> None:
    users = [user, f"other.{user}"]
    for box in users:
        await asyncio.to_thread(server.append, box, "INBOX", [(NOW, mail(1, box))])
    store = ConnectorStore()
    reader = connector(store, server, tokens, clock, tmp_path, *users)
    await store.poll(reader)
    assert sorted(e.contact for e in store.events.values()) == sorted(kept(f"1.{box}") for box in users)
    assert store.watermark == NOW
    assert len(tokens.issued) == 2
    assert all([finding.ok is not False async for finding in reader.check()])
    reader.close()


async def test_a_new_token_goes_on_where_the_old_one_ended(
    server: Dovecot, tokens: TokenServer, clock: StoppedClock, user: str, tmp_path: Path
) -> None:
    """Between two batches of one folder the token ends and the session is cut; nothing is lost or read twice."""
    found = [(NOW - timedelta(minutes=1200 - n), mail(n, user)) for n in range(1200)]
    await asyncio.to_thread(server.put_files, user, "INBOX", found)
    store = ConnectorStore()
    reader = connector(store, server, tokens, clock, tmp_path, user)
    cuts = 0
    async for batch in reader.read(None):
        store.store(batch)
        if batch.events:
            cuts += 1
            clock.moment += timedelta(seconds=LIFE)
            await asyncio.to_thread(server.kick, user)
    reader.close()
    assert len(store.events) == 1200
    assert sum(len(b.events) for b in store.batches) == 1200
    assert [r for b in store.batches for r in b.rejected] == []
    assert store.watermark == NOW
    assert cuts == 3
    assert len(tokens.issued) >= 2  # after the last cut nothing is asked; what was asked for ahead of another may have arrived


async def test_a_session_is_renewed_before_its_token_ends(
    server: Dovecot, tokens: TokenServer, clock: StoppedClock, user: str, tmp_path: Path
) -> None:
    store = ConnectorStore()
    reader = connector(store, server, tokens, clock, tmp_path, user)
    await asyncio.to_thread(server.append, user, "INBOX", [(NOW, mail(1, user))])
    await store.poll(reader)
    clock.moment += timedelta(seconds=LIFE - 300)
    await asyncio.to_thread(server.append, user, "INBOX", [(NOW, mail(2, user))])
    await store.poll(reader)
    reader.close()
    assert len(tokens.issued) == 2
    assert sorted(e.contact for e in store.events.values()) == sorted((kept(f"1.{user}"), kept(f"2.{user}")))
