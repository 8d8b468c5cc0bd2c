"""How many AMI messages a second become verdicts in the store, on one core?

    python -m benchmarks.ami_to_verdicts [REPEATS] [ROUNDS] [RECORDING.raw.gz]

The recorded session of 200 calls, repeated as ever new calls, in pieces of 64 KiB:
- ours: the connector's parser and call tracker, batches of 2,000 events, each one transaction into an SQLite file:
  contacts, verdicts, totals, notes, cursor and watermark,
- ours, parser alone: the messages it wants, as dictionaries,
- panoramisk, parsing: its AMIProtocol takes the same bytes apart, nobody listens to its events, nothing is stored,
- panoramisk, telling: the same with a callback that does nothing for each event that ours wants,
- asterisk-ami, parsing: its AMIClient takes the same bytes apart, read from a socket that is a list; nobody listens.
The limits are so short that calls of the recording pass them: verdicts are written, not only their absence.
All in one process, in turns; medians. An AMI message counts whether or not anybody wants it.
"""

import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any, Final

from asterisk.ami import AMIClient
from panoramisk import Manager
from panoramisk.ami_protocol import AMIProtocol

from benchmarks._data import RECORDING, AmiStream, ami_stream
from benchmarks._measure import figure, in_turns, line, machine, median
from monitor.cli.commands import quiet_gc
from monitor.config.loading import build
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.connector import Batch
from monitor.connectors._asterisk.ami import Parser
from monitor.connectors._asterisk.members import MEMBER_EVENTS, MEMBER_PARTS, Members
from monitor.connectors._asterisk.tracker import PARTS, WANTED, CallTracker
from monitor.domain.customer import customer_hasher
from monitor.domain.event import from_micros
from monitor.engine.ingest import Ingest
from monitor.store import make_store

BATCH_EVENTS = 2000
#: The recorded callers wait up to 16 s, and are held for about one.
SHORT_LIMITS: Final = {"policies": {"default": {"long_wait": {"after": "10s"}, "long_hold": {"after": "1s"}}}}


def ours(stream: AmiStream, path: Path) -> tuple[int, int]:
    """Bytes -> verdicts; returns how many neutral events were stored, and how many negative contacts they made."""
    source = {"type": "asterisk", "host": "localhost", "username": "u", "password": "p"}
    settings = build({"sources": {"pbx": source}, **SHORT_LIMITS})
    book = PolicyResolver(settings, calendars(settings))
    store = make_store(f"sqlite:{path}")
    store.open()
    ingest = Ingest(store, make_directory(settings, book), book.bounds())
    wanted = {**WANTED, **dict.fromkeys(MEMBER_EVENTS)}
    parser, ami = Parser(wanted, {**PARTS, **MEMBER_PARTS}), CallTracker(customer_hasher(b"key", "GB"))
    members = Members()
    seen, stored = store.cursor_row("pbx"), 0

    def write() -> None:
        nonlocal seen, stored
        events = ami.calls.drain_events()
        while events:
            now, events, rest = from_micros(ami.newest), events[:BATCH_EVENTS], events[BATCH_EVENTS:]
            notes = {} if rest else ami.calls.drain_state()
            batch = Batch(events, {"seen": ami.newest}, live_lag=timedelta(0), state=notes)
            outcome = ingest.batch("pbx", "asterisk", batch, seen, now, now, now=now)
            seen, stored, events = outcome.source or seen, stored + outcome.events, rest

    for arrived, data in stream.pieces:
        for message in parser.feed(data):
            if message.name in MEMBER_EVENTS:
                members.apply(*message)
            else:
                ami.feed(message, arrived)
        ami.tick(ami.newest)
        if len(ami.calls.events) >= BATCH_EVENTS:
            write()
    ami.flush()
    write()
    fell = sum(value for (metric, _), value in store.totals().items() if metric == "signals_total")
    store.close()
    return stored, int(fell)


