"""The demo's phone system: makes channels and bridges and emits their events as Asterisk 22 does.

Names, fields and their order are those of our recordings of a real server (tests/demo/recordings).
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from monitor.clock import Clock
from monitor.demo.ami_session import wire
from monitor.demo.channels import Bridge, Channel, Fields, Member, Queue

#: Receives an event's class (`call`, `agent`, `cdr`) and its bytes.
Listener = Callable[[str, bytes], None]

_STEP: Final = timedelta(microseconds=30)  # two events of one server never bear the same moment
_CAUSES: Final = {0: "Unknown", 1: "Unallocated (unassigned) number", 16: "Normal Clearing", 17: "User busy"}


class Pbx:
    """Channels, queues, and the listeners to their events. Finished calls leave nothing behind."""

    def __init__(self, clock: Clock, rng: random.Random, queues: Iterable[Queue]) -> None:
        self.clock = clock
        self.started = clock.now()
        self.queues = {queue.exten: queue for queue in queues}
        self.channels: dict[str, Channel] = {}
        self.listeners: set[Listener] = set()
        self._rng = rng
        self._serial = count()
        self._last = self.started
        self._tasks: set[asyncio.Task[None]] = set()
        self._fault: BaseException | None = None

    def channel(
        self, peer: str, number: str, name: str, *, context: str, exten: str, state: int, linked: Channel | None = None,
        begun: datetime | None = None,
    ) -> Channel:  # fmt: skip
        """A new leg, announced. `peer` is its endpoint (`trunk`, `1001`); `linked` the caller of the same call."""
        serial, begun = next(self._serial), begun or self.clock.now()
        uniqueid = f"{int(begun.timestamp())}.{serial}"
        made = Channel(
            f"PJSIP/{peer}-{serial:08x}",
            uniqueid,
            linked.linkedid if linked else uniqueid,
            number,
            name,
            context,
            exten,
            begun,
            state,
        )
        self.channels[uniqueid] = made
        self.emit("Newchannel", made.fields())
        return made

    def state(self, channel: Channel, state: int) -> None:
        """The leg rings, or is up."""
        channel.state = state
        self.emit("Newstate", channel.fields())

    def hangup(self, channel: Channel, cause: int = 16) -> None:
        """The leg is gone."""
        del self.channels[channel.uniqueid]
        self.emit("Hangup", [*channel.fields(), ("Cause", str(cause)), ("Cause-txt", _CAUSES[cause])])

    def hang_up_softly(self, channel: Channel, cause: int = 16) -> None:
        """A hang-up of the leg is requested."""
        self.emit("SoftHangupRequest", [*channel.fields(), ("Cause", str(cause))])

    def bridge(self, *channels: Channel) -> Bridge:
        """The legs talk."""
        made = Bridge(random_uuid(self._rng))
        self.emit("BridgeCreate", made.fields())
        for channel in channels:
            self.enter(made, channel)
        made.technology = "native_rtp"
        return made

    def enter(self, bridge: Bridge, channel: Channel, extra: Fields | None = None) -> None:
        """One more leg talks."""
        bridge.members.append(channel)
        channel.bridge = bridge
        self.emit("BridgeEnter", [*bridge.fields(), *channel.fields(), *(extra or [])])

    def unbridge(self, bridge: Bridge, *channels: Channel) -> None:
        """The legs leave in this order; an empty bridge is destroyed."""
        for channel in channels:
            bridge.members.remove(channel)
            channel.bridge = None
            self.emit("BridgeLeave", [*bridge.fields(), *channel.fields()])
        if not bridge.members:
            self.emit("BridgeDestroy", bridge.fields())

    def cdr(
        self, caller: Channel, dest: Channel | None, start: datetime, answer: datetime | None, *,
        exten: str | None = None, context: str | None = None, application: tuple[str, str] | None = None,
        disposition: str | None = None, end: datetime | None = None,
    ) -> None:  # fmt: skip
        """A call detail record, from `start` until `end` (now); times are the server's, whole seconds."""
        end = end or self.clock.now()
        name, data = application or (caller.application, caller.data)
        self.emit(
            "Cdr",
            [
                ("AccountCode", ""),
                ("Source", caller.number),
                ("Destination", caller.exten if exten is None else exten),
                ("DestinationContext", context or caller.context),
                ("CallerID", f'"{caller.caller_name}" <{caller.number}>'),
                ("Channel", caller.name),
                ("DestinationChannel", dest.name if dest else ""),
                ("LastApplication", name),
                ("LastData", data),
                ("StartTime", _text(start)),
                ("AnswerTime", _text(answer) if answer else ""),
                ("EndTime", _text(end)),
                ("Duration", str(int((end - start).total_seconds()))),
                ("BillableSeconds", str(int((end - answer).total_seconds()) if answer else 0)),
                ("Disposition", disposition or ("ANSWERED" if answer else "NO ANSWER")),
                ("AMAFlags", "DOCUMENTATION"),
                ("UniqueID", caller.uniqueid),
                ("UserField", ""),
            ],
            privilege="cdr",
        )

    def emit(self, event: str, fields: Fields, *, privilege: str = "call") -> None:
        """Send one event to all listeners, with a Timestamp that never stands still."""
        if not self.listeners:
            return
        self._last = max(self.clock.now(), self._last + _STEP)
        message = wire(
            [("Event", event), ("Privilege", f"{privilege},all"), ("Timestamp", f"{self._last.timestamp():.6f}"), *fields]
        )
        for listener in tuple(self.listeners):
            listener(privilege, message)

    def set_staffing(self, queue: Queue, count: int) -> None:
        """The first `count` members of a queue are on duty, the others paused."""
        for member in queue.set_staffing(count):
            self.tell_of_member("QueueMemberPause", queue, member)

    def tell_of_member(self, event: str, queue: Queue, member: Member) -> None:
        """An event with a member's whole state, as app_queue sends it."""
        fields = [
            ("Queue", queue.name), ("MemberName", member.name), ("Interface", member.interface),
            ("StateInterface", member.interface), ("Membership", "static"), ("Penalty", "0"), ("CallsTaken", str(member.taken)),
            ("LastCall", str(member.last_call)), ("LastPause", "0"), ("LoginTime", str(int(self.started.timestamp()))),
            ("InCall", "1" if member.busy and not member.ringing else "0"), ("Status", member.status),
            ("Paused", "0" if member.on_duty else "1"), ("PausedReason", "" if member.on_duty else "Off duty"),
            ("Ringinuse", "0"), ("Wrapuptime", "0"),
        ]  # fmt: skip
        self.emit(event, fields, privilege="agent")

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something in the background until it is done or the phone system closes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._fault = self._fault or task.exception()

    def raise_fault(self) -> None:
        """Raises what went wrong in the background: a bug of the demo."""
        if self._fault is not None:
            raise self._fault

    @property
    def running(self) -> int:
        """How many calls and wrap-ups run."""
        return len(self._tasks)

    async def close(self) -> None:
        """End all calls without events."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.channels.clear()


def random_uuid(rng: random.Random) -> str:
    """A version 4 UUID that a seed determines."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
