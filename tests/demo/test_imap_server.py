"""The demo's IMAP server: its bytes, what imaplib and imap-tools make of them, and the same answers beside a real Dovecot's."""

import asyncio
import imaplib
import os
import re
import shlex
import shutil
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from imap_tools import AND, MailBoxUnencrypted

from monitor.demo.imap_server import ImapServer
from monitor.demo.imap_syntax import BadSyntax, parse, quoted, section, uid_set
from monitor.demo.mailbox import Mailbox
from tests.servers.requirement import require, wanting

MADE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LIST_STATUS = 'LIST "" "*" RETURN (SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))'

#: (folder, moment, flags, message)
MAIL = [
    (
        "INBOX",
        datetime(2026, 10, 30, 16, 45, 1, tzinfo=UTC),
        ("\\Seen",),
        b"From: Zoe <zoe@post.example>\r\nTo: info@demo.example\r\nSubject: A very long subject\r\n that is folded\r\n"
        b"\tand folded again\r\nMessage-ID: <1@post.example>\r\n\r\nFirst line\r\nSecond line\r\n",
    ),
    (
        "INBOX",
        datetime(2026, 11, 1, 8, 5, 9, tzinfo=UTC),
        (),
        b"From: bob@post.example\r\nSUBJECT: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <2@post.example>\r\n"
        b"\r\nGr\xc3\xbc\xc3\x9fe\r\n",
    ),
    ("INBOX", datetime(2026, 11, 2, 8, 0, tzinfo=UTC), ("\\Flagged", "\\Seen"), b"X-No: subject\r\n\r\n"),
    (
        "Sent",
        datetime(2026, 11, 2, 8, 30, tzinfo=UTC),
        ("\\Seen",),
        b"From: info@demo.example\r\nIn-Reply-To: <1@post.example>\r\n\r\nHi\r\n",
    ),
]


@pytest.fixture
def mailbox() -> Mailbox:
    mailbox = Mailbox(MADE, cap=3)
    for folder, at, flags, raw in MAIL:
        mailbox.deliver(folder, raw, at, flags)
    return mailbox


@pytest.fixture
async def server(mailbox: Mailbox) -> AsyncIterator[ImapServer]:
    server = ImapServer(mailbox, "info@demo.example", 'pass"word\\')
    await server.start()
    yield server
    await server.stop()


