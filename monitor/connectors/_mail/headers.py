"""Mail headers as bytes -> values: who, to whom, what it answers, whether a machine wrote it. No sockets, no judgement.

Only the few headers that are needed are looked at; everything is bounded, nothing here raises on hostile input.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple
from zlib import crc32

#: The header fields to ask a server for.
FIELDS: Final = (
    "DATE FROM TO CC BCC REPLY-TO SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES THREAD-INDEX RETURN-PATH AUTO-SUBMITTED PRECEDENCE "
    "LIST-ID LIST-UNSUBSCRIBE X-AUTO-RESPONSE-SUPPRESS X-AUTOREPLY X-AUTORESPOND X-FAILED-RECIPIENTS X-SPAM-FLAG "
    "CONTENT-TYPE CONTENT-TRANSFER-ENCODING"
)
MAX_HEADERS: Final = 262_144  # bytes of one mail's headers that are looked at
_MAX_VALUE: Final = 32_768  # bytes of one field
_MAX_ADDRESSES: Final = 100
_MAX_ADDRESS: Final = 320  # characters; RFC 5321 section 4.5.3.1 allows 64 + 1 + 255
_MAX_REFERENCES: Final = 50
_MAX_NAME: Final = 200

_FOLD: Final = re.compile(rb"\r?\n[ \t]+")
_ID: Final = re.compile(r"<\s*([^<>\s]+)\s*>")
_ATOMS: Final = r'[^<>\s",:;@()\\]+'
_ONE_ADDRESS: Final = re.compile(rf'(?:"[^"\\]*"\s*|[^"<>,:;@()\\]*)<({_ATOMS}@{_ATOMS})>|({_ATOMS}@{_ATOMS})')
_ONE_ID: Final = re.compile(rb"<[^<>\s]+>")
_NAME: Final = re.compile(r"[!-~]+")
_MACHINE: Final = re.compile(
    r"(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|noreply|donotreply|nicht[-_.]?antworten|ne[-_.]?pas[-_.]?repondre|no[-_.]?responder)"
    r"(?:[-_.+].*)?|.*[-_.+]no[-_.]?reply|mailer-daemon|postmaster|bounces?(?:[-_.+].*)?|double-bounce"
)
_REPLY: Final = "re|aw|antw|antwort|sv|vs|ref|res|odp|rif|r|回复|答复|回覆|ответ"
_FORWARD: Final = "fw|fwd|wg|tr|rv|i|vb|vl|enc|doorst|pd|转发"
_PREFIX: Final = re.compile(
    rf"(?:(?P<reply>{_REPLY})|(?P<forward>{_FORWARD}))\s?(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|\^\d{{1,3}})?\s?[:：]\s*"
    r"|(?P<case>\[[^\[\]\d]{0,40}\d[^\[\]]{0,40}\])\s*|(?P<tag>\[[^\[\]\d]{1,20}\])\s*",
    re.IGNORECASE,
)
_CALENDAR: Final = re.compile(
    r"(?:accepted|declined|tentative|tentatively accepted|zugesagt|abgelehnt|mit vorbehalt|angenommen|accepté|refusé|provisoire"
    r"|aceptado|aceptada|rechazado|rechazada|provisional|geaccepteerd|geweigerd|voorlopig)\s?:",
    re.IGNORECASE,
)
_MONTHS: Final = {
    month: number
    for number, month in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}


#: A mail with none of these was written by a person, as far as these headers say.
_TELLING: Final = frozenset(
    b"auto-submitted precedence list-id list-unsubscribe x-auto-response-suppress x-autoreply x-autorespond x-failed-recipients"
    b" x-spam-flag".split()
)


class Mail(NamedTuple):
    """What one mail's headers say. Addresses are lower-cased; ids are without their angle brackets."""

    id: str  # name of its event: the same wherever and however often the mail is read
    message_id: str | None
    fingerprint: str  # distinguishes two mails whose client uses one Message-ID for both
    references: tuple[str, ...]  # ids of the mails it refers to as events, the oldest first, In-Reply-To last
    root: str | None  # Message-ID of the oldest
    thread: str | None  # root of Outlook's Thread-Index
    thread_reply: bool
    sender: str
    reply_to: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str  # as it came, still encoded; looked at in memory only
    automatic: str | None  # the header that gives a machine away
    list_id: bytes
    content_type: bytes
    encoding: bytes
    at: datetime


