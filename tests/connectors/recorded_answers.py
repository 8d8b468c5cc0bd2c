"""What real helpdesks have answered, recorded by `tests/live/helpdesk/record.py`: one JSON file each in `tests/recordings`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORDINGS = Path(__file__).parents[1] / "recordings"
HELPDESKS = ("request_tracker", "redmine", "znuny")


@dataclass(frozen=True)
class RecordedAnswer:
    """One answer beside what was asked. Of a JSON body the values are the server's, not the order of the keys."""

    method: str
    path: str
    asked: Any
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def recorded(system: str, name: str) -> RecordedAnswer:
    """The answer of this name. Raises FileNotFoundError when there is none."""
    content = json.loads((RECORDINGS / system / f"{name}.json").read_text())
    body = json.dumps(content["json"]).encode() if "json" in content else content["text"].encode()
    request = content["request"]
    return RecordedAnswer(request["method"], request["path"], request.get("body"), content["status"], content["headers"], body)
