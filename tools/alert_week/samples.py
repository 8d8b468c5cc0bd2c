"""What happened -> the samples that Prometheus would have scraped, as OpenMetrics text (contract section 5).

Counters begin at 0 before the first contact; gauges of what runs come from the spans in which it ran.
"""

import json
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Final

from tools.alert_week.places import HOUR, Lived, Wait

Values = Sequence[float | None]
Series = tuple[str, Values]
JOB: Final = {"job": "contact-monitor", "instance": "127.0.0.1:9760"}
OUTCOMES: Final = {"phone": ("answered", "abandoned", "short_abandoned"), "email": ("replied",), "ticket": ("replied",)}


def write(out: IO[str], lived: Iterable[Lived], stamps: Sequence[float]) -> int:
    """Writes all samples at these moments; how many series they make."""
    count = 0
    for name, values in series(list(lived), stamps):
        count += 1
        lines = (f"{name} {value:.12g} {stamp:.0f}\n" for value, stamp in zip(values, stamps, strict=True) if value is not None)
        out.write("".join(lines))
    out.write("# EOF\n")
    return count


def write_constant(out: IO[str], name: str, labels: Mapping[str, str], stamps: Sequence[float]) -> None:
    """A series that is 1 all the time; its labels may hold anything."""
    told = ",".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in labels.items() if key != "__name__")
    out.writelines(f"{name}{{{told}}} 1 {stamp:.0f}\n" for stamp in stamps)


def series(lived: list[Lived], stamps: Sequence[float]) -> Iterator[Series]:
    """Each series with its value at each moment; None where it is absent."""
    yield from _daemon(stamps)
    for source in sorted({each.place.source for each in lived}):
        yield from _source(source, lived, stamps)
    for each in lived:
        yield from _facts(each, stamps)
        yield from _counters(each, stamps)
        for kind, signal in each.place.waits.items():
            yield from _running(each, kind, signal, stamps)
        yield from _agents(each, stamps)


def _name(metric: str, **labels: str) -> str:
    told = ",".join(f'{key}="{value}"' for key, value in {**JOB, **labels}.items())
    return f"contactpoint_{metric}{{{told}}}"


def _constant(metric: str, value: float, stamps: Sequence[float], **labels: str) -> Series:
    return _name(metric, **labels), [value] * len(stamps)


def _counted(moments: Iterable[float], stamps: Sequence[float]) -> list[float]:
    """How many of the moments had passed at each stamp."""
    ordered = sorted(moments)
    return [float(bisect_right(ordered, stamp)) for stamp in stamps]


def _daemon(stamps: Sequence[float]) -> Iterator[Series]:
    up, started = _constant("up", 1, stamps), _constant("process_start_time_seconds", stamps[0] - 86400, stamps)
    for name, values in (up, started):
        yield name.removeprefix("contactpoint_"), values
    yield _constant("build_info", 1, stamps, version="1", python_version="3.11")
    yield _constant("config_last_reload_successful", 1, stamps)
    yield _constant("config_last_reload_success_timestamp_seconds", stamps[0] - 86400, stamps)
    yield _constant("store_up", 1, stamps)
    yield _constant("store_write_failures_total", 0, stamps)


