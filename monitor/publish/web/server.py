"""The HTTP side of the daemon: routes, bounds and headers. Figures come from one snapshot, what led to them from the store.

Expects to be run without an access log (query strings and user names belong to people) and behind TLS where wanted.
"""

import asyncio
import gzip
import hashlib
import io
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from prometheus_client.exposition import gzip_accepted

from monitor import __version__
from monitor.errors import StoreUnavailable
from monitor.publish.exposition import Exposition
from monitor.publish.web import api
from monitor.publish.web.details import LISTED, LISTED_FOR, contact_page, contact_point_page, states_of
from monitor.publish.web.middleware import BasicAuth
from monitor.publish.web.overview import HERE, Pages, board, point_path
from monitor.publish.web.push import PushHandler
from monitor.publish.web.query import NoSuchPoint, wanted_signals
from monitor.publish.web.services import Evidence, Services

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

EVENTS_PATH: Final = "/api/v1/events"
#: Asked by probes that carry no password; the events path has tokens of its own.
_OPEN_PATHS: Final = frozenset({"/-/healthy", "/-/ready", EVENTS_PATH})
_SEND_SECONDS: Final = 60.0
#: Scrapes that may wait for the one that is being rendered; more means something is wrong with the scraper.
_QUEUED_SCRAPES: Final = 8
_COMPRESS_FROM: Final = 2048
_CONTACT_ID: Final = re.compile("[0-9a-f]{16}")
#: Larger bodies in one piece would hold up the event loop while they are copied into the socket.
_PIECEMEAL_FROM: Final = 1024 * 1024

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def make_app(services: Services) -> web.Application:
    """The application; start it with an AppRunner. The first, slow rendering of the metrics happens in its start-up."""
    return _Server(services).application()


