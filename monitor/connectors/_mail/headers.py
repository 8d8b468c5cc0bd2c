"""Mail headers as bytes -> values: who, to whom, when, what it answers. No sockets, no judgement.

Only the few headers that are needed are looked at; everything is bounded, nothing here raises on hostile input.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple
from zlib import crc32

from monitor.connectors._mail import machines
from monitor.connectors._mail.subjects import decoded
from monitor.domain.event import EPOCH

#: The header fields to ask a server for.
FIELDS: Final = (
    "DATE FROM TO CC BCC REPLY-TO SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES THREAD-INDEX RETURN-PATH CONTENT-TYPE "
    "CONTENT-TRANSFER-ENCODING " + machines.FIELDS
)
MAX_HEADERS: Final = 262_144  # bytes of one mail's headers that are looked at
_MAX_VALUE: Final = 32_768  # bytes of one field
_MAX_ADDRESSES: Final = 100
_MAX_ADDRESS: Final = 320  # characters; RFC 5321 section 4.5.3.1 allows 64 + 1 + 255
_MAX_REFERENCES: Final = 50
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")
_ID: Final = re.compile(r"<\s*([^<>\s]+)\s*>")
_ATOMS: Final = r'[^<>\s",:;@()\\]+'
_ONE_ADDRESS: Final = re.compile(rf'(?:"[^"\\]*"\s*|[^"<>,:;@()\\]*)<({_ATOMS}@{_ATOMS})>|({_ATOMS}@{_ATOMS})')
_ONE_ID: Final = re.compile(rb"<[^<>\s]+>")
_BARE_ID: Final = re.compile(r"[^<>\s\",:;@()]+@[^<>\s\",:;@()]+")  # as programs write it that forget the brackets
_USUAL_DATE: Final = re.compile(
    rb"(?:\w{3}, {1,2})?(\d{1,2} \w{3} \d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)(?: \([\w ]+\))?"
)
_REPEATED: Final = frozenset((b"to", b"cc", b"reply-to"))  # against RFC 5322 section 3.6 some forms write them twice
_SECOND: Final = timedelta(seconds=1)
_FIRST_DAY: Final = EPOCH.toordinal()
_MOVED: Final = 86_400  # seconds; an internal date so much after the mail's own is the day somebody moved it
_MONTHS: Final = {
    month: number
    for number, month in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}

#: `Context.hash_customer`: a keyed hash, 16 hex digits.
Hasher = Callable[[str], str]


class Mail(NamedTuple):
    """What one mail's headers say. Addresses are lower-cased; ids are without their angle brackets."""

    id: str  # name of its event, a keyed hash: the same wherever and however often the mail is read
    second_id: str  # the same, should another mail bear its Message-ID already
    message_id: str | None  # in memory only
    fingerprint: str  # distinguishes two mails whose client uses one Message-ID for both; 9 characters
    references: tuple[str, ...]  # ids of the mails it refers to as events, the oldest first, In-Reply-To last
    thread: str | None  # root of Outlook's Thread-Index
    thread_reply: bool
    sender: str
    reply_to: tuple[str, ...]
    to: tuple[str, ...]  # to whom somebody has sent it on, where somebody has
    cc: tuple[str, ...]
    subject: str  # as it came, still encoded; looked at in memory only
    automatic: str | None  # the header that gives a machine away
    doubt: str | None  # the header that makes a newsletter of it, unless it goes on from a mail of ours
    group: bytes  # what names the group that passed it on
    author: tuple[str, ...]  # who wrote it, where a group has put itself into From
    form: bool  # made by the software of a web site
    redirected: str | None  # the id its own Message-ID stands for, where `id` is that of the mail a rule passed on
    content_type: bytes
    encoding: bytes
    at: datetime
    clock: str | None  # where `at` is from, if not from the server's internal date: received-header, date-header


