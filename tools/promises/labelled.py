"""Reads the labelled sentences beside this module.

A line `@ 2026-11-18T14:20 Europe/London` gives the moment and zone of those that follow. A promise is `DUE DEED | sentence`,
several are parted by `;`. DUE is a local date, which any moment of that date fits, a local moment, or `?` where no time is
stated. What promises nothing is `- TRAP | sentence`. `#` begins a remark.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tools.halves import held_back

FOLDER = Path(__file__).parent / "labelled"


class Sentence(NamedTuple):
    """`promises`: (due as written, deed) of each; `trap`: what kind of no promise it is, empty for promises."""

    text: str
    at: datetime
    promises: tuple[tuple[str, str], ...]
    trap: str

    @property
    def held_back(self) -> bool:
        """Whether it belongs to the half that nothing is tuned on."""
        return held_back(self.text)


def labelled(folder: Path = FOLDER) -> Iterator[Sentence]:
    """All of the files. Raises ValueError for a line that is none of the above."""
    for path in sorted(folder.glob("*.txt")):
        at: datetime | None = None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            if line.startswith("@"):
                moment, zone = line[1:].split()
                at = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
                continue
            label, bar, text = line.partition(" | ")
            if not bar or at is None:
                raise ValueError(f"{path.name}:{number}: {line!r} is no labelled sentence")
            yield _sentence(label, text, at)


def _sentence(label: str, text: str, at: datetime) -> Sentence:
    if label.startswith("- "):
        return Sentence(text, at, (), label[2:])
    promises = tuple((due, deed) for due, deed in (each.split() for each in label.split("; ")))
    return Sentence(text, at, promises, "")
