"""`forget`: what was pushed by mistake is removed, with all that was concluded from it; counters stay."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final

import typer

from monitor.cli.options import ConfigFile, open_store
from monitor.cli.output import counted_progress, printable
from monitor.cli.settling import find_one
from monitor.clock import SystemClock
from monitor.config.loading import load
from monitor.config.models import Settings
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.domain.event import from_micros
from monitor.domain.moments import iso
from monitor.engine.evaluation import read_record, read_running
from monitor.engine.ingest import Ingest
from monitor.errors import ConfigError, MonitorError, did_you_mean
from monitor.store.base import FoundContact, Store

#: Contacts that go in one transaction, for which a daemon beside us waits: about 20 ms; of mails 0.4 s
#: where 1.2 million of their names are kept.
_AT_ONCE: Final = 250
_STAYS: Final = (
    "Counters stay, since they never go back; contactpoint_signals_retracted_total says what was taken back. "
    "What is told again counts again."
)

app = typer.Typer(no_args_is_help=True, help="Removes what was pushed by mistake; counters stay.")
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.callback()
def forget() -> None:
    """Removes what was pushed by mistake; counters stay."""


@app.command()
def contact(
    contact: Annotated[str, typer.Argument(help="Our id, or the source's own: Message-ID of any mail of it, ticket number.")],
    yes: Yes = False,
    config: ConfigFile = None,
) -> None:
    """One contact with its events, signals and evidence, also in the weekly figures. May run beside the daemon."""
    settings = load(config, os.environ)
    with open_store(settings, must_be_there=True) as store:
        found = find_one(settings, store, contact)
        row = found.row
        _agree(yes, _about_contact(found), "It is removed with its events, signals and evidence, and from the weekly figures.")
        _ingest(settings, store).forget(found.source, [(row.contact, row.contact_point)], now=SystemClock().now())
    print(printable(f"contact {row.id} at {row.contact_point}: forgotten"))


def _about_contact(found: FoundContact) -> str:
    row, record = found.row, read_record(found.row)
    listed = {name.split(":", 2)[1] for at in record.counted_at().values() for name in at.held if name.startswith("s:")}
    waits = {running.wait for running in read_running(row.running)} if row.running is not None else set()
    events = f"{len(record.events)} events" if len(record.events) != 1 else "1 event"
    return (
        f"contact {row.id} ({row.channel}) at {row.contact_point}; {found.source} calls it {row.contact!r}\n"
        f"{events} from {iso(from_micros(row.begun))} to {iso(from_micros(row.last))}; "
        f"negative: {', '.join(sorted(listed)) or 'nothing'}; waits now: {', '.join(sorted(waits)) or 'nothing'}"
    )


@app.command("contact-point")
def contact_point(
    name: Annotated[str, typer.Argument(help="As in the configuration before, or as it was discovered.")],
    yes: Yes = False,
    config: ConfigFile = None,
) -> None:
    """A contact point that nobody calls any more, with all its contacts. May run beside the daemon."""
    settings = load(config, os.environ)
    if name in settings.contact_points:
        raise ConfigError(
            f"contact point {name!r} is still configured: take it out of contact_points, reload the daemon, then forget it"
        )
    with open_store(settings, must_be_there=True) as store:
        at = store.at_contact_point(name)
        if not at:
            print(printable(_nothing_kept(store, name)))
            return
        _agree(yes, _about_point(store, name, at), "It is removed with its contacts, their signals and evidence, and its weeks.")
        with counted_progress("forgetting") as advance:
            _forget_point(_ingest(settings, store), name, at, advance)
        came = sum(map(len, store.at_contact_point(name).values()))
        moved = sum(1 for _ in store.signals(contact_points=(name,)))
    print(printable(f"contact point {name}: forgotten"))
    if came:
        print(f"meanwhile it was told of again ({_counted(came, 'contact')}): whoever does so is still at it")
    elif moved:
        print(f"kept with contacts that have moved on to other contact points: {_counted(moved, 'signal')} that fell there")


def _nothing_kept(store: Store, name: str) -> str:
    """Raises MonitorError where it never was."""
    known = {labels[1] for metric, labels in store.totals() if metric == "contacts_total"}
    if name not in known:
        raise MonitorError(f"there is no contact point {name!r}{did_you_mean(name, known)}")
    return f"contact point {name}: was forgotten before; nothing was changed"


def _about_point(store: Store, name: str, at: Mapping[str, Sequence[str]]) -> str:
    waiting = Counter(source for source in at for row in store.running(source) if row.contact_point == name)
    listed = "; ".join(
        f"source {source}: {_counted(len(contacts), 'contact')}, something waits in {waiting[source]}"
        for source, contacts in at.items()
    )
    return f"contact point {name}; {listed}"


def _forget_point(ingest: Ingest, name: str, at: Mapping[str, Sequence[str]], advance: Callable[[int, int], None]) -> None:
    clock, gone, total = SystemClock(), 0, sum(map(len, at.values()))
    for source, contacts in at.items():
        for start in range(0, len(contacts), _AT_ONCE):
            begun = clock.monotonic()
            keys = [(each, name) for each in contacts[start : start + _AT_ONCE]]
            ingest.forget(source, keys, now=clock.now())
            time.sleep(clock.monotonic() - begun)  # in which the store belongs to the daemon
            gone += len(keys)
            advance(gone, total)
        ingest.forget_places(source, name)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def _agree(yes: bool, about: str, removed: str) -> None:
    """Says what is removed and what stays, and asks. Raises ConfigError where nobody can be asked, Abort where nobody agrees."""
    print(printable(f"{about}\n{removed}\n{_STAYS}"))
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("nobody can be asked here, nothing was changed: add --yes")
    typer.confirm("Forget it?", abort=True)


def _ingest(settings: Settings, store: Store) -> Ingest:
    book = PolicyResolver(settings, calendars(settings))
    return Ingest(store, make_directory(settings, book), book.bounds())
