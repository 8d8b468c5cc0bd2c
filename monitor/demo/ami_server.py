"""A loopback server that speaks the Asterisk Manager Interface: answers from a Pbx and sends its events."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from monitor.demo.ami_session import AmiSession, Headers, Message
from monitor.demo.channels import Queue
from monitor.demo.loopback_server import LoopbackServer
from monitor.demo.pbx import Pbx

#: What a slow client may leave unread before it is cut off (FACTS section 5: the socket buffers, 4.2 MB).
BACKLOG: Final = 4_200_000
_ALL_CLASSES: Final = frozenset({"system", "call", "agent", "cdr"})


class AmiServer(LoopbackServer):
    """Serves one Pbx to any number of clients on 127.0.0.1."""

    def __init__(self, pbx: Pbx, username: str, secret: str) -> None:
        super().__init__()
        self._pbx = pbx
        self._username = username
        self._secret = secret
        #: Set when somebody has logged in for the first time.
        self.first_login = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        session = PbxSession(self._pbx, self._username, self._secret, writer, self.first_login)
        try:
            await session.run(reader)
        finally:
            session.unsubscribe()


class PbxSession(AmiSession):
    """One client of a simulated phone system."""

    def __init__(self, pbx: Pbx, username: str, secret: str, writer: asyncio.StreamWriter, first_login: asyncio.Event) -> None:
        super().__init__(username, secret, writer)
        self._pbx = pbx
        self._first_login = first_login
        self._classes = _ALL_CLASSES

    def now(self) -> datetime:
        """The phone system's clock."""
        return self._pbx.clock.now()

    def uptime(self) -> int:
        """Seconds since the phone system was made."""
        return int((self.now() - self._pbx.started).total_seconds())

    def logged_in(self) -> None:
        """The opening calls have somebody to see them."""
        self._first_login.set()

    def subscribe(self, classes: str | None) -> None:
        """The client gets the phone system's events of these classes."""
        self._classes = _ALL_CLASSES if classes is None else frozenset(classes.split(","))
        self._pbx.listeners.add(self.listen)

    def unsubscribe(self) -> None:
        """The client gets no more events."""
        self._pbx.listeners.discard(self.listen)

    def listen(self, privilege: str, message: bytes) -> None:
        """One event of the phone system; a client that does not read is cut off."""
        if privilege not in self._classes:
            return
        if self.writer.transport.get_write_buffer_size() > BACKLOG:
            self.writer.transport.abort()
            return
        self.writer.write(message)

    def rows(self, action: str, headers: Headers) -> Iterator[Message]:
        """What the phone system shows of its queues and channels."""
        if action == "queuestatus":
            return self._queue_status(headers)
        if action == "queuesummary":
            return self._queue_summary(headers)
        return self._channels()

    def _queue_status(self, headers: Headers) -> Iterator[Message]:
        now, only = self._pbx.clock.now(), headers.get("queue")
        for queue in self._pbx.queues.values():
            if only and queue.name != only:
                continue
            yield [
                ("Event", "QueueParams"), ("Queue", queue.name), ("Max", "0"), ("Strategy", "rrmemory"),
                ("Calls", str(len(queue.entries))), ("Holdtime", "0"), ("TalkTime", "0"), ("Completed", str(queue.completed)),
                ("Abandoned", str(queue.abandoned)), ("ServiceLevel", "20"), ("ServicelevelPerf", "0.0"),
                ("ServicelevelPerf2", "0.0"), ("Weight", "0"),
            ]  # fmt: skip
            yield from self._members(queue)
            for position, entry in enumerate(queue.entries, 1):
                caller = entry.channel
                yield [
                    ("Event", "QueueEntry"), ("Queue", queue.name), ("Position", str(position)), ("Channel", caller.name),
                    ("Uniqueid", caller.uniqueid), ("CallerIDNum", caller.number), ("CallerIDName", caller.caller_name),
                    ("ConnectedLineNum", caller.peer_number.strip("<>")), ("ConnectedLineName", caller.peer_name.strip("<>")),
                    ("Wait", str(int((now - entry.since).total_seconds()))), ("Priority", "0"),
                ]  # fmt: skip

    def _members(self, queue: Queue) -> Iterator[Message]:
        logged_in = str(int(self._pbx.started.timestamp()))
        for member in queue.members:
            yield [
                ("Event", "QueueMember"), ("Queue", queue.name), ("Name", member.name), ("Location", member.interface),
                ("StateInterface", member.interface), ("Membership", "static"), ("Penalty", "0"),
                ("CallsTaken", str(member.taken)), ("LastCall", str(member.last_call)), ("LastPause", "0"),
                ("LoginTime", logged_in), ("InCall", "1" if member.busy and not member.ringing else "0"),
                ("Status", member.status),
                ("Paused", "0" if member.on_duty else "1"), ("PausedReason", "" if member.on_duty else "Off duty"),
                ("Wrapuptime", "0"),
            ]  # fmt: skip

    def _queue_summary(self, headers: Headers) -> Iterator[Message]:
        now, only = self._pbx.clock.now(), headers.get("queue")
        for queue in self._pbx.queues.values():
            if only and queue.name != only:
                continue
            on_duty = [member for member in queue.members if member.on_duty]
            longest = max(((now - entry.since) for entry in queue.entries), default=timedelta())
            yield [
                ("Event", "QueueSummary"), ("Queue", queue.name), ("LoggedIn", str(len(on_duty))),
                ("Available", str(sum(not member.busy for member in on_duty))), ("Callers", str(len(queue.entries))),
                ("HoldTime", "0"), ("TalkTime", "0"), ("LongestHoldTime", str(int(longest.total_seconds()))),
            ]  # fmt: skip

    def _channels(self) -> Iterator[Message]:
        now = self._pbx.clock.now()
        for channel in self._pbx.channels.values():
            minutes, seconds = divmod(int((now - channel.begun).total_seconds()), 60)
            yield [
                ("Event", "CoreShowChannel"), *channel.fields(), ("Application", channel.application),
                ("ApplicationData", channel.data), ("Duration", f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"),
                ("BridgeId", channel.bridge.uniqueid if channel.bridge else ""),
            ]  # fmt: skip
