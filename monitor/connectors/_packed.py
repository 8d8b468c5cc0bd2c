"""Files packed by gzip, bzip2 or xz, read as they are. What is packed is told by its first bytes, not by its name."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

#: What reading a damaged or cut off archive raises.
DAMAGED: Final = (EOFError, zlib.error, lzma.LZMAError, OSError)

_OPEN: Final[tuple[tuple[bytes, str, Callable[[BinaryIO], Any]], ...]] = (
    (b"\x1f\x8b", "gzip", lambda file: gzip.GzipFile(fileobj=file, mode="rb")),
    (b"BZh", "bzip2", bz2.open),
    (b"\xfd7zXZ\x00", "xz", lzma.open),
)
#: Known by name only: the standard library does not read them.
_FOREIGN: Final = ((b"\x28\xb5\x2f\xfd", "zstd"), (b"\x1f\x9d", "compress"), (b"PK\x03\x04", "zip"))
_MAGIC_BYTES: Final = 6


def packing(head: bytes) -> tuple[str, bool] | None:
    """What a file that begins so is packed by, and whether it can be read; None: it is not packed."""
    for magic, name, _ in _OPEN:
        if head.startswith(magic):
            return name, True
    return next(((name, False) for magic, name in _FOREIGN if head.startswith(magic)), None)


def unpacked(file: BinaryIO) -> BinaryIO:
    """The content of an open file from its beginning; the file itself where it is not packed by anything we read."""
    file.seek(0)
    head = file.read(_MAGIC_BYTES)
    file.seek(0)
    return next((cast(BinaryIO, open_(file)) for magic, _, open_ in _OPEN if head.startswith(magic)), file)


class Together(io.RawIOBase):
    """Several files, packed or not, as one; a file without a line end at its end gets one."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = list(paths)
        self._raw: BinaryIO | None = None
        self._file: BinaryIO | None = None
        self._done_bytes = 0
        self._whole_line = True
        self.damaged: list[tuple[Path, str]] = []  # archives that could be read in part only, and why

    def readable(self) -> bool:
        return True

    @property
    def bytes_read(self) -> int:
        """How much of the files, as they lie there, has been read."""
        return self._done_bytes + (self._raw.tell() if self._raw is not None else 0)

    def readinto(self, buffer: Any) -> int:
        while self._paths:
            if self._file is None:
                self._raw = self._paths[0].open("rb")
                self._file = unpacked(self._raw)
            try:
                data = self._file.read(len(buffer))
            except DAMAGED as error:
                self.damaged.append((self._paths[0], str(error) or type(error).__name__))
                data = b""
            if not data:
                data = b"" if self._whole_line or len(self._paths) == 1 else b"\n"
                self._next()
            if data:
                self._whole_line = data.endswith(b"\n")
                buffer[: len(data)] = data
                return len(data)
        return 0

    def _next(self) -> None:
        if self._raw is not None:
            self._done_bytes += self._raw.seek(0, io.SEEK_END)
            self._raw.close()
        self._raw = self._file = None
        del self._paths[0]

    def close(self) -> None:
        if self._raw is not None:
            self._raw.close()
        super().close()
