"""Replies as mail programs write them: our own words, above, below or within a customer's mail that promises as well.

Each is a body with its Content-Type. OURS is what the person wrote; QUOTED is the customer's mail, and below it an earlier one of
ours. The forms follow what Outlook, Gmail, Apple Mail, Thunderbird and telephones write in English and German.
"""

from typing import NamedTuple

#: Promises that must never be taken for ours, or for ones made now.
THEIRS_EN = "I will send you the form on Friday."
EARLIER_EN = "We will refund you by Thursday."
THEIRS_DE = "Ich schicke Ihnen das Formular am Freitag."
EARLIER_DE = "Wir erstatten den Betrag bis Donnerstag."


class Reply(NamedTuple):
    name: str
    content_type: str
    body: str


def alternative(plain: str, page: str, *, flowed: bool = False) -> tuple[str, str]:
    flow = "; format=flowed" if flowed else ""
    body = (
        f"--b1\nContent-Type: text/plain; charset=utf-8{flow}\nContent-Transfer-Encoding: 8bit\n\n{plain}\n"
        f"--b1\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{page}\n--b1--\n"
    )
    return 'multipart/alternative; boundary="b1"', body


PLAIN = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"


def filled(page: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        page = page.replace(f"{{{name}}}", value)
    return page


# Outlook

OUTLOOK_EN = f"""Hello Ms Hart,

{{ours}}

Kind regards,

Tom Ward
Customer Service | Lab Ltd
We will always be there for you.

From: Jane Hart <jane@customer.example>
Sent: 02 November 2026 09:14
To: Support <support@lab.example>
Subject: RE: Parcel 4711

Hello,
{THEIRS_EN}
Regards
Jane

From: Support <support@lab.example>
Sent: 01 November 2026 17:40
To: Jane Hart <jane@customer.example>
Subject: Parcel 4711

{EARLIER_EN}
"""
OUTLOOK_DE = f"""Guten Tag Frau Hart,

{{ours}}

Mit freundlichen Grüßen

Tom Ward
Kundenservice

Von: Jane Hart <jane@customer.example>
Gesendet: Montag, 2. November 2026 09:14
An: Support <support@lab.example>
Betreff: AW: Paket 4711

Hallo,
{THEIRS_DE}
Gruß Jane

Von: Support <support@lab.example>
Gesendet: Sonntag, 1. November 2026 17:40
An: Jane Hart
Betreff: Paket 4711

{EARLIER_DE}
"""
OUTLOOK_WEB_PLAIN = f"""Hello Ms Hart,

{{ours}}

Tom
________________________________
From: Jane Hart <jane@customer.example>
Sent: Monday, November 2, 2026 9:14 AM
To: Support <support@lab.example>
Subject: Re: Parcel 4711

{THEIRS_EN}

________________________________
From: Support <support@lab.example>
Sent: Sunday, November 1, 2026 5:40 PM
To: Jane Hart <jane@customer.example>
Subject: Parcel 4711

{EARLIER_EN}
"""
STYLES = "@font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}\n" * 60
OUTLOOK_DESKTOP_PAGE = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=Generator content="Microsoft Word 15">'
    f"<style><!--\n{STYLES}--></style></head><body lang=EN-GB link=blue><div class=WordSection1>"
    "<p class=MsoNormal>Hello Ms Hart,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
    "<p class=MsoNormal>{ours}<o:p></o:p></p><p class=MsoNormal>Kind regards,<o:p></o:p></p><p class=MsoNormal>Tom Ward</p>"
    "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>{from_}:</b> "
    "Jane Hart &lt;jane@customer.example&gt; <br><b>{sent}:</b> 02 November 2026 09:14<br><b>{to}:</b> Support<br>"
    "<b>{subject}:</b> RE: Parcel<o:p></o:p></p></div></div><p class=MsoNormal>{theirs}<o:p></o:p></p>"
    "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>{from_}:</b> "
    "Support</p></div></div><p class=MsoNormal>{earlier}</p></div></body></html>"
)
ENGLISH_PAGE = {"from_": "From", "sent": "Sent", "to": "To", "subject": "Subject", "theirs": THEIRS_EN, "earlier": EARLIER_EN}
GERMAN_PAGE = {"from_": "Von", "sent": "Gesendet", "to": "An", "subject": "Betreff", "theirs": THEIRS_DE, "earlier": EARLIER_DE}
OUTLOOK_WEB_PAGE = (
    '<html><head><style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style></head><body dir="ltr">'
    '<div class="elementToProof" style="font-family: Aptos;">Hello Ms Hart,</div><div class="elementToProof"><br></div>'
    '<div class="elementToProof">{ours}</div><div id="Signature"><div>Tom Ward</div></div>'
    '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
    '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif"><b>{from_}:</b> Jane Hart<br><b>{sent}:</b> Monday<br>'
    "<b>{to}:</b> Support<br><b>{subject}:</b> Re: Parcel</font><div>&nbsp;</div></div><div>{theirs}</div>"
    '<hr><div id="x_divRplyFwdMsg"><b>{from_}:</b> Support</div><div>{earlier}</div></body></html>'
)
OUTLOOK_PHONE_PAGE = (
    '<html><body><div dir="ltr">{ours}</div><div id="ms-outlook-mobile-signature"><div>Get <a href="https://aka.ms/o">'
    'Outlook for iOS</a></div></div><div id="mail-editor-reference-message-container"><hr><div id="divRplyFwdMsg">'
    "<strong>{from_}:</strong> Jane Hart</div><div>{theirs}</div><div>{earlier}</div></div></body></html>"
)

