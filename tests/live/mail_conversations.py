"""57 e-mail conversations of a small firm, with what is true of each: who waits, since when, who answered.

`ask` adds a mail to us, `answer` one of ours, `expect` what a correct observer concludes of a conversation. Written by
hand; nothing here is computed from the code under test.
"""

import base64
import quopri
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Literal

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday
LIMIT = timedelta(hours=24)  # around the clock
DOMAIN = "lab.example"
ACCOUNTS = ("alice@lab.example", "bob@lab.example", "sales@lab.example", "support@lab.example")

State = Literal["in_time", "late", "overdue", "open", "no_reply_needed"]
PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Mail:
    """One mail, and the (account, folder) it lies in."""

    key: str
    at: datetime
    raw: bytes
    boxes: Sequence[tuple[str, str]]
    message_id: str | None
    ours: bool


@dataclass(frozen=True)
class Expected:
    """What is true of one conversation. `opened` and `answered` are mails: the last question and its first answer."""

    name: str
    state: State
    mails: Sequence[str]
    opened: str | None = None
    answered: str | None = None


@dataclass
class Conversations:
    """All mails, and what is to be concluded from them."""

    mails: dict[str, Mail] = field(default_factory=dict)
    expectations: list[Expected] = field(default_factory=list)

    def expect(self, name: str, state: State, mails: str, opened: str | None = None, answered: str | None = None) -> None:
        self.expectations.append(Expected(name, state, mails.split(), opened, answered))

    def ask(
        self, key: str, hours: float, customer: str, to: str, subject: str | bytes, *, folder: str = "INBOX",
        boxes: Sequence[tuple[str, str]] = (), to_header: str | None = None, **more: object,
    ) -> None:  # fmt: skip
        """A mail that reached us `hours` ago. `customer` is a first name, or a whole From value with an @."""
        sender = customer if "@" in customer else f'"{customer.title()} Customer" <{customer}@customer.example>'
        where = boxes or [(f"{to}@{DOMAIN}", folder)]
        self._mail(key, hours, sender, to_header or f'"Lab" <{to}@{DOMAIN}>', subject, where, False, **more)

    def answer(
        self, key: str, hours: float, who: str, customer: str, subject: str | bytes, *, folder: str = "Sent",
        box: str | None = None, sender: str | None = None, **more: object,
    ) -> None:  # fmt: skip
        """A mail of ours, in the Sent folder of who wrote it unless said otherwise."""
        to = customer if "@" in customer else f'"{customer.title()} Customer" <{customer}@customer.example>'
        self._mail(key, hours, sender or f"Lab <{who}@{DOMAIN}>", to, subject, [(f"{box or who}@{DOMAIN}", folder)], True, **more)

    def _mail(
        self, key: str, hours: float, sender: str, to: str, subject: str | bytes, boxes: Sequence[tuple[str, str]], ours: bool,
        *, cc: str | None = None, refs: str = "", date: str | None = "right", message_id: str | None = "own", zone: int = 0,
        headers: Iterable[str] = (), content_type: str = PLAIN, encoding: str = "8bit", body: str | bytes = "(text)\n",
        return_path: str | None = None,
    ) -> None:  # fmt: skip
        at = NOW - timedelta(hours=hours)
        own = f"<{key}.{int(at.timestamp())}@{sender.rpartition('@')[2].strip('>')}>" if message_id == "own" else message_id
        lines: list[str | bytes] = [f"Return-Path: <{return_path if return_path is not None else 'x@y.example'}>"]
        if not ours:
            lines.append(f"Received: from relay.example by mx.{DOMAIN} with ESMTPS;\r\n {format_datetime(at)}")
        lines += [f"From: {sender}", f"To: {to}"]
        lines += [f"Cc: {cc}"] if cc else []
        lines.append(b"Subject: " + (subject if isinstance(subject, bytes) else subject.encode()))
        if date == "right":
            date = format_datetime(at.astimezone(timezone(timedelta(hours=zone))))
        lines += [f"Date: {date}"] if date is not None else []
        lines += [f"Message-ID: {own}"] if own else []
        ids = [str(self.mails[r].message_id) for r in refs.split()]
        lines += [f"In-Reply-To: {ids[-1]}", "References: " + "\r\n ".join(ids)] if ids else []
        lines += [*headers, "MIME-Version: 1.0", f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {encoding}", ""]
        head = b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
        text = body if isinstance(body, bytes) else body.replace("\n", "\r\n").encode()
        self.mails[key] = Mail(key, at, head + b"\r\n" + text, boxes, own, ours)


def _word(text: str, charset: str = "utf-8", encoding: str = "B") -> str:
    raw = text.encode(charset)
    if encoding == "B":
        return f"=?{charset}?B?{base64.b64encode(raw).decode()}?="
    quoted = "".join(chr(c) if chr(c).isascii() and chr(c).isalnum() else "_" if c == 32 else f"={c:02X}" for c in raw)
    return f"=?{charset}?Q?{quoted}?="


def all_conversations() -> Conversations:
    """The whole story."""
    s = Conversations()
    _plain(s)
    _no_reply_needed(s)
    _who_answered(s)
    _several_legs(s)
    _broken_threading(s)
    _dates(s)
    _charsets(s)
    _promises_and_size(s)
    return s


def _plain(s: Conversations) -> None:
    s.ask("q1", 50, "carol", "support", "Where is order 1001?")
    s.answer("a1", 48, "support", "carol", "Re: Where is order 1001?", refs="q1")
    s.expect("question answered after 2 h", "in_time", "q1 a1", "q1", "a1")
    s.ask("q2", 200, "dave", "support", "Broken hinge")
    s.answer("a2", 128, "support", "dave", "Re: Broken hinge", refs="q2")
    s.expect("question answered after 72 h", "late", "q2 a2", "q2", "a2")
    s.ask("q3", 120, "erin", "support", "Refund for order 1003")
    s.expect("five days old, no reply", "overdue", "q3", "q3")
    s.ask("q4", 2, "frank", "support", "Opening hours?")
    s.expect("two hours old, no reply yet", "open", "q4", "q4")
    s.ask("q5", 30, "gina", "alice", "Offer for 20 chairs")
    s.expect("read by the agent, never answered", "overdue", "q5", "q5")


def _no_reply_needed(s: Conversations) -> None:
    s.answer("o10", 40, "sales", "hugo", "Your quotation Q-77")
    vacation = ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All", "Precedence: bulk"]
    s.ask("r10", 39.9, "hugo", "sales", "Automatic reply: Your quotation Q-77", refs="o10", headers=vacation)
    s.expect("the customer's out-of-office answer to our mail", "no_reply_needed", "o10 r10")
    listed = ["List-Id: Weekly <weekly.list.example>", "List-Unsubscribe: <https://list.example/u?1>", "Precedence: list"]
    s.ask("n11", 70, "News <news@list.example>", "support", "This week's news", headers=listed)
    s.expect("newsletter", "no_reply_needed", "n11")
    s.answer("o12", 60, "alice", "nobody@gone.example", "Hello again")
    s.ask(
        "d12", 59.9, "Mail Delivery System <MAILER-DAEMON@mail.gone.example>", "alice", "Undelivered Mail Returned to Sender",
        return_path="", headers=["Auto-Submitted: auto-replied"],
        content_type='multipart/report; report-type=delivery-status; boundary="=_d"', body="--=_d\n\nuser unknown\n--=_d--\n",
    )  # fmt: skip
    s.expect("bounce", "no_reply_needed", "o12 d12")
    receipt = 'multipart/report; report-type=disposition-notification; boundary="=_m"'
    s.ask(
        "m13",
        33,
        "ivan",
        "alice",
        "Read: Contract draft",
        content_type=receipt,
        body="--=_m\n\nYour message was displayed.\n--=_m--\n",
    )
    s.expect("read receipt", "no_reply_needed", "m13")
    s.ask(
        "i14", 34, "ivan", "alice", "Accepted: Demo on Thursday", content_type='multipart/alternative; boundary="=_c"',
        body="--=_c\nContent-Type: text/plain\n\n\n--=_c\n"
        "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\n--=_c--\n",
    )  # fmt: skip
    s.expect("an invitation is accepted", "no_reply_needed", "i14")
    s.ask("p15", 80, "Shop <no-reply@shop.example>", "sales", "Your parcel is on its way")
    s.expect("machine known only by its no-reply address", "no_reply_needed", "p15")
    s.ask("s16", 90, "Prince <prince@spam.example>", "support", "Dear friend", folder="Junk")
    s.expect("in Junk", "no_reply_needed", "s16")
    s.ask("c17", 52, "judy", "support", "Delivery note", to_header="other@partner.example", cc=f"support@{DOMAIN}")
    s.expect("we are only in Cc", "no_reply_needed", "c17")
    s.answer("t18", 48, "alice", f"bob@{DOMAIN}", "Lunch?")
    s.ask("t18b", 48, f"alice@{DOMAIN}", "bob", "Lunch tomorrow?")
    s.expect("colleague to colleague", "no_reply_needed", "t18 t18b")
    s.ask("q19", 100, "kate", "support", "Invoice copy please")
    s.answer("a19", 99, "support", "kate", "Re: Invoice copy please", refs="q19")
    s.ask("k19", 98, "kate", "support", "Re: Invoice copy please", refs="q19 a19", body="Thank you, got it!\n")
    s.expect("the customer's last word is a thank-you", "in_time", "q19 a19 k19", "q19", "a19")


def _who_answered(s: Conversations) -> None:
    s.ask("q20", 75, "liam", "alice", "Spare parts list")
    s.answer("a20", 70, "support", "liam", "Re: Spare parts list", refs="q20", sender=f"Bob <support@{DOMAIN}>")
    s.expect("asked alice, answered from the shared address", "in_time", "q20 a20", "q20", "a20")
    s.ask("q21", 60, "mona", "support", "Password lost")
    s.answer("a21", 58, "bob", "mona", "Re: Password lost", refs="q21", cc=f"support@{DOMAIN}", folder="INBOX", box="support")
    s.expect("the answer exists only as a copy in the shared INBOX", "in_time", "q21 a21", "q21", "a21")
    s.ask("q22", 96, "nora", "support", "Warranty question")
    s.expect("flagged as answered, but no reply anywhere", "overdue", "q22", "q22")
    both = [(f"support@{DOMAIN}", "INBOX"), (f"alice@{DOMAIN}", "INBOX")]
    s.ask("q23", 90, "olaf", "support", "Meeting room for 12", boxes=both, to_header=f"support@{DOMAIN}, Alice <alice@{DOMAIN}>")
    s.answer("a23", 89, "alice", "olaf", "Re: Meeting room for 12", refs="q23")
    s.expect("one mail in two of our mailboxes", "in_time", "q23 a23", "q23", "a23")
    s.ask("q24", 55, "pete", "support", "Catalogue 2")
    s.answer("x24", 50, "support", "pete", "Re: Catalogue 2", refs="q24", folder="Drafts")
    s.expect("the answer was never sent: it lies in Drafts", "overdue", "q24", "q24")
    s.ask("q25", 140, "quin", "support", "Old question", folder="Archive")
    s.expect("moved to Archive without an answer", "overdue", "q25", "q25")
    form = ['Reply-To: "Rita Customer" <rita@customer.example>']
    s.ask("q26", 58, f"Web form <webform@{DOMAIN}>", "support", "Contact form: Rita", headers=form)
    s.answer("a26", 57, "support", "rita", "Re: Contact form: Rita", refs="q26")
    s.expect("web form: From is ours, the customer is in Reply-To", "in_time", "q26 a26", "q26", "a26")
    s.ask("q27", 66, "sven", "support", "Order 1027")
    s.answer("a27", 60, "alice", "sven", "Re: Order 1027", refs="q27", sender=f"Alice <alice+orders@{DOMAIN}>")
    s.expect("answered with a plus-address", "in_time", "q27 a27", "q27", "a27")


def _several_legs(s: Conversations) -> None:
    s.ask("q30", 90, "tina", "support", "Missing screws")
    s.ask("q30b", 60, "tina", "support", "Re: Missing screws", refs="q30", body="Any news?\n")
    s.ask("q30c", 10, "tina", "support", "Re: Missing screws", refs="q30 q30b", body="Hello???\n")
    s.expect("chased twice: waits since the first mail", "overdue", "q30 q30b q30c", "q30")
    s.ask("q31", 150, "ugo", "support", "Delivery date")
    s.answer("a31", 149, "support", "ugo", "Re: Delivery date", refs="q31")
    s.ask("q31b", 72, "ugo", "support", "Re: Delivery date", refs="q31 a31", body="And can you deliver to another address?\n")
    s.expect("a new question after the answer", "overdue", "q31 a31 q31b", "q31b")
    s.ask("q32", 80, "vera", "support", "Size chart")
    s.ask("q32b", 79.5, "vera", "support", "Re: Size chart", refs="q32", body="I forgot: for shoes.\n")
    s.answer("a32", 70, "support", "vera", "Re: Size chart", refs="q32 q32b")
    s.expect("the customer adds to the own question", "in_time", "q32 q32b a32", "q32", "a32")


def _broken_threading(s: Conversations) -> None:
    s.ask("q40", 77, "walt", "support", "Invoice 4040 wrong")
    s.answer("a40", 76, "support", "walt", "RE: Invoice 4040 wrong")
    s.expect("the answer has no References", "in_time", "q40 a40", "q40", "a40")
    s.ask("q41", 88, "xena", "support", "Login problem")
    garbage = ["In-Reply-To: Your message of today <unknown-1@relay.invalid>"]
    garbage += ["References: <unknown-1@relay.invalid> garbage <not closed"]
    s.answer("a41", 86, "support", "xena", "Re: Login problem", headers=garbage)
    s.expect("References name a mail that nobody has", "in_time", "q41 a41", "q41", "a41")
    s.ask("q42", 64, "yara", "sales", "Angebot 42", headers=["Thread-Index: AdABCDEF0123456789abcdefABCDEF=="])
    s.answer("a42", 63, "sales", "yara", "AW: Angebot 42", headers=["Thread-Index: AdABCDEF0123456789abcdefABCDEFAAABBBBB=="])
    s.expect("German Outlook: AW:, Thread-Index only", "in_time", "q42 a42", "q42", "a42")
    s.ask("q43", 45, "zoe", "support", "Invoice")
    s.answer("a43", 44, "support", "zoe", "Re: Invoice", refs="q43")
    s.expect("two customers, same subject: this one was answered", "in_time", "q43 a43", "q43", "a43")
    s.ask("q44", 45.2, "adam", "support", "Invoice")
    s.expect("two customers, same subject: this one was not", "overdue", "q44", "q44")
    s.ask("q45", 49, "beth", "support", "Help")
    s.answer("a45", 47, "support", "beth", "[Case 45] How to set up your device", refs="q45")
    s.expect("another subject but right References", "in_time", "q45 a45", "q45", "a45")
    s.ask("q46", 61, "cleo", "support", "Fwd: Re: question")
    s.answer("a46", 59, "support", "cleo.private@mail.example", "Re: Fwd: Re: question", refs="q46")
    private = '"Cleo" <cleo.private@mail.example>'
    s.ask("k46", 58, private, "support", "Re: Fwd: Re: question", refs="q46 a46", body="Thanks a lot!\n")
    s.expect("answered at an address the customer has never written from", "overdue", "q46", "q46")
    s.ask("q47", 71, "dora", "support", "First of two", message_id="<same-id@broken.example>")
    s.ask("q48", 69, "dora", "support", "Second of two", message_id="<same-id@broken.example>")
    s.answer("a47", 68, "support", "dora", "Re: First of two", refs="q47")
    s.expect("a client that reuses one Message-ID: the first was answered", "in_time", "q47 a47", "q47", "a47")
    s.expect("a client that reuses one Message-ID: the second was not", "overdue", "q48", "q48")
    s.ask("q49", 53, "egon", "support", "No Message-ID at all", message_id=None)
    s.expect("no Message-ID", "overdue", "q49", "q49")


def _dates(s: Conversations) -> None:
    s.ask("q50", 54, "fay", "support", "Date in the future", date=format_datetime(NOW + timedelta(days=40)))
    s.expect("Date 40 days ahead", "overdue", "q50", "q50")
    s.ask("q51", 3, "gus", "support", "Date in the past", date="Thu, 01 Jan 1970 00:00:00 +0000")
    s.expect("Date of 1970", "open", "q51", "q51")
    s.ask("q52", 31, "hana", "support", "No date", date=None)
    s.answer("a52", 30, "support", "hana", "Re: No date", refs="q52")
    s.expect("no Date", "in_time", "q52 a52", "q52", "a52")
    s.ask("q53", 41, "ines", "support", "Odd date", date="Mon, 16 Nov 26 14:00 EST (comment (nested))")
    s.expect("two-digit year, EST and a comment", "overdue", "q53", "q53")
    s.ask("q54", 42, "jim", "support", "Nonsense date", date="yesterday around noon")
    s.expect("Date cannot be read", "overdue", "q54", "q54")
    s.ask("q55", 26, "kim", "support", "Far zone", zone=13)
    s.answer("a55", 25, "support", "kim", "Re: Far zone", refs="q55", zone=-8)
    s.expect("by the clock face the answer is the older one", "in_time", "q55 a55", "q55", "a55")
    s.ask("q56", 47, "lea", "support", "Delayed on the way", date=format_datetime(NOW - timedelta(hours=95)))
    s.answer("a56", 46, "support", "lea", "Re: Delayed on the way", refs="q56")
    s.expect("written long before it reached us", "in_time", "q56 a56", "q56", "a56")
    s.ask("q57", 115.5, "mia", "support", "Friday afternoon")  # Friday 13 November 16:30
    s.answer("a57", 50.5, "support", "mia", "Re: Friday afternoon", refs="q57")  # Monday 09:30
    s.expect("over the weekend", "late", "q57 a57", "q57", "a57")


def _charsets(s: Conversations) -> None:
    latin = {"content_type": "text/plain; charset=iso-8859-1", "encoding": "quoted-printable"}
    joerg = "=?iso-8859-1?Q?J=F6rg_M=FCller?= <joerg@customer.example>"
    greeting = quopri.encodestring("Schöne Grüße".encode("latin-1"))
    s.ask("q60", 37, joerg, "support", _word("Größe prüfen", "iso-8859-1", "Q"), body=greeting, **latin)
    s.answer("a60", 36, "support", "joerg@customer.example", "Re: " + _word("Größe prüfen"))
    s.expect("the subjects are equal only once decoded", "in_time", "q60 a60", "q60", "a60")
    s.ask("q61", 38, _word("Иван", "koi8-r") + " <ivan2@customer.example>", "support", _word("Вопрос о заказе", "koi8-r"))
    s.expect("KOI8-R", "overdue", "q61", "q61")
    s.ask("q62", 39, _word("山田", "iso-2022-jp") + " <yamada@customer.example>", "support", _word("注文について", "iso-2022-jp"))
    s.expect("ISO-2022-JP", "overdue", "q62", "q62")
    s.ask("q63", 40, "noel", "support", "Où est ma commande ?")
    s.expect("raw UTF-8 in the subject", "overdue", "q63", "q63")
    s.ask("q64", 43, "omar", "support", "Prix de la clé".encode("latin-1"), content_type='text/plain; charset="x-unknown-9"')
    s.expect("raw Latin-1 in the subject, unknown charset", "overdue", "q64", "q64")
    s.ask(
        "q65", 46, "pia", "support", "=?utf-8?B?U3ViamVrdCBtaXQgRmVobGVy!!?= =?utf-8?Q?und_M=FCll?= =?nonsense", encoding="base64"
    )
    s.expect("encoded words that do not decode", "overdue", "q65", "q65")
    long = "Sehr langer Betreff, der über mehrere kodierte Wörter verteilt ist und ein Zeichen zerteilt €".encode()
    first, second = (base64.b64encode(part).decode() for part in (long[:-2], long[-2:]))
    s.ask("q66", 48.5, "rene", "support", f"=?utf-8?B?{first}?=\r\n =?utf-8?B?{second}?=")
    s.expect("a character split over two encoded words", "overdue", "q66", "q66")
    evil = '"Evil\t\x1b[31mRed\x1b[0m" <eve@customer.example>'
    s.ask("q67", 51, evil, "support", "Escape \x1b[2J sequences \u202egnp.exe and <b>html</b>")
    s.expect("terminal escapes and markup in headers", "overdue", "q67", "q67")


def _promises_and_size(s: Conversations) -> None:
    s.ask("q70", 240, "sue", "support", "Repair estimate")
    s.answer("a70", 239, "support", "sue", "Re: Repair estimate", refs="q70", body="We will send it by 2026-11-13.\n")
    s.expect("a promise that nothing followed", "in_time", "q70 a70", "q70", "a70")
    s.ask("q71", 240, "ted", "support", "Certificate")
    s.answer("a71", 239, "support", "ted", "Re: Certificate", refs="q71", body="You will have it by 2026-11-14.\n")
    s.answer("a71b", 150, "support", "ted", "Re: Certificate", refs="q71 a71", body="Attached, as promised.\n")
    s.expect("a promise that was kept", "in_time", "q71 a71 a71b", "q71", "a71")
    s.ask("q72", 300, "una", "sales", "Sample")
    s.answer("a72", 299, "sales", "una", "Re: Sample", refs="q72")
    s.answer("a72b", 198, "sales", "una", "Re: Sample", refs="q72 a72", body="Sorry, it will rather be 2026-11-21.\n")
    s.expect("a promise that slipped", "in_time", "q72 a72 a72b", "q72", "a72")
    image = "\n".join(["QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx"] * 14000)
    mixed = f"--=_b\nContent-Type: text/plain\n\nSee the photos.\n--=_b\nContent-Type: image/jpeg\n\n{image}\n--=_b--\n"
    s.ask("q80", 28, "vic", "support", "Photos of the damage", content_type='multipart/mixed; boundary="=_b"', body=mixed)
    s.expect("a large attachment", "overdue", "q80", "q80")
    page = '<html><body><p>Could you <b>call me</b>?</p><img src="https://track.invalid/p.gif"></body></html>\n'
    s.ask("q81", 29, "wim", "support", "HTML only", content_type="text/html; charset=utf-8", body=page)
    s.expect("HTML only", "overdue", "q81", "q81")
