"""Source type `asterisk`: the Manager Interface (AMI), every call, to a tenth of a second, while it happens.

connect and log in -> restore the open calls -> fill the gap from queue_log -> compare with what Asterisk shows
-> then, every 30 ms, what arrived: messages -> calls -> a batch
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, SecretStr

from monitor.connector import Batch, Context, Cursor, Finding, Gap, Rejected, SourceSettings
from monitor.connectors._asterisk.calls import STATE_PREFIX
from monitor.connectors._asterisk.members import MEMBER_EVENTS, MEMBER_LIST, Members
from monitor.connectors._asterisk.queue_log import (
    ARCHIVE,
    DAY,
    EXTENSION_PLACE,
    QUEUE_PLACE,
    RESTART,
    SECOND,
    Line,
    LogCalls,
    hint,
    parse,
)
from monitor.connectors._asterisk.reconcile import PbxState, lose_holds, reconcile
from monitor.connectors._asterisk.session import Session, Timing
from monitor.connectors._asterisk.tail import LogTailer, inspect_log
from monitor.connectors._asterisk.tracker import CallTracker
from monitor.domain.event import Event, from_micros, to_micros
from monitor.errors import ConfigError

#: All its contacts are calls, so the metrics of its contact points exist from the start.
CHANNEL: Final = "phone"
PLACES: Final = (QUEUE_PLACE, EXTENSION_PLACE)
ARCHIVES: Final = (ARCHIVE,)
#: What arrives within this is one batch.
_BATCH_SECONDS: Final = 0.03
_BATCH_EVENTS: Final = 2000
#: Seconds until what Asterisk stamped has been yielded but for one event in a hundred: arrival 24 ms (p99), ordering
#: 20 ms, batch 30 ms. What comes later still within that margin of its limit is counted and retracted.
_LAG: Final = 0.08
#: An idle source says this often that it is still complete, and entries this often that it was alive (a gap begins there).
_SIGN_OF_LIFE: Final = 2.0
_ALIVE_EVERY: Final = 30 * SECOND
#: Asterisk may answer a ping before it has sent what happened just before.
_ALIVE_MARGIN: Final = SECOND
_LOG_EVERY: Final = 1.0
#: FullyBooted follows the login at once when the account reads class system; just after a start 0.4 to 1.7 s later.
_BOOT_SECONDS: Final = 2.0

#: Actions that change something. Whoever is permitted these has an account that can do more than read.
_WRITING: Final = frozenset((
    "Originate", "Hangup", "Redirect", "Command", "QueuePause", "QueueAdd", "QueueRemove", "QueueLog", "QueuePenalty",
    "UpdateConfig", "CreateConfig", "Setvar", "DBPut", "DBDel", "ModuleLoad", "Reload", "Bridge", "Atxfer", "BlindTransfer",
    "Park", "Monitor", "MixMonitor", "AGI", "UserEvent",
))  # fmt: skip


_OF_MEMBERS: Final = MEMBER_EVENTS | MEMBER_LIST

_ONE_LINE: Final = r"^[^\r\n]+$"


class Settings(SourceSettings):
    """Keys of an `asterisk` source."""

    type: Literal["asterisk"]
    host: str = Field(pattern=_ONE_LINE)
    port: int = Field(5038, ge=1, le=65535)
    tls: bool = Field(False, description="AMI over TLS (tlsenable in manager.conf, usually port 5039).")
    ca_file: Path | None = Field(None, description="Certificate authority, where the system's do not know it.")
    username: str = Field(pattern=_ONE_LINE)
    password: SecretStr
    queue_log: Path | None = Field(None, description="Fills the gaps of AMI and says why a caller left.")
    trunks: list[str] = Field([], description="Beginnings of channel names to the outside, e.g. PJSIP/trunk. Default: learned.")
    extensions: list[str] = Field([], description="Direct numbers that are contact points. Default: every phone called.")


class Asterisk:
    """Follows one Asterisk for as long as the connection lives."""

    live = True

    def __init__(self, settings: Settings, context: Context, timing: Timing | None = None) -> None:
        self._settings = settings
        self._context = context
        self._clock = context.clock
        self._timing = replace(timing or Timing(), answer=settings.timeout.total_seconds())

    async def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Everything since `cursor`, then everything that happens. Raises SourceError when the connection ends."""
        session = await self._open()
        try:
            run = _Run(self._settings, self._context, self._timing, session, cursor)
            async for batch in run.batches():
                yield batch
        finally:
            session.close()

    async def check(self) -> AsyncGenerator[Finding, None]:
        """Logs in, names the queues, and looks at what the account may do; sends nothing that could change anything."""
        settings = self._settings
        session = await self._open()
        try:
            yield Finding(True, f"logged in to {settings.host}:{settings.port} as {settings.username}")
            pbx = PbxState()
            answer = await session.ask("QueueStatus")
            if answer.ok:
                pbx.add_queues(answer.parts)
                queues = ", ".join(sorted(pbx.queues)) or "none"
                yield Finding(bool(pbx.queues) or None, f"would watch the queues: {queues}")
                named = {place.removeprefix("queue:") for place in self._context.places if place.startswith("queue:")}
                for queue in sorted(named - set(pbx.queues)):
                    yield Finding(False, f"there is no queue {queue}, which a contact point names; Asterisk has: {queues}")
            else:
                yield Finding(False, "QueueStatus is refused: is app_queue loaded?")
            channels = await session.ask("CoreShowChannels")
            text = "after a gap open calls can be compared (write class reporting)"
            yield Finding(True if channels.ok else None, text if channels.ok else text.replace("can", "cannot"))
            yield _may_write((await session.ask("ListCommands")).fields)
            for finding in await self._listen(session):
                yield finding
        finally:
            session.close()
        if settings.queue_log is not None:
            yield await asyncio.to_thread(inspect_log, settings.queue_log)
        else:
            yield Finding(None, "without queue_log what happens while we are not connected stays unknown")

    async def _listen(self, session: Session) -> list[Finding]:
        until = self._clock.monotonic() + 1.0
        while (left := until - self._clock.monotonic()) > 0:
            await session.wait(left)
            session.pump()
        seen = {name for message, _ in session.events for name in message.fields.get("Privilege", "").split(",")}
        classes = sorted(seen & {"call", "agent", "system", "user"} | ({"system"} if session.booted is not None else set()))
        findings = []
        if session.booted is None:
            findings.append(Finding(None, "no FullyBooted came: without read class system a restart is not recognised"))
        if not session.events:
            findings.append(Finding(None, "no call happened in the last second; read classes call and agent are not proven"))
        else:
            findings.append(Finding(True, f"read classes seen: {', '.join(classes)}"))
            if any("Timestamp" not in message.fields for message, _ in session.events):
                findings.append(Finding(None, "events carry no time stamps: set timestampevents=yes in manager.conf"))
        return findings

    async def _open(self) -> Session:
        settings = self._settings
        context = None
        if settings.tls:
            try:
                context = ssl.create_default_context(cafile=settings.ca_file)
            except OSError as error:
                raise ConfigError(f"ca_file {settings.ca_file} cannot be used: {error.strerror or error}") from error
        session = await Session.open(settings.host, settings.port, context, self._clock, self._timing)
        try:
            await session.log_in(settings.username, settings.password.get_secret_value().strip())
        except BaseException:
            session.close()
            raise
        return session


