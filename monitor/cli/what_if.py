"""`what-if`: a week under other limits, or by another formula of the service level, beside the present figures."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from monitor.cli.options import ConfigFile, open_store
from monitor.cli.output import Column, as_json, printable, terminal_width, write_table
from monitor.cli.report import known_directory, reported_week
from monitor.clock import SystemClock
from monitor.config.loading import load, load_under
from monitor.domain.durations import format_duration
from monitor.domain.moments import iso
from monitor.domain.service_level import AS_COUNTED, FORMULAS, Formula
from monitor.engine.what_if import SHOWN, Different, Judging, Line, Side, WhatIf, as_json_value
from monitor.engine.what_if import what_if as compare
from monitor.errors import ConfigError, did_you_mean

_COLUMNS = (
    Column("contact point", 10), Column("signal"), Column("now"), Column("then"), Column("differ", may_go=True),
    Column("limit", may_go=True), Column("objective", may_go=True), Column("formula", if_room=True),
)  # fmt: skip
_COUNTS = {True: "bad", False: "good", None: "not counted"}


def what_if(
    policy: Annotated[
        Path | None,
        typer.Option(help="A file of policies and calendars, as in the configuration; the rest stays."),
    ] = None,
    week: Annotated[str | None, typer.Option(help="A week of ISO 8601, as 2026-W46; the last whole one by default.")] = None,
    formula: Annotated[
        str | None, typer.Option(help="Another formula of the service level: SL-A, SL-B or SL-C; figures are by SL-D.")
    ] = None,
    form: Annotated[Literal["table", "json"], typer.Option("--format", help="table or json.")] = "table",
    config: ConfigFile = None,
) -> None:
    """A week under other limits beside the present ones, with the contacts that make the difference. Stores nothing."""
    if policy is None and formula is None:
        raise ConfigError("what is to be other? Name a file of limits with --policy, or a --formula")
    settings = load(config, os.environ)
    under = settings if policy is None else load_under(config, os.environ, policy)
    letter, now = _formula(formula), SystemClock().now()
    monday = reported_week(week, settings, now)
    with open_store(settings, must_be_there=True) as store:
        sides = Judging(known_directory(settings, store)), Judging(known_directory(under, store), letter)
        found = compare(store, *sides, monday, now, settings.timezone)
    if form == "json":
        print(as_json(as_json_value(found), indent=1))
    else:
        _print(found)


def _formula(text: str | None) -> Formula:
    if text is None:
        return AS_COUNTED
    wanted = text.upper() if text.upper().startswith("SL-") else f"SL-{text.upper()}"
    found = next((each for each in FORMULAS if each == wanted), None)
    if found is None:
        raise ConfigError(f"--formula: {text!r} is none{did_you_mean(wanted, FORMULAS)}")
    return found


def _print(found: WhatIf) -> None:
    running = "" if found.complete else ", which still runs: no objective is held against it"
    print(f"week {found.week} ({found.timezone}){running}: now, and then under the other limits")
    if not write_table(sys.stdout, _COLUMNS, _rows(found), terminal_width(sys.stdout)):
        print("nothing was judged in this week")
        return
    for (point, _), lines in found.points.items():
        for signal, line in lines.items():
            if line.differing:
                print(printable(f"\n{point}: {signal}: {line.differing:,} count otherwise then"))
                for each in line.contacts:
                    print(printable(f"  {_contact(each)}"))
                if line.differing > SHOWN:
                    print(f"  and {line.differing - SHOWN:,} more")


def _rows(found: WhatIf) -> Iterator[tuple[str, ...]]:
    for (point, _), lines in found.points.items():
        for signal, line in lines.items():
            if line.now.judged or line.then.judged:
                yield _row(point, signal, line, found.complete)


def _row(point: str, signal: str, line: Line, complete: bool) -> tuple[str, ...]:
    now, then = line.now, line.then
    return (
        point, signal, _share(now, complete), _share(then, complete), f"{line.differing:,}", _both(_limit(now), _limit(then)),
        _both(_objective(now), _objective(then)), _both(now.formula or "", then.formula or ""),
    )  # fmt: skip


def _both(now: str, then: str) -> str:
    return now if now == then else f"{now or '-'} → {then or '-'}"


def _objective(side: Side) -> str:
    return "off" if side.objective is None else f"{side.objective * 100:g} %"


def _limit(side: Side) -> str:
    if side.limit_opening_days is not None:
        return f"{side.limit_opening_days}bd"
    return "" if side.limit_seconds is None else format_duration(side.limit_seconds)


def _share(side: Side, complete: bool) -> str:
    """`82.4 % of 17, met`."""
    if side.objective is None:
        return "off"
    if side.share is None:
        return "no figure"
    met = {True: ", met", False: ", missed", None: ""}[side.met(complete)]
    return f"{side.share * 100:.1f} % of {side.judged:,}{met}"


def _contact(each: Different) -> str:
    waited = "" if each.waited_seconds is None else f", waited {format_duration(each.waited_seconds)}"
    return f"{iso(each.at.replace(microsecond=0))}  {each.contact}  {_COUNTS[each.now]} now, {_COUNTS[each.then]} then{waited}"
