"""The dashboards as JSON, made with Grafana's SDK. What is shipped is the JSON alone."""

import json
from typing import Any, Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard

from tools.grafana.detail import detail
from tools.grafana.monitor import monitor
from tools.grafana.now import now
from tools.grafana.weekly import weekly
from tools.grafana.written import written

BOARDS: Final = (now, detail, written, weekly, monitor)


#: What the SDK adds to every link and variable: links and annotations would hide in a menu from
#: Grafana 12 on, and the rest means nothing for variables that are no intervals.
_ADDED: Final = frozenset({"placement", "auto", "auto_min", "auto_count"})
#: By these a link, an annotation and a variable are known; a legend's `placement` is another matter.
_SDK_MARKS: Final = frozenset({"keepTime", "iconColor", "skipUrlSync"})


def as_json(board: dashboard.Dashboard) -> str:
    """The file of a board: the same bytes every time."""
    plain = json.loads(json.dumps(board, cls=JSONEncoder), object_hook=_without_added)
    return json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _without_added(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in _ADDED or not _SDK_MARKS & found.keys()}


def board_files() -> dict[str, str]:
    """Uid -> the text of its file, `dashboards/UID.json`."""
    return {board.uid: as_json(board) for board in (make() for make in BOARDS) if board.uid is not None}
