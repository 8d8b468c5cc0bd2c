"""What the shell of every page asks of the request: in which colours it is to be drawn, and how to choose others."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

Scheme = Literal["", "light", "dark"]

_CHOICES: Final[Sequence[tuple[Scheme, str]]] = (("", "as the system"), ("light", "light"), ("dark", "dark"))
#: The cookie that keeps the reader's choice, and the parameter of any page that makes it.
_COLOURS: Final = "colours"
_KEPT_SECONDS: Final = 365 * 86400


class Shell(NamedTuple):
    """`scheme`: the class of the page, empty where the system decides. `choices`: name, and a link to what is not chosen."""

    scheme: Scheme = ""
    choices: Sequence[tuple[str, str]] = ()


def shell_of(request: web.Request) -> Shell:
    """The shell of the page that answers this request; links keep the rest of its address."""
    chosen, rest = _scheme(request.cookies.get(_COLOURS, "")), _other_parameters(request)
    choices = [
        (name, "" if scheme == chosen else "?" + urlencode([*rest, (_COLOURS, scheme or "system")], errors="replace"))
        for scheme, name in _CHOICES
    ]
    return Shell(chosen, choices)


@web.middleware
async def choose_colours(request: web.Request, handler: Handler) -> web.StreamResponse:
    """`?colours=dark` of any page: keeps the choice in a cookie and shows the page again, in these colours."""
    wanted = request.query.get(_COLOURS)
    if wanted is None or request.method != "GET" or request.path.startswith("/api/"):
        return await handler(request)
    # Leading slashes of an address would name another host in a Location.
    path = "/" + request.rel_url.raw_path.lstrip("/\\")
    rest = urlencode(_other_parameters(request), errors="replace")
    again = web.HTTPSeeOther(URL(f"{path}?{rest}" if rest else path, encoded=True))
    scheme = _scheme(wanted)
    if scheme:
        again.set_cookie(_COLOURS, scheme, max_age=_KEPT_SECONDS, path="/", httponly=True, samesite="Lax", secure=request.secure)
    else:
        again.del_cookie(_COLOURS, path="/")
    raise again


def _scheme(value: str) -> Scheme:
    return next((scheme for scheme, _ in _CHOICES if scheme == value), "")


def _other_parameters(request: web.Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.query.items() if name != _COLOURS]
