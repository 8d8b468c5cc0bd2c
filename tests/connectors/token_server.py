"""A token server on loopback with knobs: Microsoft's, Google's and any other's, as their documentation has them.

Sources: Microsoft, "Microsoft Entra authentication and authorization error codes" (shape of a refusal, its numbers), "OAuth 2.0
client credentials flow", "Certificate credentials"; Google, "Using OAuth 2.0 for Server to Server Applications"; RFC 6749
sections 5.1, 5.2 and 6, RFC 7523. Never tried against the real ones.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import jwt
from aiohttp import web

SECRET = "the-value-of-the-secret"
#: What stands in every refusal beside its number, and may never be shown.
TRACE = "Trace ID: 5f0a-4711 Correlation ID: 0815 user anna@example.org"


@dataclass
class TokenServer:
    """Gives `token-1`, `token-2` … to who shows the secret, a good signature or a good refresh token."""

    now: Callable[[], datetime]
    life: Any = 3600  # expires_in as it is written
    secret: str = SECRET
    public_key: Any = None  # that assertions are signed with
    refresh_tokens: list[str] = field(default_factory=list)  # the last one is good, and is replaced by a new one each time
    instead: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)  # status, headers, body of the next answers
    open: asyncio.Event = field(default_factory=asyncio.Event)  # answers wait for it
    asked: asyncio.Event = field(default_factory=asyncio.Event)  # somebody waits, or was answered
    forms: list[dict[str, str]] = field(default_factory=list)
    assertions: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)  # header, claims
    issued: list[str] = field(default_factory=list)
    owners: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # token -> mailbox (where it is of one), its end
    on_token: Callable[[str], None] | None = None
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    async def answer(self, request: web.Request) -> web.Response:
        """One POST."""
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.forms.append(form)
        self.asked.set()
        await self.open.wait()
        if self.instead:
            status, headers, body = self.instead.pop(0)
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
            return self._dated(web.Response(status=status, headers=headers, body=text, content_type="application/json"))
        refusal = self._refusal(form)
        if refusal is not None:
            return self._dated(web.json_response(refusal, status=400 if refusal["error"] == "invalid_grant" else 401))
        token = f"token-{len(self.issued) + 1}"
        self.issued.append(token)
        mailbox = self.assertions[-1][1]["sub"] if "assertion" in form else ""
        self.owners[token] = mailbox, self.now() + timedelta(seconds=float(self.life or 0))
        if self.on_token is not None:
            self.on_token(token)
        given: dict[str, Any] = {"token_type": "Bearer", "expires_in": self.life, "access_token": token}
        if form["grant_type"] == "refresh_token":
            self.refresh_tokens.append(f"refresh-{len(self.issued) + 1}")
            given["refresh_token"] = self.refresh_tokens[-1]
        return self._dated(web.json_response(given))

    async def introspect(self, request: web.Request) -> web.Response:
        """Whether a token is good and whose it is (RFC 7662 section 2.2); a mail server asks."""
        mailbox, end = self.owners.get(str((await request.post())["token"]), ("", self.now()))
        return web.json_response({"active": True, "username": mailbox} if self.now() < end else {"active": False})

    def _refusal(self, form: dict[str, str]) -> dict[str, Any] | None:
        if form["grant_type"] == "refresh_token":
            good = form["refresh_token"] == self.refresh_tokens[-1]
            return None if good else {"error": "invalid_grant", "error_description": TRACE}
        signed = form.get("assertion") or form.get("client_assertion")
        if signed is None:
            return None if form.get("client_secret") == self.secret else aadsts(7000215)
        header = jwt.get_unverified_header(signed)
        # Only the signature: the times are those of the test.
        unchecked: Any = dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf", "verify_aud"), False)
        claims = jwt.decode(signed, self.public_key, [header["alg"]], options=unchecked)
        self.assertions.append((header, claims))
        if abs(datetime.fromtimestamp(claims["iat"], UTC) - self.now()) > timedelta(minutes=5):
            return {"error": "invalid_grant", "error_description": f"Invalid JWT: not in a reasonable timeframe. {TRACE}"}
        return None

    def _dated(self, answer: web.Response) -> web.Response:
        answer.headers["Date"] = format_datetime(self.now(), usegmt=True)
        return answer


def aadsts(number: int, error: str = "invalid_client") -> dict[str, Any]:
    """A refusal of Microsoft's."""
    text = f"AADSTS{number}: something long. {TRACE}"
    return {"error": error, "error_description": text, "error_codes": [number], "trace_id": "5f0a-4711", "error_uri": "https://x"}


@asynccontextmanager
async def token_server(knobs: TokenServer, port: int = 0) -> AsyncIterator[TokenServer]:
    """Runs it until the block ends."""
    knobs.open.set()
    app = web.Application()
    app.router.add_post("/token", knobs.answer)
    app.router.add_post("/introspect", knobs.introspect)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    knobs.port = runner.addresses[0][1]
    try:
        yield knobs
    finally:
        knobs.open.set()
        await runner.cleanup()