# Gmail

GMAIL_EN = f"""Hello Ms Hart,

{{ours}}

Best,
Tom

On Mon, Nov 2, 2026 at 9:14 AM Jane Hart <jane@customer.example> wrote:

> Hello,
> {THEIRS_EN}
>
> On Sun, Nov 1, 2026 at 5:40 PM Support <support@lab.example> wrote:
>
>> {EARLIER_EN}
>>
>
"""
GMAIL_DE = f"""Guten Tag Frau Hart,

{{ours}}

Viele Grüße
Tom

Am Mo., 2. Nov. 2026 um 09:14 Uhr schrieb Jane Hart <
jane@customer.example>:

> Hallo,
> {THEIRS_DE}
>
> Am So., 1. Nov. 2026 um 17:40 Uhr schrieb Support <support@lab.example>:
>
>> {EARLIER_DE}
"""
GMAIL_PAGE = (
    '<div dir="ltr"><div>Hello Ms Hart,</div><div><br></div><div>{ours}</div><div><br></div><div>Tom</div></div><br>'
    '<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Mon, Nov 2, 2026 at 9:14 AM Jane Hart '
    '&lt;<a href="mailto:jane@customer.example">jane@customer.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" '
    'style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div>{theirs}</div><div '
    'class="gmail_quote"><div class="gmail_attr">On Sun, Support wrote:<br></div><blockquote class="gmail_quote">{earlier}'
    "</blockquote></div></blockquote></div>"
)
GMAIL_BELOW = f"""On Mon, Nov 2, 2026 at 9:14 AM Jane Hart <jane@customer.example> wrote:

> {THEIRS_EN}
>
> On Sun, Nov 1, 2026 at 5:40 PM Support <support@lab.example> wrote:
>> {EARLIER_EN}

{{ours}}

Best,
Tom
"""

# Apple Mail

