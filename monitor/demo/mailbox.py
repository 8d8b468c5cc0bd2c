"""The demo's mail account: folders of messages with UIDs, flags and change numbers; old mail is let go."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

FOLDERS: Final = {
    "INBOX": "",
    "Archive": "\\Archive",
    "Drafts": "\\Drafts",
    "Junk": "\\Junk",
    "Sent": "\\Sent",
    "Trash": "\\Trash",
}
CAP: Final = 5_000  # messages a folder keeps; the oldest go first


@dataclass(slots=True)
class StoredMessage:
    """A message in a folder."""

    uid: int
    at: datetime
    header: bytes  # with the empty line that ends it
    text: bytes
    flags: tuple[str, ...]
    change: int

    @property
    def size(self) -> int:
        return len(self.header) + len(self.text)


@dataclass(slots=True)
class Folder:
    """A folder; `messages` by UID, which only grow."""

    name: str
    use: str
    validity: int
    messages: dict[int, StoredMessage] = field(default_factory=dict)
    next_uid: int = 1
    change: int = 1

    def unseen(self) -> int:
        return sum("\\Seen" not in m.flags for m in self.messages.values())


class Mailbox:
    """One account. UIDVALIDITY is the moment it was made, as Dovecot's is: a restarted demo has new UIDs."""

    def __init__(self, made: datetime, cap: int = CAP) -> None:
        self.folders = {name: Folder(name, use, int(made.timestamp())) for name, use in FOLDERS.items()}
        self._cap = cap

    def deliver(self, folder: str, raw: bytes, at: datetime, flags: Iterable[str] = ()) -> int:
        """Store a message as of the moment `at`; gives its UID."""
        home = self.folders[folder]
        end = raw.index(b"\r\n\r\n") + 4
        home.change += 1
        uid, home.next_uid = home.next_uid, home.next_uid + 1
        home.messages[uid] = StoredMessage(uid, at, raw[:end], raw[end:], tuple(flags), home.change)
        while len(home.messages) > self._cap:
            del home.messages[next(iter(home.messages))]
            home.change += 1
        return uid

    def flag(self, folder: str, uid: int, *flags: str) -> None:
        """Set flags; a message that has gone is none of our business."""
        home = self.folders[folder]
        message = home.messages.get(uid)
        if message is not None:
            home.change += 1
            message.flags = tuple(dict.fromkeys((*message.flags, *flags)))
            message.change = home.change


def internal_date(moment: datetime) -> str:
    """`21-Nov-2026 22:09:08 +0000` (RFC 3501 date-time); English month names whatever the locale."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{moment.day:02}-{months[moment.month - 1]}-{moment:%Y %H:%M:%S %z}"


def parse_date(text: str) -> date:
    """`21-Nov-2026` (RFC 3501 date). Raises ValueError."""
    parsed = time.strptime(text, "%d-%b-%Y")
    return date(parsed.tm_year, parsed.tm_mon, parsed.tm_mday)
