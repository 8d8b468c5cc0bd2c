"""Which daemon has a store: what it says of itself where it holds one, and what a second one says of it."""

import os
import re
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_FORM: Final = re.compile(r"contact-monitor ([0-9]{1,10})@([!-~]{1,255})")
#: As much as PostgreSQL keeps of an `application_name`.
MAX_SIGNATURE: Final = 63


def signature() -> str:
    """This process: `contact-monitor PID@HOST`, of at most MAX_SIGNATURE printable characters of ASCII."""
    host = re.sub("[^!-~]", "?", socket.gethostname()) or "?"
    return f"contact-monitor {os.getpid()}@{host}"[:MAX_SIGNATURE]


@dataclass(frozen=True, slots=True)
class Holder:
    """A daemon that has a store. None where it cannot be told."""

    host: str | None = None
    process: int | None = None
    since: datetime | None = None

    @classmethod
    def read(cls, signed: str, since: datetime | None) -> "Holder":
        """From what `signature` made, or from anything else that stood in its place."""
        found = _FORM.fullmatch(signed)
        return cls(since=since) if found is None else cls(found[2], int(found[1]), since)

    def __str__(self) -> str:
        """`another daemon (process 4711 on web1, since 2026-11-02 09:00:00 UTC)`, as far as it is known."""
        known = [] if self.process is None else [f"process {self.process} on {self.host}"]
        if self.since is not None:
            known.append(f"since {self.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
        return "another daemon" + (f" ({', '.join(known)})" if known else "")
