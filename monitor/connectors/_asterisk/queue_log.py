"""Asterisk's queue_log: lines <-> values, and what they say about calls (FACTS section 4). Pure; `tail` reads the file.

Whole seconds, no holds, and of the ringing only what an answered or given-up attempt shows. Therefore every event from here
is `rough`, and an exact one of the same id wins.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final, NamedTuple

from monitor.connector import Archive, Context, Place, Rejected
from monitor.connectors._asterisk.calls import ANSWERED, QUEUE, WAITING, Call, Calls, QueueLeg
from monitor.domain.event import Event

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
#: Real lines stay under 300 bytes.
MAX_LINE: Final = 4096
#: An Asterisk that stops writes ABANDON for everybody; if it starts again within this it was not the callers' decision.
RESTART: Final = 10 * SECOND
#: A caller may come back to a queue; until then its legs are counted on.
MEMORY: Final = 600 * SECOND

#: Verbs after which the caller has left unserved, and the reason.
_EXITS: Final = {"EXITWITHTIMEOUT": "timeout", "EXITEMPTY": "no_agents", "EXITWITHKEY": "key", "WITHDRAW": "withdrawn"}
_COMPLETE: Final = frozenset(("COMPLETEAGENT", "COMPLETECALLER"))
#: What a stopping Asterisk writes last.
_ENDINGS: Final = frozenset(("ABANDON", *_COMPLETE))


class Line(NamedTuple):
    """One line. `at` in microseconds (whole seconds on the wire)."""

    at: int
    uid: str
    queue: str
    agent: str
    verb: str
    data: list[str]


def parse(raw: bytes, *, latest: int | None = None) -> Line | Rejected:
    """One line without its end. Bytes that are not UTF-8 are replaced; the sample never shows what stood there.

    A moment after `latest` (microseconds) cannot be true.
    """
    if len(raw) > MAX_LINE:
        return Rejected("too_large", f"a line of {len(raw)} bytes")
    parts = raw.decode("utf-8", "replace").split("|")
    stamp = parts[0]
    if len(parts) < 5 or not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11) or not parts[4]:
        return Rejected("malformed", f"a line of {len(raw)} bytes in {len(parts)} fields")
    at = int(stamp) * SECOND
    if latest is not None and at > latest:
        return Rejected("future", f"a line of {len(raw)} bytes")
    return Line(at, parts[1], parts[2], parts[3], parts[4], parts[5:])


class LogCalls:
    """Applies lines to `calls`. `alone`: nothing else reports these calls, so that an ended call is over here too."""

    def __init__(self, calls: Calls, *, alone: bool) -> None:
        self._calls = calls
        self._alone = alone
        self.newest = 0  # moment of the newest line
        self._open: set[str] = set(calls.by_uid)  # callers with something undecided
        known = sorted((call.seen, uid) for uid, call in calls.by_uid.items()) if alone else []
        self._done = {uid: seen for seen, uid in known}  # callers in the order of their newest line

    def apply(self, line: Line) -> None:
        """Takes the next line."""
        if self._open:
            self._resolve(line)
        if line.verb == "QUEUESTART":
            self._restarted(line)
        self.newest = max(self.newest, line.at)
        step = _STEPS.get(line.verb)
        if step is not None and line.uid:
            step(self, line)
        if self._alone and self._done:
            self._forget(line.at - MEMORY)

    def settle(self, now: int) -> None:
        """Decides what was held back until `now`: nothing came that would say otherwise."""
        for uid in list(self._open):
            call = self._calls.by_uid.get(uid)
            if call is None:
                self._open.discard(uid)
                continue
            leg = call.leg
            if leg is not None and leg.gone is not None and leg.gone + RESTART <= now:
                self._abandoned(call, leg, "caller")
            if call.handing is not None and call.handing[0] + RESTART <= now:
                self._handed(call, None)

    def held_back(self) -> int | None:
        """The earliest moment of which something is not reported yet."""
        moments: list[int] = []
        for uid in self._open:
            call = self._calls.by_uid.get(uid)
            if call is not None:
                moments += [call.leg.gone] if call.leg is not None and call.leg.gone is not None else []
                moments += [call.handing[0]] if call.handing is not None else []
        return min(moments, default=None)

    # --- lines ----------------------------------------------------------------------------------

    def _enter(self, line: Line) -> None:
        place = QUEUE + line.queue
        call = self._calls.find(line.uid, None)
        if call is None:
            call = self._calls.begin(line.uid, line.uid, line.data[1] if len(line.data) > 1 else None, line.at)
        if any(v.place == place and -SECOND <= v.since - line.at < 2 * SECOND for v in call.legs):
            return  # reported before
        leg = call.leg
        if leg is not None and leg.state == WAITING:
            self._calls.leave(call, leg, "timeout", line.at, rough=True)
        self._handed(call, line.queue)
        self._calls.queue(call, self._calls.leg(call, place, line.uid, line.at), rough=True)
        self._keep(call, line.at)

    def _connect(self, line: Line) -> None:
        found = self._waiting(line)
        if found is not None:
            self._rang(*found, line.at - _number(line.data, 2) * SECOND)
            self._calls.answer(*found, line.at, rough=True)

    def _no_answer(self, line: Line) -> None:
        found = self._waiting(line)
        if found is not None:  # RINGNOANSWER counts milliseconds, CONNECT seconds
            self._rang(*found, line.at - _number(line.data, 0) * 1000)

    def _rang(self, call: Call, leg: QueueLeg, at: int) -> None:
        if leg.rings == 0:
            self._calls.ring(call, leg, max(leg.since, at // SECOND * SECOND), rough=True)

    def _exit(self, line: Line) -> None:
        found = self._waiting(line)
        if found is not None:
            self._calls.leave(*found, _EXITS[line.verb], line.at, rough=True)
            self._keep(found[0], line.at)

    def _abandon(self, line: Line) -> None:
        found = self._waiting(line)
        if found is not None:
            call, leg = found
            leg.gone, leg.abandoned = line.at, True
            self._calls.changed(call)
            self._open.add(call.uid)

    def _complete(self, line: Line) -> None:
        found = self._served(line)
        if found is not None:
            self._ended(*found, line.at)

    def _blind(self, line: Line) -> None:
        found = self._served(line)
        if found is not None and found[1].transfers == 0 and found[0].handing is None:
            call, leg = found
            to = line.data[0] if line.data and line.data[0].isdigit() and len(line.data[0]) <= 6 else "outside"
            call.handing = (line.at, "blind", to)
            self._calls.changed(call)
            self._open.add(call.uid)
            self._ended(call, leg, line.at)

    def _attended(self, line: Line) -> None:
        found = self._served(line)
        if found is not None and found[1].transfers == 0:
            self._calls.transfer(found[0], line.at, "consult", None, into_queue=False, rough=True)
            self._ended(*found, line.at)

    # --- what follows ---------------------------------------------------------------------------

    def _find(self, line: Line, state: str) -> tuple[Call, QueueLeg] | None:
        call = self._calls.find(line.uid, None)
        leg = call.leg if call is not None else None
        if call is None or leg is None or leg.place != QUEUE + line.queue or leg.state != state:
            return None
        return call, leg

    def _waiting(self, line: Line) -> tuple[Call, QueueLeg] | None:
        return self._find(line, WAITING)

    def _served(self, line: Line) -> tuple[Call, QueueLeg] | None:
        return self._find(line, ANSWERED)

    def _ended(self, call: Call, leg: QueueLeg, at: int) -> None:
        """As far as the queue can see. Beside AMI the call goes on until its caller's channel is gone."""
        if not leg.ended and (self._alone or (leg.transfers == 0 and call.handing is None)):
            self._calls.end_leg(call, leg, at, rough=True)
        self._keep(call, at)

    def _abandoned(self, call: Call, leg: QueueLeg, reason: str) -> None:
        at = leg.gone
        if at is not None and leg.state == WAITING:
            self._calls.leave(call, leg, reason, at, rough=True)
            self._calls.end_leg(call, leg, at, rough=True)
            self._keep(call, at)

    def _handed(self, call: Call, queue: str | None) -> None:
        if call.handing is not None:
            at, how, to = call.handing
            call.handing = None
            self._calls.transfer(call, at, how, queue or to, into_queue=queue is not None, rough=True)

    def _resolve(self, line: Line) -> None:
        """What this line says about abandons that were held back: an Asterisk that goes on working was not stopping."""
        goes_on = line.verb not in _ENDINGS and line.verb != "QUEUESTART"
        for uid in list(self._open):
            call = self._calls.by_uid.get(uid)
            leg = call.leg if call is not None else None
            gone = leg.gone if leg is not None else None
            if call is not None and leg is not None and gone is not None and (goes_on or line.at >= gone + RESTART):
                self._abandoned(call, leg, "caller")
            if call is not None and call.handing is not None and line.at >= call.handing[0] + RESTART:
                self._handed(call, None)
            if call is None or (call.handing is None and (leg is None or leg.gone is None)):
                self._open.discard(uid)

    def _restarted(self, line: Line) -> None:
        """Asterisk has started: whatever was open before is over, and nobody gave up."""
        for call in list(self._calls.by_uid.values()):
            leg = call.leg
            if call.seen > line.at or leg is None or call.over is not None:
                continue
            at = max(self.newest, call.seen)
            self._handed(call, None)
            if leg.state == WAITING:
                self._calls.leave(call, leg, "restart", leg.gone or at, rough=True)
            if call.holds:
                self._calls.lose(call, call.seen)
            for each in call.legs:
                if not each.ended:
                    self._calls.end_leg(call, each, at, rough=True)
            self._calls.forget(call)
            self._done.pop(call.uid, None)
        self._open.clear()

    def _keep(self, call: Call, at: int) -> None:
        if self._alone:
            self._done.pop(call.uid, None)
            self._done[call.uid] = at

    def _forget(self, before: int) -> None:
        """Forgets calls without a line since `before`; those that seem to go on, only after a day."""
        for uid, at in list(self._done.items()):
            if at >= before:
                break
            call = self._calls.by_uid.get(uid)
            leg = call.leg if call is not None else None
            if call is not None and leg is not None and leg.state in (WAITING, ANSWERED) and not leg.ended:
                if call.seen > before + MEMORY - DAY:
                    self._keep(call, before + MEMORY)  # look again later
                    continue
                self._calls.lose(call, call.seen)
            del self._done[uid]
            if call is not None:
                self._calls.forget(call)


