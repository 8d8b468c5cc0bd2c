"""Finds the connectors: the file name is the source type; others may ship one through an entry point."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from types import ModuleType

from monitor import connectors
from monitor.connector import Connector, Context, SourceSettings
from monitor.domain.event import Channel

#: Entry-point group for connectors from other packages; the entry's name is the type.
GROUP = "contact_monitor.connectors"


@dataclass(frozen=True, slots=True)
class SourceType:
    """One type of source: what its keys are, how it is made, and the one channel it feeds (None: any)."""

    name: str
    settings: type[SourceSettings]
    connect: Callable[[SourceSettings, Context], Connector]
    channel: Channel | None


@lru_cache(maxsize=1)
def source_types() -> dict[str, SourceType]:
    """All known types by name. A connector that cannot be imported is a bug of its package and raises."""
    found = {
        info.name: _read(info.name, import_module(f"{connectors.__name__}.{info.name}"))
        for info in iter_modules(connectors.__path__)
        if not info.name.startswith("_")
    }
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, _read(entry.name, entry.load()))
    return found


def _read(name: str, module: ModuleType) -> SourceType:
    return SourceType(name, module.Settings, module.connect, getattr(module, "CHANNEL", None))
