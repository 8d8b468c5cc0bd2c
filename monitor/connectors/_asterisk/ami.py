"""The Asterisk Manager Interface: bytes <-> messages. No sockets, no meaning.

A message is lines of `Key: value`, ended by an empty line; the first line names it. The banner is one line alone
(FACTS section 5, "Message limits"). Most of what Asterisk sends is of no interest: the name is looked at before
anything is decoded.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

_END: Final = b"\r\n\r\n"
_BANNER: Final = b"Asterisk Call Manager/"
#: A banner is about 30 bytes; whoever sends more without a line end speaks something else.
_MAX_BANNER: Final = 256
#: Real messages stay under 4 kB; a longer one is dropped while it comes in.
MAX_MESSAGE: Final = 1 << 20
_EVENT: Final = b"Event: "
_RESPONSE: Final = b"Response: "


class NotAmi(Exception):
    """The other side does not begin as AMI does."""


class Message(NamedTuple):
    """One event (`name` is its name) or one response (`name` is empty)."""

    name: str
    fields: dict[str, str]


class Parser:
    """Bytes in any pieces -> the wanted messages. `wanted`: event -> bytes that it must contain, None for no condition.

    `parts`: event -> the fields that are looked at, where a message has many of which few are needed.
    """

    def __init__(self, wanted: Mapping[str, bytes | None], parts: Mapping[str, Sequence[str]] | None = None) -> None:
        some = {name: re.compile(rf"\r\n({'|'.join(keys)}): ([^\r]*)").findall for name, keys in (parts or {}).items()}
        self._wanted = {name.encode(): (name, marker, some.get(name)) for name, marker in wanted.items()}
        self._rest = b""
        self._dropping = False
        self.banner: str | None = None  # e.g. "11.0.0" once it came
        self.malformed = 0  # messages that were neither event nor response
        self.too_large = 0

    def feed(self, data: bytes) -> Iterator[Message]:
        """The wanted messages that `data` completes. Raises NotAmi at once when the banner is another's."""
        data = self._rest + data
        if self.banner is None:
            line, end, after = data.partition(b"\r\n")
            if not line.startswith(_BANNER[: len(line)]) or (not end and len(line) > _MAX_BANNER):
                raise NotAmi
            if not end:
                self._rest = data
                return
            if not line.startswith(_BANNER):
                raise NotAmi
            self.banner = line[len(_BANNER) :].decode("ascii", "replace").strip()
            data = after
        parts = data.split(_END)
        rest = parts.pop()
        if len(rest) > MAX_MESSAGE:
            self.too_large += not self._dropping
            self._dropping = True
            rest = rest[-(len(_END) - 1) :]
        self._rest = rest
        for part in parts:
            if part.startswith(_EVENT):
                line_end = part.find(b"\r", 7)
                wanted = self._wanted.get(part[7:line_end] if line_end > 0 else part[7:])
                if wanted is None:
                    continue
                name, marker, some = wanted
                if marker is None or marker in part:
                    yield Message(name, _fields(part) if some is None else dict(some(part.decode("utf-8", "replace"))))
            elif self._dropping:
                self._dropping = False
            elif part.startswith(_RESPONSE):
                yield Message("", _fields(part))
            else:
                self.malformed += 1


def _fields(part: bytes) -> dict[str, str]:
    text = part.decode("utf-8", "replace")
    try:
        return dict([line.split(": ", 1) for line in text.split("\r\n")])  # not pairs: ValueError
    except ValueError:  # a line without a colon: keep the others
        pairs = (line.partition(":") for line in text.split("\r\n"))
        return {key: value.strip() for key, colon, value in pairs if colon}


def action(name: str, **fields: str) -> bytes:
    """One action on the wire. Raises ValueError for a value that would smuggle in another line."""
    lines = [f"Action: {name}", *(f"{key}: {value}" for key, value in fields.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("an AMI value must not hold a line end")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def moment(stamp: str | None) -> int | None:
    """`1795298988.958727` -> whole microseconds since 1970; None when it is none (FACTS section 2, `timestampevents`)."""
    if stamp is None:
        return None
    seconds, _, fraction = stamp.partition(".")
    digits = seconds + fraction
    if not (seconds and len(seconds) <= 11 and digits.isascii() and digits.isdigit()):
        return None
    return int(digits if len(fraction) == 6 else seconds + (fraction + "000000")[:6])


def whole_number(text: str) -> int | None:
    """A field of at most nine digits; None where it is anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
