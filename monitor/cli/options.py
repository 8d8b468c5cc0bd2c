"""What several commands take."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from monitor.config.models import Settings
from monitor.errors import MonitorError
from monitor.store import StoreUrl, make_store
from monitor.store.base import Store

ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration file.", envvar="CONTACT_MONITOR_CONFIG", show_envvar=True)
]


@contextmanager
def open_store(settings: Settings, *, must_be_there: bool = False) -> Iterator[Store]:
    """The configured store, open until the block ends. `must_be_there`: raises MonitorError where it would have to be made."""
    url = StoreUrl.parse(settings.store)
    file = url.file
    if must_be_there and file is not None and not file.exists():
        raise MonitorError(f"{file}: there is no store yet; is `store` right, and has the daemon run?")
    store = make_store(url)
    store.open()
    try:
        yield store
    finally:
        store.close()
