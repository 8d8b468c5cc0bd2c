"""What our own mails promise, as programs write them. Monday is 2 November 2026; the office is open from 9:00 to 17:30."""

from base64 import b64encode
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.connectors._mail.headers import parse_mail
from monitor.connectors._mail.our_words import MailWords, bytes_of_ours, gist_at, is_cut, may_promise
from monitor.connectors._mail.parties import ClassifiedMail, Identity, classify
from monitor.domain.event import Channel, Event
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.text_reading import TextReader
from monitor.testing import make_context
from tests.connectors.mail.replies_of_programs import HTML, PLAIN, STYLES, Reply, replies
from tests.connectors.mail_names import HASHED

AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
US = Identity.of([], ["lab.example"], accounts=["support@lab.example"])
CONTEXT = make_context()
EVENT = Event("a", "q", "address:support@lab.example", "email", "replied", AT)
ELEVEN = datetime(2026, 11, 3, 11, 0, tzinfo=UTC)


def ours(content_type: str, *headers: str, to: str = "jane@customer.example") -> ClassifiedMail:
    lines = ("From: support@lab.example", f"To: {to}", "Subject: Re: Parcel", f"Content-Type: {content_type}", *headers)
    found = classify(parse_mail("\r\n".join(lines).encode(), AT, AT, HASHED), US, "support@lab.example", True, HASHED)
    assert found is not None
    return found


def promised(content_type: str, body: str | bytes, *headers: str) -> list[tuple[str, datetime | None]]:
    raw = body if isinstance(body, bytes) else body.replace("\n", "\r\n").encode()
    gist = MailWords(CONTEXT.read_text, (), ours(content_type, *headers), raw).told(EVENT).gist
    return [(each.deed, each.due) for each in gist.promises] if gist else []


@pytest.mark.parametrize("reply", replies("en", "I'll call you back tomorrow by 11."), ids=lambda each: each.name)
def test_what_we_promise_is_found_and_nothing_that_is_quoted(reply: Reply) -> None:
    assert promised(reply.content_type, reply.body) == [("call", ELEVEN)]


@pytest.mark.parametrize("reply", replies("de", "Ich rufe Sie morgen bis 11 Uhr zurück."), ids=lambda each: each.name)
def test_in_german_as_well(reply: Reply) -> None:
    assert promised(reply.content_type, reply.body) == [("call", ELEVEN)]


WITHOUT = [*replies("en", "Thank you for waiting."), *replies("de", "Vielen Dank für Ihre Geduld.")]


@pytest.mark.parametrize("reply", WITHOUT, ids=lambda each: each.name)
def test_a_reply_without_a_promise_above_quoted_ones_promises_nothing(reply: Reply) -> None:
    assert promised(reply.content_type, reply.body) == []


# quotes that bear other marks, or none

CALL = "I will call you tomorrow."
LONG_LINE = "We have talked of the form that is missing on the telephone, and because of it"


@pytest.mark.parametrize(
    "body",
    [
        f"Thanks.\n\nTom\n\nJane Hart ---02.11.2026 09:14:00---{CALL}\n\nFrom: Jane Hart\n",
        f"Thanks.\n\nTom\n\nFrom:\tJane Hart/Customer\nTo:\tsupport@lab.example\nDate:\t02.11.2026 09:14\n\n{CALL}",
        f"Thanks.\n\nJane Hart <jane@customer.example> wrote:\n\n{CALL}",
        f"Thanks.\n\n| {CALL}\n| Jane",
        f"Thanks.\n\nJH> {CALL}\nJH> Jane",
        f"FYI\n\n---------- Forwarded message ---------\nFrom: Depot <d@depot.example>\nSubject: x\n\n{CALL}",
        'You wrote: "I will send you the form tomorrow." It is not here.',
        # A relay has broken the quoted lines once more.
        f"Thanks.\n\nOn 02/11/2026 09:14, Jane wrote:\n> {LONG_LINE}\n{CALL}\n> Jane",
        f"Thanks.\n\nOn 02/11/2026 09:14, Jane wrote:\n> {LONG_LINE}\ni will send it tomorrow.\n",
    ],
)
def test_whatever_may_be_a_quote_promises_nothing(body: str) -> None:
    assert promised(PLAIN, body) == []


@pytest.mark.parametrize(
    "page",
    [
        f"<p>Thanks</p><blockquote style='border:none;border-left:solid #CCC 1.0pt;padding:0cm'>{CALL}</blockquote>",
        f"<p>Thanks</p><hr><b>From:</b> Jane<br><b>Sent:</b> Monday<br><b>To:</b> Support<br><br>{CALL}",
        f'<p>FYI</p><div class="moz-forward-container">-------- Forwarded Message --------<table></table>{CALL}</div>',
        f'Thanks<div name="messageReplySection">On 2 Nov 2026, Jane, wrote:<br><blockquote type="cite">{CALL}</blockquote>',
    ],
)
def test_whatever_may_be_a_quote_of_a_page_promises_nothing(page: str) -> None:
    assert promised(HTML, page) == []


