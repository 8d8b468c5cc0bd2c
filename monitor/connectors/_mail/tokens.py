"""Access tokens of one source: asked for once at a time, kept until shortly before they end, never shown or logged.

Lives in the event loop; `Bearer` is its door for the threads in which mailboxes are read.
"""

import asyncio
import concurrent.futures
import json
import re
from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import aiohttp

from monitor.clock import Clock
from monitor.connectors._http.headers import http_moment, retry_after
from monitor.connectors._mail.imap_client import ImapSession
from monitor.connectors._mail.oauth import Grant
from monitor.connectors._reaching import why
from monitor.errors import AuthError, SourceError, TransientError

_MARGIN: Final = 300.0  # seconds before the end; a tenth of the life where that is less
_UNTOLD_LIFE: Final = 300.0  # seconds, where the server does not say (RFC 6749 section 5.1 lets it)
_MAX_BODY: Final = 65_536
_CLOCKS_DIFFER: Final = timedelta(seconds=30)  # Date counts whole seconds, and answers take some
_AGAIN_LATER: Final = 30.0  # seconds between two tries to renew what still holds
_PASSING: Final = ("temporarily_unavailable", "server_error", "internal_failure")


class _Kept(NamedTuple):
    """A token and three moments of the clock's monotonic seconds."""

    token: str
    asked: float
    renew: float
    ends: float

    @classmethod
    def of(cls, token: str, asked: float, life: float) -> "_Kept":
        return cls(token, asked, asked + life - min(_MARGIN, life / 10), asked + life)


class TokenSource:
    """Gives tokens by one grant."""

    def __init__(self, grant: Grant, clock: Clock, timeout: float) -> None:
        """`timeout` in seconds for one answer of the token server."""
        self.grant = grant
        self.timeout = timeout
        self._clock = clock
        self._server = urlsplit(grant.url).hostname
        self._kept: dict[str, _Kept] = {}
        self._asking: dict[str, asyncio.Task[_Kept]] = {}
        self._ahead = timedelta(0)  # the token server's clock minus ours
        self._refresh_token: str | None = None  # the newest, where the server gives a new one with each token

    async def token(self, mailbox: str) -> str:
        """A token that holds for a while. Raises AuthError when it takes a person, else TransientError."""
        whose = self._whose(mailbox)
        kept = self._kept.get(whose)
        if kept is not None and self._clock.monotonic() < kept.renew:
            return kept.token
        asking = self._asking.get(whose)
        if asking is None:
            asking = self._asking[whose] = asyncio.create_task(self._renewed(mailbox, kept))
            asking.add_done_callback(lambda task: self._answered(whose, task))
        return (await asyncio.shield(asking)).token

    def worn(self, mailbox: str, token: str) -> bool:
        """Whether a session that was opened with this token should be opened anew."""
        kept = self._kept.get(self._whose(mailbox))
        return kept is None or kept.token != token or self._clock.monotonic() >= kept.renew

    def drop(self, mailbox: str, token: str, *, worked: bool) -> bool:
        """The mail server refused this token; whether another may do better. It may not where this one never `worked`
        there and is quite new: then something else is wrong, and each such mailbox would ask for a token a time."""
        whose = self._whose(mailbox)
        kept = self._kept.get(whose)
        if kept is not None and kept.token == token:
            if not worked and self._clock.monotonic() - kept.asked < kept.ends - kept.renew:
                return False
            self._kept.pop(whose, None)
        return True

    def _whose(self, mailbox: str) -> str:
        return mailbox if self.grant.per_mailbox else ""

    def _answered(self, whose: str, task: "asyncio.Task[_Kept]") -> None:
        del self._asking[whose]
        if not task.cancelled() and task.exception() is None:  # looking at it says that it was noticed
            self._kept[whose] = task.result()

    async def _renewed(self, mailbox: str, old: _Kept | None) -> _Kept:
        """A new token; the old one once more while it holds and the token server is not there."""
        try:
            return await self._new(mailbox)
        except TransientError as error:
            now = self._clock.monotonic()
            if old is None or now >= old.ends:
                raise
            return old._replace(renew=min(now + (error.retry_after or _AGAIN_LATER), old.ends))

    async def _new(self, mailbox: str) -> _Kept:
        believed = self._ahead
        try:
            return await self._asked(mailbox)
        except AuthError:
            if not self.grant.signed or abs(self._ahead - believed) < _CLOCKS_DIFFER:
                raise
            return await self._asked(mailbox)  # what was signed had the wrong time on it, as we know now

    async def _asked(self, mailbox: str) -> _Kept:
        asked = self._clock.monotonic()
        form = self.grant.form(mailbox, self._clock.now() + self._ahead)
        if self._refresh_token is not None:
            form["refresh_token"] = self._refresh_token
        try:
            status, headers, body = await self._post(form)
        except TimeoutError:
            raise TransientError(f"the token server {self._server} does not answer", reason="timeout") from None
        except aiohttp.ClientConnectorCertificateError:
            raise TransientError(f"the certificate of the token server {self._server} is not accepted", reason="tls") from None
        except aiohttp.ClientConnectorError as error:
            where = f"{error.host}:{error.port}"
            raise TransientError(f"the token server cannot be reached at {where}: {why(error.os_error)}") from None
        except (aiohttp.ClientError, OSError):
            raise TransientError(f"the token server {self._server} cannot be reached") from None
        self._read_clock(headers.get("Date"))
        answer = _parsed(body)
        token = answer.get("access_token")
        if status != 200 or not isinstance(token, str):
            raise self._refusal(status, headers.get("Retry-After"), answer)
        life = _seconds(answer.get("expires_in"))
        if life is None or not re.fullmatch("[\x20-\x7e]+", token):  # RFC 6749 appendix A.12
            raise self._strange(status)
        if isinstance(answer.get("refresh_token"), str) and "refresh_token" in form:
            self._refresh_token = answer["refresh_token"]
        return _Kept.of(token, asked, life)

    async def _post(self, form: dict[str, str]) -> tuple[int, Any, bytes]:
        timeout = aiohttp.ClientTimeout(total=self.timeout)
        headers = {"Accept": "application/json"}
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
            session.post(self.grant.url, data=form, allow_redirects=False) as answer,
        ):
            body = b""
            async for piece in answer.content.iter_chunked(8_192):
                body += piece
                if len(body) > _MAX_BODY:
                    raise self._strange(answer.status)
            return answer.status, answer.headers, body

    def _read_clock(self, date: str | None) -> None:
        theirs = http_moment(date)
        if theirs is not None:
            ahead = theirs - self._clock.now()
            self._ahead = ahead if abs(ahead) >= _CLOCKS_DIFFER else timedelta(0)

    def _refusal(self, status: int, asked_pause: str | None, answer: dict[str, Any]) -> SourceError:
        """What a refusal means. Its description is never shown: it holds ids of people and requests."""
        error, code = str(answer.get("error")), _aadsts(answer)
        if status == 429 or status >= 500 or status == 408 or error in _PASSING:
            pause = retry_after(asked_pause, self._clock.now() + self._ahead)
            reason = "rate_limit" if status == 429 else "connect"
            return TransientError(f"the token server {self._server} puts us off ({status})", reason=reason, retry_after=pause)
        if status not in (400, 401) and "error" not in answer:
            return self._strange(status)
        advice = self.grant.advice
        named = f"AADSTS{code}" if code else error if re.fullmatch("[a-z_]{3,40}", error) else f"status {status}"
        what = advice.get(code) or advice.get(error) or "no token; look that up in its documentation, and check the keys of auth"
        return AuthError(f"the token server {self._server} refuses ({named}): {what}")

    def _strange(self, status: int) -> TransientError:
        return TransientError(
            f"the token server {self._server} gives no token but something else ({status}): check auth.token_url",
            reason="protocol",
        )


