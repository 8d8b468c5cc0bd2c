"""What programs ask for: the handlers of the operations that `openapi` describes."""

import asyncio
import json
from collections.abc import Mapping

from aiohttp import hdrs, web

from monitor.domain.snapshot import WhoWaits
from monitor.publish.report.as_json import as_json_value, weeks_json
from monitor.publish.web import api
from monitor.publish.web.openapi import document
from monitor.publish.web.openapi.routes import Handler
from monitor.publish.web.push import PushHandler
from monitor.publish.web.query import next_page, wanted_limit, wanted_signals, wanted_waits, wanted_week
from monitor.publish.web.responses import accepts_gzip, as_json, text
from monitor.publish.web.services import Services
from monitor.publish.web.settle import SettleHandler
from monitor.publish.web.stored import refuse_unheard, stored_evidence, stored_report, stored_signals
from monitor.publish.web.waiting import next_limits, waiting_now


class Programs:
    """The answers as JSON. What is long is written in a thread."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._document = document()

    def handlers(self) -> Mapping[str, Handler]:
        """By the name of the operation."""
        return {
            "contactPoints": self._contact_points,
            "waiting": self._waiting,
            "nextLimits": self._next_limits,
            "signals": self._signals,
            "contact": self._contact,
            "weeks": self._weeks,
            "week": self._week,
            "settle": SettleHandler(self._services).handle,
            "sources": self._sources,
            "pushEvents": PushHandler(self._services).handle,
            "openapi": self._openapi,
        }

    async def _contact_points(self, _: web.Request) -> web.Response:
        snapshot = self._services.snapshot()
        return await asyncio.to_thread(lambda: as_json(api.contact_points(snapshot)))

    async def _sources(self, _: web.Request) -> web.Response:
        snapshot = self._services.snapshot()
        return await asyncio.to_thread(lambda: as_json(api.sources(snapshot)))

    async def _waiting(self, request: web.Request) -> web.Response:
        snapshot = self._services.snapshot()
        wanted = await asyncio.to_thread(wanted_waits, request.query, snapshot)
        found: list[WhoWaits] = []
        for state in wanted.states:
            here = self._services.waiting(state.info.name, state.info.channel, wanted.limit)
            found += [who for wait, who in here.items() if wanted.wait in (None, wait)]
            await asyncio.sleep(0)  # many contact points take a while: others are answered in between
        return as_json(waiting_now(snapshot, wanted.states, found, wanted.limit))

    async def _next_limits(self, request: web.Request) -> web.Response:
        limit = wanted_limit(request.query)
        return as_json(next_limits(self._services.snapshot(), self._services.next_limits(limit)))

    async def _signals(self, request: web.Request) -> web.Response:
        snapshot, name = self._services.snapshot(), request.query.get("contact_point")
        wanted = wanted_signals(request.query, snapshot)
        await refuse_unheard(self._services, wanted, name, snapshot)
        page = await stored_signals(self._services, wanted)
        answer = await asyncio.to_thread(lambda: as_json(list(page.rows)))
        if page.cursor is not None:
            answer.headers[hdrs.LINK] = f'<{next_page(request.path, request.query, wanted, page.cursor)}>; rel="next"'
        return answer

    async def _contact(self, request: web.Request) -> web.Response:
        evidence = await stored_evidence(self._services, request.match_info["contact"])
        return await asyncio.to_thread(lambda: as_json(dict(evidence.contract)))

    async def _weeks(self, _: web.Request) -> web.Response:
        found = await stored_report(self._services.weeks())
        return await asyncio.to_thread(lambda: as_json(weeks_json(found)))

    async def _week(self, request: web.Request) -> web.Response:
        monday = wanted_week(request.match_info["week"], self._services.snapshot().at)
        report = await stored_report(self._services.week(monday))
        if not report.has_any_record:
            raise web.HTTPNotFound(text=f"nothing is known of {report.week}: /api/v1/weeks lists the weeks that are known")
        packed = accepts_gzip(request)
        return await asyncio.to_thread(
            lambda: text(json.dumps(as_json_value(report)).encode(), "application/json", packed=packed)
        )

    async def _openapi(self, _: web.Request) -> web.Response:
        return as_json(self._document)