@pytest.mark.parametrize("attribute", ['class="gmail_signature"', 'id="Signature"', "class=moz-signature"])
def test_the_signature_of_a_page_promises_nothing(attribute: str) -> None:
    page = f"<div>I'll call you back tomorrow by 11.</div><div {attribute}>Tom Ward<br>We will respond within 24 hours.</div>"
    assert promised(HTML, page) == [("call", ELEVEN)]


def test_answers_written_between_quoted_lines_are_ours() -> None:
    body = (
        "On 02/11/2026 09:14, Jane Hart wrote:\n> When?\nI'll call you back tomorrow by 11.\n> And the refund?\nThat was done.\n"
    )
    assert promised(PLAIN, body) == [("call", ELEVEN)]


# how texts are sent


@pytest.mark.parametrize(
    ("content_type", "body", "headers"),
    [
        (f"{PLAIN}; format=flowed", "I'll call you \nback tomorrow \nby 11.\n", ()),
        (f"{PLAIN}; format=flowed; delsp=yes", "I'll call you back tomor \nrow by 11.\n", ()),
        (PLAIN, "I'll call you back tom=\norrow by=2011.\n", ("Content-Transfer-Encoding: quoted-printable",)),
        (PLAIN, b64encode(b"I'll call you back tomorrow by 11."), ("Content-Transfer-Encoding: base64",)),
        ("text/plain; charset=utf-16", "I'll call you back tomorrow by 11.".encode("utf-16"), ()),
        ("text/plain; charset=windows-1252", b"I\x92ll call you back tomorrow by 11.", ()),
        ("text/plain; charset=none-such", "I'll call you back tomorrow by 11.", ()),
        ("text/plain; charset=iso-8859-1", b"Ich rufe Sie morgen bis 11 Uhr zur\xfcck.", ()),
        ("", "I'll call you back tomorrow by 11.", ()),
        ("multipart/signed; boundary=b", "--b\n\nI'll call you back tomorrow by 11.\n--b\nContent-Type: a/b\n\nx\n--b--\n", ()),
        (PLAIN, "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nI'll call you back tomorrow by 11.\n-----BEGIN PGP", ()),
        (PLAIN, "I'll call you back tomorrow by 11.", ("Content-Language: de-DE",)),  # that of the program
    ],
)
def test_the_text_is_read_however_it_was_sent(content_type: str, body: str | bytes, headers: tuple[str, ...]) -> None:
    assert promised(content_type, body, *headers) == [("call", ELEVEN)]


def test_of_a_flowed_text_quotes_and_the_signature_stay_apart() -> None:
    body = f"Thanks. \n> We talked and \n> {CALL}\n>> I will write \n>> tomorrow.\nBye \n-- \n{CALL}\n"
    assert promised(f"{PLAIN}; format=flowed", body) == []


@pytest.mark.parametrize(
    ("content_type", "body", "headers"),
    [
        (
            "application/pkcs7-mime; smime-type=enveloped-data",
            b64encode(CALL.encode() * 300),
            ("Content-Transfer-Encoding: base64",),
        ),
        ("multipart/encrypted; boundary=b", f"--b\nContent-Type: application/octet-stream\n\n{CALL}\n--b--\n", ()),
        (PLAIN, "-----BEGIN PGP MESSAGE-----\n\nhQEMA7IwillTomorrow\n=abcd\n-----END PGP MESSAGE-----\n", ()),
        ("multipart/mixed; boundary=b", f"--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\n{CALL}\n--b--\n", ()),
        ("multipart/mixed; boundary=b", f"--b\nContent-Type: message/rfc822\n\nSubject: x\n\n{CALL}\n--b--\n", ()),
        (PLAIN, b"\xff\xfe\x00", ("Content-Transfer-Encoding: base64",)),
        (PLAIN, b"", ()),
    ],
)
def test_what_cannot_be_read_promises_nothing(content_type: str, body: str | bytes, headers: tuple[str, ...]) -> None:
    assert promised(content_type, body, *headers) == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (PLAIN, b"a" * 10_000_000),
        (f"{PLAIN}; format=flowed", b"> \n" * 3_000_000),
        (HTML, b"<blockquote>" * 10_000 + CALL.encode() + b"</blockquote>" * 10_000),
        (HTML, b"<blockquote>" * 2_500 + b"</div>" * 6_000),
        (HTML, b"&#" + b"9" * 60_000 + b";"),
        ("multipart/mixed; boundary=b", b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 1_000),
    ],
)
def test_hostile_texts_are_bounded(content_type: str, body: bytes) -> None:
    assert promised(content_type, body) == []


