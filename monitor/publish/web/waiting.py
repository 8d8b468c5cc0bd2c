"""Who waits now, and what falls due next, as JSON for programs. Unknown is told apart: it is not nobody."""

import heapq
from collections.abc import Iterable
from typing import Any

from monitor.domain.snapshot import NEXT_LIMITS_WITHIN, PointState, Snapshot, Waiting, WhoWaits
from monitor.publish.web.api import json_moment, store_state
from monitor.publish.web.overview import blind_because, unknown_since


def waiting_now(snapshot: Snapshot, states: Iterable[PointState], found: Iterable[WhoWaits], limit: int) -> dict[str, Any]:
    """`/api/v1/waiting`: the first `limit` of those who wait at these contact points, the longest first.

    `found`: by contact point and wait who waits there, `limit` of each at least.
    """
    found = list(found)
    everybody = (each for who in found for each in who.first)
    longest = heapq.nsmallest(limit, everybody, key=lambda each: (each.since, each.contact, each.wait))
    return {
        "at": json_moment(snapshot.at),
        "store": store_state(snapshot),
        "total": sum(who.total for who in found),
        "waiting": list(map(_waiting, longest)),
        "unknown": _unknown(snapshot, states),
    }


def next_limits(snapshot: Snapshot, found: WhoWaits) -> dict[str, Any]:
    """`/api/v1/next-limits`."""
    return {
        "at": json_moment(snapshot.at),
        "store": store_state(snapshot),
        "within_seconds": int(NEXT_LIMITS_WITHIN.total_seconds()),
        "total": found.total,
        "waiting": list(map(_waiting, found.first)),
        "unknown": _unknown(snapshot, snapshot.points.values()),
    }


def _waiting(each: Waiting) -> dict[str, Any]:
    return {
        "contact": each.contact,
        "contact_point": each.contact_point,
        "channel": each.channel,
        "wait": each.wait,
        "since": json_moment(each.since),
        "due_at": json_moment(each.due_at),
        "overdue": each.overdue,
        "due_soon": each.due_soon,
        "business_seconds": each.business_seconds,
    }


def _unknown(snapshot: Snapshot, states: Iterable[PointState]) -> list[dict[str, Any]]:
    return [
        {
            "contact_point": state.info.name,
            "channel": state.info.channel,
            "because": blind_because(state, snapshot),
            "since": json_moment(unknown_since(state, snapshot)),
        }
        for state in states
        if state.running is None
    ]
