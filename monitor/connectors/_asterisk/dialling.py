"""The phones that are dialled for a caller: which of them ring, where that is counted, who answers. Pure.

A phone rings from DialState RINGING or PROGRESS, not from DialBegin: apps/app_dial.c and apps/app_queue.c say RINGING when
the phone does, and a phone that refuses gets none. One run of Dial() in a dialplan is one visit, whatever phones it tries.
"""

import re
from collections import deque
from collections.abc import Collection
from typing import Final

from monitor.connectors._asterisk.ami import whole_number
from monitor.connectors._asterisk.calls import ANSWERED, EXTENSION, LEFT, QUEUE, WAITING, Call, Calls, QueueLeg
from monitor.connectors._asterisk.endpoints import Endpoints, is_local, number
from monitor.connectors._asterisk.pending import Pending

#: Nothing rings for less where no DialState can tell: a phone that refuses does so within milliseconds.
_REFUSAL: Final = 1_000_000
#: Messages of one act may be told in another order within this.
TOGETHER: Final = 20_000
_MOST_EARLY: Final = 32
#: `1042@from-internal`, `RG-600-1042@grps`, `FMPR-1042@…`: FreePBX names the phone behind a Local channel at the end.
_LAST_DIGITS: Final = re.compile(r"[0-9]+$")


