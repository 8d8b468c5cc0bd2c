"""By which names the daemon may be asked, where nobody needs a password: a check against DNS rebinding. Pure.

Whoever owns a domain can point it at this machine. A browser takes our pages for those of that domain then, and lets its
scripts read them. It still says in `Host` which name it asked for; an address in numbers there belongs to nobody's domain.
"""

import ipaddress
from typing import NamedTuple


class Hosts(NamedTuple):
    """Names under which the daemon may be asked, beside its addresses and `localhost`.

    `without_dot`: names that have no dot too. They are none of the Internet's, but whoever is in the same network can
    answer for them; so not where that network cannot reach the daemon otherwise.
    """

    names: frozenset[str]
    without_dot: bool

    def know(self, header: str) -> bool:
        """Whether `Host: header` is an address, or one of these names; a port says nothing."""
        name = host_name(header)
        if name == "localhost" or name.endswith(".localhost") or name in self.names or _is_address(name):
            return True
        return self.without_dot and bool(name) and "." not in name


def host_name(header: str) -> str:
    """The name in a `Host` header, or of a web address, as names are compared: `Monitor.Example.org.:9760` ->
    `monitor.example.org`."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
