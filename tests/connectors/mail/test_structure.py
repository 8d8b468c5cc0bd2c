"""What a body's beginning tells; the samples have the shape of what Outlook, Exchange, Gmail, Postfix, qmail and Exim write."""

from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.connectors._mail.structure import Structure, structure

REPLY = "BEGIN:VCALENDAR\r\nPRODID:-//x\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def multipart(*parts: str, kind: str = "mixed", cut: bool = False) -> Structure:
    """A multipart of these parts, each with its own headers; `cut`: its end is missing."""
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + ("" if cut else "--b--\r\n")
    return structure(f"multipart/{kind}; boundary=b".encode(), b"", body.encode())


def part(kind: str, text: str = "", **headers: str) -> str:
    fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"Content-Type: {kind}\r\n{fields}\r\n{text}"


TEXT = part("text/plain; charset=utf-8", "Thank you.")
PAGE = part("text/html", "<p>Thank you.</p>")


def test_a_plain_mail_tells_nothing() -> None:
    assert structure(b"text/plain; charset=utf-8", b"8bit", b"Thank you.") == Structure()
    assert structure(b"", b"", b"") == Structure()
    assert multipart(TEXT, PAGE, kind="alternative") == Structure()


# calendars


@pytest.mark.parametrize(
    ("found", "method"),
    [
        (multipart(TEXT, part("text/calendar; charset=utf-8; method=REPLY", REPLY), kind="alternative"), "REPLY"),
        (multipart(TEXT, part('TEXT/CALENDAR;\r\n charset="utf-8";\r\n METHOD="request"')), "REQUEST"),
        (multipart(part("text/calendar", b64encode(REPLY.encode()).decode(), Content_Transfer_Encoding="base64")), "REPLY"),
        (multipart(part("text/calendar", REPLY.replace("=", "=3D"), Content_Transfer_Encoding="quoted-printable")), "REPLY"),
        (multipart(part('application/ics; name="invite.ics"', REPLY, Content_Disposition="attachment")), "REPLY"),
        (structure(b"text/calendar; method=CANCEL", b"", REPLY.encode()), "CANCEL"),
        (structure(b"text/calendar", b"base64", b64encode(REPLY.encode())), "REPLY"),
        (structure(b"text/calendar", b"", b"BEGIN:VCALENDAR\nMETHOD;X=1:COUNTER\nEND:VCALENDAR"), "COUNTER"),
        (structure(b"text/calendar", b"", b"BEGIN:VCALENDAR\nSUMMARY:METHOD:REPLY\n"), None),
        (structure(b"text/plain", b"", REPLY.encode()), None),
        (structure(b"text/calendar; method=" + b"A" * 30, b"", b""), None),
    ],
)
def test_the_method_of_a_calendar(found: Structure, method: str | None) -> None:
    assert found.calendar_method == method
    assert found.attachment is False


def test_a_calendar_in_a_part_of_a_part() -> None:
    parts = f"--b1\r\n{TEXT}\r\n--b1\r\n{part('text/calendar', REPLY)}\r\n--b1--\r\n"
    inner = f"Content-Type: multipart/alternative; boundary=b1\r\n\r\n{parts}"
    assert multipart(inner).calendar_method == "REPLY"


# reactions

QUOTE = (
    "________________________________\nFrom: Support <s@lab.example>\nSent: Monday, November 2, 2026 10:00\n"
    "To: Carol\nSubject: x\n\nHi"
)


@pytest.mark.parametrize(
    "text",
    [
        f"👍 Carol Customer reacted to your message:\n{QUOTE}",
        f"[like] Carol Customer reacted to your message:\n\n{QUOTE}",
        f"❤️ Carol Customer hat auf Ihre Nachricht reagiert:\n{QUOTE.replace('From', 'Von').replace('Sent', 'Gesendet')}",
        f"👍 Carol Customer a réagi à votre message :\n{QUOTE.replace('From', 'De').replace('Sent', 'Envoyé')}",
        f"👍🏽 Carol reagerade på ditt meddelande:\n{QUOTE}",
        f"👍 Carol zareagował(a) na wiadomość:\n{QUOTE}",
    ],
)
def test_outlooks_reaction_is_known_in_any_language(text: str) -> None:
    assert structure(b"text/plain; charset=utf-8", b"", text.encode()).reaction


