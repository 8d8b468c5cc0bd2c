"""A loopback server that speaks the Asterisk Manager Interface: logs in, answers polls, and sends a Pbx's events.

Answers are those of Asterisk 22.10.1 to a user with `read = system,call,agent,cdr` and `write = reporting`
(FACTS sections 5 and 6); every other action is "Permission denied", as it is for such a user.
"""

import asyncio
import hmac
import secrets
from collections.abc import Iterator
from datetime import timedelta
from hashlib import md5
from typing import Final

from monitor.demo.channels import Queue
from monitor.demo.pbx import Pbx, wire

BANNER: Final = b"Asterisk Call Manager/11.0.0\r\n"
#: What a slow client may leave unread before it is cut off (FACTS section 5: the socket buffers, 4.2 MB).
BACKLOG: Final = 4_200_000
_MESSAGE_LIMIT: Final = 65_536
_ALL_CLASSES: Final = frozenset({"system", "call", "agent", "cdr"})
_COMMANDS: Final = {
    "Challenge": "Generate Challenge for MD5 Auth.",
    "CoreShowChannels": "List currently active channels.",
    "CoreStatus": "Show PBX core status variables.",
    "Events": "Control Event Flow.",
    "ListCommands": "List available manager commands.",
    "Login": "Login Manager.",
    "Logoff": "Logoff Manager.",
    "Ping": "Keepalive command.",
    "QueueStatus": "Show queue status.",
    "QueueSummary": "Show queue summary.",
}

Message = list[tuple[str, str]]


class AmiServer:
    """Serves one Pbx to any number of clients on 127.0.0.1, on a port the system chooses."""

    def __init__(self, pbx: Pbx, username: str, secret: str) -> None:
        self._pbx = pbx
        self._username = username
        self._secret = secret
        #: Set when somebody has logged in for the first time.
        self.first_login = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_MESSAGE_LIMIT)

    @property
    def port(self) -> int:
        """Where it listens; only after `start`."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Close the door and all connections."""
        if self._server is not None:
            self._server.close()
        for session in tuple(self._sessions):
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        session = Session(self._pbx, self._username, self._secret, writer, self.first_login)
        try:
            await session.run(reader)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the client went, sent nonsense without end, or the demo stops: no answer is possible
        finally:
            session.close()
            self._sessions.discard(task)


