"""A mailbox file as `import` reads it."""

from datetime import UTC, datetime
from pathlib import Path

from monitor.connector import Rejected
from monitor.connectors._mail.mbox import events_of_mbox
from monitor.connectors._mail.parties import Identity
from monitor.domain.event import Event

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
US = Identity.of(["support@lab.example"], ["lab.example"])

FILE = b"""\
From carol@customer.example Mon Nov  2 09:00:00 2026
Received: from relay.invalid by mail.lab.example with ESMTP id 1; Mon, 2 Nov 2026 10:00:05 +0100
Received: from laptop by relay.invalid; Mon, 2 Nov 2026 07:00:00 +0100
From: carol@customer.example
To: support@lab.example
Subject: Order
Message-ID: <q@x>

Where is it?
>From what I know it was sent.

From support@lab.example Mon Nov  2 11:00:00 2026
From: support@lab.example
To: carol@customer.example
Subject: Re: Order
Date: Mon, 2 Nov 2026 12:30:00 +0100
Message-ID: <a@x>
References: <q@x>

On its way.
From here it takes two days (this line only looks like a separator: no blank line is before it).

From nobody Mon Nov  2 11:30:00 2026
this mail has no headers

at all

From carol@customer.example Mon Nov  2 12:00:00 2026 +0100
From: carol@customer.example
To: support@lab.example
Subject: Re: Order
Message-ID: <t@x>
References: <q@x> <a@x>
Content-Type: text/plain

Thank you!
"""


def read(path: Path) -> list[Event | Rejected]:
    with path.open("rb") as file:
        return list(events_of_mbox(file, US, lambda address: f"hash{len(address)}", NOW))


def test_a_file_gives_its_conversations_at_the_moment_they_reached_us(tmp_path: Path) -> None:
    path = tmp_path / "mail.mbox"
    path.write_bytes(FILE)
    found = read(path)
    events = [e for e in found if isinstance(e, Event)]
    assert [(e.contact, e.kind, e.at, e.courtesy) for e in events] == [
        ("q@x", "received", datetime(2026, 11, 2, 9, 0, 5, tzinfo=UTC), False),  # our own server's Received, not the relay's
        ("q@x", "replied", datetime(2026, 11, 2, 11, 0, tzinfo=UTC), False),  # no Received: the separator, taken as UTC
        ("q@x", "received", datetime(2026, 11, 2, 11, 0, tzinfo=UTC), True),  # a separator with a zone
    ]
    assert [r.reason for r in found if isinstance(r, Rejected)] == ["malformed"]


def test_windows_line_ends_and_an_enormous_mail_do_not_stop_it(tmp_path: Path) -> None:
    path = tmp_path / "mail.mbox"
    huge = b"From x Mon Nov  2 09:00:00 2026\nSubject: " + b"x" * 400_000 + b"\n\nbody\n\n"
    path.write_bytes(huge + FILE.replace(b"\n", b"\r\n"))
    found = read(path)
    assert isinstance(found[0], Rejected)
    assert found[0].reason == "too_large"
    assert [e.kind for e in found if isinstance(e, Event)] == ["received", "replied", "received"]


def test_an_empty_file_and_one_that_is_no_mailbox_give_nothing(tmp_path: Path) -> None:
    for content in (b"", b"\n\n", b"hello\nworld\n"):
        path = tmp_path / "x"
        path.write_bytes(content)
        assert read(path) == []


def test_a_file_cut_at_any_byte_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for cut in range(0, len(FILE), 7):
        path.write_bytes(FILE[:cut])
        assert len(read(path)) <= 4
