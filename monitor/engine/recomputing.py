"""`recompute`: history judged anew, batch by batch, in the order in which contacts began, beside whoever reads the sources.

    take the next contacts -> judge each source's in a transaction -> tell other sources what that changes for them -> keep how
    far it came

Weeks, days, lists and evidence follow; counters keep what they held (`domain.ledger`). A contact that is judged twice is as one
that was judged once, so that what was interrupted goes on where it was last written down, and repeats at most what came after.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, takewhile
from typing import Final

import msgspec

from monitor.clock import Clock
from monitor.domain.event import EPOCH, from_micros, to_micros
from monitor.domain.snapshot import WeekKey
from monitor.engine.adoption import LIMITS
from monitor.engine.ingest import Ingest
from monitor.engine.judged_anew import JudgedAnew, Span, Underway, read_judged_anew, write_judged_anew
from monitor.engine.transaction import IngestResult
from monitor.errors import MonitorError
from monitor.store.base import Begun, Store

#: Contacts that are judged in one go at most, and the seconds that this is to take: a daemon beside us waits so long.
AT_ONCE: Final = 250
_AIM: Final = 0.05
_AT_LEAST: Final = 25
#: Seconds after which it is written down how far it came, and looked whether a daemon is there.
_NOTE_EVERY: Final = 2.0
#: A daemon that was told a moment ago to take up our limits has this many seconds to do so, and is looked at so often. Of a
#: million contacts it took 35 s on a busy machine.
RELOAD_SECONDS: Final = 60.0
_LOOK_EVERY: Final = 0.5
_RELOAD: Final = "kill -HUP, or POST /-/reload"
_FIRST: Final = Begun(-(2**62), "", "", "")


@dataclass(slots=True)
class Recomputed:
    """What was done: how many contacts were judged, how many of them say something else than before, and what of the weeks."""

    contacts: int = 0
    changed: int = 0
    resumed_at: int | None = None  # what was interrupted after so many contacts was gone on with
    first: datetime | None = None  # when the first and the last of the contacts began
    last: datetime | None = None
    weeks: dict[WeekKey, tuple[int, int]] = field(default_factory=dict)

    def add(self, result: IngestResult) -> None:
        self.changed += result.rewritten
        for key, (assessed, signals) in result.weeks.items():
            had = self.weeks.get(key, (0, 0))
            self.weeks[key] = (had[0] + assessed, had[1] + signals)


class Recompute:
    """Judges the contacts of `sources` anew by what `ingest` judges by, which is called `limits`. Blocks."""

    def __init__(
        self, store: Store, ingest: Ingest, clock: Clock, sources: Collection[str], read: Collection[str], limits: str,
        sleep: Callable[[float], None], say: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """`read`: those of the sources that a daemon of this configuration reads; `say` is told what is waited for."""
        self._store, self._ingest, self._clock = store, ingest, clock
        self._sources, self._read, self._limits = frozenset(sources), frozenset(read), limits
        self._sleep, self._say = sleep, say

    def run(self, since: datetime | None, progress: Callable[[int, int], None] = lambda _done, _of: None) -> Recomputed:
        """Those that began at `since` or later (None: all). What was interrupted is gone on with where it covers that.

        `progress` is told (done, of so many). Raises MonitorError where a running daemon goes on judging by other limits, and
        StoreUnavailable, after which it may be run again.
        """
        beside = self._check_daemon()
        underway, is_old = self._begin(since)
        found = Recomputed(resumed_at=underway.done if is_old else None)
        total = underway.done + self._store.count_begun(underway.position, self._sources)
        noted, most = self._clock.monotonic(), AT_ONCE
        while contacts := self._next(underway, most):
            began = self._clock.monotonic()
            for source, of_source in groupby(sorted(contacts, key=lambda each: each.source), key=lambda each: each.source):
                found.add(self._judge(source, [each[2:] for each in of_source], found))
            found.contacts += len(contacts)
            found.first, found.last = found.first or from_micros(contacts[0].at), from_micros(contacts[-1].at)
            underway = Underway(underway.since, underway.until, underway.limits, contacts[-1], underway.done + len(contacts))
            progress(underway.done, max(total, underway.done))
            now = self._clock.monotonic()
            most = _adapted(most, now - began)
            if now - noted > _NOTE_EVERY:
                self._note(underway)
                beside, noted = self._check_daemon(), now
            if beside:
                self._sleep(now - began)  # in which the store belongs to the daemon
        self._end(underway)
        return found

    def _next(self, underway: Underway, most: int) -> list[Begun]:
        found = self._store.begun_after(underway.position, self._sources, most)
        return list(takewhile(lambda each: each.at < underway.until, found))

    def _judge(self, source: str, keys: list[tuple[str, str]], found: Recomputed) -> IngestResult:
        """One source's; then those of the others that learn something by it, whose sources may come to know something in turn."""
        watermark = self._store.cursor_row(source).watermark
        complete = EPOCH if watermark is None else from_micros(watermark)
        result = self._ingest.judge_anew(source, keys, complete, now=self._clock.now())
        self._pass_on(source, result.news, found)
        return result

    def _pass_on(self, source: str, since: Mapping[str, int], found: Recomputed) -> None:
        for other in sorted(self._store.concerned(since) & self._sources - {source}) if since else ():
            result = self._ingest.hear(other, since, now=self._clock.now(), anew=True)
            found.add(result)
            self._pass_on(other, result.news, found)

    def _check_daemon(self) -> bool:
        """Whether a daemon reads any of the sources. Raises MonitorError where it goes on judging by other limits."""
        until = None
        while (other := self._judging_otherwise()) is not None:
            now = self._clock.monotonic()
            if until is None:
                until = now + RELOAD_SECONDS
                self._say(
                    f"{other}, or is just taking this one up: it has {RELOAD_SECONDS:g} s to do so; where it was not told yet, "
                    f"let it reload ({_RELOAD})"
                )
            elif now >= until:
                raise MonitorError(f"{other}: let it reload ({_RELOAD}), then run this again")
            self._sleep(_LOOK_EVERY)
        return self._store.held_by(self._read) is not None

    def _judging_otherwise(self) -> str | None:
        """A daemon that has not judged by our limits yet what waits, in words."""
        for source in sorted(self._read):
            limits = self._store.read_state(source, [LIMITS]).get(LIMITS)
            if limits in (None, self._limits):
                continue
            if (holder := self._store.held_by((source,))) is not None:
                return f"source {source}: {holder} judges by another configuration"
        return None

    def _begin(self, since: datetime | None) -> tuple[Underway, bool]:
        """What is gone on with, or begun; and whether it is gone on with."""
        kept, now = read_judged_anew(self._store), self._clock.now()
        first = _FIRST.at if since is None else to_micros(since)
        old = kept.underway
        if old is not None:
            if old.limits == self._limits and old.since <= first:
                return msgspec.structs.replace(old, until=to_micros(now)), True  # what began since may have been judged by others
            kept = kept.having(old.span(to_micros(now)))
        underway = Underway(first, to_micros(now), self._limits, Begun(first, "", "", ""))
        write_judged_anew(self._store, JudgedAnew(kept.spans, underway), now)
        return underway, False

    def _note(self, underway: Underway) -> None:
        kept = read_judged_anew(self._store)
        write_judged_anew(self._store, JudgedAnew(kept.spans, underway), self._clock.now())

    def _end(self, underway: Underway) -> None:
        now = self._clock.now()
        span = Span(underway.since, underway.until, to_micros(now), underway.limits)
        write_judged_anew(self._store, JudgedAnew(read_judged_anew(self._store).having(span).spans), now)


def _adapted(most: int, seconds: float) -> int:
    """How many contacts to judge next in one go, where these took so long: on a busy machine or a slow disk fewer."""
    return most if seconds <= 0 else max(min(_AT_LEAST, AT_ONCE), min(AT_ONCE, int(most * min(2.0, _AIM / seconds))))
