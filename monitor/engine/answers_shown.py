"""What `explain` says of the words of a message, beside promises, and of the answers that were of no help. Pure."""

from collections.abc import Sequence
from typing import Any

from monitor.domain.alike import LEAST_OTHERS
from monitor.domain.contact import Answer
from monitor.domain.event import Event
from monitor.domain.judge import Verdict


def words_of(event: Event) -> dict[str, Any]:
    """What an event's text says, only where it says something: `refusal` the rule, `asks` whether an answer is wanted, `asks_for`
    and `gives` kinds of fact, `sends_to` channels."""
    gist = event.gist
    if gist is None:
        return {}
    said = {
        "refusal": gist.refusal, "asks": gist.asks, "asks_for": list(gist.wants), "sends_to": list(gist.sends_to),
        "gives": list(gist.gives),
    }  # fmt: skip
    return {key: value for key, value in said.items() if value}


def grounds(verdict: Verdict, answers: Sequence[Answer]) -> dict[str, Any]:
    """Why an answer was of no help: the `rule` by which it refuses, the `facts` that it asks for again, or to how many `others`
    at least near words had been sent. Empty of other signals."""
    answer = next((each for each in answers if each.key == verdict.key), None)
    if answer is not None and verdict.signal == "refusal":
        return {"rule": answer.refusal}
    if answer is not None and verdict.signal == "asked_again":
        return {"facts": list(answer.again)}
    if answer is not None and verdict.signal == "canned_reply":
        return {"others": LEAST_OTHERS}
    return {}
