"""What the lines of a queue_log say about calls. Pure.

Every event from here is `rough`, and an exact one of the same id wins. A line names its caller by the Uniqueid of the
channel, which changes while the call goes on: a masquerade puts the customer into the place where the agent waited for a
colleague, and a Local channel is optimised away (app_queue.c, handle_masquerade and handle_local_optimization_end). Such
a line is known by its queue and by the seconds it counts.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from monitor.connectors._asterisk.calls import ANSWERED, LEFT, QUEUE, WAITING, Call, Calls, QueueLeg
from monitor.connectors._asterisk.endpoints import is_short
from monitor.connectors._asterisk.log_held import Held, server_name
from monitor.connectors._asterisk.log_servers import Servers, parts_of
from monitor.connectors._asterisk.log_visits import Found, Visits, about, counted_from, extension
from monitor.connectors._asterisk.queue_log import DAY, EXITS, SECOND, TURNED_AWAY, Line, seconds, waited
from monitor.connectors._asterisk.queue_names import QueueNames

#: A caller may come back to a queue; until then its legs are counted on.
MEMORY: Final = 600 * SECOND

#: So many extensions of agents are remembered.
AGENTS: Final = 1000

_COMPLETE: Final = ("COMPLETEAGENT", "COMPLETECALLER")


class LogCalls:
    """Applies lines to `calls`. `alone`: nothing else reports these calls, so that an ended call is over here too."""

    def __init__(
        self, calls: Calls, *, alone: bool, memory: Mapping[str, Any] | None = None, queues: QueueNames | None = None,
        places: Iterable[str] = (),
    ) -> None:  # fmt: skip
        """`memory`: what `memory()` gave when `calls` were stored. `queues`: as AMI spells them; else `places`, the configured
        ones, say how.
        """
        self._calls = calls
        self._alone = alone
        known = memory or {}
        self._queues = queues or QueueNames(known.get("queues", ()), places)
        self.newest = 0  # moment of the newest line
        self._begun: int | None = known.get("begun")  # what began before was not read
        self._servers = Servers(known)
        self._behind = False  # the present line is older than one before it: the file is read again, or is two in one
        self._ours: dict[str, None] = dict.fromkeys(known.get("ours", ()))  # extensions of agents
        self.restarted = False  # the one Asterisk that writes here has started
        self._held = Held()
        self._visits = Visits()
        in_order = sorted(calls.by_uid.values(), key=lambda call: call.seen)
        for call in in_order:
            self._restore(call)
        self._done = OrderedDict((call.uid, call.seen) for call in in_order if alone)  # callers by their newest line

    def _restore(self, call: Call) -> None:
        if call.handing is not None:
            self._held.transfer(call.uid, call.handing[0])
        for leg in call.legs:
            self._visits.add(call, leg)
            if self._alone and leg.state == WAITING and leg.gone is not None:
                self._held.abandon(call.uid, leg.gone)

    def memory(self) -> dict[str, Any]:
        """What to remember beside the calls."""
        return {"begun": self._begun, "ours": list(self._ours), "queues": list(self._queues), **self._servers.memory()}

    def missed_lines(self) -> None:
        """Lines are lost: what is read now begins anew."""
        self._begun = None

    @property
    def waiting(self) -> bool:
        """Whether somebody waits."""
        return self._visits.waiting

    def apply(self, line: Line) -> None:
        """Takes the next line."""
        if self._begun is None:
            self._begun = line.at
        if line.verb == "QUEUESTART":
            self._decide(line, None)
            self._restarted(line.at)
        else:
            named = parts_of(line.uid)
            if named is not None:
                known = line.uid in self._calls.by_uid
                started = self._servers.saw(named, line.at, enters=line.verb == "ENTERQUEUE", known=known)
                if started is not None:
                    self._end_calls(*started)
            if self._held:
                self._decide(line, named.server if named is not None else self._servers.only(line.at))
        self._behind = line.at < self.newest
        self.newest = max(self.newest, line.at)
        step = _STEPS.get(line.verb)
        if step is not None and line.uid:
            queue = self._queues.of(line.queue)
            step(self, line if queue == line.queue else line._replace(queue=queue))
        if self._alone and self._done:
            self._forget(line.at - MEMORY)

    def settle(self, now: int) -> None:
        """Decides what was held back until `now`: nothing came that would say otherwise."""
        for uid in self._held.given_up_by(now):
            self._given_up(uid)
        self._hand_over(now)

    def held_back(self) -> int | None:
        """The earliest moment of which something is not reported yet."""
        return self._held.earliest()

    def let_go(self, before: int) -> None:
        """How the calls went on that have had no line since `before` is unknown."""
        for call in list(self._calls.by_uid.values()):
            if call.seen < before:
                self._calls.lose(call, call.seen)
                self._drop(call)

    # --- lines ----------------------------------------------------------------------------------

    def _enter(self, line: Line) -> None:
        place = QUEUE + line.queue
        call = self._calls.find(line.uid, None)
        if call is None:
            number = line.data[1] if len(line.data) > 1 else None
            ours = number in self._ours  # an agent asks colleagues, perhaps for a customer: nobody owes him a call back
            call = self._calls.begin(line.uid, line.uid, None if ours else number, line.at, trunk=not ours)
        if any(leg.place == place and self._is_told(leg, line.at) for leg in call.legs):
            return
        leg = call.leg
        if leg is not None and leg.state == WAITING:
            self._leave(call, leg, "timeout", leg.gone or line.at)
        elif leg is not None:
            self._disprove(call, leg)
        self._handed(call, line.queue)
        self._waits_in(call, self._calls.leg(call, place, line.uid, line.at))
        self._keep(call, line.at)

    def _is_told(self, leg: QueueLeg, at: int) -> bool:
        """Whether an ENTERQUEUE was reported before: by AMI, or as the same line. A caller who was put out may come back
        within the same second (leavewhenempty, and the dialplan sends him there again)."""
        if leg.since % SECOND:
            return -SECOND <= leg.since - at < 2 * SECOND
        return leg.since == at and (leg.state == WAITING or self._behind or not self._alone)

    def _connect(self, line: Line) -> None:
        self._agent(line)
        found = self._waiting(line)
        if found is not None:
            call, leg = found
            self._rang(call, leg, line.at - (seconds(line.data, 2) or 0) * SECOND)
            self._answer(call, leg, line.at, line.agent)

    def _no_answer(self, line: Line) -> None:
        self._agent(line)
        milliseconds = seconds(line.data, 0)  # CONNECT counts seconds
        found = self._waiting(line)
        if found is not None and milliseconds:  # 0: the phone refused at once and never rang
            self._rang(*found, line.at - milliseconds * 1000)

    def _agent(self, line: Line) -> None:
        number = extension(line.agent)
        if number and number not in self._ours:
            self._ours[number] = None
            if len(self._ours) > AGENTS:
                del self._ours[next(iter(self._ours))]

    def _rang(self, call: Call, leg: QueueLeg, at: int) -> None:
        self._calls.rang_unseen(call, leg, max(leg.since, at // SECOND * SECOND))

    def _exit(self, line: Line) -> None:
        found = self._waiting(line)
        if found is not None:
            call, leg = found
            self._leave(call, leg, EXITS[line.verb], _exactly(leg, line.at))
            if line.verb == "SYSCOMPAT":
                self._calls.end_leg(call, leg, line.at, rough=True)
            self._keep(call, line.at)

    def _turned_away(self, line: Line) -> None:
        if parts_of(line.uid) is not None:
            self._calls.turn_away(line.uid, QUEUE + line.queue, TURNED_AWAY[line.verb], line.at, rough=True)

    def _abandon(self, line: Line) -> None:
        found = self._waiting(line)
        if found is not None:
            call, leg = found
            leg.gone, leg.abandoned = _exactly(leg, line.at), True
            self._calls.changed(call)
            self._held.abandon(call.uid, leg.gone)

    def _complete(self, line: Line) -> None:
        found = self._served(line, seconds(line.data, 0), seconds(line.data, 1))
        if found is not None:
            self._ended(*found, line.at)

    def _blind(self, line: Line) -> None:
        found = self._served(line, seconds(line.data, -3), seconds(line.data, -2))
        if found is None or found[1].transfers or found[0].handing is not None:
            return
        call, leg = found
        following = _after(call, leg)
        if following is not None:  # the target's ENTERQUEUE is written by another thread, and came first
            at, queue = min(line.at, following.since), following.place.removeprefix(QUEUE)
            self._calls.transfer(call, at, "blind", queue, into_queue=True, rough=True, leg=leg)
        else:
            to = line.data[0] if line.data and is_short(line.data[0]) else "outside"
            call.handing = (line.at, "blind", to)
            self._held.transfer(call.uid, line.at)
            self._calls.changed(call)
        self._ended(call, leg, line.at)

    def _attended(self, line: Line) -> None:
        found = self._served(line, seconds(line.data, -3), seconds(line.data, -2))
        if found is None or found[1].transfers:
            return
        call, leg = found
        if not call.trunk:  # an agent asked this queue, and its agent now talks to the customer
            self._ended(call, leg, line.at)
            return
        asked = self._calls.by_uid.get(line.uid)
        to, place = None, asked.leg if asked is not None and asked is not call else None
        if asked is not None and place is not None and place.state == WAITING:
            to = place.place.removeprefix(QUEUE)
            asked.customer, asked.transferred = call.customer or asked.customer, line.at  # the customer waits there now
            self._calls.changed(asked)
        into_queue = to is not None or line.data[:2] == ["APP", "Queue"]
        self._calls.transfer(call, line.at, "consult", to, into_queue=into_queue, rough=True, leg=leg)
        self._ended(call, leg, line.at)

    # --- whose line it is -----------------------------------------------------------------------

    def _waiting(self, line: Line) -> Found | None:
        """The caller of this line, who waits in its queue. A visit to another queue is not touched."""
        place, waits = QUEUE + line.queue, waited(line)
        entered = line.at - waits * SECOND if waits is not None else None
        call = self._calls.find(line.uid, None)
        if call is not None:
            leg = call.waiting_in(place)
            if leg is not None:
                return call, leg
            last = call.leg
            if line.verb == "CONNECT" and last is not None and last.place == place and self._disprove(call, last):
                return call, last
            if entered is None or any(leg.place == place and counted_from(leg, entered) for leg in call.legs):
                return None  # told before
        if entered is None:
            return None
        others = self._visits.waiting_since(place, entered)
        if len(others) == 1:
            ((asked, leg),) = others
            if call is not None and call.customer is not None:
                asked.customer = call.customer
            return asked, leg
        return self._from_before(line, entered) if not others else None

    def _served(self, line: Line, waits: int | None, talks: int | None) -> Found | None:
        """The caller of this line, who was served in its queue and whose talk is not over."""
        place = QUEUE + line.queue
        answered = line.at - talks * SECOND if talks is not None else None
        call = self._calls.find(line.uid, None)
        for leg in reversed(call.legs if call is not None else ()):
            if call is not None and leg.place == place and leg.state == ANSWERED:
                if not leg.ended:
                    return call, leg
                if answered is None or about(leg.served, answered):
                    return None  # told before
        if answered is None:
            return None
        entered = answered - waits * SECOND if waits is not None else None
        found = self._visits.served_since(place, answered, entered, line.agent)
        if found is not None:
            return found
        if entered is None or self._begun is None or answered >= self._begun:
            return None
        found = self._from_before(line, entered)
        if found is not None:
            self._answer(*found, answered, line.agent)
        return found

    def _from_before(self, line: Line, entered: int) -> Found | None:
        """A caller who came before the first line that was read: this one says how long ago. The rest is in an older file."""
        if not self._alone or self._begun is None or not self._begun - DAY < entered < self._begun:
            return None
        call = self._calls.find(line.uid, None) or self._calls.begin(line.uid, line.uid, None, entered)
        leg = self._calls.leg(call, QUEUE + line.queue, line.uid, entered)
        self._waits_in(call, leg)
        self._keep(call, line.at)
        return call, leg

    # --- what follows ---------------------------------------------------------------------------

    def _waits_in(self, call: Call, leg: QueueLeg) -> None:
        self._calls.queue(call, leg, rough=True)
        self._visits.add(call, leg)

    def _no_longer_waits(self, call: Call, leg: QueueLeg) -> None:
        self._visits.remove(leg)
        self._held.decided(call.uid)

    def _answer(self, call: Call, leg: QueueLeg, at: int, agent: str) -> None:
        self._no_longer_waits(call, leg)
        self._calls.answer(call, leg, at, rough=True)
        leg.served = at
        self._visits.add(call, leg, agent)

    def _leave(self, call: Call, leg: QueueLeg, reason: str, at: int) -> None:
        self._no_longer_waits(call, leg)
        self._calls.leave(call, leg, reason, at, rough=True)

    def _disprove(self, call: Call, leg: QueueLeg) -> bool:
        """A caller who had hung up could not come to another queue: a supervisor moved him. Of two rough reports of one
        event the earlier is believed, hence the microsecond."""
        if leg.state != LEFT or leg.gave_up is None:
            return False
        self._calls.leave(call, leg, "timeout", leg.gave_up - 1, rough=True)
        leg.gave_up = None
        return True

    def _ended(self, call: Call, leg: QueueLeg, at: int) -> None:
        """As far as the queue can see. Beside AMI the call goes on until its caller's channel is gone."""
        if not leg.ended and (self._alone or (leg.transfers == 0 and call.handing is None)):
            following = _after(call, leg)
            self._calls.end_leg(call, leg, at if following is None else min(at, following.since), rough=True)
        self._visits.remove(leg)
        self._keep(call, at)

    def _given_up(self, uid: str) -> None:
        call = self._calls.by_uid.get(uid)
        leg = call.leg if call is not None else None
        if call is not None and leg is not None and leg.state == WAITING and leg.gone is not None:
            at = leg.gone
            self._leave(call, leg, "caller", at)
            leg.gave_up = at
            self._calls.end_leg(call, leg, at, rough=True)
            self._keep(call, at)
        self._held.decided(uid)

    def _handed(self, call: Call, queue: str | None) -> None:
        self._held.arrived(call.uid)
        if call.handing is not None:
            at, how, to = call.handing
            call.handing = None
            self._calls.transfer(call, at, how, queue or to, into_queue=queue is not None, rough=True)

    def _decide(self, line: Line, server: str | None) -> None:
        for uid in self._held.given_up(line, server):
            self._given_up(uid)
        self._hand_over(line.at)

    def _hand_over(self, now: int) -> None:
        """Tells of the transfers that led to no queue."""
        for uid in self._held.passed_on_by(now):
            call = self._calls.by_uid.get(uid)
            if call is not None:
                self._handed(call, None)

    def _restarted(self, at: int) -> None:
        """Asterisk has started: whatever was open before is over, and nobody gave up. Of several, the one that has
        ended all its calls; else whose start it was their next lines show."""
        running = {server_name(found[0].uid) for found in self._visits.open() if found[1].gone is None}
        names = self._servers.active(at) | running | self._held.servers
        stopped = [name for name in self._held.servers if name not in running]
        if len(names) <= 1:
            self.restarted = True
            self._end_calls(None, at, self.newest)
        elif stopped:
            for name in stopped:
                self._end_calls(name, at, self.newest)
        else:
            self._servers.suspect(names, at, self.newest)

    def _end_calls(self, server: str | None, started: int, last: int) -> None:
        """Ends the calls of one Asterisk (None: of all) that were open when it started, at the last line before."""
        for call in list(self._calls.by_uid.values()):
            name, leg = server_name(call.uid), call.leg
            if call.seen > started or leg is None or call.over is not None or server not in (None, name):
                continue
            at = max(last, call.seen)
            self._handed(call, None)
            if leg.state == WAITING:
                self._leave(call, leg, "restart", leg.gone or at)
            if call.holds:
                self._calls.lose(call, call.seen)
            for each in call.legs:
                if not each.ended:
                    self._calls.end_leg(call, each, at, rough=True)
            self._drop(call)
        self._servers.started(server)

    def _keep(self, call: Call, at: int) -> None:
        if self._alone:
            self._done[call.uid] = at
            self._done.move_to_end(call.uid)

    def _drop(self, call: Call) -> None:
        for leg in call.legs:
            self._no_longer_waits(call, leg)
        self._held.arrived(call.uid)
        self._done.pop(call.uid, None)
        self._calls.forget(call)

    def _forget(self, before: int) -> None:
        """Forgets calls without a line since `before`; those that seem to go on, only after a day."""
        while self._done:
            uid, at = next(iter(self._done.items()))
            if at >= before:
                break
            call = self._calls.by_uid.get(uid)
            leg = call.leg if call is not None else None
            if call is not None and leg is not None and leg.state in (WAITING, ANSWERED) and not leg.ended:
                if call.seen > before + MEMORY - DAY:
                    self._keep(call, before + MEMORY)  # look again later
                    continue
                self._calls.lose(call, call.seen)
            self._done.pop(uid, None)
            if call is not None:
                self._drop(call)


def _exactly(leg: QueueLeg, at: int) -> int:
    """When the caller left, as AMI has said where it has."""
    return leg.gone if leg.gone is not None and about(leg.gone, at) else at


def _after(call: Call, leg: QueueLeg) -> QueueLeg | None:
    """Where the caller came next."""
    return next((each for one, each in zip(call.legs, call.legs[1:], strict=False) if one is leg), None)


_STEPS: Final[dict[str, Callable[[LogCalls, Line], None]]] = {
    "ENTERQUEUE": LogCalls._enter, "CONNECT": LogCalls._connect, "RINGNOANSWER": LogCalls._no_answer,
    "RINGCANCELED": LogCalls._no_answer, "ABANDON": LogCalls._abandon, "BLINDTRANSFER": LogCalls._blind,
    "TRANSFER": LogCalls._blind,  # as Asterisk wrote it up to version 11
    "ATTENDEDTRANSFER": LogCalls._attended, **dict.fromkeys(EXITS, LogCalls._exit),
    **dict.fromkeys(_COMPLETE, LogCalls._complete), **dict.fromkeys(TURNED_AWAY, LogCalls._turned_away),
}  # fmt: skip
