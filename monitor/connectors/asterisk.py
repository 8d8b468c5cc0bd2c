"""Source type `asterisk`: the Manager Interface (AMI), every call, to a tenth of a second, while it happens.

connect and log in -> restore the open calls -> fill the gap from queue_log -> compare with what Asterisk shows
-> then, 30 ms after something arrived, or up to 100 ms while much is told: messages -> calls -> a batch
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
from monitor.connectors._asterisk.log_archive import ARCHIVE
from monitor.connectors._asterisk.log_calls import LogCalls
from monitor.connectors._asterisk.log_held import RESTART
from monitor.connectors._asterisk.members import MEMBER_EVENTS, MEMBER_LIST, Members
from monitor.connectors._asterisk.pace import SHORTEST, Pace
from monitor.connectors._asterisk.queue_log import DAY, EXTENSION_PLACE, QUEUE_PLACE, SECOND, Line, hint, parse
from monitor.connectors._asterisk.reconcile import PbxState, lose_holds, reconcile
from monitor.connectors._asterisk.session import Session, Timing
from monitor.connectors._asterisk.sight import AGENT, CALL, Sight, callers_by_queue, class_of
from monitor.connectors._asterisk.tail import LogTailer, inspect_log
from monitor.connectors._asterisk.tracker import CallTracker
from monitor.connectors._reaching import TlsOrNot
from monitor.domain.event import Event, from_micros, to_micros
from monitor.errors import ConfigError

#: All its contacts are calls, so the metrics of its contact points exist from the start.
CHANNEL: Final = "phone"
PLACES: Final = (QUEUE_PLACE, EXTENSION_PLACE)
ARCHIVES: Final = (ARCHIVE,)
_BATCH_EVENTS: Final = 2000
#: Seconds until what Asterisk stamped has been yielded but for one event in a hundred: arrival 24 ms (p99), ordering
#: 20 ms, batch 30 ms. What comes later still within that margin of its limit is counted and retracted. A longer batch needs no
#: longer lag: it is only gathered while messages wait to be put in order, and then nothing after them is `proven`.
_LAG: Final = 0.08
#: Without open calls it is written down this often that Asterisk was heard (a gap begins there).
_ALIVE_EVERY: Final = 30 * SECOND
_LOG_EVERY: Final = 1.0
#: Between a sign of life and the end of Asterisk, and between its start and our login, nobody is called back.
_AT_ONCE: Final = 5 * SECOND
#: Without class call no Hangup tells that a caller is gone. One who has left a queue may come to another.
_REMEMBERED: Final = 600 * SECOND
#: While no event of class agent has come.
_COUNT_EVERY: Final = 60.0
#: What queue_log does not tell of the time while we were away.
_NOT_IN_LOG: Final = "holds, direct numbers, transfers between phones and call backs"
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
    tls: TlsOrNot = Field("none", description="`implicit`: AMI over TLS (tlsenable in manager.conf, usually port 5039).")
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
        self._sight = Sight(has_log=settings.queue_log is not None)
        self._closed_at: int | None = None  # our clock: when Asterisk closed the connection before
        self._timing = replace(timing or Timing(), answer=settings.timeout.total_seconds())

    async def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Everything since `cursor`, then everything that happens. Raises SourceError when the connection ends."""
        session = await self._open()
        try:
            self._sight.renew()
            run = _Run(self._settings, self._context, self._timing, session, cursor, self._sight)
            closed_at, self._closed_at = self._closed_at, None
            async for batch in run.batches(closed_at):
                yield batch
        finally:
            if session.closed:
                self._closed_at = to_micros(self._clock.now())
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
        """For a second, or until it is clear whether what should have come with a call that ended meanwhile comes."""
        sight, heard = Sight(has_log=self._settings.queue_log is not None), 0
        until = self._clock.monotonic() + 1.0
        while (left := until - self._clock.monotonic()) > 0 or sight.next_due is not None:
            await session.wait(max(0.0, left) or self._timing.ping)
            session.pump()
            sight.feed(session.events[heard:])
            heard = len(session.events)
            sight.tick(session.proven)
        seen = {kind for message, _ in session.events if (kind := class_of(message.name)) is not None}
        classes = sorted(seen | ({"system"} if session.booted is not None else set()))
        findings = []
        if session.booted is None:
            findings.append(Finding(None, "no FullyBooted came: without read class system a restart is not recognised"))
        if not session.events:
            findings.append(Finding(None, "no call happened in the last second; read classes call and agent are not proven"))
        else:
            findings.append(Finding(True, f"read classes seen: {', '.join(classes)}"))
            findings += [
                Finding(None, f"no event of class {name} came; if calls ran, add it to read in manager.conf")
                for name in (CALL, AGENT) if name not in seen
            ]  # fmt: skip
            untold = sight.drain()
            findings += [Finding(False, each) for each in (untold.why if untold is not None else ())]
            if any("Timestamp" not in message.fields for message, _ in session.events):
                findings.append(Finding(None, "events carry no time stamps: set timestampevents=yes in manager.conf"))
        return findings

    async def _open(self) -> Session:
        settings = self._settings
        context = None
        if settings.tls == "implicit":
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
        self, settings: Settings, context: Context, timing: Timing, session: Session, cursor: Cursor | None, sight: Sight
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
        self._sight = sight
        self._counted: dict[str, int] | None = None  # callers whom each queue had served or lost, by QueueStatus
        self._next_count = 0.0
        self._rejected: list[Rejected] = []
        self._reported_cursor: Cursor | None = None
        self._alive = self._since or 0  # up to this moment of Asterisk's clock we certainly heard it
        self._proven = self._alive  # and up to this one everything we heard has been handled

    @property
    def _offset(self) -> int:
        return self._session.offset if self._ami.stamped is not False else 0

    def _now(self) -> int:
        """The present moment in the clock that stamps the events."""
        return to_micros(self._clock.now()) + self._offset

    async def batches(self, closed_at: int | None) -> AsyncGenerator[Batch, None]:
        """See the module's docstring. `closed_at`: when Asterisk closed the connection before, if it did."""
        ami, session = self._ami, self._session
        ami.restore(await self._context.state.prefix(STATE_PREFIX))
        login = self._now()
        gap: Gap | None = None
        restarted = False
        if self._since is not None:
            lose_holds(ami, self._since)
        filled, restarted = await self._fill()
        if self._since is not None and login > self._since:
            gap = Gap(from_micros(self._since), from_micros(login), _NOT_IN_LOG if filled else None)
        pbx, loading = await self._look()
        restarted = restarted or loading or await self._restarted()
        if gap is not None and restarted and closed_at is not None:
            heard_to_the_end = closed_at + self._offset - to_micros(gap.since) <= _AT_ONCE
            gap = replace(gap, callbacks=not (heard_to_the_end and (loading or self._uptime() <= _AT_ONCE)))
        self._receive()
        ami.flush()
        reconcile(ami, pbx, since=self._since, login=login, restarted=restarted)
        for batch in self._batches(gap):
            yield batch
        next_list = self._clock.monotonic() + self._timing.members
        told = session.proven
        pace = Pace()
        while not session.closed:
            if await session.wait(SHORTEST if ami.busy or self._sight.next_due is not None else self._timing.ping):
                await self._clock.sleep(pace.pause(self._clock.monotonic()))
            self._receive()
            ami.tick(self._now(), self._alive)
            self._sight.tick(session.proven)
            if ami.undecided(self._now(), self._alive) or self._sight.undecided(self._now() - self._offset, session.proven):
                session.prove()
            await self._look_into_log()
            await self._look_for_queues()
            if self._members.incomplete or self._clock.monotonic() >= next_list:
                self._members.incomplete = False
                next_list = self._clock.monotonic() + self._timing.members
                session.ask_for_members()
            if session.proven > told or ami.calls.events or self._rejected or self._members.dirty:
                if session.proven > told and not self._sight.sees(CALL):
                    ami.forget_left(self._now() - _REMEMBERED)
                if not ami.sorting:  # else what it proves is told later
                    told = session.proven
                pace.took(self._clock.monotonic(), len(ami.calls.events), more=ami.sorting)
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
        self._sight.feed(arrived)
        self._ami.pending.sees_calls = self._sight.sees(CALL)
        offset = self._offset
        for message, moment in arrived:
            if message.name in _OF_MEMBERS:
                self._members.apply(message.name, message.fields)
            else:
                self._ami.feed(message, moment, offset)
        for count, reason in zip(session.rejected, ("malformed", "too_large"), strict=True):
            if count:
                self._rejected.append(Rejected(reason, "an AMI message", count))
        self._alive = max(self._alive, min(self._ami.newest, self._now()), session.proven + self._offset)

    def _batches(self, gap: Gap | None, *, last: bool = False) -> Iterator[Batch]:
        """What was gathered, in pieces of one transaction each; the entries and the cursor go with the last of them."""
        events: list[Event] = self._ami.calls.drain_events()
        self._proven = max(self._proven, min(self._alive, self._ami.newest) if self._ami.sorting else self._alive)
        lag, proven = timedelta(microseconds=_LAG * SECOND - self._offset), from_micros(self._proven)
        while len(events) > _BATCH_EVENTS:
            yield Batch(events[:_BATCH_EVENTS], gap=gap, more=True)
            events, gap = events[_BATCH_EVENTS:], None
        offset = self._session.offset / SECOND if self._session.knows_offset else None
        cursor = self._cursor(moved=bool(events) or gap is not None or last)
        rejected, self._rejected = self._rejected, []
        yield Batch(
            events, cursor, live_lag=lag, proven=proven, prove=self._session.prove, rejected=rejected, gap=gap,
            state=self._ami.calls.drain_state(), untold=self._sight.drain(), agents=self._members.drain(), clock_offset=offset,
        )  # fmt: skip

    def _cursor(self, *, moved: bool) -> Cursor | None:
        """While calls are open it moves with each sign of life: what was judged must not lie after where a gap begins."""
        reported = self._reported_cursor
        patience = 1 if self._ami.calls.by_uid else _ALIVE_EVERY
        if reported is not None and not moved and self._alive - reported["seen"] < patience:
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
        calls = LogCalls(self._ami.calls, alone=False, queues=self._ami.queues)
        at_end = False
        while not at_end:
            try:
                lines, at_end = await asyncio.to_thread(self._log.read)
            except OSError:
                return False, calls.restarted
            for line in self._parsed(lines):
                if line.at >= self._since - 2 * SECOND:  # what is older AMI has reported
                    calls.apply(line)
        calls.settle(self._now() + 2 * RESTART)
        self._safe_log = self._log.cursor()
        return not self._log.broken, calls.restarted

    async def _look(self) -> tuple[PbxState, bool]:
        """What Asterisk shows now, and whether it has only just started (app_queue is loaded after AMI)."""
        pbx, loading = PbxState(), False
        until = self._clock.monotonic() + self._timing.loading
        while True:
            answer = await self._session.ask("QueueStatus")
            if answer.ok:
                pbx.add_queues(answer.parts)
                self._members.take(answer.parts)
                self._counted = callers_by_queue(answer.parts)
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
        if self._since is None:
            return False
        until = self._clock.monotonic() + (_BOOT_SECONDS if self._ami.calls.by_uid else 0.0)
        while self._session.booted is None and (left := until - self._clock.monotonic()) > 0 and not self._session.closed:
            await self._session.wait(min(left, self._timing.retry))
            self._session.pump()
        return self._now() - self._uptime() > self._since

    def _uptime(self) -> int:
        """For how long Asterisk has run, in microseconds; for ever where it does not say."""
        uptime = (self._session.booted or {}).get("Uptime", "")
        known = uptime.isascii() and uptime.isdigit() and len(uptime) <= 10
        return int(uptime) * SECOND if known else to_micros(self._clock.now())

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
            if line.verb == "ABANDON" and not self._sight.sees(CALL):
                reason = "caller"  # AMI does not show who hung up
            if reason is not None:
                self._ami.left_for(line.uid, line.queue, reason, line.at, self._now())

    async def _look_for_queues(self) -> None:
        """While calls are told and queues are not: were any busy? Then the account does not read class agent."""
        if self._sight.sees(AGENT) or not self._sight.sees(CALL) or self._clock.monotonic() < self._next_count:
            return
        self._next_count = self._clock.monotonic() + _COUNT_EVERY
        answer = await self._session.ask("QueueStatus")
        if answer.ok:
            before, self._counted = self._counted, callers_by_queue(answer.parts)
            if before is not None and any(count > before.get(queue, count) for queue, count in self._counted.items()):
                self._sight.queues_were_busy()

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
