"""What a text says, in closed words: the text itself is read in memory, where it comes in, and dropped."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple


class Promised(NamedTuple):
    """A promise of ours. `due`: aware, UTC; None: no time was stated, and the policy says when."""

    deed: str  # one of event.DEEDS
    due: datetime | None
    rule: str  # what found it, as "will: call"


class Gist(NamedTuple):
    """All that is kept of one text: of ours all but `gives`, of a customer's that alone."""

    promises: tuple[Promised, ...] = ()
    #: Our words to a customer were looked at for all below. Without it nobody knows whether they refused or asked: a version read
    #: them that looked for promises alone.
    read: bool = False
    asks: bool = False  # they want an answer
    sends_to: tuple[str, ...] = ()  # the channels that they send the customer to (`answers.wording.CHANNELS`)
    refusal: str | None = None  # the rule by which they only refuse (REFUSALS there)
    wants: tuple[str, ...] = ()  # the kinds of fact that they ask for (FACTS there)
    gives: tuple[str, ...] = ()  # the kinds of fact that the customer states
    #: A keyed sketch of our words (`sketching.packed_sketch`), where canned replies are looked for; "": too few words for one.
    sketch: str | None = None


_FIELDS: Final = tuple(Gist._field_defaults.items())
_LISTS: Final = ("sends_to", "wants", "gives")


def pack_gist(gist: Gist, packed: Callable[[datetime], int]) -> dict[str, Any]:
    """The compact form kept in the store: what is said. `packed`: how a moment is written there."""
    found = {name: value for name, none in _FIELDS if (value := getattr(gist, name)) != none}
    if "promises" in found:
        found["promises"] = [[deed, None if due is None else packed(due), rule] for deed, due, rule in gist.promises]
    return found


def unpack_gist(stored: Mapping[str, Any], unpacked: Callable[[int], datetime]) -> Gist:
    """What `pack_gist` wrote, once it has been JSON."""
    promises = stored.get("promises", ())
    made = tuple(Promised(deed, None if due is None else unpacked(due), rule) for deed, due, rule in promises)
    lists = {name: tuple(stored[name]) for name in _LISTS if name in stored}
    return Gist(**{**stored, **lists, "promises": made})