@pytest.mark.parametrize(
    "text",
    [
        f"👍 Please see below:\n{QUOTE}",  # a person
        f"👍 Please reach me here:\n{QUOTE}",
        f"👍 Carol Customer reacted to your message:\nCould you call me?\n{QUOTE}",
        "👍 Carol Customer reacted to your message:",
        f"Carol Customer reacted to your message:\n{QUOTE}",
        f"👍\n{QUOTE}",
    ],
)
def test_what_a_person_adds_is_no_reaction(text: str) -> None:
    assert not structure(b"text/plain; charset=utf-8", b"", text.encode()).reaction


def test_gmails_reaction_is_a_part_of_its_own() -> None:
    kind = 'text/vnd.google.email-reaction+json; charset="UTF-8"'
    assert multipart(TEXT, part(kind, '{"emoji":"x","version":1}'), PAGE, kind="alternative").reaction
    assert structure(kind.encode(), b"", b"{}").reaction
    assert not multipart(TEXT, part(kind, "{}", Content_Disposition="attachment")).reaction
    assert multipart(TEXT, part(kind, "{}")).attachment is False


# files

LOGO = part('image/png; name="image001.png"', "x", Content_ID="<1@x>", Content_Disposition="inline")


@pytest.mark.parametrize(
    "file",
    [
        part('application/pdf; name="contract.pdf"', "x", Content_Disposition="attachment"),
        part("application/octet-stream", "x"),
        part("message/rfc822", "Subject: x\r\n\r\nx"),
        part('text/csv; name="a.csv"', "1"),
        part('text/plain; name="log.txt"', "x", Content_Disposition="inline"),
        part("text/html", "x", Content_Disposition="attachment; filename=form.html"),
        part("image/jpeg", "x"),
        part('image/jpeg; name="IMG_1234.jpeg"', "x", Content_Disposition="inline"),
        part('image/heic; name="a.heic"', "x", Content_ID="<1@x>"),
        part("image/png", "x", Content_Disposition="attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.png", Content_ID="<1@x>"),
        part("video/mp4", "x"),
    ],
)
def test_a_file_that_is_sent_along(file: str) -> None:
    assert multipart(TEXT, file).attachment is True
    assert multipart(TEXT, file, TEXT, cut=True).attachment is True


@pytest.mark.parametrize(
    "piece",
    [
        LOGO,
        part("application/pkcs7-signature; name=smime.p7s", "x", Content_Disposition="attachment; filename=smime.p7s"),
        part('application/pgp-signature; name="signature.asc"', "x"),
        part("application/octet-stream; name=OpenPGP_0x12AB.asc", "x", Content_Disposition="attachment"),
        part('text/vcard; name="carol.vcf"', "x", Content_Disposition="attachment"),
        part('text/plain; name="ATT00001.txt"', "x", Content_Disposition="attachment"),
        part("text/plain", "-- \r\nFooter of a list"),
    ],
)
def test_signatures_cards_and_logos_are_no_files(piece: str) -> None:
    assert multipart(TEXT, piece).attachment is False


def test_a_logo_beside_its_page_is_none_but_a_photo_there_is_one() -> None:
    assert multipart(PAGE, LOGO, kind="related").attachment is False
    assert multipart(PAGE, part("image/png; name=IMG_0815.png", "x", Content_ID="<2@x>"), kind="related").attachment is True


@pytest.mark.parametrize(("kind", "answer"), [("mixed", None), ("alternative", False), ("related", False), ("signed", False)])
def test_what_is_cut_off_is_unknown_where_a_file_may_follow(kind: str, answer: bool | None) -> None:
    assert multipart(TEXT, PAGE, kind=kind, cut=True).attachment is answer
    assert multipart(TEXT, kind=kind).attachment is False


def test_a_file_alone_and_one_in_the_text() -> None:
    assert structure(b"application/pdf", b"base64", b"JVBERi0=").attachment is True
    assert structure(b"text/plain", b"", b"Here.\nbegin 644 a.pdf\nM1234\n").attachment is True


