"""What the beginning of a mail's text says of who wrote it, after the headers have left it open."""

from datetime import UTC, datetime

import pytest

from monitor.connectors._mail.contents import looked_at, text_wanted
from monitor.connectors._mail.headers import message_event_id, parse_mail
from monitor.connectors._mail.parties import ClassifiedMail, Identity, classify

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
US = Identity.of([], ["lab.example"], accounts=["support@lab.example"])
CAROL = "From: carol@customer.example"


def hashed(address: str) -> str:
    return f"<{address}>"


def mail(*lines: str) -> ClassifiedMail:
    block = "\r\n".join((*lines, "To: support@lab.example", "Message-ID: <m@x>")).encode()
    found = classify(parse_mail(block + b"\r\n\r\n", NOW, NOW, hashed), US, "support@lab.example", False, hashed)
    assert found is not None
    return found


def seen(p: ClassifiedMail, body: str) -> tuple[ClassifiedMail, bool] | None:
    assert set(text_wanted([p], {})) == {0}
    return looked_at(p, body.replace("\n", "\r\n").encode(), US, hashed)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("I am out of the office until Monday.", False),
        ("Your automatic reply says nothing. Where is my parcel?", True),
        ("", False),
    ],
)
def test_an_automatic_reply_without_any_header_is_a_machines_unless_it_asks(text: str, counts: bool) -> None:
    p = mail(CAROL, "Subject: Automatic reply: Our offers", "Content-Type: text/plain")
    assert (seen(p, text) is not None) is counts


def test_people_may_write_that_they_are_away() -> None:
    p = mail(CAROL, "Subject: Out of office: please deliver on Monday", "Content-Type: text/plain")
    assert seen(p, "I am not there tomorrow.") == (p, False)


MULTIPART = "Content-Type: multipart/alternative; boundary=b"


@pytest.mark.parametrize(("method", "counts"), [("REPLY", False), ("CANCEL", False), ("REQUEST", True), ("COUNTER", True)])
def test_an_answered_invitation_in_whatever_language(method: str, counts: bool) -> None:
    p = mail(CAROL, "Subject: Accettato: Visita", MULTIPART)
    body = (
        f"--b\nContent-Type: text/plain\n\nCarol\n--b\nContent-Type: text/calendar; method={method}\n\nBEGIN:VCALENDAR\n--b--\n"
    )
    assert (seen(p, body) is not None) is counts


@pytest.mark.parametrize(("subject", "counts"), [("Gelesen: Order", False), ("Recall: Order", False), ("Order", True)])
def test_a_mail_of_nothing_but_outlooks_rich_text(subject: str, counts: bool) -> None:
    p = mail(CAROL, f"Subject: {subject}", 'Content-Type: application/ms-tnef; name="winmail.dat"')
    assert (seen(p, "eJ8+\n") is not None) is counts


FORWARD = "Please take over.\n\n---------- Forwarded message ---------\nFrom: Carol <{}>\nSubject: Order\n\nWhere is it?\n"


@pytest.mark.parametrize(
    ("author", "others"),
    [("carol@customer.example", ("<carol@customer.example>",)), ("bob@lab.example", None), ("no-reply@shop.example", None)],
)
def test_what_a_colleague_forwards_is_its_authors(author: str, others: tuple[str, ...] | None) -> None:
    p = mail("From: anna@lab.example", "Subject: Fwd: Order", "Content-Type: text/plain")
    found = seen(p, FORWARD.format(author))
    assert (found[0].others if found else None) == others
    assert seen(p, "Please take over what we talked about.") is None


STATUS = "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n{}\n"
REPORT = STATUS + "--b\nContent-Type: text/rfc822-headers\n\n{}\n--b--\n"
FAILED = "Final-Recipient: rfc822; Carol@customer.example\nAction: failed"


