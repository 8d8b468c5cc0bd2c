"""The Alertmanager example as values: as it stands, with its commented settings taken, and where it sends an alert."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[3] / "config" / "alertmanager"
CONFIG = FOLDER / "alertmanager.yml"
TEMPLATE = FOLDER / "contact-monitor.tmpl"

_COMMENTED = re.compile(r"^( *)#((?:  +)?[^# ].*)$", re.MULTILINE)


def example() -> dict[str, Any]:
    """As it stands, with the template's whole path."""
    return _loaded(CONFIG.read_text(encoding="utf-8"))


def uncommented() -> str:
    """Its text with every commented setting taken."""
    return _COMMENTED.sub(r"\1\2", CONFIG.read_text(encoding="utf-8"))


def example_in_full() -> dict[str, Any]:
    """With every commented setting taken, and the template's whole path."""
    return _loaded(uncommented())


def _loaded(text: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(text)
    return content | {"templates": [str(TEMPLATE)]}


def leaf(labels: Mapping[str, str], config: Mapping[str, Any]) -> dict[str, Any]:
    """What the route that an alert takes says, with what it inherits. None of ours continues."""
    route = config["route"]
    found = dict(route)
    while (
        route := next((child for child in route.get("routes", ()) if _matches(labels, child.get("matchers", ()))), None)
    ) is not None:
        found |= {"active_time_intervals": None} | route
    return found


def _matches(labels: Mapping[str, str], matchers: Iterable[str]) -> bool:
    def one(name: str, operator: str, value: str) -> bool:
        have = labels.get(name, "")
        equal = re.fullmatch(value, have) is not None if "~" in operator else have == value
        return equal != operator.startswith("!")

    return all(one(*_parts(matcher)) for matcher in matchers)


def _parts(matcher: str) -> tuple[str, str, str]:
    found = re.fullmatch(r'(\w+)(=~|!~|!=|=)"(.*)"', matcher)
    assert found is not None, matcher
    return found[1], found[2], found[3]


def routes(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A route and all below it."""
    yield route
    for child in route.get("routes", ()):
        yield from routes(child)
