"""The report as HTML: what stands between head and foot of a page, and a document of its own that needs nothing else."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from monitor import __version__
from monitor.publish.handout.page import Page, page_of
from monitor.publish.report.values import WeekReport

_HERE: Final = Path(__file__).parent
#: The pages' own sheets and signs: report and pages look alike.
_WEB: Final = _HERE.parent / "web"
_SHEETS: Final = ("tokens.css", "style.css", "week.css")
#: In the margin of each printed page.
_PAPER: Final = """
@page {
  @bottom-right { content: "page " counter(page) " of " counter(pages); font: 8pt "DejaVu Sans", sans-serif; color: #545b64; }
}
"""


def as_fragment(page: Page) -> Markup:
    """What stands between head and foot."""
    return Markup(render("report.html", report=page))  # noqa: S704  it is a template's answer, escaped


def as_html(report: WeekReport, pages: str | None = None) -> str:
    """One file: no script, nothing that is loaded. `pages`: where browsers reach the daemon, for links; None: without links."""
    page = page_of(report, pages)
    return render(
        "document.html",
        report=page,
        body=as_fragment(page),
        sheets=Markup(_sheets()),  # noqa: S704  our own files
        made=made_words(report.made_at, report.timezone),
        address=f"{pages}/weeks/{report.week}" if pages else "",
    )


def render(template: str, **values: Any) -> str:
    """One template of the report. Everything that is put into it is escaped."""
    return _environment().get_template(template).render(version=__version__, **values)


def made_words(at: datetime, timezone: str) -> str:
    """`Mon 16 Nov 2026, 07:00 GMT`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader([_HERE / "templates", _WEB / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _sheets() -> str:
    return "\n".join((_WEB / "static" / name).read_text(encoding="utf-8") for name in _SHEETS) + _PAPER