def test_of_an_endless_text_the_beginning_is_read() -> None:
    assert promised(PLAIN, "I'll call you back tomorrow by 11.\n" + "Lorem ipsum.\n" * 500_000) == [("call", ELEVEN)]


@pytest.mark.parametrize(("more", "found"), [(b"11.\n", []), (b"11.\n\n", [("call", ELEVEN)])])
def test_a_line_that_is_cut_off_is_not_read(more: bytes, found: list[tuple[str, datetime]]) -> None:
    body = (b"Lorem ipsum.\n" * 1_000 + b"I'll call you back tomorrow by " + more)[-8_192:]
    assert len(body) == 8_192
    assert promised(PLAIN, body[: -len(b"\n")].rjust(8_192)) == found


@settings(max_examples=100)
@given(
    st.binary(max_size=400),
    st.sampled_from([PLAIN, HTML, f"{PLAIN}; format=flowed", "multipart/mixed; boundary=b", "text/plain; charset=utf-7"]),
)
def test_no_body_is_too_odd(body: bytes, content_type: str) -> None:
    promised(content_type, body)


# which mails, and how much of them


def test_mailings_and_automatic_mails_are_not_looked_at() -> None:
    assert may_promise(ours(PLAIN))
    assert not may_promise(ours(PLAIN, "Auto-Submitted: auto-replied"))
    everybody = ", ".join(f"c{n}@x{n}.example" for n in range(4))
    assert may_promise(ours(PLAIN, "References: <q@x>", to=everybody))
    assert not may_promise(ours(PLAIN, to=everybody)._replace(subject=ours(PLAIN).subject._replace(answers=False)))


def test_a_page_alone_begins_with_its_styles_and_wants_more() -> None:
    short = (PLAIN, "multipart/alternative; boundary=b", "multipart/mixed; boundary=b", 'multipart/related; type="text/plain"')
    assert {bytes_of_ours(ours(kind)) for kind in short} == {8_192}
    assert {bytes_of_ours(ours(kind)) for kind in (HTML, 'multipart/related; boundary=b; type="text/html"')} == {65_536}


def test_a_page_behind_other_things_is_seen_to_want_more_once_it_is_cut() -> None:
    mixed = ours("multipart/mixed; boundary=b")
    page = f"--b\nContent-Type: text/html\n\n<style>{STYLES * 3}</style><p>Hello</p>".encode()
    assert is_cut(mixed, page[:8_192].ljust(8_192, b"x"))
    assert not is_cut(mixed, page[:8_000])  # all there is
    assert not is_cut(ours(HTML), page.partition(b"\n\n")[2])  # LONG was asked for
    assert not is_cut(mixed, (b"--b\n\nHello\n" + page).ljust(8_192))
    assert not is_cut(mixed, b"--b\nContent-Type: application/pdf\n\n".ljust(8_192, b"x"))


# whose hours

LATE = Calendar("late", UTC, parse_week({"mon-fri": "09:00-20:00"}))
BERLIN = Calendar("berlin", ZoneInfo("Europe/Berlin"), parse_week({"mon-fri": "09:00-17:00"}))


def hours_of(place: str, _channel: Channel) -> Calendar:
    return {"address:late": LATE, "address:berlin": BERLIN}.get(
        place, Calendar("office", UTC, parse_week({"mon-fri": "09:00-17:30"}))
    )


def test_where_nobody_knows_the_place_yet_all_hours_are_kept() -> None:
    places = ("address:late", "address:berlin", "address:other")
    words = MailWords(TextReader(hours_of), places, ours(PLAIN), CALL.encode())
    gists = words.by_place(EVENT)
    assert set(gists) == {"", "address:late", "address:berlin"}  # at the other one it means what it means anywhere
    due = {place: gist.promises[0].due for place in (*places, "address:none") if (gist := gist_at(place, gists))}
    assert due == {
        "address:late": datetime(2026, 11, 3, 20, 0, tzinfo=UTC),
        "address:berlin": datetime(2026, 11, 3, 16, 0, tzinfo=UTC),
        "address:other": datetime(2026, 11, 3, 17, 30, tzinfo=UTC),
        "address:none": datetime(2026, 11, 3, 17, 30, tzinfo=UTC),
    }
    assert MailWords(TextReader(hours_of), places, ours(PLAIN), b"Thank you.").by_place(EVENT) == {"": {"read": True}}
    assert MailWords(TextReader(hours_of), places, ours(PLAIN), b"> Thank you.").by_place(EVENT) == {}
    assert gist_at("address:late", {}) is None