class Dialling:
    """Follows the phones that are dialled for callers who wait."""

    def __init__(
        self, calls: Calls, endpoints: Endpoints, pending: Pending, watched: Collection[str], *, only_watched: bool
    ) -> None:
        """`watched`: the configured places of numbers and phones. `only_watched`: no other is anybody's contact point."""
        self.sees_states: bool | None = None  # whether DialState comes; None: nothing has shown it yet
        self._early: deque[tuple[int, str]] = deque(maxlen=_MOST_EARLY)  # DialState that came before its DialBegin
        self._calls = calls
        self._endpoints = endpoints
        self._pending = pending
        self._watched = watched
        self._only_watched = only_watched

    def begin(self, call: Call, at: int, f: dict[str, str], *, own: bool) -> None:
        """DialBegin for a caller who was not answered yet. `own`: the caller's channel itself dials."""
        dest, dest_uid = f.get("DestChannel", ""), f.get("DestUniqueid", "")
        leg = call.leg
        if leg is not None and leg.state == WAITING and leg.place.startswith(QUEUE):
            if leg.gone is None:
                if not is_local(dest):  # the phone behind it comes with a DialBegin of its own
                    leg.picked_up, leg.lifted = False, None
                    self._try(call, leg, dest_uid, at)
                return
            if not own:
                return
            leg.picked_up = False  # out of the queue and on in the dialplan: nobody there has the caller
            self._pending.decide(call, leg, force=True)
            leg = None
        elif not own and not is_local(f.get("Channel", "")):
            return
        if leg is None or leg.state != WAITING:
            leg = self._calls.leg(call, "", call.uid, at)
        leg = self._placed(call, leg, at, f, own=own)
        leg.gone = None
        if is_local(dest):
            leg.local = True
            leg.dialling.append(dest_uid)
            self._calls.changed(call)
        else:
            leg.phones += 1
            self._try(call, leg, dest_uid, at)

    def begin_at(self, call: Call, place: str, dest_uid: str, at: int) -> None:
        """An answered customer was passed on to a configured number: a visit there."""
        leg = self._calls.leg(call, place, call.uid, at)
        leg.phones = 1
        self._try(call, leg, dest_uid, at)

    def state(self, call: Call | None, at: int, f: dict[str, str]) -> None:
        """DialState: a phone rings (or sends early media, in which the far end says that it does)."""
        self.sees_states = True
        if f.get("DialStatus") not in ("RINGING", "PROGRESS"):
            return
        leg, uid = call.leg if call is not None else None, f.get("DestUniqueid", "")
        if call is not None and leg is not None and uid in leg.tried:
            del leg.tried[uid]
            self._calls.ring(call, leg, at)
        elif leg is None or uid not in leg.dialling:
            self._early.append((at, uid))

    def taken_over(self, call: Call, at: int) -> tuple[list[str], dict[str, int]]:
        """The caller joins a queue. Phones that were dialled a moment before are its members' (FACTS section 2, order)."""
        leg = call.leg
        if leg is not None and leg.state == WAITING and not leg.place.startswith(QUEUE) and not leg.rings:
            if at - leg.since <= TOGETHER:
                call.legs.remove(leg)
                return leg.dialling, leg.tried
            if not leg.phones:
                call.legs.remove(leg)  # a Local channel that led into the queue
        return [], {}

    def end(self, call: Call, at: int, f: dict[str, str], *, own: bool) -> None:
        """DialEnd: a phone was lifted, or is no longer dialled. A cancelled one's comes twice: the first one counts."""
        leg, uid, status = call.leg, f.get("DestUniqueid", ""), f.get("DialStatus", "")
        behind_local = is_local(f.get("Channel", ""))
        lifted = status == "ANSWER" and not is_local(f.get("DestChannel", ""))
        if leg is not None and leg.state == LEFT and lifted and own and not call.requested and call.over is None:
            leg = self._placed(call, self._calls.leg(call, "", call.uid, at), at, f, own=True)  # dialled out of our sight
            leg.phones += 1
        if leg is None or leg.state != WAITING:
            return
        if leg.place.startswith(QUEUE):
            if status == "ANSWER":
                self._rang_unseen(call, leg, uid)
                leg.picked_up, leg.lifted = True, uid
            elif uid == leg.lifted:
                leg.picked_up, leg.lifted = False, None  # the agent hung up in the announcement (AGENTDUMP)
            self._over(call, leg, uid, status, at)
        elif lifted and (own or (uid in leg.dialling and not behind_local)):
            # whoever answers answers: after a pick-up (main/pickup.c) or INVITE with Replaces the id is one nobody dialled
            self._rang_unseen(call, leg, uid)
            self._answer(call, leg, at)
        elif lifted and behind_local:
            # whoever follows the caller (app_followme) is asked after this: answered is who is bridged with the caller
            self._rang_unseen(call, leg, uid)
            leg.lifted, leg.lifted_at = uid, at
            self._calls.changed(call)
            self._pending.settle(call, at)
        elif status != "ANSWER" or leg.lifted is None:  # a Local channel that "answers" alone is a dialplan: voicemail
            self._no_longer(call, leg, uid, status, at)

    def connected(self, call: Call, leg: QueueLeg, uid: str, *, at: int, rang: str) -> None:
        """AgentConnect: whoever it was, a phone rang before. `rang`: for how many whole seconds (RingTime, app_queue.c)."""
        if uid in leg.tried or not leg.rings:
            self._rang_unseen(call, leg, uid)
        seconds = whole_number(rang)
        if seconds is not None:  # perhaps it began to ring while nobody listened
            self._calls.rang_unseen(call, leg, at - seconds * 1_000_000)

    def unanswered(self, at: int, f: dict[str, str]) -> None:
        """AgentRingNoAnswer: an attempt is over that may have begun while nobody listened; RingTime in milliseconds."""
        call, milliseconds = self._calls.find(f.get("Uniqueid"), None), whole_number(f.get("RingTime", ""))
        leg = call.waiting_in(QUEUE + f.get("Queue", "")) if call is not None else None
        if call is not None and leg is not None and milliseconds and (leg.rings or leg.dialled_at is None):
            self._calls.rang_unseen(call, leg, at - milliseconds * 1000)  # 0: the phone refused at once and never rang

    def bridged(self, call: Call, at: int) -> None:
        """The caller enters a bridge: with whoever lifted a phone behind a Local channel, or whose DialEnd a filter hides."""
        leg = call.leg
        if leg is None or leg.state != WAITING or leg.place.startswith(QUEUE):
            return
        rings = bool(leg.dialling) or (leg.gone is not None and at - leg.gone <= TOGETHER)
        if leg.lifted is not None or (rings and leg.phones and not leg.local):
            if leg.lifted is None:
                self._rang_unseen(call, leg, "")
            self._answer(call, leg, at)

    def hung_up(self, call: Call, uid: str, at: int) -> None:
        """Hangup of a channel that is not the caller's: a phone that was dialled can answer no more."""
        leg = call.leg
        if leg is None or leg.state != WAITING or uid not in leg.dialling:
            return
        if leg.place.startswith(QUEUE):
            if uid == leg.lifted and leg.gone is None:
                leg.picked_up, leg.lifted = False, None
            self._over(call, leg, uid, "", at)
        else:
            self._no_longer(call, leg, uid, "", at)

    def place_of(self, exten: str, phone: str) -> str | None:
        """Where a direct call to the number `exten` is counted that talks to this phone; None: nowhere."""
        name = "" if self._endpoints.is_outside(phone) else number(phone)
        for each in (exten, name):
            if EXTENSION + each in self._watched:
                return EXTENSION + each
        return EXTENSION + name if name and not self._only_watched else None

    def _try(self, call: Call, leg: QueueLeg, uid: str, at: int) -> None:
        if uid not in leg.dialling:
            leg.dialling.append(uid)
        if leg.dialled_at is None:
            leg.dialled_at = at
        while self._early and self._early[0][0] < at - TOGETHER:
            self._early.popleft()
        if self.sees_states is False or any(early == uid for _, early in self._early):
            self._calls.ring(call, leg, at)
        else:
            leg.tried[uid] = at
            self._calls.changed(call)

    def _rang_unseen(self, call: Call, leg: QueueLeg, uid: str) -> None:
        """A phone that was lifted without a word of ringing rang from when it was dialled: nothing tells a later moment."""
        rang = [leg.tried.pop(uid)] if uid in leg.tried else []
        if not self.sees_states or not (rang or leg.rings):  # none of them can tell, or another phone picked up
            rang += leg.tried.values()
            leg.tried.clear()
        if rang:
            self.sees_states = bool(self.sees_states)
        for since in sorted(rang):
            self._calls.ring(call, leg, since)

    def _over(self, call: Call, leg: QueueLeg, uid: str, status: str, at: int) -> None:
        since = leg.tried.pop(uid, None)
        if since is not None and at - since >= _REFUSAL and status in ("NOANSWER", "CANCEL", ""):
            gave_up = call.requested and not leg.rings and not leg.place.startswith(QUEUE)
            if self.sees_states is None or gave_up:  # the caller stood at this phone, whatever it did
                self._calls.ring(call, leg, since)
        if uid in leg.dialling:
            leg.dialling.remove(uid)

    def _no_longer(self, call: Call, leg: QueueLeg, uid: str, status: str, at: int) -> None:
        """Direct numbers: the last phone that is no longer dialled leaves the caller alone, if no other Dial() follows."""
        if uid not in leg.dialling:
            return
        if uid == leg.lifted:
            leg.lifted = None
        leg.fixed = leg.fixed or leg.phones > 0
        self._over(call, leg, uid, status, at)
        self._calls.changed(call)
        if not leg.dialling:
            leg.gone = at
            self._pending.settle(call, at)

    def _answer(self, call: Call, leg: QueueLeg, at: int) -> None:
        if not leg.place:  # at nobody's contact point; but who left a queue for it was served, so that no call is owed
            before = [each for each in call.legs if each.place]
            if before and before[-1].state == LEFT and all(each.state != ANSWERED for each in before):
                self._calls.served(call, before[-1], at)
        self._calls.answer(call, leg, at)

    # --- where it is counted ----------------------------------------------------------------------

    def _placed(self, call: Call, leg: QueueLeg, at: int, f: dict[str, str], *, own: bool) -> QueueLeg:
        """The leg at the place of the phones that are dialled now; another one when the call has come to another place."""
        dest = f.get("DestChannel", "")
        if leg.gone is not None:  # another Dial()
            leg.dialled, leg.behind = [], []
        if own:
            leg.exten = f.get("Exten", "")
        if not self._endpoints.is_outside(dest):
            name = number(dest)
            if is_local(dest):
                digits = _LAST_DIGITS.search(name)
                name = digits[0] if digits is not None else name
            names = leg.dialled if own else leg.behind
            if name and name not in names and not (is_local(dest) and not own):
                names.append(name)
        place = self._place(call, leg, is_phone=not is_local(dest))
        if place == leg.place or (leg.fixed and place not in self._watched):
            return leg
        if not leg.fixed:
            self._calls.place(call, leg, place)
            return leg
        return self._moved(call, leg, place, at)

    def _place(self, call: Call, leg: QueueLeg, *, is_phone: bool) -> str:
        """The configured number dialled, else a configured phone among those dialled, else the phone or the number dialled."""
        for name in (call.exten, leg.exten, *leg.dialled, *leg.behind):
            if EXTENSION + name in self._watched:
                return EXTENSION + name
        if self._only_watched:
            return ""
        if len(leg.dialled) > 1 or len(leg.behind) > 1:  # a group: the number that stands for it
            for exten in (leg.exten, call.exten):
                if any(c.isdigit() for c in exten):
                    return EXTENSION + exten
        if leg.behind:
            return EXTENSION + leg.behind[0]
        return EXTENSION + leg.dialled[0] if leg.dialled and is_phone else leg.place

    def _moved(self, call: Call, leg: QueueLeg, place: str, at: int) -> QueueLeg:
        """From one Dial() to the next the call has come to a configured place."""
        if leg.place in self._watched:
            leg.gone = at if leg.gone is None else leg.gone
            self._pending.decide(call, leg, force=True)
            return self._follows(call, leg, place, at)
        rang, told = leg.rang, bool(leg.place and leg.rings)
        if told:  # counted at an unnamed phone: from now on at the configured one, and the ringing goes on there
            dialling, tried = leg.dialling, leg.tried
            self._calls.lose(call, at)
            leg = self._follows(call, leg, place, leg.since)
            leg.dialling, leg.tried, leg.fixed = dialling, tried, True
        else:
            self._calls.place(call, leg, place)
        if rang is not None:
            leg.rings = 0
            self._calls.ring(call, leg, rang)
        return leg

    def _follows(self, call: Call, leg: QueueLeg, place: str, at: int) -> QueueLeg:
        new = self._calls.leg(call, place, call.uid, at)
        new.dialled, new.behind, new.exten, new.phones = leg.dialled, leg.behind, leg.exten, leg.phones
        return new
