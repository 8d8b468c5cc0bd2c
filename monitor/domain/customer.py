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

#: Documented by the providers: "Dots don't matter in Gmail addresses"; plus addressing of Gmail, Outlook.com, iCloud Mail,
#: Fastmail and Proton Mail.
_DOTS_IGNORED: Final = "gmail.com"
_SAME_PROVIDER: Final = {"googlemail.com": "gmail.com"}
_TAGS_IGNORED: Final = frozenset((
    "gmail.com", "outlook.com", "hotmail.com", "live.com", "icloud.com", "me.com", "mac.com", "fastmail.com", "proton.me",
    "protonmail.com", "pm.me",
))  # fmt: skip


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
    """`+44 20 7946 0000`, `0044…` and, in GB, `020 7946 0000` are one number; addresses compare lower-cased, and without what
    their provider ignores (a tag behind a plus, at Gmail dots)."""
    text = raw.strip()
    if "@" in text:
        return _mailbox(text.lower())
    if not _DIGIT.search(text) or _LETTER.search(text):
        return text.lower()
    return e164(text, country)


def _mailbox(address: str) -> str:
    """One mailbox however its address is written, where its provider is known to ignore the difference."""
    local, _, domain = address.rpartition("@")
    domain = _SAME_PROVIDER.get(domain, domain)
    if domain in _TAGS_IGNORED:
        local = local.partition("+")[0] or local
    if domain == _DOTS_IGNORED:
        local = local.replace(".", "") or local
    return f"{local}@{domain}"
