"""The commands; maps errors to exit codes, and nothing else (contract section 2)."""

import asyncio
import gc
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, Never

import typer

from monitor import __version__, log
from monitor.cli import forgetting, notifying, promises, recomputing, report, report_mail, settling, what_if
from monitor.cli import store as stores
from monitor.cli.check import (
    check_calendars,
    check_exposure,
    check_passwords,
    check_people,
    check_sources,
    check_store,
    passing_key,
)
from monitor.cli.options import ConfigFile, event_ids_of, moment, moment_since, names_of, open_store
from monitor.cli.output import Column, as_json, printable, progress, terminal_width, write_csv, write_json, write_table
from monitor.clock import SystemClock
from monitor.config.loading import files_with_secrets, load
from monitor.config.models import Settings
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.config.values import is_loopback, split_address
from monitor.connector import NoState
from monitor.daemon.app import Daemon, make_connector
from monitor.daemon.privacy_key import customer_key
from monitor.demo.beginning import DEFAULT_STORE
from monitor.domain.durations import format_duration, parse_duration, parse_opening_days
from monitor.domain.event import Event, to_micros
from monitor.domain.moments import iso, parse_moment
from monitor.domain.policy import DEFAULTS
from monitor.errors import ConfigError, MonitorError, StoreBroken, StoreHeld, did_you_mean
from monitor.publish.spreadsheet import SIGNAL_COLUMNS
from monitor.store import StoreUrl
from monitor.store.base import Store

#: The table of `signals`: what names a row first, what may give way on a narrow terminal last.
SIGNALS_TABLE = (
    Column("at"), Column("contact"), Column("signal"), Column("contact point", 10),
    Column("waited", may_go=True), Column("limit", may_go=True), Column("its own name", 10, may_go=True),
    Column("rests on", if_room=True),
)  # fmt: skip
#: Columns of `signals --differs`, and of its table.
_DIFFERING = (
    "contact", "native_id", "contact_point", "channel", "source", "wait", "since", "at", "theirs", "ours", "due_at",
)  # fmt: skip
_DIFFERING_TABLE = (
    Column("since"), Column("contact"), Column("wait"), Column("theirs"), Column("ours"), Column("contact point", 10),
    Column("source", may_go=True), Column("its own name", 10, may_go=True),
)  # fmt: skip
_IN_TABLE = ("since", "contact", "wait", "theirs", "ours", "contact_point", "source", "native_id")
EXIT_FAILED, EXIT_WRONG_USE, EXIT_STORE_BROKEN, EXIT_STORE_HELD = 1, 2, 3, 4

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # an error of use is a line, not a live_state
    help="Finds negative contacts on phone, mail and tickets while they happen.",
)
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log details too.")]


def main() -> Never:
    """Runs a command. Errors of use and of configuration are one line each; a traceback is for our own bugs only."""
    try:
        try:
            app(prog_name="contact-monitor")
        finally:
            sys.stdout.flush()  # while a reader that has gone can still be dealt with
    except ConfigError as error:
        _leave(EXIT_WRONG_USE, *error.problems)
    except StoreBroken as error:
        _leave(EXIT_STORE_BROKEN, str(error))
    except StoreHeld as error:
        _leave(EXIT_STORE_HELD, str(error))
    except MonitorError as error:
        _leave(EXIT_FAILED, str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_FAILED)
    sys.exit(0)


def _leave(code: int, *problems: str) -> Never:
    for problem in problems:
        print(printable(problem), file=sys.stderr)
    sys.exit(code)


app.command()(stores.migrate)
app.command()(settling.settle)
app.command()(recomputing.recompute)
app.command()(what_if.what_if)
app.command()(promises.promises)
app.command()(report.report)
app.add_typer(forgetting.app, name="forget")
app.command()(notifying.notify)
app.add_typer(stores.app, name="store")


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False) -> None:
    """Finds negative contacts on phone, mail and tickets while they happen."""
    log.setup()
    if version:
        print(f"contact-monitor {__version__}")
        raise typer.Exit


@app.command()
def run(config: ConfigFile = None, verbose: Verbose = False) -> None:
    """The daemon: SIGTERM drains and leaves with 0, SIGHUP reloads."""
    from monitor.daemon.serve import serve

    log.setup(verbose=verbose)
    quiet_gc()
    asyncio.run(serve(_daemon(config)))


def _daemon(config: Path | None) -> Daemon:
    return Daemon(lambda: _load_with_sources(config), SystemClock())


