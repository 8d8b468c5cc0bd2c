"""A small SIP phone over UDP: places, takes, holds, transfers and ends calls, and notes to the microsecond when it did so.

It knows just enough of RFC 3261 for a switch on loopback. One `Phone` plays many people: a call belongs to whoever it names.
"""

import asyncio
import itertools
import random
import re
import socket
import struct
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

RESEND_SECONDS = 0.5
ANSWER_SECONDS = 20.0


def header(message: str, name: str) -> str:
    """The first value of a header, or an empty string."""
    found = re.search(rf"^{name}[ \t]*:[ \t]*(.*)$", message, re.I | re.M)
    return found.group(1).strip() if found else ""


def _inside(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found.group(1) if found else ""


@dataclass(eq=False)
class Call:
    """One dialog, seen from our phone. `moments` are wall-clock seconds: what this phone did or heard, and when."""

    phone: "Phone"
    call_id: str
    me: str  # our From or To, with tag
    other: str
    target: str  # URI of the other side's Contact
    number: str  # our own extension or number
    placed: bool  # we called
    moments: list[tuple[str, float]] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    referred: asyncio.Event = field(default_factory=asyncio.Event)
    invite: str = ""
    replies: dict[tuple[int, str], asyncio.Future[str]] = field(default_factory=dict)
    sequence: int = field(default_factory=lambda: random.randint(1, 100))
    branch: str = ""

    def note(self, what: str) -> None:
        self.moments.append((what, time.time()))

    def when(self, *what: str) -> float | None:
        """When the first of these happened."""
        return next((at for name, at in self.moments if name in what), None)

    async def request(self, method: str, body: str = "", extra: tuple[str, ...] = ()) -> str:
        """Sends a request within this call until an answer comes; returns the final response."""
        self.sequence += 1
        self.branch = f"z9hG4bK{uuid.uuid4().hex}"
        future = self.replies[self.sequence, method] = asyncio.get_running_loop().create_future()
        text = self._message(method, f"{self.sequence} {method}", self.branch, body, extra)
        until = time.monotonic() + (3600 if method == "INVITE" else ANSWER_SECONDS)
        provisional = 1 if method == "INVITE" else 40  # the switch answers an INVITE with 100 at once: no second copy
        for attempt in itertools.count():
            if attempt < provisional:
                self.phone.send(text)
            try:
                return await asyncio.wait_for(asyncio.shield(future), RESEND_SECONDS)
            except TimeoutError:
                if time.monotonic() > until:
                    raise
        raise AssertionError

    async def dial(self) -> int:
        """INVITE; returns the final status code once the other side has taken or refused the call."""
        self.note("placed")
        reply = await self.request("INVITE", self.sdp("sendrecv"))
        code = int(reply.split()[1])
        self.acknowledge(reply)
        if code == 200:
            self.note("up")
            self.phone.speak(self, reply)
        else:
            self.note("refused")
            self.ended.set()
        return code

    def cancel(self) -> None:
        """Gives up before an answer (the pending `dial` returns 487)."""
        self.note("cancelled")
        self.phone.send(self._message("CANCEL", f"{self.sequence} CANCEL", self.branch))

    def ring(self) -> None:
        self.note("ringing")
        self._respond("180 Ringing")

    async def answer(self) -> None:
        """Takes the call; returns when the switch has confirmed it, or gives up after three seconds."""
        self.note("answered")
        for _ in range(6):
            self._respond("200 OK", self.sdp("sendrecv"))
            try:
                await asyncio.wait_for(self.acknowledged.wait(), RESEND_SECONDS)
                break
            except TimeoutError:
                continue
        self.phone.speak(self, self.invite)

    async def hold(self) -> None:
        self.acknowledge(await self.request("INVITE", self.sdp("sendonly")))
        self.note("held")

    async def unhold(self) -> None:
        self.acknowledge(await self.request("INVITE", self.sdp("sendrecv")))
        self.note("unheld")

    async def press(self, key: str) -> None:
        """A key of the telephone, by SIP INFO."""
        self.note(f"pressed {key}")
        await self.request("INFO", f"Signal={key}\r\nDuration=160\r\n")

    def refuse(self) -> None:
        """Do not disturb: refuses without ringing."""
        self.note("declined")
        self.ended.set()
        self._respond("486 Busy Here")

    async def hang_up(self) -> None:
        if not self.ended.is_set():
            self.note("hung up")
            self.ended.set()
            await self.request("BYE")

    async def refer(self, number: str, replaces: "Call | None" = None) -> None:
        """Transfers the other side to `number` (blind), or to the party of `replaces` (attended). Waits for the result."""
        self.note("transferred")
        uri = f"sip:{number}@{self.phone.switch[0]}:{self.phone.switch[1]}"
        if replaces is not None:
            tags = f"%3Bto-tag%3D{_tag(replaces.other)}%3Bfrom-tag%3D{_tag(replaces.me)}"
            uri += f"?Replaces={replaces.call_id}{tags}"
        await self.request("REFER", extra=(f"Refer-To: <{uri}>", f"Referred-By: <sip:{self.number}@{self.phone.address}>"))
        try:
            await asyncio.wait_for(self.referred.wait(), 3)
        except TimeoutError:
            return

    def acknowledge(self, reply: str) -> None:
        """ACK to a final response of an INVITE (RFC 3261 13.2.2.4 and, for refusals, 17.1.1.3)."""
        taken = reply.split()[1].startswith("2")
        if taken:
            self.target = _inside(r"<(sip:[^>]+)>", header(reply, "Contact")) or self.target
        self.other = header(reply, "To")
        branch = f"z9hG4bK{uuid.uuid4().hex}" if taken else self.branch
        self.phone.send(self._message("ACK", f"{header(reply, 'CSeq').split()[0]} ACK", branch))

    def sdp(self, direction: str) -> str:
        phone = self.phone
        return (
            f"v=0\r\no=phone 1 {self.sequence + 1} IN IP4 {phone.address}\r\ns=-\r\nc=IN IP4 {phone.address}\r\nt=0 0\r\n"
            f"m=audio {phone.audio_port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na={direction}\r\n"
        )

    def _message(self, method: str, cseq: str, branch: str, body: str = "", extra: tuple[str, ...] = ()) -> str:
        phone = self.phone
        lines = (
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {phone.address}:{phone.port};branch={branch}",
            f"From: {self.me}",
            f"To: {self.other}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq}",
            "Max-Forwards: 70",
            f"Contact: <sip:{self.number}@{phone.address}:{phone.port}>",
            *extra,
        )
        return _finish(lines, body)

    def _respond(self, status: str, body: str = "") -> None:
        contact = f"Contact: <sip:{self.number}@{self.phone.address}:{self.phone.port}>"
        self.phone.respond(self.invite, status, to=self.me, extra=(contact,), body=body)


def _tag(party: str) -> str:
    return _inside(r"tag=([^;>\s]+)", party)


def _finish(lines: tuple[str, ...], body: str) -> str:
    kind = (f"Content-Type: application/{'dtmf-relay' if body.startswith('Signal=') else 'sdp'}",) if body else ()
    return "\r\n".join((*lines, *kind, f"Content-Length: {len(body)}", "", body))


class Phone(asyncio.DatagramProtocol):
    """One UDP socket and the calls on it. `on_call` is started for each call that comes in."""

    def __init__(self, address: str, port: int, switch: tuple[str, int], on_call: Callable[[Call], Awaitable[None]]) -> None:
        self.address, self.port, self.switch, self.on_call = address, port, switch, on_call
        self.calls: dict[str, Call] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        # One deaf ear for all calls: what is sent to it is never read, and nobody gets an ICMP error.
        self._audio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._audio.setblocking(False)
        self._audio.bind((address, 0))
        self.audio_port: int = self._audio.getsockname()[1]
        self._closed = asyncio.Event()

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.address, self.port))

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self._transport.close()
        await self._closed.wait()  # else the next phone may find the port taken
        self._audio.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed.set()

    def call(self, number: str, destination: str) -> Call:
        """A call that `number` is about to place."""
        uri = f"sip:{destination}@{self.switch[0]}:{self.switch[1]}"
        me = f"<sip:{number}@{self.address}>;tag={uuid.uuid4().hex[:10]}"
        call = Call(self, uuid.uuid4().hex, me, f"<{uri}>", uri, number, placed=True)
        self.calls[call.call_id] = call
        return call

    def start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        if task.cancelled() or task.exception() is None:
            self.tasks.discard(task)  # one that failed stays, so that `failures` can tell

    def failures(self) -> list[BaseException]:
        return [error for task in self.tasks if task.done() and not task.cancelled() and (error := task.exception())]

    def send(self, text: str) -> None:
        self._transport.sendto(text.encode(), self.switch)

    def respond(self, request: str, status: str, to: str = "", extra: tuple[str, ...] = (), body: str = "") -> None:
        via = (f"Via: {value.strip()}" for value in re.findall(r"^Via[ \t]*:(.*)$", request, re.I | re.M))
        same = (f"{name}: {header(request, name)}" for name in ("From", "Call-ID", "CSeq"))
        self.send(_finish((f"SIP/2.0 {status}", *via, *same, f"To: {to or header(request, 'To')}", *extra), body))

    def speak(self, call: Call, offer: str) -> None:
        """A third of a second of silence (RTP, RFC 3550): `Answer()` of the switch waits half a second for media otherwise."""
        address, port = _inside(r"(?m)^c=IN IP4 (\S+)", offer), _inside(r"(?m)^m=audio (\d+)", offer)
        if address and port:
            self.start(self._speak((address, int(port)), random.randint(1, 1 << 31)))

    async def _speak(self, to: tuple[str, int], source: int) -> None:
        for n in range(16):
            self._audio.sendto(struct.pack("!BBHII", 0x80, 0, n, n * 160, source) + b"\xff" * 160, to)
            await asyncio.sleep(0.02)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = data.decode("utf-8", "replace").replace("\r\n", "\n")
        first = message.split("\n", 1)[0]
        call = self.calls.get(header(message, "Call-ID"))
        if first.startswith("SIP/2.0"):
            if call is not None:
                self._response(call, message, int(first.split()[1]))
        elif first.startswith("INVITE") and call is None:
            self._incoming(message, first)
        elif first.startswith("INVITE") and call is not None and not call.placed and not call.acknowledged.is_set():
            return  # the switch repeats its first INVITE; our answer is under way
        elif not first.startswith("ACK"):
            body = call.sdp("sendrecv") if call and first.startswith("INVITE") else ""
            contact = (f"Contact: <sip:{call.number}@{self.address}:{self.port}>",) if call else ()
            self.respond(message, "200 OK", extra=contact, body=body)
            if call is not None:
                self._request(call, message, first.split()[0])
        elif call is not None:
            call.acknowledged.set()

    def _response(self, call: Call, message: str, code: int) -> None:
        number, method = header(message, "CSeq").split()
        if code < 200:
            return
        future = call.replies.get((int(number), method))
        if future is not None and not future.done():
            future.set_result(message)
        elif method == "INVITE":
            call.acknowledge(message)  # a repeated final response: our ACK was lost

    def _incoming(self, message: str, first: str) -> None:
        me = f"{header(message, 'To')};tag={uuid.uuid4().hex[:10]}"
        number, other = _inside(r"sip:([^@;> ]+)", first), header(message, "From")
        contact = _inside(r"<(sip:[^>]+)>", header(message, "Contact"))
        call = Call(self, header(message, "Call-ID"), me, other, contact, number, placed=False, invite=message)
        self.calls[call.call_id] = call
        self.respond(message, "100 Trying")
        self.start(self.on_call(call))

    def _request(self, call: Call, message: str, method: str) -> None:
        if method == "CANCEL":
            self.respond(call.invite, "487 Request Terminated", to=call.me)
            call.note("given up")
            call.ended.set()
        elif method == "BYE":
            if not call.ended.is_set():
                call.note("other hung up")
            call.ended.set()
        elif method == "NOTIFY" and re.search(r"^SIP/2.0 [2-6]", message.split("\n\n", 1)[-1]):
            call.referred.set()
