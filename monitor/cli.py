"""The commands; maps errors to exit codes, and nothing else (contract section 2)."""

import asyncio
import csv
import gc
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Never

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from monitor import __version__, log
from monitor.app import Daemon, customer_key, make_connector
from monitor.clock import SystemClock
from monitor.connectors._base import Finding, NoRecall
from monitor.domain.durations import format_duration, parse_duration
from monitor.domain.event import Event, from_micros, to_micros
from monitor.errors import ConfigError, MonitorError, SourceError, StoreBroken
from monitor.policybook import PolicyBook, calendars
from monitor.settings import Settings, load
from monitor.store import make_store
from monitor.store.base import Store

EXIT_FAILED, EXIT_WRONG_USE, EXIT_STORE_BROKEN = 1, 2, 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Finds negative contacts on phone, mail and tickets while they happen.",
)
ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration file.", envvar="CONTACT_MONITOR_CONFIG", show_envvar=True)
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log details too.")]


def main() -> Never:
    """Runs a command. Errors of use and of configuration are one line each; a traceback is for our own bugs only."""
    try:
        app()
    except ConfigError as error:
        _leave(EXIT_WRONG_USE, *error.problems)
    except StoreBroken as error:
        _leave(EXIT_STORE_BROKEN, str(error))
    except MonitorError as error:
        _leave(EXIT_FAILED, str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def _leave(code: int, *problems: str) -> Never:
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(code)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False) -> None:
    """Finds negative contacts on phone, mail and tickets while they happen."""
    if version:
        print(f"contact-monitor {__version__}")
        raise typer.Exit


@app.command()
def run(config: ConfigFile = None, verbose: Verbose = False) -> None:
    """The daemon: SIGTERM drains and leaves with 0, SIGHUP reloads."""
    from monitor.serve import serve

    log.setup(verbose=verbose)
    _quiet_gc()
    asyncio.run(serve(_daemon(config)))


def _daemon(config: Path | None) -> Daemon:
    return Daemon(lambda: load(config, os.environ), SystemClock())


@app.command()
def demo(
    speed: Annotated[float, typer.Option(help="The demo's days run this many times faster.", min=1.0, max=60.0)] = 1.0,
    listen: Annotated[str, typer.Option(help="Where the daemon listens.")] = "127.0.0.1:9760",
    store: Annotated[str, typer.Option(help="Where the demo keeps what it saw.")] = "sqlite:demo.db",
    verbose: Verbose = False,
) -> None:
    """A simulated contact centre on loopback, and the daemon that watches it."""
    from monitor.demo.run import run_demo

    log.setup(verbose=verbose)
    _quiet_gc()
    asyncio.run(run_demo(speed=speed, listen=listen, store=store))


@app.command()
def check(
    config: ConfigFile = None, offline: Annotated[bool, typer.Option("--offline", help="Do not connect anywhere.")] = False
) -> None:
    """Validates everything, then tries each source read-only. All problems at once; exit 2 when there are any."""
    from monitor.serve import address, tls_context

    settings = load(config, os.environ)
    PolicyBook(settings, calendars(settings)).bounds()
    address(settings)
    tls_context(settings)
    make_store(settings.store)
    if not settings.sources:
        raise ConfigError("sources: there is none; name at least one system to read")
    print(f"configuration: ok, {len(settings.sources)} sources, {len(settings.contact_points)} contact points named")
    if offline:
        return
    bad = asyncio.run(_check_sources(settings))
    if bad:
        _leave(EXIT_WRONG_USE, f"{bad} of the checks failed")


async def _check_sources(settings: Settings) -> int:
    key = b"check"
    bad = 0
    for name in settings.sources:
        connector = make_connector(settings, name, SystemClock(), key, NoRecall())
        try:
            async for finding in connector.check():
                bad += _show_finding(name, finding)
        except (SourceError, ConfigError) as error:
            bad += _show_finding(name, Finding(False, str(error)))
    return bad


def _show_finding(source: str, finding: Finding) -> int:
    word = {True: "ok", False: "FAILED", None: "note"}[finding.ok]
    print(f"{source}: {word}: {_printable(finding.text)}")
    return finding.ok is False


