"""A mailbox file as `import` reads it."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from monitor.connector import Rejected
from monitor.connectors._mail.ignored import Ignored
from monitor.connectors._mail.mbox import events_of_mbox
from monitor.connectors._mail.our_words import MailWords
from monitor.connectors._mail.parties import Identity
from monitor.domain.event import Event
from monitor.domain.gist import Gist
from monitor.testing import make_context
from tests.connectors.mail_names import HASHED, kept

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
US = Identity.of(["support@lab.example"], ["lab.example"])
IGNORED = Ignored(["scanner@*"], [], [], {"X-Our-Tool": "*"})

FILE = b"""\
From nobody Mon Nov  2 08:30:00 2026
this mail has no headers

at all

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
        return list(events_of_mbox(file, US, IGNORED, HASHED, NOW, partial(MailWords, make_context().read_text, ())))


def test_a_file_gives_its_conversations_at_the_moment_they_reached_us(tmp_path: Path) -> None:
    path = tmp_path / "mail.mbox"
    path.write_bytes(FILE)
    found = read(path)
    events = [e for e in found if isinstance(e, Event)]
    assert [(e.contact, e.kind, e.at, e.courtesy) for e in events] == [
        (
            kept("q@x"),
            "received",
            datetime(2026, 11, 2, 9, 0, 5, tzinfo=UTC),
            False,
        ),  # our own server's Received, not the relay's
        (kept("q@x"), "replied", datetime(2026, 11, 2, 11, 0, tzinfo=UTC), False),  # no Received: the separator, taken as UTC
        (kept("q@x"), "received", datetime(2026, 11, 2, 11, 0, tzinfo=UTC), True),  # a separator with a zone
    ]
    assert [r.reason for r in found if isinstance(r, Rejected)] == ["malformed"]


def mails(path: Path, *texts: str) -> list[tuple[str, str]]:
    """What becomes of these mails: contact and kind of each event."""
    path.write_bytes("\n".join(texts).encode())
    found = read(path)
    assert all(isinstance(e, Event) for e in found)
    names = {kept(f"{each}@x"): f"{each}@x" for each in ("q", "a", "f", "kept", "first", "second")}
    return [(names[e.contact], e.kind) for e in found if isinstance(e, Event)]


