"""Ports for the servers that tests start: safe while other test processes look for some at the same time."""

import os
import socket

#: Below the ports that the system gives to clients: none of their connections takes one before its server listens.
_RANGE = range(20_000, 32_000)
#: Each test process begins elsewhere and never offers the same port twice in a row.
_next = os.getpid() * 97 % len(_RANGE)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, address: str = "127.0.0.1") -> int:
    """A port that nobody uses on this loopback address. Raises OSError when there is none."""
    global _next
    for _ in _RANGE:
        port = _RANGE[_next]
        _next = (_next + 1) % len(_RANGE)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {_RANGE[0]} to {_RANGE[-1]} on {address}")
