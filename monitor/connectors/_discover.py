"""Finds the connectors: the file name is the source type; other packages provide theirs through an entry point."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from types import ModuleType
from typing import Final

from monitor import connectors
from monitor.connector import Archive, Channel, Connector, Context, Place, SourceSettings

#: Entry-point group for connectors from other packages; the entry's name is the type, its object the module.
GROUP: Final = "contact_monitor.connectors"
#: The source that imported archives belong to when no source of their type is configured (`Archive.needs_no_source`).
IMPORT_SOURCE: Final = "import"


@dataclass(frozen=True, slots=True)
class SourceType:
    """One type of source: everything its module declares (monitor.connector says what each means)."""

    name: str
    settings: type[SourceSettings]
    connect: Callable[[SourceSettings, Context], Connector]
    channel: Channel | None = None
    places: tuple[Place, ...] = ()
    archives: tuple[Archive, ...] = ()
    accepts_push: bool = False
    event_id: Callable[[str, Callable[[str], str]], str | None] | None = None
    shipped: bool = False  # part of this package, not of another one


@lru_cache(maxsize=1)
def source_types() -> Mapping[str, SourceType]:
    """All known types by name. A connector that cannot be imported is a bug of its package and raises."""
    found = {
        info.name: _declared(info.name, import_module(f"{connectors.__name__}.{info.name}"), shipped=True)
        for info in iter_modules(connectors.__path__)
        if not info.name.startswith("_")
    }
    for entry in entry_points(group=GROUP):
        if entry.name not in found:
            found[entry.name] = _declared(entry.name, entry.load(), shipped=False)
    return found


def place_keys() -> tuple[Place, ...]:
    """The keys of contact points that name a place in a source of any type, each once."""
    found: dict[str, Place] = {}
    for kind in source_types().values():
        for place in kind.places:
            found.setdefault(place.key, place)
    return tuple(found.values())


def event_ids(name: str, hash_customer: Callable[[str], str]) -> list[str]:
    """The ids under which an event that people call `name` may be stored, whatever the type of its source."""
    found = (kind.event_id(name, hash_customer) for kind in source_types().values() if kind.event_id is not None)
    return [each for each in found if each is not None]


def naming_types() -> frozenset[str]:
    """The types of source whose events people call by names that are not their ids."""
    return frozenset(kind.name for kind in source_types().values() if kind.event_id is not None)


def _declared(name: str, module: ModuleType, *, shipped: bool) -> SourceType:
    return SourceType(
        name=name,
        settings=module.Settings,
        connect=module.connect,
        channel=getattr(module, "CHANNEL", None),
        places=tuple(getattr(module, "PLACES", ())),
        archives=tuple(getattr(module, "ARCHIVES", ())),
        accepts_push=getattr(module, "ACCEPTS_PUSH", False),
        event_id=getattr(module, "event_id", None),
        shipped=shipped,
    )
