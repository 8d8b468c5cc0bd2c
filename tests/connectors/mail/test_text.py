"""A body's first bytes as a person reads them; the pages follow what Outlook, Gmail, Apple Mail, Thunderbird and Yahoo write."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.connectors._mail.headers import parse_mail
from monitor.connectors._mail.text import html_text, mail_text, plain_text
from monitor.domain.courtesy import is_courtesy
from tests.connectors.mail_names import HASHED

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)

OUTLOOK_DESKTOP = (
    "<html><head><style>p {{margin:0}}</style></head><body>"
    "<p class=MsoNormal>Thank you so much!<o:p></o:p></p>"
    "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>\n"
    "<p class=MsoNormal><b>{from_}:</b> Support"
    "<br>\n<b>{sent}:</b> 2 November 2026 10:00<br><b>x:</b> Carol</p></div><p>On its way. Any questions?</p></body></html>"
)
GMAIL = (
    '<div dir="ltr">Thanks!</div><br><div class="gmail_quote"><div class="gmail_attr">{attribution}<br></div>'
    '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid">Any questions?</blockquote>'
    "{below}</div>"
)
QUOTED_PAGES = [
    '<div>Thank you!</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Support<br>Questions?</div>',
    OUTLOOK_DESKTOP.format(from_="From", sent="Sent"),
    OUTLOOK_DESKTOP.format(from_="Von", sent="Gesendet"),
    OUTLOOK_DESKTOP.format(from_="De", sent="Envoyé"),
    OUTLOOK_DESKTOP.format(from_="Siuntėjas", sent="Išsiųsta"),
    GMAIL.format(attribution="On Mon, Nov 2, 2026 at 10:00 AM Support &lt;s@lab.example&gt; wrote:", below=""),
    GMAIL.format(attribution="2026 m. lapkr. 2 d., pr, 10:00 Support rašė", below=""),
    '<div>Danke!</div><div class="moz-cite-prefix">2.11.2026 10:12, Support kirjoitti:<br></div>'
    '<blockquote type="cite"><p>Fragen?</p></blockquote>',
    'Merci !<div id="yahoo_quoted_1" class="yahoo_quoted"><div>Le lundi, Support a écrit :</div><div>Question ?</div></div>',
    '<div>Thanks</div><div><blockquote type="cite"><div>On 2 Nov 2026, at 10:12, Support &lt;s@lab.example&gt; wrote:</div>'
    "<div>Any<blockquote>nested?</blockquote> questions?</div></blockquote></div>",
    'Thanks<br><hr id="zwchr"><div><b>From: </b>Support<br>Any questions?</div>',
]


@pytest.mark.parametrize("page", QUOTED_PAGES)
def test_the_quote_of_a_page_is_known_whatever_program_wrote_it(page: str) -> None:
    assert is_courtesy(html_text(page))


@pytest.mark.parametrize(
    "page",
    [
        GMAIL.format(attribution="On Mon, Nov 2, 2026 at 10:00 AM Support wrote:", below="<div>Not at all.</div>"),
        GMAIL.format(attribution="---------- Forwarded message ---------", below=""),
        '<blockquote type="cite">Is it there?</blockquote><div>It is not.</div>Thanks',
        '<div>Thanks</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>but it is broken</div></blockquote>',
        "<div>Thanks</div><div style='border-top:solid #E1E1E1 1.0pt'>but it is broken</div>",
        "<p>Thanks<p>Where is it",
        '<blockquote type="cite">never closed</blockquote></blockquote></div>Not solved. Thanks',
        "<div>Thanks</div><blockquote type='cite'><div>Begin forwarded message:</div><div>Please refund.</div></blockquote>",
    ],
)
def test_what_stands_outside_of_the_quote_is_read(page: str) -> None:
    assert not is_courtesy(html_text(page))


def test_a_page_becomes_lines() -> None:
    page = (
        "<!DOCTYPE html><html><head><title>x</title><style>p {}</style></head><body><!-- [if mso]> hidden <![endif] -->"
        "<script>run()</script><p>Thank&nbsp;you,\n <b>Bob</b>.</p><div>One<br>two</div><ul><li>three</li></ul>"
        "<table><tr><td>four</td></tr></table><pre>five\n  six</pre></body>"
    )
    assert html_text(page).replace("\xa0", " ") == "Thank you, Bob.\n\nOne\ntwo\nthree\nfour\nfive\nsix"


def test_a_signature_is_marked_where_that_is_wanted() -> None:
    page = '<div>One</div><div class="gmail_signature">Tom</div><blockquote><div class="gmail_signature">Jane</div></blockquote>'
    assert html_text(page, signed=True) == "One\n--\nTom\n> Jane"
    assert html_text(page) == "One\nTom\n> Jane"


@pytest.mark.parametrize("digits", ["9" * 5_000, "x" + "f" * 5_000])
def test_a_character_that_there_is_not_does_no_harm(digits: str) -> None:
    assert html_text(f'<p>one &#{digits}; two &#65;<img alt="&#{digits};"></p><hr style="border-top:solid">&#{digits};')


def test_a_picture_speaks_only_where_it_is_a_sign() -> None:
    page = '<p><img src="cid:1" alt="👍"> yes <img alt="like" src="x"> no <img alt="Logo of ACME"></p>'
    assert html_text(page).split() == ["👍", "yes", "[like]", "no"]


# parts


def test_the_text_of_a_plain_mail_in_its_charset() -> None:
    head = b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    assert mail_text(parse_mail(head, NOW, NOW, HASHED), b"Sch=F6ne Gr=FC=DFe") == "Schöne Grüße"


@pytest.mark.parametrize("cut", range(12))
def test_base64_text_cut_at_any_byte_is_read_as_far_as_it_goes(cut: int) -> None:
    assert "Thanks!".startswith(plain_text(b"VGhhbmtzIQ=="[:cut], "text/plain", "base64"))


def test_the_first_text_part_of_nested_parts() -> None:
    body = (
        b'--A\r\nContent-Type: multipart/alternative;\r\n boundary="B"\r\n\r\n'
        b"--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nVGhhbmtzIQ==\r\n"
        b"--B\r\nContent-Type: text/html\r\n\r\n<p>Thanks!</p>\r\n--B--\r\n--A\r\nContent-Type: image/png\r\n\r\nxxxx"
    )
    assert plain_text(body, 'multipart/mixed; boundary="A"', "7bit").strip() == "Thanks!"


@pytest.mark.parametrize(
    "first",
    [
        b"Content-Type: text/plain\n\n \n",
        b"Content-Type: text/plain; name=log.txt\nContent-Disposition: attachment\n\nNot this.\n",
        b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n",
        b"Content-Type: message/rfc822\n\nSubject: x\n\nNot this.\n",
    ],
)
def test_an_empty_part_a_file_and_a_calendar_are_not_the_text(first: bytes) -> None:
    body = b"--A\n" + first + b"--A\nContent-Type: text/html\n\n<p>This.</p>\n--A--\n"
    assert plain_text(body, "multipart/mixed; boundary=A", "").strip() == "This."


def test_a_boundary_that_begins_like_another_and_one_in_pieces() -> None:
    inner = b"--b1\nContent-Type: text/plain\n\nThis.\n--b1--\n"
    body = b'--b\nContent-Type: multipart/mixed; boundary="b1"\n\n' + inner + b"--b--\n"
    assert plain_text(body, "Multipart/Mixed; BOUNDARY=b", "").strip() == "This."
    assert plain_text(inner, "multipart/mixed; boundary*0=b; boundary*1=1", "").strip() == "This."
    assert plain_text(inner, "multipart/mixed; boundary*=us-ascii''%621", "").strip() == "This."


def test_an_unknown_charset_and_an_unknown_kind_do_no_harm() -> None:
    assert plain_text(b"Gr\xc3\xbc\xc3\x9fe", "text/plain; charset=x-none", "") == "Grüße"
    assert plain_text(b"text", "", "") == "text"
    assert plain_text(b"\x00\x01", "application/pdf", "") == ""


@settings(max_examples=200)
@given(st.text(alphabet="<>/divblockquote p=\"'-!&;a\n", max_size=300))
def test_no_page_is_too_odd(page: str) -> None:
    html_text(page)


def test_an_endless_page_is_read_up_to_a_limit() -> None:
    assert len(plain_text(b"<div>a</div>" * 100_000, "text/html", "")) < 16_384
