"""Asks one server over HTTP and gives back JSON. It can only read: GET, and the POST requests of a closed list."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import aiohttp

from monitor.clock import Clock
from monitor.connector import Finding
from monitor.connectors._http.answers import Answer, Problem, error_of, interpret
from monitor.connectors._http.budget import RequestBudget
from monitor.connectors._http.headers import http_moment
from monitor.connectors._http.settings import HttpSettings
from monitor.connectors._reaching import speaks_no_tls, why
from monitor.errors import ConfigError, TransientError

#: (source type, path below `url`) of the only requests that are no GET: searches that a system takes by POST alone.
READING_POSTS: Final = frozenset((
    ("znuny", "/Ticket/Search"), ("jira_service_management", "/rest/api/3/search/jql"),
    ("jira_service_management", "/rest/api/3/changelog/bulkfetch"), ("jira_service_management", "/rest/api/3/issue/bulkfetch"),
))  # fmt: skip
MAX_BODY: Final = 32 << 20
_MAX_REDIRECTS: Final = 3
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_CHUNK: Final = 65_536
#: `Date` has whole seconds and an answer takes some time: a smaller difference is none.
_NOISE: Final = timedelta(seconds=2)

#: What follows the path; a sequence of texts repeats its name.
Params = Mapping[str, str | Sequence[str]]
#: What else the JSON of an answer may mean, where a system reports errors with status 200.
Refusal = Callable[[Any], Problem | None]


def _no_refusal(_body: Any) -> None:
    return None


class HttpClient:
    """One source's client. Budget and clock offset outlive the connections, which `connected` opens and closes."""

    def __init__(
        self, settings: HttpSettings, clock: Clock, *, headers: Mapping[str, str], shows: str, refusal: Refusal = _no_refusal
    ) -> None:
        """`headers` go with every request; `shows` is the name of the key whose value they show.

        Raises ConfigError when `ca_file` cannot be used.
        """
        self._settings = settings
        self._clock = clock
        self._headers = {"Accept": "application/json", **headers}
        self._shows = shows
        self._refusal = refusal
        self._budget = RequestBudget(settings.requests_per_minute, clock)
        self._session: aiohttp.ClientSession | None = None
        self.offset = timedelta(0)  # the server's clock minus ours, 0 where that is noise, or not told
        self._is_dated = False
        if settings.ca_file is not None and not settings.ca_file.is_file():
            raise ConfigError(f"ca_file {settings.ca_file}: no such file")

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Requests can be made inside. Raises ConfigError when `ca_file` holds no certificates."""
        timeout = aiohttp.ClientTimeout(total=self._settings.timeout.total_seconds())
        connector = aiohttp.TCPConnector(ssl=_tls(self._settings))
        async with aiohttp.ClientSession(
            timeout=timeout, connector=connector, headers=self._headers, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            self._session = session
            try:
                yield
            finally:
                self._session = None

    def findings(self) -> list[Finding]:
        """Lines of `check`, once the server has answered."""
        found = [Finding(True, f"{self._settings.url} answers")]
        if self._settings.url.startswith("http://"):
            found.append(Finding(None, f"http:// sends the {self._shows} in clear: use https:// where the network is not yours"))
        if not self._is_dated:
            found.append(Finding(None, "it does not say what time it is there: have its clock set by a time server"))
        if self.offset:
            found.append(Finding(None, _skew(self.offset.total_seconds())))
        return found

    def server_now(self) -> datetime:
        """The server's clock, as far as its answers told it."""
        return self._clock.now() + self.offset

    async def get(self, path: str, params: Params | None = None) -> Answer:
        """`path` below `url`. Raises AuthError or TransientError (answers.py says which)."""
        return self.good(await self.try_get(path, params), path)

    async def try_get(self, path: str, params: Params | None = None, *, cost: int = 1) -> Answer | Problem:
        """The same, where every answer that is none is a value. Raises TransientError when there is no answer at all.

        `cost`: as how many requests it is counted there.
        """
        return await self._ask("GET", path, params, None, cost)

    def has_room(self, cost: int = 1) -> bool:
        """Whether a request would go at once."""
        return self._budget.wait_for(cost) == 0

    def spend(self, cost: int) -> None:
        """A request was counted as so many more than was thought."""
        self._budget.spend(cost)

    async def find(self, path: str, params: Params | None = None) -> Answer | None:
        """The same; None where this one thing is not there, or not for us."""
        answer = await self.try_get(path, params)
        return None if isinstance(answer, Problem) and answer.is_absent else self.good(answer, path)

    async def search(self, path: str, body: Mapping[str, Any]) -> Answer:
        """A search that the system takes by POST alone, as READING_POSTS lists them. Raises as `get` does."""
        return self.good(await self.try_search(path, body), path)

    async def try_search(self, path: str, body: Mapping[str, Any]) -> Answer | Problem:
        """The same, where an answer that is none is a value. Raises TransientError when there is no answer at all."""
        if (self._settings.type, path) not in READING_POSTS:
            raise ValueError(f"{self._settings.type}: POST {path} is not in the list of what only reads")
        return await self._ask("POST", path, None, body)

    def good(self, answer: Answer | Problem, path: str) -> Answer:
        """The answer. Raises what a Problem means."""
        if isinstance(answer, Problem):
            raise error_of(answer, self._settings.url + path, self._shows)
        return answer

    async def _ask(
        self, method: str, path: str, params: Params | None, body: Mapping[str, Any] | None, cost: int = 1
    ) -> Answer | Problem:  # fmt: skip
        await self._budget.take(cost)
        url, asked_at = self._settings.url + path, self._clock.now()
        try:
            status, headers, content = await self._sent(method, url, params, body)
        except TimeoutError:
            raise TransientError(f"{url} does not answer in time", reason="timeout") from None
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError) as error:
            raise TransientError(f"{url}: {_tls_fault(error)}", reason="tls") from None
        except aiohttp.ClientConnectorError as error:
            where = f"{error.host}:{error.port or urlsplit(url).port}"
            raise TransientError(f"{url} cannot be reached at {where}: {why(error.os_error)}") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            remedy = "; if this is its port of TLS, write https://" if url.startswith("http://") else ""
            words = why(error) if isinstance(error, OSError) else type(error).__name__
            raise TransientError(f"{url} cannot be reached ({words}){remedy}") from None
        self._read_clock(headers.get("Date"), asked_at)
        if content is None:
            return Problem("too_large", status)
        if status in _REDIRECTS:
            return Problem("redirect", status)
        found = interpret(status, headers, content, self.server_now())
        if isinstance(found, Problem):
            return found
        return self._refusal(found) or Answer(found, headers, asked_at)

    async def _sent(
        self, method: str, url: str, params: Params | None, body: Mapping[str, Any] | None
    ) -> tuple[int, Mapping[str, str], bytes | None]:
        """(status, header fields, content; None: too much). Follows what stays with the same server."""
        assert self._session is not None, "inside `connected` only"
        for _ in range(_MAX_REDIRECTS + 1):
            async with self._session.request(method, url, params=params, json=body, allow_redirects=False) as answer:
                redirected = method == "GET" and answer.status in _REDIRECTS
                target = _target(self._settings.url, url, answer.headers.get("Location")) if redirected else None
                if target is None:
                    return answer.status, answer.headers, await _content(answer)
            url, params = target, None
        return answer.status, answer.headers, b""

    def _read_clock(self, date: str | None, asked_at: datetime) -> None:
        theirs = http_moment(date)
        if theirs is not None:
            self._is_dated = True
            ours = asked_at + (self._clock.now() - asked_at) / 2
            offset = theirs + timedelta(seconds=0.5) - ours  # it was cut to whole seconds
            self.offset = offset if abs(offset) >= _NOISE else timedelta(0)


