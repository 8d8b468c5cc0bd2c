"""Reads a growing log file line by line through rotation, from wherever it was left. Blocking; call it in a thread.

Asterisk rotates by renaming (FACTS section 3, "logger rotate"), logrotate by renaming or by copying and truncating; either may
pack the archive. The archive is known by its inode, else by its beginning.
"""

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from monitor.connector import Finding, Rejected
from monitor.connectors._asterisk.queue_log import parse
from monitor.connectors._packed import DAMAGED, packing, unpacked

#: Read at a time; small enough that what it holds is handled in a few milliseconds.
CHUNK: Final = 128 * 1024
_HEAD: Final = 64


@dataclass(slots=True)
class _Archive:
    """A rotated file, open: what lies on the disk, and its content."""

    raw: BinaryIO
    content: BinaryIO
    stat: os.stat_result
    foreign: bool  # packed by what we cannot unpack

    @classmethod
    def open(cls, path: Path) -> "_Archive":
        raw = path.open("rb")
        found = packing(raw.read(_HEAD))
        return cls(raw, unpacked(raw), os.fstat(raw.fileno()), found is not None and not found[1])

    @property
    def packed(self) -> bool:
        return self.content is not self.raw


class LogTailer:
    """The lines of `path`."""

    def __init__(self, path: Path, cursor: dict[str, Any] | None) -> None:
        """`cursor`: what `cursor()` gave, None to begin at the start of the present file."""
        self._path = path
        place = cursor or {}
        self._inode: int | None = place.get("inode")
        self._offset: int = place.get("offset", 0)
        self._head: int | None = place.get("head")  # checksum of the file's beginning: inodes are used again
        self._head_size: int = place.get("head_size", 0)
        self._skipping: bool = place.get("skipping", False)  # inside a line that was too long
        self._older: _Archive | None = None  # the archive that is being read
        self.broken = False  # a file was removed or truncated before it was read to its end

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
            self._adopt(file, os.fstat(file.fileno()).st_ino)
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
                self._adopt(file, stat.st_ino)
            elif self._older is None and self._same(file, stat):
                self._freshen(file)
            else:
                if self._older is None:
                    self._older = self._archived(stat)
                if self._older is not None:
                    return self._lines_of(self._older), False
                self._adopt(file, stat.st_ino)
            at_end = self._offset + CHUNK >= stat.st_size
            return self._lines(file, last=False), at_end

    def close(self) -> None:
        """Lets go of an archive that has not been read to its end; the next read opens it again."""
        if self._older is not None:
            self._older.raw.close()
            self._older = None

    def _lines_of(self, older: _Archive) -> list[bytes | Rejected]:
        """The next lines of an archive; after the last ones it goes on with the file that followed."""
        try:
            self._freshen(older.content)
            lines = self._lines(older.content, last=True)
        except DAMAGED:
            if not older.packed:
                raise
            self.broken, lines = True, []
        if not lines:
            self.close()
            self._next_after(older.stat)
        return lines

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

    def _adopt(self, file: BinaryIO, inode: int) -> None:
        self._inode, self._offset, self._skipping = inode, 0, False
        self._head, self._head_size = None, 0
        self._freshen(file)

    def _freshen(self, file: BinaryIO) -> None:
        if self._head_size < _HEAD:
            file.seek(0)
            head = file.read(_HEAD)
            self._head, self._head_size = zlib.crc32(head), len(head)

    def _same(self, file: BinaryIO, stat: os.stat_result) -> bool:
        return stat.st_ino == self._inode and stat.st_size >= self._offset and self._begins_alike(file)

    def _begins_alike(self, file: BinaryIO) -> bool:
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

    def _archived(self, present: os.stat_result) -> _Archive | None:
        """The file we were reading under its new name, or a copy of it; None when it is gone."""
        found: _Archive | None = None
        for path in self._archives():
            try:
                archive = _Archive.open(path)
            except OSError:
                continue
            if self._is_ours(archive, present):
                if found is not None:
                    found.raw.close()
                found = archive
                if archive.stat.st_ino == self._inode:
                    return found
            else:
                archive.raw.close()
        if found is None:
            self.broken = self._inode != present.st_ino or self._offset > 0
        return found

    def _is_ours(self, archive: _Archive, present: os.stat_result) -> bool:
        same_inode = archive.stat.st_ino == self._inode
        if archive.stat.st_ino == present.st_ino or not (same_inode or self._head_size):
            return False
        try:
            return (archive.packed or archive.stat.st_size >= self._offset) and self._begins_alike(archive.content)
        except DAMAGED:
            return False

    def _next_after(self, finished: os.stat_result) -> None:
        """The archive after the one just finished, else the present file."""
        for path in self._archives():
            try:
                archive = _Archive.open(path)
            except OSError:
                continue
            newer = archive.stat.st_mtime_ns > finished.st_mtime_ns and archive.stat.st_ino != finished.st_ino
            self.broken = self.broken or (newer and archive.foreign)
            try:
                if (
                    newer and not archive.foreign and not (self._head_size and self._begins_alike(archive.content))
                ):  # not the same once more, packed
                    self._adopt(archive.content, archive.stat.st_ino)
                    self._older = archive
                    return
            except DAMAGED:
                self.broken = True
            archive.raw.close()
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