def _load_with_sources(config: Path | None) -> Settings:
    settings = load(config, os.environ)
    if not settings.sources:
        where = f"{config}: it names no source" if config is not None else "no configuration: name a file with --config FILE"
        raise ConfigError(f"{where}; there are examples in config/, and `contact-monitor demo` shows it all without any")
    return settings


@app.command()
def demo(
    speed: Annotated[float, typer.Option(help="The demo's days run this many times faster.", min=1.0, max=60.0)] = 1.0,
    listen: Annotated[str, typer.Option(help="Where the daemon listens.")] = "127.0.0.1:9760",
    anyone: Annotated[
        bool, typer.Option("--anyone", help="Listen beyond loopback though nobody needs a password, as in a container.")
    ] = False,
    store: Annotated[str, typer.Option(help="Where the demo keeps what it saw.")] = DEFAULT_STORE,
    verbose: Verbose = False,
) -> None:
    """A simulated contact centre on loopback, and the daemon that watches it."""
    from monitor.demo.run import run_demo

    _refuse_strangers(listen, anyone=anyone)
    log.setup(verbose=verbose)
    quiet_gc()
    asyncio.run(run_demo(speed=speed, listen=listen, anyone=anyone, store=store))


def _refuse_strangers(listen: str, *, anyone: bool) -> None:
    """Raises ConfigError where others could look at the demo, which has no users, and nobody said that they may."""
    with suppress(ValueError):  # what is no address is told by the configuration
        host, port = split_address(listen)
        if not anyone and not is_loopback(host):
            raise ConfigError(
                f"--listen: {listen} can be reached from outside and the demo asks nobody for a password: add --anyone if that "
                f"is what you want, or listen on 127.0.0.1:{port}"
            )


@app.command()
def check(
    config: ConfigFile = None, offline: Annotated[bool, typer.Option("--offline", help="Do not connect anywhere.")] = False
) -> None:
    """Validates everything, then tries each source read-only. All problems at once; exit 2 when there are any."""
    from monitor.cli.rules import dead_links
    from monitor.daemon.serve import tls_context

    settings = _load_with_sources(config)
    tls_context(settings)
    check_store(settings, offline=offline)
    points, sources = len(settings.contact_points), len(settings.sources)
    print(f"configuration: ok: {sources} source{'s' * (sources != 1)}, {points} contact point{'s' * (points != 1)} named")
    check_passwords(settings)
    notifying.check_receivers(settings)
    report_mail.check_report(settings)
    key = settings.web.tls_key
    made = StoreUrl.parse(settings.store).key_file if settings.privacy.key is None else None
    others = {"web.tls_key": key, "privacy key": made if made is not None and made.exists() else None}
    check_exposure(
        {**files_with_secrets(config, os.environ), **{name: file for name, file in others.items() if file is not None}}
    )
    check_people(settings)
    check_calendars(settings, SystemClock().now().date())
    for note in dead_links(settings):
        print(note)
    if offline:
        return
    bad = asyncio.run(check_sources(settings)) + (not report_mail.mail_server_answers(settings))
    if bad:
        _leave(EXIT_WRONG_USE, f"{bad} check{'s' * (bad != 1)} FAILED, see above")


@app.command()
def poll(
    source: Annotated[str, typer.Argument(help="The name of a source in the configuration.")],
    config: ConfigFile = None,
    seconds: Annotated[float, typer.Option(help="How long to listen to a live source.", min=0.1)] = 10.0,
) -> None:
    """What one source would give now, as JSON lines; nothing is stored."""
    from monitor.connectors._discover import source_types

    settings = load(config, os.environ)
    if source not in settings.sources:
        raise ConfigError(f"there is no source {source!r}{did_you_mean(source, settings.sources)}")
    kind = settings.sources[source].type
    if source_types()[kind].accepts_push:
        raise ConfigError(
            f"{source}: nothing can be polled from a source of type {kind}, whose events are pushed to the daemon; "
            "contact-monitor check says how, contact-monitor import reads them from a file"
        )
    asyncio.run(_poll(settings, source, seconds))


async def _poll(settings: Settings, source: str, seconds: float) -> None:
    connector = make_connector(settings, source, SystemClock(), passing_key(settings), NoState())
    batches = connector.read(None)
    try:
        async with asyncio.timeout(seconds if connector.live else None):
            async for batch in batches:
                for event in batch.events:
                    print(as_json(_event_row(event)))
                for rejected in batch.rejected:
                    problem = f"{source}: {rejected.count} refused, {rejected.reason}: {rejected.sample}"
                    print(printable(problem), file=sys.stderr)
    except TimeoutError:
        pass
    finally:
        await batches.aclose()


