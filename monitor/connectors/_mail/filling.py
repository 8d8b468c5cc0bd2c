"""Tells when mail of long ago is being put into folders: a mailbox that is moved here, an archive that is dragged in. Pure.

Whoever moves a mailbox moves INBOX first and Sent an hour later. Until it is quiet, such folders are left alone: each mail would
look like one that nobody has answered, and an answer might be taken for that to another mail.
"""

from datetime import datetime, timedelta
from typing import Final

_LONG_AGO: Final = timedelta(hours=1)  # before the last complete read: it cannot have come since
_QUIET: Final = timedelta(minutes=2)
_MANY: Final = 20  # of fewer mails nobody waits for longer than _FEW
_FEW: Final = timedelta(minutes=10)


class Filling:
    """What is known of it from one poll to the next."""

    def __init__(self) -> None:
        self._complete: datetime | None = None  # when everything was read last
        self._began: datetime | None = None
        self._last: datetime | None = None
        self._waiting: dict[tuple[str, str], tuple[int, int]] = {}  # account, folder -> how many, up to which UID

    def is_old(self, at: datetime) -> bool:
        """Whether a mail that is new to us is of a time that was read completely. After a start nobody knows."""
        return self._complete is not None and at < self._complete - _LONG_AGO

    def waits(self, account: str, folder: str, old: int, last_uid: int, now: datetime) -> bool:
        """Whether to leave a folder alone for now that holds so many old mails which are new to us."""
        self._began = self._began or now
        if self._waiting.get((account, folder)) != (old, last_uid):
            self._waiting[account, folder] = old, last_uid
            self._last = now
        many = sum(count for count, _ in self._waiting.values()) >= _MANY
        return now - (self._last or now) < _QUIET and (many or now - self._began < _FEW)

    def over(self, now: datetime) -> bool:
        """Everything was read. Returns whether that had to wait."""
        waited = self._began is not None
        self._complete = now
        self._began = self._last = None
        self._waiting.clear()
        return waited
