"""`migrate`, `store copy` and `store accept-key`: what is done to a whole store."""

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Final

import typer

from monitor.cli.options import ConfigFile
from monitor.cli.output import counted_progress
from monitor.config.loading import load
from monitor.errors import ConfigError, MonitorError
from monitor.store import StoreUrl, make_store

if TYPE_CHECKING:
    from monitor.store.sql import SqlStore

app = typer.Typer(no_args_is_help=True, help="Whole stores.")

#: What the tables hold, in people's words, in the order they are listed.
_WORDS: Final = {
    "source": "sources", "contact": "contacts", "signal": "signals", "total": "totals", "week": "weeks", "place": "places",
    "gap": "gaps", "state": "entries of connectors", "named_event": "names of events",
    "key_check": "privacy keys",
}  # fmt: skip


@app.callback()
def stores() -> None:
    """Whole stores."""


def migrate(config: ConfigFile = None) -> None:
    """Brings the store's tables up to date, as `run` does when it starts. Several may try at once."""
    from monitor.daemon.privacy_key import known_key, take_up
    from monitor.store.sql import SqlStore

    settings = load(config, os.environ)
    url = StoreUrl.parse(settings.store)
    store = make_store(url)
    if not isinstance(store, SqlStore):
        print(f"{url.shown} has no tables: nothing to do")
        return
    try:
        before, now = store.migrate()
        if (key := known_key(settings)) is not None:
            take_up(settings, store, key)
    finally:
        store.close()
    done = {None: f"made, revision {now}", now: f"were up to date, revision {now}"}
    print(f"{url.shown}: tables {done.get(before, f'brought from revision {before} to {now}')}")


@app.command("accept-key")
def accept_key(config: ConfigFile = None) -> None:
    """The configured privacy key takes the place of another one, which is lost: customers from before are strangers then."""
    from monitor.daemon.privacy_key import customer_key
    from monitor.domain.privacy_key import check_value

    settings = load(config, os.environ)
    url = StoreUrl.parse(settings.store)
    if url.file is not None and not url.file.exists():
        raise MonitorError(f"{url.file}: there is no store yet; the first start takes whatever key there is")
    value = check_value(customer_key(settings))
    store = make_store(url)
    try:
        store.open()
        before = store.keep_key_check(value)
        store.keep_key_check(value, replace=True)
    finally:
        store.close()
    became = "was in use already" if before == value else "is accepted from now on; customers from before are strangers to it"
    print(f"{url.shown}: the privacy key {became}")


@app.command("copy")
def copy(
    origin: Annotated[str, typer.Argument(metavar="FROM", help="A store, as sqlite:contacts.db.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="An empty one, as postgresql://USER@HOST/DATABASE.")],
) -> None:
    """Everything in one store into another, which must be empty; then reads it back and compares. All of it or nothing."""
    from monitor.store.copying import copy_store

    urls = StoreUrl.parse(origin), StoreUrl.parse(target)
    from_file = urls[0].file
    if from_file is not None and not from_file.exists():
        raise ConfigError(f"{urls[0].shown}: there is no such store")
    with ExitStack() as opened:
        from_store, to_store = (_opened(url, opened) for url in urls)
        with counted_progress("copying") as advance:
            counts = copy_store(from_store, to_store, advance)
    counted = ", ".join(f"{counts[table]:,} {word}" for table, word in _WORDS.items())
    print(f"copied and read back, all equal: {counted}")
    if (note := _about_the_key(*urls)) is not None:
        print(note)


def _opened(url: StoreUrl, until: ExitStack) -> "SqlStore":
    from monitor.store.sql import SqlStore

    store = make_store(url)
    if not isinstance(store, SqlStore):
        raise ConfigError(f"store copy: {url.shown} keeps nothing: name an SQLite file or a PostgreSQL database")
    until.callback(store.close)
    store.open()
    return store


def _about_the_key(origin: StoreUrl, target: StoreUrl) -> str | None:
    """The secret of the customers' hashes is in no store; with another one, callers from before are strangers."""
    made = origin.key_file
    if made is None or not made.exists():
        return None
    if target.needs_privacy_key:
        return f"customers stay known with the same key: set privacy.key to hex: and what {made} holds, as hex:0123…"
    return f"customers stay known with the same key: copy {made} to {target.key_file}, unless privacy.key is set"
