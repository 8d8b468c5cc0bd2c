"""When a demo first began, kept in its store: its days are moved so that people worked then, and stay where they are.

The same traffic is told again after a restart only if both are known: mails, tickets and calls have the names of their days.
"""

import json
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from monitor import log
from monitor.demo.schedule import is_open, shift_to_open
from monitor.domain.event import to_micros
from monitor.domain.moments import iso
from monitor.store import StoreUrl, make_store
from monitor.store.base import Store

DEFAULT_STORE: Final = "sqlite:demo.db"
_SOURCE: Final = "demo"
_KEY: Final = "begun"
#: What SQLite keeps beside the file; the lock and the secret of the customers' hash stay.
_FILES: Final = ("", "-wal", "-shm")
_LONG_ENOUGH: Final = timedelta(minutes=15)


class Beginning(NamedTuple):
    """The first start, and by how much simulated time is behind real time (`TimeScale.shift`)."""

    at: datetime | None  # None: the store is of a version that kept no beginning; what it knows of the telephone is its own
    shift: timedelta


def beginning(store: str, now: datetime) -> Beginning:
    """When the demo of this store began: now, where it is new.

    The default store is emptied and begun anew where nobody works in it any more for today; one of another name stays, open or
    closed. Raises ConfigError, StoreHeld, StoreBroken, StoreUnavailable.
    """
    url, fresh = StoreUrl.parse(store), Beginning(now, shift_to_open(now))
    if url.scheme == "memory":
        return fresh
    if url.file is not None:
        url.check_directory()
    with closing(make_store(url)) as opened:
        opened.hold([_SOURCE])
        opened.open()
        kept = _kept(opened)
        if kept is not None and (store != DEFAULT_STORE or is_open(now - kept.shift, _LONG_ENOUGH)):
            return kept
        if kept is None:
            _keep(opened, fresh.shift, now)
            return fresh
    assert url.file is not None
    log.get("demo").info("nobody works in the demo of before any more for today: it begins anew", store=url.shown)
    for suffix in _FILES:
        Path(f"{url.file}{suffix}").unlink(missing_ok=True)
    return beginning(store, now)


def _kept(store: Store) -> Beginning | None:
    """What is kept; a store that holds something and knows of no beginning is of a version that moved nothing."""
    found = store.read_state(_SOURCE, [_KEY]).get(_KEY)
    if found is None:
        return Beginning(None, timedelta(0)) if store.totals() else None
    kept = json.loads(found)
    return Beginning(datetime.fromisoformat(kept["at"]), timedelta(seconds=kept["shift"]))


def _keep(store: Store, shift: timedelta, now: datetime) -> None:
    with store.transaction(_SOURCE) as unit:
        unit.write_state({_KEY: json.dumps({"at": iso(now), "shift": shift.total_seconds()})}, to_micros(now))
