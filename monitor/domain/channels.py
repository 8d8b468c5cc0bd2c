"""What each channel knows: the signals, waits and outcomes that are possible at a contact point (contract sections 4, 5)."""

from collections.abc import Mapping
from typing import Final

from monitor.domain.contact import Outcome, WaitKind
from monitor.domain.event import CHANNELS, Channel

_LIVE: Final[tuple[Channel, ...]] = ("phone", "chat", "counter")
_WRITTEN: Final[tuple[Channel, ...]] = ("email", "ticket", "chat")

#: Signal -> the channels it can happen on, in the order of contract section 4.
SIGNALS: Final[Mapping[str, tuple[Channel, ...]]] = {
    "slow_answer": ("phone",),
    "long_wait": _LIVE,
    "long_hold": ("phone",),
    "turned_away": ("phone",),
    "abandoned": _LIVE,
    "missed_callback": ("phone",),
    "handed_on": ("phone",),
    "late_reply": _WRITTEN,
    "late_follow_up": _WRITTEN,
    "slipped_promise": ("email", "ticket", "chat", "phone"),
    "late_resolution": ("ticket",),
    "reopened": ("ticket", "email"),
    "passed_around": ("ticket",),
    "escalated": ("ticket",),
    "low_rating": CHANNELS,
    "refusal": _WRITTEN,
    "canned_reply": _WRITTEN,
    "asked_again": _WRITTEN,
    "repeat_contact": CHANNELS,
    "lost_context": CHANNELS,
    "complaint_overdue": ("ticket", "email"),
}

#: Channel -> its signals, in the order of contract section 4.
SIGNALS_OF: Final[Mapping[Channel, tuple[str, ...]]] = {
    channel: tuple(signal for signal, channels in SIGNALS.items() if channel in channels) for channel in CHANNELS
}

#: Channel -> the waits a customer can go through there.
WAITS_OF: Final[Mapping[Channel, tuple[WaitKind, ...]]] = {
    "phone": ("ring", "queue", "hold", "callback", "promise"),
    "email": ("reply", "follow_up", "promise", "complaint"),
    "ticket": ("reply", "follow_up", "promise", "resolution", "complaint"),
    "chat": ("queue", "reply", "follow_up", "promise"),
    "counter": ("queue",),
}

#: What somebody who could answer is doing, best first.
AGENT_STATES: Final = ("ready", "busy", "paused", "away")
#: Channels at which somebody is there to answer, or is not.
STAFFED: Final = _LIVE

_LIVE_OUTCOMES: Final[tuple[Outcome, ...]] = ("answered", "abandoned", "short_abandoned", "flowed_out", "callback")

#: Channel -> how a contact can be decided there.
OUTCOMES_OF: Final[Mapping[Channel, tuple[Outcome, ...]]] = {
    "phone": _LIVE_OUTCOMES,
    "email": ("replied", "resolved", "bot", "auto_closed"),
    "ticket": ("replied", "resolved", "bot", "auto_closed"),
    "chat": (*_LIVE_OUTCOMES, "replied", "bot"),
    "counter": _LIVE_OUTCOMES,
}