# Outlook's rich text


def attribute(level: int, number: int, data: bytes) -> bytes:
    return bytes([level]) + number.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data + b"\0\0"


def tnef(message_class: str, *more: bytes) -> bytes:
    head = b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x00089006, b"\0\0\1\0")
    return head + attribute(1, 0x00078008, message_class.encode() + b"\0") + b"".join(more)


def rich(message_class: str, *more: bytes) -> Structure:
    return structure(b'application/ms-tnef; name="winmail.dat"', b"base64", b64encode(tnef(message_class, *more)))


@pytest.mark.parametrize(
    "name", ["REPORT.IPM.Note.IPNRN", "Report.IPM.Note.IPNNRN", "REPORT.IPM.Note.DR", "IPM.Microsoft Mail.Read Receipt"]
)
def test_a_receipt_in_rich_text(name: str) -> None:
    found = rich(name)
    assert (found.receipt, found.recall, found.tnef_only, found.attachment) == (True, False, True, False)


def test_recalls_and_meetings_in_rich_text() -> None:
    assert [rich(name).recall for name in ("IPM.Outlook.Recall", "IPM.Recall.Report.Failure", "IPM.Note")] == [True, True, False]
    assert rich("IPM.Schedule.Meeting.Resp.Pos").calendar_method == "REPLY"
    assert rich("IPM.Microsoft Schedule.MtgReq").calendar_method == "REQUEST"
    assert rich("IPM.Schedule.Meeting.Canceled").calendar_method == "CANCEL"


def test_rich_text_beside_a_text() -> None:
    data = b64encode(tnef("IPM.Note")).decode()
    winmail = part('application/ms-tnef; name="winmail.dat"', data, Content_Transfer_Encoding="base64")
    found = multipart(TEXT, winmail)
    assert (found.tnef_only, found.attachment) == (False, False)
    files = b64encode(tnef("IPM.Note", attribute(2, 0x00069002, b"x" * 14))).decode()
    assert multipart(TEXT, winmail.replace(data, files)).attachment is True
    assert multipart(TEXT, winmail.replace(data, data[:-8])).attachment is None


def test_rich_text_that_is_cut_off_is_still_rich_text() -> None:
    found = structure(b'application/ms-tnef; name="winmail.dat"', b"", b"eJ8+")
    assert (found.tnef_only, found.receipt, found.attachment) == (True, False, None)
    untold = structure(b"application/octet-stream; name=winmail.dat", b"", b64encode(tnef("REPORT.IPM.Note.IPNRN")))
    assert untold.receipt


# receipts and reports

ORIGINAL = "Message-ID: <a1@lab.example>\r\nFrom: s@lab.example\r\nSubject: Re: Order\r\n"


def status(*blocks: str) -> str:
    return part("message/delivery-status", "Reporting-MTA: dns; mx.example\r\n\r\n" + "\r\n\r\n".join(blocks))


FAILED = (
    "Original-Recipient: rfc822;carol@customer.example\r\n"
    "Final-Recipient: rfc822; Carol@mx.customer.example\r\nAction: failed\r\nStatus: 5.1.1"
)
DELAYED = "Final-Recipient: rfc822;dave@customer.example\r\nAction: delayed\r\nStatus: 4.4.1"
RELAYED = "Final-Recipient: rfc822;erin@customer.example\r\nAction: relayed\r\nStatus: 2.0.0"


def test_a_read_receipt() -> None:
    body = part(
        "message/disposition-notification", "Original-Message-ID: <a1@lab.example>\r\nDisposition: manual-action/MDN; displayed"
    )
    found = multipart(TEXT, body, part("text/rfc822-headers", ORIGINAL), kind="report")
    assert (found.receipt, found.bounced, found.failed, found.forwarded_from) == (True, (), (), ())
    assert structure(b"multipart/report; report-type=disposition-notification; boundary=b", b"", b"--b\r\n").receipt


