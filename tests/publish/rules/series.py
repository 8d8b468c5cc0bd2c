"""Time series for promtool's rule tests, written as what happened; and cases, which say what alert must come of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

JOB = {"job": "monitor", "instance": "monitor:9760"}

Series = dict[str, str]
Counts = Callable[[int], int]


def line(name: str, values: str, **labels: str) -> Series:
    """One series: name, labels and promtool's notation of its values."""
    matchers = ",".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in {**JOB, **labels}.items())
    return {f"{name}{{{matchers}}}": values}


def ours(name: str, values: str, **labels: str) -> Series:
    """One series of the daemon."""
    return line(f"contactpoint_{name}", values, **labels)


def always(value: float, steps: int) -> str:
    """The same value at every scrape."""
    return f"{value:g}x{steps}"


def counted(steps: int, at: Counts, start: int = 0) -> str:
    """A counter that grows by `at(step)` with each scrape after the first."""
    total, values = start, [start]
    for step in range(1, steps + 1):
        total += at(step)
        values.append(total)
    return " ".join(map(str, values))


@dataclass(frozen=True)
class Scrapes:
    """So many scrapes, `every` seconds apart."""

    steps: int = 150
    every: int = 60

    def constant(self, value: float) -> str:
        return always(value, self.steps)

    def clock(self) -> str:
        """A moment that is always now."""
        return f"0+{self.every}x{self.steps}"

    def daemon(self) -> Series:
        """A daemon that has run for a day."""
        return {
            **line("up", self.constant(1)),
            **line("process_start_time_seconds", self.constant(-86400)),
            **ours("build_info", self.constant(1), version="1"),
            **ours("config_last_reload_successful", self.constant(1)),
            **ours("config_last_reload_success_timestamp_seconds", self.constant(0)),
            **ours("store_up", self.constant(1)),
            **ours("store_write_failures_total", self.constant(0)),
        }

    def source(self, name: str = "pbx", kind: str = "asterisk", *, up: str = "", watermark: str = "") -> Series:
        """A source that is read every 15 seconds."""
        labels = {"source": name, "kind": kind}
        return {
            **ours("source_up", up or self.constant(1), **labels),
            **ours("source_watermark_timestamp_seconds", watermark or self.clock(), **labels),
            **ours("source_last_success_timestamp_seconds", watermark or self.clock(), **labels),
            **ours("source_poll_interval_seconds", self.constant(15), **labels),
            **ours("source_polls_total", f"0+4x{self.steps}", **labels),
            **ours("source_events_total", f"0+9x{self.steps}", **labels),
            **ours("source_clock_offset_seconds", self.constant(0.2), **labels),
        }

    def point(
        self,
        name: str = "support-line",
        channel: str = "phone",
        *,
        source: tuple[str, str] = ("pbx", "asterisk"),
        team: str = "desk",
        is_open: str = "",
        objectives: Mapping[str, float] | None = None,
        limits: Mapping[str, float] | None = None,
    ) -> Series:
        """A contact point with its facts; open all the time unless `is_open` says otherwise."""
        here = {"channel": channel, "contact_point": name}
        found = {
            **ours("info", self.constant(1), **here, team=team, timezone="Europe/London", title=name.title()),
            **ours("open", is_open or self.constant(1), **here),
            **ours("source_info", self.constant(1), **here, source=source[0], kind=source[1]),
            **ours("opening_day_seconds", self.constant(28800), **here),
        }
        for signal, objective in (objectives or {}).items():
            found |= ours("objective_ratio", self.constant(objective), **here, signal=signal)
        for signal, limit in (limits or {}).items():
            found |= ours("limit_seconds", self.constant(limit), **here, signal=signal)
        return found

    def waits(
        self, wait: str, waiting: str, oldest: str, since: str = "", *, name: str = "support-line", channel: str = "phone",
        overdue: str = "", due: str = "",
    ) -> Series:  # fmt: skip
        """Customers who wait now."""
        labels = {"channel": channel, "contact_point": name, "wait": wait}
        found = {**ours("waiting", waiting, **labels), **ours("oldest_wait_business_seconds", oldest, **labels)}
        if since:
            found |= ours("oldest_wait_start_timestamp_seconds", since, **labels)
        if overdue:
            found |= ours("overdue", overdue, **labels)
        if due:
            found |= ours("next_due_timestamp_seconds", due, **labels)
        return found

    def verdicts(
        self, signal: str, assessed: Counts, bad: Counts, *, name: str = "support-line", channel: str = "phone", start: int = 0
    ) -> Series:
        """Verdicts that fell: so many with each scrape, so many of them bad."""
        labels = {"channel": channel, "contact_point": name, "signal": signal}
        return {
            **ours("assessed_total", counted(self.steps, assessed, start), **labels),
            **ours("signals_total", counted(self.steps, bad, start), **labels),
        }


@dataclass(frozen=True)
class Expected:
    """One firing alert: the labels that its series gives it, and its description."""

    says: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """What happened, as series; and which alerts of one name fire at a moment: none means it must stay silent.

    `every`: seconds between two scrapes; `evaluated`: between two evaluations of the rules.
    """

    alert: str
    name: str
    series: Series
    at: str
    fires: tuple[Expected, ...] = ()
    every: int = 60
    evaluated: int = 60


#: Labels of an alert about the contact point of most cases.
POINT = {"job": "monitor", "channel": "phone", "contact_point": "support-line", "team": "desk"}
OF_SOURCE = {"job": "monitor", "source": "pbx", "kind": "asterisk"}
