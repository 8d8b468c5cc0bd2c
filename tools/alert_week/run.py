"""One simulated week from its seed to the messages that people would get."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.alert_week import samples, truth, week
from tools.alert_week.alertmanager import Alertmanager, Message
from tools.alert_week.firing import Firing, firings
from tools.alert_week.places import Lived, Place
from tools.alert_week.server import STEP, Database, Matrix


@dataclass(frozen=True, slots=True)
class Result:
    """What was true, what fired, and what was told."""

    places: Mapping[str, Place]
    hours: Sequence[truth.Hour]
    firings: Sequence[Firing]
    messages: Sequence[Message]


def run(plan: week.Plan, seed: int, rules: Mapping[str, Any], routing: Mapping[str, Any]) -> Result:
    """`rules`, `routing`: the content of a rule file and of alertmanager.yml."""
    lived = week.live(plan, seed)
    with tempfile.TemporaryDirectory(prefix="alert-week-") as folder:
        fired = evaluate(Path(folder), plan, lived, rules["groups"])
    told = Alertmanager(routing).messages(fired)
    return Result({each.place.name: each.place for each in lived}, truth.hours(lived), fired, told)


def evaluate(folder: Path, plan: week.Plan, lived: Sequence[Lived], groups: Sequence[dict[str, Any]]) -> list[Firing]:
    """All alerts that fired; the watchdog, which always does, is left out."""
    stamps = [plan.start + STEP * number for number in range(round((plan.end - plan.start) / STEP))]
    database = Database(folder, plan.start, plan.end)
    _load(database, lived, stamps)
    database.record(groups)
    rules = [rule for group in groups for rule in group["rules"] if "alert" in rule and rule["labels"]["severity"] != "none"]
    fired: list[Firing] = []
    for level in _levels(rules):
        with database.serve() as server:
            found = {rule["alert"]: server.over_time(rule["expr"]) for rule in level}
        going_on = [rule for rule in level if "ALERTS" in rule["expr"] and found[rule["alert"]]]
        with _always_firing(database, going_on, found, stamps), database.serve() as server:
            carried = {rule["alert"]: server.over_time(rule["expr"]) for rule in going_on}
        now = [each for rule in level for each in firings(rule, found[rule["alert"]], carried.get(rule["alert"]))]
        _load_firing(database, now)
        fired += now
    return fired


def _levels(rules: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Alerts such that each asks only for alerts of earlier levels, and for itself."""
    left = list(rules)
    while left:
        names = {rule["alert"] for rule in left}
        ready = [rule for rule in left if not _asks_for(rule) & (names - {rule["alert"]})]
        if not ready:
            raise ValueError("alerts that ask for each other")
        yield ready
        left = [rule for rule in left if rule not in ready]


def _asks_for(rule: Mapping[str, Any]) -> set[str]:
    return {name for found in re.findall(r'alertname=~?"([^"]+)"', rule["expr"]) for name in found.split("|")}


def _load(database: Database, lived: Sequence[Lived], stamps: Sequence[float]) -> None:
    path = database.folder / "samples.txt"
    with path.open("w", encoding="utf-8") as out:
        samples.write(out, lived, stamps)
    database.load(path)
    path.unlink()


@contextmanager
def _always_firing(
    database: Database, rules: Sequence[Mapping[str, Any]], found: Mapping[str, Matrix], stamps: Sequence[float]
) -> Iterator[None]:
    """A world in which each alert that ever fired always does: what it then goes on by is all that is taken from there."""
    series = [{**dict(series), **rule["labels"], "alertname": rule["alert"]} for rule in rules for series in found[rule["alert"]]]
    with database.only_meanwhile():
        _load_alerts(database, ((labels, stamps) for labels in series))
        yield


def _load_firing(database: Database, fired: Sequence[Firing]) -> None:
    """ALERTS as Prometheus would have written it."""
    _load_alerts(database, ((each.labels, range(each.since, each.until, STEP)) for each in fired))


def _load_alerts(database: Database, series: Iterable[tuple[Mapping[str, str], Sequence[float]]]) -> None:
    path = database.folder / "alerts.txt"
    with path.open("w", encoding="utf-8") as out:
        for labels, stamps in series:
            samples.write_constant(out, "ALERTS", {**labels, "alertstate": "firing"}, stamps)
        written = out.tell()
        out.write("# EOF\n")
    if written:
        database.load(path)
