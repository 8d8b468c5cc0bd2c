"""One AMI connection: connect, log in, ask, listen. Says what went wrong in a form the engine can act on.

Nothing is ever sent but Challenge, Login, Ping, QueueStatus, CoreShowChannels, ListCommands and Logoff.
"""

import asyncio
import hashlib
import ssl
from dataclasses import dataclass
from typing import Final, NamedTuple

from monitor.clock import Clock
from monitor.connectors._asterisk.ami import Message, NotAmi, Parser, action, moment
from monitor.connectors._asterisk.members import MEMBER_EVENTS, MEMBER_LIST, MEMBER_PARTS
from monitor.connectors._asterisk.tracker import PARTS, WANTED
from monitor.connectors._reaching import speaks_no_tls, why
from monitor.domain.event import to_micros
from monitor.errors import AuthError, TransientError

#: Parts of the answers to QueueStatus and CoreShowChannels, and the login's FullyBooted.
_LISTED: Final = (
    "QueueParams",
    "QueueMember",
    "QueueEntry",
    "QueueStatusComplete",
    "CoreShowChannel",
    "CoreShowChannelsComplete",
)
#: Unread bytes at which we stop taking more: Asterisk then closes the connection, and queue_log fills the gap.
_MAX_UNREAD: Final = 64 << 20
_OFFSET_SAMPLES: Final = 8


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. A dead link says nothing (FACTS section 5), so we ask."""

    ping: float = 2.0
    silence: float = 6.0
    retry: float = 0.5
    loading: float = 15.0  # app_queue may be loaded later than AMI; measured ~1 s
    answer: float = 20.0
    members: float = 60.0  # realtime members, and those of a `queue reload`, come and go without an event


class Answer(NamedTuple):
    """A response and, for a list, its parts."""

    fields: dict[str, str]
    parts: list[Message]

    @property
    def ok(self) -> bool:
        return self.fields.get("Response") == "Success"


class _Link(asyncio.Protocol):
    """Keeps what arrives, with its moment, whatever the reader is doing: a slow client is cut off (FACTS section 5)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.transport: asyncio.Transport | None = None
        self.pieces: list[tuple[int, bytes]] = []
        self.unread = 0
        self.heard = clock.monotonic()
        self.closed = False
        self.news = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.pieces.append((to_micros(self._clock.now()), data))
        self.unread += len(data)
        self.heard = self._clock.monotonic()
        if self.unread > _MAX_UNREAD and self.transport is not None:
            self.transport.pause_reading()
        self.news.set()

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        self.news.set()

    def drain(self) -> list[tuple[int, bytes]]:
        pieces, self.pieces = self.pieces, []
        if self.unread > _MAX_UNREAD and self.transport is not None and not self.closed:
            self.transport.resume_reading()
        self.unread = 0
        self.news.clear()
        if self.closed:
            self.news.set()
        return pieces


