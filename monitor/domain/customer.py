"""Names of customers: one number or address however it is written, known by nothing but a keyed hash."""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from monitor.domain.numbers import e164
from monitor.domain.privacy_key import hashing_key

_DIGIT: Final = re.compile(r"[0-9]")
_LETTER: Final = re.compile(r"[^\W\d_]")


def customer_hasher(key: bytes, country: str) -> Callable[[str], str]:
    """A keyed, one-way name for a customer: phone numbers in E.164, addresses lower-cased, then keyed BLAKE2 (16 hex digits).

    `country` (ISO 3166) is where numbers without a country are dialled.

    The cache saves a hash per event for callers that appear in many events; it holds hashes of recent customers only
    in memory.
    """

    secret = hashing_key(key)  # blake2b is keyed by itself: no HMAC around it is needed

    @lru_cache(maxsize=4096)
    def hashed(raw: str) -> str:
        return blake2b(normalise_customer(raw, country).encode(), digest_size=8, key=secret).hexdigest()

    return hashed


def normalise_customer(raw: str, country: str) -> str:
    """`+44 20 7946 0000`, `0044…` and, in GB, `020 7946 0000` are one number; addresses compare lower-cased."""
    text = raw.strip()
    if "@" in text or not _DIGIT.search(text) or _LETTER.search(text):
        return text.lower()
    return e164(text, country)
