"""How servers are reached: the key `tls`, the same for every type of source, and words for what fails while connecting."""

import errno
import os
import re
import socket
import ssl
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator

_YES: Final = ("true", "yes", "on", "1")
_NO: Final = ("false", "no", "off", "0")
_WORDS: Final = {errno.ECONNREFUSED: "connection refused, nothing listens there", errno.ETIMEDOUT: "no answer"}
_NUMBER: Final = re.compile(r"\[Errno (\d+)\]")
#: What OpenSSL calls an answer that is no TLS, by version.
_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")


def _tls(value: object) -> object:
    """`true` and `false` mean the same everywhere: TLS from the first byte, or none."""
    text = str(value).lower()
    return "implicit" if text in _YES else "none" if text in _NO else value


Tls = Annotated[Literal["implicit", "starttls", "none"], BeforeValidator(_tls)]
#: For protocols that cannot begin in clear and go on in TLS.
TlsOrNot = Annotated[Literal["implicit", "none"], BeforeValidator(_tls)]


def why(error: OSError) -> str:
    """Why there is no connection, without the numbers and tuples of the system's own words."""
    if isinstance(error, socket.gaierror):
        return "no such host name"
    if isinstance(error, ssl.SSLError):
        return "it speaks no TLS there" if speaks_no_tls(error) else f"TLS fails ({error.reason})"
    found = _NUMBER.search(str(error))  # asyncio's one error for several addresses, as localhost has, carries no number itself
    number = error.errno or (int(found[1]) if found is not None else 0)
    return _WORDS.get(number) or (os.strerror(number) if number > 0 else error.strerror or type(error).__name__)


def speaks_no_tls(error: ssl.SSLError) -> bool:
    """Whether the other side answered the beginning of TLS in clear."""
    return error.reason in _NO_TLS
