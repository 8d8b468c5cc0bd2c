"""The IMAP client and connector against a server that misbehaves on command."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.connector import Batch, Context, Cursor, NoState
from monitor.connectors._mail.imap_client import ImapSession, Server
from monitor.connectors._mail.imap_responses import HEADER_ITEMS, Folder, first_day, folder_title, uid_sets
from monitor.connectors.imap import ImapConnector, Settings, connect
from monitor.errors import AuthError, ConfigError, TransientError
from monitor.testing import FakeClock
from tests.connectors.mail_names import HASHED, kept
from tests.connectors.scripted_imap import PASSWORD, ScriptedImap, scripted_imap

USER = "support@lab.example"
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def question(number: int) -> bytes:
    head = f"From: c{number}@customer.example\r\nTo: {USER}\r\nSubject: Case {number}\r\nMessage-ID: <{number}@x>"
    return f"{head}\r\n\r\nWhere is it?\r\n".encode()


def inbox(numbers: Iterable[int]) -> ScriptedImap:
    return ScriptedImap(mails={"INBOX": {n: question(n) for n in numbers}})


def connector(server: ScriptedImap, **more: Any) -> ImapConnector:
    given: dict[str, Any] = {"type": "imap", "host": "127.0.0.1", "port": server.port, "tls": "none", "timeout": "2s"}
    given |= {"username": USER, "password": PASSWORD, "domains": ["lab.example"]}
    context = Context("mail", FakeClock(NOW), UTC, "GB", HASHED, NoState())
    return connect(Settings.model_validate(given | more), context)


async def poll(reader: ImapConnector, cursor: Cursor | None = None) -> list[Batch]:
    return [batch async for batch in reader.read(cursor)]


def session(server: ScriptedImap) -> ImapSession:
    return ImapSession(Server("127.0.0.1", server.port, "none", None, 2.0))


# poison


async def test_a_message_that_cuts_the_connection_is_set_aside_and_the_rest_is_read() -> None:
    with scripted_imap(inbox(range(1, 41))) as server:
        server.poison = {17, 33}
        reader = connector(server)
        batches = await poll(reader)
        assert sorted(e.contact for b in batches for e in b.events) == sorted(
            kept(f"{n}@x") for n in range(1, 41) if n not in (17, 33)
        )
        [rejected] = [r for b in batches for r in b.rejected]
        assert (rejected.reason, rejected.count) == ("unreadable", 2)
        assert "customer" not in rejected.sample
        cursor = batches[0].cursor
        connections = server.connections
        assert connections < 30
        again = await poll(reader, cursor)  # it is remembered: nobody asks for it again
        assert server.connections == connections
        assert [b.events for b in again] == [()]
        reader.close()


async def test_messages_the_server_refuses_are_set_aside_as_well() -> None:
    with scripted_imap(inbox(range(1, 10))) as server:
        server.refused = {4}
        reader = connector(server)
        batches = await poll(reader)
        assert len([e for b in batches for e in b.events]) == 8
        assert [r.count for b in batches for r in b.rejected] == [1]
        reader.close()


async def test_a_server_that_cuts_every_fetch_does_not_hold_us_for_ever() -> None:
    with scripted_imap(inbox(range(1, 9))) as server:
        server.poison = set(range(1, 9))
        reader = connector(server)
        batches = await poll(reader)
        assert [r.count for b in batches for r in b.rejected] == [8]
        reader.close()


# change marks


@pytest.mark.parametrize(
    "capabilities", ["IMAP4rev1", "IMAP4rev1 SPECIAL-USE LIST-EXTENDED", "IMAP4rev1 LIST-EXTENDED LIST-STATUS"]
)
async def test_servers_without_list_status_or_special_use_are_read_as_well(capabilities: str) -> None:
    server = inbox([1])
    server.after = capabilities
    server.folders = {"INBOX": "", "Sent": r"\Sent", "Spam": "", "Entw&APw-rfe": "", "Projects": ""}
    with scripted_imap(server):
        reader = connector(server)
        batches = await poll(reader)
        assert [e.contact for b in batches for e in b.events] == [kept("1@x")]
        assert batches[-1].watermark == NOW
        cursor = next(b.cursor for b in reversed(batches) if b.cursor)
        assert cursor == {USER: {"INBOX": [7, 2], "Projects": [7, 1], "Sent": [7, 1, "sent"], "Spam": [7, 1, "junk"]}}
        before = len(server.commands)
        await poll(reader, cursor)
        assert "EXAMINE" not in server.verbs()[before:]
        reader.close()


async def test_only_what_moved_is_opened() -> None:
    with scripted_imap(inbox([1])) as server:
        reader = connector(server)
        cursor = (await poll(reader))[-1].cursor
        server.mails["Sent"] = {1: question(9)}
        before = len(server.commands)
        await poll(reader, cursor)
        assert server.verbs()[before:] == ["NOOP", "LIST", "EXAMINE", "UID FETCH"]
        assert server.commands[before + 2] == 'EXAMINE "Sent"'
        reader.close()


@pytest.mark.parametrize("rebuilt", [[11, 12], [11, 12, 13], [11, 12, 13, 14]], ids=["fewer", "as many", "more"])
async def test_a_rebuilt_mailbox_is_read_anew_though_its_uids_begin_at_1_again(rebuilt: list[int]) -> None:
    with scripted_imap(inbox([1, 2, 3])) as server:
        reader = connector(server)
        cursor = (await poll(reader))[-1].cursor
        assert cursor == {USER: {"INBOX": [7, 4], "Sent": [7, 1, "sent"]}}
        server.validity = 8
        server.mails["INBOX"] = {uid: question(number) for uid, number in enumerate(rebuilt, 1)}
        batches = await poll(reader, cursor)
        assert sorted(e.contact for b in batches for e in b.events) == sorted(kept(f"{number}@x") for number in rebuilt)
        assert next(b.cursor for b in reversed(batches) if b.cursor)[USER]["INBOX"] == [8, len(rebuilt) + 1]
        reader.close()


async def test_a_poll_without_news_is_one_round_trip_and_moves_nothing() -> None:
    with scripted_imap(inbox([1])) as server:
        cursor = (await poll(connector(server)))[-1].cursor
        reader = connector(server)
        await poll(reader, cursor)
        before = len(server.commands)
        [batch] = await poll(reader, cursor)
        assert server.verbs()[before:] == ["LIST"]
        assert batch == Batch(watermark=NOW)
        reader.close()


async def test_a_connection_dropped_between_polls_is_made_again() -> None:
    with scripted_imap(inbox([1])) as server:
        reader = connector(server)
        cursor = (await poll(reader))[-1].cursor
        server.last = "LIST"
        server.answers["LIST"] = lambda _: b""  # the server went away meanwhile
        with pytest.raises(TransientError):
            await poll(reader, cursor)
        server.last = ""
        server.answers.clear()
        assert (await poll(reader, cursor))[-1].watermark == NOW
        reader.close()


async def test_closing_the_iterator_closes_the_connections() -> None:
    with scripted_imap(inbox(range(1, 1200))) as server:
        reader = connector(server)
        batches = reader.read(None)
        await anext(batches)
        await batches.aclose()  # type: ignore[attr-defined]
        assert not any(mailbox.connected for mailbox in reader.mailboxes)


# greetings, logins


def test_the_capabilities_are_asked_again_after_login() -> None:
    with scripted_imap(ScriptedImap()) as server:
        client = session(server)
        client.connect()
        assert b"LIST-STATUS" not in client.capabilities
        client.login(USER, PASSWORD)
        assert b"LIST-STATUS" in client.capabilities
        client.logout()
        assert server.verbs() == ["CAPABILITY", "AUTHENTICATE", "CAPABILITY", "LOGOUT"]


@pytest.mark.parametrize("before", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN SASL-IR", "IMAP4rev1 LOGINDISABLED AUTH=PLAIN SASL-IR"])
def test_login_takes_what_the_server_offers(before: str) -> None:
    with scripted_imap(ScriptedImap(before=before)) as server:
        client = session(server)
        client.connect()
        client.login(USER, PASSWORD)
        client.logout()


def test_names_and_passwords_that_cannot_be_quoted_go_as_literals() -> None:
    with scripted_imap(ScriptedImap(before="IMAP4rev1")) as server:
        client = session(server)
        client.connect()
        client.login(USER, PASSWORD + 'é"\\')
        client.logout()
        assert server.commands[1] == f'LOGIN <{USER}> <{PASSWORD}é"\\>'


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (b"NO [AUTHENTICATIONFAILED] Authentication failed.", AuthError),
        (b"NO LOGIN failed.", AuthError),
        (b"NO Login credentials invalid", AuthError),
        (b"NO [UNAVAILABLE] Temporary authentication failure.", TransientError),
        (b"NO [LIMIT] Maximum number of connections from user+IP exceeded", TransientError),
        (b"NO [ALERT] Too many simultaneous connections.", TransientError),
    ],
)
def test_what_a_refused_login_means(refusal: bytes, error: type[Exception]) -> None:
    with scripted_imap(ScriptedImap(refusal=refusal)) as server:
        client = session(server)
        client.connect()
        with pytest.raises(error):
            client.login(USER, "wrong")
        assert not client.alive


def test_no_password_is_sent_where_the_server_forbids_it() -> None:
    with scripted_imap(ScriptedImap(before="IMAP4rev1 LOGINDISABLED")) as server:
        client = session(server)
        client.connect()
        with pytest.raises(AuthError):
            client.login(USER, PASSWORD)
        client.abort()
        assert server.verbs() == ["CAPABILITY"]


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (b"* BYE too busy\r\n", "connect"),
        (b"HTTP/1.1 400 Bad Request\r\n", "protocol"),
        (b"* OK rea", "timeout"),
        (b"", "timeout"),
    ],
)
def test_greetings_that_are_none(greeting: bytes, reason: str) -> None:
    with scripted_imap(ScriptedImap(greeting=greeting)) as server:
        client = ImapSession(Server("127.0.0.1", server.port, "none", None, 0.3))
        with pytest.raises(TransientError) as caught:
            client.connect()
        assert caught.value.reason == reason
        assert not client.alive


def test_starttls_that_is_not_offered_or_refused_sends_no_password() -> None:
    for server in (
        ScriptedImap(),
        ScriptedImap(before="IMAP4rev1 STARTTLS", answers={"STARTTLS": lambda tag: tag + b" NO no\r\n"}),
    ):
        with scripted_imap(server):
            client = ImapSession(Server("127.0.0.1", server.port, "starttls", None, 2.0))
            with pytest.raises(TransientError) as caught:
                client.connect()
            assert caught.value.reason == "tls"
            assert not {"LOGIN", "AUTHENTICATE"} & set(server.verbs())


def test_words_slipped_in_before_the_handshake_are_not_believed() -> None:
    slipped = {"STARTTLS": lambda tag: tag + b" OK begin\r\n* PREAUTH welcome\r\n"}
    with scripted_imap(ScriptedImap(before="IMAP4rev1 STARTTLS", answers=slipped)) as server:
        client = ImapSession(Server("127.0.0.1", server.port, "starttls", None, 2.0))
        with pytest.raises(TransientError) as caught:
            client.connect()
        assert caught.value.reason in ("protocol", "tls")


# odd answers

ANSWER = (
    b'* 1 FETCH (FLAGS (\\Draft) UID 1 INTERNALDATE "18-Nov-2026 10:00:00 +0000" '
    b"BODY[HEADER.FIELDS (FROM)] {13}\r\nFrom: a@x\r\n\r\n)\r\n"
    b'* 2 FETCH (UID 2 BODY[TEXT]<0> "say \\"hi\\"")\r\n'
    b"* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n"
    b"* 4 EXISTS\r\n"
)


def opened(server: ScriptedImap) -> ImapSession:
    client = session(server)
    client.connect()
    client.login(USER, PASSWORD)
    return client


def test_fetched_items_come_in_any_order_and_strings_do_as_well_as_literals() -> None:
    with scripted_imap(ScriptedImap(answers={"UID FETCH": lambda tag: ANSWER + tag + b" OK done\r\n"})) as server:
        client = opened(server)
        [first, second], complete = client.fetched(client.send_fetch([1, 2, 3], HEADER_ITEMS))
        assert complete
        assert (first.uid, first.draft, first.data) == (1, True, b"From: a@x\r\n\r\n")
        assert (second.uid, second.data) == (2, b'say "hi"')
        client.logout()


@pytest.mark.parametrize("cut", range(0, len(ANSWER), 3))
def test_an_answer_cut_at_any_byte_is_a_dropped_connection(cut: int) -> None:
    with scripted_imap(ScriptedImap(answers={"UID FETCH": lambda _: ANSWER[:cut]}, last="UID FETCH")) as server:
        client = opened(server)
        tags = client.send_fetch([1], HEADER_ITEMS)
        with pytest.raises(TransientError) as caught:
            client.fetched(tags)
        assert caught.value.reason == "connect"


def test_a_bye_in_the_middle_is_a_dropped_connection() -> None:
    with scripted_imap(ScriptedImap(answers={"NOOP": lambda _: b"* BYE shutting down\r\n"})) as server:
        client = opened(server)
        with pytest.raises(TransientError, match="closed the connection"):
            client.command("NOOP")
        assert not client.alive


def test_commands_may_be_completed_in_another_order() -> None:
    kept: list[bytes] = []

    def later(tag: bytes) -> bytes:
        kept.append(tag)
        return b""

    with scripted_imap(
        ScriptedImap(answers={"NOOP": later, "STATUS": lambda tag: tag + b" OK s\r\n" + kept[0] + b" OK n\r\n"})
    ) as server:
        client = opened(server)
        noop, status = client._send("NOOP"), client._send('STATUS "x" (UIDNEXT)')
        assert client._result(noop).text == b"OK n\r\n"
        assert client._result(status).text == b"OK s\r\n"
        client.logout()


def test_headers_too_large_to_be_looked_at_are_told_so_and_the_next_mail_is_read() -> None:
    def huge(tag: bytes) -> bytes:
        return (
            b"* 1 FETCH (UID 1 BODY[] {300000}\r\n"
            + b"x" * 300_000
            + b")\r\n* 2 FETCH (UID 2 BODY[] {3}\r\na:b)\r\n"
            + tag
            + b" OK\r\n"
        )

    with scripted_imap(ScriptedImap(answers={"UID FETCH": huge})) as server:
        client = opened(server)
        assert [(m.uid, m.data) for m in client.fetched(client.send_fetch([1, 2], HEADER_ITEMS))[0]] == [(1, None), (2, b"a:b")]
        client.logout()


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n",
        b"rubbish\r\n",
        b"+ more\r\n",
        b"* 1 FETCH (UID 1 BODY[] {9}\r\nshort\r\n)\r\n* " + b"x" * 9_000_000,
        b"m999 OK of another command\r\n",
        b"x" * 9_000_000,
    ],
)
def test_answers_that_are_none_end_the_connection(answer: bytes) -> None:
    with scripted_imap(ScriptedImap(answers={"UID FETCH": lambda _: answer})) as server:
        client = opened(server)
        with pytest.raises(TransientError) as caught:
            client.fetched(client.send_fetch([1], HEADER_ITEMS))
        assert caught.value.reason == "protocol"
        assert not client.alive


def test_folder_names_come_quoted_bare_and_as_literals() -> None:
    listing = (
        b'* LIST (\\HasNoChildren) "/" "a \\"b\\" c"\r\n* LIST () NIL INBOX\r\n* LIST (\\Sent) "." {6}\r\nde(f)g\r\n'
        b'* LIST (\\Noselect) "/" top\r\n* STATUS {6}\r\nde(f)g (UIDNEXT 5 MESSAGES 3 UIDVALIDITY 9)\r\n'
    )
    with scripted_imap(ScriptedImap(answers={"LIST": lambda tag: listing + tag + b" OK\r\n"})) as server:
        client = opened(server)
        assert client.folders() == [
            Folder('a "b" c', frozenset({"hasnochildren"}), delimiter="/"),
            Folder("INBOX", frozenset()),
            Folder("de(f)g", frozenset({"sent"}), 3, 5, 9, delimiter="."),
            Folder("top", frozenset({"noselect"}), delimiter="/"),
        ]
        client.logout()


# small pure things


def test_uid_sets_are_runs_and_never_too_long_for_a_line() -> None:
    assert uid_sets([1, 2, 3, 5, 8, 9]) == ["1:3,5,8:9"]
    assert uid_sets([]) == []
    sets = uid_sets(range(1, 20_000, 2))
    assert max(map(len, sets)) <= 4100
    assert sum(s.count(",") + 1 for s in sets) == 10_000


def test_folder_names_for_people() -> None:
    assert folder_title("Entw&APw-rfe") == "Entwürfe"
    assert folder_title("R&-D") == "R&D"
    assert folder_title("bad&AAAA") == "bad&AAAA"
    assert folder_title("\x1b[2J" + "x" * 200) == "\ufffd[2J" + "x" * 76


def test_a_first_read_begins_a_day_early() -> None:
    assert first_day(timedelta(days=90), date(2026, 11, 18)) == date(2026, 8, 19)


# settings


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "username and password, or accounts"),
        ({"username": "a"}, "password or password_file"),
        ({"username": "a", "password": "x", "accounts": {"b": {"password": "y"}}}, "username and password, or accounts"),
        ({"accounts": {"b@x": {}}}, "accounts.b@x.password: is missing; give password or password_file"),
        ({"accounts": {"b@x": {"password": "y"}}, "password": "z"}, "its own password"),
        ({"username": "a", "password": "x", "tls": "maybe"}, "implicit"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Settings.model_validate({"type": "imap", "host": "h"} | given)


def test_a_missing_authority_is_named_at_the_start(tmp_path: Path) -> None:
    given = {"type": "imap", "host": "h", "username": "a", "password": PASSWORD, "ca_file": str(tmp_path / "none.pem")}
    with pytest.raises(ConfigError, match=r"none\.pem"):
        connect(Settings.model_validate(given), Context("mail", FakeClock(NOW), UTC, "GB", str, NoState()))


def test_the_password_is_never_shown() -> None:
    settings = Settings.model_validate({"type": "imap", "host": "h", "username": "a", "password": PASSWORD})
    assert PASSWORD not in repr(settings)
