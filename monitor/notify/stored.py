"""The state as one JSON text, for the store. What a later or an earlier release wrote is taken as far as it is understood."""

from datetime import datetime
from typing import Final

import msgspec

from monitor.notify.values import FACTS, Alert, AlertId, Budget, GroupState, State


class _Kept(msgspec.Struct):
    alerts: list[tuple[AlertId, Alert]] = []
    groups: list[tuple[tuple[str, str], GroupState]] = []
    budgets: dict[str, Budget] = {}
    missed: dict[str, int] = {}
    counted: list[tuple[AlertId, float]] = []


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(_Kept)


def packed(state: State) -> str:
    """The state as a text that `unpacked` reads."""
    kept = _Kept(
        list(state.alerts.items()),
        list(state.groups.items()),
        dict(state.budgets),
        dict(state.missed),
        list(state.counted.items()),
    )
    return _ENCODER.encode(kept).decode()


def unpacked(text: str | None) -> State:
    """What was packed; an empty state where nothing was, or where it cannot be read."""
    if text is None:
        return State()
    try:
        kept = _DECODER.decode(text)
    except msgspec.MsgspecError:
        return State()
    return State(
        {of: alert for of, alert in kept.alerts if of.name in FACTS},
        dict(kept.groups),
        kept.budgets,
        kept.missed,
        dict(kept.counted),
    )


def milestones(state: State) -> object:
    """What must not be forgotten in a restart: two states that differ in it are written. Words and budgets may wait."""
    alerts = {
        of: (alert.pending_since, alert.firing_since, alert.ended_at, alert.told, alert.tried)
        for of, alert in state.alerts.items()
    }
    last: dict[tuple[str, str], datetime | None] = {key: group.last for key, group in state.groups.items()}
    return alerts, last, state.missed, state.counted
