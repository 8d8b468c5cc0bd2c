"""`POST /api/v1/contacts/ID/settle`: no answer is needed in a contact any more (contract section 2)."""

import json
import re
from typing import Any, Final

from aiohttp import web

from monitor.domain.said import said
from monitor.errors import StoreUnavailable
from monitor.publish.web.middleware import USER
from monitor.publish.web.push import bearer, read_body
from monitor.publish.web.query import refuse_others
from monitor.publish.web.services import CONTACT_ID, NO_SUCH_CONTACT, PushResult, Services

#: Paths on which the token of a source that accepts pushes stands for a user.
TOKEN_PATHS: Final = re.compile(r"/api/v1/contacts/[^/]+/settle")
_BODY_BYTES: Final = 16 * 1024
_KEYS: Final = frozenset(("reason", "by"))


class SettleHandler:
    """Takes who settles a contact, and why, and passes it to the daemon."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def handle(self, request: web.Request) -> web.Response:
        who, is_user = self._who(request)
        refuse_others(request.query, ())
        # what a form of another site's page cannot send without asking first
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="send a JSON object with Content-Type: application/json")
        asked = _asked(await read_body(request, _BODY_BYTES))
        by = _text(asked, "by") if asked.get("by") is not None else who
        if is_user and by != who:
            by = f"{by} (logged in as {who})"
        reason, contact = _text(asked, "reason"), request.match_info["contact"]
        try:
            waits = await self._services.settle(contact, reason, by) if CONTACT_ID.fullmatch(contact) else None
        except StoreUnavailable:
            raise web.HTTPServiceUnavailable(
                text="the store does not take anything now: send it again", headers={"Retry-After": "5"}
            ) from None
        if waits is None:
            raise web.HTTPNotFound(text=NO_SUCH_CONTACT)
        if not waits:
            raise web.HTTPConflict(
                text="nothing waits in this contact that could be settled: it was answered or settled before; nothing was changed"
            )
        return web.json_response({"contact": contact, "settled": list(waits), "reason": reason, "by": by})

    def _who(self, request: web.Request) -> tuple[str, bool]:
        """Who asks: a user by name, else the source whose token is shown; whether it is a user. Raises HTTPUnauthorized."""
        if (user := request.get(USER)) is not None:
            return user, True
        source = self._services.push_target(None, bearer(request))
        if isinstance(source, PushResult):
            text = "log in as one of web.users, or send the token of a source that accepts pushes"
            raise web.HTTPUnauthorized(text=text, headers={"WWW-Authenticate": "Bearer"})
        return source, False


def _asked(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise web.HTTPBadRequest(text='send a JSON object: {"reason": "by phone"}')
    if unknown := asked.keys() - _KEYS:
        raise web.HTTPBadRequest(text=f"{min(unknown)[:60]!r} is no key; send reason and, if need be, by")
    return asked


def _text(asked: dict[str, Any], key: str) -> str:
    try:
        return said(asked.get(key))
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"{key} {error}") from None