class Session:
    """One client: who they are, and what they get to hear."""

    def __init__(self, pbx: Pbx, username: str, secret: str, writer: asyncio.StreamWriter, first_login: asyncio.Event) -> None:
        self._pbx = pbx
        self._first_login = first_login
        self._username = username
        self._secret = secret
        self._writer = writer
        self._challenge = ""
        self._logged_in = False
        self._classes = _ALL_CLASSES

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Greet, then answer until the client leaves or is thrown out."""
        self._writer.write(BANNER)
        while True:
            headers: dict[str, str] = {}
            while line := (await reader.readuntil(b"\n")).decode("utf-8", "replace").rstrip("\r\n"):
                key, _, value = line.partition(":")
                headers.setdefault(key.strip().lower(), value.strip())
            action = headers.get("action", "")
            if not action:
                self._answer(headers, "Error", ("Message", "Missing action in request"))
            elif not self._execute(action.lower(), headers):
                break
            await self._writer.drain()
        await self._writer.drain()

    def close(self) -> None:
        """Hear no more."""
        self._pbx.listeners.discard(self.listen)
        self._writer.close()

    def listen(self, privilege: str, message: bytes) -> None:
        """One event of the phone system; a client that does not read is cut off."""
        if privilege not in self._classes:
            return
        if self._writer.transport.get_write_buffer_size() > BACKLOG:
            self._writer.transport.abort()
            return
        self._writer.write(message)

    def _execute(self, action: str, headers: dict[str, str]) -> bool:
        """Answer one action; False closes the connection."""
        if action == "challenge":
            self._challenge = str(secrets.randbelow(10**9))
            self._answer(headers, "Success", ("Challenge", self._challenge))
            return True
        if action == "login":
            return self._login(headers)
        if action == "logoff":
            self._answer(headers, "Goodbye", ("Message", "Thanks for all the fish."))
            return False
        polls = {
            "queuestatus": ("Queue status will follow", "QueueStatusComplete", self._queue_status),
            "queuesummary": ("Queue summary will follow", "QueueSummaryComplete", self._queue_summary),
            "coreshowchannels": ("Channels will follow", "CoreShowChannelsComplete", self._channels),
        }
        if not self._logged_in:
            self._answer(headers, "Error", ("Message", "Permission denied"))
        elif action == "ping":
            self._answer(headers, "Success", ("Ping", "Pong"), ("Timestamp", f"{self._pbx.clock.now().timestamp():.6f}"))
        elif action == "events":
            self._events(headers)
        elif action == "listcommands":
            self._answer(headers, "Success", *((name, f"{text}  (Priv: <none>)") for name, text in _COMMANDS.items()))
        elif action == "corestatus":
            started = self._pbx.started
            day, time = started.strftime("%Y-%m-%d"), started.strftime("%H:%M:%S")
            self._answer(
                headers, "Success", ("CoreStartupDate", day), ("CoreStartupTime", time), ("CoreReloadDate", day),
                ("CoreReloadTime", time), ("CoreCurrentCalls", str(len(self._pbx.channels))),
            )  # fmt: skip
        elif action in polls:
            intro, outro, rows = polls[action]
            self._list(headers, intro, outro, rows(headers))
        else:
            self._answer(headers, "Error", ("Message", "Permission denied"))
        return True

    def _login(self, headers: dict[str, str]) -> bool:
        if headers.get("authtype", "").lower() == "md5":
            expected = md5((self._challenge + self._secret).encode(), usedforsecurity=False).hexdigest()
            good = bool(self._challenge) and hmac.compare_digest(headers.get("key", "").lower().encode(), expected.encode())
        else:
            good = hmac.compare_digest(headers.get("secret", "").encode(), self._secret.encode())
        if not good or headers.get("username") != self._username:
            self._answer(headers, "Error", ("Message", "Authentication failed"))
            return False
        self._logged_in = True
        self._answer(headers, "Success", ("Message", "Authentication accepted"))
        uptime = str(int((self._pbx.clock.now() - self._pbx.started).total_seconds()))
        self._send(
            [
                ("Event", "FullyBooted"), ("Privilege", "system,all"), ("Uptime", uptime), ("LastReload", uptime),
                ("Status", "Fully Booted"),
            ]
        )  # fmt: skip
        if headers.get("events", "on").lower() != "off":
            self._pbx.listeners.add(self.listen)
        self._first_login.set()
        return True

    def _events(self, headers: dict[str, str]) -> None:
        mask = headers.get("eventmask", "on").lower()
        off = mask in ("off", "0", "no")
        if off:
            self._pbx.listeners.discard(self.listen)
        else:
            self._classes = _ALL_CLASSES if mask in ("on", "all", "1") else frozenset(mask.split(","))
            self._pbx.listeners.add(self.listen)
        self._answer(headers, "Success", ("Events", "Off" if off else "On"))

    def _queue_status(self, headers: dict[str, str]) -> Iterator[Message]:
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
            status = "6" if member.ringing else "2" if member.busy else "1"
            yield [
                ("Event", "QueueMember"), ("Queue", queue.name), ("Name", member.name), ("Location", member.interface),
                ("StateInterface", member.interface), ("Membership", "static"), ("Penalty", "0"),
                ("CallsTaken", str(member.taken)), ("LastCall", str(member.last_call)), ("LastPause", "0"),
                ("LoginTime", logged_in), ("InCall", "1" if member.busy and not member.ringing else "0"), ("Status", status),
                ("Paused", "0" if member.on_duty else "1"), ("PausedReason", "" if member.on_duty else "Off duty"),
                ("Wrapuptime", "0"),
            ]  # fmt: skip

    def _queue_summary(self, headers: dict[str, str]) -> Iterator[Message]:
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

    def _channels(self, _headers: dict[str, str]) -> Iterator[Message]:
        now = self._pbx.clock.now()
        for channel in self._pbx.channels.values():
            minutes, seconds = divmod(int((now - channel.begun).total_seconds()), 60)
            yield [
                ("Event", "CoreShowChannel"), *channel.fields(), ("Application", channel.application),
                ("ApplicationData", channel.data), ("Duration", f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"),
                ("BridgeId", channel.bridge.uniqueid if channel.bridge else ""),
            ]  # fmt: skip

    def _list(self, headers: dict[str, str], intro: str, outro: str, rows: Iterator[Message]) -> None:
        self._answer(headers, "Success", ("EventList", "start"), ("Message", intro))
        count = 0
        for row in rows:
            count += 1
            self._send(_with_id(row, headers, last=row[0][1].startswith("Queue")))
        self._send(_with_id([("Event", outro), ("EventList", "Complete"), ("ListItems", str(count))], headers))

    def _answer(self, headers: dict[str, str], response: str, *fields: tuple[str, str]) -> None:
        self._send(_with_id([("Response", response), *fields], headers))

    def _send(self, message: Message) -> None:
        self._writer.write(wire(message))


def _with_id(message: Message, headers: dict[str, str], *, last: bool = False) -> Message:
    """The client's ActionID comes second, but last in the rows of app_queue."""
    action_id = headers.get("actionid")
    if action_id is None:
        return message
    return [*message, ("ActionID", action_id)] if last else [message[0], ("ActionID", action_id), *message[1:]]
