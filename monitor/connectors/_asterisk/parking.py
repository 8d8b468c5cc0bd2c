"""The parking lot: to the customer a hold, whoever ends it. Pure.

Rules after Asterisk's res/parking: every leaving of the lot that is neither a time-out nor a taking back is called
ParkedCallGiveUp, a Redirect too (parking_bridge.c, bridge_parking_pull); so the hold ends with the call or with a human.
"""

from collections.abc import Mapping

from monitor.connectors._asterisk.calls import Call, Calls
from monitor.connectors._asterisk.endpoints import Endpoints, is_local, number
from monitor.connectors._asterisk.transfers import Transfers


class Parking:
    """Follows customers into the lot and out of it."""

    def __init__(self, calls: Calls, endpoints: Endpoints, transfers: Transfers) -> None:
        self._calls = calls
        self._endpoints = endpoints
        self._transfers = transfers

    def _parkee(self, f: Mapping[str, str]) -> Call | None:
        """The call whose customer is in the lot; a phone of ours that was parked is none."""
        uid, channel = f.get("ParkeeUniqueid", ""), f.get("ParkeeChannel", "")
        call = self._calls.find(uid, f.get("ParkeeLinkedid"))
        if call is None or call.over is not None:
            return None
        return call if uid == call.uid or uid in call.names or is_local(channel) else None

    def parked(self, at: int, f: Mapping[str, str]) -> None:
        """ParkedCall, or ParkedCallSwap: the customer took the place of an agent who had dialled the lot."""
        call = self._parkee(f)
        if call is None or call.lot is not None:
            return
        parker = f.get("ParkerDialString", "") + "-0"  # a channel's name without its serial (parking_manager.c)
        # Parked by a Redirect or in the dialplan the customer's own channel is the parker (parking_bridge.c).
        who = number(parker)
        ours = who and not self._endpoints.is_outside(parker) and who != number(f.get("ParkeeChannel", ""))
        call.lot = [who] if ours else [call.spoke] if call.spoke else []
        call.back = call.handing = call.left_bridge = call.moved = None  # a transfer led here, or BridgeLeave came first
        call.transferred = at
        released = bool(call.holds)
        self._calls.release(call, at)
        self._calls.park(call, at + 1 if released else at)  # not at one moment with the end of the agent's own hold
        self._calls.changed(call)

    def taken_back(self, at: int, f: Mapping[str, str]) -> None:
        """UnParkedCall."""
        call = self._parkee(f)
        if call is None:
            return
        channel = f.get("RetrieverChannel", "")
        if call.lot is not None:
            self._transfers.took(call, at, channel, call.lot, f.get("RetrieverCallerIDNum"))
        if f.get("RetrieverLinkedid"):
            self._calls.name(call, f["RetrieverLinkedid"])  # the older of the two Linkedids is that of both from now on
        self._transfers.speaks(call, at, channel, f.get("RetrieverUniqueid", ""))

    def left_lot(self, _at: int, f: Mapping[str, str]) -> None:
        """ParkedCallTimeOut, ParkedCallGiveUp: still no human; the next one who answers ends the hold."""
        call = self._parkee(f)
        if call is not None and call.lot is not None:
            call.lot, call.back = None, call.lot
            self._calls.changed(call)
