"""Hand-made snapshots for tests of what is published."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.channels import OUTCOMES_OF, SIGNALS_OF, WAITS_OF
from monitor.domain.event import Channel
from monitor.domain.policy import DEFAULTS
from monitor.domain.snapshot import PointInfo, PointState, Running, Snapshot, SourceState, local_zone

#: A Monday in London's winter: 09:30 there too.
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
NOBODY = Running(0, 0, None, 0.0, None)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def waits(waiting: int, overdue: int = 0, oldest: float = 0.0, due: float | None = None, soon: int | None = None) -> Running:
    """`waiting` customers, the longest for `oldest` seconds, the next limit in `due` seconds, `soon` of them due soon."""
    return Running(waiting, overdue, ago(oldest), oldest, None if due is None else NOW + timedelta(seconds=due), soon)


def point(
    name: str,
    channel: Channel = "phone",
    running: Mapping[str, Running] | None = {},
    *,
    title: str = "",
    team: str = "",
    sources: tuple[str, ...] = ("pbx",),
    is_open: bool = True,
    objectives: Mapping[str, float] | None = None,
    limits: Mapping[str, float] | None = None,
    opening_days: Mapping[str, int] | None = None,
    timezone: str = "Europe/London",
    agents: Mapping[str, int] | None = None,
) -> PointState:
    """A contact point where nobody waits, unless `running` says otherwise; None: blind."""
    signals = dict.fromkeys([signal for signal in SIGNALS_OF[channel] if not DEFAULTS[signal].off], 0.9)
    info = PointInfo(
        name=name,
        channel=channel,
        sources=sources,
        timezone=timezone,
        title=title or name,
        team=team,
        objectives=signals if objectives is None else objectives,
        limit_seconds=limits or {},
        limit_opening_days=opening_days or {},
        waits=WAITS_OF[channel],
        outcomes=OUTCOMES_OF[channel],
    )
    return PointState(info, is_open, local_zone(ZoneInfo(timezone), NOW), running, agents)


def source(name: str = "pbx", kind: str = "asterisk", up: bool | None = True) -> SourceState:
    """A source that was read a second ago, or is down, or was never tried."""
    if up is None:
        return SourceState(name, kind, None, False, 15.0)
    return SourceState(name, kind, up, False, 15.0, last_success=ago(1), watermark=ago(2), since=ago(3600))


def snapshot(
    *points: PointState,
    sources: tuple[SourceState, ...] = (),
    totals: Mapping[tuple[str, tuple[str, ...]], float] | None = None,
    weeks: Mapping[tuple[str, str, str], tuple[int, int]] | None = None,
) -> Snapshot:
    """A ready snapshot of a Monday morning."""
    return Snapshot(
        at=NOW,
        points={state.info.name: state for state in points},
        sources={state.name: state for state in sources or (source(),)},
        totals=totals or {},
        weeks=weeks or {},
        ready=True,
        config_ok=True,
        config_loaded_at=ago(7200),
        store_size_bytes=4096,
    )


def contact_centre() -> Snapshot:
    """A believable Monday morning: one line too busy, a mailbox that cannot be read, a helpdesk with a late ticket."""
    mail_down = replace(
        source("mail", "imap", False),
        trouble="login refused: check password_file",
        last_success=ago(1320),
        watermark=ago(1320),
        since=ago(1310),
    )
    week = "2026-11-02"
    return snapshot(
        point(
            "support-line",
            running={"queue": waits(4, 2, 95, 8), "hold": waits(1, 0, 48, 72)},
            title="Support line",
            team="Customer service",
        ),
        point("sales-line", running={"queue": waits(1, 0, 6, 14)}, title="Sales line", team="Sales"),
        point("reception", running={}, title="Reception"),
        point("info-mail", "email", None, title="Info mailbox", team="Customer service", sources=("mail",)),
        point(
            "service-desk",
            "ticket",
            {"reply": waits(7, 1, 16_900, 1500), "resolution": waits(23, 0, 190_000, 9000), "promise": waits(2, 0, 7000, 3900)},
            title="Service desk",
            team="IT",
            sources=("desk",),
        ),
        point("web-chat", "chat", {"queue": NOBODY, "reply": NOBODY}, title="Web chat", sources=("chat",), is_open=False),
        sources=(source(), mail_down, source("desk", "request_tracker"), source("chat", "events")),
        weeks={
            ("support-line", "long_wait", week): (61, 14),
            ("support-line", "slow_answer", week): (61, 5),
            ("support-line", "abandoned", week): (61, 3),
            ("service-desk", "late_reply", week): (18, 2),
            ("sales-line", "long_wait", week): (22, 0),
        },
    )
