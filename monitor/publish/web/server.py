"""The routes of the daemon's HTTP side. Figures come from one snapshot, what led to them from the store.

Expects to be run without an access log (query strings and user names belong to people) and behind TLS where wanted.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from aiohttp import web

from monitor.errors import StoreUnavailable
from monitor.publish.exposition import Exposition
from monitor.publish.web import middleware, settle
from monitor.publish.web.board.page import board, macro_of
from monitor.publish.web.board.service import look, wanted_of
from monitor.publish.web.board.stream import Streams
from monitor.publish.web.connecting import connect_page
from monitor.publish.web.details import states_of
from monitor.publish.web.evidence import contact_page
from monitor.publish.web.openapi import EVENTS_PATH, api_routes
from monitor.publish.web.point_pages import LISTED, LISTED_FOR, SHOWN_WAITING, contact_point_page, mondays_of
from monitor.publish.web.programs import Programs
from monitor.publish.web.query import MAX_SIGNALS, SIGNALS_PARAMETERS, NoSuchPoint, refuse_others, wanted_signals
from monitor.publish.web.responses import Pages, accepts_gzip, html, text
from monitor.publish.web.services import Services, SignalsWanted
from monitor.publish.web.shell import choose_colours, shell_of
from monitor.publish.web.signal_pages import FILTERS, MOST_PORTIONS, csv_portion, filled, send_csv, signals_page, who_waits
from monitor.publish.web.sources import GAPS_SINCE, sources_page
from monitor.publish.web.stored import refuse_unheard, soon_reports, stored_evidence, stored_signals
from monitor.publish.web.week_pages import WeekPages

#: Scrapes that may wait for the one that is being rendered; more means something is wrong with the scraper.
_MAX_QUEUED_SCRAPES: Final = 8


def make_app(services: Services) -> web.Application:
    """The application; start it with an AppRunner. The first, slow rendering of the metrics happens in its start-up."""
    return _Server(services).application()


class _Server:
    """The handlers and what they share."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._pages = Pages()
        self._weeks = WeekPages(self._services, self._page)
        self._exposition = Exposition()
        self._renderer = ThreadPoolExecutor(1, "metrics")  # Exposition takes one caller at a time
        self._scrapes = 0
        self._warm = False
        self._streams = Streams(services, self._draw, self._pages.edition, partial(middleware.may_read, services))

    def application(self) -> web.Application:
        """The routes and what lies around them, outermost first."""
        app = web.Application(
            middlewares=[
                middleware.send_within_time,
                middleware.error_pages(self._pages),
                middleware.require_user(self._services, EVENTS_PATH, token_paths=settle.TOKEN_PATHS),
                middleware.refuse_foreign_forms,
                choose_colours,
            ]
        )
        app.on_startup.append(self._start)
        app.on_shutdown.append(self._end_streams)
        app.on_cleanup.append(self._stop)
        app.on_response_prepare.append(_secured)
        app.add_routes(
            [
                web.get("/", self._board),
                web.get("/contact-points/{name:.+}", self._contact_point),
                web.get("/contacts/{contact}", self._contact),
                web.get("/signals", self._signals_page),
                web.get("/signals.csv", self._signals_csv),
                web.get("/sources", self._sources),
                web.get("/connect", self._connect),
                *self._weeks.routes(),
                web.get("/metrics", self._metrics),
                web.get("/-/healthy", self._healthy),
                web.get("/-/ready", self._ready),
                web.post("/-/reload", self._reload),
                web.get("/static/{name}", self._static_file),
                *api_routes({**Programs(self._services).handlers(), "stream": self._streams.handle}),
            ]
        )
        return app

    async def _start(self, _: web.Application) -> None:
        await self._render_metrics(None, None, packed=False)

    async def _end_streams(self, _: web.Application) -> None:
        await self._streams.close()

    async def _stop(self, _: web.Application) -> None:
        self._weeks.close()
        await asyncio.to_thread(self._renderer.shutdown, cancel_futures=True)

    # pages

    async def _board(self, request: web.Request) -> web.Response:
        wanted = wanted_of(request)
        seen = look(self._services, wanted)
        return await self._page(request, "wall.html" if wanted.wall else "board.html", lambda: {"board": board(*seen, wanted)})

    def _draw(self, name: str, said: object) -> str:
        return self._pages.macro(*macro_of(name, said), said)

    async def _contact_point(self, request: web.Request) -> web.Response:
        snapshot, name = self._services.snapshot(), request.match_info["name"]
        states = states_of(name, snapshot)
        if not states:
            known = {state.info.name for state in snapshot.points.values()}
            raise await asyncio.to_thread(NoSuchPoint, name, known)
        wanted = SignalsWanted(snapshot.at - LISTED_FOR, contact_points=frozenset((name,)), limit=LISTED)
        waiting = {key: self._services.waiting(name, state.info.channel, SHOWN_WAITING) for key, state in states.items()}
        asked = stored_signals(self._services, wanted), soon_reports(self._services, mondays_of(states, snapshot))
        signals, reports = await asyncio.gather(*asked)
        return await self._page(
            request, "contact_point.html", lambda: contact_point_page(states, signals, snapshot, waiting, reports)
        )

    async def _contact(self, request: web.Request) -> web.Response:
        snapshot = self._services.snapshot()
        evidence = await stored_evidence(self._services, request.match_info["contact"])
        return await self._page(request, "contact.html", lambda: contact_page(evidence.explained, snapshot))

    async def _signals_page(self, request: web.Request) -> web.Response:
        query, snapshot = filled(request.query), self._services.snapshot()
        refuse_others(query, SIGNALS_PARAMETERS)
        wanted = wanted_signals(query, snapshot)
        await refuse_unheard(self._services, wanted, query.get("contact_point"), snapshot)
        page = await stored_signals(self._services, wanted)
        waiting = who_waits(self._services, wanted, snapshot) if wanted.cursor is None else None
        return await self._page(request, "signals.html", lambda: signals_page(query, wanted, page, waiting, snapshot))

    async def _signals_csv(self, request: web.Request) -> web.StreamResponse:
        query, snapshot = filled(request.query), self._services.snapshot()
        refuse_others(query, FILTERS)
        wanted = wanted_signals(query, snapshot)._replace(limit=MAX_SIGNALS)
        await refuse_unheard(self._services, wanted, query.get("contact_point"), snapshot)
        return await send_csv(request, self._csv(wanted))

    async def _csv(self, wanted: SignalsWanted) -> AsyncIterator[bytes]:
        for number in range(MOST_PORTIONS):
            page = await stored_signals(self._services, wanted)
            yield await asyncio.to_thread(csv_portion, page.rows, with_head=number == 0)
            if page.cursor is None:
                return
            wanted = wanted._replace(cursor=page.cursor)

    async def _sources(self, request: web.Request) -> web.Response:
        snapshot = self._services.snapshot()
        try:
            gaps = await self._services.gaps(snapshot.at - GAPS_SINCE)
        except StoreUnavailable:  # why a source is not read matters most when little else works
            gaps = None
        return await self._page(request, "sources.html", lambda: sources_page(snapshot, gaps))

    async def _connect(self, request: web.Request) -> web.Response:
        return await self._page(request, "connect.html", connect_page)

    async def _page(self, request: web.Request, template: str, view: Callable[[], Mapping[str, Any]]) -> web.Response:
        packed, shown = accepts_gzip(request), {"refresh": request.query.get("refresh") != "off", "shell": shell_of(request)}
        return await asyncio.to_thread(lambda: html(self._pages.render(template, {**view(), **shown}), packed=packed))

    async def _static_file(self, request: web.Request) -> web.Response:
        return self._pages.static_file(request.match_info["name"])

    # metrics

    async def _metrics(self, request: web.Request) -> web.Response:
        if self._scrapes >= _MAX_QUEUED_SCRAPES:
            raise web.HTTPServiceUnavailable(text="too many scrapes at once", headers={"Retry-After": "5"})
        self._scrapes += 1
        try:
            accept, names = request.headers.get("Accept"), request.query.getall("name[]", None)
            return await self._render_metrics(accept, names, packed=accepts_gzip(request))
        finally:
            self._scrapes -= 1

    async def _render_metrics(self, accept: str | None, names: list[str] | None, *, packed: bool) -> web.Response:
        snapshot = self._services.snapshot()

        def rendered() -> web.Response:
            body, content_type = self._exposition.render(snapshot, accept, names)
            return text(body, content_type, packed=packed)

        return await asyncio.get_running_loop().run_in_executor(self._renderer, rendered)

    # probes and reload

    async def _healthy(self, _: web.Request) -> web.Response:
        """That it answers is all there is to say: being unable to read a source is no ill health, and a bug ends the process."""
        return web.Response(text="healthy\n")

    async def _ready(self, _: web.Request) -> web.Response:
        snapshot = self._services.snapshot()
        if snapshot.store_trouble is not None:
            problem = f"not ready: {snapshot.store_trouble.words}\n"
            return web.Response(text=problem, status=503, headers={"Retry-After": "5"})
        if not snapshot.ready:
            missing = sorted(name for name, source in snapshot.sources.items() if source.up is None)
            problem = f"not ready: not read yet: {', '.join(missing)}\n" if missing else "not ready: starting\n"
            return web.Response(text=problem, status=503, headers={"Retry-After": "1"})
        if not self._warm:
            await self._render_metrics(None, None, packed=False)
            self._warm = True
        return web.Response(text="ready\n")

    async def _reload(self, _: web.Request) -> web.Response:
        problems = await self._services.reload()
        if problems:
            raise web.HTTPBadRequest(text="the configuration was refused:\n" + "\n".join(problems))
        return web.Response(text="reloaded\n")


async def _secured(_: web.Request, response: web.StreamResponse) -> None:
    """For `on_response_prepare`: also the answers that aiohttp makes itself carry our headers."""
    middleware.add_security_headers(response)
