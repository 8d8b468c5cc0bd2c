"""IMAP's answers as bytes -> values, and values -> the text of commands (RFC 9051). No sockets."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from monitor.connectors._mail.headers import FIELDS

#: A line of an answer with its literals taken out; None stands for one that is too large to be looked at.
Line = tuple[bytes, Sequence[bytes | None]]

#: The size is not asked for: a message whose stored size is wrong would cut the connection (FACTS section 1).
HEADER_ITEMS: Final = f"(UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS ({FIELDS})])"
TEXT_ITEMS: Final = "(UID BODY.PEEK[TEXT]<0.8192>)"
RECEIVED_ITEMS: Final = "(UID BODY.PEEK[HEADER.FIELDS (RECEIVED)])"
_MAX_SET: Final = 4_000  # characters of a UID set; servers refuse long lines
_UID: Final = re.compile(rb"\bUID (\d{1,20})\b")
_USUAL: Final = re.compile(  # one look where the server answers in the order it was asked
    rb'\* \d+ FETCH \(UID (\d{1,20}) FLAGS \(([^)]*)\) INTERNALDATE "([^"]{1,40})" BODY\['
)
_DATE: Final = re.compile(rb'INTERNALDATE "([^"]{1,40})"')
_FLAGS: Final = re.compile(rb"FLAGS \(([^)]*)\)")
_STATUS: Final = re.compile(rb"\b(MESSAGES|UIDNEXT|UIDVALIDITY|HIGHESTMODSEQ) (\d{1,20})\b", re.IGNORECASE)
_LISTED: Final = re.compile(rb'\* LIST \(([^)]*)\) (?:"((?:\\.|[^"\\])*)"|NIL) (.+?)\r?\n\Z', re.IGNORECASE)
_BODY_STRING: Final = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? "((?:\\.|[^"\\])*)"', re.IGNORECASE)
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


class Answer(NamedTuple):
    """A tagged completion with the untagged lines before it; each line with its literals taken out and kept apart."""

    ok: bool
    text: bytes
    lines: Sequence[Line]


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
        return Fetched(int(usual[1]), usual[3], b"\\draft" in usual[2].lower(), literals[0])
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
    date_text, flags = _DATE.search(line), _FLAGS.search(line)
    draft = flags is not None and b"\\draft" in flags[1].lower()
    return Fetched(int(uid[1]), date_text[1] if date_text else b"", draft, data)


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


def statuses(lines: Iterable[Line]) -> dict[bytes, tuple[int | None, ...]]:
    """Folder -> MESSAGES, UIDNEXT, UIDVALIDITY, HIGHESTMODSEQ."""
    marks: dict[bytes, tuple[int | None, ...]] = {}
    for line, literals in lines:
        match = re.match(rb"\* STATUS (.+) \(([^()]*)\)\s*\Z", line, re.IGNORECASE)
        name = _unquoted(match[1], literals) if match else None
        if match is not None and name is not None:
            found = {m[1].upper(): int(m[2]) for m in _STATUS.finditer(match[2])}
            marks[name] = tuple(map(found.get, (b"MESSAGES", b"UIDNEXT", b"UIDVALIDITY", b"HIGHESTMODSEQ")))
    return marks


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
    return f"UID {first}:*" + (f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}" if since else "")
