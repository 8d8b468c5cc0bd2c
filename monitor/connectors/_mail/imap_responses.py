"""IMAP's answers as bytes -> values, and values -> the text of commands (RFC 9051). No sockets."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple, TypedDict

from monitor.connectors._mail.headers import FIELDS
from monitor.errors import TransientError

#: A line of an answer with its literals taken out; None stands for one that is too large to be looked at.
Line = tuple[bytes, Sequence[bytes | None]]

#: The size is not asked for: a message whose stored size is wrong would cut the connection (FACTS section 1).
HEADER_ITEMS: Final = f"(UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS ({FIELDS})])"
RECEIVED_ITEMS: Final = "(UID BODY.PEEK[HEADER.FIELDS (RECEIVED)])"
_MAX_SET: Final = 4_000  # characters of a UID set; servers refuse long lines
_MAX_ID: Final = 500  # characters of a Message-ID that is searched for
_UID: Final = re.compile(rb"\bUID (\d{1,20})\b")
_USUAL: Final = re.compile(  # one look where the server answers in the order it was asked
    rb'\* \d+ FETCH \(UID (\d{1,20}) FLAGS \(([^)]*)\) INTERNALDATE "([^"]{1,40})" BODY\['
)
_DATE: Final = re.compile(rb'INTERNALDATE "([^"]{1,40})"')
_FLAGS: Final = re.compile(rb"FLAGS \(([^)]*)\)")
_STATUS: Final = re.compile(rb"\b(MESSAGES|UIDNEXT|UIDVALIDITY|HIGHESTMODSEQ) (\d{1,20})\b", re.IGNORECASE)
_LISTED: Final = re.compile(rb'\* LIST \(([^)]*)\) (?:"((?:\\.|[^"\\])*)"|NIL) (.+?)\r?\n\Z', re.IGNORECASE)
_BODY_STRING: Final = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? "((?:\\.|[^"\\])*)"', re.IGNORECASE)
#: What Exchange says of any command, with no code (sources: docs/decisions/mail-oauth.md).
_THROTTLED: Final = re.compile(rb"request is throttled(?:.{0,40}?backoff time: (\d{1,9}) milliseconds)?", re.IGNORECASE)
_NOT_CONNECTED: Final = re.compile(rb"user is authenticated but not connected", re.IGNORECASE)
_UNAVAILABLE: Final = re.compile(rb"\A(?:NO|BAD) server unavailable", re.IGNORECASE)
#: Seconds. No server makes us stay away for longer at a time; Exchange was seen to ask for 50 minutes.
LONGEST_REST: Final = 3_600.0
_REST: Final = 60.0  # where it names no time
_REST_UNCONNECTED: Final = 300.0  # missing rights are not given within a minute; a fault of the server's passes
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Folder(NamedTuple):
    """One mailbox as LIST and STATUS describe it. `name` is as it came, in modified UTF-7."""

    name: str
    attributes: frozenset[str]  # lower case, without the backslash
    messages: int | None = None
    uid_next: int | None = None
    uid_validity: int | None = None
    change: int | None = None  # HIGHESTMODSEQ (RFC 7162), where it was asked for
    delimiter: str | None = None  # between the names of a folder and of those that lie in it


class Opened(NamedTuple):
    """What EXAMINE answered."""

    uid_validity: int
    uid_next: int | None
    read_only: bool


class Fetched(NamedTuple):
    """One message of a FETCH answer. `data` None: too large to be looked at."""

    uid: int
    internal_date: bytes
    draft: bool
    data: bytes | None
    flags: bytes = b""  # all of them, in small letters


class Answer(NamedTuple):
    """A tagged completion with the untagged lines before it; each line with its literals taken out and kept apart."""

    ok: bool
    text: bytes
    lines: Sequence[Line]


def header_items(more: Iterable[str]) -> str:
    """HEADER_ITEMS with further fields."""
    return HEADER_ITEMS.replace(FIELDS, " ".join((FIELDS, *(name.upper() for name in more))))


def text_items(most: int) -> str:
    """The beginning of a body, so many bytes of it."""
    return f"(UID BODY.PEEK[TEXT]<0.{most}>)"


def uid_sets(uids: Sequence[int]) -> list[str]:
    """Ascending UIDs as IMAP sets (`1:5,8`), each short enough for one command line."""
    runs: list[str] = []
    start = previous = None
    for uid in (*uids, None):
        if previous is not None and uid == previous + 1:
            previous = uid
            continue
        if start is not None:
            runs.append(str(start) if start == previous else f"{start}:{previous}")
        start = previous = uid
    sets: list[list[str]] = [[]]
    length = 0
    for run in runs:
        if length + len(run) > _MAX_SET:
            sets.append([])
            length = 0
        sets[-1].append(run)
        length += len(run) + 1
    return [",".join(part) for part in sets if part]


def fetched(line: bytes, literals: Sequence[bytes | None]) -> Fetched | None:
    """One line of a FETCH answer; None for everything else that may stand there."""
    usual = _USUAL.match(line)
    if usual is not None and len(literals) == 1:
        set_flags = usual[2].lower()
        return Fetched(int(usual[1]), usual[3], b"\\draft" in set_flags, literals[0], set_flags)
    uid = _UID.search(line)
    if uid is None or b" FETCH " not in line[:32].upper():
        return None
    if literals:
        data = literals[0]
    elif b"BODY[" in line.upper():
        quoted = _BODY_STRING.search(line)
        data = re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else b""
    else:
        return None  # news of a flag
    date_text, found = _DATE.search(line), _FLAGS.search(line)
    flags = found[1].lower() if found else b""
    return Fetched(int(uid[1]), date_text[1] if date_text else b"", b"\\draft" in flags, data, flags)


def listed(answer: Answer) -> list[Folder]:
    """`* LIST (\\HasNoChildren \\Sent) "/" "Sent Items"`, with those that cannot be opened."""
    folders: dict[str, Folder] = {}
    for line, literals in answer.lines:
        match = _LISTED.match(line)
        name = _unquoted(match[3], literals) if match else None
        if match is None or name is None:
            continue
        attributes = frozenset(a.lstrip("\\").lower() for a in match[1].decode("latin-1").split())
        delimiter = match[2].decode("latin-1").lstrip("\\") or "\\" if match[2] else None
        text = name.decode("latin-1")
        folders[text] = Folder(text, attributes, delimiter=delimiter)
    return list(folders.values())


class Marks(TypedDict, total=False):
    """What STATUS says of a folder, as the fields of `Folder`."""

    messages: int
    uid_next: int
    uid_validity: int
    change: int


_MARKS: Final[Mapping[bytes, Literal["messages", "uid_next", "uid_validity", "change"]]] = {
    b"MESSAGES": "messages",
    b"UIDNEXT": "uid_next",
    b"UIDVALIDITY": "uid_validity",
    b"HIGHESTMODSEQ": "change",
}


def statuses(lines: Iterable[Line]) -> dict[bytes, Marks]:
    """`mark_key` of a folder -> its marks."""
    told: dict[bytes, Marks] = {}
    for line, literals in lines:
        match = re.match(rb"\* STATUS (.+) \(([^()]*)\)\s*\Z", line, re.IGNORECASE)
        name = _unquoted(match[1], literals) if match else None
        if match is not None and name is not None:
            marks: Marks = {}
            for each in _STATUS.finditer(match[2]):
                marks[_MARKS[each[1].upper()]] = int(each[2])
            told[mark_key(name)] = marks
    return told


def mark_key(name: bytes) -> bytes:
    """A folder's name, INBOX in whichever letters a server writes it."""
    return b"INBOX" if name.upper() == b"INBOX" else name


