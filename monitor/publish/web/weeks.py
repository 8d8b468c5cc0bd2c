"""The pages of weeks: the list, a week's report between head and foot, and the report in the forms that can be handed on.

Reports come from the daemon, which keeps them; what is drawn of one is kept while the report is the same. PDFs are drawn one at a
time, in a thread that nothing else waits for.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from aiohttp import web

from monitor.errors import ConfigError
from monitor.publish.handout.document import as_fragment, as_html, made_words
from monitor.publish.handout.page import page_of
from monitor.publish.handout.pdf import as_pdf
from monitor.publish.report.as_csv import as_csv
from monitor.publish.report.as_markdown import as_markdown
from monitor.publish.report.teams import for_teams
from monitor.publish.report.values import WeekReport, WeekSummary
from monitor.publish.report.words import counted, news
from monitor.publish.spreadsheet import printable
from monitor.publish.web.services import MailCount

#: What is drawn and kept: a PDF has some hundred kilobytes.
_KEPT: Final = 12
#: Who waits for a PDF while others are drawn; more are told to come again.
_MOST_WAITING: Final = 6
_PAGES: Final = ""


class Form(NamedTuple):
    """A form of the report that can be loaded down."""

    name: str
    kind: str
    draw: Callable[[WeekReport, str], str | bytes]  # (report, where browsers reach the pages)


FORMS: Final[Mapping[str, Form]] = {
    "pdf": Form("PDF", "application/pdf", as_pdf),
    "html": Form("HTML, one file", "text/html; charset=utf-8", as_html),
    "md": Form("Markdown", "text/markdown; charset=utf-8", lambda report, pages: printable(as_markdown(report, pages))),
    "csv": Form("CSV", "text/csv; charset=utf-8", lambda report, _: as_csv(report)),
}


class WeekLine(NamedTuple):
    """One week of the list."""

    week: str
    link: str
    days: str
    news: str
    sign: str  # as signs.html has it; empty: none
    judged: str
    met: str


class Handouts:
    """Draws reports and keeps what it drew. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="handouts")
        self._kept: OrderedDict[tuple[str, str, str, str], tuple[WeekReport, bytes]] = OrderedDict()
        self._waiting = 0

    def close(self) -> None:
        """Ends the thread; what it is at goes on to its end unheard."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def drawn(self, report: WeekReport, team: str, form: str, pages: str) -> bytes:
        """A form of the report of a team (empty: all). Raises HTTPServiceUnavailable where too many wait for one."""
        key = (report.week, team, form, pages)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is report:
            self._kept.move_to_end(key)
            return kept[1]
        if self._waiting >= _MOST_WAITING:
            raise web.HTTPServiceUnavailable(
                text="too many reports are being drawn: try again soon", headers={"Retry-After": "10"}
            )
        self._waiting += 1
        try:
            body = await asyncio.get_running_loop().run_in_executor(self._thread, _drawn, report, team, form, pages)
        except ConfigError as error:
            raise web.HTTPNotImplemented(text=str(error)) from None
        finally:
            self._waiting -= 1
        self._kept[key] = (report, body)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return body


def _drawn(report: WeekReport, team: str, form: str, pages: str) -> bytes:
    part = for_teams(report, {team} if team else ())
    drawn = as_fragment(page_of(part, _PAGES)) if form == "" else FORMS[form].draw(part, pages)
    return drawn if isinstance(drawn, bytes) else drawn.encode("utf-8", "replace")


def teams_in(report: WeekReport) -> list[str]:
    """The teams of a report, in the order of the alphabet."""
    return sorted({point.team for point in report.contact_points if point.team})


def week_page(
    report: WeekReport, team: str, body: str, mails: Sequence[MailCount], weeks: Sequence[WeekSummary]
) -> dict[str, Any]:
    """What the page of a week shows around the report."""
    path, query = f"/weeks/{report.week}", f"?{urlencode({'team': team}, errors='replace')}" if team else ""
    known = [each.week for each in weeks]
    place = known.index(report.week) if report.week in known else None
    return {
        "news": news(for_teams(report, {team} if team else ())),
        "week": report.week,
        "made": made_words(report.made_at, report.timezone),
        "body": body,
        "downloads": [(form.name, f"{path}.{ending}{query}") for ending, form in FORMS.items()],
        "json": f"/api/v1/weeks/{report.week}",
        "team": team,
        "teams": [(name, f"{path}?{urlencode({'team': name}, errors='replace')}") for name in teams_in(report)],
        "path": path,
        "earlier": _week_link(known[place + 1]) if place is not None and place + 1 < len(known) else "",
        "later": _week_link(known[place - 1]) if place else "",
        "mails": [_mailed(mail, report.timezone) for mail in mails],
    }


def _week_link(week: str) -> str:
    return f"/weeks/{quote(week)}"


def _mailed(mail: MailCount, timezone: str) -> str:
    """`sent to 3 on Mon 16 Nov 2026, 07:00 GMT`."""
    said = {
        "sent": f"mailed to {mail.number}",
        "perhaps": f"perhaps mailed to {mail.number}, cut off while it was sent; it is not sent again by itself",
        "refused": f"refused for {mail.number} by the mail server",
        "later": f"not taken for {mail.number} so far, trying again",
        "claimed": f"being mailed to {mail.number}",
    }[mail.state]
    return f"{said}, {made_words(mail.at, timezone)}"


def weeks_page(weeks: Sequence[WeekSummary], latest: WeekReport | None) -> dict[str, Any]:
    """The list of weeks with their news; that of the last whole one, `latest`, stands above them, too."""
    return {"weeks": [_line(each, latest) for each in weeks], "latest": None if latest is None else news(latest)}


def _line(week: WeekSummary, latest: WeekReport | None) -> WeekLine:
    sunday = week.monday.fromordinal(week.monday.toordinal() + 6)
    missed = week.judged_lines - week.met
    if not week.complete:
        told, sign = "not over, so not judged", "none"
    else:
        told = news(latest) if latest is not None and latest.week == week.week else week.news
        sign = "below" if missed else "" if week.judged_lines else "none"
    if week.gap and (missed or not week.complete):  # other news say it themselves
        told += "; a source was not seen for a part of it"
    return WeekLine(
        week=week.week,
        link=_week_link(week.week),
        days=f"{week.monday:%a} {week.monday.day} {week.monday:%b} to {sunday:%a} {sunday.day} {sunday:%b %Y}",
        news=told,
        sign=sign,
        judged=f"{counted(week.breached)} of {counted(week.judged)}" if week.judged else "–",
        met=f"{week.met} of {week.judged_lines}" if week.judged_lines else "–",
    )


def asked_form(week_and_form: str) -> tuple[str, str]:
    """`2026-W46.pdf` -> the week and the form. Raises HTTPNotFound."""
    week, _, form = week_and_form.partition(".")
    if form not in FORMS:
        raise web.HTTPNotFound(text=f"there is no such form of a report; there are {', '.join(FORMS)}, and /api/v1/weeks/{week}")
    return week, form


def file_name(report: WeekReport, team: str, form: str) -> str:
    """`week-2026-W46.pdf`; the team is left out of it: it may be any text."""
    return f"week-{report.week}{'-team' if team else ''}.{form}"
