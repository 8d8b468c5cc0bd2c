"""`check`: what can be proved of a configuration before it runs, source by source, read-only."""

import os
import secrets
import ssl
import stat
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from monitor.cli.output import printable
from monitor.clock import SystemClock
from monitor.config.models import Settings
from monitor.config.values import is_loopback, split_address
from monitor.connector import Finding, NoState
from monitor.daemon.app import make_connector
from monitor.daemon.people import people_of
from monitor.daemon.privacy_key import known_key, misfit
from monitor.domain.hours import parse_dates, parse_week
from monitor.domain.privacy_key import check_value, parse_key
from monitor.domain.public_holidays import Differing, differing_days, name_of_day
from monitor.errors import ConfigError, SourceError, StoreBroken, StoreUnavailable
from monitor.store import StoreUrl, make_store

#: So many subdivisions are named in a note; some countries have more than fifty.
_SHOWN_NAMES: Final = 6


def check_store(settings: Settings, *, offline: bool) -> None:
    """Raises ConfigError when `run` would refuse the store: its directory or file cannot be written to, its driver is missing,
    its database is not there, what is there is damaged, newer than this program or another program's, or its privacy key is no
    whole one or not the one that it was written with.

    A database server is only asked unless `offline`, and nothing is made or changed in it or in a file.
    """
    from monitor.store.sql import SqlStore

    url = StoreUrl.parse(settings.store)
    store = make_store(url)
    is_there = not offline
    if url.file is not None:
        url.check_directory()
        is_there = url.file.exists()
        if is_there and not os.access(url.file, os.R_OK | os.W_OK):
            raise ConfigError(f"store: {url.file} is no file we can read and write: look at its owner and mode")
    key = known_key(settings)
    if is_there and isinstance(store, SqlStore):
        try:
            store.verify()
            _check_key(settings, store.key_check(), key)
        except (StoreBroken, StoreUnavailable) as error:
            raise ConfigError(str(error)) from None
        finally:
            store.close()


def _check_key(settings: Settings, kept: str | None, key: bytes | None) -> None:
    """Raises ConfigError where what the store keeps of its privacy key does not fit the key in use."""
    if kept is not None and key is None:
        file = StoreUrl.parse(settings.store).key_file
        raise ConfigError(
            f"{file}: the privacy key of the store beside it is gone: restore it, or, where it is lost, have a new one made and "
            "accepted (contact-monitor store accept-key): customers from before are strangers then"
        )
    if kept is not None and key is not None and kept != check_value(key):
        raise ConfigError(misfit(settings))


def check_people(settings: Settings) -> None:
    """Writes how many customers have several names. Raises ConfigError where the file that says so cannot be read."""
    people = people_of(settings, passing_key(settings))
    if people.lines:
        left_out = f"; {people.shared} are shared by many and tie nobody" if people.shared else ""
        print(f"people: {people.lines} lines, in which {len(people.ties)} numbers and addresses belong to another one{left_out}")


def check_exposure(files: Mapping[str, Path]) -> None:
    """Writes a note for each file, by the key that names it, whose secret every user of this machine can read."""
    for key, file in files.items():
        if _is_readable_by_all(file):
            print(
                printable(
                    f"{key}: note: every user of this machine can read the secrets in {file}: chmod o-r {file}, "
                    "unless it is a container's own"
                )
            )


def check_passwords(settings: Settings) -> None:
    """Writes a note where passwords would cross a network in clear."""
    host, _ = split_address(settings.listen)
    if settings.web.users and settings.web.tls_cert is None and not is_loopback(host):
        print(
            f"web.users: note: passwords come to {settings.listen} in clear: set web.tls_cert, "
            "or listen on 127.0.0.1 behind a proxy with TLS"
        )


def _is_readable_by_all(file: Path) -> bool:
    """Whether users that are neither its owner nor of its group can read a file, and get to it."""
    found = file.resolve()
    try:
        reachable = all(directory.stat().st_mode & stat.S_IXOTH for directory in found.parents)
        return reachable and bool(found.stat().st_mode & stat.S_IROTH)
    except OSError:  # it was there a moment ago
        return False


def check_calendars(settings: Settings, today: date) -> None:
    """Writes a note for each calendar whose country's subdivisions differ within a year, on days on which it may be open."""
    for name, calendar in settings.calendars.items():
        days = calendar.holidays
        if days.country is None or days.subdivision is not None:
            continue
        week = parse_week(calendar.hours)
        decided = {*parse_dates(calendar.dates), *days.also, *days.open_anyway}
        differing = [
            each for each in differing_days(days.country, today) if week.get(each.day.weekday()) and each.day not in decided
        ]
        if differing:
            print(f"calendars.{name}: note: {_unnamed_subdivision(days.country, differing)}")


def _unnamed_subdivision(country: str, differing: Sequence[Differing]) -> str:
    """What to do, with the day that is taken wrongly in most subdivisions."""
    worst = max(differing, key=Differing.mistaken)
    fitting = worst.closed_in[0]
    day = f"{name_of_day(country, fitting, worst.day)}, {worst.day.day} {worst.day:%B %Y},"
    counted = "closed" if worst.counts_as_closed else "open"
    where = f"{_some(worst.closed_in)} but not in {_some(worst.open_in)}" if worst.open_in else f"all of {_some(worst.closed_in)}"
    others = f", one of {len(differing)} days that differ within a year" if len(differing) > 1 else ""
    return (
        f"holidays in {country.strip().upper()} differ by subdivision and none is named: {day} is a holiday in {where}, "
        f"and counts as {counted}{others}; add yours to `holidays`, as subdivision: {fitting}"
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN_NAMES])
    return f"{shown} and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else shown


async def check_sources(settings: Settings) -> int:
    """Tries each source and writes its findings to standard output, one line each. Returns how many are bad."""
    bad = 0
    for name, source in settings.sources.items():
        if not source.enabled:
            _show_finding(name, Finding(None, "is switched off (enabled: false) and was not tried"))
            continue
        try:
            _check_authority(getattr(source, "ca_file", None))
            connector = make_connector(settings, name, SystemClock(), passing_key(settings), NoState())
            async for finding in connector.check():
                bad += _show_finding(name, finding)
        except (SourceError, ConfigError) as error:
            bad += _show_finding(name, Finding(False, str(error)))
    return bad


def _check_authority(ca_file: Path | None) -> None:
    """Before a connection fails for a reason that OpenSSL words for programmers."""
    if ca_file is None:
        return
    try:
        ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise ConfigError(f"ca_file {ca_file} holds no certificate in PEM form") from None
    except OSError as error:
        raise ConfigError(f"ca_file {ca_file} cannot be read: {error.strerror}") from None


def _show_finding(source: str, finding: Finding) -> int:
    word = {True: "ok", False: "FAILED", None: "note"}[finding.ok]
    text = printable(finding.text).replace("\n", "\\n")  # one line each, whatever a server calls its folders
    print(f"{source}: {word}: {text}")
    return finding.ok is False


def passing_key(settings: Settings) -> bytes:
    """For what is not stored: customers are as unrecognisable as ever, and no key is left beside a store."""
    key = settings.privacy.key
    return parse_key(key.get_secret_value()) if key is not None else secrets.token_bytes(32)
