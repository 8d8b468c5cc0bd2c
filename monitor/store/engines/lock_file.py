"""One daemon for each SQLite file: a lock on a file of its own beside it, which the kernel drops however its holder ends.

The database itself is not locked so: closing a second descriptor of it would drop the locks that SQLite has on it.
"""

import fcntl
import os
from contextlib import suppress
from datetime import UTC, datetime

from monitor.errors import StoreHeld
from monitor.store.engines.holder import MAX_SIGNATURE, Holder, signature


class LockFile:
    """The lock of one store. What is written in it is for people and for the message of a second daemon."""

    def __init__(self, store: str) -> None:
        """`store`: the database's path. Symbolic links lead to one lock."""
        self._store = store
        self.path = f"{os.path.realpath(store)}.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take it, or go on holding it. Raises StoreHeld when another daemon has it, OSError when it cannot be made."""
        while not self._is_ours():  # somebody may delete it between opening and locking
            self.release()
            self._descriptor = self._locked()

    def holder(self) -> Holder | None:
        """Who holds it; None: nobody does. Raises OSError when that cannot be seen."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(descriptor)
        finally:
            os.close(descriptor)
        return None

    def release(self) -> None:
        """Let another daemon have it. The file stays: deleting it could let two have one each."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _is_ours(self) -> bool:
        """Whether we hold a lock on the file that others would find."""
        if self._descriptor is None:
            return False
        with suppress(FileNotFoundError):
            return os.path.samestat(os.stat(self.path), os.fstat(self._descriptor))
        return False

    def _locked(self) -> int:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(descriptor)
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise StoreHeld(f"store {self._store}: {holder} has it open: end that one first") from None
            raise
        with suppress(OSError):  # a full disk: the lock holds all the same, it only says less
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, signature().encode(), 0)
        return descriptor


def _holder(descriptor: int) -> Holder:
    """Who wrote into a lock file last, and when."""
    signed = os.pread(descriptor, MAX_SIGNATURE, 0).decode("ascii", "replace")
    return Holder.read(signed, datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC) if signed else None)
