"""Attended transfer: the agent holds the caller, calls a colleague, and connects the two."""

from collections.abc import Callable

from monitor.demo.call_plans import Transfer
from monitor.demo.channels import RING, Bridge, Channel
from monitor.demo.dialling import Record, dial
from monitor.demo.pbx import Pbx


async def consult(
    pbx: Pbx, caller: Channel, phone: Channel, bridge: Bridge, to: Transfer, completed: Callable[[], None]
) -> Channel:
    """Attended transfer by REFER with Replaces; gives the leg the caller then talks with (FACTS section 3).

    The consultation has a Linkedid of its own; the colleague's leg takes the caller's when it enters their bridge.
    """
    pbx.emit("Hold", [*phone.fields(), ("MusicClass", "default")])
    pbx.emit("MusicOnHoldStart", [*caller.fields(), ("Class", "default")])
    begun = pbx.clock.now()
    second = pbx.channel(
        phone.number, phone.number, phone.caller_name, context="from-agents", exten=to.exten, state=RING
    )  # fmt: skip
    second.application, second.data = "Dial", f"PJSIP/{to.exten},30"
    leg = await dial(pbx, second, to.exten, to.exten, f"Agent {to.exten}", to.ring, 60, to.exten)
    answered = pbx.clock.now()
    target = leg.phone
    asking = pbx.bridge(target, second)
    await pbx.clock.sleep(to.consultation)
    pbx.emit("Unhold", phone.fields())
    pbx.emit("Unhold", second.fields())
    parties = [
        *phone.fields("OrigTransferer"), *bridge.fields("Orig"), *second.fields("SecondTransferer"), *asking.fields("Second"),
        *caller.fields("Transferee"), *target.fields("TransferTarget"),
    ]  # fmt: skip
    pbx.unbridge(asking, target)
    pbx.unbridge(bridge, phone)
    target.linkedid = caller.linkedid
    pbx.enter(bridge, target, [("SwapUniqueid", phone.uniqueid)])
    Record(second, target, begun, answered, pbx.clock.now(), "ANSWERED").write(pbx)
    pbx.emit("MusicOnHoldStop", caller.fields())
    pbx.hang_up_softly(second, cause=1)
    where = [("IsExternal", "No"), ("DestType", "Bridge"), ("DestBridgeUniqueid", bridge.uniqueid)]
    pbx.emit("AttendedTransfer", [("Result", "Success"), *parties, *where])
    caller.set_connected_line(target)
    completed()
    asking.technology = "simple_bridge"
    pbx.unbridge(asking, second)
    pbx.hangup(phone)
    pbx.hang_up_softly(second)
    pbx.hangup(second)
    target.set_connected_line(caller)
    return target