class _Server:
    """The handlers and what they share."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._basic_auth = BasicAuth()
        self._pages = Pages()
        self._metrics = Exposition()
        self._renderer = ThreadPoolExecutor(1, "metrics")  # Exposition takes one caller at a time
        self._scrapes = 0
        self._warm = False
        self._static = {path.name: path.read_bytes() for path in sorted((HERE / "static").iterdir())}
        #: Changes with the files, so that browsers may keep them for ever.
        self._edition = hashlib.sha256(b"".join(self._static.values())).hexdigest()[:12]

    def application(self) -> web.Application:
        app = web.Application(middlewares=[_sends, self._words_errors, self._checks])
        app.on_startup.append(self._start)
        app.on_cleanup.append(self._stop)
        app.on_response_prepare.append(_harden)
        app.add_routes(
            [
                web.get("/", self._board),
                web.get("/contact-points/{name:.+}", self._contact_point),
                web.get("/contacts/{contact}", self._contact),
                web.get("/metrics", self._metrics_text),
                web.get("/-/healthy", self._healthy),
                web.get("/-/ready", self._ready),
                web.post("/-/reload", self._reload),
                web.get("/api/v1/contact-points", self._contact_points),
                web.get("/api/v1/contacts/{contact}", self._contact_json),
                web.get("/api/v1/signals", self._signals),
                web.get("/api/v1/sources", self._sources),
                web.post(EVENTS_PATH, PushHandler(self._services).handle),
                web.get("/static/{name}", self._static_file),
            ]
        )
        return app

    async def _start(self, _: web.Application) -> None:
        await self._render_metrics(None, None, False)

    async def _stop(self, _: web.Application) -> None:
        await asyncio.to_thread(self._renderer.shutdown, cancel_futures=True)

    # pages

    async def _board(self, request: web.Request) -> web.Response:
        snapshot, refresh = self._services.snapshot(), request.query.get("refresh") != "off"
        return await self._page(request, "board.html", lambda: board(snapshot, refresh=refresh))

    async def _contact_point(self, request: web.Request) -> web.Response:
        snapshot, name = self._services.snapshot(), request.match_info["name"]
        states = states_of(name, snapshot)
        if not states:
            known = {state.info.name for state in snapshot.points.values()}
            raise await asyncio.to_thread(NoSuchPoint, name, known)
        signals = await _stored(self._services.signals(name, None, snapshot.at - LISTED_FOR, LISTED + 1))
        return await self._page(request, "contact_point.html", lambda: contact_point_page(states, signals, snapshot))

    async def _contact(self, request: web.Request) -> web.Response:
        snapshot, evidence = self._services.snapshot(), await self._evidence(request)
        return await self._page(request, "contact.html", lambda: contact_page(evidence.told, snapshot))

    async def _page(self, request: web.Request, template: str, view: Callable[[], Mapping[str, Any]]) -> web.Response:
        packed = gzip_accepted(request.headers.get("Accept-Encoding", ""))

        def page() -> web.Response:
            body = self._pages.render(template, {**view(), "edition": self._edition})
            return _body(body, "text/html; charset=utf-8", packed)

        return await asyncio.to_thread(page)

    async def _evidence(self, request: web.Request) -> Evidence:
        contact = request.match_info["contact"]
        found = await _stored(self._services.contact(contact)) if _CONTACT_ID.fullmatch(contact) else None
        if found is None:
            raise web.HTTPNotFound(text="no such contact: its address is a mistake, or it is older than what is kept")
        return found

    async def _static_file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._static:
            raise web.HTTPNotFound(text="no such file")
        kind = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}[name.rpartition(".")[2]]
        headers = {"Content-Type": kind, "Cache-Control": "public, max-age=31536000, immutable"}
        return web.Response(body=self._static[name], headers=headers)

    # metrics

    async def _metrics_text(self, request: web.Request) -> web.Response:
        if self._scrapes >= _QUEUED_SCRAPES:
            raise web.HTTPServiceUnavailable(text="too many scrapes at once", headers={"Retry-After": "5"})
        self._scrapes += 1
        try:
            packed = gzip_accepted(request.headers.get("Accept-Encoding", ""))
            return await self._render_metrics(request.headers.get("Accept"), request.query.getall("name[]", None), packed)
        finally:
            self._scrapes -= 1

    async def _render_metrics(self, accept: str | None, names: list[str] | None, packed: bool) -> web.Response:
        snapshot = self._services.snapshot()

        def page() -> web.Response:
            body, content_type = self._metrics.render(snapshot, accept, names)
            return _body(body, content_type, packed)

        return await asyncio.get_running_loop().run_in_executor(self._renderer, page)

    # for machines

    async def _healthy(self, _: web.Request) -> web.Response:
        well = self._services.healthy()
        return web.Response(text="healthy\n" if well else "not healthy\n", status=200 if well else 503)

    async def _ready(self, _: web.Request) -> web.Response:
        snapshot = self._services.snapshot()
        if not snapshot.ready:
            missing = sorted(name for name, source in snapshot.sources.items() if source.up is None)
            text = f"not ready: not read yet: {', '.join(missing)}\n" if missing else "not ready: starting\n"
            return web.Response(text=text, status=503, headers={"Retry-After": "1"})
        if not self._warm:
            await self._render_metrics(None, None, False)
            self._warm = True
        return web.Response(text="ready\n")

    async def _reload(self, _: web.Request) -> web.Response:
        problems = await self._services.reload()
        if problems:
            raise web.HTTPBadRequest(text="the configuration was refused:\n" + "\n".join(problems))
        return web.Response(text="reloaded\n")

    async def _contact_points(self, _: web.Request) -> web.Response:
        return await asyncio.to_thread(_json, api.contact_points, self._services.snapshot())

    async def _signals(self, request: web.Request) -> web.Response:
        wanted = wanted_signals(request, self._services.snapshot().at)
        return await asyncio.to_thread(_json, list, await _stored(self._services.signals(*wanted)))

    async def _contact_json(self, request: web.Request) -> web.Response:
        evidence = await self._evidence(request)
        return await asyncio.to_thread(_json, dict, evidence.contract)

    async def _sources(self, _: web.Request) -> web.Response:
        return await asyncio.to_thread(_json, api.sources, self._services.snapshot())

    # around all handlers

    @web.middleware
    async def _checks(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Lets in only users, where there are any; and no form of a foreign page, which a browser would send for it."""
        users = self._services.users()
        if users and request.path not in _OPEN_PATHS and not await self._basic_auth.admits(request, users):
            challenge = {"WWW-Authenticate": 'Basic realm="contact-monitor", charset="UTF-8"'}
            raise web.HTTPUnauthorized(text="user name and password, please", headers=challenge)
        if request.method == "POST" and _from_foreign_page(request):
            raise web.HTTPForbidden(text="sent by a page of another site")
        return await handler(request)

    @web.middleware
    async def _words_errors(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Errors as a small page, or as JSON where a program asked."""
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            kept = {name: error.headers[name] for name in ("WWW-Authenticate", "Retry-After", "Allow") if name in error.headers}
            if request.path.startswith("/api/"):
                return web.json_response({"error": error.text}, status=error.status, headers=kept)
            if "text/html" not in request.headers.get("Accept", ""):
                return web.Response(text=f"{error.text}\n", status=error.status, headers=kept)
            phrase = HTTPStatus(error.status).phrase
            values = {
                "status": error.status,
                "phrase": phrase,
                "text": error.text,
                "version": __version__,
                "edition": self._edition,
                "nearest": [(name, point_path(name)) for name in error.nearest] if isinstance(error, NoSuchPoint) else (),
            }
            response = _body(self._pages.render("error.html", values), "text/html; charset=utf-8", packed=False)
            response.set_status(error.status)
            response.headers.update(kept)
            return response


@web.middleware
async def _sends(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Sends the answer here, where a reader that takes for ever, or has gone, can be dealt with."""
    response = await handler(request)
    try:
        async with asyncio.timeout(_SEND_SECONDS):
            await response.prepare(request)
            await response.write_eof()
    except ConnectionError:
        pass  # the client has gone; nobody is left to be told
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    return response


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Server"] = "contact-monitor"


def _from_foreign_page(request: web.Request) -> bool:
    """Whether a browser says that another site's page made this request (programs send neither header)."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _body(body: bytes, content_type: str, packed: bool) -> web.Response:
    """A response; level 1 costs a tenth of the default level for about the same size."""
    headers = {"Content-Type": content_type, "Vary": "Accept-Encoding"}
    if packed and len(body) >= _COMPRESS_FROM:
        return web.Response(body=gzip.compress(body, 1, mtime=0), headers={**headers, "Content-Encoding": "gzip"})
    if len(body) > _PIECEMEAL_FROM:
        return web.Response(body=io.BytesIO(body), headers=headers)  # aiohttp sends these piece by piece
    return web.Response(body=body, headers=headers)


def _json(view: Callable[[Any], Mapping[str, Any] | list[Any]], of: Any) -> web.Response:
    return web.Response(body=json.dumps(view(of)).encode(), content_type="application/json")


async def _stored(answer: Awaitable[T]) -> T:
    """What the store says, or 503."""
    try:
        return await answer
    except StoreUnavailable:
        text = "the store cannot be read now: try again in a moment"
        raise web.HTTPServiceUnavailable(text=text, headers={"Retry-After": "5"}) from None
