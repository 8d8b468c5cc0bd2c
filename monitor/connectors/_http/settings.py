"""Keys that all sources over HTTP share."""

import re
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from monitor.connector import SourceSettings

_DEFAULT_PER_MINUTE: Final = 120


def _base_url(text: str) -> str:
    """An address of a server without anything secret in it; a slash at its end means nothing."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or re.search(r"[\s{}\\]", text):
        raise ValueError("it is no address of a server: write https://host or https://host/path")
    if "@" in parts.netloc:
        raise ValueError("an address holds no user and no password: they have keys of their own")
    return text.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_base_url)]


def _in_a_header(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError("it goes along in a header of each request: printable ASCII characters only")
    return secret


HeaderSecret = Annotated[SecretStr, AfterValidator(_in_a_header)]


class HttpSettings(SourceSettings):
    """A connector's own `Settings` inherits from it."""

    url: BaseUrl = Field(description="Where it answers; `http://` sends the secret in clear: only on a network you trust.")
    ca_file: Path | None = Field(None, description="Certificate authority of the server, if it is not a public one.")
    requests_per_minute: int = Field(_DEFAULT_PER_MINUTE, ge=1, le=60_000, description="Most requests in any minute.")
