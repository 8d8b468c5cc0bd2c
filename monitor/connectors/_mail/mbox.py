"""A mailbox file (mbox, RFC 4155) -> neutral events, one mail at a time in bounded memory; for `import`."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO, Final, NamedTuple

from monitor.connector import Rejected
from monitor.connectors._mail.contents import looked_at, text_wanted
from monitor.connectors._mail.headers import MAX_HEADERS, date_header, header_fields, parse_mail
from monitor.connectors._mail.parties import Identity, classify
from monitor.connectors._mail.threads import Threads, conversation_keys, state_keys
from monitor.domain.event import Event

_MAX_LINE: Final = 65_536
_MAX_BODY: Final = 8_192
_MAX_STATE: Final = 200_000
_FROM: Final = re.compile(
    rb"From \S+ +(?:\w{3} )?(\w{3}) +(\d{1,2}) (\d\d):(\d\d)(?::(\d\d))? (?:\w+ )?(\d{4})(?: ([+-]\d{4}))?\s*\Z"
)


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
    file: BinaryIO, us: Identity, hash_customer: Callable[[str], str], now: datetime
) -> Iterator[Event | Rejected]:
    """The events of all conversations in the file, in the file's order.

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
        mail = parse_mail(raw.headers, _moment(raw), now)
        found = classify(mail, us, fallback, False, hash_customer)
        if found is None:
            continue
        courtesy = False
        if text_wanted([found], {key: state[key] for key in state_keys([found]) if key in state}):
            seen = looked_at(found, raw.body, us, hash_customer)
            if seen is None:
                continue
            found, courtesy = seen
        known = {key: state[key] for key in state_keys([found]) if key in state}
        known |= {key: state[key] for key in conversation_keys(known) if key in state}
        threads = Threads(known)
        threads.add(found, courtesy)
        state |= threads.changes()
        if len(state) > _MAX_STATE:
            state = dict(list(state.items())[_MAX_STATE // 2 :])
        yield from threads.events


def _split(file: BinaryIO) -> Iterator[_Raw]:
    """The mails of a file, at a line `From …` after a blank one; of each body only its beginning."""
    separator: bytes | None = None
    headers = bytearray()
    body = bytearray()
    in_headers, blank = True, True
    while line := file.readline(_MAX_LINE):
        if blank and line.startswith(b"From "):
            if separator is not None:
                yield _Raw(separator, bytes(headers), bytes(body), len(headers) > MAX_HEADERS)
            separator, in_headers = line, True
            headers.clear()
            body.clear()
            blank = False
            continue
        blank = line in (b"\n", b"\r\n")
        if in_headers and blank:
            in_headers = False
        elif in_headers:
            if len(headers) <= MAX_HEADERS:
                headers += line
        elif len(body) < _MAX_BODY:
            body += line[1:] if line.startswith(b">From ") else line
    if separator is not None:
        yield _Raw(separator, bytes(headers), bytes(body), len(headers) > MAX_HEADERS)


def _moment(raw: _Raw) -> datetime | None:
    received = header_fields(raw.headers).get(b"received", b"").rpartition(b";")[2].decode("latin-1").strip()
    return (date_header(received) if received else None) or _separator_moment(raw.separator)


def _separator_moment(line: bytes) -> datetime | None:
    """`From x@y Sat Jan  3 01:05:34 1996`."""
    match = _FROM.match(line)
    if match is None:
        return None
    month, day, hour, minute, second, year, zone = (part.decode("ascii") if part else "" for part in match.groups())
    return date_header(f"{day} {month} {year} {hour}:{minute}:{second or '00'} {zone or '+0000'}")
