"""What the API answers, for instance: a Monday morning at 09:30 in London. Each is held against its schema by a test."""

from typing import Any, Final

CONTACT: Final = "0123456789abcdef"
_AT: Final = "2026-11-02T09:30:00Z"
_OF_NOW: Final[dict[str, Any]] = {"at": _AT, "store": {"up": True, "trouble": None, "to_do": None, "since": None}}
_CALL: Final[dict[str, Any]] = {"contact": CONTACT, "contact_point": "support-line", "channel": "phone"}

_QUEUED: Final[dict[str, Any]] = {
    **_CALL, "wait": "queue", "since": "2026-11-02T09:28:25Z", "due_at": "2026-11-02T09:28:45Z",
    "overdue": True, "due_soon": False, "business_seconds": None,
}  # fmt: skip
_TICKET: Final[dict[str, Any]] = {
    "contact": "89abcdef01234567", "contact_point": "service-desk", "channel": "ticket", "wait": "reply",
    "since": "2026-10-30T13:55:00Z", "due_at": "2026-11-02T09:55:00Z", "overdue": False, "due_soon": True,
    "business_seconds": 12_900.0,
}  # fmt: skip
_BLIND: Final[dict[str, Any]] = {
    "contact_point": "info-mail", "channel": "email", "since": "2026-11-02T09:08:00Z",
    "because": "source mail has been down for 21 min 50 s: login refused: check password_file",
}  # fmt: skip
WAITING: Final = {**_OF_NOW, "total": 2, "waiting": [_TICKET, _QUEUED], "unknown": [_BLIND]}
NEXT_LIMITS: Final = {**_OF_NOW, "within_seconds": 3600, "total": 1, "waiting": [_TICKET], "unknown": [_BLIND]}

CONTACT_POINTS: Final = {
    **_OF_NOW,
    "contact_points": [
        {
            "contact_point": "support-line", "channel": "phone", "title": "Support line", "team": "Customer service",
            "timezone": "Europe/London", "sources": ["pbx"], "open": True, "unknown_because": None, "unknown_since": None,
            "waits": [
                {
                    "wait": "queue", "waiting": 4, "overdue": 2, "due_soon": None, "oldest_since": "2026-11-02T09:28:25Z",
                    "oldest_business_seconds": 95.0, "next_due": "2026-11-02T09:30:08Z",
                }
            ],
            "agents": {"ready": 0, "busy": 3, "paused": 1, "away": 0},
            "signals": [
                {
                    "signal": "long_wait", "objective": 0.8, "limit_seconds": 20.0, "limit_opening_days": None,
                    "week_assessed": 61, "week_signals": 14,
                }
            ],
        }
    ],
}  # fmt: skip

SIGNALS: Final = [
    {
        **_CALL, "native_id": "1762075670.15", "signal": "long_wait", "at": "2026-11-02T09:28:25Z", "waited_seconds": 95.5,
        "limit_seconds": 20.0, "limit_opening_days": None, "related": None,
    }
]  # fmt: skip

CONTACT_ANSWER: Final = {
    **_CALL, "native_id": "1762075670.15", "source": "pbx",
    "events": [
        {"kind": "queued", "at": "2026-11-02T09:27:00Z"},
        {"kind": "left", "at": "2026-11-02T09:28:35.500000Z", "reason": "caller"},
    ],
    "waits": [
        {
            "wait": "queue", "since": "2026-11-02T09:27:00Z", "until": "2026-11-02T09:28:35.500000Z", "waited_seconds": 95.5,
            "limit_seconds": 20.0, "limit_opening_days": None, "due_at": "2026-11-02T09:27:20Z", "outcome": "breached",
        }
    ],
    "marks": [{"mark": "abandoned", "at": "2026-11-02T09:28:35.500000Z", "reason": "caller"}],
    "signals": [{"signal": "long_wait", "at": "2026-11-02T09:27:20Z", "related": None}],
    "others": [],
}  # fmt: skip

WEEKS: Final = {
    "weeks": [
        {
            "week": "2026-W46", "starts": "2026-11-09T00:00:00Z", "ends": "2026-11-16T00:00:00Z", "complete": True, "gap": False,
            "judged": 2272, "breached": 528, "objectives_met": 14, "objectives_judged": 17,
        }
    ]
}  # fmt: skip

SETTLED: Final = {"contact": CONTACT, "settled": ["callback"], "reason": "answered by phone", "by": "Anna"}

SOURCES: Final = {
    **_OF_NOW,
    "sources": [
        {
            "source": "mail", "kind": "imap", "reading": "down", "up": False, "since": "2026-11-02T09:08:10Z",
            "trouble": "login refused: check password_file", "live": False, "poll_interval_seconds": 15.0,
            "poll_duration_seconds": None, "last_success": "2026-11-02T09:08:00Z", "watermark": "2026-11-02T09:08:00Z",
            "last_outbound": None, "clock_offset_seconds": None,
        }
    ],
}  # fmt: skip

PUSHED_EVENT: Final = {
    "id": "v1-1", "contact": "v1", "contact_point": "front-counter", "channel": "counter", "kind": "queued",
    "at": "2026-11-02T09:00:00Z",
}  # fmt: skip
PUSHED_LINE: Final = (
    '{"id": "v1-1", "contact": "v1", "contact_point": "front-counter", "channel": "counter", "kind": "queued", '
    '"at": "2026-11-02T09:00:00Z"}\n'
)
PUSHED: Final = {"accepted": 1, "repeated": 0, "rejected": 0, "errors": []}
