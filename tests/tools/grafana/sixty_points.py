"""Sixty contact points and thirteen weeks, as what Prometheus would have scraped of them up to one Wednesday morning.

Eleven contact points have a story of their own, from which tests count by hand; the others are calm and alike. Written as
OpenMetrics with timestamps, made into blocks by promtool, asked by a real Prometheus at `MOMENT`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

#: A Wednesday. The running week began on 23 November.
MOMENT = datetime(2026, 11, 25, 10, 42, tzinfo=UTC)
MIDNIGHT = MOMENT.replace(hour=0, minute=0)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
WEEKS = 14
#: Gauges are scraped so often: Prometheus forgets a sample after five minutes.
STEP = timedelta(minutes=4)

#: Signal -> (limit in seconds or None, objective), by channel.
SIGNALS: Mapping[str, Mapping[str, tuple[float | None, float]]] = {
    "phone": {
        "long_wait": (20, 0.80),
        "slow_answer": (30, 0.90),
        "long_hold": (120, 0.98),
        "abandoned": (None, 0.95),
        "missed_callback": (14400, 0.90),
    },
    "email": {"late_reply": (14400, 0.90), "late_follow_up": (28800, 0.90), "slipped_promise": (None, 0.95)},
    "ticket": {"late_reply": (14400, 0.90), "late_resolution": (None, 0.85), "reopened": (None, 0.95)},
}
WAITS = {
    "phone": ("ring", "queue", "hold", "callback"),
    "email": ("reply", "follow_up", "promise"),
    "ticket": ("reply", "resolution"),
}


@dataclass(frozen=True)
class Wait:
    """Customers in one wait. Seconds: of the longest by the clock and in opening hours, and to the next limit."""

    waiting: int
    overdue: int
    clock: float
    business: float | None = None
    next_due: float | None = None


@dataclass(frozen=True)
class Point:
    """A contact point: who waits, signal -> (judged, wrong, of these in the last hour) today, and (judged, wrong) by week.

    `weeks`: the running week first; a signal that is not named has the figures of every calm contact point.
    """

    name: str
    title: str
    channel: str
    team: str = "North"
    source: str = "desk"
    open: bool = True
    seen: bool = True
    waits: Mapping[str, Wait] = field(default_factory=dict)
    today: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    weeks: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    ready: int | None = None
    #: Signal -> (judged, wrong) of other days that were read within the last 20 minutes: a system that was caught up, an import.
    history: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def _in_all(channel: str, *weeks: tuple[int, int]) -> dict[str, Sequence[tuple[int, int]]]:
    return dict.fromkeys(SIGNALS[channel], weeks)


STORIES = (
    Point(
        "billing-line", "Billing line", "phone", team="Billing", ready=2,
        waits={"ring": Wait(9, 2, 1570), "queue": Wait(9, 7, 1570, next_due=4), "callback": Wait(5, 0, 7000)},
        today={"long_wait": (100, 65, 42), "abandoned": (110, 11, 3)},
        # So far 40 of 100; last week 61 of 200; the week before 46 of 200; then 30 of 200 in each.
        weeks={"long_wait": [(100, 40), (200, 61), (200, 46), *[(200, 30)] * 11]},
    ),
    Point("moving-line", "Moving house line", "phone", waits={"hold": Wait(1, 1, 300), "queue": Wait(3, 0, 9, next_due=11)}),
    Point("textphone", "Textphone relay", "phone", waits={"queue": Wait(1, 1, 40)}, weeks={"long_wait": [(1, 1), (1, 1)]}),
    Point("info-mail", "Info mail", "email", waits={"reply": Wait(23, 4, 14 * 86400 + 5, 72000, next_due=1320)}),
    # Last week nobody wrote.
    Point(
        "returns-mail", "Returns mail", "email", waits={"promise": Wait(1, 1, 90000)},
        weeks=_in_all("email", (100, 1), (0, 0), *[(100, 1)] * 12),
    ),
    Point("support-line", "Support line", "phone", waits={"queue": Wait(3, 0, 16, next_due=4)}, ready=0),
    Point(
        "sales-line", "Sales line", "phone", waits={"queue": Wait(2, 0, 15, next_due=5)}, today={"long_wait": (10, 2, 0)},
        history={"abandoned": (5000, 4000)},
    ),
    # Its source could tell nothing of the last fortnight.
    Point(
        "north-line", "Branch north", "phone", source="pbx-north", seen=False,
        weeks=_in_all("phone", (0, 0), (0, 0), *[(100, 1)] * 12),
    ),
    # Watched since Monday.
    Point("night-line", "Night line", "phone", open=False, weeks=_in_all("phone", (100, 1))),
    Point("closed-mail", "Press office", "email", open=False, waits={"reply": Wait(5, 5, 50000, 20000)}),
    Point("calm-desk", "Service desk", "ticket", waits={"reply": Wait(14, 0, 4200, 4200, next_due=10200)}),
)  # fmt: skip
_OTHERS = {"phone": 18, "email": 21, "ticket": 10}


def points() -> list[Point]:
    """All sixty."""
    calm = [
        Point(f"{channel}-{at:02}", f"{channel.capitalize()} {at:02}", channel, team=("North", "South")[at % 2])
        for channel, many in _OTHERS.items()
        for at in range(1, many + 1)
    ]
    return [*STORIES, *calm]


#: What a calm contact point had today and in each week: one in a hundred went wrong.
CALM_TODAY, CALM_WEEK = (40, 0, 0), (100, 1)

Sample = tuple[str, Mapping[str, str], float, datetime]


def samples() -> Iterator[Sample]:
    """Every sample up to `MOMENT`."""
    yield from _monitor()
    for source, behind, gap in (("desk", 2.0, 0), ("pbx-north", 1260.0, 1_000_000)):
        yield from _source(source, behind)
        yield from _counter("source_gap_seconds_total", {"source": source, "kind": "events"}, gap, 0)
    for point in points():
        yield from _point(point)


def _times(since: datetime = MIDNIGHT) -> Iterator[datetime]:
    at = MOMENT - (MOMENT - since) // STEP * STEP
    while at <= MOMENT:
        yield at
        at += STEP


def _gauge(name: str, labels: Mapping[str, str], value: float) -> Iterator[Sample]:
    return ((f"contactpoint_{name}", labels, value, at) for at in _times())


def _counter(name: str, labels: Mapping[str, str], today: int, last_hour: int, history: int = 0) -> Iterator[Sample]:
    """0 at midnight, all but those of the last hour an hour ago, a third of these in the last 20 minutes; then `history`."""
    an_hour_ago, just_now = MOMENT - timedelta(seconds=3590), MOMENT - timedelta(seconds=1190)
    told = (
        (0, MIDNIGHT + timedelta(seconds=30)),
        (today - last_hour, an_hour_ago),
        (today - last_hour // 3, just_now),
        (today + history, MOMENT),
    )
    for value, at in told:
        yield f"contactpoint_{name}", labels, value, at


def _monitor() -> Iterator[Sample]:
    process = {"job": "monitor", "instance": "here"}
    yield from _gauge("build_info", {**process, "version": "0.2.0", "python_version": "3.11"}, 1)
    for name, value in (("config_last_reload_successful", 1), ("store_size_bytes", 5e6)):
        yield from _gauge(name, process, value)


def _source(source: str, behind: float) -> Iterator[Sample]:
    labels = {"source": source, "kind": "events"}
    yield from _gauge("source_up", labels, 1)
    yield from _gauge("source_poll_interval_seconds", labels, 15)
    for at in _times():
        stood = max(at.timestamp() - behind if at == MOMENT else at.timestamp() - 2, 0)
        yield "contactpoint_source_watermark_timestamp_seconds", labels, stood, at


def _point(point: Point) -> Iterator[Sample]:
    own = {"channel": point.channel, "contact_point": point.name}
    yield from _gauge("info", {**own, "team": point.team, "title": point.title, "timezone": "Europe/London"}, 1)
    yield from _gauge("open", own, point.open)
    yield from _gauge("source_info", {**own, "source": point.source, "kind": "events"}, 1)
    for signal, (limit, objective) in SIGNALS[point.channel].items():
        labels = {**own, "signal": signal}
        yield from _gauge("objective_ratio", labels, objective)
        if limit is not None:
            yield from _gauge("limit_seconds", labels, limit)
        judged, wrong, hour = point.today.get(signal, CALM_TODAY)
        history = point.history.get(signal, (0, 0))
        for name, of_today, of_history in (("assessed", judged, history[0]), ("signals", wrong, history[1])):
            yield from _counter(f"{name}_total", labels, of_today, hour, of_history)
            yield from _counter(f"history_{name}_total", labels, 0, 0, of_history)
        yield from _counter("signals_retracted_total", labels, 0, 0)
        yield from _weeks(labels, point.weeks.get(signal, [CALM_WEEK] * WEEKS))
    for wait in WAITS[point.channel]:
        yield from _counter("wait_seconds_count", {**own, "wait": wait}, 40, 4)
        if point.seen:
            yield from _wait({**own, "wait": wait}, point.waits.get(wait, Wait(0, 0, 0)))
    if point.ready is not None:
        for state, many in (("ready", point.ready), ("busy", 3), ("paused", 1), ("away", 0)):
            yield from _gauge("agents", {**own, "state": state}, many)


def _wait(labels: Mapping[str, str], wait: Wait) -> Iterator[Sample]:
    yield from _gauge("waiting", labels, wait.waiting)
    yield from _gauge("overdue", labels, wait.overdue)
    yield from _gauge("oldest_wait_business_seconds", labels, wait.clock if wait.business is None else wait.business)
    if wait.waiting:
        yield "contactpoint_oldest_wait_start_timestamp_seconds", labels, MOMENT.timestamp() - wait.clock, MOMENT
    if wait.next_due is not None:
        yield "contactpoint_next_due_timestamp_seconds", labels, MOMENT.timestamp() + wait.next_due, MOMENT


def _weeks(labels: Mapping[str, str], told: Sequence[tuple[int, int]]) -> Iterator[Sample]:
    """Newest first; where nothing was judged nothing is told. The running week grows over the morning."""
    for ago, (judged, wrong) in enumerate(told):
        week = {**labels, "week_start": f"{MONDAY - timedelta(weeks=ago):%Y-%m-%d}"}
        for name, value in (("assessed", judged), ("signals", wrong)) if judged else ():
            for at in _times() if ago == 0 else (MOMENT,):
                passed = (at - MIDNIGHT) / (MOMENT - MIDNIGHT)
                yield f"contactpoint_report_week_{name}", week, value if ago else int(value * passed), at


def exposition() -> str:
    """All samples as OpenMetrics."""
    lines = []
    for name, labels, value, at in samples():
        written = ",".join(f'{label}="{text}"' for label, text in labels.items())
        lines.append(f"{name}{{{written}}} {float(value)!r} {at.timestamp():.3f}\n")
    return "".join(lines) + "# EOF\n"
