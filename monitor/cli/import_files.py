"""`import`: files of contact events, queue_log or mbox into the store. Idempotent; a bad line never stops the rest."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal

from monitor.clock import Clock
from monitor.config.models import Settings
from monitor.config.policies import PolicyResolver, calendars, make_directory, places_of
from monitor.connector import Batch, Rejected
from monitor.connectors._event_lines import Bad, SeenUntil, parse_lines
from monitor.domain.customer import customer_hasher
from monitor.domain.event import EPOCH, Event
from monitor.domain.rings import calling_code
from monitor.engine.directory import Directory
from monitor.engine.ingest import SWEEP_CHUNK, Ingest
from monitor.errors import ConfigError, CursorMoved
from monitor.store.base import Store

Format = Literal["events", "queue_log", "mbox"]

#: Events a transaction. Larger ones gain nothing and cost memory.
CHUNK = 5000
#: A source of this name takes contact events when no `events` source is configured.
IMPLICIT = "import"

_TAKES: dict[Format, tuple[str, ...]] = {
    "events": ("events",),
    "queue_log": ("queue_log", "asterisk"),
    "mbox": ("imap",),
}


@dataclass(slots=True)
class Report:
    """What an import did, told at its end and while it runs."""

    stored: int = 0
    repeated: int = 0
    rejected: int = 0
    first_bad: list[str] = field(default_factory=list)
    watermark: datetime | None = None


def format_of(path: Path) -> Format:
    """Told by the first bytes. Raises ConfigError when they are of nothing known."""
    try:
        with path.open("rb") as file:
            head = file.read(4096).lstrip()
    except OSError as error:
        raise ConfigError(f"{path}: cannot read it: {error.strerror}") from None
    if head.startswith(b"{"):
        return "events"
    if head.startswith(b"From "):
        return "mbox"
    if head[:10].isdigit() and head.split(b"\n", 1)[0].count(b"|") >= 4:
        return "queue_log"
    raise ConfigError(f"{path}: neither contact events (JSON lines), nor queue_log, nor mbox")


def source_for(settings: Settings, kind: Format, chosen: str | None) -> tuple[str, str]:
    """(source, its type) that a file goes to. Raises ConfigError naming the choices."""
    fitting = {name: source.type for name, source in settings.sources.items() if source.type in _TAKES[kind]}
    if chosen is not None:
        if chosen not in fitting:
            raise ConfigError(f"--source: {chosen!r} takes no {kind}; {', '.join(sorted(fitting)) or 'no source'} would")
        return chosen, fitting[chosen]
    if len(fitting) == 1:
        return next(iter(fitting.items()))
    if kind == "events" and not fitting:
        return IMPLICIT, "events"
    if not fitting:
        raise ConfigError(f"no source takes {kind}; configure one of type {' or '.join(_TAKES[kind])}")
    raise ConfigError(f"--source: several sources take {kind}: {', '.join(sorted(fitting))}; choose one")


class Importer:
    """Writes files of one source into an open store."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, key: bytes, source: str, kind: str) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._source = source
        self._kind = kind
        self._hash = customer_hasher(key, calling_code(settings.country))
        book = PolicyResolver(settings, calendars(settings))
        self._directory: Directory = make_directory(settings, book)
        if source not in settings.sources:
            self._directory.add_source(source)
        for each in {source, *settings.sources}:  # the others' too: their names are taken
            self._directory.restore(each, store.places(each))
        self._ingest = Ingest(store, self._directory, book.bounds())
        self._seen = store.cursor_row(source)

    def run(self, path: Path, kind: Format, until: datetime | None, progress: Callable[[int], None]) -> Report:
        """Imports one file. `progress` is told how many of its bytes have been read.

        Absence is judged at `until`, else at the newest event of the file, once all of it has been read.
        """
        report = Report()
        newest: datetime | None = None
        told: datetime | None = None
        with path.open("rb") as file:
            values = self._values(kind, path, file)
            while chunk := list(islice(values, CHUNK)):
                events = [value for value in chunk if isinstance(value, Event)]
                rejected = []
                for value in chunk:
                    if isinstance(value, Bad):
                        rejected.append(Rejected(value.reason, f"line {value.line}"))
                        report.first_bad += [f"{path}:{value.line}: {value.why}"][: 5 - len(report.first_bad)]
                    elif isinstance(value, Rejected):
                        rejected.append(value)
                    elif isinstance(value, SeenUntil):
                        told = value.at if told is None else max(told, value.at)
                if events:
                    last = max(event.at for event in events)
                    newest = last if newest is None else max(newest, last)
                self._store_batch(Batch(events=events, rejected=rejected), report)
                progress(file.tell())
        complete = until or told or newest
        if complete is not None:
            complete = min(complete, self._clock.now())  # nobody has seen the future
        if complete is not None:
            self._finish(complete)
            report.watermark = complete
        return report

    def _values(self, kind: Format, path: Path, file: BinaryIO) -> Iterator[Event | SeenUntil | Bad | Rejected]:
        if kind == "events":
            return parse_lines(enumerate(file, 1), self._hash, self._clock.now())
        if kind == "queue_log":
            from monitor.connectors._asterisk.queue_log import events_of

            return iter(events_of(file, self._hash))
        from monitor.connectors._mail.mbox import events_of_mbox
        from monitor.connectors.imap import Settings as ImapSettings
        from monitor.connectors.imap import identity

        account = self._settings.sources[self._source]
        if not isinstance(account, ImapSettings):
            raise ConfigError(f"--source: {self._source} is no imap source")
        us = identity(account, places_of(self._settings, self._source))
        return events_of_mbox(path, us, self._hash, self._clock.now())

    def _store_batch(self, batch: Batch, report: Report) -> None:
        outcome = self._ingest.batch(self._source, self._kind, batch, self._seen, EPOCH, None, now=self._clock.now())
        report.stored += outcome.events
        report.repeated += outcome.repeated
        report.rejected += sum(each.count for each in batch.rejected)

    def _finish(self, complete: datetime) -> None:
        """Moves the watermark and counts what is overdue there."""
        while True:
            self._seen = self._store.cursor_row(self._source)
            with suppress(CursorMoved):  # a daemon reads this source meanwhile
                self._ingest.batch(
                    self._source, self._kind, Batch(), self._seen, complete, complete, now=self._clock.now()
                )  # fmt: skip
                break
        while self._ingest.sweep(self._source, complete).swept >= SWEEP_CHUNK:
            pass
