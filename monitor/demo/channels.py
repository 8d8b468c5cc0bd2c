"""What lives inside the demo's phone system: channels, bridges, queues and their members, as values."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

Fields = list[tuple[str, str]]

UNKNOWN: Final = "<unknown>"
DOWN: Final = 0
RING: Final = 4
RINGING: Final = 5
UP: Final = 6
_STATES: Final = {DOWN: "Down", RING: "Ring", RINGING: "Ringing", UP: "Up"}


@dataclass(slots=True)
class Bridge:
    """Where two channels talk."""

    uniqueid: str
    technology: str = "simple_bridge"
    members: list["Channel"] = field(default_factory=list)

    def fields(self, prefix: str = "") -> Fields:
        """The seven fields of a bridge, in Asterisk's order."""
        return [
            (prefix + "BridgeUniqueid", self.uniqueid),
            (prefix + "BridgeType", "basic"),
            (prefix + "BridgeTechnology", self.technology),
            (prefix + "BridgeCreator", UNKNOWN),
            (prefix + "BridgeName", UNKNOWN),
            (prefix + "BridgeNumChannels", str(len(self.members))),
            (prefix + "BridgeVideoSourceMode", "none"),
        ]


@dataclass(slots=True, eq=False)
class Channel:
    """One leg of a call. The caller's Uniqueid is the Linkedid of every leg of the call."""

    name: str
    uniqueid: str
    linkedid: str
    number: str
    caller_name: str
    context: str
    exten: str
    begun: datetime
    state: int = DOWN
    priority: int = 1
    peer_number: str = UNKNOWN
    peer_name: str = UNKNOWN
    application: str = ""
    data: str = ""
    bridge: Bridge | None = None

    def fields(self, prefix: str = "") -> Fields:
        """The thirteen fields of a channel, in Asterisk's order."""
        return [
            (prefix + "Channel", self.name),
            (prefix + "ChannelState", str(self.state)),
            (prefix + "ChannelStateDesc", _STATES[self.state]),
            (prefix + "CallerIDNum", self.number),
            (prefix + "CallerIDName", self.caller_name),
            (prefix + "ConnectedLineNum", self.peer_number),
            (prefix + "ConnectedLineName", self.peer_name),
            (prefix + "Language", "en"),
            (prefix + "AccountCode", ""),
            (prefix + "Context", self.context),
            (prefix + "Exten", self.exten),
            (prefix + "Priority", str(self.priority)),
            (prefix + "Uniqueid", self.uniqueid),
            (prefix + "Linkedid", self.linkedid),
        ]

    def set_connected_line(self, other: "Channel") -> None:
        """Number and name of the other end become this one's connected line."""
        self.peer_number, self.peer_name = other.number, other.caller_name


@dataclass(slots=True, eq=False)
class Member:
    """An agent's phone in a queue."""

    number: str
    name: str
    on_duty: bool = True
    busy: bool = False
    ringing: bool = False
    taken: int = 0
    last_call: int = 0  # epoch seconds
    turn: int = 0  # when it was last rung; the lowest is next

    @property
    def interface(self) -> str:
        return f"PJSIP/{self.number}"

    @property
    def status(self) -> str:
        """The device state as app_queue writes it."""
        return "6" if self.ringing else "2" if self.busy else "1"


@dataclass(slots=True, eq=False)
class Entry:
    """A caller who waits in a queue."""

    channel: Channel
    since: datetime
    original_position: int
    offered: asyncio.Future[Member]


class Queue:
    """Waiting callers and the members who answer them, the one who was rung longest ago first."""

    def __init__(self, name: str, exten: str, members: list[Member]) -> None:
        self.name = name
        self.exten = exten
        self.members = members
        self.entries: list[Entry] = []
        self.completed = 0
        self.abandoned = 0
        self._turn = 0

    def join(self, channel: Channel, since: datetime) -> Entry:
        """Append a caller to the queue."""
        entry = Entry(channel, since, len(self.entries) + 1, asyncio.get_running_loop().create_future())
        self.entries.append(entry)
        return entry

    def position(self, entry: Entry) -> int:
        """1 for the head of the queue."""
        return self.entries.index(entry) + 1

    def leave(self, entry: Entry) -> None:
        """Remove a caller from the queue."""
        self.entries.remove(entry)
        entry.offered.cancel()

    def ask_again(self, entry: Entry) -> None:
        """The member who was offered did not pick up: wait for another one, in the old position."""
        entry.offered = asyncio.get_running_loop().create_future()
        self.offer()

    def offer(self) -> None:
        """Assign free members to the callers who wait for one, both in their order."""
        free = sorted((m for m in self.members if m.on_duty and not m.busy), key=lambda m: m.turn)
        asking = [entry for entry in self.entries if not entry.offered.done()]
        for entry, member in zip(asking, free, strict=False):
            member.busy = True
            self._turn += 1
            member.turn = self._turn
            entry.offered.set_result(member)

    def free(self, member: Member) -> None:
        """The member may be rung again."""
        member.busy = member.ringing = False
        self.offer()

    def set_staffing(self, count: int) -> list[Member]:
        """The first `count` members are on duty; a call under way is finished first. Returns those who came or went."""
        changed = [member for index, member in enumerate(self.members) if member.on_duty != (index < count)]
        for member in changed:
            member.on_duty = not member.on_duty
        self.offer()
        return changed