def short_hash(text: str) -> str:
    """16 hex digits that name `text` without telling it."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def message_event_id(message_id: str) -> str:
    """The id of the event of the mail with this Message-ID, with or without angle brackets."""
    match = _ID.search(message_id)
    return short_hash(match[1] if match else message_id.strip())


def contact_name(message_id: str | None, event_id: str) -> str:
    """What a conversation that begins with this mail is called: its Message-ID where that is fit to be shown."""
    if message_id and len(message_id) <= _MAX_NAME and _NAME.fullmatch(message_id):
        return message_id
    return f"no-id:{event_id}"


def header_fields(block: bytes) -> dict[bytes, bytes]:
    """Field name in lower case -> unfolded value, still bytes; of a repeated field the first."""
    if len(block) > MAX_HEADERS:
        block = block[:MAX_HEADERS]
    if b"\n " in block or b"\n\t" in block:
        block = _FOLD.sub(b" ", block)
    fields: dict[bytes, bytes] = {}
    for line in block.split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon:
            name = name.rstrip().lower()
            if name not in fields:
                fields[name] = value.strip() if len(value) <= _MAX_VALUE else value[:_MAX_VALUE].strip()
    return fields


def _text(value: bytes) -> str:
    """Bytes of a header as text: UTF-8 where it is, else Latin-1 (8-bit headers exist: FACTS section 1)."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def addresses(value: bytes) -> tuple[str, ...]:
    """The addresses in a From, To or Reply-To value, lower-cased, at most 100."""
    return _known_addresses(value) if len(value) <= _MAX_ADDRESS else _addresses(value)


def _addresses(value: bytes) -> tuple[str, ...]:
    text = _text(value).strip()
    match = _ONE_ADDRESS.fullmatch(text)
    if match:
        address = (match[1] or match[2]).lower()
        return (address,) if len(address) <= _MAX_ADDRESS else ()
    found: list[str] = []
    try:
        pairs = getaddresses([text])
    except RecursionError:  # comments within comments, without end
        return ()
    for _, address in pairs:
        local, at, domain = address.rpartition("@")
        if at and local and domain and len(address) <= _MAX_ADDRESS and not any(c.isspace() for c in address):
            found.append(address.lower())
            if len(found) == _MAX_ADDRESSES:
                break
    return tuple(found)


_known_addresses = lru_cache(maxsize=2048)(_addresses)  # of short values: most mails are to the same few of ours


def parse_mail(block: bytes, internal_date: datetime | None, now: datetime) -> Mail:
    """Headers as they came over the wire -> `Mail`.

    `at` is the server's internal date; the Date header is the sender's word and only stands in when there is none.
    No moment is later than `now`.
    """
    fields = header_fields(block)
    get = fields.get
    date, sender, subject, to = get(b"date", b""), get(b"from", b""), get(b"subject", b""), get(b"to", b"")
    raw_id = get(b"message-id", b"")
    message_id = _message_id(raw_id) if raw_id else None
    at = internal_date or _header_moment(date) or now
    if message_id:
        event_id = short_hash(message_id)
    else:
        # Without Date the internal date is all that distinguishes two such mails.
        when = date or str(at).encode()
        event_id = blake2b(b"\0".join((when, sender, to, subject)), digest_size=8).hexdigest()
    references = _references(get(b"references", b""), get(b"in-reply-to", b""), message_id)
    thread, thread_reply = thread_root(fields[b"thread-index"]) if b"thread-index" in fields else (None, False)
    senders = addresses(sender)
    from_address = senders[0] if senders else ""
    replies = addresses(fields[b"reply-to"]) if b"reply-to" in fields else ()
    copies = addresses(fields[b"cc"]) if b"cc" in fields else ()
    if b"bcc" in fields:
        copies += addresses(fields[b"bcc"])
    return Mail(
        event_id,
        message_id,
        f"{crc32(sender, crc32(date)):08x}",
        tuple(map(short_hash, references)),
        references[0] if references else None,
        thread,
        thread_reply,
        from_address,
        replies[0] if replies else "",
        addresses(to) if to else (),
        copies,
        _text(subject[:2000]),
        automatic_because(fields, from_address),
        get(b"list-id", b""),
        get(b"content-type", b""),
        get(b"content-transfer-encoding", b""),
        at if at < now else now,
    )


def _message_id(value: bytes) -> str | None:
    if _ONE_ID.fullmatch(value):
        return value[1:-1].decode("latin-1")
    text = value.decode("latin-1")
    match = _ID.search(text)
    if match:
        return match[1]
    words = text.replace("<", " ").replace(">", " ").split()
    return words[0] if words else None


def _references(references: bytes, in_reply_to: bytes, own: str | None) -> tuple[str, ...]:
    """Ids this mail refers to, oldest first. Of a long list the root and the newest ones are kept."""
    if not references and not in_reply_to:
        return ()
    if (references == in_reply_to or not references) and _ONE_ID.fullmatch(in_reply_to):
        parent = in_reply_to[1:-1].decode("latin-1")
        return (parent,) if parent != own else ()
    ids = _ID.findall(references.decode("latin-1"))
    if in_reply_to:
        parents = _ID.findall(in_reply_to.decode("latin-1"))
        ids += [parent for parent in parents[:1] if parent not in ids]
    unique = tuple(dict.fromkeys(i for i in ids if i != own))
    return unique if len(unique) <= _MAX_REFERENCES else (unique[0], *unique[1 - _MAX_REFERENCES :])


def thread_root(value: bytes) -> tuple[str | None, bool]:
    """Outlook's Thread-Index: 22 bytes name the conversation, each reply adds 5. -> (its name, whether this is a reply)."""
    if not value:
        return None, False
    packed = value[:2000].rstrip(b"=")
    try:
        raw = a2b_base64(packed + b"=" * (-len(packed) % 4))
    except Base64Error:
        return None, False
    return (raw[:22].hex(), len(raw) >= 27) if len(raw) >= 22 else (None, False)


