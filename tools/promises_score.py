"""How well promises are found in the labelled sentences: `python -m tools.promises_score [--tuning]`.

Prints precision, recall and how many due moments are right, for the half that was tuned on and the half that was not.
`--tuning` also shows what was wrong in the first; the second half is never shown sentence by sentence.
"""

import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.hours import Calendar, parse_week
from monitor.domain.promises.finding import Promise, find
from tools.promises.labelled import Sentence, labelled

_NEAR = timedelta(minutes=5)


class Score(NamedTuple):
    """Of sentences: `right` have a promise and were found, `missed` were not, `wrong` have none and were found."""

    sentences: int
    right: int
    missed: int
    wrong: int
    due_right: int
    due_all: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def due(self) -> float:
        """The share of due moments that are right, of the promises in sentences that were found."""
        return self.due_right / max(1, self.due_all)


def found_in(sentence: Sentence) -> list[Promise]:
    """With opening hours from Monday to Friday, 9:00 to 17:30."""
    zone = sentence.at.tzinfo
    assert isinstance(zone, ZoneInfo)
    calendar = Calendar("office", zone, parse_week({"mon-fri": "09:00-17:30"}))
    return find(sentence.text, sentence.at, calendar).promises


def score(sentences: Iterable[Sentence], *, show: bool = False) -> Score:
    count = right = missed = wrong = due_right = due_all = 0
    for sentence in sentences:
        count += 1
        found = found_in(sentence)
        if sentence.promises and found:
            right += 1
            due_all += len(sentence.promises)
            good = sum(any(_fits(due, promise, sentence.at) for promise in found) for due, _ in sentence.promises)
            due_right += good
            problem = "" if good == len(sentence.promises) else "due"
        else:
            missed += bool(sentence.promises)
            wrong += bool(found)
            problem = "missed" if sentence.promises else "wrong" if found else ""
        if show and problem:
            told = ", ".join(f"{each.due.astimezone(sentence.at.tzinfo):%a %d.%m. %H:%M} {each.rule}" for each in found)
            wanted = sentence.trap or "; ".join(" ".join(each) for each in sentence.promises)
            print(f"{problem:6} | {sentence.text} | {wanted} | {told}")
    return Score(count, right, missed, wrong, due_right, due_all)


def _fits(due: str, promise: Promise, at: datetime) -> bool:
    if due == "?":
        return promise.inferred
    if promise.inferred:
        return False
    local = promise.due.astimezone(at.tzinfo).replace(tzinfo=None)
    wanted = datetime.fromisoformat(due)
    return abs(local - wanted) <= _NEAR if "T" in due else local.date() == wanted.date()


def main() -> None:
    everything = list(labelled())
    for name, half in (("tuning", False), ("held back", True)):
        found = score([each for each in everything if each.held_back == half], show=not half and "--tuning" in sys.argv)
        print(
            f"{name:10} {found.sentences} sentences: precision {found.precision:.3f}, recall {found.recall:.3f}, "
            f"due moment right {found.due:.3f} ({found.due_right} of {found.due_all})"
        )


if __name__ == "__main__":
    main()
