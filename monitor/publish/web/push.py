"""`POST /api/v1/events`: contact events as JSON lines or one JSON array (contract section 7)."""

import asyncio
import json
from collections import defaultdict
from functools import partial
from typing import Final

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from monitor.publish.web.query import refuse_others
from monitor.publish.web.services import PushResult, Services

BODY_BYTES: Final = 16 * 1024 * 1024
MAX_LINES: Final = 200_000
#: A body up to this size is small: so many of a source may wait for the store together. Of larger ones, and of those that do
#: not say how large they are, only a few: the others wait in their sockets.
SMALL_BYTES: Final = 64 * 1024
MAX_SMALL: Final = 64
MAX_LARGE: Final = 4
#: The answer names so many bad lines; the rest is only counted.
MAX_SHOWN_REJECTS: Final = 1_000
_READ_SECONDS: Final = 60.0
_RETRY_AFTER: Final = "5"


class PushHandler:
    """Reads the body within bounds and passes its lines to the daemon."""

    def __init__(self, services: Services) -> None:
        self._services = services
        # Bodies held in memory at once, by source: a sender cannot keep those of another waiting.
        self._small: defaultdict[str, asyncio.Semaphore] = defaultdict(partial(asyncio.Semaphore, MAX_SMALL))
        self._large: defaultdict[str, asyncio.Semaphore] = defaultdict(partial(asyncio.Semaphore, MAX_LARGE))

    async def handle(self, request: web.Request) -> web.Response:
        """Looks at the token before anything of the body is read."""
        source, token = request.query.get("source"), bearer(request)
        target = self._services.push_target(source, token)
        if isinstance(target, PushResult):
            return _answer(target)
        refuse_others(request.query, ("source",))
        packed, length = hdrs.CONTENT_ENCODING in request.headers, request.content_length
        small = not packed and length is not None and length <= SMALL_BYTES
        async with (self._small if small else self._large)[target]:
            body = await read_body(request, BODY_BYTES)
            lines = split_lines(body) if small else await asyncio.to_thread(split_lines, body)
            result = await self._services.push(source, token, lines)
        return _answer(result)


async def read_body(request: web.Request, most: int) -> bytes:
    """The whole body. Raises 413 past `most` bytes (also when it only grows so large by being unpacked), 408 when too slow,
    400 where it is damaged.
    """
    if (request.content_length or 0) > most:
        raise _too_large(f"{most} bytes")
    body = bytearray()
    try:
        async with asyncio.timeout(_READ_SECONDS):
            async for chunk in request.content.iter_chunked(65536):
                body += chunk
                if len(body) > most:
                    raise _too_large(f"{most} bytes")
    except TimeoutError:
        raise web.HTTPRequestTimeout(text=f"the body did not arrive within {_READ_SECONDS:g} s") from None
    except (web.RequestPayloadError, HttpProcessingError):  # their words quote it
        raise web.HTTPBadRequest(text="the body is damaged: its chunks or its packing cannot be read") from None
    return bytes(body)


def split_lines(body: bytes) -> list[tuple[int, bytes]]:
    """(number from 1, JSON object) for each line that is not blank, or for each element of an array.

    Raises 400 for a body that begins an array and is none, 413 for too many lines.
    """
    if body.lstrip()[:1] == b"[":
        try:
            elements = json.loads(body)
        except (ValueError, RecursionError):
            raise web.HTTPBadRequest(text="the body begins as a JSON array but is none") from None
        if len(elements) > MAX_LINES:
            raise _too_large(f"{MAX_LINES} events")
        return [(number, json.dumps(element).encode()) for number, element in enumerate(elements, 1)]
    if body.count(b"\n") > MAX_LINES:
        raise _too_large(f"{MAX_LINES} events")
    return [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]


def _too_large(limit: str) -> web.HTTPException:
    return web.HTTPRequestEntityTooLarge(0, 0, text=f"at most {limit} at once: send them in several parts")


def bearer(request: web.Request) -> str | None:
    """The token that a request shows; None where it shows none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _answer(result: PushResult) -> web.Response:
    if result.status == "unauthorised":
        raise web.HTTPUnauthorized(text="send the token of a source that accepts pushes", headers={"WWW-Authenticate": "Bearer"})
    if result.status == "unknown_source":
        raise web.HTTPNotFound(text="no such source accepts pushes: name one with ?source=NAME")
    if result.status == "unavailable":
        raise web.HTTPServiceUnavailable(
            text="the store does not take anything now: send it again", headers={"Retry-After": _RETRY_AFTER}
        )
    shown = [{"line": line, "reason": reason} for line, reason in result.rejected[:MAX_SHOWN_REJECTS]]
    answer = {"accepted": result.accepted, "repeated": result.repeated, "rejected": len(result.rejected), "errors": shown}
    nothing_stored = result.rejected and not result.accepted
    return web.json_response(answer, status=400 if nothing_stored else 200)