def _unquoted(text: bytes, literals: Sequence[bytes | None]) -> bytes | None:
    if text == b"{}":
        return literals[0] if literals else None
    if text[:1] == b'"' and text[-1:] == b'"' and len(text) >= 2:
        return re.sub(rb"\\(.)", rb"\1", text[1:-1])
    return text


def quotable(text: str) -> bool:
    """Whether `text` may stand in a quoted string; all else has to go as a literal."""
    return text.isascii() and text.isprintable()


def quoted(text: str) -> str:
    """`text` as a quoted string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def put_off(text: bytes) -> TransientError | None:
    """What a refusal means by which a server says, whatever it was asked, that this is no moment to ask; None for others."""
    throttled = _THROTTLED.search(text)
    if throttled is not None:
        rest = min(int(throttled[1]) / 1000, LONGEST_REST) if throttled[1] else _REST
        return TransientError("the server asks us to pause (throttled)", reason="rate_limit", retry_after=rest)
    if _NOT_CONNECTED.search(text):
        return TransientError(
            "logged in, but the server does not open this mailbox: look whether the account may read it (Exchange: "
            "Add-MailboxPermission, FullAccess) and whether IMAP is switched on for it; it may also pass by itself",
            reason="auth",
            retry_after=_REST_UNCONNECTED,
        )
    return TransientError("the server says that it is not available now") if _UNAVAILABLE.search(text) else None


def xoauth2(address: str, token: str) -> bytes:
    """The words of SASL XOAUTH2 (Google and Microsoft, "SASL XOAUTH2"), packed."""
    return b64encode(f"user={address}\1auth=Bearer {token}\1\1".encode())


def oauthbearer(address: str, host: str, port: int, token: str) -> bytes:
    """The words of SASL OAUTHBEARER (RFC 7628 section 3.1, with the names of RFC 5801), packed."""
    name = address.replace("=", "=3D").replace(",", "=2C")
    return b64encode(f"n,a={name},\1host={host}\1port={port}\1auth=Bearer {token}\1\1".encode())


def first_day(days: timedelta, today: date) -> date:
    """The day from which a first read begins. A day earlier than asked: servers cut days in their own zone."""
    return today - days - timedelta(days=1)


def decoded_name(name: str) -> str:
    """A folder's name out of modified UTF-7 (RFC 3501 section 5.1.3); what is none stays as it is."""

    def decode(match: re.Match[str]) -> str:
        if not match[1]:
            return "&"
        packed = match[1].replace(",", "/")
        try:
            return f"+{packed}-".encode("ascii").decode("utf-7")
        except (UnicodeDecodeError, UnicodeEncodeError):
            return match[0]

    return re.sub(r"&([A-Za-z0-9+,]*)-", decode, name) if "&" in name else name


def folder_title(name: str) -> str:
    """A folder's name for people: decoded, bounded, control characters shown."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in decoded_name(name))[:80]


def search_criteria(first: int, since: date | None) -> str:
    """UIDs from `first` on, of messages that arrived on the day `since` or later."""
    return f"UID {first}:*" + (f" {arrived_since(since)}" if since else "")


def arrived_since(day: date) -> str:
    """Messages that arrived on this day or later."""
    return f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"


def with_message_id(message_id: str) -> str | None:
    """Messages with this Message-ID that nobody has marked as deleted; None for an id that cannot be asked for."""
    if not message_id or len(message_id) > _MAX_ID or not quotable(message_id):
        return None
    return f"UNDELETED HEADER MESSAGE-ID {quoted(message_id)}"
