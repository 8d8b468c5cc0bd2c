"""Folders that cannot be read, mails that are moved and marked, on a real Dovecot: no wait ends or begins that is not so."""

import asyncio
import imaplib
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import count

import pytest

from monitor.errors import TransientError
from tests.connectors.mail_names import kept
from tests.live.connector_store import ConnectorStore
from tests.live.mail_conversations import NOW
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot

pytestmark = [pytest.mark.waits(8), pytest.mark.xdist_group("dovecot-folders")]

ASKED = NOW - timedelta(hours=5)
_numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with running_dovecot(folders=("Drafts", "Junk", "Trash")) as dovecot:  # Sent may vanish here
        yield dovecot


@pytest.fixture
def user() -> str:
    """A mailbox that nobody has used yet."""
    return f"folders{next(_numbers)}@lab.example"


def question(number: int, user: str) -> bytes:
    head = f"From: c{number}@customer.example\r\nTo: {user}\r\nSubject: Case {number}\r\nMessage-ID: <q{number}.{user}>\r\n"
    when = "Wed, 18 Nov 2026 07:00:00 +0000"
    return f"{head}Date: {when}\r\nReceived: from a by b; {when}\r\n\r\nHello?\r\n".encode()


def answer(number: int, user: str) -> bytes:
    head = f"From: {user}\r\nTo: c{number}@customer.example\r\nSubject: Re: Case {number}\r\nMessage-ID: <a{number}.{user}>\r\n"
    return f"{head}Date: Wed, 18 Nov 2026 07:30:00 +0000\r\nReferences: <q{number}.{user}>\r\n\r\nThere.\r\n".encode()


def answered(server: Dovecot, user: str) -> None:
    """One question with its answer."""
    server.append(user, "INBOX", [(ASKED, question(1, user))])
    server.append(user, "Sent", [(ASKED + timedelta(minutes=30), answer(1, user))])


def as_people_do(server: Dovecot, user: str, *commands: tuple[str, ...]) -> None:
    """What a mail program does, in INBOX."""
    with imaplib.IMAP4(server.host, server.port, timeout=20) as client:
        client.login(user, PASSWORD)
        client.select("INBOX")
        for name, *arguments in commands:
            status, text = getattr(client, name)(*arguments)
            assert status == "OK", text


def kinds(store: ConnectorStore) -> list[str]:
    return sorted(e.kind for e in store.events.values())


