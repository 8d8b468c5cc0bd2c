"""Our own recordings of our own calls (tests/recordings/asterisk), as bytes with the moments they were read at."""

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.connectors._asterisk.ami import Message, Parser
from monitor.connectors._asterisk.tracker import PARTS, WANTED, CallTracker
from monitor.domain.event import Event

HERE = Path(__file__).parent.parent / "recordings" / "asterisk"
MICROS = 1_000_000


def hashed(number: str) -> str:
    """Stands in for the keyed hash: readable in a failing test."""
    return "customer-" + number


def read(name: str, file: str) -> bytes:
    """A file of a recording, unpacked where it is packed."""
    path = HERE / name / file
    return path.read_bytes() if path.exists() else gzip.decompress(path.with_name(file + ".gz").read_bytes())


def truth(name: str) -> dict[str, Any]:
    """What the phones measured."""
    content: dict[str, Any] = json.loads(read(name, "ground_truth.json"))
    return content


def chunks(name: str, user: str = "monitor", connection: int = 1) -> list[tuple[int, bytes]]:
    """(moment of the read in microseconds, bytes), as they came."""
    raw = read(name, f"ami-{user}.{connection}.raw")
    pieces = []
    for line in read(name, f"ami-{user}.{connection}.idx").decode().splitlines():
        if not line.startswith("#"):
            moment, offset, length = line.split()
            start = int(offset)
            pieces.append((int(float(moment) * MICROS), raw[start : start + int(length)]))
    return pieces


def messages(name: str, user: str = "monitor", connection: int = 1) -> list[Message]:
    """The wanted messages of one connection."""
    parser = Parser(WANTED, PARTS)
    return [message for _, data in chunks(name, user, connection) for message in parser.feed(data)]


def follow(pieces: Iterable[tuple[int, bytes]], calls: CallTracker | None = None, **settings: Any) -> list[Event]:
    """Everything that these bytes tell, to the end and a minute beyond."""
    parser, calls = Parser(WANTED, PARTS), calls or CallTracker(hashed, **settings)
    calls.pending.in_touch = True
    moment = 0
    for moment, data in pieces:
        for message in parser.feed(data):
            calls.feed(message, moment)
    calls.flush()
    calls.tick(moment + 60 * MICROS)
    return calls.calls.drain_events()


def scenarios() -> Iterator[str]:
    """The names of all recordings, `asterisk16/…` included."""
    for path in sorted(HERE.rglob("ami-monitor.1.raw.gz")):
        yield str(path.parent.relative_to(HERE))


def moment(epoch: float) -> datetime:
    """An aware UTC moment from epoch seconds."""
    return datetime.fromtimestamp(epoch, UTC)
