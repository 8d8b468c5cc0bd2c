"""Lines of `check` that all helpdesks share. Pure."""

from collections.abc import Collection, Iterator

from monitor.connector import Finding, Place
from monitor.connectors._tickets.rules import folded

_SHOWN = 10


def places_seen(place: Place, seen: Collection[str], named: Collection[str]) -> Iterator[Finding]:
    """Which queues, projects or groups the account sees, and those that the configuration names in vain.

    `named` are places as events carry them (`Context.places`), or names.
    """
    shown = ", ".join(sorted(seen)[:_SHOWN]) + (" \u2026" if len(seen) > _SHOWN else "")
    yield Finding(bool(seen), f"{place.key}s that this account sees: {len(seen)}" + (f" ({shown})" if seen else ""))
    known = {folded(each) for each in seen}
    for each in sorted(named):
        name = each.partition(":")[2] if each.startswith(f"{place.key}:") else each
        if folded(name) not in known:
            yield Finding(False, f"{place.key} {name}: this account does not see it; check its name, and the account's rights")