@asynccontextmanager
async def refusing(server: Dovecot, refused: Callable[[bytes], bool]) -> AsyncIterator[int]:
    """The port of a proxy before Dovecot that answers NO to the commands for which `refused` holds."""

    serving: set[asyncio.Task[None]] = set()

    async def down(upstream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await upstream.read(65_536):
            writer.write(data)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        upstream_reader, upstream = await asyncio.open_connection(server.host, server.port)
        answers = asyncio.create_task(down(upstream_reader, writer))
        with suppress(ConnectionError):
            while line := await reader.readline():
                tag, _, command = line.strip().partition(b" ")
                if refused(command):
                    writer.write(tag + b" NO [UNAVAILABLE] Server busy, try again later\r\n")
                else:
                    upstream.write(line)
        upstream.close()
        await answers
        for each in (upstream, writer):
            each.close()
            with suppress(ConnectionError):
                await each.wait_closed()

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield proxy.sockets[0].getsockname()[1]
    finally:
        proxy.close()
        await asyncio.gather(*serving)


# what cannot be read


async def test_a_sent_whose_directory_cannot_be_read_makes_nothing_complete(server: Dovecot, user: str) -> None:
    answered(server, user)
    directory = server.maildir(user) / ".Sent"
    directory.chmod(0)
    store = ConnectorStore()
    connector = store.connector(server, [user])
    with pytest.raises(TransientError, match=f"Sent of {user}"):
        await store.poll(connector)
    assert kinds(store) == ["received"]
    assert store.watermark is None
    directory.chmod(0o700)
    server.kick(user)
    await store.poll(connector)
    connector.close()
    assert kinds(store) == ["received", "replied"]
    assert store.watermark == NOW


async def test_a_directory_that_becomes_unreadable_later_is_noticed_when_something_came(server: Dovecot, user: str) -> None:
    answered(server, user)
    server.append(user, "Kunden", [(ASKED, question(2, user))])
    store = ConnectorStore()
    connector = store.connector(server, [user])
    await store.poll(connector)
    store.watermark = None
    directory = server.maildir(user) / ".Kunden"
    directory.chmod(0)
    server.kick(user)
    with pytest.raises(TransientError, match="a folder of") as caught:
        await store.poll(connector)
    assert "Kunden" not in str(caught.value)
    assert store.watermark is None
    directory.chmod(0o700)
    server.kick(user)
    await store.poll(connector)
    connector.close()
    assert store.watermark == NOW
    assert kinds(store) == ["received", "received", "replied"]


@pytest.mark.parametrize("refused", [b'EXAMINE "Sent"', b"EXAMINE"])
async def test_a_folder_that_answers_no_is_read_when_it_does_no_longer(server: Dovecot, user: str, refused: bytes) -> None:
    answered(server, user)
    busy = True
    store = ConnectorStore()
    async with refusing(server, lambda command: busy and command.startswith(refused)) as port:
        connector = store.connector(server, [user], port=port)
        with pytest.raises(TransientError, match=f"^Sent of {user}"):
            await store.poll(connector)
        assert store.watermark is None
        busy = False
        await store.poll(connector)
        connector.close()
    assert kinds(store) == ["received", "replied"]
    assert store.watermark == NOW


async def test_a_sent_that_is_deleted_or_renamed_is_missed(server: Dovecot, user: str) -> None:
    answered(server, user)
    store = ConnectorStore()
    connector = store.connector(server, [user])
    await store.poll(connector)
    store.watermark = None
    as_people_do(server, user, ("rename", "Sent", "Alte-Post"))
    with pytest.raises(TransientError, match=f"Sent of {user} is gone"):
        await store.poll(connector)
    as_people_do(server, user, ("rename", "Alte-Post", "Sent-Items"), ("create", "Gesendet"))
    await store.poll(connector)
    connector.close()
    assert store.watermark == NOW
    assert kinds(store) == ["received", "replied"]


async def test_a_folder_of_a_customer_may_be_renamed_and_deleted(server: Dovecot, user: str) -> None:
    answered(server, user)
    as_people_do(server, user, ("create", "Done"), ("copy", "1", "Done"), ("store", "1", "+FLAGS", r"(\Deleted)"), ("expunge",))
    store = ConnectorStore()
    connector = store.connector(server, [user])
    await store.poll(connector)
    for change in (("rename", "Done", "Finished"), ("delete", "Finished")):
        store.watermark = None
        as_people_do(server, user, change)
        await store.poll(connector)
        assert store.watermark == NOW
        assert kinds(store) == ["received", "replied"]
    connector.close()


# moved


async def test_moved_to_junk_and_back(server: Dovecot, user: str) -> None:
    answered(server, user)
    store = ConnectorStore()
    connector = store.connector(server, [user])
    await store.poll(connector)
    server.move(user, "INBOX", 1, "Junk")
    await store.poll(connector)
    assert [(e.reason, e.event) for e in store.events.values() if e.kind == "discarded"] == [
        ("spam", next(e.id for e in store.events.values() if e.kind == "received"))
    ]
    server.move(user, "Junk", 1, "INBOX")
    await store.poll(connector)
    connector.close()
    assert kinds(store) == ["discarded", "received", "replied", "restored"]


async def test_a_copy_in_another_account_keeps_the_question_open(server: Dovecot, user: str) -> None:
    anna = f"anna.{user}"
    for account in (user, anna):
        server.append(account, "INBOX", [(ASKED, question(1, user))])
    store = ConnectorStore()
    connector = store.connector(server, [user, anna])
    await store.poll(connector)
    server.move(anna, "INBOX", 1, "Trash")
    await store.poll(connector)
    assert kinds(store) == ["received"]
    server.move(user, "INBOX", 1, "Trash")
    await store.poll(connector)
    connector.close()
    assert kinds(store) == ["discarded", "received"]


async def test_copied_to_trash_marked_as_deleted_and_removed_later(server: Dovecot, user: str) -> None:
    server.append(user, "INBOX", [(ASKED, question(1, user))])
    store = ConnectorStore()
    connector = store.connector(server, [user])
    await store.poll(connector)
    as_people_do(server, user, ("copy", "1", "Trash"))
    await store.poll(connector)
    assert kinds(store) == ["received"]
    as_people_do(server, user, ("store", "1", "+FLAGS", r"(\Deleted)"))
    await store.poll(connector)
    connector.close()
    assert kinds(store) == ["discarded", "received"]


# marked


async def test_a_keyword_set_while_we_watch(server: Dovecot, user: str) -> None:
    answered(server, user)
    server.append(user, "INBOX", [(ASKED, question(2, user)), (ASKED, question(3, user))])
    store = ConnectorStore()
    connector = store.connector(server, [user], no_answer_needed=["$NoAnswer", r"\Flagged"])
    await store.poll(connector)
    before = len(store.batches)
    await store.poll(connector)
    assert [b.events for b in store.batches[before:]] == [()]
    as_people_do(server, user, ("store", "2", "+FLAGS", "($noanswer)"), ("store", "3", "+FLAGS", r"(\Flagged)"))
    await store.poll(connector)
    connector.close()
    told = [e for e in store.events.values() if e.kind == "settled"]
    assert {e.reason for e in told} == {"no_answer_needed"}
    assert {e.contact for e in told} == {kept(f"q2.{user}"), kept(f"q3.{user}")}


async def test_only_reading_commands_are_sent_for_moves_and_marks(server: Dovecot, user: str) -> None:
    server.keep_wire_log(user)
    answered(server, user)
    store = ConnectorStore()
    connector = store.connector(server, [user], no_answer_needed=["$NoAnswer"])
    await store.poll(connector)
    as_people_do(server, user, ("store", "1", "+FLAGS", "($NoAnswer)"), ("copy", "1", "Trash"))
    await store.poll(connector)
    _ = [finding async for finding in connector.check()]
    connector.close()
    ours = re.findall(rb"(?:^|\n)(?:[\d.]+ )?m\d+ ((?:UID )?[A-Z]+)(.*)", server.wire_log(user))
    assert {verb for verb, _ in ours} == {b"CAPABILITY", b"NOOP", b"LIST", b"EXAMINE", b"UID SEARCH", b"UID FETCH", b"LOGOUT"}
    assert any(b"HEADER MESSAGE-ID" in rest for _, rest in ours)
    assert any(b"KEYWORD $NoAnswer" in rest for _, rest in ours)
    assert all(b"BODY.PEEK[" in rest and b"BODY[" not in rest for verb, rest in ours if verb == b"UID FETCH")
    assert server.unseen(user) == 0
