"""Calls of ours to the outside on a real Asterisk, and when each was taken, as the phones measured it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.live.calls.sip import Call, Phone
from tests.servers.asterisk.server import Asterisk

AT_MOST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`agent` calls `number`, who takes the call after `ring` seconds; they talk for `talk` seconds."""

    agent: str
    number: str
    ring: float = 0.5
    talk: float = 0.7


async def call_out(asterisk: Asterisk, plans: Sequence[Outgoing]) -> dict[str, float]:
    """Makes these calls at the same time. Returns when each number answered, in wall-clock seconds."""
    ringing = {plan.number: plan.ring for plan in plans}
    taken: dict[str, float] = {}

    async def at_an_agents_phone(call: Call) -> None:
        raise AssertionError(f"a phone of ours rang: {call.number}")

    async def at_a_customers_phone(call: Call) -> None:
        call.ring()
        await asyncio.sleep(ringing[call.number])
        taken[call.number] = time.time()
        await call.answer()
        await call.ended.wait()

    switch = (asterisk.host, asterisk.sip_port)
    agents = Phone(asterisk.host, asterisk.agents_port, switch, at_an_agents_phone)
    outside = Phone(asterisk.outside_host, asterisk.outside_port, switch, at_a_customers_phone)

    async def one(plan: Outgoing) -> None:
        call = agents.call(plan.agent, plan.number)
        assert await call.dial() == 200, f"{plan.number} did not take the call"
        await asyncio.sleep(plan.talk)
        await call.hang_up()

    await agents.open()
    await outside.open()
    try:
        async with asyncio.timeout(AT_MOST_SECONDS):
            await asyncio.gather(*map(one, plans))
            for _ in range(300):
                if await asyncio.to_thread(asterisk.calls_running) == 0:
                    break
                await asyncio.sleep(0.1)
    finally:
        await agents.close()
        await outside.close()
    for failure in (*agents.failures(), *outside.failures()):
        raise failure
    return taken
