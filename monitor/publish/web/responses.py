"""Answers: pages made from templates, static files, text that is compressed where accepted, JSON."""

import gzip
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from prometheus_client.exposition import gzip_accepted

from monitor import __version__
from monitor.publish.charts.wait_bar import draw_wait_bar
from monitor.publish.web.shell import Shell

_HERE: Final = Path(__file__).parent
_COMPRESS_FROM: Final = 2048
#: Larger bodies in one piece would hold up the event loop while they are copied into the socket.
_PIECEMEAL_FROM: Final = 1024 * 1024
_STATIC_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


class Pages:
    """The templates and the files that pages load. Everything put into a template is escaped."""

    def __init__(self) -> None:
        self._static = {path.name: path.read_bytes() for path in sorted((_HERE / "static").iterdir())}
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # Changes with the static files, so that browsers may keep them for ever.
        self.edition = edition = hashlib.sha256(b"".join(self._static.values())).hexdigest()[:12]
        self._environment.globals.update(version=__version__, edition=edition, shell=Shell(), wait_bar=draw_wait_bar)

    def render(self, template: str, values: Mapping[str, Any]) -> bytes:
        """One page as UTF-8. Half characters in hostile names become `?` instead of costing the page."""
        return self._environment.get_template(template).render(values).encode("utf-8", "replace")

    def macro(self, template: str, name: str, *given: Any) -> str:
        """A part of a page: what a macro makes of its arguments."""
        made: str = getattr(self._environment.get_template(template).module, name)(*given)
        return made

    def static_file(self, name: str) -> web.Response:
        """A file that pages load. Raises HTTPNotFound."""
        if name not in self._static:
            raise web.HTTPNotFound(text="no such file")
        headers = {"Content-Type": _STATIC_TYPES[Path(name).suffix], "Cache-Control": "public, max-age=31536000, immutable"}
        return web.Response(body=self._static[name], headers=headers)


def accepts_gzip(request: web.Request) -> bool:
    """Whether the answer may be compressed."""
    return gzip_accepted(request.headers.get("Accept-Encoding", ""))


def html(body: bytes, *, packed: bool) -> web.Response:
    """A page."""
    return text(body, "text/html; charset=utf-8", packed=packed)


def text(body: bytes, content_type: str, *, packed: bool) -> web.Response:
    """A text, compressed where `packed`: level 1 costs a tenth of the default level for about the same size."""
    headers = {"Content-Type": content_type, "Vary": "Accept-Encoding"}
    if packed and len(body) >= _COMPRESS_FROM:
        return web.Response(body=gzip.compress(body, 1, mtime=0), headers={**headers, "Content-Encoding": "gzip"})
    if len(body) > _PIECEMEAL_FROM:
        return web.Response(body=io.BytesIO(body), headers=headers)  # aiohttp sends these piece by piece
    return web.Response(body=body, headers=headers)


def as_json(value: Any) -> web.Response:
    """A value as JSON."""
    return web.Response(body=json.dumps(value).encode(), content_type="application/json")