class Bearer:
    """How an account logs in by tokens: for threads, while the loop runs that `bind` was called in."""

    def __init__(self, tokens: TokenSource, mailbox: str) -> None:
        self._tokens = tokens
        self._mailbox = mailbox
        self._loop: asyncio.AbstractEventLoop | None = None
        self._shown = self._accepted = ""  # the tokens of the latest login, and of the latest that succeeded

    def bind(self) -> None:
        """Tokens will be asked for in the running loop."""
        self._loop = asyncio.get_running_loop()

    def secret(self) -> str:
        """A token. Blocks until there is one; raises SourceError."""
        assert self._loop is not None
        # Twice, since a wrong clock is learned from the first answer; and others may have to be waited for.
        longest = 3 * self._tokens.timeout
        asking = asyncio.run_coroutine_threadsafe(self._tokens.token(self._mailbox), self._loop)
        try:
            return asking.result(longest)
        except (TimeoutError, concurrent.futures.CancelledError):  # the loop is stopping
            raise TransientError("no token: we were stopped", reason="timeout") from None

    def log_in(self, session: ImapSession, username: str, secret: str) -> None:
        """Raises AuthError with what to look at, or TransientError."""
        self._shown = secret
        session.authenticate(username, secret, self._tokens.grant.refused)
        self._accepted = secret

    @property
    def worn(self) -> bool:
        """Whether the session should be opened anew, before the server cuts it."""
        return self._tokens.worn(self._mailbox, self._shown)

    def another(self) -> bool:
        """Whether, after a refusal, the next `secret` may be accepted."""
        return self._tokens.drop(self._mailbox, self._shown, worked=self._shown == self._accepted)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _seconds(expires_in: object) -> float | None:
    """A number, or its digits as a text (Microsoft's older endpoint); None for what is neither."""
    if expires_in is None:
        return _UNTOLD_LIFE
    found = re.fullmatch(r"(\d{1,8})(?:\.\d*)?", str(expires_in))
    return float(found[1]) if found and int(found[1]) > 0 else None


def _aadsts(answer: dict[str, Any]) -> str:
    """Microsoft's own number of an error, as text; empty where there is none."""
    codes = answer.get("error_codes")
    first = str(codes[0]) if isinstance(codes, list) and codes else ""
    found = re.match(r"(\d{1,9})\Z", first) or re.match(r"AADSTS(\d{1,9})\b", str(answer.get("error_description")))
    return found[1] if found else ""
