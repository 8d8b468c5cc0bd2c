"""What lies around every handler: who may come in, where a request comes from, security headers, error pages, sending."""

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
from collections import Counter, OrderedDict
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import bcrypt
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from monitor.log import Seldom
from monitor.publish.web.hosts import host_name
from monitor.publish.web.openapi.operations import DOCUMENT_PATH
from monitor.publish.web.overview import point_path
from monitor.publish.web.push import bearer
from monitor.publish.web.query import NoSuchPoint, shown
from monitor.publish.web.responses import Pages, html
from monitor.publish.web.services import Services
from monitor.publish.web.shell import shell_of

#: Under this key a request holds the name of its user, where there are users.
USER: Final = web.RequestKey("user", str)
#: bcrypt looks at 72 bytes; other tools cut silently, and so must we to agree with the hashes they made.
_BCRYPT_BYTES: Final = 72
#: Right passwords, and wrong ones, that are remembered.
_MAX_REMEMBERED: Final = 256
#: Different passwords that wait to be checked at once, and those of one address.
MAX_CHECKS: Final = 16
MAX_CHECKS_OF_ADDRESS: Final = 4
#: Asked by probes that carry no password. It says that the process answers, and nothing else.
_HEALTHY: Final = "/-/healthy"
#: Asked by probes by whatever name; it names sources that are not read yet, to those who may know them.
_READY: Final = "/-/ready"
#: What the users of the wall may read: the files that pages load, and of these routes what has `wall=1` alone.
_FILES: Final = "/static/{name}"
_WALL: Final = frozenset({"/", "/api/v1/stream"})
#: A reader that has not taken the whole answer by then is disconnected.
SEND_SECONDS: Final = 60.0
#: Of the headers with which a handler refuses, those that its error page keeps.
_KEPT_HEADERS: Final = ("WWW-Authenticate", "Retry-After", "Allow")

_SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class WallOnly(web.HTTPForbidden):
    """Somebody who may see the wall alone asked for something else."""

    def __init__(self) -> None:
        super().__init__(text="this login sees the board on the wall alone (/?wall=1): log in as one of web.users for the rest")


