"""`import`: archives that a connector can read, into the store. Idempotent; a bad line never stops the rest."""

import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from monitor.clock import Clock
from monitor.config.models import Settings
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.connector import (
    Archive,
    ArchiveRecord,
    Batch,
    NoState,
    Rejected,
    RejectedLine,
    SeenUntil,
    SourceSettings,
    Unfinished,
)
from monitor.connectors._discover import IMPORT_SOURCE, naming_types, source_types
from monitor.connectors._packed import DAMAGED, Together, packing, unpacked
from monitor.daemon.app import event_ids_of, limits_of, make_context
from monitor.daemon.people import people_of
from monitor.domain.event import EPOCH, Event
from monitor.domain.people import Names
from monitor.engine.adoption import judged_by
from monitor.engine.directory import Directory
from monitor.engine.ingest import NO_ROOM, SWEEP_CHUNK, Ingest
from monitor.engine.known import apart
from monitor.errors import ConfigError, CursorMoved
from monitor.store.base import Store

#: Events a transaction. Larger ones gain nothing and cost memory.
CHUNK: Final = 5000
_HEAD_BYTES: Final = 4096
_READ_BYTES: Final = 128 * 1024
#: Far more than a line of any format has: a file without line ends would be held in memory as one line.
_MAX_LINE: Final = 16 << 20
_SHOWN_BAD: Final = 5


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file goes: the source, its settings and its type's reader of this format."""

    source: str
    settings: SourceSettings
    archive: Archive


@dataclass(frozen=True, slots=True)
class Plan:
    """Files that are read as if they were one, in this order, and where they go."""

    paths: list[Path]
    target: Target


@dataclass(slots=True)
class Report:
    """What an import did so far."""

    stored: int = 0
    repeated: int = 0
    rejected: int = 0
    first_bad: list[str] = field(default_factory=list)
    watermark: datetime | None = None


def plans_of(settings: Settings, paths: Iterable[Path], chosen: str | None) -> list[Plan]:
    """What to read in one go: files that continue each other together, in their own order, every other file alone."""
    plans: list[Plan] = []
    begins: dict[Path, int] = {}
    for path in dict.fromkeys(paths):
        target = target_of(settings, path, chosen)
        if target.archive.begins is None:
            plans.append(Plan([path], target))
            continue
        begins[path] = target.archive.begins(_head(path))
        same = (target.source, target.archive)
        known = next((plan for plan in plans if (plan.target.source, plan.target.archive) == same), None)
        if known is None:
            plans.append(Plan([path], target))
        else:
            known.paths.append(path)
    for plan in plans:
        plan.paths.sort(key=lambda path: begins.get(path, 0))
    return plans


def packed_by(path: Path) -> str | None:
    """What a file is packed by that is unpacked while it is read. Raises ConfigError where we cannot."""
    try:
        with path.open("rb") as file:
            found = packing(file.read(_HEAD_BYTES))
    except OSError as error:
        raise ConfigError(f"{path}: cannot read it: {error.strerror}") from None
    if found is not None and not found[1]:
        raise ConfigError(f"{path}: packed by {found[0]}, which cannot be read here; unpack it first")
    return found[0] if found is not None else None


def target_of(settings: Settings, path: Path, chosen: str | None) -> Target:
    """The source (`chosen`, where given) that a file goes to. Raises ConfigError naming the choices."""
    formats = _formats_of(path)
    shown = " or ".join(dict.fromkeys(archive.name for _, archive in formats))
    fitting = {
        name: Target(name, source, archive)
        for name, source in settings.sources.items()
        for kind, archive in formats
        if source.type == kind
    }
    if chosen is not None:
        if chosen not in fitting:
            others = ", ".join(sorted(fitting)) or "no source"
            raise ConfigError(f"--source: {chosen!r} takes no {shown}; {others} would")
        return fitting[chosen]
    if len(fitting) > 1:
        raise ConfigError(f"--source: several sources take {shown}: {', '.join(sorted(fitting))}; choose one")
    if fitting:
        return next(iter(fitting.values()))
    for kind, archive in formats:
        if archive.needs_no_source:
            return Target(IMPORT_SOURCE, source_types()[kind].settings(type=kind), archive)
    raise ConfigError(f"no source takes {shown}; configure one of type {' or '.join(kind for kind, _ in formats)}")