def hint(line: Line) -> str | None:
    """Why this line's caller left, where queue_log knows what AMI does not say."""
    return _EXITS.get(line.verb)


def _number(data: list[str], index: int) -> int:
    text = data[index] if len(data) > index else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


_STEPS: Final[dict[str, Callable[[LogCalls, Line], None]]] = {
    "ENTERQUEUE": LogCalls._enter, "CONNECT": LogCalls._connect, "RINGNOANSWER": LogCalls._no_answer,
    "RINGCANCELED": LogCalls._no_answer, "ABANDON": LogCalls._abandon, "BLINDTRANSFER": LogCalls._blind,
    "ATTENDEDTRANSFER": LogCalls._attended, **dict.fromkeys(_EXITS, LogCalls._exit),
    **dict.fromkeys(_COMPLETE, LogCalls._complete),
}  # fmt: skip


def events_of(lines: Iterable[bytes], hash_customer: Callable[[str], str]) -> Iterator[Event | Rejected]:
    """The events of archived queue_log lines, oldest first. After the last line nothing else happens to its calls."""
    calls = Calls(hash_customer)
    log = LogCalls(calls, alone=True)
    for raw in lines:
        raw = raw.rstrip(b"\r\n")
        if not raw:
            continue
        line = parse(raw)
        if isinstance(line, Rejected):
            yield line
            continue
        log.apply(line)
        yield from calls.drain_events()
        calls.drain_state()
    log.settle(log.newest + 2 * RESTART)
    yield from calls.drain_events()


def _is_queue_log(head: bytes) -> bool:
    head = head.lstrip()
    return head[:10].isdigit() and head.split(b"\n", 1)[0].count(b"|") >= 4


def _read_archive(file: BinaryIO, _settings: object, context: Context) -> Iterator[Event | Rejected]:
    return events_of(file, context.hash_customer)


ARCHIVE: Final = Archive("queue_log", "queue_log", _is_queue_log, _read_archive)
QUEUE_PLACE: Final = Place("queue", "Phone: the queue, as the phone system calls it.")
EXTENSION_PLACE: Final = Place("extension", "Phone: the direct number.")
