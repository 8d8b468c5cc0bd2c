"""Which channel is a phone of ours, and which a line to the outside. Pure names, no protocol.

With `trunks` configured, a channel is outside when its name begins with one of them. Without, it is learned: outside is
what was dialled as `number@endpoint`; inside is what was dialled by its own name, what is a queue member, what calls with
its own name as caller number, what `extensions` names, and what is called by at most six digits.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_SHORT: Final = re.compile(r"[0-9]{1,6}")
_LOCAL: Final = "Local/"


@lru_cache(maxsize=4096)  # each name comes in many events of one call
def endpoint(channel: str) -> str:
    """`PJSIP/1003-0000002a` -> `PJSIP/1003`; `Local/1003@agents/n` -> `Local/1003`."""
    if channel.startswith(_LOCAL):
        return channel.partition("@")[0]
    name, dash, serial = channel.rpartition("-")
    return name if dash and all(c in "0123456789abcdefABCDEF;" for c in serial) else channel


def number(channel: str) -> str:
    """The extension a channel belongs to: `PJSIP/1003-0000002a` -> `1003`."""
    return endpoint(channel).partition("/")[2]


def is_local(channel: str) -> bool:
    """A Local channel stands between two others: it is neither a phone nor a line."""
    return channel.startswith(_LOCAL)


def is_short(text: str | None) -> bool:
    """Looks like an internal extension, not like a number of the public network."""
    return text is not None and _SHORT.fullmatch(text) is not None


class Endpoints:
    """What has been learned about endpoints so far."""

    def __init__(self, trunks: Iterable[str], extensions: Iterable[str]) -> None:
        self._trunks = tuple(trunks)
        self._extensions = frozenset(extensions)
        self._phones: set[str] = set()
        self._outside: set[str] = set()

    def is_outside(self, channel: str) -> bool:
        """A line to the public network (or to another switch)."""
        if is_local(channel):
            return False
        if self._trunks:
            return channel.startswith(self._trunks)
        end = endpoint(channel)
        if end in self._outside:
            return True
        name = end.partition("/")[2]
        return end not in self._phones and name not in self._extensions and not is_short(name)

    def member(self, interface: str) -> None:
        """A queue member's interface is a phone."""
        if not is_local(interface):
            self._phones.add(interface)

    def appeared(self, channel: str, caller_number: str | None) -> None:
        """A phone calls under its own name; a line shows the number of whoever calls."""
        end = endpoint(channel)
        if caller_number and end.partition("/")[2] == caller_number:
            self._phones.add(end)

    def dialled(self, channel: str, dial_string: str) -> str | None:
        """Learns from a dial string; the number dialled when it holds one.

        `5550042@trunk` and `trunk/5550042` went out on a line, `1003` and `PJSIP/1003` rang a phone; with `sip:` in it
        (`1003/sip:1003@10.0.0.9`) it may be either (FACTS section 3, "callback after abandon").
        """
        end = endpoint(channel)
        name = end.partition("/")[2]
        text = dial_string.removeprefix(end.partition("/")[0] + "/")
        if "sip:" in text:
            return text.partition("sip:")[2].partition("@")[0] or None
        if text == name:
            self._phones.add(end)
            return None
        if text.endswith("@" + name):
            self._outside.add(end)
            return text.removesuffix("@" + name)
        if text.startswith(name + "/"):
            self._outside.add(end)
            return text.removeprefix(name + "/")
        return None
