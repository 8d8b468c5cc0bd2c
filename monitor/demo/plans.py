"""What is to happen in a call, as plain values: written by the story, played by `calls`. All durations in seconds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HandOn:
    """The agent passes the caller to another extension: `blind`, or after asking there first (`consult`)."""

    how: Literal["blind", "consult"]
    exten: str
    ring: float = 4.0
    talk: float = 60.0
    ask: float = 10.0  # how long the agent speaks with the other first


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One inbound call."""

    exten: str  # of a queue, or the number of a phone
    number: str
    name: str
    patience: float = 300.0
    pickups: tuple[float | None, ...] = (6.0,)  # for each phone that rings in turn; None: nobody picks up
    talk: float = 180.0  # after the last hold
    holds: tuple[tuple[float, float], ...] = ()  # (talk before it, its length)
    ended_by: Literal["agent", "caller", "held"] = "agent"  # held: the caller gives up during the last hold
    hand_on: HandOn | None = None
    wrap_up: float = 10.0
    queue_limit: float = 300.0  # how long the queue keeps a caller
    head_start: float = 0.0  # how long the caller has been there before anybody watched
    call_back_after: float | None = None  # somebody calls a caller who was lost


@dataclass(frozen=True, slots=True)
class OutboundPlan:
    """One outbound call: an agent calls a customer."""

    agent: str
    number: str
    ring: float = 8.0
    talk: float = 60.0
    answered: bool = True
