"""Drives the pure core of notifications through snapshots, as the daemon does, with receivers that take every message."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.domain.snapshot import PointState, Running, Snapshot, SourceState
from monitor.notify.alerting import advance
from monitor.notify.judge import Limits, judge
from monitor.notify.planning import delivered, plan, refused
from monitor.notify.stored import packed, unpacked
from monitor.notify.values import Message, Receiver, State
from monitor.notify.windows import Windows, observe
from monitor.notify.wording import Worded, worded
from monitor.publish.rules.values import Links
from tests.publish.snapshots import NOW, point, snapshot, source

LIMITS = Limits(hold_factor=2.0, queue_factor=5.0, critical=frozenset())
LINKS = Links("http://monitor.example", "http://boards.example", "")
Totals = dict[tuple[str, tuple[str, ...]], float]


def receiver(
    name: str = "ops",
    *,
    severities: Iterable[str] = ("critical", "warning"),
    families: Iterable[str] = ("customer", "source"),
    teams: Iterable[str] = (),
    an_hour: int = 30,
) -> Receiver:
    return Receiver(name, frozenset(severities), frozenset(families), frozenset(teams), an_hour)


class Watch:
    """A daemon's notifications over time. `seconds` is the time since it began to watch."""

    def __init__(self, *receivers: Receiver, limits: Limits = LIMITS) -> None:
        self.receivers = receivers or (receiver(),)
        self.limits = limits
        self.state = State()
        self.windows = Windows()
        self.now = NOW
        self.sent: list[tuple[float, Message, Worded]] = []
        self.unreachable: set[str] = set()
        self.killed_at_the_next_message = False

    @property
    def seconds(self) -> float:
        return (self.now - NOW).total_seconds()

    @property
    def titles(self) -> list[str]:
        return [each.title for _, _, each in self.sent]

    def at(self, seconds: float) -> datetime:
        return NOW + timedelta(seconds=seconds)

    def see(
        self,
        *points: PointState,
        sources: Sequence[SourceState] = (),
        totals: Totals | None = None,
    ) -> list[Worded]:
        """One evaluation of what is there now, and what is sent because of it."""
        return self.look(self._shot(points, sources, totals or {}))

    def _shot(self, points: tuple[PointState, ...], sources: Sequence[SourceState], totals: Totals) -> Snapshot:
        return replace(snapshot(*points, sources=tuple(sources) or (read(self.now),), totals=totals), at=self.now)

    def look(self, shot: Snapshot) -> list[Worded]:
        """One evaluation of a snapshot, and what is sent because of it."""
        self.windows = observe(self.windows, shot, self.limits.critical, self.state.counted)
        judgement = judge(shot, self.windows, self.limits, self.state.alerts)
        state = replace(self.state, counted=self.windows.critical_totals())
        state = advance(state, judgement, self.receivers)
        self.state, messages = plan(state, judgement, self.receivers, frozenset())
        said = []
        for message in messages:
            if self.killed_at_the_next_message:
                self.killed_at_the_next_message = False
                self.restart()
                break
            if message.receiver in self.unreachable:
                self.state = refused(self.state, message)
                continue
            self.state = delivered(self.state, message, self.now)
            said.append(worded(message, LINKS))
            self.sent.append((self.seconds, message, said[-1]))
        return said

    def pass_time(
        self,
        seconds: float,
        *points: PointState,
        sources: Sequence[SourceState] = (),
        totals: Totals | None = None,
        step: float = 5,
    ) -> list[Worded]:
        """The same there for so long, evaluated every `step` seconds; the first at once."""
        said: list[Worded] = []
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            said += self.see(*points, sources=sources, totals=totals)
            self.now += timedelta(seconds=step)
        return said

    def restart(self) -> None:
        """Killed, and begun anew from what is in the store."""
        self.state, self.windows = unpacked(packed(self.state)), Windows()


def read(now: datetime, name: str = "pbx", kind: str = "asterisk") -> SourceState:
    """A source that is read well."""
    return replace(source(name, kind), last_success=now, watermark=now)


def line(*, holds: Running | None = None, queue: Running | None = None, **more: object) -> PointState:
    """A telephone line with a limit of two minutes on hold and 20 s in the queue."""
    running = {wait: state for wait, state in (("hold", holds), ("queue", queue)) if state is not None}
    limits = {"long_hold": 120.0, "long_wait": 20.0}
    return point("billing", running=running, title="Billing line", limits=limits, **more)  # type: ignore[arg-type]
