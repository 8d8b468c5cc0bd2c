"""`recompute`: history judged anew by the limits of now; weeks, lists and reports follow, counters stay."""

import os
import sys
import time
from collections import Counter
from typing import Annotated, Final

import typer

from monitor.cli.options import ConfigFile, moment_since, open_store
from monitor.cli.output import counted_progress, printable
from monitor.cli.report import known_directory
from monitor.clock import SystemClock
from monitor.config.loading import load
from monitor.config.models import Settings
from monitor.config.policies import PolicyResolver, calendars
from monitor.connectors._discover import IMPORT_SOURCE, naming_types
from monitor.daemon.app import limits_of
from monitor.daemon.people import people_of
from monitor.daemon.privacy_key import known_key
from monitor.domain.people import NOBODY, Names
from monitor.domain.weeks import monday_of, week_name
from monitor.engine.ingest import Ingest
from monitor.engine.recomputing import Recompute, Recomputed
from monitor.errors import MonitorError, StoreUnavailable
from monitor.store.base import Store

#: Lines of what has become of the weeks.
_MOST_LINES: Final = 30


def recompute(
    since: Annotated[
        str | None, typer.Option(help="Only contacts that began since: a moment, or how long ago: 2026-11-02T09:00:00Z, 90d.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Judges the stored history anew by the present limits, calendars and zones. Weeks, lists and reports follow; counters stay.

    May run beside the daemon, which is to reload first. What was interrupted goes on where it was.
    """
    settings = load(config, os.environ)
    first = moment_since(since, "--since") if since is not None else None
    begun = time.monotonic()
    with open_store(settings, must_be_there=True) as store:
        read = {name for name, source in settings.sources.items() if source.enabled}
        work = Recompute(
            store, _ingest(settings, store), SystemClock(), {*settings.sources, IMPORT_SOURCE}, read, limits_of(settings),
            time.sleep, lambda text: print(printable(text), file=sys.stderr),
        )  # fmt: skip
        with counted_progress("judging anew") as advance:
            try:
                found = work.run(first, advance)
            except StoreUnavailable as error:
                raise MonitorError(f"{error}; run it again: it goes on where it was") from None
    for line in _told(settings, found, time.monotonic() - begun):
        print(printable(line))


def _ingest(settings: Settings, store: Store) -> Ingest:
    """As the daemon has it: the same contact points, and the same people."""
    key, bounds = known_key(settings), PolicyResolver(settings, calendars(settings)).bounds()
    names = Names(NOBODY if key is None else people_of(settings, key))
    ingest = Ingest(store, known_directory(settings, store), bounds, naming=naming_types(), names=names)
    for source in settings.sources:
        ingest.restore_names(source)
    return ingest


def _told(settings: Settings, found: Recomputed, seconds: float) -> list[str]:
    """What was done, in words."""
    at = found.resumed_at
    before = "" if at is None else f"gone on with what was interrupted after {at:,} contact{'s' * (at != 1)}"
    if found.first is None or found.last is None:
        return [before or "no contact is kept of that time; nothing was changed"]
    weeks = [week_name(monday_of(moment, settings.timezone)) for moment in (found.first, found.last)]
    of = weeks[0] if weeks[0] == weeks[1] else f"{weeks[0]} to {weeks[1]}"
    lines = [before] if before else []
    lines.append(
        f"{found.contacts:,} contact{'s' * (found.contacts != 1)} of {of} judged anew in {seconds:,.0f} s: "
        f"{found.changed:,} say something else than before; counters stay as they are"
    )
    by_signal: Counter[tuple[str, str, str]] = Counter()
    for (point, signal, _), (assessed, signals) in found.weeks.items():
        by_signal[point, signal, "judged"] += assessed
        by_signal[point, signal, "breached"] += signals
    keys = sorted({(point, signal) for (point, signal, _), count in by_signal.items() if count})
    lines += [
        f"  {point}: {signal}: judged {by_signal[point, signal, 'judged']:+,}, breached {by_signal[point, signal, 'breached']:+,}"
        for point, signal in keys[:_MOST_LINES]
    ]
    if len(keys) > _MOST_LINES:
        lines.append(f"  and {len(keys) - _MOST_LINES} more")
    return lines
