"""What gives a machine away in the headers, and what only looks so."""

from datetime import UTC, datetime

import pytest

from monitor.connectors._mail.headers import Mail, header_fields, parse_mail, short_hash
from monitor.connectors._mail.machines import group_marks, is_form_mailer, is_machine

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def parsed(*lines: str) -> Mail:
    return parse_mail("\r\n".join(lines).encode() + b"\r\n\r\n", NOW, NOW)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Auto-Submitted: auto-replied", "auto-submitted"),
        ("Auto-Submitted: auto-replied (vacation)", "auto-submitted"),
        ("Auto-Submitted: auto-generated", "auto-generated"),
        ("Auto-Submitted: no", None),
        ("Auto-Submitted: No; nothing", None),
        ("Auto-Submitted:", None),
        ("Precedence: auto_reply", "precedence"),
        ("Precedence: junk", "precedence"),
        ("Precedence: first-class", None),
        ("X-Auto-Response-Suppress: All", None),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", None),
        ("X-Autoreply: yes", "x-autoreply"),
        ("X-Autoreply: no", None),
        ("X-Autorespond: 1", "x-autoreply"),
        ("X-Failed-Recipients: carol@customer.example", "x-failed-recipients"),
        ("X-Spam-Flag: YES", "spam"),
        ("X-Spam-Flag: NO", None),
        ("X-Spam: Yes", "spam"),
        ("X-Spam-Status: Yes, score=15.2 required=5.0", "spam"),
        ("X-Spam-Status: No, score=-1.1", None),
        ("X-MS-Exchange-Organization-SCL: 9", "spam"),
        ("X-MS-Exchange-Organization-SCL: 5", "spam"),
        ("X-MS-Exchange-Organization-SCL: 4", None),
        ("X-MS-Exchange-Organization-SCL: -1", None),
        ("Return-Path: <>", None),
        ("Return-Path: <carol@customer.example>", None),
        ("Content-Type: multipart/report; report-type=delivery-status", "content-type"),
        ("Content-Type: text/calendar; method=REPLY", "content-type"),
        ("Content-Type: text/calendar; method=REQUEST", None),
        ("Content-Type: multipart/mixed; boundary=x", None),
        ("Content-Type: application/gzip; name=report.xml.gz", None),
    ],
)
def test_what_gives_a_machine_away(line: str, why: str | None) -> None:
    assert parsed("From: carol@customer.example", line).automatic == why


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Precedence: bulk", "precedence"),
        ("Precedence: list", "precedence"),
        ("List-Id: Weekly <weekly.list.example>", "list"),
        ("List-Unsubscribe: <https://list.example/u?1>", "list"),
        ("Mailing-List: contact weekly-help@list.example; run by ezmlm", "list"),
        ("Subject: Order", None),
    ],
)
def test_headers_of_distribution_only_make_one_doubt(line: str, why: str | None) -> None:
    found = parsed("From: carol@customer.example", line)
    assert (found.automatic, found.doubt) == (None, why)


def test_a_person_who_writes_from_request_tracker_is_a_person() -> None:
    """RT's templates put Precedence: bulk on a person's words, with the person in X-RT-Originator."""
    found = parsed("From: noc@isp.example", "Precedence: bulk", "X-RT-Originator: jane@isp.example")
    assert (found.automatic, found.doubt) == (None, None)
    assert parsed("From: noc@isp.example", "Precedence: bulk", "X-RT-Originator: x@y", "Auto-Submitted: auto-replied").automatic


def test_an_aggregate_report_of_dmarc_is_known_by_its_subject_and_its_type() -> None:
    """RFC 7489 section 7.2.1.1 says how its subject reads."""
    subject = "Subject: Report Domain: lab.example Submitter: mail.example Report-ID: <1>"
    sender = "From: dmarc@mail.example"
    assert parsed(sender, subject, "Content-Type: application/gzip; name=x.xml.gz").automatic == "content-type"
    assert parsed(sender, subject, "Content-Type: text/plain").automatic is None


@pytest.mark.parametrize(
    "local",
    ["no-reply", "noreply", "donotreply", "do-not-reply", "MAILER-DAEMON".lower(), "bounces+12", "orders-noreply", "postmaster"],
)
def test_addresses_at_which_nobody_reads(local: str) -> None:
    assert is_machine(f"{local}@shop.example")


@pytest.mark.parametrize("local", ["carol", "reply", "norbert.eply", "bouncer", "support"])
def test_addresses_at_which_somebody_reads(local: str) -> None:
    assert not is_machine(f"{local}@shop.example")


# passed on by a rule of Exchange: a Message-ID of its own, and the name of the old one


def test_a_redirected_mail_is_the_mail_it_passes_on() -> None:
    found = parsed("From: carol@customer.example", "Message-ID: <new@lab>", "X-MS-Exchange-Parent-Message-Id: <q@x>")
    assert (found.id, found.message_id, found.redirected) == (short_hash("q@x"), "q@x", short_hash("new@lab"))
    by_rule = parsed(
        "From: carol@customer.example", "Message-ID: <new@lab>", "X-MS-Exchange-Parent-Message-Id: <q@x>",
        "Auto-Submitted: auto-generated", "Resent-From: <support@lab.example>",
    )  # fmt: skip
    assert (by_rule.id, by_rule.automatic) == (short_hash("q@x"), None)


def test_an_automatic_reply_of_exchange_is_no_redirected_mail() -> None:
    """It names the mail that it answers in the same field."""
    reply = parsed(
        "From: carol@customer.example", "Message-ID: <away@x>", "X-MS-Exchange-Parent-Message-Id: <a@x>", "In-Reply-To: <a@x>",
        "Auto-Submitted: auto-generated",
    )  # fmt: skip
    assert (reply.id, reply.automatic, reply.redirected) == (short_hash("away@x"), "auto-generated", None)
    bare = parsed(
        "From: c@x.example", "Message-ID: <away@x>", "X-MS-Exchange-Parent-Message-Id: <a@x>", "Auto-Submitted: auto-generated"
    )
    assert (bare.id, bare.automatic) == (short_hash("away@x"), "auto-generated")


# groups and forms


def test_what_names_a_group() -> None:
    marks = group_marks(
        header_fields(b"Precedence: bulk\r\nSender: owner-Support@Lab.example\r\nReturn-Path: <x@lab.example>\r\n")
    )
    assert b"owner-support@lab.example" in marks
    assert group_marks(header_fields(b"Sender: secretary@customer.example\r\n")) == b""


@pytest.mark.parametrize(
    ("line", "made_by_a_site"),
    [
        ("X-Mailer: PHPMailer 6.9.1", True),
        ("X-PHP-Originating-Script: 33:contact.php", True),
        ("X-Mailer: Microsoft Outlook 16.0", False),
        ("X-Other: PHPMailer", False),
    ],
)
def test_the_software_of_web_sites(line: str, made_by_a_site: bool) -> None:
    assert is_form_mailer(header_fields(line.encode() + b"\r\n")) is made_by_a_site
