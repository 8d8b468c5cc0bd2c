"""What the account lets us see: a read class may be missing, an event filter may hide what we need. Pure.

Nothing in AMI tells which classes an account reads (manager.c: the login answers without them), so it is proven by what
comes with the first calls, and taken back when it comes after all.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from monitor.connector import Untold
from monitor.connectors._asterisk.ami import Message
from monitor.connectors._asterisk.members import MEMBER_LIST

#: Events of one act lie closer together; what has not come by then does not come.
_LATER: Final = 2_000_000
#: Events of class agent that end a visit to a queue. Each implies events of class call: a Hangup, or a phone that was dialled.
_ENDINGS: Final = frozenset(("QueueCallerLeave", "QueueCallerAbandon", "AgentConnect"))

CALL: Final = "call"
AGENT: Final = "agent"
HANGUP_REQUEST: Final = "HangupRequest"
DIAL_STATE: Final = "DialState"

#: What is missing -> what that means and what to do, and the waits, signals and outcomes nobody can tell without it.
_MEANING: Final[Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]]] = {
    CALL: (
        "class call is missing: no event of it came with a whole call, so rings, holds, transfers and call backs are not "
        "told; add call to read in manager.conf, or let its eventfilter pass these events",
        ("ring", "hold", "callback"), ("slow_answer", "long_hold", "missed_callback", "handed_on"), ("callback",),
    ),
    AGENT: (
        "class agent is missing: queues were busy and no event of it came, so no caller in a queue is told; "
        "add agent to read in manager.conf, or let its eventfilter pass these events",
        ("queue",), ("long_wait",), (),
    ),
    HANGUP_REQUEST: (
        "HangupRequest is missing: none came with a whole call, so who gave up is told by the hang-up's cause alone; "
        "let eventfilter in manager.conf pass it",
        (), (), (),
    ),
    DIAL_STATE: (
        "DialState is missing: none came though a phone was answered, so when it began to ring is not told; "
        "let eventfilter in manager.conf pass it",
        ("ring",), ("slow_answer",), (),
    ),
}  # fmt: skip
#: Without class call, and without queue_log, a caller who gave up looks like one who was sent on.
_UNDECIDED: Final = (("abandoned",), ("abandoned", "short_abandoned", "flowed_out"))


#: Of class user, system or dialplan, or parts of an answer that needs no class.
_SILENT: Final = MEMBER_LIST | {"UserEvent", "Shutdown", "Newexten", "VarSet"}


def class_of(name: str) -> str | None:
    """The read class of an event we want, by its name: `Privilege` may be filtered out, names are always there."""
    if name in _SILENT:
        return None
    return AGENT if name.startswith(("Queue", "Agent")) else CALL


class Sight:
    """Which kinds of events come do not though they should. Moments in microseconds."""

    def __init__(self, *, has_log: bool) -> None:
        """`has_log`: queue_log says who gave up."""
        self._has_log = has_log
        self._missing: set[str] = set()
        self._changed = False
        self.renew()

    def renew(self) -> None:
        """A new connection: the account may have been mended meanwhile, which what comes now will show."""
        self._classes: set[str] = set()
        self._joined: set[str] = set()  # callers whose visit we saw begin
        self._dialled: set[str] = set()  # phones whose ringing we saw begin
        self._talking: set[str] = set()  # callers whose answer we saw
        self._requests = self._states = self._complete = False
        self._due: dict[str, int] = {}  # what is missing if it has not come by then

    def sees(self, name: str) -> bool:
        """Whether an event of this class came."""
        return name in self._classes

    def feed(self, messages: Iterable[tuple[Message, int]]) -> None:
        """Takes what came, with the moments of arrival."""
        if self._complete:
            return
        for (name, fields), at in messages:
            kind = class_of(name)
            if kind is not None and kind not in self._classes:
                self._classes.add(kind)
                self._came(kind)
            if kind == AGENT:
                self._agent(name, fields, at)
            else:
                self._call(name, fields, at)
        self._complete = len(self._classes) == 2 and self._requests and self._states

    def _agent(self, name: str, fields: dict[str, str], at: int) -> None:
        uid = fields.get("Uniqueid", "")
        if name == "QueueCallerJoin":
            self._joined.add(uid)
        elif name in _ENDINGS and uid in self._joined:
            self._joined.discard(uid)
            if CALL not in self._classes:
                self._due.setdefault(CALL, at + _LATER)
        if name == "AgentConnect" and not self._requests:
            self._talking.add(uid)

    def _call(self, name: str, fields: dict[str, str], at: int) -> None:
        if name in ("HangupRequest", "SoftHangupRequest") and not self._requests:
            self._requests = True
            self._talking.clear()
            self._came(HANGUP_REQUEST)
        elif name in ("BlindTransfer", "AttendedTransfer"):
            self._talking.clear()  # its channels end without anybody asking for it
        elif name == "DialState" and not self._states:
            self._states = True
            self._dialled.clear()
            self._came(DIAL_STATE)
        elif name == "Hangup" and fields.get("Uniqueid", "") in self._talking:
            self._talking.discard(fields.get("Uniqueid", ""))
            self._due.setdefault(HANGUP_REQUEST, at + _LATER)
        elif not self._states and name == "DialBegin":
            self._dialled.add(fields.get("DestUniqueid", ""))
        elif name == "DialEnd":
            dest = fields.get("DestUniqueid", "")
            if fields.get("DialStatus") == "ANSWER":
                if dest in self._dialled:
                    self._due.setdefault(DIAL_STATE, at + _LATER)
                if not self._requests and "Uniqueid" in fields:
                    self._talking.add(fields["Uniqueid"])
            self._dialled.discard(dest)

    def queues_were_busy(self) -> None:
        """QueueStatus shows callers of whom no event told."""
        if AGENT not in self._classes:
            self._lacks(AGENT)

    def tick(self, now: int) -> None:
        """What has not come until `now`, when Asterisk was certainly still heard, does not come."""
        for what in [what for what, due in self._due.items() if due <= now]:
            del self._due[what]
            self._lacks(what)

    def undecided(self, now: int, proven: int) -> bool:
        """Whether something would be found missing if Asterisk were known to be heard still."""
        due = self.next_due
        return due is not None and proven < due <= now

    @property
    def next_due(self) -> int | None:
        """When something is found missing unless it comes before."""
        return min(self._due.values(), default=None)

    def _lacks(self, what: str) -> None:
        if what not in self._missing:
            self._missing.add(what)
            self._changed = True

    def _came(self, what: str) -> None:
        self._due.pop(what, None)
        if what in self._missing:
            self._missing.discard(what)
            self._changed = True

    def drain(self) -> Untold | None:
        """What cannot be told, if that has changed since the last time."""
        if not self._changed:
            return None
        self._changed = False
        why, waits, signals, outcomes = [], set[str](), set[str](), set[str]()
        for what in (what for what in _MEANING if what in self._missing):
            said, *sets = _MEANING[what]
            why.append(said)
            for known, more in zip((waits, signals, outcomes), sets, strict=True):
                known.update(more)
        if CALL in self._missing and not self._has_log:
            signals.update(_UNDECIDED[0])
            outcomes.update(_UNDECIDED[1])
        return Untold(tuple(why), frozenset(waits), frozenset(signals), frozenset(outcomes))


def callers_by_queue(parts: Iterable[Message]) -> dict[str, int]:
    """How many callers each queue has had so far, by an answer to QueueStatus."""
    keys = ("Calls", "Completed", "Abandoned")
    return {
        fields.get("Queue", ""): sum(int(text) for key in keys if (text := fields.get(key, "")).isascii() and text.isdigit())
        for name, fields in parts
        if name == "QueueParams"
    }
