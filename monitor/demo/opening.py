"""What happens on each written and visiting channel within the first minute, whenever the demo is started. Pure.

The telephone has opening calls of its own (`call_generator.opening_calls`).
"""

from datetime import timedelta
from typing import Any, Final

from monitor.demo import phrases
from monitor.demo.customers import CUSTOMERS, customer
from monitor.demo.schedule import TimeScale, seeded_random
from monitor.demo.ticket_traffic import AGENTS, Kind, TicketStep
from monitor.demo.written_traffic import PlannedMail, VisitEvent

#: Numbers of tickets that the day's traffic does not reach; a quarter of an hour has one.
_FIRST_NUMBER: Final = 900


def opening_visits(scale: TimeScale, seed: int) -> list[VisitEvent]:
    """A chat that has waited for 95 s, and is answered when it has waited for 150; somebody at the counter, served after 30 s."""
    rng = seeded_random(seed, "opening visits", scale.anchor)
    found = []
    for name, point, channel, since, waits in (("C", "web-chat", "chat", -95, 150), ("V", "front-counter", "counter", 5, 30)):
        contact, who = f"{name}{scale.anchor:%y%m%d%H%M%S}", customer(rng.randrange(CUSTOMERS))
        head = {"contact": contact, "contact_point": point, "channel": channel}
        steps: tuple[tuple[float, dict[str, Any]], ...] = (
            (0, {"kind": "queued", "customer": who.address}), (waits, {"kind": "answered"}), (waits + 200, {"kind": "ended"}),
        )  # fmt: skip
        at = scale.begun if since > 0 else scale.begun + timedelta(seconds=since)
        for number, (after, body) in enumerate(steps, start=1):
            found.append(VisitEvent(at, max(0, since) + after, {"id": f"{contact}-{number}", **head, **body}))
    return found


def opening_mails(scale: TimeScale, seed: int) -> list[PlannedMail]:
    """A question 12 s after the start, which is answered 25 simulated minutes later. Simulated moments."""
    rng = seeded_random(seed, "opening mails", scale.anchor)
    who = customer(rng.randrange(CUSTOMERS))
    subject, text = (part.format(n=rng.randrange(10_000, 99_999)) for part in rng.choice(phrases.QUESTIONS))
    asked = scale.begun + timedelta(seconds=12) * scale.speed
    question, answer = (f"start{scale.anchor:%y%m%d%H%M%S}-{n}" for n in range(2))
    return [
        PlannedMail(asked, question, False, who, subject, text),
        PlannedMail(asked + timedelta(minutes=25), answer, True, who, f"Re: {subject}", phrases.ANSWERS[0], (question,)),
    ]


def opening_tickets(scale: TimeScale, seed: int) -> list[TicketStep]:
    """A ticket 20 s after the start, which is answered within the hour and resolved after two. Simulated moments."""
    rng = seeded_random(seed, "opening tickets", scale.anchor)
    who, subject = customer(rng.randrange(CUSTOMERS)), rng.choice(phrases.TICKETS)
    opened = scale.begun + timedelta(seconds=20) * scale.speed
    number = int(f"{scale.anchor:%y%m%d}") * 1_000 + _FIRST_NUMBER + scale.anchor.hour * 4 + scale.anchor.minute // 15

    def step(minutes: float, kind: Kind, text: str = "") -> TicketStep:
        return TicketStep(opened + timedelta(minutes=minutes), number, kind, who, AGENTS[0], subject, text)

    return [
        step(0, "open", subject), step(8, "take"), step(40, "reply", phrases.ANSWERS[0]), step(120, "resolve"),
    ]  # fmt: skip
