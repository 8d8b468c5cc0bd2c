"""What `explain` found in the words of a message, and why an answer was of no help: one wording for command and page."""

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.publish.words import readable


def said_in_words(event: Mapping[str, Any]) -> list[str]:
    """What an event's text says beside promises, a note each."""
    return [
        *([f"only refuses (rule {event['refusal']})"] if "refusal" in event else ()),
        *(["wants an answer"] if "asks" in event else ()),
        *([f"asks for {_listed(event['asks_for'])}"] if "asks_for" in event else ()),
        *([f"sends to {_listed(event['sends_to'])}"] if "sends_to" in event else ()),
        *([f"gives {_listed(event['gives'])}"] if "gives" in event else ()),
    ]


def grounds_in_words(signal: Mapping[str, Any]) -> str:
    """On what a signal rests, where that is in our words."""
    if "rule" in signal:
        return f"rule {signal['rule']}"
    if "others" in signal:
        return f"near words to at least {signal['others']} others before"
    return f"had been given: {_listed(signal['facts'])}" if "facts" in signal else ""


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(map(readable, keys))