def automatic_because(fields: Mapping[bytes, bytes], sender: str) -> str | None:
    """The name of the header that shows a machine wrote this mail, else None (RFC 3834 section 5; field-facts 2.4)."""
    if not _TELLING.isdisjoint(fields):
        header = _automatic_header(fields)
        if header:
            return header
    if fields.get(b"return-path") in (b"<>", b"< >"):
        return "return-path"
    kind = fields.get(b"content-type", b"")[:16].lower()
    if kind == b"multipart/report" or (kind.startswith(b"text/calendar") and b"reply" in fields[b"content-type"].lower()):
        return "content-type"
    return "sender" if is_machine(sender) else None


def _automatic_header(fields: Mapping[bytes, bytes]) -> str | None:
    if b"auto-submitted" in fields:
        value = fields[b"auto-submitted"].strip().lower()
        if not value.startswith(b"no"):
            return "auto-generated" if value.startswith(b"auto-generated") else "auto-submitted"
    if b"precedence" in fields and fields[b"precedence"].strip().lower() in (b"bulk", b"junk", b"list", b"auto_reply"):
        return "list" if fields[b"precedence"].strip().lower() == b"list" else "precedence"
    if b"list-id" in fields or b"list-unsubscribe" in fields:
        return "list"
    if b"x-auto-response-suppress" in fields:
        value = fields[b"x-auto-response-suppress"].lower()
        if b"all" in value or b"oof" in value or b"autoreply" in value:
            return "x-auto-response-suppress"
    if b"x-autoreply" in fields or b"x-autorespond" in fields or b"x-failed-recipients" in fields:
        return "x-autoreply"
    return "x-spam-flag" if fields.get(b"x-spam-flag", b"").lower().startswith(b"yes") else None


@lru_cache(maxsize=2048)
def is_machine(address: str) -> bool:
    """Whether the address says that nobody reads there: no-reply, mailer-daemon, bounces."""
    return _MACHINE.fullmatch(address.partition("@")[0]) is not None


class Subject(NamedTuple):
    """A subject without its prefixes, comparable. `answers`: it had a prefix of a reply or a case number."""

    text: str
    answers: bool
    forwards: bool


def normal_subject(subject: str) -> Subject:
    """`AW: Re[2]: Größe` -> (`größe`, answers). Encoded words are decoded first: equal subjects come encoded differently."""
    text = " ".join((decoded(subject) if "=?" in subject else subject).split())[:500]
    answers = forwards = False
    position = 0
    while match := _PREFIX.match(text, position):
        if match.end() == len(text) and not match["reply"] and not match["forward"]:
            break
        forwards = forwards or (match["forward"] is not None and not answers)
        answers = answers or match["tag"] is None
        position = match.end()
    return Subject(text[position:].casefold(), answers, forwards)


def decoded(value: str) -> str:
    """Encoded words (RFC 2047) as text; what cannot be decoded stays as it is or becomes a replacement character."""
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    text = ""
    for part, charset in parts:
        if isinstance(part, str):
            text += part
            continue
        try:
            text += part.decode(charset or "latin-1", "replace")
        except (LookupError, ValueError):
            text += part.decode("latin-1")
    return text


def may_be_calendar_reply(mail: Mail) -> bool:
    """Whether the body must be asked: invitations are accepted by mails that look like anybody's (`Accepted: …`)."""
    kind = mail.content_type[:10].lower()
    return kind == b"multipart/" and _CALENDAR.match(decoded(mail.subject) if "=?" in mail.subject else mail.subject) is not None


def is_calendar_reply(body: bytes) -> bool:
    """Whether a body holds an iTIP reply (RFC 5546 section 3.2.3)."""
    lower = body.lower()
    return b"text/calendar" in lower and (b"method=reply" in lower or b'method="reply"' in lower or b"method:reply" in lower)


def internal_date(value: bytes) -> datetime | None:
    """`17-Jul-1996 02:44:25 -0700` (RFC 9051 date-time; the day may be padded with a blank) -> UTC, None if it is not one."""
    try:
        year, month, day = _day(value[:11])
        moment = datetime(year, month, day, int(value[12:14]), int(value[15:17]), int(value[18:20]), tzinfo=UTC)
        zone = value[21:26]
        if zone == b"+0000":
            return moment
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
        return moment + offset if zone[:1] == b"-" else moment - offset
    except (ValueError, KeyError, OverflowError):
        return None


@lru_cache(maxsize=512)
def _day(value: bytes) -> tuple[int, int, int]:
    return int(value[7:11]), _MONTHS[value[3:6].decode("ascii").lower()], int(value[0:2])


def _header_moment(value: bytes) -> datetime | None:
    return date_header(_text(value)) if value else None


def date_header(value: str) -> datetime | None:
    """A Date header or the date of a Received line -> UTC; None when it cannot be read or lies before 1990."""
    try:
        moment = parsedate_to_datetime(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.year >= 1990 else None