@pytest.mark.parametrize(
    ("status", "original", "bounced", "failed"),
    [
        (FAILED, "Message-ID: <a@lab>", "<a@lab>", ("<carol@customer.example>",)),
        (FAILED, "Subject: Order", "<r@lab>", ("<carol@customer.example>",)),
        ("Action: failed", "Message-ID: <a@lab>", "<a@lab>", ()),
        (FAILED.replace("failed", "delayed"), "Message-ID: <a@lab>", None, None),
        (FAILED.replace("failed", "delivered"), "Message-ID: <a@lab>", None, None),
    ],
)
def test_a_delivery_report(status: str, original: str, bounced: str | None, failed: tuple[str, ...] | None) -> None:
    p = mail(
        "From: MAILER-DAEMON@mx", "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "References: <r@lab>"
    )
    found = seen(p, REPORT.format(status, original))
    assert ((found[0].bounced, found[0].failed) if found else None) == (
        ((message_event_id(bounced, hashed),), failed) if bounced else None
    )


@pytest.mark.parametrize(("action", "failed"), [("failed", ("<carol@customer.example>",)), ("delayed", None)])
def test_a_delivery_report_below_a_page_of_its_own(action: str, failed: tuple[str, ...] | None) -> None:
    """RFC 6522 bounds nothing that stands before what tells whom it did not reach, and whether for good: here 32 KB."""
    kind = "Content-Type: multipart/report; report-type=delivery-status; boundary=b"
    p = mail("From: postmaster@lab.example", kind, "References: <q@lab> <a@lab>")
    page = "--b\nContent-Type: text/html\n\n<html><style>" + "p { margin: 0 }\n" * 2_000 + "</style>Not delivered</html>\n"
    body = page + REPORT.format(FAILED.replace("failed", action), "Message-ID: <a@lab>")
    found = seen(p, body[: text_wanted([p], {})[0]])
    assert (found[0].failed if found else None) == failed


def test_a_colleague_forwards_what_another_colleague_has_forwarded() -> None:
    block = "Von: {}\nGesendet: Montag, 2. November 2026 08:30\nAn: Anna <anna@lab.example>\nBetreff: Order\n\n{}\n\n"
    p = mail("From: anna@lab.example", "Subject: WG: WG: Order", "Content-Type: text/plain")
    chain = block.format("Bert <bert@lab.example>", "Yours?") + block.format("Carol <carol@customer.example>", "Where is it?")
    found = seen(p, chain)
    assert found is not None
    assert found[0].others == ("<carol@customer.example>",)


def test_what_a_colleague_hands_on_under_a_subject_of_his_own() -> None:
    p = mail("From: anna@lab.example", "Subject: Please answer Carol", "Content-Type: text/plain")
    found = seen(p, FORWARD.format("carol@customer.example"))
    assert found is not None
    assert found[0].others == ("<carol@customer.example>",)
    assert seen(p, "Carol has called, please answer her.") is None


@pytest.mark.parametrize(("page", "courtesy"), [("Thanks.", True), ("Thanks. It is still missing, please check.", False)])
def test_a_page_may_say_more_than_the_plain_text_beside_it(page: str, courtesy: bool) -> None:
    p = mail(CAROL, "Subject: Re: Order", MULTIPART)
    body = f"--b\nContent-Type: text/plain\n\nThanks.\n--b\nContent-Type: text/html\n\n<p>{page}</p>\n--b--\n"
    assert seen(p, body) == (p, courtesy)


def test_a_thank_you_with_something_sent_along_is_none() -> None:
    p = mail(CAROL, "Subject: Re: Order", "Content-Type: multipart/mixed; boundary=b")
    text = "--b\nContent-Type: text/plain\n\nThanks!\n"
    assert seen(p, text + "--b--\n") == (p, True)
    assert seen(p, text + "--b\nContent-Type: application/pdf; name=x.pdf\n\nJVBERi0=\n--b--\n") == (p, False)
    assert seen(p, text) == (p, False)  # cut off before its end