APPLE_EN = f"""Dear Ms Hart,

{{ours}}

Regards
Tom

> On 2 Nov 2026, at 09:14, Jane Hart <jane@customer.example> wrote:
>\N{SPACE}
> {THEIRS_EN}
>\N{SPACE}
>> On 1 Nov 2026, at 17:40, Support <support@lab.example> wrote:
>>\N{SPACE}
>> {EARLIER_EN}
>\N{SPACE}

"""
APPLE_DE = f"""Guten Tag,

{{ours}}

Gruß
Tom

> Am 02.11.2026 um 09:14 schrieb Jane Hart <jane@customer.example>:
>\N{SPACE}
> {THEIRS_DE}
>> {EARLIER_DE}
"""
APPLE_PAGE = (
    '<html><head><meta http-equiv="content-type"></head><body style="overflow-wrap: break-word;">{ours}<div><br></div>'
    '<div>Tom</div><div><br><blockquote type="cite"><div>On 2 Nov 2026, at 09:14, Jane Hart &lt;jane@customer.example&gt; wrote:'
    '</div><br class="Apple-interchange-newline"><div><div>{theirs}</div><blockquote type="cite"><div>{earlier}</div>'
    "</blockquote></div></blockquote></div></body></html>"
)
IPHONE_EN = f"""{{ours}}

Sent from my iPhone

> On 2 Nov 2026, at 09:14, Jane Hart <jane@customer.example> wrote:
>\N{SPACE}
> \N{ZERO WIDTH NO-BREAK SPACE}{THEIRS_EN}
>> {EARLIER_EN}
"""
IPHONE_DE = f"""{{ours}}

Von meinem iPhone gesendet

> Am 02.11.2026 um 09:14 schrieb Jane Hart <jane@customer.example>:
>\N{SPACE}
> \N{ZERO WIDTH NO-BREAK SPACE}{THEIRS_DE}
>> {EARLIER_DE}
"""

# Thunderbird

THUNDERBIRD_EN = f"""Hello Ms Hart,

{{ours}}

--\N{SPACE}
Tom Ward
We will always be there.


On 02/11/2026 09:14, Jane Hart wrote:
> {THEIRS_EN}
>
> On 01/11/2026 17:40, Support wrote:
>> {EARLIER_EN}
"""
THUNDERBIRD_BELOW_DE = f"""Am 02.11.2026 um 09:14 schrieb Jane Hart:
> Hallo,
> {THEIRS_DE}
>
> Am 01.11.26 um 17:40 schrieb Support:
>> {EARLIER_DE}

{{ours}}

--\N{SPACE}
Tom Ward
"""
THUNDERBIRD_PAGE = (
    '<!DOCTYPE html><html><head></head><body><p>Hello Ms Hart,</p><p>{ours}</p><p>Tom</p><pre class="moz-signature" cols="72">'
    '-- \nWe will be there.</pre><div class="moz-cite-prefix">On 02/11/2026 09:14, Jane Hart wrote:<br></div><blockquote '
    'type="cite" cite="mid:x@y"><p>{theirs}</p><div class="moz-cite-prefix">On 01/11/2026, Support wrote:</div><blockquote '
    'type="cite">{earlier}</blockquote></blockquote></body></html>'
)
INLINE_EN = f"""Hello Ms Hart,

On 02/11/2026 09:14, Jane Hart wrote:
> When do I hear from you?
> {THEIRS_EN}

{{ours}}

> {EARLIER_EN}

That was done.

Tom
"""

# others

K9_DE = f"""{{ours}}
--\N{SPACE}
Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.

Am 2. November 2026 09:14:02 MEZ schrieb Jane Hart <jane@customer.example>:
>{THEIRS_DE}
>
>>{EARLIER_DE}
"""
SAMSUNG_EN = f"""{{ours}}

Sent from my Galaxy

-------- Original message --------
From: Jane Hart <jane@customer.example>
Date: 02/11/2026 09:14 (GMT+00:00)
To: support@lab.example
Subject: Re: Parcel 4711

{THEIRS_EN}

-------- Original message --------
From: Support <support@lab.example>
Date: 01/11/2026 17:40 (GMT+00:00)

{EARLIER_EN}
"""
SAMSUNG_DE = f"""{{ours}}

Von meinem/meiner Galaxy gesendet

-------- Ursprüngliche Nachricht --------
Von: Jane Hart <jane@customer.example>
Datum: 02.11.26 09:14 (GMT+01:00)
An: support@lab.example
Betreff: Re: Paket 4711

{THEIRS_DE}
{EARLIER_DE}
"""
GMX_DE = f"""{{ours}}

Tom
--\N{SPACE}
Diese Nachricht wurde mit GMX Mail gesendet.

Gesendet: Montag, 2. November 2026 um 09:14 Uhr
Von: "Jane Hart" <jane@customer.example>
An: support@lab.example
Betreff: Re: Paket 4711
{THEIRS_DE}
{EARLIER_DE}
"""


