"""What is to happen in a call, as plain values: made by `call_traffic`, carried out by `calls`. All durations in seconds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Transfer:
    """The agent transfers the caller to another extension: `blind`, or attended, after asking there first (`consult`)."""

    how: Literal["blind", "consult"]
    exten: str
    ring: float = 4.0
    talk: float = 60.0
    consultation: float = 10.0  # how long the agent speaks with the other extension first


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
    transfer: Transfer | None = None
    wrap_up: float = 10.0
    queue_limit: float = 300.0  # how long the queue keeps a caller
    head_start: float = 0.0  # how long the caller has been there when the call is announced
    call_back_after: float | None = None  # somebody calls a caller who was lost


@dataclass(frozen=True, slots=True)
class OutboundPlan:
    """One outbound call: an agent calls a customer."""

    agent: str
    number: str
    ring: float = 8.0
    talk: float = 60.0
    answered: bool = True
