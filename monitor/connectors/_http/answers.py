"""Status, header fields and bytes -> an answer, or why there is none; and what each of these means for us. No sockets.

The only place where a status of HTTP becomes an error of ours:

| | error | |
|---|---|---|
| 401 | AuthError | the secret is not accepted |
| 403 | AuthError | the account may not |
| 404 | TransientError, protocol | nothing there: a wrong `url`, or a service that is being installed |
| 409, 410 | TransientError, protocol | the mark of a page, or an interface, that is gone |
| 408, 504 | TransientError, timeout | |
| 429 | TransientError, rate_limit | with the pause that was asked for |
| other 5xx | TransientError, connect | with the pause, where one was asked for |
| other 3xx, 4xx | TransientError, protocol | not what we expect of such a server |
| 2xx without JSON, too large | TransientError, protocol | a login page, a proxy's page |
"""

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, Literal, NamedTuple

from monitor.connectors._http.headers import retry_after, until_reset
from monitor.errors import AuthError, SourceError, TransientError

ProblemKind = Literal[
    "auth", "forbidden", "missing", "conflict", "gone", "timeout", "rate_limit", "unavailable", "refused",
    "redirect", "html", "not_json", "too_large",
]  # fmt: skip


class Answer(NamedTuple):
    """What was asked for."""

    body: Any  # JSON
    headers: Mapping[str, str]
    asked_at: datetime  # our clock when the request went


class Problem(NamedTuple):
    """Why an answer is not what was asked for."""

    kind: ProblemKind
    status: int
    retry_after: float | None = None  # seconds
    code: str = ""  # the system's own word for it; must be fit to be shown

    @property
    def is_absent(self) -> bool:
        """Whether it says that this one thing is not there, or not for us, and nothing about the others."""
        return self.kind in ("forbidden", "missing", "gone")


_BY_STATUS: Final[dict[int, ProblemKind]] = {
    401: "auth", 403: "forbidden", 404: "missing", 408: "timeout", 409: "conflict", 410: "gone", 429: "rate_limit",
    504: "timeout",
}  # fmt: skip


def interpret(status: int, headers: Mapping[str, str], body: bytes, server_now: datetime) -> Any | Problem:
    """The JSON of an answer, or a Problem. `server_now` is the server's clock, for a Retry-After that is a moment."""
    if not 200 <= status < 300:
        pause = retry_after(headers.get("Retry-After"), server_now)
        if pause is None and status == HTTPStatus.TOO_MANY_REQUESTS:
            pause = until_reset(headers.get("X-RateLimit-Reset"), server_now)
        return Problem(_BY_STATUS.get(status) or ("unavailable" if status >= 500 else "refused"), status, pause)
    try:
        # What a customer's mail brought in may be no UTF-8: that must not spoil the rest of the answer.
        return json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return Problem("html" if body.lstrip()[:1] == b"<" else "not_json", status)


_REMEDIES: Final[dict[ProblemKind, str]] = {
    "auth": "the server does not accept the {secret}; check it, and whether it has expired",
    "forbidden": "the account may not read this; look at its rights",
    "missing": "nothing is there; check url",
    "conflict": "the server is busy with this itself",
    "gone": "the server does not offer this any more",
    "timeout": "the server does not answer in time",
    "rate_limit": "too many requests; lower requests_per_minute",
    "unavailable": "the server cannot answer now",
    "refused": "the server does not understand the request; check url and the version of the system",
    "redirect": "the server sends us elsewhere; check url, https:// included",
    "html": "the server answers with a web page where data was due; check url, and whether a login page stands in front of it",
    "not_json": "the server answers with something that is no JSON; check url",
    "too_large": "the answer is larger than any that we expect",
}
_REASONS: Final[dict[ProblemKind, str]] = {"timeout": "timeout", "rate_limit": "rate_limit", "unavailable": "connect"}


def error_of(problem: Problem, what: str, secret: str) -> SourceError:
    """The error to raise. `what` was asked for, without its parameters; `secret` is the key that holds the secret."""
    shown = f"{problem.status} {problem.code}".strip()
    message = f"{what}: {_REMEDIES[problem.kind].format(secret=secret)} ({shown})"
    if problem.kind in ("auth", "forbidden"):
        return AuthError(message)
    return TransientError(message, reason=_REASONS.get(problem.kind, "protocol"), retry_after=problem.retry_after)
