"""Callers who asked for a queue and never got in: full, nobody logged in. Needs read class `dialplan`. Pure.

No queue event is sent for them. app_queue.c (queue_exec) sets QUEUESTATUS on the caller's channel when joining is refused;
which queue it was stands in the Newexten of the same channel, just before.
"""

from collections.abc import Mapping
from typing import Final

from monitor.connectors._asterisk.calls import QUEUE, Calls
from monitor.connectors._asterisk.endpoints import Endpoints
from monitor.connectors._asterisk.queue_names import QueueNames

#: Values of QUEUESTATUS that mean that the caller never was in the queue. The others end a wait that has been told.
_REFUSED: Final = {"FULL": "full", "JOINEMPTY": "no_agents", "JOINUNAVAIL": "no_agents"}


class TurnedAway:
    """Follows what the dialplan does with Queue()."""

    def __init__(self, calls: Calls, endpoints: Endpoints, queues: QueueNames) -> None:
        self._calls = calls
        self._endpoints = endpoints
        self._queues = queues
        self._asked: dict[str, str] = {}  # Uniqueid -> the queue it asked for last

    def asked(self, _at: int, f: Mapping[str, str]) -> None:
        """Newexten: the dialplan calls Queue()."""
        self._asked[f.get("Uniqueid", "")] = f.get("AppData", "").partition(",")[0].strip()

    def answered(self, at: int, f: Mapping[str, str]) -> None:
        """VarSet of QUEUESTATUS: how Queue() ended."""
        uid = f.get("Uniqueid", "")
        queue, reason = self._asked.get(uid), _REFUSED.get(f.get("Value", ""))
        if not queue or reason is None or uid in self._calls.hung_up:
            return
        call = self._calls.find(uid, None)
        if call is None:
            outside = self._endpoints.is_outside(f.get("Channel", ""))
            call = self._calls.begin(uid, f.get("Linkedid", ""), f.get("CallerIDNum"), at, trunk=outside)
        self._calls.turn_away(call.uid, QUEUE + self._queues.of(queue), reason, at, rough=False)

    def hung_up(self, uid: str) -> None:
        """The channel is gone."""
        self._asked.pop(uid, None)
