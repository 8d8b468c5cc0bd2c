"""The committed dashboards as tests read them: panels, queries, and what Grafana would put in place of its variables."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

DIRECTORY = Path(__file__).parents[3] / "dashboards"
UIDS = ("contactpoint-now", "contactpoint-detail", "contactpoint-written", "contactpoint-weekly", "contactpoint-monitor")

Board = dict[str, Any]


class Query(NamedTuple):
    """One query of a panel as it stands in the file."""

    board: str
    panel: str
    ref: str
    expr: str
    instant: bool

    @property
    def name(self) -> str:
        return f"{self.board} / {self.panel} / {self.ref}"


def boards() -> dict[str, Board]:
    """Every committed dashboard by its uid."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(DIRECTORY.glob("*.json"))}
    assert set(found) == set(UIDS)
    return found


def panels(board: Board) -> list[dict[str, Any]]:
    """Its panels without the headings, those that a heading folds away among them."""
    every = [each for panel in board["panels"] for each in (panel, *panel.get("panels", ()))]
    return [panel for panel in every if panel["type"] != "row"]


def drawn(board: Board) -> list[dict[str, Any]]:
    """Its panels that ask Prometheus."""
    return [panel for panel in panels(board) if panel["type"] != "text"]


def queries(board: Board) -> Iterator[Query]:
    """Every query of every panel."""
    for panel in drawn(board):
        for target in panel["targets"]:
            yield Query(board["uid"], panel["title"], target["refId"], target["expr"], target["instant"])


def loaded(board: Board) -> Iterator[Query]:
    """The queries of the panels that are open when somebody comes: what a heading folds away is asked for later."""
    return queries(board | {"panels": [panel for panel in board["panels"] if panel["type"] != "row"]})


def filled_in(expr: str, values: Mapping[str, str]) -> str:
    """`expr` with `$name` and `${name}` replaced; `$1` is PromQL's own. Raises KeyError for one that is not given."""
    return re.sub(r"\$(?:\{(\w+)\}|([a-z_]\w*))", lambda found: values[found[1] or found[2]], expr)


def everything() -> dict[str, str]:
    """What stands for the variables when all is chosen, at a scrape every second."""
    chosen = dict.fromkeys(("channel", "contact_point", "wait", "signal", "source"), ".+")
    return chosen | {"team": ".*", "__rate_interval": "15s", "__range": "86400s"}
