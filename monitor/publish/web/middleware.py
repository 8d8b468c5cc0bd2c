"""Basic authentication with bcrypt hashes, as Prometheus' own exporters take them."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

import bcrypt
from aiohttp import web

#: bcrypt looks at 72 bytes; other tools cut silently, and so must we to agree with the hashes they made.
_BCRYPT_BYTES: Final = 72
_REMEMBERED: Final = 256


class BasicAuth:
    """Says who may come in. One check costs tens of milliseconds: it runs in a thread, one at a time, and is remembered."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._verdicts: OrderedDict[bytes, bool] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()
        # Checked for unknown names, so that the time an answer takes does not tell which names exist.
        self._nobody = bcrypt.hashpw(secrets.token_hex(16).encode(), bcrypt.gensalt(10)).decode()

    async def admits(self, request: web.Request, users: Mapping[str, str]) -> bool:
        """Whether the request names one of `users` (name -> bcrypt hash) with the right password."""
        given = _basic(request.headers.get("Authorization", ""))
        if given is None:
            return False
        name, password = given
        stored = users.get(name, self._nobody)
        asked = hmac.new(self._key, repr((name, password, stored)).encode(), hashlib.sha256).digest()
        async with self._one_at_a_time:
            if asked not in self._verdicts:
                self._verdicts[asked] = await asyncio.to_thread(_matches, password, stored)
                if len(self._verdicts) > _REMEMBERED:
                    self._verdicts.popitem(last=False)
            return self._verdicts[asked] and name in users


def _basic(header: str) -> tuple[str, str] | None:
    """Name and password of an Authorization header (RFC 7617); None where it holds none."""
    scheme, _, encoded = header.partition(" ")
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, password) if scheme.lower() == "basic" and colon else None


def _matches(password: str, stored: str) -> bool:
    try:
        return bcrypt.checkpw(password.encode()[:_BCRYPT_BYTES], stored.encode())
    except ValueError:  # what is configured is no bcrypt hash
        return False
