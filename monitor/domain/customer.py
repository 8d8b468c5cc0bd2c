"""Names of customers: one number or address however it is written, known by nothing but a keyed hash."""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Final

_NO_DIGIT: Final = re.compile(r"[^0-9]+")
_LETTER: Final = re.compile(r"[^\W\d_]")


def customer_hasher(key: bytes, calling_code: str) -> Callable[[str], str]:
    """A keyed, one-way name for a customer: phone numbers in E.164, addresses lower-cased, then keyed BLAKE2 (16 hex digits).

    The cache saves a hash per event for callers that appear in many events; it holds hashes of recent customers only
    in memory.
    """

    secret = blake2b(key).digest()  # blake2b is keyed by itself, with at most 64 bytes: no HMAC around it is needed

    @lru_cache(maxsize=4096)
    def hashed(raw: str) -> str:
        return blake2b(normalise_customer(raw, calling_code).encode(), digest_size=8, key=secret).hexdigest()

    return hashed


def normalise_customer(raw: str, calling_code: str) -> str:
    """`+44 20 7946 0000`, `0044…` and `020 7946 0000` (calling code 44) are one number; addresses compare lower-cased."""
    text = raw.strip()
    if "@" in text:
        return text.lower()
    digits = _NO_DIGIT.sub("", text)
    if not digits or _LETTER.search(text):
        return text.lower()
    if text.startswith("+"):
        return "+" + digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    if digits.startswith("0") and calling_code:
        return "+" + calling_code + digits[1:]
    if calling_code == "1" and len(digits) == 10:
        return "+1" + digits
    if calling_code == "1" and len(digits) == 11 and digits.startswith("1"):
        return "+" + digits
    return digits
