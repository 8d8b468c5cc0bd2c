"""The secret of the customer hash: how it is written, and what a store keeps of it to know it again."""

from hashlib import blake2b
from typing import Final

#: A shorter one can be found by trying.
LEAST_BYTES: Final = 16
REMEDY: Final = "write a new one with openssl rand -hex 32"
_HEX: Final = "hex:"
_CHECKED: Final = b"contact-monitor: the key that this store's customers are hashed with"


def parse_key(text: str) -> bytes:
    """A configured secret; behind `hex:` the content of a file that was made beside a store.

    Raises ValueError, without showing it.
    """
    if text.startswith(_HEX):
        return parse_hex(text.removeprefix(_HEX))
    return _long_enough(text.encode())


def parse_hex(digits: str) -> bytes:
    """The secret in a file that was made beside a store. Raises ValueError, without showing it."""
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        raise ValueError("is no hexadecimal number of whole bytes, two digits each") from None
    return _long_enough(key)


def hashing_key(key: bytes) -> bytes:
    """What BLAKE2 is keyed with: at most 64 bytes, whatever the length of the secret."""
    return blake2b(key).digest()


def check_value(key: bytes) -> str:
    """A keyed hash of a constant text (32 hex digits): it tells one key from another and tells nothing of a customer."""
    return blake2b(_CHECKED, digest_size=16, key=hashing_key(key)).hexdigest()


def _long_enough(key: bytes) -> bytes:
    if len(key) < LEAST_BYTES:
        raise ValueError(f"is too short: it has {len(key)} bytes, at least {LEAST_BYTES} are needed")
    return key
