"""What Prometheus has to show after a run: counted by hand-written rules (contract sections 4 and 5) from the phones' truth.

Written for people to check with a pencil; it shares nothing with the code under test. Every measure must keep clear of
the limit it is held against, or the run proves nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.live.calls.call_runner import GroundTruth, MeasuredCall

#: (metric, contact point, signal or outcome or direction) -> how many. What is not in it is 0.
Counts = Counter[tuple[str, str, str]]

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Limits:
    """The policy of a run, in seconds. The ring limit is given in rings of the British cadence: one in three seconds."""

    rings: int
    wait: float
    hold: float
    short: float
    callback: float

    @property
    def ring(self) -> float:
        return (self.rings - 1) * 3.0

    def policy(self) -> dict[str, object]:
        """As the configuration file says it."""
        return {
            "slow_answer": {"rings": self.rings},
            "long_wait": {"after": f"{self.wait}s"},
            "long_hold": {"after": f"{self.hold}s"},
            "abandoned": {"ignore_under": f"{self.short}s"},
            "missed_callback": {"after": f"{self.callback}s", "clock": "always"},
            # The plans say nothing of who has called before.
            "repeat_contact": False,
            "lost_context": False,
        }


def expected(truth: GroundTruth, limits: Limits, blind: Sequence[Span] = ()) -> Counts:
    """`blind`: when nobody listened to AMI. Queue events of such spans are known from queue_log, to a second; holds are not."""
    counts: Counts = Counter()
    for call in truth.calls.values():
        _call(call, limits, counts, blind)
    return counts


def _call(call: MeasuredCall, limits: Limits, counts: Counts, blind: Sequence[Span]) -> None:
    point, queued = call.case.point, call.case.point != "direct"
    answered = call.answered_at is not None
    gave_up = not answered and call.ended_by == "caller"
    left_at = call.answered_at or call.ended_at
    clear = 1.5 if _touches(blind, left_at, left_at) else 0.5

    def assess(signal: str, *, bad: bool) -> None:
        counts["assessed", point, signal] += 1
        counts["signals", point, signal] += bad

    counts["contacts", point, "inbound"] += 1
    late = _over(call.waited, limits.wait if queued else limits.ring, clear)
    short = gave_up and not _over(call.waited, limits.short, clear)
    outcome = "answered" if answered else "flowed_out" if not gave_up else "short_abandoned" if short else "abandoned"
    counts["outcomes", point, f"{outcome} {'late' if late else 'in target'}"] += 1

    # A caller who gave up within the limit is neither good nor bad; one who left beyond it has waited too long.
    if queued and (answered or late):
        assess("long_wait", bad=late)
    if call.rang is not None:
        slow = _over(call.rang, limits.ring, clear)
        if answered or slow:
            assess("slow_answer", bad=slow)
    assess("turned_away", bad=False)  # every caller of the plan gets into the queue
    if not short:
        assess("abandoned", bad=gave_up)
    if not answered and not short:
        due = call.ended_at + limits.callback
        reached = [leg.answered_at for leg in call.callbacks if leg.answered_at is not None]
        if not _touches(blind, call.ended_at, min([due, *reached])):  # else nobody can know whether they were called back
            assess("missed_callback", bad=not any(_over(due - at, 0.0, 0.5) for at in reached))
    if answered:
        assess("handed_on", bad=False)  # more than one transfer, or one into a queue, would be bad: no case has that
    for leg in call.legs:
        for since, until in leg.holds:
            long = _over(until - since, limits.hold, 0.5)
            decided = since + limits.hold if long else until
            if not _touches(blind, since, decided):
                assess("long_hold", bad=long)


def _over(value: float, limit: float, clear: float) -> bool:
    assert abs(value - limit) >= clear, f"{value:.2f} is too close to the limit of {limit}: the run proves nothing"
    return value >= limit


def _touches(spans: Sequence[Span], since: float, until: float) -> bool:
    return any(begin <= until and since <= end for begin, end in spans)
