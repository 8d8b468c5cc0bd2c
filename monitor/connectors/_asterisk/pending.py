"""What only time shows about a call: why a caller left, where a transfer led, when nothing more will come. Pure."""

import heapq
from typing import Final

from monitor.connectors._asterisk.calls import QUEUE, WAITING, Call, Calls, QueueLeg

#: A caller whose phone has not asked to hang up by then has left the queue otherwise.
GRACE: Final = 500_000
#: With queue_log at hand we wait for the reason it gives.
LOG_GRACE: Final = 2_000_000
#: Between two Dial() of one dialplan; who hangs up within this has given up, later it is a voicemail or an announcement.
REDIAL: Final = 1_000_000
#: Another Dial() belongs to the same visit if only an announcement lies between.
HUNTING: Final = 10_000_000
#: A transfer's target is known when it rings or queues; an announcement may come before.
HANDING: Final = 10_000_000
#: A call's late events still come this long after its last Hangup.
AFTERLIFE: Final = 1_000_000


class Pending:
    """Decides about calls as soon as it can, and remembers when to look again. Moments are microseconds."""

    def __init__(self, calls: Calls, *, has_log: bool) -> None:
        """`has_log`: reasons of leaving may come from queue_log, and are worth waiting for."""
        self.sees_calls = True  # events of class call come: a caller who hangs up is seen to do so
        self.in_touch = False  # the open calls have been compared with what Asterisk shows
        self.next_due: int | None = None
        self.sees_bridges = False  # BridgeEnter comes
        self._calls = calls
        self._has_log = has_log
        self._due: dict[str, int] = {}  # Uniqueid of a caller -> when something about the call is to be decided
        self._order: list[tuple[int, str]] = []  # the same as a heap; what `_due` does not know of is out of date

    def _later(self, call: Call, at: int) -> None:
        known = self._due.get(call.uid)
        if known is not None and known <= at:
            return
        self._due[call.uid] = at
        heapq.heappush(self._order, (at, call.uid))
        if self.next_due is None or at < self.next_due:
            self.next_due = at

    def drop(self, call: Call) -> None:
        """Nothing is to be decided about it any more."""
        self._due.pop(call.uid, None)
        self._find_next()

    def decide_due(self, now: int) -> None:
        """Looks again at every call whose moment has come."""
        if self.next_due is None or self.next_due > now:
            return
        order, due = self._order, []
        while order and order[0][0] <= now:
            due.append(heapq.heappop(order))
        for at, uid in due:
            if self._due.get(uid) != at:
                continue
            del self._due[uid]
            call = self._calls.by_uid.get(uid)
            if call is not None:
                self.settle(call, now)
        self._find_next()

    def _find_next(self) -> None:
        order = self._order
        while order and self._due.get(order[0][1]) != order[0][0]:
            heapq.heappop(order)
        self.next_due = order[0][0] if order else None

    def settle(self, call: Call, now: int) -> None:
        """Decides what can be decided about a call at `now`, and says when to look again."""
        leg = call.leg
        if leg is not None and leg.state == WAITING and leg.gone is not None:
            limit = leg.gone + self._patience(leg)
            self.decide(call, leg, force=now >= limit)
            if leg.gone is not None and not leg.picked_up:
                self._later(call, limit)
                if not leg.place.startswith(QUEUE):
                    self._fall_silent(call, leg, leg.gone + REDIAL, now)
        if leg is not None and leg.lifted_at is not None and leg.lifted is not None and not leg.place.startswith(QUEUE):
            self._without_bridges(call, leg, leg.lifted_at + GRACE, now)
        if call.handing is not None:
            if now >= call.handing[0] + HANDING or call.over is not None:
                self.passed_on(call, None, into_queue=False)
            else:
                self._later(call, call.handing[0] + HANDING)
        if call.over is not None:
            self._finish(call, now)

    def _fall_silent(self, call: Call, leg: QueueLeg, limit: int, now: int) -> None:
        if now >= limit:
            self._calls.silence(call, leg)
        else:
            self._later(call, limit)

    def _without_bridges(self, call: Call, leg: QueueLeg, limit: int, now: int) -> None:
        """A phone behind a Local channel was lifted, and an event filter hides who is bridged with whom."""
        if self.sees_bridges or leg.lifted_at is None:
            return
        if now >= limit:
            self._calls.answer(call, leg, leg.lifted_at)
        else:
            self._later(call, limit)

    def _patience(self, leg: QueueLeg) -> int:
        if not leg.place.startswith(QUEUE):
            return HUNTING
        return LOG_GRACE if self._has_log and (leg.abandoned or not leg.picked_up) else GRACE

    def decide(self, call: Call, leg: QueueLeg, *, force: bool) -> None:
        """Tells why the caller left, once that is known; `force`: with what is known now."""
        if leg.gone is None or leg.state != WAITING:
            return
        if force and leg.abandoned and leg.reason is None and not (self.sees_calls or call.requested or call.stopping):
            self._calls.lose(call, leg.gone)  # gave up or was sent on: this account cannot know
            return
        reason = _why_left(call, leg, force=force)
        if reason is not None:
            self._calls.leave(call, leg, reason, leg.gone)

    def _finish(self, call: Call, now: int) -> None:
        over, leg = call.over, call.leg
        if over is None:
            return
        if leg is not None and leg.state == WAITING:
            if leg.gone is None:
                if not self.in_touch:  # how it left may have been said while we were away
                    self._calls.lose(call, over)
                leg.gone = over
                self.decide(call, leg, force=False)
            in_log = self._has_log and leg.place.startswith(QUEUE)  # of direct numbers queue_log says nothing
            if leg.gone is not None and leg.gone + self._patience(leg) > now and not call.stopping and in_log:
                self._later(call, leg.gone + self._patience(leg))
                return
            self.decide(call, leg, force=True)
        self._calls.end(call, over)
        if now >= over + AFTERLIFE:
            self._calls.forget(call)
        else:
            self._later(call, over + AFTERLIFE)

    def passed_on(self, call: Call, to: str | None, *, into_queue: bool) -> None:
        """Tells of the transfer that was held back until its target was known."""
        if call.handing is not None:
            at, how, expected = call.handing
            call.handing = None
            self._calls.transfer(call, at, how, to or expected, into_queue=into_queue)


def _why_left(call: Call, leg: QueueLeg, *, force: bool) -> str | None:
    """The reason in the closed set, or None while it may still turn out otherwise (FACTS section 3)."""
    if call.stopping:
        return "restart"
    if not leg.place.startswith(QUEUE):
        at_once = leg.gone is not None and (call.requested_at is None or call.requested_at <= leg.gone + REDIAL)
        return "caller" if call.requested and at_once else "timeout" if force else None
    if leg.abandoned or (call.over is not None and not leg.picked_up and leg.gone == call.over):
        if call.requested:
            return "caller"
        return leg.reason or ("timeout" if force else None)
    if call.callback:
        return "callback"
    if leg.picked_up:  # AgentConnect follows, unless the caller gave up in the announcement to the agent
        if call.over is None:
            return None
        return "caller" if call.requested else "withdrawn"
    return leg.reason or ("key" if force else None)