def _tls(settings: HttpSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    except (OSError, ssl.SSLError):
        raise ConfigError(f"ca_file {settings.ca_file} holds no certificates (PEM)") from None


def _target(base: str, url: str, location: str | None) -> str | None:
    """Where a redirect of `url` leads; None where a secret that was meant for `base` must not be shown."""
    try:
        target = urljoin(url, location or "")
        return target if location and _stays(base, target) else None
    except ValueError:  # no address
        return None


def _stays(base: str, target: str) -> bool:
    """Whether it is the same host, and no less safe to speak to. Raises ValueError."""
    one, other = urlsplit(base), urlsplit(target)
    same_port = one.port == other.port or (one.scheme, other.scheme, other.port) == ("http", "https", None)
    return one.hostname == other.hostname and same_port and other.scheme in ("https", one.scheme)


async def _content(answer: aiohttp.ClientResponse) -> bytes | None:
    """The body; None where it is larger than MAX_BODY."""
    pieces, size = [], 0
    async for piece in answer.content.iter_chunked(_CHUNK):
        size += len(piece)
        if size > MAX_BODY:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _skew(seconds: float) -> str:
    """Which signals a server's clock shifts that is so far ahead of ours (negative: behind)."""
    means = "dates and opening hours go by it; set it"
    if seconds > 0:  # a limit begins by the server's clock and must be over by ours
        return f"its clock is {seconds:.0f} s ahead of ours: limits are counted late by that, {means}"
    return f"its clock is {-seconds:.0f} s behind ours: {means}"


def _tls_fault(error: aiohttp.ClientError) -> str:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLError) and speaks_no_tls(cause):
        return "it speaks no TLS there; write http:// where the network is yours, or name its port of TLS"
    short = getattr(cause, "verify_message", None) or getattr(cause, "reason", None) or type(error).__name__
    return f"TLS fails ({short}); check ca_file and the certificate"
