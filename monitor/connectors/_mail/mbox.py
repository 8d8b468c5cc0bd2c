"""A mailbox file (mbox, RFC 4155) -> neutral events, one mail at a time in bounded memory; for `import`.

A file of Google Takeout, Thunderbird, Dovecot or mutt also holds what the user threw away; their marks are heeded.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, Final, NamedTuple

from monitor.connector import Rejected
from monitor.connectors._mail.contents import looked_at, text_wanted
from monitor.connectors._mail.headers import MAX_HEADERS, date_header, header_fields, parse_mail
from monitor.connectors._mail.ignored import Ignored
from monitor.connectors._mail.mime import LONG, SHORT
from monitor.connectors._mail.our_words import MailWords, is_cut
from monitor.connectors._mail.parties import ClassifiedMail, Identity, classify
from monitor.connectors._mail.subjects import decoded
from monitor.connectors._mail.threads import Threads, conversation_keys, state_keys
from monitor.domain.event import Event

_MAX_LINE: Final = 65_536
_MAX_STATE: Final = 200_000
#: Who and when; Thunderbird writes `From - …`, since 2023 nothing at all, and some programs no date.
_SEPARATOR: Final = re.compile(
    rb"From (?:\S+@\S+|.{1,200}\b\d{1,2}:\d\d.{1,80}\b(?:19|20)\d\d\b.{0,80}"
    rb"|.{1,200}\b(?:19|20)\d\d\b.{1,40}\b\d{1,2}:\d\d.{0,60})?\s*\Z"
)
#: `From x@y Mon Nov  2 09:00:00 2026`, also without seconds, and with a zone before or behind the year.
_FROM: Final = re.compile(
    rb"From \S+ +(?:\w{3} )?(\w{3}) +(\d{1,2}) (\d\d):(\d\d)(?::(\d\d))? (?:([+-]\d{4}) |\w+ )?(\d{4})(?: ([+-]\d{4}))?\s*\Z"
)
_HEADER: Final = re.compile(rb"(?:>?From |[!-9;-~]+[ \t]*:)")
_QUOTED_FROM: Final = re.compile(rb">+From ")

#: Bits of X-Mozilla-Status and of X-Mozilla-Status2 (nsMsgMessageFlags): deleted but not compacted, waiting to be sent;
#: deleted on the server, a template. A draft has no bit: it lies in a file of its own.
_MOZILLA_OUT: Final = 0x0008 | 0x0800
_MOZILLA2_OUT: Final = 0x00200000 | 0x01000000

#: Takeout writes the labels in the user's language, as Gmail shows them.
_LABELS_OUT: Final = frozenset(
    name.casefold()
    for name in (
        # junk
        "Spam", "Spamverdacht", "Correo no deseado", "Skräppost", "Søppelpost", "Uønsket post", "Roskaposti", "Спам",
        "迷惑メール", "垃圾邮件", "垃圾郵件", "스팸함", "Ανεπιθύμητα",
        # bin
        "Trash", "Bin", "Deleted", "Papierkorb", "Corbeille", "Papelera", "Cestino", "Lixeira", "Lixo", "Prullenbak",
        "Kosz", "Papperskorgen", "Papirkurv", "Papirkurven", "Roskakori", "Koš", "Kuka", "Coș de gunoi", "Çöp Kutusu",
        "Корзина", "Кошик", "ゴミ箱", "已删除邮件", "垃圾桶", "휴지통", "Κάδος απορριμμάτων",
        # drafts
        "Draft", "Drafts", "Entwurf", "Entwürfe", "Brouillon", "Brouillons", "Borrador", "Borradores", "Bozza", "Bozze",
        "Rascunho", "Rascunhos", "Concept", "Concepten", "Wersja robocza", "Wersje robocze", "Utkast", "Kladde",
        "Kladder", "Luonnokset", "Koncept", "Koncepty", "Piszkozatok", "Mesaje nefinalizate", "Taslaklar", "Черновики",
        "Чернетки", "下書き", "草稿", "임시보관함", "Πρόχειρα",
        # no mails
        "Chat", "Chats",
    )
)  # fmt: skip
_LABELS_SENT: Final = frozenset(
    name.casefold()
    for name in (
        "Sent", "Sent Mail", "Gesendet", "Envoyé", "Envoyés", "Messages envoyés", "Enviado", "Enviados",
        "Correo enviado", "E-mails enviados", "Inviati", "Inviata", "Posta inviata", "Verzonden", "Wysłane", "Skickat",
        "Skickade", "Sendt", "Sendte", "Lähetetyt", "Odeslané", "Odesláno", "Odoslané",
        "Odeslaná pošta", "Elküldött", "Elküldött levelek",
        "Trimise", "Gönderilmiş", "Gönderilenler", "Отправленные", "Надіслані", "送信済み", "送信済みメール", "已发送",
        "已发邮件", "寄件備份", "보낸편지함", "Απεσταλμένα",
    )
)  # fmt: skip


class _Raw(NamedTuple):
    """One mail of the file: its separator line, its headers, and the beginning of its body."""

    separator: bytes
    headers: bytes
    body: bytes
    too_large: bool


def is_mbox(head: bytes) -> bool:
    """Whether a file that begins so is a mailbox file."""
    return head.lstrip().startswith(b"From ")


def events_of_mbox(
    file: BinaryIO, us: Identity, ignored: Ignored, hash_customer: Callable[[str], str], now: datetime,
    hear: Callable[[ClassifiedMail, bytes], MailWords],
) -> Iterator[Event | Rejected]:  # fmt: skip
    """The events of all conversations in the file, in the file's order. `hear`: a mail and the beginning of its body -> what it
    says.

    The moment of a mail is that of its topmost Received line (our server's), else of its separator line, which has no
    zone and is taken as UTC, else its Date.
    """
    state: dict[str, str] = {}
    fallback = next(iter(us.addresses), "")
    for raw in _split(file):
        if raw.too_large:
            yield Rejected("too_large", "headers of a mail in the file")
            continue
        if b":" not in raw.headers:
            yield Rejected("malformed", "a mail without headers in the file")
            continue
        fields = header_fields(raw.headers)
        labels = _labels(fields)
        if _is_left_out(fields, labels):
            continue
        mail = parse_mail(raw.headers, _moment(raw, fields), now, hash_customer)
        if ignored.covers(mail, raw.headers):
            continue
        # A form's mail to ourselves has the label, too: the label is only asked where the address is not known as ours.
        in_sent = not us.ours(mail.sender) and not _LABELS_SENT.isdisjoint(labels)
        found = classify(mail, us, fallback, in_sent, hash_customer)
        if found is None:
            continue
        courtesy, words = False, None
        most = text_wanted([found], {key: state[key] for key in state_keys([found]) if key in state}).get(0)
        if most is not None and found.ours:
            body = raw.body[:most]
            words = hear(found, raw.body[:LONG] if is_cut(found, body) else body)
        elif not found.ours:
            seen = looked_at(found, raw.body[:most], us, hash_customer) if most is not None else (found, False)
            if seen is None:
                continue
            words = hear(found, raw.body[:SHORT]) if seen[0] is found else None
            found, courtesy = seen
        known = {key: state[key] for key in state_keys([found]) if key in state}
        known |= {key: state[key] for key in conversation_keys(known) if key in state}
        threads = Threads(known)
        threads.add(found, courtesy, words=words)
        state |= threads.changes()
        if len(state) > _MAX_STATE:
            state = dict(list(state.items())[_MAX_STATE // 2 :])
        yield from threads.events


def _split(file: BinaryIO) -> Iterator[_Raw]:
    """The mails of a file; of each body only its beginning.

    A mail begins at a line `From WHO WHEN` after a blank one and before a header: bodies hold lines with `From `, too.
    """
    separator: bytes | None = None
    headers, body = bytearray(), bytearray()
    in_headers, blank, begun = True, True, False
    line = file.readline(_MAX_LINE)
    while line:
        following = file.readline(_MAX_LINE)
        if blank and (_SEPARATOR.match(line) and _HEADER.match(following) if begun else line.startswith(b"From ")):
            if separator is not None:
                yield _Raw(separator, bytes(headers), bytes(body), len(headers) > MAX_HEADERS)
            separator, in_headers, blank, begun = line, True, False, True
            headers.clear()
            body.clear()
        else:
            blank = line in (b"\n", b"\r\n")
            if in_headers and blank:
                in_headers = False
            elif in_headers:
                if len(headers) <= MAX_HEADERS:
                    headers += line
            elif len(body) < LONG:
                body += line[1:] if _QUOTED_FROM.match(line) else line
        line = following
    if separator is not None:
        yield _Raw(separator, bytes(headers), bytes(body), len(headers) > MAX_HEADERS)


def _labels(fields: Mapping[bytes, bytes]) -> frozenset[str]:
    """The labels that Takeout wrote, in one form. A name with a comma comes in quotes and is none of the system's."""
    value = fields.get(b"x-gmail-labels", b"").decode("utf-8", "replace")
    return frozenset(label.strip().casefold() for label in decoded(value).split(",")) if value else frozenset()


def _is_left_out(fields: Mapping[bytes, bytes], labels: frozenset[str]) -> bool:
    """Whether the mail was thrown away, is junk or was never sent, by the marks of the program that wrote the file."""
    if not labels.isdisjoint(_LABELS_OUT):
        return True
    if _bits(fields, b"x-mozilla-status") & _MOZILLA_OUT or _bits(fields, b"x-mozilla-status2") & _MOZILLA2_OUT:
        return True
    # Dovecot, UW-IMAP and mutt: D deleted, T a draft.
    return any(flag in fields.get(b"x-status", b"") for flag in (b"D", b"T"))


def _bits(fields: Mapping[bytes, bytes], name: bytes) -> int:
    value = fields.get(name, b"")
    try:
        return int(value[:16], 16) if value else 0
    except ValueError:
        return 0


def _moment(raw: _Raw, fields: Mapping[bytes, bytes]) -> datetime | None:
    received = fields.get(b"received", b"").rpartition(b";")[2].decode("latin-1").strip()
    return (date_header(received) if received else None) or _separator_moment(raw.separator)


def _separator_moment(line: bytes) -> datetime | None:
    """`From x@y Sat Jan  3 01:05:34 1996`."""
    match = _FROM.match(line)
    if match is None:
        return None
    month, day, hour, minute, second, before, year, behind = (part.decode("ascii") if part else "" for part in match.groups())
    return date_header(f"{day} {month} {year} {hour}:{minute}:{second or '00'} {before or behind or '+0000'}")