def _formats_of(path: Path) -> list[tuple[str, Archive]]:
    """(source type, archive format) of everything that the file's first bytes fit. Raises ConfigError for nothing known."""
    head = _head(path)
    known = [(kind.name, archive) for kind in source_types().values() for archive in kind.archives]
    fitting = [(kind, archive) for kind, archive in known if archive.sniff(head)]
    if not fitting and (why := _why_unknown(path, head)) is not None:
        raise ConfigError(f"{path}: {why}")
    if not fitting:
        titles = sorted({archive.title for _, archive in known})
        raise ConfigError(f"{path}: neither {', nor '.join(titles)}")
    # contact events may be any JSON lines: who knows the file better goes before
    return [(kind, archive) for kind, archive in fitting if not archive.needs_no_source] or fitting


def _why_unknown(path: Path, head: bytes) -> str | None:
    """What is often wrong with a file that is of no known format, and what to do about it."""
    if not head.strip():
        return "holds nothing"
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or head[:2].count(0) == 1:
        return f"is UTF-16, as Windows writes it; make it UTF-8: iconv -f UTF-16 -t UTF-8 {path} > events.jsonl"
    if head.removeprefix(BOM_UTF8).lstrip().startswith(b"["):
        return f"is one JSON array; contact events are one object a line: jq -c '.[]' {path} > events.jsonl"
    return None


def _head(path: Path) -> bytes:
    packed = packed_by(path)
    try:
        with path.open("rb") as file:
            return unpacked(file).read(_HEAD_BYTES)
    except DAMAGED as error:
        raise ConfigError(f"{path}: {f'a damaged {packed} file' if packed else 'cannot read it'}: {error}") from None


