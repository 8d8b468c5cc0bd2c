"""A mail as values -> bytes: parts that mail programs choose from, and headers that no name can break."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from monitor.publish.letter import File, Letter, Picture, as_bytes

AT = datetime(2026, 11, 16, 7, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n picture"


def sent(letter: Letter, sender: str = "monitor@example.org", recipient: str = "manager@example.org") -> EmailMessage:
    data = as_bytes(letter, sender, recipient, AT, "2026-W46.key")
    assert data.isascii()  # RFC 6152: other bytes only to who takes them
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 998  # RFC 5321
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def kinds(mail: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in mail.walk()]


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_text_html_with_its_pictures_and_a_file():
    letter = Letter(
        "News", "Text – ä\n", "<img src='cid:heat'>", [Picture("heat", PNG)], [File("w46.pdf", "application/pdf", b"%PDF")]
    )
    mail = sent(letter)
    assert kinds(mail) == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/pdf",
    ]  # fmt: skip
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert plain(mail) == "Text – ä\n"
    assert (parts["image/png"]["Content-ID"], parts["image/png"].get_content()) == ("<heat>", PNG)
    assert parts["image/png"].get_content_disposition() == "inline"
    assert (parts["application/pdf"].get_filename(), parts["application/pdf"].get_content()) == ("w46.pdf", b"%PDF")


def test_text_alone():
    assert kinds(sent(Letter("News", "Text"))) == ["text/plain"]


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Billing\r\nBcc: all@example.org", "Billing Bcc: all@example.org"),
        ("Billing\x0b\x0c\x85\u2028\u2029line", "Billing line"),
        ("\u202egnilliB answered", "gnilliB answered"),
        ("Büro – 61\u00a0%", "Büro – 61 %"),
        ("=?utf-8?q?=0D=0ABcc:_all@example.org?=", "= ?utf-8?q?=0D=0ABcc:_all@example.org?="),
        ("=?utf-8?b?DQpCY2M6IGFAYi5j?=", "= ?utf-8?b?DQpCY2M6IGFAYi5j?="),
        ("\ud800half", "half"),
        (  # longer than a line, and a dash
            "Reception: the telephone rings too long, 80 % kept after 73 % – week 47",
            "Reception: the telephone rings too long, 80 % kept after 73 % – week 47",
        ),
        ("", ""),
        ("x" * 5000, "x" * 200),
    ],
)
def test_a_subject_is_one_line(subject: str, shown: str):
    mail = sent(Letter(subject, "Text"))
    assert mail["Bcc"] is None
    assert mail["Subject"] == shown
    assert plain(mail) == "Text\n"


def test_a_half_character_in_a_text_does_not_cost_the_mail():
    assert plain(sent(Letter("News", "a \ud800 b", "<p>\ud800</p>"))) == "a ? b\n"


def test_sender_and_recipient_with_names():
    mail = sent(Letter("News", "Text"), '"Büro, Nord" <monitor@example.org>', '"O\'Neil, Pat" <pat@example.org>')
    assert [(each.display_name, each.addr_spec) for each in mail["From"].addresses] == [("Büro, Nord", "monitor@example.org")]
    assert [(each.display_name, each.addr_spec) for each in mail["To"].addresses] == [("O'Neil, Pat", "pat@example.org")]
    assert mail["Message-ID"] == "<2026-W46.key@example.org>"
    assert mail["Date"] == "Mon, 16 Nov 2026 07:00:00 +0000"
