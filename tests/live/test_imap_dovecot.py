"""What happens to mail servers and mailboxes, done to a real Dovecot: nothing is lost, counted twice, or changed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from monitor.errors import AuthError, TransientError
from tests.connectors.mail_names import kept
from tests.live.connector_store import ConnectorStore
from tests.live.mail_conversations import NOW, all_conversations
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot

pytestmark = [pytest.mark.waits(12), pytest.mark.xdist_group("dovecot")]  # one server for all

ALLOWED = {"CAPABILITY", "NOOP", "LIST", "STATUS", "EXAMINE", "UID SEARCH", "UID FETCH", "LOGOUT"}
_numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with running_dovecot() as dovecot:
        yield dovecot


@pytest.fixture
def user() -> str:
    """A mailbox that nobody has used yet."""
    return f"store{next(_numbers)}@lab.example"


def mail(number: int, *, sender: str = "", to: str, refs: str = "", text: str = "Where is it?", subject: str = "Case") -> bytes:
    customer = sender or f"c{number}@customer.example"
    thread = "References: " + " ".join(f"<{r}>" for r in refs.split()) + "\r\n" if refs else ""
    named = f"{subject} {number}" if subject else ""
    head = f"From: {customer}\r\nTo: {to}\r\nSubject: {named}\r\nMessage-ID: <{number}.{to}.{customer}>\r\n{thread}"
    return f"{head}Content-Type: text/plain\r\n\r\n{text}\r\n".encode()


async def read_once(server: Dovecot, *users: str) -> ConnectorStore:
    store = ConnectorStore()
    connector = store.connector(server, users)
    await store.poll(connector)
    connector.close()
    return store


async def test_nothing_but_reading_commands_is_ever_sent(server: Dovecot, user: str) -> None:
    server.keep_wire_log(user)
    conversations = all_conversations()
    server.append(user, "INBOX", [(m.at, m.raw) for m in conversations.mails.values() if "INBOX" in m.boxes[0][1]][:30])
    server.append(user, "Sent", [(m.at, m.raw) for m in conversations.mails.values() if m.ours][:10])
    before = len(server.wire_log(user))
    store = ConnectorStore()
    connector = store.connector(server, [user])
    await store.poll(connector)
    server.append(user, "INBOX", [(NOW, mail(1, to=user))])
    seeded = len(server.wire_log(user))
    await store.poll(connector)
    _ = [finding async for finding in connector.check()]
    connector.close()
    sent = server.wire_log(user)
    assert len(sent) > seeded > before
    verbs = [
        re.match(rb"(?:[\d.]+ )?m\d+ ((?:UID )?[A-Z]+)(.*)", line)
        for line in sent.split(b"\r\n")
        if re.match(rb"(?:[\d.]+ )?m\d+ ", line)
    ]
    assert verbs
    assert all(verbs)  # every tagged line is a command in capital letters
    assert {m[1].decode() for m in verbs if m} == {"CAPABILITY", "NOOP", "LIST", "EXAMINE", "UID SEARCH", "UID FETCH", "LOGOUT"}
    assert {m[1].decode() for m in verbs if m} <= ALLOWED
    assert all(b"BODY.PEEK[" in m[2] and b"BODY[" not in m[2] for m in verbs if m and m[1] == b"UID FETCH")


async def test_unread_mail_stays_unread(server: Dovecot, user: str) -> None:
    server.append(user, "INBOX", [(NOW, mail(1, to=user)), (NOW, mail(2, to=user, refs="x@y", text="Thanks!"))], flags="")
    store = await read_once(server, user)
    assert len(store.events) == 2
    assert server.unseen(user) == 2


async def test_new_mail_is_seen_by_the_next_poll_on_the_kept_connection(server: Dovecot, user: str) -> None:
    store = ConnectorStore()
    connector = store.connector(server, [user])
    await store.poll(connector)
    assert not store.events
    for number in (1, 2, 3):
        server.append(user, "INBOX", [(NOW, mail(number, to=user))])
        await store.poll(connector)
        assert len(store.events) == number
    connector.close()


async def test_a_new_uidvalidity_changes_nothing(server: Dovecot, user: str) -> None:
    server.append(user, "INBOX", [(NOW - timedelta(hours=n), mail(n, to=user)) for n in range(5, 0, -1)])
    store = ConnectorStore()
    connector = store.connector(server, [user])
    await store.poll(connector)
    before = dict(store.events)
    cursor = store.cursor
    server.new_uid_validity(user)
    await store.poll(connector)
    connector.close()
    assert store.cursor != cursor
    assert store.events == before
    assert len(before) == 5


async def test_a_moved_mail_is_the_same_mail(server: Dovecot, user: str) -> None:
    server.append(user, "INBOX", [(NOW - timedelta(hours=2), mail(1, to=user)), (NOW - timedelta(hours=1), mail(2, to=user))])
    store = ConnectorStore()
    connector = store.connector(server, [user])
    await store.poll(connector)
    before = dict(store.events)
    server.move(user, "INBOX", 1, "Archive")
    await store.poll(connector)
    connector.close()
    assert store.events == before
    assert store.cursor is not None
    assert store.cursor[user]["Archive"][1] == 2


async def test_a_message_whose_text_cuts_the_connection_does_not_stop_the_others(server: Dovecot, user: str) -> None:
    server.append(user, "INBOX", [(NOW - timedelta(hours=9), mail(1, to=user))])
    server.append(
        user,
        "Sent",
        [(NOW - timedelta(hours=8), mail(2, sender=user, to="c1@customer.example", refs=f"1.{user}.c1@customer.example"))],
    )
    answer = f"1.{user}.c1@customer.example 2.c1@customer.example.{user}"
    thanks = mail(3, sender="c1@customer.example", to=user, refs=answer, text="Thanks!", subject="")
    server.put_files(user, "INBOX", [(NOW - timedelta(hours=3), thanks)], size=9999)
    server.append(
        user,
        "INBOX",
        [(NOW - timedelta(hours=2), mail(4, sender="c1@customer.example", to=user, refs=answer, text="Thank you!", subject=""))],
    )
    store = await read_once(server, user)
    events = next(iter(store.contacts().values()))
    assert [(e.kind, e.courtesy) for e in events] == [
        ("received", False),
        ("replied", False),
        ("received", False),  # its text could not be looked at: it may be a question
        ("received", True),
    ]
    assert store.watermark == NOW


async def test_a_cut_connection_is_made_again(server: Dovecot, user: str) -> None:
    store = ConnectorStore()
    connector = store.connector(server, [user])
    await store.poll(connector)
    server.append(user, "INBOX", [(NOW, mail(1, to=user))])
    server.kick(user)
    await store.poll(connector)
    connector.close()
    assert len(store.events) == 1


async def test_a_connection_cut_between_two_batches_costs_nothing(server: Dovecot, user: str) -> None:
    server.put_files(user, "INBOX", [(NOW - timedelta(minutes=1200 - n), mail(n, to=user)) for n in range(1200)])
    store = ConnectorStore()
    connector = store.connector(server, [user])
    async for batch in connector.read(None):
        store.store(batch)
        server.kick(user)
    connector.close()
    assert len(store.events) == 1200
    assert sum(len(b.events) for b in store.batches) == 1200
    assert store.watermark == NOW


async def test_killed_between_batches_repeats_none_that_was_stored(server: Dovecot, user: str) -> None:
    server.put_files(user, "INBOX", [(NOW - timedelta(minutes=1200 - n), mail(n, to=user)) for n in range(1200)])
    store = ConnectorStore()
    for _ in range(2):  # twice one batch is stored, and the process dies
        connector = store.connector(server, [user])
        reading = connector.read(store.cursor)
        store.store(await anext(reading))
        await reading.aclose()  # type: ignore[attr-defined]
        connector.close()
    assert store.watermark is None
    connector = store.connector(server, [user])
    await store.poll(connector)
    connector.close()
    assert [len(b.events) for b in store.batches] == [500, 500, 200, 0]
    assert len(store.events) == 1200


async def test_a_server_that_hangs_ends_the_poll_and_recovers(server: Dovecot, user: str) -> None:
    server.append(user, "INBOX", [(NOW, mail(1, to=user))])
    store = ConnectorStore()
    connector = store.connector(server, [user], timeout="500ms")
    fresh = store.connector(server, [user], timeout="500ms")
    await store.poll(connector)
    server.stop()
    try:
        for hanging in (connector, fresh):  # a kept connection, and one that is never greeted
            with pytest.raises(TransientError) as caught:
                await store.poll(hanging)
            assert caught.value.reason == "timeout"
    finally:
        server.resume()
    server.append(user, "INBOX", [(NOW, mail(2, to=user))])
    await store.poll(connector)
    connector.close()
    fresh.close()
    assert len(store.events) == 2


async def test_nobody_listens(server: Dovecot, user: str) -> None:
    store = ConnectorStore()
    connector = store.connector(server, [user], port=1)
    with pytest.raises(TransientError, match="refused") as caught:
        await store.poll(connector)
    assert caught.value.reason == "connect"


async def test_one_account_with_a_wrong_password_does_not_hide_the_others(server: Dovecot, user: str) -> None:
    server.append(user, "INBOX", [(NOW, mail(1, to=user))])
    store = ConnectorStore()
    accounts = {"locked@lab.example": {"password": "wrong"}, user: {"password": PASSWORD}}
    connector = store.connector(server, [], accounts=accounts)
    with pytest.raises(AuthError):
        await store.poll(connector)
    connector.close()
    assert len(store.events) == 1
    assert store.watermark is None  # absence must not be judged: the answer may lie in the other account


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_tls_with_the_right_authority_works_and_with_another_is_refused(server: Dovecot, user: str, tls: str) -> None:
    server.append(user, "INBOX", [(NOW, mail(1, to=user))])
    store = ConnectorStore()
    port = server.tls_port if tls == "implicit" else server.port
    connector = store.connector(server, [user], tls=tls, port=port, ca_file=str(server.ca_file))
    await store.poll(connector)
    connector.close()
    assert len(store.events) == 1
    stranger = store.connector(server, [user], tls=tls, port=port)
    with pytest.raises(TransientError, match="certificate is not accepted") as caught:
        await store.poll(stranger)
    assert caught.value.reason == "tls"


async def test_an_expired_certificate_is_named(user: str) -> None:
    with running_dovecot(expired=True) as server:
        store = ConnectorStore()
        connector = store.connector(server, [user], tls="implicit", port=server.tls_port, ca_file=str(server.ca_file))
        with pytest.raises(TransientError, match="certificate has expired") as caught:
            await store.poll(connector)
    assert caught.value.reason == "tls"


async def test_an_answer_in_another_accounts_sent_is_found_when_it_is_read_later(server: Dovecot, user: str) -> None:
    agent = f"agent.{user}"
    server.append(user, "INBOX", [(NOW - timedelta(hours=3), mail(1, to=user))])
    store = ConnectorStore()
    connector = store.connector(server, [user, agent])
    await store.poll(connector)
    assert [e.kind for e in store.events.values()] == ["received"]
    answer = mail(2, sender=agent, to="c1@customer.example", refs=f"1.{user}.c1@customer.example")
    server.append(agent, "Sent", [(NOW - timedelta(hours=1), answer)])
    await store.poll(connector)
    connector.close()
    [events] = store.contacts().values()
    assert [(e.kind, e.place) for e in events] == [("received", f"address:{user}"), ("replied", f"address:{user}")]
    assert events[0].contact == kept(f"1.{user}.c1@customer.example")


async def test_the_first_read_goes_back_as_far_as_asked(server: Dovecot, user: str) -> None:
    moments = [NOW - timedelta(days=days) for days in (100, 91, 89, 1)]
    server.append(user, "INBOX", [(at, mail(n, to=user)) for n, at in enumerate(moments)])
    store = ConnectorStore()
    connector = store.connector(server, [user], history="90d")
    await store.poll(connector)
    connector.close()
    # The server cuts whole days in its own zone, so a day more is asked for.
    assert sorted(e.at for e in store.events.values()) == moments[1:]
    assert store.cursor is not None
    assert store.cursor[user]["INBOX"][1] == 5


async def test_check_names_what_it_would_read_and_warns_of_an_empty_sent(server: Dovecot, user: str) -> None:
    connector = ConnectorStore().connector(server, [user])
    findings = {f.text.removeprefix(f"{user}: "): f.ok for f in [f async for f in connector.check()]}
    assert findings.pop("would read INBOX, Archive, Sent") is True
    assert findings.pop("leaves out Drafts") is None
    [empty] = [text for text in findings if text.startswith("Sent is empty (Sent); name the folder of your answers in `folders`")]
    assert findings.pop(empty) is None
    assert findings.pop("takes as Junk Junk; as Trash Trash: mail moved there asks nothing any more") is None
    assert findings == {"logged in": True, "folders open read-only (EXAMINE)": True}
    server.append(user, "Sent", [(NOW, mail(1, sender=user, to="c1@customer.example"))] * 2)
    told = {f.text: f.ok for f in [f async for f in connector.check()]}
    assert told[f"{user}: takes as Sent Sent (the server says so): 2 mails"] is True
    wrong = ConnectorStore().connector(server, [], accounts={user: {"password": "wrong"}})
    assert [f.ok async for f in wrong.check()] == [False]
