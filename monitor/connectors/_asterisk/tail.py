"""Reads a growing log file line by line through rotation, from wherever it was left. Blocking; call it in a thread."""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from monitor.connector import Finding, Rejected
from monitor.connectors._asterisk.queue_log import parse

#: Read at a time; small enough that what it holds is handled in a few milliseconds.
CHUNK: Final = 128 * 1024
_HEAD: Final = 64


class LogTailer:
    """The lines of `path`. Asterisk rotates by renaming (FACTS section 3, "logger rotate"), others truncate."""

    def __init__(self, path: Path, cursor: dict[str, Any] | None) -> None:
        """`cursor`: what `cursor()` gave, None to begin at the start of the present file."""
        self._path = path
        place = cursor or {}
        self._inode: int | None = place.get("inode")
        self._offset: int = place.get("offset", 0)
        self._head: int | None = place.get("head")  # checksum of the file's beginning: inodes are used again
        self._head_size: int = place.get("head_size", 0)
        self._skipping: bool = place.get("skipping", False)  # inside a line that was too long
        self.broken = False  # a file was removed before it was read to its end

    def cursor(self) -> dict[str, Any] | None:
        """Where the next read begins."""
        if self._inode is None:
            return None
        place: dict[str, Any] = {"inode": self._inode, "offset": self._offset, "head": self._head, "head_size": self._head_size}
        if self._skipping:
            place["skipping"] = True
        return place

    def to_end(self) -> None:
        """Goes to the end of the present file: only what is written from now on is of interest. Raises OSError."""
        with self._path.open("rb") as file:
            self._adopt(file, os.fstat(file.fileno()))
            self._offset = file.seek(0, os.SEEK_END)
            if self._offset > 0:
                file.seek(self._offset - 1)
                self._skipping = file.read(1) != b"\n"  # in the middle of a line

    def read(self) -> tuple[list[bytes | Rejected], bool]:
        """The next complete lines without their ends, at most CHUNK bytes of them, and whether the end was reached.

        Raises OSError; FileNotFoundError while a rotation is between its two steps.
        """
        with self._path.open("rb") as file:
            stat = os.fstat(file.fileno())
            if self._inode is None:
                self._adopt(file, stat)
            elif self._same(file, stat):
                self._freshen(file)
            else:
                older = self._renamed(stat)
                if older is not None:
                    with older:
                        self._freshen(older)
                        lines = self._lines(older, last=True)
                        if not lines:
                            self._next_after(older)
                    return lines, False
                self._adopt(file, stat)
            at_end = self._offset + CHUNK >= stat.st_size
            return self._lines(file, last=False), at_end

    def _lines(self, file: BinaryIO, *, last: bool) -> list[bytes | Rejected]:
        """`last`: nothing will be appended to this file any more, so that a line without its end is a line."""
        file.seek(self._offset)
        data = file.read(CHUNK)
        whole, newline, rest = data.rpartition(b"\n")
        if not newline:
            if len(data) < CHUNK and not (last and data):
                return []
            if self._skipping and not last:
                self._offset += len(data)
                return []
            self._offset += len(data)
            if last and len(data) < CHUNK:
                return [data] if not self._skipping else []
            self._skipping = True
            return [Rejected("too_large", f"a line of more than {CHUNK} bytes")]
        self._offset += len(data) - len(rest)
        lines: list[bytes | Rejected] = [line.rstrip(b"\r") for line in whole.split(b"\n")]
        if self._skipping:
            del lines[0]
            self._skipping = False
        return [line for line in lines if line]

    def _adopt(self, file: BinaryIO, stat: os.stat_result) -> None:
        self._inode, self._offset, self._skipping = stat.st_ino, 0, False
        self._head, self._head_size = None, 0
        self._freshen(file)

    def _freshen(self, file: BinaryIO) -> None:
        if self._head_size < _HEAD:
            file.seek(0)
            head = file.read(_HEAD)
            self._head, self._head_size = zlib.crc32(head), len(head)

    def _same(self, file: BinaryIO, stat: os.stat_result) -> bool:
        if stat.st_ino != self._inode or stat.st_size < self._offset:
            return False
        file.seek(0)
        return self._head is None or zlib.crc32(file.read(self._head_size)) == self._head

    def _archives(self) -> Iterator[Path]:
        """Rotated files of this log, in the order in which they were last written."""
        found = []
        for path in self._path.parent.glob(self._path.name + "?*"):
            try:
                found.append((path.stat().st_mtime_ns, path.name, path))
            except OSError:
                continue
        yield from (path for _, _, path in sorted(found))

    def _renamed(self, present: os.stat_result) -> BinaryIO | None:
        """The file we were reading under its new name, or None when it is gone or was truncated."""
        for path in self._archives():
            try:
                file = path.open("rb")
            except OSError:
                continue
            stat = os.fstat(file.fileno())
            if stat.st_ino != present.st_ino and self._same(file, stat):
                return file
            file.close()
        self.broken = self._inode != present.st_ino
        return None

    def _next_after(self, done: BinaryIO) -> None:
        """The archive after the one just finished, else the present file."""
        finished = os.fstat(done.fileno())
        for path in self._archives():
            try:
                with path.open("rb") as file:
                    stat = os.fstat(file.fileno())
                    newer = stat.st_mtime_ns > finished.st_mtime_ns and stat.st_ino != finished.st_ino
                    if newer and path.suffix not in (".gz", ".bz2", ".xz", ".zst"):
                        self._adopt(file, stat)
                        return
            except OSError:
                continue
        self._inode, self._offset, self._head, self._head_size, self._skipping = None, 0, None, 0, False


def inspect_log(path: Path) -> Finding:
    """One line about a queue_log file: readable, and does its end look like one?"""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 4096))
            tail = file.read(4096)
    except OSError as error:
        return Finding(False, f"{path} cannot be read: {error.strerror}")
    lines = tail.split(b"\n")[:-1]
    lines = lines if size <= 4096 else lines[1:]
    good = sum(not isinstance(parse(line), Rejected) for line in lines)
    if not lines:
        return Finding(True, f"{path} is readable and empty so far")
    if good == 0:
        return Finding(False, f"{path} does not look like a queue_log: its lines are not epoch|call|queue|agent|verb|…")
    return Finding(True, f"{path} is readable and looks like a queue_log")