class _Run:
    """One connection, from login to its loss."""

    def __init__(
        self, settings: Settings, context: Context, timing: Timing, session: Session, cursor: Cursor | None
    ) -> None:  # fmt: skip
        known = cursor or {}
        self._context = context
        self._clock = context.clock
        self._timing = timing
        self._session = session
        self._since: int | None = known.get("seen")
        self._ami = CallTracker(
            context.hash_customer, trunks=settings.trunks, extensions=settings.extensions, places=context.places,
            has_log=settings.queue_log is not None,
        )  # fmt: skip
        self._members = Members()
        self._log = LogTailer(settings.queue_log, known.get("log")) if settings.queue_log is not None else None
        self._had_log = known.get("log") is not None
        self._safe_log: dict[str, Any] | None = None  # where the log stood one look ago: AMI has reported all before that
        self._next_log = 0.0
        self._rejected: list[Rejected] = []
        self._reported_cursor: Cursor | None = None
        self._alive = self._since or 0

    @property
    def _offset(self) -> int:
        return self._session.offset if self._ami.stamped is not False else 0

    def _now(self) -> int:
        """The present moment in the clock that stamps the events."""
        return to_micros(self._clock.now()) + self._offset

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """See the module's docstring."""
        ami, session = self._ami, self._session
        ami.restore(await self._context.state.prefix(STATE_PREFIX))
        login = self._now()
        gap: Gap | None = None
        restarted = False
        if self._since is not None:
            lose_holds(ami, self._since)
        filled, restarted = await self._fill()
        if self._since is not None and not filled and login > self._since:
            gap = Gap(from_micros(self._since), from_micros(login))
        pbx, loading = await self._look()
        restarted = restarted or loading or await self._restarted()
        self._receive()
        ami.flush()
        reconcile(ami, pbx, since=self._since, login=login, restarted=restarted)
        for batch in self._batches(gap):
            yield batch
        next_sign = self._clock.monotonic() + _SIGN_OF_LIFE
        next_list = self._clock.monotonic() + self._timing.members
        while not session.closed:
            if await session.wait(_BATCH_SECONDS if ami.busy else _SIGN_OF_LIFE):
                await self._clock.sleep(_BATCH_SECONDS)
            self._receive()
            ami.tick(self._now())
            await self._look_into_log()
            if self._members.incomplete or self._clock.monotonic() >= next_list:
                self._members.incomplete = False
                next_list = self._clock.monotonic() + self._timing.members
                session.ask_for_members()
            due = self._clock.monotonic() >= next_sign
            if due or ami.calls.events or self._rejected or self._members.dirty:
                next_sign = self._clock.monotonic() + _SIGN_OF_LIFE
                for batch in self._batches(None):
                    yield batch
        ami.flush()
        for batch in self._batches(None, last=True):
            yield batch
        raise session.lost()

    def _receive(self) -> None:
        """Applies what has arrived."""
        session = self._session
        session.pump()
        arrived, session.events = session.events, []
        for message, moment in arrived:
            if message.name in _OF_MEMBERS:
                self._members.apply(message.name, message.fields)
            else:
                self._ami.feed(message, moment, self._offset)
        for count, reason in zip(session.rejected, ("malformed", "too_large"), strict=True):
            if count:
                self._rejected.append(Rejected(reason, "an AMI message", count))

    def _batches(self, gap: Gap | None, *, last: bool = False) -> Iterator[Batch]:
        """What was gathered, in pieces of one transaction each; the entries and the cursor go with the last of them."""
        events: list[Event] = self._ami.calls.drain_events()
        lag = timedelta(microseconds=_LAG * SECOND - self._offset)
        while len(events) > _BATCH_EVENTS:
            yield Batch(events[:_BATCH_EVENTS], live_lag=lag)
            events = events[_BATCH_EVENTS:]
        offset = self._session.offset / SECOND if self._session.knows_offset else None
        cursor = self._cursor(moved=bool(events) or gap is not None or last)
        rejected, self._rejected = self._rejected, []
        yield Batch(
            events, cursor, live_lag=lag, rejected=rejected, gap=gap, state=self._ami.calls.drain_state(),
            agents=self._members.drain(), clock_offset=offset,
        )  # fmt: skip

    def _cursor(self, *, moved: bool) -> Cursor | None:
        self._alive = max(self._alive, self._ami.newest, self._session.last_pong + self._offset - _ALIVE_MARGIN)
        reported = self._reported_cursor
        if reported is not None and not moved and self._alive - reported["seen"] < _ALIVE_EVERY:
            return None
        cursor: Cursor = {"seen": self._alive}
        if self._safe_log is not None:
            cursor["log"] = self._safe_log
        self._reported_cursor = cursor
        return cursor

    # --- after a gap ----------------------------------------------------------------------------

    async def _fill(self) -> tuple[bool, bool]:
        """Reports what queue_log says of the time we were away. Returns whether it could, and whether Asterisk restarted."""
        if self._log is None:
            return False, False
        if not self._had_log or self._since is None:
            try:
                await asyncio.to_thread(self._log.to_end)
            except OSError:
                return False, False  # `check` says so; AMI goes on without
            self._safe_log = self._log.cursor()
            return False, False
        calls = LogCalls(self._ami.calls, alone=False)
        restarted, at_end = False, False
        while not at_end:
            try:
                lines, at_end = await asyncio.to_thread(self._log.read)
            except OSError:
                return False, restarted
            for line in self._parsed(lines):
                if line.at >= self._since - 2 * SECOND:  # what is older AMI has reported
                    restarted = restarted or line.verb == "QUEUESTART"
                    calls.apply(line)
        calls.settle(self._now() + 2 * RESTART)
        self._safe_log = self._log.cursor()
        return not self._log.broken, restarted

    async def _look(self) -> tuple[PbxState, bool]:
        """What Asterisk shows now, and whether it has only just started (app_queue is loaded after AMI)."""
        pbx, loading = PbxState(), False
        until = self._clock.monotonic() + self._timing.loading
        while True:
            answer = await self._session.ask("QueueStatus")
            if answer.ok:
                pbx.add_queues(answer.parts)
                self._members.take(answer.parts)
                break
            loading = loading or "unknown command" in answer.fields.get("Message", "")
            if not loading or self._clock.monotonic() >= until:
                loading = False  # there is no app_queue at all
                break
            await self._clock.sleep(self._timing.retry)
        answer = await self._session.ask("CoreShowChannels")
        if answer.ok:
            pbx.add_channels(answer.parts)
        return pbx, loading

    async def _restarted(self) -> bool:
        """Whether Asterisk began after we last saw it; unknown counts as no."""
        if self._since is None or not self._ami.calls.by_uid:
            return False
        until = self._clock.monotonic() + _BOOT_SECONDS
        while self._session.booted is None and (left := until - self._clock.monotonic()) > 0 and not self._session.closed:
            await self._session.wait(min(left, self._timing.retry))
            self._session.pump()
        uptime = (self._session.booted or {}).get("Uptime", "")
        return uptime.isascii() and uptime.isdigit() and len(uptime) <= 10 and self._now() - int(uptime) * SECOND > self._since

    async def _look_into_log(self) -> None:
        """Beside AMI: why callers left. Everything else AMI has reported, and better."""
        if self._log is None or self._clock.monotonic() < self._next_log:
            return
        self._next_log = self._clock.monotonic() + _LOG_EVERY
        before = self._log.cursor()
        try:
            lines, _ = await asyncio.to_thread(self._log.read)
        except OSError:
            return
        self._safe_log = before
        for line in self._parsed(lines):
            reason = hint(line)
            if reason is not None:
                self._ami.left_for(line.uid, reason, self._now())

    def _parsed(self, lines: Iterable[bytes | Rejected]) -> Iterator[Line]:
        for raw in lines:
            line = parse(raw, latest=self._now() + DAY) if isinstance(raw, bytes) else raw
            if isinstance(line, Rejected):
                self._rejected.append(line)
            else:
                yield line


def _may_write(commands: dict[str, str]) -> Finding:
    """ListCommands names only what the account is permitted (FACTS section 6)."""
    if commands.get("Response") != "Success":
        return Finding(None, "ListCommands is refused: cannot tell what this account may do")
    can = sorted(_WRITING & commands.keys())
    if can:
        shown = ", ".join(can[:5]) + (", …" if len(can) > 5 else "")
        return Finding(False, f"this account may change things ({shown}): set write = reporting, or none, in manager.conf")
    return Finding(True, "this account cannot place, redirect or end calls, nor run commands")


def connect(settings: Settings, context: Context) -> Asterisk:
    """A connector for one Asterisk; opens nothing yet."""
    return Asterisk(settings, context)
