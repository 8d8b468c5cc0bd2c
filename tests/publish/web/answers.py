"""Hand-made rows of `signals` and answers of `explain`, as contract section 2 describes them."""

from collections.abc import Mapping
from typing import Any

from monitor.publish.web.services import Evidence

CONTACT = "0123456789abcdef"


def signal_row(**changed: Any) -> dict[str, Any]:
    """A caller who waited 95 s in the queue on the Monday of the hand-made snapshots, where 20 s are the limit."""
    return {
        "contact": CONTACT,
        "native_id": "1762075670.15",
        "contact_point": "support-line",
        "channel": "phone",
        "signal": "long_wait",
        "at": "2026-11-02T09:28:25Z",
        "waited_seconds": 95.5,
        "limit_seconds": 20.0,
        "limit_opening_days": None,
        "related": None,
        **changed,
    }


def evidence(promise: Mapping[str, Any] | None = None, for_people: Mapping[str, Any] | None = None, **changed: Any) -> Evidence:
    """That caller: 95.5 s in the queue, then gave up; nobody has called back yet. `promise`: what is shown of each wait."""
    contract = {
        "contact": CONTACT,
        "native_id": "1762075670.15",
        "contact_point": "support-line",
        "channel": "phone",
        "source": "pbx",
        "events": [{"kind": "queued", "at": "2026-11-02T09:27:00Z"}, {"kind": "left", "at": "2026-11-02T09:28:35.500000Z"}],
        "waits": [
            wait("queue", "2026-11-02T09:27:00Z", "2026-11-02T09:28:35.500000Z", 95.5, 20.0, "2026-11-02T09:27:20Z", "breached"),
            wait("callback", "2026-11-02T09:28:35.500000Z", None, 83.0, 14400.0, "2026-11-02T13:28:35.500000Z", "open"),
        ],
        "marks": [{"mark": "abandoned", "at": "2026-11-02T09:28:35.500000Z", "reason": "caller"}],
        "signals": [{"signal": "long_wait", "at": "2026-11-02T09:27:20Z", "related": None}],
        "others": [],
        **changed,
    }
    beside = {
        "timezone": "Europe/London",
        "seen_until": "2026-11-02T09:29:58Z",
        "outcomes": [{"outcome": "abandoned", "in_target": False, "at": "2026-11-02T09:28:35.500000Z"}],
        "open": None,
        **(for_people or {}),
    }
    calendars = {"queue": None, "callback": "office"}
    waits = [
        {"calendar": calendars.get(each["wait"]), **measured(each, beside["seen_until"]), **NO_PROMISE, **each, **(promise or {})}
        for each in contract["waits"]
    ]
    contract["waits"] = [{key: each[key] for key in _OF_WAITS} for each in contract["waits"]]
    return Evidence({**contract, **beside, "waits": waits}, contract)


_OF_WAITS = ("wait", "since", "until", "waited_seconds", "limit_seconds", "limit_opening_days", "due_at", "outcome")


def measured(each: Mapping[str, Any], known: str) -> dict[str, Any]:
    """How a wait by the clock was measured, under the policy `phone`."""
    counted = [[each["since"], each["until"] or known]]
    return {"counted": counted, "counted_left_out": 0, "paused": False, "policy": "phone", "rings": None}


#: What is shown of a wait that is none.
NO_PROMISE: dict[str, Any] = {"deed": None, "rule": None, "kept_by": None, "late_seconds": None}


def wait(
    kind: str,
    since: str,
    until: str | None,
    waited: float,
    limit: float | None,
    due: str | None,
    outcome: str,
    opening_days: int | None = None,
) -> dict[str, Any]:
    return {
        "wait": kind,
        "since": since,
        "until": until,
        "waited_seconds": waited,
        "limit_seconds": limit,
        "limit_opening_days": opening_days,
        "due_at": due,
        "outcome": outcome,
    }


def other(contact: str = "fedcba9876543210", **changed: Any) -> dict[str, Any]:
    """A mail of that caller's an hour before, which was answered."""
    return {
        "contact": contact,
        "contact_point": "info-mail",
        "channel": "email",
        "begun": "2026-11-02T08:27:00Z",
        "begun_by_us": False,
        "stands": "replied",
        "waits": [],
        "signals": [],
        "relations": [],
        **changed,
    }
