"""The routes of `/weeks`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from aiohttp import web
from markupsafe import Markup

from monitor.publish.report.values import WeekReport
from monitor.publish.web.query import shown, wanted_week
from monitor.publish.web.services import Services
from monitor.publish.web.stored import stored_report
from monitor.publish.web.weeks import FORMS, Handouts, asked_form, file_name, teams_in, week_page, weeks_page

#: Renders a page off the event loop: (request, template, what makes its values).
RenderPage = Callable[[web.Request, str, Callable[[], Mapping[str, Any]]], Awaitable[web.Response]]

_UNKNOWN: Final = "nothing is known of {}: /weeks lists the weeks that are known"


class WeekPages:
    """The handlers and what they share."""

    def __init__(self, services: Services, page: RenderPage) -> None:
        self._services, self._page = services, page
        self._handouts = Handouts()

    def routes(self) -> Sequence[web.RouteDef]:
        """Forms first: an address with a dot is one."""
        return [
            web.get("/weeks", self._list),
            web.get(r"/weeks/{week:[^/]+\.[a-z]+}", self._form),
            web.get("/weeks/{week}", self._week),
        ]

    def close(self) -> None:
        """Ends the thread in which reports are drawn."""
        self._handouts.close()

    async def _list(self, request: web.Request) -> web.StreamResponse:
        weeks = await stored_report(self._services.weeks())
        last = next((each for each in weeks if each.complete), None)
        latest = await stored_report(self._services.week(last.monday)) if last is not None else None
        return await self._page(request, "weeks.html", lambda: weeks_page(weeks, latest))

    async def _week(self, request: web.Request) -> web.StreamResponse:
        report, team = await self._report(request.match_info["week"]), request.query.get("team", "")
        _refuse_no_team(report, team)
        weeks, mails = await stored_report(self._services.weeks()), await stored_report(self._services.mails(report.week))
        body = Markup((await self._handouts.drawn(report, team, "", "")).decode())  # noqa: S704  drawn by a template
        return await self._page(request, "week.html", lambda: week_page(report, team, body, mails, weeks))

    async def _form(self, request: web.Request) -> web.StreamResponse:
        week, form = asked_form(request.match_info["week"])
        report, team = await self._report(week), request.query.get("team", "")
        _refuse_no_team(report, team)
        origin = f"{request.scheme}://{request.host}"
        body = await self._handouts.drawn(report, team, form, origin)
        headers = {
            "Content-Type": FORMS[form].kind,
            "Content-Disposition": f'attachment; filename="{file_name(report, team, form)}"',
        }
        return web.Response(body=body, headers=headers)

    async def _report(self, week: str) -> WeekReport:
        monday = wanted_week(week, self._services.snapshot().at)
        report = await stored_report(self._services.week(monday))
        if not report.has_any_record:
            raise web.HTTPNotFound(text=_UNKNOWN.format(report.week))
        return report


def _refuse_no_team(report: WeekReport, team: str) -> None:
    """Raises HTTPNotFound where no contact point of the report has that team."""
    known = teams_in(report)
    if team and team not in known:
        raise web.HTTPNotFound(text=f"team: no contact point has the team {shown(team)}; there are {', '.join(known) or 'none'}")