def _event_row(event: Event) -> dict[str, Any]:
    row = {key: value for key, value in event._asdict().items() if value not in (None, False) and key != "place"}
    row["contact_point"] = event.place
    for key in ("at", "due"):
        if key in row:
            row[key] = iso(row[key])
    return row


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Contact events (JSON lines), queue_log or mbox.")],
    source: Annotated[str | None, typer.Option(help="The source they belong to.")] = None,
    complete_until: Annotated[str | None, typer.Option(help="The files tell everything up to this moment.")] = None,
    config: ConfigFile = None,
) -> None:
    """Files into the store, with a progress bar; doing it twice changes nothing."""
    from monitor.cli.import_files import Importer, packed_by, plans_of

    settings = load(config, os.environ)
    until = moment(complete_until, "--complete-until") if complete_until else None
    plans = plans_of(settings, files, source)
    for path in dict.fromkeys(files):
        if (packing := packed_by(path)) is not None:
            print(f"{path}: {packing}, unpacked while it is read (no zcat needed)")
    quiet_gc()
    useless = []
    key = customer_key(settings)
    with open_store(settings, key=key) as store:
        for plan in plans:
            importer = Importer(settings, store, SystemClock(), key, plan.target)
            with progress(*plan.paths) as advance:
                report = importer.run_together(plan.paths, until, advance)
            for line in report.first_bad:
                print(printable(line), file=sys.stderr)
            complete = f", complete until {report.watermark:%Y-%m-%dT%H:%M:%SZ}" if report.watermark else ""
            read = ", ".join(map(str, plan.paths))
            print(
                f"{read}: {report.stored} events stored into {plan.target.source}, "
                f"{report.repeated} were known, "
                f"{report.rejected} refused{complete}"
            )
            if report.rejected and not report.stored + report.repeated:
                useless.append(f"{read}: all that it holds was refused; nothing was stored")
    if useless:
        _leave(EXIT_FAILED, *useless)


@app.command()
def explain(
    contact: Annotated[str, typer.Argument(help="Our id, or the source's own: Linkedid, Message-ID, ticket number.")],
    config: ConfigFile = None,
    in_json: AsJson = False,
) -> None:
    """Why this contact is or is not a signal; exit 1 when it is unknown."""
    from monitor.engine.explain import as_contract, as_text
    from monitor.engine.explain import explain as explained
    from monitor.engine.known import find

    settings = load(config, os.environ)
    with open_store(settings, must_be_there=True) as store:
        found = find(store, contact, event_ids_of(settings)(contact))
        if not found:
            _leave(EXIT_FAILED, f"{contact}: no such contact in {StoreUrl.parse(settings.store).shown}")
        directory = make_directory(settings, PolicyResolver(settings, calendars(settings)))
        names = names_of(settings, store, directory)
        explanations = [explained(directory, store, each, names) for each in found]
    if in_json:
        answers = [as_contract(each) for each in explanations]
        print(as_json(answers[0] if len(answers) == 1 else answers, indent=1))
    else:
        print("\n\n".join(printable(as_text(each)) for each in explanations))


@app.command()
def signals(
    since: Annotated[str, typer.Option(help="A moment, or how long ago: 2026-11-02T09:00:00Z, 7d.")] = "7d",
    contact_point: Annotated[str | None, typer.Option(help="Only of this contact point.")] = None,
    signal: Annotated[str | None, typer.Option(help="Only this signal.")] = None,
    differs: Annotated[
        bool,
        typer.Option("--differs", help="Instead: waits that a helpdesk's own clocks judge otherwise, of contacts begun since."),
    ] = False,
    form: Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="table, json or csv.")] = "table",
    config: ConfigFile = None,
) -> None:
    """The list behind the figures, newest first."""
    from monitor.engine.differing import verdicts_that_differ
    from monitor.engine.explain import signal_row

    settings = load(config, os.environ)
    from_moment = moment_since(since, "--since")
    if signal is not None and signal not in DEFAULTS:
        raise ConfigError(f"--signal: {signal!r} is no signal{did_you_mean(signal, DEFAULTS)}")
    with open_store(settings, must_be_there=True) as store:
        if contact_point is not None:
            _refuse_unknown_point(settings, store, contact_point)
        points = None if contact_point is None else (contact_point,)
        listed = store.signals(since=to_micros(from_moment), contact_points=points, signal=signal)
        directory = make_directory(settings, PolicyResolver(settings, calendars(settings)))
        if differs:
            found = verdicts_that_differ(store, directory, from_moment, SystemClock().now())
            rows = (row for row in found if contact_point in (None, row["contact_point"]))
        else:
            rows = (signal_row(each, directory) for each in listed)
        columns, shown = (_DIFFERING, _DIFFERING_TABLE) if differs else (SIGNAL_COLUMNS, SIGNALS_TABLE)
        if form == "json":
            write_json(sys.stdout, rows)
        elif form == "csv":
            write_csv(sys.stdout, columns, rows)
        elif not write_table(sys.stdout, shown, map(_differing if differs else _cells, rows), terminal_width(sys.stdout)):
            print("no verdicts that differ in that time" if differs else "no signals in that time", file=sys.stderr)


