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
    """All that is kept of one text."""

    promises: tuple[Promised, ...] = ()


_FIELDS: Final = tuple(Gist._field_defaults.items())


def pack_gist(gist: Gist, packed: Callable[[datetime], int]) -> dict[str, Any]:
    """The compact form kept in the store. `packed`: how a moment is written there."""
    found = {name: value for name, none in _FIELDS if (value := getattr(gist, name)) != none}
    if "promises" in found:
        found["promises"] = [[deed, None if due is None else packed(due), rule] for deed, due, rule in gist.promises]
    return found


def unpack_gist(stored: Mapping[str, Any], unpacked: Callable[[int], datetime]) -> Gist:
    """What `pack_gist` wrote."""
    promises = stored.get("promises", ())
    made = tuple(Promised(deed, None if due is None else unpacked(due), rule) for deed, due, rule in promises)
    return Gist(**{**stored, "promises": made})
