"""Mail headers, byte by byte as they come: addresses, ids, dates."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.connectors._mail.headers import (
    MAX_HEADERS,
    Mail,
    addresses,
    date_header,
    header_fields,
    internal_date,
    is_moved,
    message_event_id,
    parse_mail,
    short_hash,
    thread_root,
)
from monitor.connectors._mail.subjects import decoded, normal_subject
from monitor.connectors._mail.text import mail_text
from monitor.domain.customer import customer_hasher
from tests.connectors.mail_names import HASHED, kept

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def parsed(*lines: str, at: datetime | None = NOW) -> Mail:
    return parse_mail("\r\n".join(lines).encode() + b"\r\n\r\n", at, NOW, HASHED)


# fields


def test_fields_are_unfolded_and_named_in_lower_case_and_the_first_of_a_name_counts() -> None:
    block = b"FROM: a@x\r\nReferences: <1@x>\r\n\t<2@x>\r\nTo : b@x\r\nfrom: other@x\r\nno colon here\r\n\r\n"
    assert header_fields(block) == {b"from": b"a@x", b"references": b"<1@x> <2@x>", b"to": b"b@x"}


def test_addresses_of_a_field_that_is_written_twice_are_all_there() -> None:
    fields = header_fields(b"Reply-To: desk@lab.example\r\nSubject: a\r\nReply-To: carol@customer.example\r\nSubject: b\r\n")
    assert fields == {b"reply-to": b"desk@lab.example, carol@customer.example", b"subject": b"a"}


def test_who_sent_it_stands_in_where_from_is_missing_and_to_whom_it_was_sent_on() -> None:
    found = parsed("Sender: carol@customer.example", "To: anna@lab.example", "Resent-To: Desk <support@lab.example>")
    assert (found.sender, found.to) == ("carol@customer.example", ("support@lab.example",))


def test_unix_line_ends_do_as_well() -> None:
    assert header_fields(b"From: a@x\nSubject: one\n two\n\n") == {b"from": b"a@x", b"subject": b"one two"}


def test_endless_headers_are_looked_at_up_to_a_limit() -> None:
    mail = parse_mail(b"From: a@x.example\r\nSubject: " + b"x" * (2 * MAX_HEADERS), NOW, NOW, HASHED)
    assert mail.sender == "a@x.example"
    assert len(mail.subject) == 2000


# addresses


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"carol@customer.example", ("carol@customer.example",)),
        (b'"Carol, of Customer" <Carol@Customer.Example>', ("carol@customer.example",)),
        (b"Carol <carol@customer.example>", ("carol@customer.example",)),
        (b"a@x.example, B <b@y.example>", ("a@x.example", "b@y.example")),
        (b"=?iso-8859-1?Q?J=F6rg_M=FCller?= <joerg@customer.example>", ("joerg@customer.example",)),
        ("Jörg <joerg@customer.example>".encode("latin-1"), ("joerg@customer.example",)),
        (b'"support@lab.example" <prince@spam.example>', ("prince@spam.example",)),
        (b"undisclosed-recipients:;", ()),
        (b"team: a@x.example, b@x.example;", ("a@x.example", "b@x.example")),
        (b"<>", ()),
        (b"", ()),
        (b"nobody", ()),
        (b"(" * 5000, ()),
        (b"x" * 500 + b"@customer.example", ()),
        (b"Jane Roe jane@x.example", ("jane@x.example",)),
        (b"Jane <<jane@x.example>>", ("jane@x.example",)),
        (b"=?utf-8?B?SmFuZSBSb2UgPGphbmVAeC5leGFtcGxlPg==?=", ("jane@x.example",)),
        (b"info@b.example <jane@x.example>", ("jane@x.example",)),
        (b"jane@xn--bcher-kva.example", ("jane@b\u00fccher.example",)),
        (b"jane@xn--\xc3\xa9.example", ("jane@xn--\u00e9.example",)),
    ],
)
def test_addresses_as_people_and_programs_write_them(value: bytes, found: tuple[str, ...]) -> None:
    assert addresses(value) == found


def test_a_thousand_recipients_are_cut_off() -> None:
    assert len(addresses(b",".join(b"a%d@x.example" % n for n in range(1000)))) == 100


# ids and references


def test_a_mail_has_the_same_event_id_with_or_without_brackets() -> None:
    mail = parsed("Message-ID: <one@x.example>")
    assert mail.id == kept("<one@x.example>") == kept("one@x.example")
    assert mail.message_id == "one@x.example"
    assert len(mail.id) == 16


def test_a_mail_without_message_id_is_the_same_mail_in_two_mailboxes() -> None:
    lines = ("From: egon@customer.example", "To: support@lab.example", "Subject: s", "Date: Wed, 18 Nov 2026 10:00:00 +0000")
    assert parsed(*lines).id == parsed(*lines, at=NOW - timedelta(seconds=1)).id
    assert parsed(*lines).id != parsed(*lines[:2], "Subject: t", lines[3]).id
    without_date = lines[:3]
    assert parsed(*without_date).id != parsed(*without_date, at=NOW - timedelta(hours=1)).id


def test_references_come_first_and_in_reply_to_last_and_garbage_is_left_out() -> None:
    mail = parsed(
        "Message-ID: <me@x>",
        "In-Reply-To: Your message of today <c@x>",
        "References: <a@x> garbage <b@x>\r\n <a@x> <me@x> <not closed",
    )
    assert mail.references == tuple(kept(i) for i in ("a@x", "b@x", "c@x"))
    assert parsed("In-Reply-To: nothing in brackets").references == ()


def test_ids_that_a_program_has_encoded_or_written_without_brackets() -> None:
    """As Python's EmailMessage folds an id of 80 characters (python/cpython#79986), as Zend's mail writes one."""
    outlooks = "AM9PR07MB7123C1D2E3F4A5B6C7D8E9F0A1B2C@AM9PR07MB7123.eurprd07.prod.outlook.com"
    folded = "=?utf-8?q?=3CAM9PR07MB7123C1D2E3F4A5B6C7D8E9F0A1B2C=40AM9PR07MB?=\r\n"
    folded += " =?utf-8?q?7123=2Eeurprd07=2Eprod=2Eoutlook=2Ecom=3E?="
    assert parsed(f"In-Reply-To: {folded}").references == (kept(outlooks),)
    assert parsed(f"References: <q@x> {folded}").references == (kept("q@x"), kept(outlooks))
    assert parsed("In-Reply-To: =?UTF-8?Q?<a@x>?=").references == (kept("a@x"),)
    assert parsed("Message-ID: =?UTF-8?Q?a@x?=").id == kept("a@x")
    assert parsed("In-Reply-To: a@x", "References: q@x a@x").references == (kept("q@x"), kept("a@x"))
    assert parsed("In-Reply-To: yours of Monday to jane@x").references == ()


def test_of_very_many_references_the_root_and_the_newest_stay() -> None:
    mail = parsed("References: " + " ".join(f"<{n}@x>" for n in range(500)))
    assert len(mail.references) == 50
    assert mail.references[0] == kept("0@x")
    assert mail.references[-1] == kept("499@x")


def test_outlooks_thread_index_names_the_conversation_by_its_first_22_bytes() -> None:
    # 22 bytes 00…15 (hex) as base64; a reply adds five bytes.
    root = "AAECAwQFBgcICQoLDA0ODxAREhMUFQ=="
    reply = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka"
    name = bytes(range(22)).hex()
    assert thread_root(root.encode()) == (name, False)
    assert thread_root(reply.encode()) == (name, True)
    assert thread_root(b"AAEC") == (None, False)
    assert thread_root(b"!!!") == (None, False)


def test_two_mails_with_one_message_id_differ_in_their_fingerprint() -> None:
    one = parsed("Message-ID: <same@x>", "From: a@x", "Date: Wed, 18 Nov 2026 10:00:00 +0000", "Subject: s")
    tagged = parsed("Message-ID: <same@x>", "From: a@x", "Date: Wed, 18 Nov 2026 10:00:00 +0000", "Subject: [EXTERN] s")
    two = parsed("Message-ID: <same@x>", "From: a@x", "Date: Wed, 18 Nov 2026 11:00:00 +0000", "Subject: s")
    assert one.fingerprint == tagged.fingerprint != two.fingerprint


def test_a_mail_is_kept_under_a_keyed_hash() -> None:
    """16 hex digits that change with the key; the case of a Message-ID matters, whatever it looks like."""
    [one, upper, number] = [parsed(f"Message-ID: <{name}>") for name in ("one@x.example", "ONE@x.example", "4420794600000000")]
    other = customer_hasher(b"another key of sixteen or more", "GB")
    names = [one.id, upper.id, number.id, one.second_id, message_event_id("<one@x.example>", other), short_hash("one@x.example")]
    assert len(set(names)) == 6
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in names)
    assert one.id == message_event_id("one@x.example", customer_hasher(b"a key for tests", "DE"))  # whatever the country


# moments


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (b"17-Jul-1996 02:44:25 -0700", datetime(1996, 7, 17, 9, 44, 25, tzinfo=UTC)),
        (b" 7-Nov-2026 09:00:00 +0000", datetime(2026, 11, 7, 9, 0, tzinfo=UTC)),
        (b"01-Jan-2027 00:30:00 +0100", datetime(2026, 12, 31, 23, 30, tzinfo=UTC)),
        (b"17-JUL-1996 02:44:25 +0530", datetime(1996, 7, 16, 21, 14, 25, tzinfo=UTC)),
        (b"31-Feb-2026 00:00:00 +0000", None),
        (b"17-Xxx-1996 02:44:25 -0700", None),
        (b"", None),
    ],
)
def test_internal_dates(text: bytes, moment: datetime | None) -> None:
    assert internal_date(text) == moment


# when a mail came

SENT = "Date: Tue, 17 Nov 2026 10:00:00 +0100"  # 09:00 UTC
CAME = "Received: from a.example by mx.lab.example with ESMTPS;\r\n Tue, 17 Nov 2026 10:00:05 +0100 (CET)"
LATER = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # a day after SENT


def test_the_servers_date_counts_and_the_senders_only_stands_in() -> None:
    found = parsed(SENT, at=NOW - timedelta(days=1))
    assert (found.at, found.clock) == (NOW - timedelta(days=1), None)
    assert parsed(SENT, at=None).at == datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
    assert parsed("Date: yesterday around noon", at=None).at == NOW


@pytest.mark.parametrize(("after", "moved"), [(timedelta(0), False), (timedelta(seconds=1), True)])
def test_a_servers_date_of_more_than_a_day_after_the_mails_own_is_that_of_a_move(after: timedelta, moved: bool) -> None:
    found = parsed(SENT, at=LATER + after)
    assert (found.at, found.clock) == ((LATER - timedelta(days=1), "date-header") if moved else (LATER, None))
    assert is_moved(found) is moved


def test_the_topmost_received_line_tells_before_the_senders_clock() -> None:
    moved = parsed(CAME, SENT, at=LATER + timedelta(days=8))
    assert (moved.at, moved.clock) == (datetime(2026, 11, 17, 9, 0, 5, tzinfo=UTC), None if NOW < LATER else "received-header")
    behind = parsed(CAME, "Date: Sat, 17 Oct 2026 10:00:00 +0100", at=datetime(2026, 11, 17, 9, 0, 6, tzinfo=UTC))
    assert (behind.at, behind.clock) == (datetime(2026, 11, 17, 9, 0, 6, tzinfo=UTC), None)
    assert not is_moved(behind)


def test_a_sender_whose_clock_runs_ahead_changes_nothing() -> None:
    assert parsed("Date: Wed, 17 Nov 2027 10:00:00 +0000", at=LATER).at == LATER


@pytest.mark.parametrize(
    "date",
    [
        "Tue, 17 Nov 2026 10:00:00 +0100", "17 Nov 2026 10:00:00 +0100", "Tue, 17 Nov 2026 09:00:00 GMT",
        "Tue,  17 Nov 2026 09:00:00 -0000", "Tue, 17 Nov 2026 10:00:00 +0100 (Central European Time)",
        "Tue, 17 Nov 2026 04:00:00 EST", "tue, 17 nov 2026 10:00:00 +0100",
    ],
)  # fmt: skip
def test_one_moment_however_it_is_written(date: str) -> None:
    found = parsed("From: a@x", f"Date: {date}", "Message-ID: <m@x>", at=None)
    assert found.at == datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
    assert found.fingerprint == parsed('From: "A" <A@x>', "Message-ID: <m@x>", SENT).fingerprint


def test_no_mail_is_from_the_future() -> None:
    assert parsed("Date: Mon, 28 Dec 2026 10:00:00 +0000", at=None).at == NOW
    assert parsed(at=NOW + timedelta(seconds=1)).at == NOW


def test_odd_date_headers() -> None:
    assert date_header("Mon, 16 Nov 26 14:00 EST (comment (nested))") == datetime(2026, 11, 16, 19, 0, tzinfo=UTC)
    assert date_header("Thu, 01 Jan 1970 00:00:00 +0000") is None
    assert date_header("Mon, 99 Nov 2026 99:00:00 +9999") is None


# hostile input


@settings(max_examples=200)
@given(st.binary(max_size=2000))
def test_no_bytes_are_too_odd(block: bytes) -> None:
    mail = parse_mail(block, None, NOW, HASHED)
    assert mail.at <= NOW
    normal_subject(mail.subject)
    mail_text(mail, block)


_NAMES = st.sampled_from(
    [b"From", b"To", b"Date", b"References", b"Message-ID", b"Subject", b"Thread-Index", b"List-Id", b"Content-Type"]
)


@settings(max_examples=200)
@given(st.lists(st.tuples(_NAMES, st.binary(max_size=200).map(lambda v: v.replace(b"\n", b" "))), max_size=8))
def test_no_header_values_are_too_odd(lines: list[tuple[bytes, bytes]]) -> None:
    block = b"".join(name + b": " + value + b"\r\n" for name, value in lines)
    mail = parse_mail(block, NOW, NOW, HASHED)
    assert len(mail.id) == 16
    normal_subject(mail.subject)
    mail_text(mail, b"text")


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_no_encoded_word_is_too_odd(text: str) -> None:
    decoded("=?utf-8?B?" + text + "?= " + text)
    date_header(text)