def _refuse_unknown_point(settings: Settings, store: Store, name: str) -> None:
    """Raises ConfigError for a contact point that has no contact and is not in the configuration."""
    counted = {labels[1] for name, labels in store.totals() if name == "contacts_total"}
    known = counted | settings.contact_points.keys()
    if name not in known:
        raise ConfigError(f"--contact-point: there is no contact point {name!r}{did_you_mean(name, known)}")


def _differing(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] or "" for name in _IN_TABLE)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    waited, limit = ("" if row[key] is None else format_duration(row[key]) for key in ("waited_seconds", "limit_seconds"))
    at = parse_moment(row["at"]).replace(microsecond=0)  # to the second, as people say it; JSON and CSV are exact
    if row["limit_opening_days"] is not None:
        limit = f"{row['limit_opening_days']}bd"  # as the configuration writes it
    return iso(at), row["contact"], row["signal"], row["contact_point"], waited, limit, row["native_id"], row["related"] or ""


@app.command()
def rules(
    form: Annotated[
        Literal["prometheus", "kubernetes", "openslo"], typer.Option("--format", help="prometheus, kubernetes or openslo.")
    ] = "prometheus",
    config: ConfigFile = None,
) -> None:
    """Alert and recording rules for this configuration; `config/prometheus/rules.yml` serves every other."""
    from monitor.cli import rules as rule_files

    settings = load(config, os.environ)
    for name in rule_files.unknown_critical(settings):
        print(f"alerts.critical: {name!r} is no configured contact point; it alerts if one is discovered", file=sys.stderr)
    for note in rule_files.dead_links(settings) if form != "openslo" else ():  # objectives hold no links
        print(note, file=sys.stderr)
    print(rule_files.render(settings, form), end="")


@app.command()
def dashboards(
    out: Annotated[Path, typer.Option(help="The directory to write them to; it is made if need be.")],
    pages: Annotated[str | None, typer.Option(help="Where browsers reach this daemon, as https://monitor.example.org.")] = None,
) -> None:
    """The Grafana dashboards, as files for provisioning or for import."""
    from monitor.publish.dashboard_files import write_dashboards

    try:
        for path in write_dashboards(out, pages):
            print(path)
    except OSError as error:
        _leave(EXIT_FAILED, f"--out {out}: {error.strerror}")


@app.command()
def hours(
    calendar: Annotated[str, typer.Argument(help="The name of a calendar in the configuration.")],
    begin: Annotated[str, typer.Option("--from", help="A moment.")],
    to: Annotated[str | None, typer.Option(help="Business time up to this moment.")] = None,
    add: Annotated[str | None, typer.Option(help="The moment after so much business time, as 4h.")] = None,
    config: ConfigFile = None,
    in_json: AsJson = False,
) -> None:
    """Business time between two moments, or the moment after some of it."""
    settings = load(config, os.environ)
    known = calendars(settings)
    if calendar not in known:
        raise ConfigError(f"there is no calendar {calendar!r}{did_you_mean(calendar, known)}")
    if (to is None) == (add is None):
        raise ConfigError("give one of --to and --add")
    chosen, start = known[calendar], moment(begin, "--from")
    how: dict[str, Any]
    answer: dict[str, Any] = {"calendar": calendar, "timezone": str(chosen.timezone), "from": iso(start)}
    if to is not None:
        end = moment(to, "--to")
        answer |= {"to": iso(end), "business_seconds": chosen.seconds_between(start, end)}
        text = format_duration(answer["business_seconds"])
    else:
        try:
            days = parse_opening_days(add)
            if days is not None:
                end, how = chosen.closing_of_day(start, days), {"add_opening_days": days}
            else:
                seconds = parse_duration(add).total_seconds()
                end, how = chosen.moment_after(start, seconds), {"add_seconds": seconds}
        except ValueError as error:
            raise ConfigError(f"--add: {error}") from None
        answer |= how | {"moment": iso(end)}
        text = f"{end.astimezone(chosen.timezone):%Y-%m-%d %H:%M:%S %Z}"
    print(as_json(answer) if in_json else text)


def quiet_gc() -> None:
    """What lives long is taken out of the collector's sight: it doubled the cost of an imported event (measured)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
