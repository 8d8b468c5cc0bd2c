"""The snapshot as JSON, for programs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from monitor.domain.moments import iso
from monitor.domain.snapshot import PointState, Snapshot, SourceState
from monitor.publish.web.overview import blind_because, unknown_since, week_of


def contact_points(snapshot: Snapshot) -> dict[str, Any]:
    """`/api/v1/contact-points`. `waits` is null while a source of the contact point is blind: unknown is not zero;
    `unknown_because` says why, `unknown_since` up to when it was known. `agents` is null where no source tells."""
    points = [_point(state, snapshot) for state in snapshot.points.values()]
    return {"at": json_moment(snapshot.at), "store": store_state(snapshot), "contact_points": points}


def sources(snapshot: Snapshot) -> dict[str, Any]:
    """`/api/v1/sources`. What is not known is null. Only while `reading` is `up` is it known who waits at its contact points."""
    states = [_source(state, snapshot.at) for state in snapshot.sources.values()]
    return {"at": json_moment(snapshot.at), "store": store_state(snapshot), "sources": states}


def store_state(snapshot: Snapshot) -> dict[str, Any]:
    """Whether the store takes writes; while it takes none, nothing that came since is in any figure, and nothing is lost."""
    trouble = snapshot.store_trouble
    return {
        "up": trouble is None,
        "trouble": None if trouble is None else trouble.words,
        "to_do": None if trouble is None else trouble.to_do,
        "since": None if trouble is None else json_moment(trouble.since),
    }


def _point(state: PointState, snapshot: Snapshot) -> dict[str, Any]:
    """One contact point with its waits now and its signals of the running week."""
    info, week = state.info, week_of(state, snapshot)
    return {
        "contact_point": info.name,
        "channel": info.channel,
        "title": info.title,
        "team": info.team,
        "timezone": info.timezone,
        "sources": list(info.sources),
        "open": state.open,
        "unknown_because": blind_because(state, snapshot),
        "unknown_since": json_moment(unknown_since(state, snapshot)),
        "waits": None if state.running is None else _waits(state.running),
        "agents": None if state.agents is None else dict(state.agents),
        "signals": [
            {
                "signal": signal,
                "objective": objective,
                "limit_seconds": info.limit_seconds.get(signal),
                "limit_opening_days": info.limit_opening_days.get(signal),
                "week_assessed": None if counts is None else counts[0],
                "week_signals": None if counts is None else counts[1],
            }
            for signal, objective in info.objectives.items()
            for counts in (week.get(signal, (0, 0)),)
        ],
    }


def _waits(running: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "wait": wait,
            "waiting": now.waiting,
            "overdue": now.overdue,
            "due_soon": now.due_soon,
            "oldest_since": json_moment(now.oldest_since),
            "oldest_business_seconds": now.oldest_business_seconds,
            "next_due": json_moment(now.next_due),
        }
        for wait, now in running.items()
    ]


def _source(state: SourceState, at: datetime) -> dict[str, Any]:
    return {
        "source": state.name,
        "kind": state.kind,
        "reading": state.reading(at),
        "up": state.up,
        "since": json_moment(state.since),
        "trouble": state.trouble,
        "live": state.live,
        "poll_interval_seconds": state.poll_interval_seconds,
        "poll_duration_seconds": state.poll_duration_seconds,
        "last_success": json_moment(state.last_success),
        "watermark": json_moment(state.watermark),
        "last_outbound": json_moment(state.last_outbound),
        "clock_offset_seconds": state.clock_offset_seconds,
    }


def json_moment(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, with `Z`."""
    return None if moment is None else iso(moment.astimezone(UTC))
