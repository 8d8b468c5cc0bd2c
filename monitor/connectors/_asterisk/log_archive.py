"""Archived queue_log files, for `import`: one or several that continue each other."""

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final

from monitor.connector import Archive, Context, Rejected, Unfinished
from monitor.connectors._asterisk.calls import Calls
from monitor.connectors._asterisk.log_calls import LogCalls
from monitor.connectors._asterisk.log_held import RESTART
from monitor.connectors._asterisk.queue_log import DAY, parse
from monitor.domain.event import Event, from_micros, to_micros


def events_of(
    lines: Iterable[bytes], hash_customer: Callable[[str], str], *, now: int | None = None, places: Iterable[str] = ()
) -> Iterator[Event | Rejected | Unfinished]:
    """The events of archived queue_log lines, oldest first; at the end, whether calls go on in another file.

    `now` (microseconds): calls that were left open a day before are let go. `places`: the configured ones.
    """
    calls = Calls(hash_customer)
    log = LogCalls(calls, alone=True, places=places)
    for raw in lines:
        raw = raw.rstrip(b"\r\n")
        if not raw:
            continue
        line = parse(raw)
        if isinstance(line, Rejected):
            yield line
            continue
        log.apply(line)
        if calls.events:
            yield from calls.drain_events()
            calls.discard_state()
    log.settle(log.newest + 2 * RESTART)
    if now is not None:
        log.let_go(now - DAY)
    yield from calls.drain_events()
    if log.waiting:
        yield Unfinished(from_micros(log.newest))


def _is_queue_log(head: bytes) -> bool:
    first = head.lstrip().split(b"\n", 2)[:2]  # a piece of a log begins in the middle of a line
    return any(not isinstance(parse(raw.rstrip(b"\r")), Rejected) for raw in first)


def _begins(head: bytes) -> int:
    """The moment of the first line."""
    for raw in head.splitlines():
        line = parse(raw)
        if not isinstance(line, Rejected):
            return line.at
    return 0


def _read(file: BinaryIO, _settings: object, context: Context) -> Iterator[Event | Rejected | Unfinished]:
    return events_of(file, context.hash_customer, now=to_micros(context.clock.now()), places=context.places)


ARCHIVE: Final = Archive("queue_log", "queue_log", _is_queue_log, _read, begins=_begins)