@pytest.mark.parametrize(
    "original",
    [
        part("message/rfc822", ORIGINAL + "\r\nBody"),
        part("text/rfc822-headers", ORIGINAL),
        part("message/rfc822", b64encode(ORIGINAL.encode()).decode(), Content_Transfer_Encoding="base64"),
        part("message/global-headers", ORIGINAL.replace("Message-ID: <", "message-id:\r\n <")),
    ],
)
def test_a_report_names_the_mail_and_whom_it_did_not_reach(original: str) -> None:
    found = multipart(TEXT, status(FAILED, DELAYED, RELAYED), original, kind="report")
    assert found.bounced == ("a1@lab.example",)
    assert found.failed == ("carol@mx.customer.example", "carol@customer.example")
    assert (found.undelivered, found.receipt, found.forwarded_from) == (True, False, ())


def test_a_delay_or_a_delivery_is_no_failure() -> None:
    found = multipart(TEXT, status(DELAYED), part("text/rfc822-headers", ORIGINAL), kind="report")
    assert (found.bounced, found.failed, found.undelivered) == (("a1@lab.example",), (), False)
    found = multipart(TEXT, status(RELAYED), kind="report")
    assert (found.failed, found.undelivered) == ((), False)


QMAIL = (
    "Hi. This is the qmail-send program at mx.example.\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
    "<carol@customer.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
    "--- Below this line is a copy of the message.\n\n"
    "Return-Path: <s@lab.example>\nMessage-ID: <a1@lab.example>\nSubject: Re: x\n\nHi"
)
EXIM = (
    "This message was created automatically by mail delivery software.\n\n"
    "A message that you sent could not be delivered to one or more\n"
    "of its recipients. The following address(es) failed:\n\n  carol@customer.example\n    Unrouteable address\n\n"
    "------ This is a copy of the message, including all the headers. ------\n\n"
    "Return-path: <s@lab.example>\nMessage-ID: <a1@lab.example>\nFrom: s@lab.example\n"
)


@pytest.mark.parametrize("text", [QMAIL, EXIM, QMAIL.replace("\n", "\r\n")])
def test_a_report_in_plain_words(text: str) -> None:
    found = structure(b"text/plain", b"", text.encode())
    assert (found.bounced, found.failed, found.forwarded_from) == (("a1@lab.example",), ("carol@customer.example",), ())


def test_somebodys_words_about_a_mail_are_no_report() -> None:
    own = b"My mail could not be delivered, can you look?\nMessage-ID: <a1@lab.example>\n"
    assert structure(b"text/plain", b"", own).bounced == ()
    copied = b"See this:\n--- Below this line is a copy of the message.\nMessage-ID: <a1@lab.example>\n"
    assert structure(b"text/plain", b"", copied).bounced == ()


# forwarded mails


@pytest.mark.parametrize(
    "text",
    [
        "FYI\n\n---------- Forwarded message ---------\nFrom: Bob <Bob@other.example>\nDate: x\nSubject: y\nTo: z\n\nHelp",
        "FYI\n\n> Begin forwarded message:\n> \n> From: Bob <bob@other.example>\n> Subject: Help\n",
        "________________________________\nVon: Bob <bob@other.example>\nGesendet: x\nAn: y\nBetreff: z\n\nHilfe",
        "-----Ursprüngliche Nachricht-----\nVon: Bob [mailto:bob@other.example]\nGesendet: x\n",
        "-------- Weitergeleitete Nachricht --------\nBetreff: \tx\nDatum: \ty\nVon: \tBob <bob@other.example>\nAn: \tz\n",
        "----- Messaggio inoltrato -----\nDa: Bob\n <bob@other.example>\nA: x\n",
        "De : bob@other.example\nEnvoyé : x\nÀ : y\nObjet : z\n",
        "Van: Bob <bob@other.example>\nVerzonden: x\nAan: y\nOnderwerp: z\n",
        "Od: Bob <bob@other.example>\nWysłano: x\nDo: y\nTemat: z\n",
        "Från: Bob <bob@other.example>\nSkickat: x\nTill: y\nÄmne: z\n",
        "Fra: Bob <bob@other.example>\nSendt: x\nTil: y\nEmne: z\n",
    ],
)
def test_who_wrote_the_mail_that_is_forwarded(text: str) -> None:
    assert structure(b"text/plain; charset=utf-8", b"", text.encode()).forwarded_from == ("bob@other.example",)