class Raw:
    """Speaks IMAP by hand: gives everything up to the tagged answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.count = 0

    async def ask(self, command: bytes) -> list[bytes]:
        self.count += 1
        self.writer.write(b"a%d %b\r\n" % (self.count, command))
        lines: list[bytes] = []
        while not lines or not lines[-1].startswith(b"a%d " % self.count):
            lines.append(await self.reader.readuntil(b"\r\n"))
        return lines


async def raw(server: ImapServer, *, login: bool = True) -> Raw:
    client = Raw(*await asyncio.open_connection("127.0.0.1", server.port))
    assert (await client.reader.readuntil(b"\r\n")).startswith(b"* OK [CAPABILITY IMAP4rev1 ")
    if login:
        assert b" OK " in (await client.ask(b'LOGIN info@demo.example "pass\\"word\\\\"'))[-1]
    return client


async def test_before_login_there_is_nothing_to_see(server: ImapServer) -> None:
    client = await raw(server, login=False)
    assert (await client.ask(b'LIST "" "*"'))[0].startswith(b"a1 BAD ")
    assert (await client.ask(b"LOGIN info@demo.example wrong"))[0].startswith(b"a2 NO [AUTHENTICATIONFAILED]")
    assert b"STARTTLS" not in (await client.ask(b"CAPABILITY"))[0]
    client.writer.close()


async def test_login_by_literals(server: ImapServer) -> None:
    client = await raw(server, login=False)
    client.writer.write(b"x LOGIN {17}\r\n")
    assert (await client.reader.readuntil(b"\r\n")).startswith(b"+ ")
    client.writer.write(b'info@demo.example {10+}\r\npass"word\\\r\n')
    assert (await client.reader.readuntil(b"\r\n")).startswith(b"x OK [CAPABILITY ")
    client.writer.close()


PLAIN = b64encode(b'\0info@demo.example\0pass"word\\')


async def test_login_by_sasl_plain_sent_along_and_asked_for(server: ImapServer) -> None:
    for command in (b"AUTHENTICATE PLAIN " + PLAIN, b"AUTHENTICATE PLAIN"):
        client = await raw(server, login=False)
        client.writer.write(b"x " + command + b"\r\n")
        if command.endswith(b" PLAIN"):
            assert await client.reader.readuntil(b"\r\n") == b"+ \r\n"
            client.writer.write(PLAIN + b"\r\n")
        assert (await client.reader.readuntil(b"\r\n")).startswith(b"x OK [CAPABILITY ")
        client.writer.close()


@pytest.mark.parametrize(
    ("command", "answer"),
    [(b"PLAIN " + b64encode(b"\0info@demo.example\0wrong"), b"NO [AUTH"), (b"PLAIN ?", b"BAD"),
     (b"PLAIN " + b64encode(b"x"), b"BAD"),
     (b"LOGIN", b"NO"), (b"", b"NO")],
)  # fmt: skip
async def test_other_ways_to_authenticate_are_refused(server: ImapServer, command: bytes, answer: bytes) -> None:
    client = await raw(server, login=False)
    assert (await client.ask(b"AUTHENTICATE " + command))[0].startswith(b"a1 " + answer)
    client.writer.close()


@pytest.mark.parametrize(
    "command",
    [b"SELECT INBOX", b"UID STORE 1 +FLAGS (\\Seen)", b"STORE 1 +FLAGS (\\Seen)", b"UID EXPUNGE 1", b"EXPUNGE",
     b'APPEND INBOX {3+}\r\nabc', b"UID MOVE 1 Trash", b"DELETE Sent"],
)  # fmt: skip
async def test_whatever_writes_is_refused(server: ImapServer, command: bytes) -> None:
    client = await raw(server)
    await client.ask(b"EXAMINE INBOX")
    assert b" NO [READ-ONLY]" in (await client.ask(command))[-1]
    client.writer.close()


@pytest.mark.parametrize(
    "command",
    [b"", b"FROB", b"UID FETCH", b"UID FETCH x (UID)", b"UID FETCH 1 (BODY[NONSENSE])", b"UID SEARCH SINCE yesterday",
     b"STATUS INBOX (FOO)", b"LIST (", b'LIST "', b"EXAMINE", b"UID FETCH 1 (UID) (CHANGEDSINCE)", b")"],
)  # fmt: skip
async def test_nonsense_is_bad_and_the_connection_lives_on(server: ImapServer, command: bytes) -> None:
    client = await raw(server)
    await client.ask(b"EXAMINE INBOX")
    assert b" BAD " in (await client.ask(command))[-1]
    assert b" OK " in (await client.ask(b"NOOP"))[-1]
    client.writer.close()


async def test_a_folder_that_is_not_there(server: ImapServer) -> None:
    client = await raw(server)
    assert b" NO [NONEXISTENT]" in (await client.ask(b"EXAMINE Elsewhere"))[-1]
    assert b" BAD " in (await client.ask(b"UID FETCH 1 (UID)"))[-1]
    client.writer.close()


async def test_new_and_vanished_mail_is_reported_at_the_next_noop(server: ImapServer, mailbox: Mailbox) -> None:
    client = await raw(server)
    await client.ask(b"EXAMINE INBOX")
    mailbox.deliver("INBOX", b"A: b\r\n\r\nnew\r\n", MADE)
    assert (await client.ask(b"NOOP"))[:-1] == [b"* 1 EXPUNGE\r\n", b"* 3 EXISTS\r\n"]
    assert (await client.ask(b"UID FETCH 4:* (UID)"))[:-1] == [b"* 3 FETCH (UID 4)\r\n"]
    client.writer.close()


async def test_only_what_changed_since(server: ImapServer, mailbox: Mailbox) -> None:
    client = await raw(server)
    before = mailbox.folders["INBOX"].change
    mailbox.flag("INBOX", 2, "\\Answered", "\\Seen")
    await client.ask(b"EXAMINE INBOX")
    assert (await client.ask(b"UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d)" % before))[:-1] == [
        b"* 2 FETCH (UID 2 FLAGS (\\Answered \\Seen) MODSEQ (%d))\r\n" % (before + 1)
    ]
    client.writer.close()


@pytest.mark.parametrize(
    ("text", "named"), [("1:*", [2, 4, 9]), ("*", [9]), ("12:*", [9]), ("3:5,9", [4, 9]), ("5:3", [4]), ("1", []), ("2,2", [2])]
)
def test_uid_sets(text: str, named: list[int]) -> None:
    assert uid_set(text, [2, 4, 9]) == named


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", "INBOX"),
        ("Entw&APw-rfe", "Entw&APw-rfe"),
        ("Sent Items", '"Sent Items"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("50%", '"50%"'),
    ],
)
def test_folder_names_are_quoted_where_they_must_be(name: str, written: str) -> None:
    assert quoted(name) == written


def test_a_set_over_nothing_names_nothing() -> None:
    assert uid_set("1:*", []) == []


def test_a_bracketed_section_is_one_word() -> None:
    assert parse(b"FETCH 1 (UID BODY.PEEK[HEADER.FIELDS (A B)]<0.5> (x))", []) == [
        "FETCH", "1", ["UID", "BODY.PEEK[HEADER.FIELDS (A B)]<0.5>", ["x"]],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "item", ["ENVELOPE", "BODY[", "BODY[1.MIME]", "BODY[TEXT]<x>", "BODY[HEADER.FIELDS]", "BODY[HEADER (A)]x"]
)
def test_sections_we_do_not_serve_are_refused(item: str) -> None:
    with pytest.raises(BadSyntax):
        section(item)


def at_home(port: int) -> list[tuple[str, str, datetime]]:
    with MailBoxUnencrypted("127.0.0.1", port).login("info@demo.example", 'pass"word\\', initial_folder=None) as box:
        box.folder.set("INBOX", readonly=True)
        found = box.fetch(AND(all=True), mark_seen=False, headers_only=True, bulk=True)
        return [(str(m.uid), " ".join(m.subject.split()), m.date) for m in found]


async def test_imap_tools_reads_it(server: ImapServer) -> None:
    found = await asyncio.to_thread(at_home, server.port)
    assert [(uid, subject) for uid, subject, _ in found] == [
        ("1", "A very long subject that is folded and folded again"), ("2", "Grüße"), ("3", ""),
    ]  # fmt: skip


# --- side by side with Dovecot


def shapes(connection: imaplib.IMAP4) -> dict[str, Any]:
    """What imaplib makes of the operations our connector performs; ids that differ from run to run are masked."""
    seen: dict[str, Any] = {}
    seen["list"] = sorted(mask(line) for line in listed(connection))
    typ, _ = connection.select("INBOX", readonly=True)
    seen["examine"] = (
        typ,
        {k: [mask(v or b"") for v in connection.untagged_responses.get(k, [])] for k in
         ("EXISTS", "FLAGS", "PERMANENTFLAGS", "UNSEEN", "UIDVALIDITY", "UIDNEXT", "READ-ONLY")},
    )  # fmt: skip
    for criteria in (("ALL",), ("SINCE", "01-Nov-2026"), ("UID", "2:*"), ("UID", "9:*"), ("UNSEEN",)):
        seen[f"search {criteria}"] = connection.uid("SEARCH", *criteria)
    for items in (
        "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])",
        "(FLAGS BODY.PEEK[HEADER.FIELDS (Subject in-reply-to MESSAGE-ID)] BODY.PEEK[TEXT]<0.10>)",
        "(BODY.PEEK[TEXT]<4.100>)",
        "(BODY[] RFC822.HEADER)",
        "FLAGS",
    ):
        seen[f"fetch {items}"] = without_recent(connection.uid("FETCH", "1:*", items))
    seen["nothing"] = connection.uid("FETCH", "77", "(UID)")
    seen["status"] = mask(connection.status("Sent", "(MESSAGES UIDNEXT UNSEEN)")[1][0] or b"")
    seen["no such folder"] = connection.status("Elsewhere", "(MESSAGES)")[0]
    return seen


def listed(connection: imaplib.IMAP4) -> Iterator[bytes]:
    connection.untagged_responses.clear()
    connection.xatom("LIST", *LIST_STATUS.removeprefix("LIST ").split(" "))
    for kind in ("LIST", "STATUS"):
        for line in connection.untagged_responses.pop(kind, []):
            assert isinstance(line, bytes)
            yield kind.encode() + b" " + line


def mask(value: Any) -> bytes:
    assert isinstance(value, bytes)
    value = re.sub(rb"\\Has(No)?Children ?", b"", value).replace(b" )", b")")
    return re.sub(rb"(UIDVALIDITY|HIGHESTMODSEQ) \d+|^\d{10}$", rb"\1", value)


def without_recent(value: Any) -> Any:
    def plain(part: Any) -> Any:
        if isinstance(part, bytes):
            part = re.sub(rb"\\Recent ?", b"", part).replace(b" )", b")")
            return re.sub(rb"FLAGS \(([^)]*)\)", lambda m: b"FLAGS (%b)" % b" ".join(sorted(m[1].split())), part)
        return tuple(map(plain, part)) if isinstance(part, tuple) else part

    return value[0], [plain(part) for part in value[1]]


@pytest.fixture
def dovecot() -> Iterator[Callable[[], imaplib.IMAP4]]:
    """A real Dovecot session over a pipe: no port, no daemon."""
    require("dovecot")
    program = Path("/usr/lib/dovecot/imap")
    if not program.exists():
        wanting("Dovecot's imap program")
    home = Path(tempfile.mkdtemp(prefix="demo-dovecot-"))
    owner = 65534 if os.geteuid() == 0 else os.geteuid()  # Dovecot refuses mail that belongs to root
    home.chmod(0o755)
    (home / "mail").mkdir()
    if os.geteuid() == 0:
        shutil.chown(home / "mail", owner, owner)
    boxes = "".join(
        f"  mailbox {name} {{\n    special_use = \\{name}\n    auto = create\n  }}\n"
        for name in ("Archive", "Drafts", "Junk", "Sent", "Trash")
    )
    (home / "conf").write_text(
        f"base_dir = {home}\nstate_dir = {home}\nlog_path = {home}/log\nssl = no\nprotocols = imap\n"
        f"mail_location = maildir:{home}/mail\nmail_home = {home}\nmail_uid = {owner}\nmail_gid = {owner}\nfirst_valid_uid = 1\n"
        f"first_valid_gid = 0\nstats_writer_socket_path =\nnamespace inbox {{\n  inbox = yes\n  separator = .\n{boxes}}}\n"
    )
    command = f"USER=demo HOME={shlex.quote(str(home))} TZ=UTC {program} -c {shlex.quote(str(home / 'conf'))} 2>/dev/null"
    yield lambda: imaplib.IMAP4_stream(command)
    shutil.rmtree(home)


async def test_the_answers_have_the_shapes_of_dovecots(server: ImapServer, dovecot: Callable[[], imaplib.IMAP4]) -> None:
    def theirs() -> dict[str, Any]:
        with dovecot() as connection:
            for folder, at, flags, message in MAIL:
                assert connection.append(folder, " ".join(flags), imaplib.Time2Internaldate(at), message)[0] == "OK"
        with dovecot() as connection:
            return shapes(connection)

    def ours() -> dict[str, Any]:
        with imaplib.IMAP4("127.0.0.1", server.port) as connection:
            connection.login("info@demo.example", 'pass"word\\')
            return shapes(connection)

    real, demo = await asyncio.to_thread(theirs), await asyncio.to_thread(ours)
    assert len(real["list"]) == 12  # six folders, each with its marks
    assert demo.keys() == real.keys()
    for operation, answer in real.items():
        assert demo[operation] == answer, operation
