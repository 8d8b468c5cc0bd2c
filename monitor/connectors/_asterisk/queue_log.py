"""Asterisk's queue_log: lines <-> values (FACTS section 4). Pure; `tail` reads the file, `log_calls` says what lines mean.

Whole seconds, no holds, and of the ringing only what an answered or given-up attempt shows.
"""

from typing import Final, NamedTuple

from monitor.connector import Place, Rejected
from monitor.connectors._asterisk.ami import whole_number

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
#: What editors on Windows put before the first line of UTF-8.
_MARK: Final = b"\xef\xbb\xbf"
#: Real lines stay under 300 bytes.
MAX_LINE: Final = 4096

#: Verbs after which the caller has left unserved, and the reason. SYSCOMPAT: the two channels could not be joined, and
#: Asterisk drops the caller. LEAVEEMPTY: dialplans of Wazo write it after EXITEMPTY.
EXITS: Final = {
    "EXITWITHTIMEOUT": "timeout", "EXITEMPTY": "no_agents", "EXITWITHKEY": "key", "WITHDRAW": "withdrawn",
    "SYSCOMPAT": "timeout", "LEAVEEMPTY": "no_agents",
}  # fmt: skip
#: Verbs of callers who never got in, as dialplans of Wazo write them, and the reason.
TURNED_AWAY: Final = {"FULL": "full", "CLOSED": "closed", "JOINEMPTY": "no_agents", "JOINUNAVAIL": "no_agents"}
#: Where a line says how long the caller has waited, in seconds.
_WAITED: Final = {"CONNECT": 0, "ABANDON": 2, "EXITWITHTIMEOUT": 2, "EXITEMPTY": 2, "WITHDRAW": 2, "EXITWITHKEY": 3}

QUEUE_PLACE: Final = Place("queue", "Phone: the queue, as the phone system calls it.")
EXTENSION_PLACE: Final = Place("extension", "Phone: the direct number.")


class Line(NamedTuple):
    """One line. `at` in microseconds (whole seconds on the wire)."""

    at: int
    uid: str
    queue: str
    agent: str
    verb: str
    data: list[str]


def parse(raw: bytes, *, latest: int | None = None) -> Line | Rejected:
    """One line without its end. Bytes that are not UTF-8 are replaced; the sample never shows what stood there.

    A moment after `latest` (microseconds) cannot be true, nor one of less than ten digits: that is 2001, or a cut line.
    """
    if len(raw) > MAX_LINE:
        return Rejected("too_large", f"a line of {len(raw)} bytes")
    parts = raw.removeprefix(_MARK).decode("utf-8", "replace").split("|")
    stamp = parts[0]
    if len(parts) < 5 or not (stamp.isascii() and stamp.isdigit() and 10 <= len(stamp) <= 11) or not parts[4]:
        return Rejected("malformed", f"a line of {len(raw)} bytes in {len(parts)} fields")
    at = int(stamp) * SECOND
    if latest is not None and at > latest:
        return Rejected("future", f"a line of {len(raw)} bytes")
    return Line(at, parts[1], parts[2], parts[3], parts[4], parts[5:])


def hint(line: Line) -> str | None:
    """Why this line's caller left, where queue_log knows what AMI does not say."""
    return EXITS.get(line.verb)


def seconds(data: list[str], index: int) -> int | None:
    """A field in whole seconds (or milliseconds); None where there is none. A negative index counts from the end."""
    return whole_number(data[index]) if -len(data) <= index < len(data) else None


def waited(line: Line) -> int | None:
    """How many seconds the caller has waited at this line, where it says so."""
    index = _WAITED.get(line.verb)
    return seconds(line.data, index) if index is not None else None
