"""Flags by which people say that a mail needs no answer, and when to look for them. Pure."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from monitor.connectors._mail.imap_responses import Folder, arrived_since

ANSWERED: Final = "\\Answered"
_SYSTEM: Final = {b"\\answered": "ANSWERED", b"\\flagged": "FLAGGED", b"\\seen": "SEEN", b"\\deleted": "DELETED"}
_KEYWORD: Final = re.compile(r"[^\s(){%*\"\\\]\x00-\x1f\x7f-\uffff]+")
_LOOK_BACK: Final = timedelta(days=30)
#: Seconds between two looks where the server has no mark that moves with a flag, INBOX and others.
_INBOX_EVERY: Final = 60.0
_EVERY: Final = 600.0


def is_flag(text: str) -> bool:
    """Whether this can be asked for: a keyword of IMAP (`$NoAnswer`), or one of its own flags (`\\Flagged`)."""
    return text.lower().encode() in _SYSTEM if text.startswith("\\") else _KEYWORD.fullmatch(text) is not None


class Wanted:
    """The flags that say that a mail needs no answer. Where no Sent can be read, `\\Answered` is evidence."""

    def __init__(self, no_answer_needed: Iterable[str], *, no_sent: bool) -> None:
        given = dict.fromkeys(no_answer_needed, "no_answer_needed")
        self._reasons = ({ANSWERED: "answered_flag"} if no_sent else {}) | given
        self._folded = {each.lower().encode(): why for each, why in self._reasons.items()}

    def __bool__(self) -> bool:
        return bool(self._reasons)

    def reason(self, flags: bytes) -> str | None:
        """Why a mail with these flags (in small letters) needs no answer; None where they say nothing of it."""
        if not self._folded or not flags:
            return None
        return next((self._folded[each] for each in flags.split() if each in self._folded), None)

    def criteria(self, today: date) -> list[tuple[str, str]]:
        """What to search for, and why such mails need no answer."""
        return [(_criteria(flag, today), why) for flag, why in self._reasons.items()]


def _criteria(flag: str, today: date) -> str:
    """The messages of the last 30 days that bear this flag (RFC 9051 section 6.4.4)."""
    return f"{_SYSTEM.get(flag.lower().encode()) or f'KEYWORD {flag}'} {arrived_since(today - _LOOK_BACK)}"


class Looks:
    """Which folders were looked through for flags, and which messages were found to bear one. Kept between polls only: what was
    told is in the state."""

    def __init__(self) -> None:
        self._marks: dict[tuple[str, str], tuple[int | None, int | None, float]] = {}
        self._found: dict[tuple[str, str], set[int]] = {}

    def due(self, account: str, folder: Folder, now: float) -> bool:
        """Whether a flag may have changed since the last look; `now` in seconds of a clock that only goes on."""
        validity, change, at = self._marks.get((account, folder.name), (None, None, None))
        if at is None or validity != folder.uid_validity:
            return True
        if folder.change is not None:
            return change != folder.change
        return now - at >= (_INBOX_EVERY if folder.name.upper() == "INBOX" else _EVERY)

    def new(self, account: str, folder: Folder, uids: Iterable[int]) -> list[int]:
        """Those that were not found before, ascending."""
        validity = self._marks.get((account, folder.name), (None,))[0]
        known = self._found.get((account, folder.name), set()) if validity == folder.uid_validity else set()
        return sorted(set(uids) - known)

    def done(self, account: str, folder: Folder, uids: Iterable[int], now: float) -> None:
        """These bear a flag now, and it was told."""
        self._marks[account, folder.name] = folder.uid_validity, folder.change, now
        self._found[account, folder.name] = set(uids)