def short_hash(text: str) -> str:
    """16 hex digits that name `text` without telling it."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def kept_id(plain: str, hash_customer: Hasher) -> str:
    """The name under which a mail is kept and shown: 16 hex digits, keyed, for a Message-ID can hold names of people and machines
    and can be guessed. `plain` is what tells the mail from others, a hash already (`short_hash`, or longer ago a part of one):
    so what was stored before names were keyed can be brought to them.
    """
    return hash_customer(f"mail:{plain}")


def message_event_id(message_id: str, hash_customer: Hasher) -> str:
    """The id of the event of the mail with this Message-ID, with or without angle brackets."""
    match = _ID.search(message_id)
    return kept_id(short_hash(match[1] if match else message_id.strip()), hash_customer)


def header_fields(block: bytes) -> dict[bytes, bytes]:
    """Field name in lower case -> unfolded value, still bytes; of a repeated field the first, of addresses all."""
    if len(block) > MAX_HEADERS:
        block = block[:MAX_HEADERS]
    if b"\n " in block or b"\n\t" in block:
        block = _FOLD.sub(b" ", block)
    fields: dict[bytes, bytes] = {}
    for line in block.split(b"\n"):  # faster than one regular expression over the block
        name, colon, value = line.partition(b":")
        if colon:
            name = name.rstrip().lower()
            if name not in fields:
                fields[name] = value.strip() if len(value) <= _MAX_VALUE else value[:_MAX_VALUE].strip()
            elif name in _REPEATED and len(fields[name]) < _MAX_VALUE:
                fields[name] += b", " + value[:_MAX_VALUE].strip()
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
        address = _readable(match[1] or match[2])
        return (address,) if len(address) <= _MAX_ADDRESS else ()
    found: list[str] = []
    for part in _in_list(text):
        address = part.split()[-1] if part and not part.startswith('"') else part  # `Jane Roe jane@x` without brackets
        local, at, domain = address.rpartition("@")
        if at and local and domain and len(address) <= _MAX_ADDRESS and not any(c.isspace() for c in address):
            found.append(_readable(address))
            if len(found) == _MAX_ADDRESSES:
                break
    if not found and "=?" in text and (plain := decoded(text)) != text:
        return _addresses(plain.replace("=?", "").encode("utf-8", "replace"))  # name and address in one encoded word
    return tuple(found)


def _readable(address: str) -> str:
    """In lower case, an internationalised domain (RFC 5890) as people read it: it comes in both forms."""
    address = address.lower()
    if "xn--" not in address:
        return address
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return address


def _in_list(text: str) -> Iterator[str]:
    """What may be an address in each part of a list of mailboxes (RFC 5322 section 3.4), as people and programs write it.

    What stands in angle brackets wins over what stands before them: names hold commas and other addresses, unquoted.
    """
    plain, angle = "", None
    quoted = escaped = False
    depth = 0
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
            continue
        elif quoted or (character == '"' and depth == 0):
            quoted = quoted != (character == '"')
            if character == '"':
                continue
        elif character in "()":
            depth = max(0, depth + (1 if character == "(" else -1))
            continue
        elif depth:
            continue
        elif character == "<":
            angle = ""
            continue
        elif character == ">":
            if angle is not None:
                yield angle.strip()
            plain, angle = "", None
            continue
        elif character in ",;" and angle is None:
            yield plain.strip()
            plain = ""
            continue
        elif character == ":" and angle is None:  # the name of a group of addresses
            plain = ""
            continue
        if depth == 0:
            if angle is not None:
                angle += character
            else:
                plain += character
    yield (angle if angle is not None else plain).strip()


_known_addresses = lru_cache(maxsize=2048)(_addresses)  # of short values: most mails are to the same few of ours


def parse_mail(block: bytes, internal_date: datetime | None, now: datetime, hash_customer: Hasher) -> Mail:
    """Headers as they came over the wire -> `Mail`. `hash_customer` names mails as well (`kept_id`).

    `at` is the server's internal date, unless that is more than a day after the topmost Received line, or the Date of a mail
    without one: then somebody has moved the mail (`is_moved` says when Received must be asked for), and those tell. The Date
    header stands in when there is no internal date. No moment is later than `now`.
    """
    fields = header_fields(block)
    get = fields.get
    written, subject, to = get(b"date", b""), get(b"subject", b""), get(b"to", b"")
    senders = addresses(get(b"from", b"")) or addresses(get(b"sender", b"")) or addresses(get(b"return-path", b""))
    sender = senders[0] if senders else ""
    usual = machines.is_usual(fields)
    parent = None if usual else machines.redirected_id(fields, sender)
    own_id = _message_id(fields[b"message-id"]) if b"message-id" in fields else None
    message_id = parent or own_id
    sent = _seconds(written) if written else None
    at, clock = _moment(internal_date, sent, get(b"received"), now)
    if message_id:
        plain = short_hash(message_id)
    else:
        # Without Date the internal date is all that distinguishes two such mails.
        when = written or str(at).encode()
        plain = blake2b(b"\0".join((when, get(b"from", b""), to, subject)), digest_size=8).hexdigest()
    references = _references(get(b"references", b""), get(b"in-reply-to", b""), message_id)
    thread, thread_reply = thread_root(fields[b"thread-index"]) if b"thread-index" in fields else (None, False)
    copies = addresses(fields[b"cc"]) if b"cc" in fields else ()
    if b"bcc" in fields:
        copies += addresses(fields[b"bcc"])
    replies = addresses(fields[b"reply-to"]) if b"reply-to" in fields else ()
    said = machines.says(fields, sender, usual=usual)
    fingerprint = _fingerprint(_writer(sender, replies, usual), written, sent)
    return Mail(
        kept_id(plain, hash_customer),
        kept_id(plain[:7] + fingerprint, hash_customer),
        message_id,
        fingerprint,
        tuple([kept_id(short_hash(each), hash_customer) for each in references]),
        thread,
        thread_reply,
        sender,
        replies,
        addresses(to) if usual else addresses(get(b"resent-to", to)),
        copies,
        _text(subject[:2000]),
        None if parent and said.automatic == "auto-generated" else said.automatic,
        said.doubt,
        b"" if usual else machines.group_marks(fields),
        () if usual else _author(fields),
        not usual and machines.is_form_mailer(fields),
        kept_id(short_hash(own_id), hash_customer) if parent and own_id else None,
        get(b"content-type", b""),
        get(b"content-transfer-encoding", b""),
        at if at < now else now,
        clock,
    )


def is_moved(mail: Mail) -> bool:
    """Whether the Received lines, if they were not among the headers, must be asked when this mail came."""
    return mail.clock == "date-header"


def _moment(
    internal: datetime | None, sent: int | None, received: bytes | None, now: datetime
) -> tuple[datetime, str | None]:  # fmt: skip
    """(when a mail came, what says so where the server's internal date does not)."""
    if internal is None:
        return (_from_seconds(sent), "date-header") if sent is not None else (now, None)
    latest = (internal - EPOCH) // _SECOND - _MOVED
    if received is None or (came := _seconds(received.rpartition(b";")[2].strip())) is None:
        return (_from_seconds(sent), "date-header") if sent is not None and sent < latest else (internal, None)
    return (_from_seconds(came), "received-header") if came < latest else (internal, None)


def _from_seconds(seconds: int) -> datetime:
    return EPOCH + seconds * _SECOND


def _writer(sender: str, replies: tuple[str, ...], usual: bool) -> str:
    """Who tells two mails of one Message-ID and second apart: of a form its customer; groups change Reply-To."""
    if usual and replies and replies[0].rpartition("@")[2] != sender.rpartition("@")[2]:
        return replies[0]
    return sender


def _fingerprint(sender: str, written: bytes, sent: int | None) -> str:
    """Of parsed values: servers write quotes, comments, zones and encodings of the same mail differently."""
    when = b"%d" % sent if sent is not None else b" ".join(written.split())
    return f"{crc32(sender.encode('utf-8', 'surrogatepass'), crc32(when)):08x}v"


def _author(fields: dict[bytes, bytes]) -> tuple[str, ...]:
    """Whom Google Groups and Mailman name as the author where they put the group into From."""
    found: tuple[str, ...] = ()
    for name in (b"x-original-from", b"x-original-sender", b"x-mailfrom"):
        if name in fields:
            found += addresses(fields[name])
    return found


def _message_id(value: bytes) -> str | None:
    if _ONE_ID.fullmatch(value):
        return value[1:-1].decode("latin-1")
    text = _id_text(value)
    match = _ID.search(text)
    if match:
        return match[1]
    words = text.replace("<", " ").replace(">", " ").split()
    return words[0] if words else None


def _id_text(value: bytes) -> str:
    """An id or a list of them, decoded where a program has encoded it against RFC 2047 section 5: Python's `EmailMessage` does
    so with ids as long as Outlook's (python/cpython#79986), Zend's mail and others with any.
    """
    text = value.decode("latin-1")
    return decoded(text) if "=?" in text else text


def _ids(value: bytes) -> list[str]:
    text = _id_text(value)
    words = text.split()
    return _ID.findall(text) or (words if all(map(_BARE_ID.fullmatch, words)) else [])


def _references(references: bytes, in_reply_to: bytes, own: str | None) -> tuple[str, ...]:
    """Ids this mail refers to, oldest first. Of a long list the root and the newest ones are kept."""
    if not references and not in_reply_to:
        return ()
    if (references == in_reply_to or not references) and _ONE_ID.fullmatch(in_reply_to):
        parent = in_reply_to[1:-1].decode("latin-1")
        return (parent,) if parent != own else ()
    ids = _ids(references)
    if in_reply_to:
        parents = _ids(in_reply_to)
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


def _seconds(value: bytes) -> int | None:
    """A date of RFC 5322 section 3.3 -> seconds since 1970; the usual form by one look, since every mail has one."""
    usual = _USUAL_DATE.fullmatch(value)
    if usual is not None:
        day, hour, minute, second, sign, offset_hours, offset_minutes = usual.groups()
        begun = _begin_of_day(day)
        if begun is not None:
            offset = int(offset_hours) * 3600 + int(offset_minutes) * 60
            moment = begun + int(hour) * 3600 + int(minute) * 60 + int(second)
            return moment + offset if sign == b"-" else moment - offset
    found = date_header(_text(value))
    return None if found is None else (found - EPOCH) // _SECOND


@lru_cache(maxsize=512)
def _begin_of_day(value: bytes) -> int | None:
    """`2 Nov 2026` -> seconds since 1970 in UTC; None for what is no day, or lies before 1990."""
    try:
        year, month, day = _day(b"-".join(value.split()).rjust(11))
        return (date(year, month, day).toordinal() - _FIRST_DAY) * 86_400 if year >= 1990 else None
    except (ValueError, KeyError, OverflowError):
        return None


def date_header(value: str) -> datetime | None:
    """A Date header or the date of a Received line -> UTC; None when it cannot be read or lies before 1990."""
    try:
        moment = parsedate_to_datetime(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.year >= 1990 else None