def test_who_wrote_the_mail_that_is_attached() -> None:
    attached = part(
        "message/rfc822",
        "Received: x\r\nFrom: =?utf-8?q?Bob?=\r\n <Bob@Other.example>\r\nTo: s@lab.example\r\n\r\nFrom: x@y.example\r\n",
    )
    found = multipart(TEXT, attached)
    assert (found.forwarded_from, found.attachment) == (("bob@other.example",), True)


@pytest.mark.parametrize(
    "text",
    [
        "From: now on please write to new@x.example\n",
        "On 02/11/2026 10:12, Bob <bob@other.example> wrote:\n> x",
        "---------- Forwarded message ----------\nFrom: Bob\n",
    ],
)
def test_without_an_address_or_a_forward_there_is_nobody(text: str) -> None:
    assert structure(b"text/plain", b"", text.encode()).forwarded_from == ()


# hostile and cut off

_SAMPLES = [
    (
        b"multipart/report; report-type=delivery-status; boundary=b",
        f"--b\r\n{TEXT}\r\n--b\r\n{status(FAILED, DELAYED)}\r\n--b\r\n{part('message/rfc822', ORIGINAL)}\r\n--b--",
    ),
    (
        b'multipart/mixed; boundary="b"',
        f"--b\r\nContent-Type: multipart/alternative;\r\n\tboundary=b1\r\n\r\n--b1\r\n{TEXT}\r\n"
        f"--b1\r\n{part('text/calendar; method=REPLY', REPLY)}\r\n--b1--\r\n--b\r\n{LOGO}\r\n--b--",
    ),
    (b"text/plain", QMAIL),
]


@pytest.mark.parametrize(("kind", "body"), _SAMPLES)
def test_cut_at_every_byte_it_tells_less_but_never_fails(kind: bytes, body: str) -> None:
    whole = structure(kind, b"", body.encode())
    for cut in range(len(body)):
        found = structure(kind, b"", body.encode()[:cut])
        assert set(found.bounced) <= set(whole.bounced)
        assert found.calendar_method in (None, whole.calendar_method)


@pytest.mark.parametrize("cut", range(120))
def test_rich_text_cut_at_every_byte(cut: int) -> None:
    data = tnef("REPORT.IPM.Note.IPNRN", attribute(2, 0x00069002, b"x" * 14))[:cut]
    assert structure(b"application/ms-tnef", b"", data).tnef_only


def test_hostile_structures_end() -> None:
    many = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 10_000
    assert structure(b"multipart/mixed; boundary=b", b"", many).attachment is None
    nested = b"".join(b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" for _ in range(2_000))
    assert structure(b"multipart/mixed; boundary=b", b"", nested).attachment is None
    assert structure(b"multipart/mixed; boundary=" + b"b" * 10_000, b"", b"--" + b"b" * 10_000).attachment is None
    assert structure(b"multipart/mixed", b"", b"--b\r\n").attachment is None
    lying = b"\x78\x9f\x3e\x22\x01\x00" + b"\x01\x08\x80\x07\x00\xff\xff\xff\xff" + b"IPM.Outlook.Recall"
    assert structure(b"application/ms-tnef", b"", lying).recall


@settings(max_examples=200)
@given(
    st.sampled_from(
        [b"multipart/mixed; boundary=b", b"multipart/report; boundary=b", b"text/html", b"application/ms-tnef", b"text/calendar"]
    ),
    st.sampled_from([b"", b"base64", b"quoted-printable", b"x"]),
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([b"\n--b\n", b"\n--b--\n", b"Content-Type: text/plain\n\n", b"From: a@b\n", b"> "]),
        ),
        max_size=20,
    ),
)
def test_no_body_is_too_odd(kind: bytes, encoding: bytes, pieces: list[bytes]) -> None:
    structure(kind, encoding, b"".join(pieces))


@settings(max_examples=100)
@given(st.binary(max_size=200), st.binary(max_size=60))
def test_no_content_type_is_too_odd(kind: bytes, body: bytes) -> None:
    structure(kind, b"", body)
    structure(b"multipart/mixed; " + kind, b"", body)