@app.command()
def poll(
    source: Annotated[str, typer.Argument(help="The name of a source in the configuration.")],
    config: ConfigFile = None,
    seconds: Annotated[float, typer.Option(help="How long to listen to a live source.", min=0.1)] = 10.0,
) -> None:
    """What one source would give now, as JSON lines; nothing is stored."""
    settings = load(config, os.environ)
    if source not in settings.sources:
        raise ConfigError(f"there is no source {source!r}; configured are {', '.join(settings.sources) or 'none'}")
    asyncio.run(_poll(settings, source, seconds))


async def _poll(settings: Settings, source: str, seconds: float) -> None:
    connector = make_connector(settings, source, SystemClock(), customer_key(settings), NoRecall())
    batches = connector.read(None)
    try:
        async with asyncio.timeout(seconds if connector.live else None):
            async for batch in batches:
                for event in batch.events:
                    print(json.dumps(_told(event), ensure_ascii=False))
                for rejected in batch.rejected:
                    print(f"{source}: {rejected.count} refused, {rejected.reason}: {rejected.sample}", file=sys.stderr)
    except TimeoutError:
        pass
    finally:
        await batches.aclose()


def _told(event: Event) -> dict[str, Any]:
    told = {key: value for key, value in event._asdict().items() if value not in (None, False) and key != "place"}
    told["contact_point"] = event.place
    for key in ("at", "due"):
        if key in told:
            told[key] = told[key].isoformat().replace("+00:00", "Z")
    return told


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Contact events (JSON lines), queue_log or mbox.")],
    source: Annotated[str | None, typer.Option(help="The source they belong to.")] = None,
    complete_until: Annotated[str | None, typer.Option(help="The files tell everything up to this moment.")] = None,
    config: ConfigFile = None,
) -> None:
    """Files into the store, with a progress bar; doing it twice changes nothing."""
    from monitor.imports import Importer, format_of, source_for

    settings = load(config, os.environ)
    until = _moment(complete_until, "--complete-until") if complete_until else None
    plans = [(path, kind, source_for(settings, kind, source)) for path in files for kind in (format_of(path),)]
    _quiet_gc()
    with _open_store(settings) as store:
        for path, kind, (name, type_) in plans:
            importer = Importer(settings, store, SystemClock(), customer_key(settings), name, type_)
            with _progress(path) as advance:
                report = importer.run(path, kind, until, advance)
            for line in report.first_bad:
                print(_printable(line), file=sys.stderr)
            complete = f", complete until {report.complete_until:%Y-%m-%dT%H:%M:%SZ}" if report.complete_until else ""
            print(
                f"{path}: {report.stored} events stored into {name}, {report.repeated} were known, "
                f"{report.rejected} refused{complete}"
            )


@contextmanager
def _progress(path: Path) -> Iterator[Any]:
    """A bar on a terminal; elsewhere a line every ten per cent."""
    size = path.stat().st_size
    if sys.stderr.isatty():
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task(escape(path.name), total=size)
            yield lambda read: progress.update(task, completed=read)
        return
    told = 0

    def line(read: int) -> None:
        nonlocal told
        tenth = 10 * read // max(1, size)
        if tenth > told:
            told = tenth
            print(f"{path.name}: {10 * tenth} %", file=sys.stderr)

    yield line


@app.command()
def explain(contact: str, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Why this contact is or is not a signal. CONTACT is our id or the source's own; exit 1 when unknown."""
    from monitor.explain import as_text, find
    from monitor.explain import explain as explained

    settings = load(config, os.environ)
    with _open_store(settings) as store:
        found = find(store, contact)
        if not found:
            _leave(EXIT_FAILED, f"{contact}: no such contact in {settings.store}")
        told = [explained(settings, store, each) for each in found]
    if as_json:
        print(json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False, indent=1))
    else:
        print("\n\n".join(_printable(as_text(each)) for each in told))