def _english() -> list[tuple[str, tuple[str, str]]]:
    outlook, web = OUTLOOK_DESKTOP_PAGE, OUTLOOK_WEB_PAGE
    said = ENGLISH_PAGE
    return [
        ("Outlook, plain", (PLAIN, OUTLOOK_EN)),
        ("Outlook", alternative(OUTLOOK_EN, filled(outlook, said))),
        ("Outlook, page", (HTML, filled(outlook, said))),
        ("Outlook web, plain", (PLAIN, OUTLOOK_WEB_PLAIN)),
        ("Outlook web", alternative(OUTLOOK_WEB_PLAIN, filled(web, said))),
        ("Outlook web, page", (HTML, filled(web, said))),
        ("Outlook on a telephone, page", (HTML, filled(OUTLOOK_PHONE_PAGE, said))),
        ("Gmail", alternative(GMAIL_EN, filled(GMAIL_PAGE, said))),
        ("Gmail, page", (HTML, filled(GMAIL_PAGE, said))),
        ("Gmail, below", (PLAIN, GMAIL_BELOW)),
        ("Apple Mail", alternative(APPLE_EN, filled(APPLE_PAGE, said))),
        ("Apple Mail, page", (HTML, filled(APPLE_PAGE, said))),
        ("iPhone", alternative(IPHONE_EN, filled(APPLE_PAGE, said))),
        ("Thunderbird", (f"{PLAIN}; format=flowed", THUNDERBIRD_EN)),
        ("Thunderbird, page", (HTML, filled(THUNDERBIRD_PAGE, said))),
        ("within the quote", (f"{PLAIN}; format=flowed", INLINE_EN)),
        ("Samsung", (PLAIN, SAMSUNG_EN)),
    ]


def _german() -> list[tuple[str, tuple[str, str]]]:
    said = GERMAN_PAGE
    return [
        ("Outlook, plain", (PLAIN, OUTLOOK_DE)),
        ("Outlook, page", (HTML, filled(OUTLOOK_DESKTOP_PAGE, said))),
        ("Outlook web, page", (HTML, filled(OUTLOOK_WEB_PAGE, said))),
        ("Outlook on a telephone, page", (HTML, filled(OUTLOOK_PHONE_PAGE, said))),
        ("Gmail", alternative(GMAIL_DE, filled(GMAIL_PAGE, said))),
        ("Gmail, page", (HTML, filled(GMAIL_PAGE, said))),
        ("Apple Mail", alternative(APPLE_DE, filled(APPLE_PAGE, said))),
        ("iPhone", (PLAIN, IPHONE_DE)),
        ("Thunderbird, below", (f"{PLAIN}; format=flowed", THUNDERBIRD_BELOW_DE)),
        ("Thunderbird, page", (HTML, filled(THUNDERBIRD_PAGE, said))),
        ("K-9", (PLAIN, K9_DE)),
        ("Samsung", (PLAIN, SAMSUNG_DE)),
        ("GMX", (PLAIN, GMX_DE)),
    ]


def replies(language: str, ours: str) -> list[Reply]:
    """All forms of this language with these words of ours."""
    forms = _english() if language == "en" else _german()
    return [Reply(f"{language}: {name}", kind, body.replace("{ours}", ours)) for name, (kind, body) in forms]
