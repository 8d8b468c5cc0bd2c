"""Signed assertions for OAuth. Apart, since the libraries behind it take 8 MB, which only who signs needs."""

from collections.abc import Mapping
from typing import Any, Literal

import jwt

Algorithm = Literal["PS256", "RS256"]


def rsa_key(pem: bytes, algorithm: Algorithm) -> Any:
    """The private key. Raises ValueError or TypeError (a passphrase) when it is none."""
    try:
        return jwt.get_algorithm_by_name(algorithm).prepare_key(pem)
    except jwt.InvalidKeyError:
        raise ValueError("no RSA key") from None


def signed(claims: Mapping[str, Any], key: Any, algorithm: Algorithm, header: Mapping[str, str]) -> str:
    """The claims as a signed token."""
    return jwt.encode(dict(claims), key, algorithm, dict(header))
