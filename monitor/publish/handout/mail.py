"""The report as a mail: the news as its subject and first line, text that reads well alone, HTML with pictures, the PDF."""

from html import unescape
from importlib.util import find_spec
from typing import Final, NamedTuple

from monitor.errors import ConfigError
from monitor.publish.charts.shapes import Picture
from monitor.publish.handout.document import made_words, render
from monitor.publish.handout.page import ROOM, Page, page_of
from monitor.publish.handout.pdf import INSTALL, as_pdf, pdf_problem
from monitor.publish.letter import File, Letter
from monitor.publish.letter import Picture as Png
from monitor.publish.report.as_text import as_text
from monitor.publish.report.values import WeekReport
from monitor.publish.report.words import subject
from monitor.publish.spreadsheet import printable

#: One-line contact points of the HTML; the PDF has all. Some mail programs cut off what is longer than 100 KB.
MOST_LINES: Final = 60
#: Pictures are so much finer than they are shown: screens of phones.
_ZOOM: Final = 2.0
_HEAT_ROOM: Final = 290
#: Of several systems: a picture has no other way to a font.
_FONTS: Final = 'text { font-family: "DejaVu Sans", "Liberation Sans", "Noto Sans", "Segoe UI", "Helvetica", "Arial" }'


class _Shown(NamedTuple):
    """A picture in the HTML."""

    name: str
    words: str
    width: int


def mail_problem() -> str | None:
    """Why the report cannot be made as a mail, with the remedy; None where it can."""
    if find_spec("resvg_py") is None:
        return f"the report as a mail needs libraries that are not installed: {INSTALL}"
    return pdf_problem()


def as_letter(report: WeekReport, pages: str | None = None) -> Letter:
    """The mail, whoever gets it. `pages`: where browsers reach the daemon, for links. Raises ConfigError."""
    if (problem := mail_problem()) is not None:
        raise ConfigError(problem)
    page = _shortened(page_of(report, pages))
    pngs: list[Png] = []
    shown: dict[tuple[str, int | str], _Shown] = {}
    for section in page.sections:
        for number, row in enumerate(section.rows):
            shown[section.anchor, number] = _drawn(row.trend, f"{section.anchor}-{number}", 96, pngs)
        if section.heat is not None:
            shown[section.anchor, "heat"] = _drawn(section.heat, f"{section.anchor}-heat", _HEAT_ROOM, pngs)
    html = render(
        "mail.html",
        report=page,
        pictures=shown,
        address=f"{pages}/weeks/{report.week}" if pages else "",
        made=made_words(report.made_at, report.timezone),
    )
    pdf = File(f"week-{report.week}.pdf", "application/pdf", as_pdf(report, pages))
    return Letter(subject(report), printable(as_text(report, pages)), html, pngs, [pdf])


def _shortened(page: Page) -> Page:
    """At most ROOM contact points at length."""
    beyond = len(page.sections[ROOM:]) + len(page.others[MOST_LINES:])
    return page._replace(sections=page.sections[:ROOM], others=page.others[:MOST_LINES], not_shown=beyond)


def _drawn(picture: Picture, name: str, room: int, pngs: list[Png]) -> _Shown:
    """Draws a picture on white: some mail programs show mails on black."""
    import resvg_py

    svg = picture.standalone(room)
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, background="#ffffff", zoom=_ZOOM, style_sheet=_FONTS))
    pngs.append(Png(name, png))
    return _Shown(name, _words(picture), room)


def _words(picture: Picture) -> str:
    """What it shows, for whoever does not see it."""
    return unescape(picture.svg.partition('aria-label="')[2].partition('"')[0])