class Importer:
    """Writes files of one source into an open store."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, key: bytes, target: Target) -> None:
        self._store = store
        self._clock = clock
        self._target = target
        self._source = target.source
        self._kind = target.settings.type
        self._context = make_context(settings, self._source, clock, key, NoState())
        book = PolicyResolver(settings, calendars(settings))
        self._directory: Directory = make_directory(settings, book)
        if self._source not in settings.sources:
            self._directory.add_source(self._source)
        for each in {self._source, *settings.sources}:  # the others' too: their names are taken
            self._directory.restore(each, store.places(each))
        names = Names(people_of(settings, key))
        self._ingest = Ingest(store, self._directory, book.bounds(), event_ids_of(settings, key), naming_types(), names)
        for each in settings.sources:
            self._ingest.restore_names(each)
        self._judged_by = judged_by(store, self._source, limits_of(settings))
        self._seen = store.cursor_row(self._source)

    def run(self, path: Path, until: datetime | None, progress: Callable[[int], None]) -> Report:
        """Imports one file. `progress` is called with how many of its bytes have been read.

        Absence is judged at `until`, else at the file's own statement (SeenUntil), else at its newest event, once all of
        it has been read; where it is Unfinished, no later than there. Raises ConfigError where line ends are missing: what
        came before is stored then.
        """
        return self.run_together([path], until, progress)

    def run_together(self, paths: Sequence[Path], until: datetime | None, progress: Callable[[int], None]) -> Report:
        """Imports files that continue each other, as one."""
        report = Report()
        shown = ", ".join(str(path) for path in paths)
        newest: datetime | None = None
        stated: datetime | None = None
        unfinished: datetime | None = None
        with Together(paths) as together, io.BufferedReader(_LineEnds(together, shown), _READ_BYTES) as file:
            records = self._target.archive.read(file, self._target.settings, self._context)
            while chunk := list(islice(records, CHUNK)):
                events = [record for record in chunk if isinstance(record, Event)]
                newest = _latest(newest, (event.at for event in events))
                stated = _latest(stated, (record.at for record in chunk if isinstance(record, SeenUntil)))
                unfinished = next((record.at for record in chunk if isinstance(record, Unfinished)), unfinished)
                self._store_batch(Batch(events=events, rejected=_rejected(shown, chunk, report)), report)
                progress(together.bytes_read)
        for path, why in together.damaged:
            report.rejected += 1
            report.first_bad.append(f"{path}: damaged, read in part only: {why}")
        complete = until or stated or newest
        if complete is not None:
            complete = min(complete, self._clock.now(), unfinished or complete)  # nobody has seen the future
            self._finish(complete)
            report.watermark = complete
        return report

    def _store_batch(self, batch: Batch, report: Report) -> None:
        """Stores a batch; what it says of contacts that are there already, perhaps with other sources, with those."""
        own, said = apart(batch.events)
        spoken = self._ingest.meant(self._source, said)
        for other, events in spoken.of.items():
            told = self._ingest.tell(other, events, now=self._clock.now())
            self._ingest.pass_on(other, told.news, now=self._clock.now())
            report.stored += told.events
            report.repeated += len(told.repeated)
        unknown = tuple(Rejected("unknown_contact", event.kind) for event, _ in spoken.refused)
        for _, why in spoken.refused[: max(0, _SHOWN_BAD - len(report.first_bad))]:
            report.first_bad.append(why)
        batch = replace(batch, events=own, rejected=(*batch.rejected, *unknown), state=self._judged_by)
        self._judged_by = {}
        outcome = self._ingest.batch(self._source, self._kind, batch, self._seen, EPOCH, None, now=self._clock.now())
        self._ingest.pass_on(self._source, outcome.news, now=self._clock.now())
        report.stored += outcome.events
        report.repeated += len(outcome.repeated)
        report.rejected += sum(each.count for each in batch.rejected) + len(outcome.refused)
        if outcome.refused and NO_ROOM not in report.first_bad and len(report.first_bad) < _SHOWN_BAD:
            report.first_bad.append(NO_ROOM)

    def _finish(self, complete: datetime) -> None:
        """Moves the watermark and counts what is overdue there."""
        while True:
            self._seen = self._store.cursor_row(self._source)
            with suppress(CursorMoved):  # a daemon reads this source meanwhile
                self._ingest.batch(
                    self._source, self._kind, Batch(), self._seen, complete, complete, now=self._clock.now()
                )  # fmt: skip
                break
        while self._ingest.sweep(self._source, complete, now=self._clock.now()).swept >= SWEEP_CHUNK:
            pass


class _LineEnds(io.RawIOBase):
    """Files that are read, as long as they have lines. Raises ConfigError after _MAX_LINE bytes without a line end."""

    def __init__(self, together: Together, shown: str) -> None:
        self._together = together
        self._shown = shown
        self._since_line_end = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._together.readinto(buffer)
        line_end = bytes(buffer[:count]).rfind(b"\n")
        self._since_line_end = count - line_end - 1 if line_end >= 0 else self._since_line_end + count
        if self._since_line_end > _MAX_LINE:
            raise ConfigError(f"{self._shown}: {_MAX_LINE >> 20} MiB without a line end: write one event a line")
        return count


def _latest(known: datetime | None, moments: Iterable[datetime]) -> datetime | None:
    newest = max(moments, default=known)
    return newest if known is None or newest is None else max(known, newest)


def _rejected(shown: str, chunk: Iterable[ArchiveRecord], report: Report) -> list[Rejected]:
    """What could not be used; the first lines of the file are named in the report."""
    rejected: list[Rejected] = []
    for record in chunk:
        if isinstance(record, RejectedLine):
            rejected.append(Rejected(record.reason, f"line {record.line}"))
            if len(report.first_bad) < _SHOWN_BAD:
                report.first_bad.append(f"{shown}:{record.line}: {record.why}")
        elif isinstance(record, Rejected):
            rejected.append(record)
    return rejected
