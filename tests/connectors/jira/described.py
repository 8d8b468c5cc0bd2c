"""Holds requests of ours and answers of the simulator against Atlassian's own description, where it lies beside the project.

`../shared/specs/jira-platform-v3.json` is a copy of October 2024 (SOURCES.md beside it). Of what is asked for it has all but
NOT_DESCRIBED.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.connectors.mishaps import Answer

DESCRIPTION = Path(__file__).parents[4] / "shared" / "specs" / "jira-platform-v3.json"
#: Paths that are younger than the copy, or were left out of it.
NOT_DESCRIBED = frozenset(("/rest/api/3/changelog/bulkfetch", "/rest/api/3/issue/bulkfetch", "/rest/api/3/mypermissions"))
#: What the search says today, and did not in the copy.
YOUNGER = "isLast"
_HOST = "https://your-domain.atlassian.net"


class Described:
    """What `Simulator.check` calls; raises what openapi-core finds, AssertionError for names in a query that are not declared."""

    def __init__(self) -> None:
        self._paths: dict[str, Any] = json.loads(DESCRIPTION.read_text())["paths"]
        moments = Config(extra_format_validators={"date-time": _is_moment})
        self._description = OpenAPI.from_file_path(str(DESCRIPTION), config=moments)
        self.seen: set[str] = set()  # paths as the description writes them, and others

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes, answer: Answer) -> None:
        parts = urlsplit(target)
        path = self._path(parts.path)
        self.seen.add(path)
        if path in NOT_DESCRIBED:
            return
        query = dict(parse_qsl(parts.query))
        declared = {each["name"] for each in self._paths[path][method.lower()].get("parameters", ()) if each["in"] == "query"}
        assert query.keys() <= declared, f"{path}: {sorted(query.keys() - declared)} is not declared"
        request = MockRequest(
            _HOST,
            method.lower(),
            parts.path,
            args=query,
            headers=dict(headers),
            content_type="application/json",
            data=body or None,
        )
        self._description.validate_request(request)
        if path.endswith("/search/jql") and answer.status == 200:
            answer = answer._replace(body=_without(answer.body, YOUNGER))
        # 5xx and 429 come from what stands in front, and no description has them.
        if answer.status == 200 or str(answer.status) in self._paths[path][method.lower()]["responses"]:
            response = MockResponse(
                answer.body, status_code=answer.status, headers=answer.headers, content_type="application/json"
            )
            self._description.validate_response(request, response)

    def _path(self, path: str) -> str:
        if path in self._paths or path in NOT_DESCRIBED:
            return path
        return next(each for each in self._paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path))


def _without(body: bytes, name: str) -> bytes:
    return json.dumps({key: value for key, value in json.loads(body).items() if key != name}).encode()


def _is_moment(text: object) -> bool:
    """As the description's own examples write them: with an offset without a colon, so that they are none of RFC 3339."""
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None
