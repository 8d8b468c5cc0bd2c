"""`report`: the weekly report in its forms."""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from monitor.cli.options import ConfigFile, open_store
from monitor.cli.output import as_json, printable
from monitor.clock import SystemClock
from monitor.config.loading import load
from monitor.config.models import Settings
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.connectors._discover import IMPORT_SOURCE
from monitor.domain.event import from_micros
from monitor.domain.weeks import monday_of, parse_week, week_bounds, week_name
from monitor.engine.directory import Directory
from monitor.errors import ConfigError, MonitorError, did_you_mean
from monitor.publish.report.values import WeekReport
from monitor.store import StoreUrl
from monitor.store.base import Store

#: Weeks of a trend that may be asked for: more than a year of them is no trend.
MAX_WEEKS: Final = 53
_WEEK: Final = timedelta(days=7)


class Form(NamedTuple):
    """One form of the report. `render`: (report, where browsers reach the pages) -> what is written."""

    render: Callable[[WeekReport, str | None], str | bytes]
    endings: tuple[str, ...]  # of files that are written so where no form is named


def _text(report: WeekReport, pages: str | None) -> str:
    from monitor.publish.report.as_text import as_text

    return printable(as_text(report, pages))


def _markdown(report: WeekReport, pages: str | None) -> str:
    from monitor.publish.report.as_markdown import as_markdown

    return printable(as_markdown(report, pages))


def _csv(report: WeekReport, _: str | None) -> str:
    from monitor.publish.report.as_csv import as_csv

    return as_csv(report)


def _json(report: WeekReport, _: str | None) -> str:
    from monitor.publish.report.as_json import as_json_value

    return as_json(as_json_value(report), indent=1) + "\n"


def _html(report: WeekReport, pages: str | None) -> str:
    from monitor.publish.handout.document import as_html

    return as_html(report, pages)


def _pdf(report: WeekReport, pages: str | None) -> bytes:
    from monitor.publish.handout.pdf import as_pdf

    return as_pdf(report, pages)


FORMS: Final[Mapping[str, Form]] = {
    "text": Form(_text, (".txt",)),
    "md": Form(_markdown, (".md", ".markdown")),
    "csv": Form(_csv, (".csv",)),
    "json": Form(_json, (".json",)),
    "html": Form(_html, (".html", ".htm")),
    "pdf": Form(_pdf, (".pdf",)),
}


def report(
    week: Annotated[str | None, typer.Option(help="A week of ISO 8601, as 2026-W46; the last whole one by default.")] = None,
    weeks: Annotated[int, typer.Option(help="Weeks of the trend, the reported one among them.", min=1, max=MAX_WEEKS)] = 13,
    form: Annotated[str | None, typer.Option("--format", help=f"{', '.join(FORMS)}; by the ending of FILE, else text.")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; standard output by default.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Mail it to report.to, each recipient once.")] = False,
    again: Annotated[bool, typer.Option("--again", help="With --send: also to those who have got it.")] = False,
    config: ConfigFile = None,
) -> None:
    """The week against its objectives and the weeks before, in words and figures that can be forwarded."""
    if send and (form is not None or out is not None):
        raise ConfigError("--send: a mail has its own forms: leave out --format and --out")
    if again and not send:
        raise ConfigError("--again: goes with --send")
    chosen = _form(form, out)
    settings = load(config, os.environ)
    now = SystemClock().now()
    monday = reported_week(week, settings, now)
    with open_store(settings, must_be_there=True) as store:
        made = make_report(settings, store, monday, now, weeks)
        if not made.has_any_record:
            raise MonitorError(_nothing(made, settings))
        if send:
            from monitor.cli.report_mail import send as send_mails

            send_mails(settings, store, made, SystemClock(), again=again)
            return
    written = chosen.render(made, settings.alerts.page_url)
    if out is None:
        _print(written)
        return
    try:
        out.write_bytes(written if isinstance(written, bytes) else written.encode())
    except OSError as error:
        raise MonitorError(f"--out {out}: {error.strerror}") from None


def _form(name: str | None, out: Path | None) -> Form:
    """Raises ConfigError."""
    if name is not None:
        if name not in FORMS:
            raise ConfigError(f"--format: {name!r} is none of {', '.join(FORMS)}{did_you_mean(name, FORMS)}")
        return FORMS[name]
    if out is None:
        return FORMS["text"]
    ending = out.suffix.lower()
    found = next((each for each in FORMS.values() if ending in each.endings), None)
    if found is None:
        raise ConfigError(f"--out {out}: what is to be written? Add --format with one of {', '.join(FORMS)}")
    return found


def _print(written: str | bytes) -> None:
    if isinstance(written, str):
        sys.stdout.write(written)
    elif sys.stdout.isatty():
        raise ConfigError("--out: is missing: a terminal cannot show this form")
    else:
        sys.stdout.buffer.write(written)


def reported_week(text: str | None, settings: Settings, now: datetime) -> date:
    """The Monday of the week that is asked for, else of the last whole one. Raises ConfigError."""
    running = monday_of(now, settings.timezone)
    if text is None:
        return running - _WEEK
    try:
        monday = parse_week(text)
    except ValueError as error:
        raise ConfigError(f"--week: {text!r} {error}") from None
    if monday > running:
        raise ConfigError(f"--week: {text} has not begun; the running week is {week_name(running)}")
    return monday


def make_report(settings: Settings, store: Store, monday: date, now: datetime, weeks: int) -> WeekReport:
    """The report from what is stored, as a command sees it beside a daemon or without one."""
    from monitor.engine.weekly import week_report

    directory = known_directory(settings, store)
    blind: dict[str, datetime] = {}
    first, _ = week_bounds(monday, settings.timezone)
    for source, each in settings.sources.items():
        watermark = store.cursor_row(source).watermark
        # A quiet source writes its watermark seldom: only the daemon knows better. One from before the week was not seen in it.
        if each.enabled and watermark is not None and from_micros(watermark) < first:
            blind[source] = from_micros(watermark)
    return week_report(store, directory, monday, now, settings.timezone, weeks=weeks, blind=blind)


def known_directory(settings: Settings, store: Store) -> Directory:
    """Contact points as configured, and as discovered by whatever has written into the store."""
    directory = make_directory(settings, PolicyResolver(settings, calendars(settings)))
    directory.add_source(IMPORT_SOURCE)
    for source in {IMPORT_SOURCE, *settings.sources}:
        directory.restore(source, store.places(source))
    return directory


def _nothing(made: WeekReport, settings: Settings) -> str:
    span = f"{made.weeks[0]} to {made.weeks[-1]}" if len(made.weeks) > 1 else made.week
    where = StoreUrl.parse(settings.store).shown
    return (
        f"there is no data of {span} in {where}: is `store` right, has the daemon run then, or is a file of that time to be "
        "imported (contact-monitor import)?"
    )
