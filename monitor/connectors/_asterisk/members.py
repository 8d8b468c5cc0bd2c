"""Who could answer: the members of each queue, counted by state. Pure; interfaces are kept in memory only, names never."""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from monitor.connectors._asterisk.ami import Message
from monitor.connectors._asterisk.calls import QUEUE
from monitor.domain.channels import AGENT_STATES

#: Events of a member, class agent; each carries the member's whole state (app_queue.c, queue_member_blob_create).
#: QueueMemberPenalty is none of them: a penalty is no state.
MEMBER_EVENTS: Final = frozenset((
    "QueueMemberStatus", "QueueMemberPause", "QueueMemberAdded", "QueueMemberRemoved", "QueueMemberRinginuse",
))  # fmt: skip
#: What is read of each: it comes in bursts with every call.
MEMBER_PARTS: Final = dict.fromkeys(MEMBER_EVENTS, ("Timestamp", "Queue", "Interface", "Status", "Paused", "InCall"))
#: Parts of an answer to QueueStatus that are taken in.
MEMBER_LIST: Final = frozenset(("QueueParams", "QueueMember", "QueueStatusComplete"))

#: Device states of Asterisk: in use, busy, ringing, ringing and in use, on hold.
_BUSY: Final = frozenset("23678")
_FREE: Final = "1"


class _Member(NamedTuple):
    state: str | None  # None: it was removed
    stamp: str  # time stamp of the event that told, as it came; empty where it carried none
    status: str


class Members:
    """The members of all queues of one Asterisk."""

    def __init__(self) -> None:
        self._queues: dict[str, dict[str, _Member]] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._listed: dict[str, dict[str, _Member]] | None = None  # a list that is coming in
        self._told: dict[str, dict[str, int]] | None = None
        self._sees_events = False
        self.dirty = False  # something came since the last look
        self.incomplete = False  # of a queue that no list held yet: ask for a list
        self._hidden = False  # states changed and no event told: the account does not read class agent

    def take(self, parts: Iterable[Message]) -> None:
        """A whole answer to QueueStatus."""
        for name, fields in parts:
            self.apply(name, fields)

    def apply(self, name: str, fields: dict[str, str]) -> None:
        """One event of a member, or one part of an answer to QueueStatus, in the order in which they came."""
        if name in MEMBER_EVENTS:
            self._changed(fields, removed=name == "QueueMemberRemoved")
        elif name == "QueueStatusComplete":
            self._complete()
        elif name in MEMBER_LIST:
            if self._listed is None:
                self._listed = {}
            members = self._listed.setdefault(fields.get("Queue", ""), {})
            if name == "QueueMember":
                members[_interface(fields)] = _Member(_state(fields), "", fields.get("Status", ""))

    def drain(self) -> dict[str, dict[str, int]] | None:
        """Place -> state -> how many, if that is news; empty while nothing can be told."""
        if not self.dirty:
            return None
        self.dirty = False
        now = {} if self._hidden else {
            QUEUE + queue: {state: counts[state] for state in AGENT_STATES} for queue, counts in self._counts.items()
        }  # fmt: skip
        if now == self._told or (not now and self._told is None):
            return None
        self._told = now
        return now

    def _changed(self, fields: dict[str, str], *, removed: bool) -> None:
        self._sees_events, self._hidden, self.dirty = True, False, True
        queue, interface = fields.get("Queue", ""), _interface(fields)
        if not queue or not interface:
            return
        members, counts = self._queues.get(queue), self._counts.get(queue)
        if members is None or counts is None:  # a queue that came into being (realtime, reload): its others are unknown
            self.incomplete = True
            return
        stamp, before = fields.get("Timestamp", ""), members.get(interface)
        if before is not None:
            if stamp < before.stamp and len(stamp) == len(before.stamp):
                return  # Asterisk promises no order; stamps of one length compare as numbers do
            if before.state is not None:
                counts[before.state] -= 1
        state = None if removed else _state(fields)
        members[interface] = _Member(state, stamp, fields.get("Status", ""))
        if state is not None:
            counts[state] += 1

    def _complete(self) -> None:
        """The list takes the place of what was known: realtime members and `queue reload` come and go without an event."""
        listed, self._listed = self._listed or {}, None
        self.dirty, self.incomplete = True, False
        if not self._sees_events and any(
            (before := self._queues.get(queue, {}).get(interface)) is not None and before.status != member.status
            for queue, members in listed.items()
            for interface, member in members.items()
        ):  # fmt: skip
            self._hidden = True
        self._queues = listed
        self._counts = {
            queue: Counter(member.state for member in members.values() if member.state is not None)
            for queue, members in listed.items()
        }


def _interface(fields: dict[str, str]) -> str:
    """What makes a member one: Asterisk compares interfaces without regard to case. Lists call it Location."""
    return (fields.get("Interface") or fields.get("Location", "")).casefold()


def _state(fields: dict[str, str]) -> str:
    """Paused before everything. Wrap-up is not seen, hence ready: AMI tells a queue's wrap-up time nowhere."""
    if fields.get("Paused", "0") not in ("0", ""):
        return "paused"
    status = fields.get("Status", "")
    if status in _BUSY or fields.get("InCall", "0") not in ("0", ""):
        return "busy"
    return "ready" if status == _FREE else "away"
