"""What labelled sets have in common: two halves, of which one is only ever scored, and how right an answer is counted."""

import hashlib
from typing import NamedTuple


def held_back(text: str) -> bool:
    """Whether what is labelled with this text belongs to the half that nothing is tuned on."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 1


class Counts(NamedTuple):
    """`right`: is one and was found; `missed`: is one and was not; `wrong`: is none and was found."""

    items: int = 0
    right: int = 0
    missed: int = 0
    wrong: int = 0

    def and_one(self, wanted: bool, found: bool) -> "Counts":
        return Counts(
            self.items + 1, self.right + (wanted and found), self.missed + (wanted > found), self.wrong + (found > wanted)
        )

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)
