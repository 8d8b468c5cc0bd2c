"""What several commands take."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from monitor.clock import SystemClock
from monitor.config.models import Settings
from monitor.daemon.app import event_ids_of as ids_with_key
from monitor.daemon.people import people_of
from monitor.daemon.privacy_key import fit, known_key, take_up
from monitor.domain.durations import parse_duration
from monitor.domain.moments import parse_moment
from monitor.domain.people import NOBODY, Names
from monitor.engine.directory import Directory
from monitor.engine.ingest import Ingest
from monitor.engine.known import EventIds
from monitor.engine.transaction import NamesOf
from monitor.errors import ConfigError, MonitorError
from monitor.store import StoreUrl, make_store
from monitor.store.base import Store

ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration file.", envvar="CONTACT_MONITOR_CONFIG", show_envvar=True)
]


def event_ids_of(settings: Settings) -> EventIds:
    """How people name an event -> the ids it may be stored under; none where no privacy key was made yet."""
    key = known_key(settings)
    return (lambda _name: ()) if key is None else ids_with_key(settings, key)


def names_of(settings: Settings, store: Store, directory: Directory) -> NamesOf:
    """All names of a customer who has one of them, as the daemon knows them. Raises ConfigError where `people.file` cannot be
    read."""
    key = known_key(settings)
    names = Names(NOBODY if key is None else people_of(settings, key))
    ingest = Ingest(store, directory, {}, names=names)
    for source in settings.sources:
        ingest.restore_names(source)
    return names.of


@contextmanager
def open_store(settings: Settings, *, must_be_there: bool = False, key: bytes | None = None) -> Iterator[Store]:
    """The configured store, open until the block ends. `must_be_there`: raises MonitorError where it would have to be made.

    `key`: the privacy key, where it has been asked for already. Raises ConfigError where the store was written with another one.
    """
    url = StoreUrl.parse(settings.store)
    file = url.file
    if must_be_there and file is not None and not file.exists():
        raise MonitorError(f"{file}: there is no store yet; is `store` right, and has the daemon run?")
    store = make_store(url)
    store.open()
    try:
        key = known_key(settings) if key is None else key
        if key is not None:
            # Whoever only looks leaves the names of mails alone: a daemon of the version before may still be running.
            (fit if must_be_there else take_up)(settings, store, key)
        yield store
    finally:
        store.close()


def moment(text: str, option: str, also: str = "") -> datetime:
    """The moment that an option names. Raises ConfigError; `also`: what else could be written there, as `7d or `."""
    try:
        return parse_moment(text, also)
    except ValueError as error:
        raise ConfigError(f"{option}: {text!r} {error}") from None
    except OverflowError:
        raise ConfigError(f"{option}: {text!r} is not a moment; write {also}2026-11-02T09:00:00Z") from None


def moment_since(text: str, option: str) -> datetime:
    """The same, or how long ago it was."""
    try:
        return SystemClock().now() - parse_duration(text)
    except ValueError:
        return moment(text, option, "7d or ")
    except OverflowError:
        raise ConfigError(f"{option}: {text!r} is before all time; write 7d") from None
