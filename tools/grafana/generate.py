"""Generates the dashboards: `python -m tools.grafana.generate [DIR]` writes them, by default to `dashboards/`.

Only for development: it needs Grafana's SDK. What is shipped is the JSON; see `board_files`.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard

from monitor.publish.dashboard_files import directory
from tools.grafana.detail import detail
from tools.grafana.monitor import monitor
from tools.grafana.now import now
from tools.grafana.weekly import weekly
from tools.grafana.written import written

BOARDS: Final = (now, detail, written, weekly, monitor)


#: What the SDK writes for every link and variable though nobody asked: links and annotations would hide in a menu from
#: Grafana 12 on, and the rest means nothing for variables that are no intervals.
_UNASKED: Final = frozenset({"placement", "auto", "auto_min", "auto_count"})
#: By these a link, an annotation and a variable are known; a legend's `placement` is another matter.
_SDK_MARKS: Final = frozenset({"keepTime", "iconColor", "skipUrlSync"})


def as_json(board: dashboard.Dashboard) -> str:
    """The file of a board: the same bytes every time."""
    plain = json.loads(json.dumps(board, cls=JSONEncoder), object_hook=_asked_for)
    return json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _asked_for(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in _UNASKED or not _SDK_MARKS & found.keys()}


def generate(out: Path) -> None:
    """Writes one file for each board, named after its uid."""
    out.mkdir(parents=True, exist_ok=True)
    for make in BOARDS:
        board = make()
        (out / f"{board.uid}.json").write_text(as_json(board), encoding="utf-8")


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else directory())