def parser_alone(stream: AmiStream) -> int:
    """The connector's parser, nothing after it."""
    parser = Parser(WANTED, PARTS)
    return sum(1 for _, data in stream.pieces for _ in parser.feed(data))


class _Nowhere:
    """A transport for a protocol that has no connection."""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


def panoramisk(stream: AmiStream, *events: str) -> int:
    """panoramisk's protocol and its dispatch: to nobody, or to a callback for each of `events`."""
    logging.disable(logging.DEBUG)
    loop = asyncio.new_event_loop()
    manager = Manager(loop=loop)
    for event in events:
        manager.register_event(event, lambda _manager, _message: None)
    protocol = AMIProtocol()
    protocol.connection_made(_Nowhere())
    protocol.factory, protocol.encoding = manager, "utf8"
    messages = 0
    handle = protocol.handle_message

    def counting(message: object) -> None:
        nonlocal messages
        messages += 1
        handle(message)

    protocol.handle_message = counting
    for _, data in stream.pieces:
        protocol.data_received(data)
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    return messages


class _Socket:
    """Hands over what is in a list by 1,024 bytes, as its client asks by default; empty at the end."""

    def __init__(self, stream: AmiStream) -> None:
        self._pieces = (data[at : at + 1024] for _, data in stream.pieces for at in range(0, len(data), 1024))

    def recv(self, _size: int) -> bytes:
        return next(self._pieces, b"")

    def close(self) -> None: ...


def asterisk_ami(stream: AmiStream) -> None:
    """asterisk-ami's reading loop, to nobody."""
    client = AMIClient()
    client.finished = Event()
    client._socket = _Socket(stream)
    client.listen()


def main(repeats: int, rounds: int, recording: Path) -> None:
    """Prints one line each and the ratios."""
    print(machine())
    stream = ami_stream(repeats, recording)
    with tempfile.TemporaryDirectory() as directory:
        paths = (Path(directory) / f"{number}.db" for number in count())
        ways: dict[str, Callable[[AmiStream], Any]] = {
            "ours, bytes to verdicts": lambda given: ours(given, next(paths)),
            "ours, parser alone": parser_alone,
            "panoramisk, parsing": panoramisk,
            "panoramisk, telling": lambda given: panoramisk(given, *WANTED),
            "asterisk-ami, parsing": asterisk_ami,
        }
        (stored, signals), *_ = [
            way(ami_stream(1, recording)) for way in ways.values()
        ]  # from here on imports and caches are warm
        print(f"{stream.messages:,} messages, {stream.size / 1e6:,.0f} MB; ", end="")
        print(f"{stored} events of ours and {signals} negative contacts in each repeat")
        quiet_gc()  # as `run` does
        costs = in_turns({name: partial(way, stream) for name, way in ways.items()}, rounds)
    for name, each in costs.items():
        print(line(name, "messages", stream.messages, each))
    whole, alone, parsing, telling, quicker = (median(each).cpu for each in costs.values())
    print(f"beside ours from bytes to verdicts panoramisk takes {parsing / whole:.2f} times the CPU time to parse, ", end="")
    print(f"{telling / whole:.2f} times to parse and tell; {parsing / alone:.2f} times that of our parser alone to parse")
    print(f"asterisk-ami takes {quicker / whole:.2f} times the CPU time of ours from bytes to verdicts to parse, ", end="")
    print(f"{quicker / alone:.2f} times that of our parser alone")
    for name, cost in (("ours", whole), ("asterisk_ami", quicker), ("panoramisk", parsing)):
        figure(f"ami.{name}", f"{stream.messages / cost:,.0f}")


if __name__ == "__main__":
    given = sys.argv[1:]
    numbers = [int(each) for each in [*given[:2], *("20", "5")[len(given[:2]) :]]]
    main(numbers[0], numbers[1], Path(given[2]) if len(given) > 2 else RECORDING)