@app.command()
def signals(
    since: Annotated[str, typer.Option(help="A moment, or how long ago: 2026-11-02T09:00:00Z, 7d.")] = "7d",
    contact_point: Annotated[str | None, typer.Option(help="Only of this contact point.")] = None,
    signal: Annotated[str | None, typer.Option(help="Only this signal.")] = None,
    form: Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="table, json or csv.")] = "table",
    config: ConfigFile = None,
) -> None:
    """The list behind the figures, newest first."""
    settings = load(config, os.environ)
    from_moment = _since(since)
    with _open_store(settings) as store:
        rows = [
            {
                "contact": listed.contact_id,
                "native_id": listed.row.contact,
                "contact_point": listed.row.contact_point,
                "channel": listed.row.channel,
                "signal": listed.row.signal,
                "at": from_micros(listed.row.at).isoformat().replace("+00:00", "Z"),
                "waited_seconds": listed.row.waited_seconds,
                "limit_seconds": listed.row.limit_seconds,
            }
            for listed in store.signals(since=to_micros(from_moment), contact_point=contact_point, signal=signal)
        ]
    if form == "json":
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    elif form == "csv":
        writer = csv.DictWriter(
            sys.stdout, ["contact", "native_id", "contact_point", "channel", "signal", "at", "waited_seconds", "limit_seconds"]
        )
        writer.writeheader()
        writer.writerows(rows)
    else:
        _show_signals(rows)


def _show_signals(rows: list[dict[str, Any]]) -> None:
    if not rows:
        print("no signals in that time")
        return
    table = Table("at", "contact point", "signal", "waited", "limit", "contact", "its own name")
    for row in rows:
        waited, limit = (None if row[key] is None else format_duration(row[key]) for key in ("waited_seconds", "limit_seconds"))
        cells = (row["at"], row["contact_point"], row["signal"], waited or "", limit or "", row["contact"], row["native_id"])
        table.add_row(*(escape(_printable(cell)) for cell in cells))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@app.command()
def hours(
    calendar: Annotated[str, typer.Argument(help="The name of a calendar in the configuration.")],
    begin: Annotated[str, typer.Option("--from", help="A moment.")],
    to: Annotated[str | None, typer.Option(help="Business time up to this moment.")] = None,
    add: Annotated[str | None, typer.Option(help="The moment after so much business time, as 4h.")] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Business time between two moments, or the moment after some of it."""
    settings = load(config, os.environ)
    known = calendars(settings)
    if calendar not in known:
        raise ConfigError(f"there is no calendar {calendar!r}; configured are {', '.join(known) or 'none'}")
    if (to is None) == (add is None):
        raise ConfigError("give one of --to and --add")
    chosen, start = known[calendar], _moment(begin, "--from")
    told: dict[str, Any] = {"calendar": calendar, "timezone": str(chosen.timezone), "from": _iso(start)}
    if to is not None:
        end = _moment(to, "--to")
        told |= {"to": _iso(end), "business_seconds": chosen.seconds_between(start, end)}
        text = format_duration(told["business_seconds"])
    else:
        try:
            seconds = parse_duration(add).total_seconds()
        except ValueError as error:
            raise ConfigError(f"--add: {error}") from None
        end = chosen.moment_after(start, seconds)
        told |= {"add_seconds": seconds, "moment": _iso(end)}
        text = f"{end.astimezone(chosen.timezone):%Y-%m-%d %H:%M:%S %Z}"
    print(json.dumps(told) if as_json else text)


@contextmanager
def _open_store(settings: Settings) -> Iterator[Store]:
    store = make_store(settings.store)
    store.open()
    try:
        yield store
    finally:
        store.close()


def _since(text: str) -> datetime:
    try:
        return SystemClock().now() - parse_duration(text)
    except ValueError:
        return _moment(text, "--since")


def _moment(text: str, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option}: {text!r} is not a moment; write 2026-11-02T09:00:00Z") from None
    if moment.tzinfo is None:
        raise ConfigError(f"{option}: {text!r} has no time zone; add Z or an offset as +01:00")
    return moment.astimezone(UTC)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _printable(text: str) -> str:
    """Foreign text for a terminal: control and direction characters made visible."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)


def _quiet_gc() -> None:
    """What lives long is taken out of the collector's sight: it doubled the cost of an imported event (measured)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