class BasicAuth:
    """Checks names and bcrypt hashes, as Prometheus' own exporters take them (RFC 7617).

    One check costs tens of milliseconds: it runs in a thread, one at a time, and its verdict is remembered. What was right
    and what was wrong is remembered apart, so that guesses drive out nobody. Few checks may wait, fewer of one address:
    guessers keep waiting neither who is known nor, from elsewhere, who comes for the first time.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._wrong: OrderedDict[bytes, None] = OrderedDict()
        self._checks: dict[bytes, asyncio.Task[bool]] = {}  # by what is being checked, for all who ask the same
        self._waiting_of: Counter[str | None] = Counter()  # checks, by the address that asked first
        self._one_at_a_time = asyncio.Lock()
        # Checked for unknown names, so that the time an answer takes does not tell which names exist.
        self._unknown_user = bcrypt.hashpw(secrets.token_hex(16).encode(), bcrypt.gensalt(10)).decode()

    async def user(self, request: web.Request, users: Mapping[str, str]) -> str | None:
        """Which of `users` (name -> bcrypt hash) the request names with the right password; None: none.

        Raises HTTPServiceUnavailable where too many passwords wait to be checked.
        """
        given = _credentials(request.headers.get("Authorization", ""))
        if given is None:
            return None
        name, password = given
        stored = users.get(name, self._unknown_user)
        asked = hmac.new(self._key, repr((name, password, stored)).encode(), hashlib.sha256).digest()
        right = self._remembered(asked)
        if right is None:
            check = self._checks.get(asked) or self._begin(asked, password, stored, request.remote)
            right = await asyncio.shield(check)
        return name if right and name in users else None

    def _remembered(self, asked: bytes) -> bool | None:
        for verdicts, right in ((self._right, True), (self._wrong, False)):
            if asked in verdicts:
                verdicts.move_to_end(asked)
                return right
        return None

    def _begin(self, asked: bytes, password: str, stored: str, address: str | None) -> "asyncio.Task[bool]":
        if len(self._checks) >= MAX_CHECKS or self._waiting_of[address] >= MAX_CHECKS_OF_ADDRESS:
            raise web.HTTPServiceUnavailable(text="too many passwords wait to be checked", headers={"Retry-After": "1"})
        self._waiting_of[address] += 1
        check = self._checks[asked] = asyncio.create_task(self._check(asked, password, stored, address), name="password")
        return check

    async def _check(self, asked: bytes, password: str, stored: str, address: str | None) -> bool:
        try:
            async with self._one_at_a_time:
                right = await asyncio.to_thread(_matches, password, stored)
        finally:
            del self._checks[asked]
            self._waiting_of[address] -= 1
            self._waiting_of += Counter()  # drops what is zero
        verdicts = self._right if right else self._wrong
        verdicts[asked] = None
        if len(verdicts) > _MAX_REMEMBERED:
            verdicts.popitem(last=False)
        return right


def _credentials(header: str) -> tuple[str, str] | None:
    """Name and password of an Authorization header; None where it holds none."""
    scheme, _, encoded = header.partition(" ")
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, password) if scheme.lower() == "basic" and colon else None


def _matches(password: str, stored: str) -> bool:
    try:
        return bcrypt.checkpw(password.encode()[:_BCRYPT_BYTES], stored.encode())
    except ValueError:  # what is configured is no bcrypt hash
        return False


def require_user(services: Services, *open_paths: str, token_paths: re.Pattern[str]) -> Middleware:
    """Refuses whoever is none of the users, where there are any; a handler finds who it is under USER. Without users it
    refuses who asks by a name that is not known to be ours: a page of another site may do so through its reader's browser.

    Users of the wall are refused everything but that. `/-/healthy` and `open_paths` need nobody, nor does who shows a token on
    one of `token_paths`: the handler looks at it.
    """
    foreign_host = Seldom("web", "asked by a name that is not known to be ours: name it under web.hosts if it is")
    auth, without_user = BasicAuth(), frozenset({_HEALTHY, *open_paths})

    def is_open(request: web.Request) -> bool:
        return request.path in without_user or (bearer(request) is not None and token_paths.fullmatch(request.path) is not None)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        users = services.users()
        if is_open(request):
            return await handler(request)
        if users:
            user = await auth.user(request, {**services.wall_users(), **users})
            if user is not None:
                request[USER] = user
                if not may_read(services, request):
                    raise WallOnly
                return await handler(request)
            challenge = {"WWW-Authenticate": 'Basic realm="contact-monitor", charset="UTF-8"'}
            raise web.HTTPUnauthorized(text="user name and password, please", headers=challenge)
        host = request.headers.get("Host")  # every browser says it
        if host is not None and request.path != _READY and not services.hosts().know(host):
            foreign_host.warning(sender=request.remote)
            raise web.HTTPMisdirectedRequest(
                text=f"this monitor is not known by the name {shown(host_name(host))}, and nobody needs a password here: "
                "name it under web.hosts in the configuration, or ask by its address"
            )
        return await handler(request)

    return middleware


def may_read(services: Services, request: web.Request) -> bool:
    """Whether who asked may have what is asked for, by the users that there are now: an answer that goes on asks again."""
    users, user = services.users(), request.get(USER)
    return not users or user in users or (user in services.wall_users() and _is_of_the_wall(request))


def _is_of_the_wall(request: web.Request) -> bool:
    resource = request.match_info.route.resource
    route = None if resource is None else resource.canonical
    only_the_wall = route in _WALL and request.query.getall("wall", []) == ["1"]
    return request.method in ("GET", "HEAD") and (route == _FILES or only_the_wall)


@web.middleware
async def refuse_foreign_forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses the form of another site's page, which a browser would send with the user's password."""
    if request.method == "POST" and _from_foreign_page(request):
        raise web.HTTPForbidden(text="sent by a page of another site")
    return await handler(request)


def _from_foreign_page(request: web.Request) -> bool:
    """Whether a browser says that another site's page made this request (programs send neither header)."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def error_pages(pages: Pages) -> Middleware:
    """Errors as a small page, as JSON where a program asked the API, and as a line of text for others."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            headers = {name: error.headers[name] for name in _KEPT_HEADERS if name in error.headers}
            if request.path.startswith("/api/"):
                return web.json_response({"error": _said(error, request)}, status=error.status, headers=headers)
            if "text/html" not in request.headers.get("Accept", ""):
                return web.Response(text=f"{error.text}\n", status=error.status, headers=headers)
            response = _error_page(pages, error, request)
            response.headers.update(headers)
            return response

    return middleware


def _said(error: web.HTTPException, request: web.Request) -> str | None:
    """What is wrong and what to do; where no handler was reached, nobody has said it yet."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        return f"{error.method} does nothing here: ask by {' or '.join(sorted(error.allowed_methods))}"
    if request.match_info.http_exception is error:
        return f"there is nothing at {shown(request.path)}: {DOCUMENT_PATH} lists what there is"
    return error.text


def _error_page(pages: Pages, error: web.HTTPException, request: web.Request) -> web.Response:
    values = {
        "status": error.status,
        "phrase": HTTPStatus(error.status).phrase,
        "text": error.text,
        "shell": shell_of(request),
        "nearest": [(name, point_path(name)) for name in error.nearest] if isinstance(error, NoSuchPoint) else (),
    }
    template = "wall_only.html" if isinstance(error, WallOnly) else "error.html"
    response = html(pages.render(template, values), packed=False)
    response.set_status(error.status)
    return response


@web.middleware
async def send_within_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Sends the answer here, where a reader that takes for ever, or has gone, can be dealt with."""
    response = await handler(request)
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await response.prepare(request)
            await response.write_eof()
    except ConnectionError:
        pass  # the reader has gone
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    return response


def add_security_headers(response: web.StreamResponse) -> None:
    """Headers of every answer."""
    response.headers.update(_SECURITY_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Server"] = "contact-monitor"
