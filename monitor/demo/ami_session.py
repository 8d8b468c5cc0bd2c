"""One client of the Asterisk Manager Interface: greeting, actions, login, answers and lists, whoever provides their content.

Answers are those of Asterisk 22.10.1 to a user with `read = system,call,agent,cdr` and `write = reporting`
(FACTS sections 5 and 6); every other action is "Permission denied", as it is for such a user.
"""

import asyncio
import hmac
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import md5
from typing import Final

BANNER: Final = b"Asterisk Call Manager/11.0.0\r\n"
COMMANDS: Final = {
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
#: Action -> (message before its rows, event after them).
_LISTS: Final = {
    "queuestatus": ("Queue status will follow", "QueueStatusComplete"),
    "queuesummary": ("Queue summary will follow", "QueueSummaryComplete"),
    "coreshowchannels": ("Channels will follow", "CoreShowChannelsComplete"),
}

Message = list[tuple[str, str]]
Headers = Mapping[str, str]  # of an action, names in lower case


def wire(fields: Iterable[tuple[str, str]]) -> bytes:
    """One AMI message. Line breaks in a value would end the message: they become spaces."""
    return "".join(f"{k}: {v.translate({13: 32, 10: 32})}\r\n" for k, v in fields).encode() + b"\r\n"


class AmiSession:
    """Subclasses provide the content: `now`, `uptime`, `rows`, and what `subscribe` and `unsubscribe` do about events."""

    banner = BANNER

    def __init__(self, username: str, secret: str, writer: asyncio.StreamWriter) -> None:
        self._username = username
        self._secret = secret
        self.writer = writer
        self._challenge = ""
        self._logged_in = False

    def now(self) -> datetime:
        """The server's clock."""
        raise NotImplementedError

    def uptime(self) -> int | None:
        """Seconds since the server started; None: it has not fully booted yet."""
        raise NotImplementedError

    def commands(self) -> Headers:
        """The answer to ListCommands: names, and what each is for with the privilege it needs."""
        return {name: f"{text}  (Priv: <none>)" for name, text in COMMANDS.items()}

    def rows(self, action: str, headers: Headers) -> Iterator[Message]:
        """The rows of a list: `queuestatus`, `queuesummary` or `coreshowchannels`."""
        raise NotImplementedError

    def logged_in(self) -> None:
        """The client has logged in and may have subscribed to events."""

    def subscribe(self, classes: str | None) -> None:
        """Events are wanted: of these classes (a comma-separated list), or None for all."""

    def unsubscribe(self) -> None:
        """No more events are wanted."""

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Greet, then answer until the client leaves or is refused."""
        self.writer.write(self.banner)
        while True:
            pairs: Message = []
            while line := (await reader.readuntil(b"\n")).decode("utf-8", "replace").rstrip("\r\n"):
                key, _, value = line.partition(":")
                pairs.append((key.strip(), value.strip()))
            if not self.received(pairs):
                break
            await self.writer.drain()
        await self.writer.drain()

    def received(self, pairs: Message) -> bool:
        """Answer one message of the client; False closes the connection."""
        headers = {key.lower(): value for key, value in reversed(pairs)}  # the first of a name counts
        action = headers.get("action", "").lower()
        if not action:
            self.answer(headers, "Error", ("Message", "Missing action in request"))
            return True
        return self.execute(action, headers)

    def execute(self, action: str, headers: Headers) -> bool:
        """Answer one action; False closes the connection."""
        if action == "challenge":
            self._challenge = str(secrets.randbelow(10**9))
            self.answer(headers, "Success", ("Challenge", self._challenge))
        elif action == "login":
            return self._login(headers)
        elif action == "logoff":
            self.answer(headers, "Goodbye", ("Message", "Thanks for all the fish."))
            return False
        elif not self._logged_in:
            self.deny(headers)
        elif action == "ping":
            self.answer(headers, "Success", ("Ping", "Pong"), ("Timestamp", f"{self.now().timestamp():.6f}"))
        elif action == "events":
            self._events(headers)
        elif action == "listcommands":
            self.answer(headers, "Success", *self.commands().items())
        elif action == "corestatus":
            self._core_status(headers)
        elif action in _LISTS:
            self._list(headers, *_LISTS[action], self.rows(action, headers))
        else:
            self.deny(headers)
        return True

    def _login(self, headers: Headers) -> bool:
        if headers.get("authtype", "").lower() == "md5":
            expected = md5((self._challenge + self._secret).encode(), usedforsecurity=False).hexdigest()
            good = bool(self._challenge) and hmac.compare_digest(headers.get("key", "").lower().encode(), expected.encode())
        else:
            good = hmac.compare_digest(headers.get("secret", "").encode(), self._secret.encode())
        if not good or headers.get("username") != self._username:
            self.answer(headers, "Error", ("Message", "Authentication failed"))
            return False
        self._logged_in = True
        self.answer(headers, "Success", ("Message", "Authentication accepted"))
        uptime = self.uptime()
        if uptime is not None:
            booted = [("Event", "FullyBooted"), ("Privilege", "system,all"), ("Uptime", str(uptime)), ("LastReload", str(uptime))]
            self.send([*booted, ("Status", "Fully Booted")])
        if headers.get("events", "on").lower() != "off":
            self.subscribe(None)
        self.logged_in()
        return True

    def _events(self, headers: Headers) -> None:
        mask = headers.get("eventmask", "on").lower()
        off = mask in ("off", "0", "no")
        if off:
            self.unsubscribe()
        else:
            self.subscribe(None if mask in ("on", "all", "1") else mask)
        self.answer(headers, "Success", ("Events", "Off" if off else "On"))

    def _core_status(self, headers: Headers) -> None:
        started = self.now().timestamp() - (self.uptime() or 0)
        moment = datetime.fromtimestamp(started, self.now().tzinfo)
        day, time = moment.strftime("%Y-%m-%d"), moment.strftime("%H:%M:%S")
        calls = sum(1 for _ in self.rows("coreshowchannels", headers))
        self.answer(
            headers, "Success", ("CoreStartupDate", day), ("CoreStartupTime", time), ("CoreReloadDate", day),
            ("CoreReloadTime", time), ("CoreCurrentCalls", str(calls)),
        )  # fmt: skip

    def _list(self, headers: Headers, intro: str, outro: str, rows: Iterator[Message]) -> None:
        self.answer(headers, "Success", ("EventList", "start"), ("Message", intro))
        count = 0
        for row in rows:
            count += 1
            self.send(_with_id(row, headers, last=row[0][1].startswith("Queue")))
        self.send(_with_id([("Event", outro), ("EventList", "Complete"), ("ListItems", str(count))], headers))

    def deny(self, headers: Headers) -> None:
        """The account may not do this, or is not logged in."""
        self.answer(headers, "Error", ("Message", "Permission denied"))

    def answer(self, headers: Headers, response: str, *fields: tuple[str, str]) -> None:
        """The response to an action, with its ActionID."""
        self.send(_with_id([("Response", response), *fields], headers))

    def send(self, message: Message) -> None:
        """One message to the client."""
        self.writer.write(wire(message))


def _with_id(message: Message, headers: Headers, *, last: bool = False) -> Message:
    """The client's ActionID comes second, but last in the rows of app_queue."""
    action_id = headers.get("actionid")
    if action_id is None:
        return message
    return [*message, ("ActionID", action_id)] if last else [message[0], ("ActionID", action_id), *message[1:]]
