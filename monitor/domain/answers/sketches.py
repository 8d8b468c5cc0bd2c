"""Sketches of replies compared and packed, without the words they were made of: `sketching` makes them. Pure.

Apart from it, for whoever only compares needs no rules of a language: to compile those takes a quarter of a second.
"""

import struct
from base64 import b85decode, b85encode
from hashlib import blake2b
from typing import Final

#: Values of a sketch, of 32 bits each.
VALUES: Final = 32
#: Two sketches are of one template from this similarity on.
NEAR: Final = 0.6
#: Values of a band: two sketches share one of ten bands with probability 0.91 at a similarity of 0.6, 0.01 at 0.1.
_BAND: Final = 3
#: So many bands has a sketch.
BANDS: Final = VALUES // _BAND
#: Sixteen bits of each value: two that differ are equal there once in 65,536, which no similarity notices.
_PACKED: Final = struct.Struct(f"<{VALUES}H")


def similarity(one: tuple[int, ...], two: tuple[int, ...]) -> float:
    """From 0 to 1: the estimated share of word pairs that two texts have in common. Raises ValueError for other lengths."""
    if len(one) != len(two) or not one:
        raise ValueError(f"sketches of {len(one)} and {len(two)} values cannot be compared")
    return sum(map(int.__eq__, one, two)) / len(one)


def bands(values: tuple[int, ...]) -> tuple[str, ...]:
    """Keys of a sketch (10 of 17 characters): of two near ones at least one is equal, nearly always."""
    places = range(0, len(values) - _BAND + 1, _BAND)
    return tuple(
        f"{place // _BAND:x}{blake2b(struct.pack(f'<{_BAND}I', *values[place : place + _BAND]), digest_size=8).hexdigest()}"
        for place in places
    )


def pack(values: tuple[int, ...]) -> str:
    """A sketch as it is kept."""
    return b85encode(_PACKED.pack(*(value & 0xFFFF for value in values))).decode("ascii")


def unpack(packed: str) -> tuple[int, ...]:
    """What is kept, to be compared with others that were."""
    return _PACKED.unpack(b85decode(packed))