def mail(
    name: str, *headers: str, separator: str = "From - Mon Nov 02 09:00:00 2026", sender: str = "carol@customer.example"
) -> str:
    to = "support@lab.example" if sender == "carol@customer.example" else "carol@customer.example"
    lines = (separator, *headers, f"From: {sender}", f"To: {to}", f"Subject: {name}", f"Message-ID: <{name}@x>", "", "Hello.", "")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "mark",
    [
        "X-Gmail-Labels: Spam,Unread",
        "X-Gmail-Labels: Trash",
        "X-Gmail-Labels: Opened,Drafts",
        "X-Gmail-Labels: Papierkorb,Wichtig",
        "X-Gmail-Labels: =?UTF-8?Q?Entw=C3=BCrfe,Ge=C3=B6ffnet?=",
        "X-Gmail-Labels: =?UTF-8?Q?Messages_archiv=C3=A9s,?=\n =?UTF-8?Q?Corbeille?=",
        "X-Mozilla-Status: 0009",
        "X-Mozilla-Status: 0808",
        "X-Mozilla-Status: 0800",
        "X-Mozilla-Status2: 00200000",
        "X-Mozilla-Status2: 01000000",
        "X-Status: D",
        "X-Status: AFT",
    ],
)
def test_what_was_thrown_away_or_never_sent_is_left_out(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "x"
    assert mails(path, mail("gone", mark), mail("kept", "X-Mozilla-Status: 0001")) == [("kept@x", "received")]
    assert mails(path, mail("gone", mark, sender="support@lab.example")) == []


@pytest.mark.parametrize(
    "mark",
    [
        "X-Gmail-Labels: Inbox,Opened,Category personal",
        "X-Gmail-Labels: Inbox,Spam or not,My Trash",
        'X-Gmail-Labels: Inbox,"Trash, old"',
        "X-Mozilla-Status: 0001",
        "X-Mozilla-Status: 1007",
        "X-Mozilla-Status: what",
        "X-Mozilla-Status2: 10000000",
        "X-Mozilla-Draft-Info: internal/draft; vcard=0",  # stays on what was sent
        "Status: RO",
        "X-Status: AF",
    ],
)
def test_other_marks_leave_a_mail_in(tmp_path: Path, mark: str) -> None:
    assert mails(tmp_path / "x", mail("kept", mark)) == [("kept@x", "received")]


@pytest.mark.parametrize("label", ["Sent", "Gesendet", "=?UTF-8?Q?Messages_envoy=C3=A9s,Ouvert?=", "Inbox,Sent"])
def test_what_takeout_calls_sent_is_ours_whatever_address_it_was_sent_from(tmp_path: Path, label: str) -> None:
    answer = mail("a", f"X-Gmail-Labels: {label}", "References: <q@x>", sender="alias@elsewhere.example")
    assert mails(tmp_path / "x", mail("q"), answer) == [("q@x", "received"), ("q@x", "replied")]


def test_a_forms_mail_to_ourselves_stays_a_customers_beside_the_label(tmp_path: Path) -> None:
    form = mail("f", "X-Gmail-Labels: Inbox,Sent", "Reply-To: carol@customer.example", sender="support@lab.example")
    form = form.replace("To: carol@customer.example\nSubject", "To: support@lab.example\nSubject")
    assert mails(tmp_path / "x", form) == [("f@x", "received")]


@pytest.mark.parametrize(
    ("separator", "at"),
    [
        ("From 1783628@xxx Mon Nov 02 09:00:00 +0000 2026", datetime(2026, 11, 2, 9, 0, tzinfo=UTC)),
        ("From 1783628@xxx Mon Nov 02 09:00:00 +0100 2026", datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
        ("From - Mon Nov 02 09:00:00 2026", datetime(2026, 11, 2, 9, 0, tzinfo=UTC)),
        ("From carol@x.example Mon Nov  2 09:00 2026", datetime(2026, 11, 2, 9, 0, tzinfo=UTC)),
        ("From ", datetime(2026, 11, 2, 7, 0, tzinfo=UTC)),  # Thunderbird since 2023: the Date header tells
        ("From carol@x.example", datetime(2026, 11, 2, 7, 0, tzinfo=UTC)),
        ('From "Carol" <carol@x.example> Mon, 2 Nov 2026 09:00:00 +0000', datetime(2026, 11, 2, 7, 0, tzinfo=UTC)),
    ],
)
def test_the_separators_of_many_programs(tmp_path: Path, separator: str, at: datetime) -> None:
    path = tmp_path / "x"
    date = "Date: Mon, 2 Nov 2026 07:00:00 +0000"
    path.write_text("\n".join((mail("first", date), mail("second", date, separator=separator))))
    events = [e for e in read(path) if isinstance(e, Event)]
    assert [(e.contact, e.at) for e in events] == [
        (kept("first@x"), datetime(2026, 11, 2, 9, 0, tzinfo=UTC)),
        (kept("second@x"), at),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "From what I know, it was sent at 10:00 in 2026.",
        "From carol@x.example Mon Nov  2 09:00:00 2026\nwithout a header below",
        "From here: two days.",
        "From Monday on\nNote: closed",
        ">From carol@x.example Mon Nov  2 09:00:00 2026\nNote: closed",
    ],
)
def test_a_line_of_a_body_is_no_separator(tmp_path: Path, line: str) -> None:
    assert mails(tmp_path / "x", mail("first") + f"\n{line}\n", mail("second")) == [
        ("first@x", "received"),
        ("second@x", "received"),
    ]


def test_quoted_separators_lose_one_mark_and_the_quote_stays_one(tmp_path: Path) -> None:
    question, answer = mail("q"), mail("a", "References: <q@x>", sender="support@lab.example")
    thanks = (
        mail("t", "References: <q@x> <a@x>")
        .replace("Subject: t", "Subject: Re: a")
        .replace("Hello.", "Thanks!\n\n>>From here it takes two days")
    )
    path = tmp_path / "x"
    path.write_text("\n".join((question, answer, thanks)))
    assert [e.courtesy for e in read(path) if isinstance(e, Event)] == [False, False, True]
    path.write_text("\n".join((question, answer, thanks.replace(">>From", ">From"))))
    assert [e.courtesy for e in read(path) if isinstance(e, Event)] == [False, False, False]


def test_windows_line_ends_and_an_enormous_mail_do_not_stop_it(tmp_path: Path) -> None:
    path = tmp_path / "mail.mbox"
    huge = b"From x Mon Nov  2 09:00:00 2026\nSubject: " + b"x" * 400_000 + b"\n\nbody\n\n"
    path.write_bytes(huge + FILE.replace(b"\n", b"\r\n"))
    found = read(path)
    assert isinstance(found[0], Rejected)
    assert found[0].reason == "too_large"
    assert [e.kind for e in found if isinstance(e, Event)] == ["received", "replied", "received"]


def test_what_the_configuration_ignores_is_left_out(tmp_path: Path) -> None:
    ignored = (mail("s", sender="scanner@device.example"), mail("h", "X-Our-Tool: batch"))
    assert mails(tmp_path / "x", *ignored, mail("q")) == [("q@x", "received")]


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


def test_what_we_promise_is_read_also_where_the_file_begins_with_the_newest(tmp_path: Path) -> None:
    styles = "p {margin: 0}\n" * 1_000
    page = f"<html><style>{styles}</style><p>I'll call you back tomorrow by 11.</p><blockquote>I will write today.</blockquote>"
    asked = mail("q")
    answered = mail("a", "References: <q@x>", "Content-Type: text/html", sender="support@lab.example").replace("Hello.", page)
    later = mail("b", "References: <q@x>", separator="From - Mon Nov 02 10:00:00 2026", sender="support@lab.example")
    path = tmp_path / "mail.mbox"
    for order in ((asked, answered, later), (later, answered, asked)):
        path.write_bytes("\n".join(order).encode())
        gists = {e.id: e.gist for e in read(path) if isinstance(e, Event)}
        promised = gists[kept("a@x")]
        assert promised is not None
        assert [(each.deed, each.due) for each in promised.promises] == [("call", datetime(2026, 11, 3, 11, 0, tzinfo=UTC))]
        assert gists[kept("b@x")] == Gist(read=True)


def test_what_a_customer_gives_is_read_in_every_mail_of_a_file(tmp_path: Path) -> None:
    asked = mail("q").replace("Hello.", "My order number is 4711-23.")
    again = mail("r", "References: <q@x>").replace("Hello.", "> My order number is 4711-23.\n\nAny news?")
    path = tmp_path / "mail.mbox"
    path.write_bytes("\n".join((asked, again)).encode())
    gists = {e.id: e.gist for e in read(path) if isinstance(e, Event)}
    assert gists == {kept("q@x"): Gist(gives=("order_number",)), kept("r@x"): None}