class Session:
    """A logged-in connection. `events` gathers (message, arrival in microseconds) until they are drained."""

    def __init__(self, link: _Link, clock: Clock, name: str, timing: Timing) -> None:
        self._link = link
        self._clock = clock
        self._name = name
        self._timing = timing
        wanted = {**WANTED, **dict.fromkeys((*_LISTED, *MEMBER_EVENTS)), "FullyBooted": None}
        self._parser = Parser(wanted, {**PARTS, **MEMBER_PARTS})
        self._count = 0
        self._answers: dict[str, Answer] = {}
        self._complete: set[str] = set()
        self._streamed = ""  # the question whose answer comes among the events
        self._pings: dict[str, tuple[int, float]] = {}
        self._next_ping = clock.monotonic()
        self._unanswered_since: float | None = None
        self._offsets: list[tuple[int, int]] = []  # (round trip, offset) in microseconds
        self.events: list[tuple[Message, int]] = []
        self.proven = 0  # our clock, microseconds: sent then, a ping was answered
        self.booted: dict[str, str] | None = None  # FullyBooted, which needs class system

    @classmethod
    async def open(cls, host: str, port: int, context: ssl.SSLContext | None, clock: Clock, timing: Timing) -> "Session":
        """Connects. Raises TransientError with the remedy."""
        name = f"{host}:{port}"
        link = _Link(clock)
        try:
            async with asyncio.timeout(timing.answer):
                await asyncio.get_running_loop().create_connection(lambda: link, host, port, ssl=context)
        except TimeoutError as error:
            raise TransientError(
                f"no answer from {name} within {timing.answer:g} s; is a firewall between?", reason="timeout"
            ) from error
        except ssl.SSLCertVerificationError as error:
            text = f"the certificate of {name} is not accepted: {error.verify_message}; renew it or set ca_file"
            raise TransientError(text, reason="tls") from error
        except ssl.SSLError as error:
            if speaks_no_tls(error):
                text = f"what listens at {name} speaks no TLS; set port to that of tlsbindaddr in manager.conf, or tls to none"
                raise TransientError(text, reason="tls") from error
            text = f"no TLS with {name} ({error.reason or error}); is tlsenable set in manager.conf, and this its port?"
            raise TransientError(text, reason="tls") from error
        except OSError as error:
            text = f"cannot connect to {name}: {why(error)}; is Asterisk running, and AMI enabled in manager.conf?"
            raise TransientError(text, reason="connect") from error
        return cls(link, clock, name, timing)

    @property
    def offset(self) -> int:
        """Asterisk's clock minus ours in microseconds, by the quickest of the last pings; 0 while unknown."""
        return min(self._offsets)[1] if self._offsets else 0

    @property
    def knows_offset(self) -> bool:
        """Whether an answer to a ping carried the time."""
        return bool(self._offsets)

    @property
    def rejected(self) -> tuple[int, int]:
        """How many messages were malformed, and how many too large, since the last look."""
        counts = self._parser.malformed, self._parser.too_large
        self._parser.malformed = self._parser.too_large = 0
        return counts

    @property
    def closed(self) -> bool:
        """The other side is gone and everything it sent was drained."""
        return self._link.closed and not self._link.pieces

    def close(self) -> None:
        """Says goodbye and leaves."""
        if self._link.transport is not None:
            if not self._link.closed:
                self._link.transport.write(action("Logoff"))
            self._link.transport.close()

    async def log_in(self, username: str, secret: str) -> None:
        """Challenge and MD5 where the server does it, else plain. Raises AuthError, TransientError."""
        deadline = self._clock.monotonic() + self._timing.answer
        while self._parser.banner is None:
            await self._wait(deadline, "it sent no AMI greeting", "; if this is its port of TLS, set tls to implicit")
        challenge = await self._ask("Challenge", AuthType="MD5")
        if challenge.ok and "Challenge" in challenge.fields:
            text = challenge.fields["Challenge"] + secret
            key = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # the only one AMI knows
            answer = await self._ask("Login", AuthType="MD5", Username=username, Key=key, Events="on")
        else:
            answer = await self._ask("Login", Username=username, Secret=secret, Events="on")
        if not answer.ok and "in use" in answer.fields.get("Message", "").lower():
            text = f"{self._name}: {username!r} is logged in already; give us a user of our own, or set allowmultiplelogin=yes"
            raise TransientError(text, reason="connect")
        if not answer.ok:
            raise AuthError(f"{self._name} refused the login of {username!r}; compare with this user's section in manager.conf")
        self._unanswered_since = None
        self.ping()
        while self._pings:
            await self._wait(deadline, "it does not answer a Ping")

    async def ask(self, name: str) -> Answer:
        """One action with its whole answer. Raises TransientError when none comes."""
        return await self._ask(name)

    def ask_for_members(self) -> None:
        """Asks for the members of all queues; the answer comes among `events`, in its order with them."""
        self._count += 1
        self._streamed = f"members-{self._count}"
        self._send("QueueStatus", self._streamed)

    async def wait(self, seconds: float) -> bool:
        """Waits for news at most so long; True when there are some. Pings when due. Raises TransientError on silence."""
        self.pump()
        now = self._clock.monotonic()
        asked = self._unanswered_since
        if asked is not None and now - max(self._link.heard, asked) > self._timing.silence - self._timing.ping:
            text = f"{self._name} said nothing for {self._timing.silence:g} s; the connection is taken for dead"
            raise TransientError(text, reason="timeout")
        if now >= self._next_ping:
            self.ping()
        try:
            async with asyncio.timeout(max(0.0, min(seconds, self._next_ping - now))):
                await self._link.news.wait()
        except TimeoutError:
            return False
        return True

    def ping(self) -> None:
        """Asks for a sign of life, whose answer carries the time over there."""
        now = self._clock.monotonic()
        self._next_ping = now + self._timing.ping
        self._count += 1
        id_ = f"ping-{self._count}"
        self._pings[id_] = (to_micros(self._clock.now()), now)
        if self._unanswered_since is None:
            self._unanswered_since = now
        self._send("Ping", id_)

    def prove(self) -> None:
        """Asks for a sign of life now. One question at a time: a dead link gathers none."""
        if not self._pings:
            self.ping()

    def pump(self) -> None:
        """Takes what has arrived apart. Raises TransientError when it is no AMI."""
        for arrived, data in self._link.drain():
            try:
                for message in self._parser.feed(data):
                    self._sort(message, arrived)
            except NotAmi as error:
                text = f"what listens at {self._name} does not speak AMI; look at host and port (manager.conf says 5038)"
                raise TransientError(text, reason="protocol") from error

    def _sort(self, message: Message, arrived: int) -> None:
        name, fields = message
        id_ = fields.get("ActionID", "")
        if name == "":
            if id_ in self._pings:
                self._pong(id_, fields, arrived)
            elif id_ and id_ != self._streamed:
                self._answers[id_] = Answer(fields, [])
        elif name == "FullyBooted":
            self.booted = fields
        elif name in _LISTED:
            if id_ == self._streamed:
                if name in MEMBER_LIST:
                    self.events.append((message, arrived))
            elif id_ in self._answers:
                self._answers[id_].parts.append(message)
                if fields.get("EventList") == "Complete":
                    self._complete.add(id_)
        else:
            self.events.append((message, arrived))

    def _pong(self, id_: str, fields: dict[str, str], arrived: int) -> None:
        sent, _ = self._pings.pop(id_)
        self._pings.clear()
        self._unanswered_since = None
        self.proven = max(self.proven, sent)
        there = moment(fields.get("Timestamp"))
        if there is not None:
            self._offsets = [*self._offsets[1 - _OFFSET_SAMPLES :], (arrived - sent, there - (sent + arrived) // 2)]

    def _send(self, name: str, id_: str, **fields: str) -> None:
        if self._link.transport is not None and not self._link.closed:
            self._link.transport.write(action(name, ActionID=id_, **fields))

    async def _ask(self, name: str, **fields: str) -> Answer:
        self._count += 1
        id_ = f"{name}-{self._count}"
        self._send(name, id_, **fields)
        deadline = self._clock.monotonic() + self._timing.answer
        while True:
            answer = self._answers.get(id_)
            if answer is not None and (answer.fields.get("EventList") != "start" or id_ in self._complete):
                self._complete.discard(id_)
                del self._answers[id_]
                return answer
            await self._wait(deadline, f"it does not answer {name}")

    async def _wait(self, deadline: float, complaint: str, in_clear: str = "") -> None:
        """Takes what is there, else waits for more until `deadline` on our monotonic clock.

        Raises TransientError with the complaint, and with what is to be said where the connection has no TLS.
        """
        if not self._link.pieces:
            if self._link.closed:
                raise self.lost()
            left = deadline - self._clock.monotonic()
            if left <= 0:
                secured = self._link.transport is not None and self._link.transport.get_extra_info("sslcontext") is not None
                text = f"{self._name}: {complaint} within {self._timing.answer:g} s{'' if secured else in_clear}"
                raise TransientError(text, reason="timeout")
            try:
                async with asyncio.timeout(left):
                    await self._link.news.wait()
            except TimeoutError:
                return
        self.pump()

    def lost(self) -> TransientError:
        """The connection was closed from over there."""
        return TransientError(
            f"{self._name} closed the connection; did Asterisk stop, or cut off a slow reader?", reason="connect"
        )