def _source(source: tuple[str, str], lived: list[Lived], stamps: Sequence[float]) -> Iterator[Series]:
    labels = {"source": source[0], "kind": source[1]}
    mine = [each for each in lived if each.place.source == source]
    yield _constant("source_up", 1, stamps, **labels)
    yield _constant("source_poll_interval_seconds", 15, stamps, **labels)
    yield _constant("source_clock_offset_seconds", 0.1, stamps, **labels)
    for metric in ("source_watermark_timestamp_seconds", "source_last_success_timestamp_seconds"):
        yield _name(metric, **labels), list(stamps)
    yield _name("source_polls_total", **labels), [(stamp - stamps[0]) // 15 for stamp in stamps]
    yield _name("source_events_total", **labels), _counted((at for each in mine for at in each.contacts), stamps)
    replies = sorted(each.at for point in mine for each in point.outcomes if each.outcome == "replied")
    if replies:
        latest: list[float | None] = []
        for stamp in stamps:
            place = bisect_right(replies, stamp)
            latest.append(replies[place - 1] if place else stamps[0] - HOUR)
        yield _name("source_last_outbound_timestamp_seconds", **labels), latest


def _here(each: Lived) -> dict[str, str]:
    return {"channel": each.place.channel, "contact_point": each.place.name}


def _facts(each: Lived, stamps: Sequence[float]) -> Iterator[Series]:
    place, here = each.place, _here(each)
    yield _constant("info", 1, stamps, **here, team=place.team, timezone=str(place.zone), title=place.title)
    yield _constant("source_info", 1, stamps, **here, source=place.source[0], kind=place.source[1])
    yield _constant("opening_day_seconds", place.calendar.longest_day_seconds(), stamps, **here)
    yield _name("open", **here), [float(place.is_open(stamp)) for stamp in stamps]
    local = datetime.fromtimestamp(stamps[0], UTC).astimezone(place.zone)
    offset = local.utcoffset()
    assert offset is not None
    yield _constant("utc_offset_seconds", offset.total_seconds(), stamps, **here, zone=str(local.tzname()))
    for signal, objective in place.objectives.items():
        yield _constant("objective_ratio", objective.share, stamps, **here, signal=signal)
        if objective.limit is not None:
            yield _constant("limit_seconds", objective.limit, stamps, **here, signal=signal)


def _counters(each: Lived, stamps: Sequence[float]) -> Iterator[Series]:
    here = _here(each)
    yield _name("contacts_total", **here, direction="inbound"), _counted(each.contacts, stamps)
    yield _constant("contacts_total", 0, stamps, **here, direction="outbound")
    outcomes: defaultdict[tuple[str, bool], list[float]] = defaultdict(list)
    for decided in each.outcomes:
        outcomes[decided.outcome, decided.in_target].append(decided.at)
    for outcome in OUTCOMES[each.place.channel]:
        for in_target in (True, False):
            labels = {"outcome": outcome, "in_target": str(in_target).lower()}
            yield _name("outcomes_total", **here, **labels), _counted(outcomes[outcome, in_target], stamps)
    for signal in each.place.objectives:
        fell = [verdict for verdict in each.verdicts if verdict.signal == signal]
        yield _name("assessed_total", **here, signal=signal), _counted((verdict.at for verdict in fell), stamps)
        yield _name("signals_total", **here, signal=signal), _counted((verdict.at for verdict in fell if verdict.bad), stamps)
        yield _constant("signals_retracted_total", 0, stamps, **here, signal=signal)
        yield _constant("history_assessed_total", 0, stamps, **here, signal=signal)
        yield _constant("history_signals_total", 0, stamps, **here, signal=signal)


def _running(each: Lived, kind: str, signal: str, stamps: Sequence[float]) -> Iterator[Series]:
    """Gauges of what waits now: how many, how many over the limit, since when the oldest."""
    here = {**_here(each), "wait": kind}
    waits = sorted((wait for wait in each.waits if wait.kind == kind), key=lambda wait: wait.since)
    waiting, overdue = ([0.0] * len(stamps) for _ in range(2))
    oldest: list[float | None] = [None] * len(stamps)
    due: list[float | None] = [None] * len(stamps)
    for wait in waits:
        for place in _steps(wait.since, wait.until, stamps):
            waiting[place] += 1
            oldest[place] = wait.since if oldest[place] is None else oldest[place]
        for place in _steps(max(wait.due, wait.since), wait.until, stamps):
            overdue[place] += 1
        _next(due, wait, stamps)
    yield _name("waiting", **here), waiting
    yield _name("overdue", **here), overdue
    yield _name("oldest_wait_start_timestamp_seconds", **here), oldest
    yield _name("next_due_timestamp_seconds", **here), due
    always = each.place.channel == "phone" and kind != "callback"
    ages = (
        0.0 if since is None else stamp - since if always else each.place.open_seconds(since, stamp)
        for since, stamp in zip(oldest, stamps, strict=True)
    )
    yield _name("oldest_wait_business_seconds", **here), list(ages)


def _steps(since: float, until: float, stamps: Sequence[float]) -> range:
    """The places of the stamps within [since, until)."""
    every = stamps[1] - stamps[0]
    first, last = (math.ceil((moment - stamps[0]) / every) for moment in (since, until))
    return range(max(first, 0), max(0, min(last, len(stamps))))


def _next(due: list[float | None], wait: Wait, stamps: Sequence[float]) -> None:
    for place in _steps(wait.since, min(wait.until, wait.due), stamps):
        known = due[place]
        due[place] = wait.due if known is None else min(known, wait.due)


def _agents(each: Lived, stamps: Sequence[float]) -> Iterator[Series]:
    if not each.staff:
        return
    here = _here(each)
    busy = [0.0] * len(stamps)
    for begins, ends in each.talks:
        for place in _steps(begins, ends, stamps):
            busy[place] += 1
    logged_in = [each.staff.get(stamp - stamp % HOUR, 0) for stamp in stamps]
    yield _name("agents", **here, state="busy"), busy
    yield _name("agents", **here, state="ready"), [max(0.0, all_ - talks) for all_, talks in zip(logged_in, busy, strict=True)]
    for state in ("paused", "away"):
        yield _constant("agents", 0, stamps, **here, state=state)
