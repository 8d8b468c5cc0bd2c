"""The four formulas of a service level, by their letters: what counts as judged and what as bad of who waited in a queue.

All agree on who was answered, in time or late; they differ in those who gave up. With `good` answered in time, `late` answered
later, `soon` gave up within the limit, and `all` of these and who gave up after it:
SL-A good / (good + late), SL-B (good + soon) / all, SL-C good / all, SL-D good / (all - soon).
"""

from typing import Final, Literal, get_args

from monitor.domain.judge import Verdict

Formula = Literal["SL-A", "SL-B", "SL-C", "SL-D"]
FORMULAS: Final[tuple[Formula, ...]] = get_args(Formula)
#: By which verdicts are counted: early abandons are neutral.
AS_COUNTED: Final[Formula] = "SL-D"
#: The signal whose share is a service level.
SIGNAL: Final = "long_wait"


def is_bad(verdict: Verdict, formula: Formula) -> bool | None:
    """Whether a verdict of the queue counts as bad under a formula; None where it does not count.

    Who still waits and is over the limit is bad under each. What ended out of our sight counts under none.
    """
    wait = verdict.wait
    if verdict.state == "open" or wait is None or wait.void:
        return None
    if not wait.given_up:
        return None if verdict.state == "void" else verdict.state == "breached"
    if formula == "SL-A":
        return None
    if verdict.state == "breached":
        return True
    return {"SL-B": False, "SL-C": True, "SL-D": None}[formula]
