"""What the benchmarks are fed with: recorded AMI repeated as ever new calls, and invented contact events. Always the same."""

import gzip
import heapq
import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

RECORDING: Final = Path(__file__).parents[1] / "tests/recordings/asterisk/load/ami-monitor.1.raw.gz"
CHUNK_BYTES: Final = 64 * 1024

_EPOCH_SECONDS: Final = re.compile(rb"\b(1[6-9]\d{8})\.(?=\d)")
_STAMP: Final = re.compile(rb"\r\nTimestamp: (\d{10})")

_Told = list[tuple[datetime, dict[str, object]]]

#: The moment of the first invented event: long enough ago to be believed by any clock.
BEGIN: Final = datetime(2025, 3, 3, 8, 0, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


class AmiStream(NamedTuple):
    """Bytes as a socket would hand them over, each piece with the moment it arrived (microseconds since 1970)."""

    pieces: list[tuple[int, bytes]]
    messages: int  # events of AMI, wanted or not

    @property
    def size(self) -> int:
        return sum(len(data) for _, data in self.pieces)


def ami_stream(repeats: int, recording: Path = RECORDING) -> AmiStream:
    """The recorded session `repeats` times, each time some seconds later.

    Asterisk makes Uniqueid and Linkedid from the second in which a channel begins, so that moving every moment on makes
    every call another one. Callers' numbers stay: each customer calls again in every repeat.
    """
    with gzip.open(recording) as file:
        raw = file.read()
    banner, _, session = raw.partition(b"\r\n")
    events = session[session.index(b"Event: ") :]
    stamps = [int(stamp) for stamp in _STAMP.findall(events)]
    length = max(stamps) - min(stamps) + 1
    pieces = [(min(stamps) * 1_000_000, banner + b"\r\n")]
    for repeat in range(repeats):
        later = repeat * length
        moved = _EPOCH_SECONDS.sub(lambda match, later=later: b"%d." % (int(match[1]) + later), events)
        arrived = (min(stamps) + later + length // 2) * 1_000_000
        pieces += [(arrived, moved[at : at + CHUNK_BYTES]) for at in range(0, len(moved), CHUNK_BYTES)]
    return AmiStream(pieces, repeats * (events.count(b"\r\nEvent: ") + 1))


class _Line(NamedTuple):
    """A contact event to be: sorts by its moment."""

    at: datetime
    order: int
    told: dict[str, object]


def contact_events(events: int, *, days: int = 90, seed: int = 1) -> Iterator[bytes]:
    """JSON lines in the order of their moments, as an export of a contact centre has them; exactly `events` of them.

    Of 100 contacts 94 are calls (7 abandoned, 24 with a hold, 7 handed on; a sixth too slow), four are e-mail
    conversations and two are tickets; half of them are by customers who have come before.
    """
    chance = random.Random(seed)
    step = timedelta(days=days) / (events / 5.0)
    waiting: list[_Line] = []
    begun, told, number, order = BEGIN, 0, 0, 0
    while told < events:
        number += 1
        begun += step * chance.uniform(0.0, 2.0)
        draw = chance.random()
        make: Callable[[random.Random, datetime, int], _Told]
        make = _call if draw < 0.94 else _conversation if draw < 0.98 else _ticket
        for index, (at, fields) in enumerate(make(chance, begun, number)):
            order += 1
            heapq.heappush(waiting, _Line(at, order, {"id": f"{number}-{index}", **fields}))
        while waiting and waiting[0].at < begun and told < events:
            line = heapq.heappop(waiting)
            told += 1
            stamp = line.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            yield json.dumps({**line.told, "at": stamp}).encode() + b"\n"


def _customer(chance: random.Random) -> int:
    return chance.randrange(150_000)


def _call(chance: random.Random, at: datetime, number: int) -> _Told:
    base: dict[str, object] = {
        "contact": f"{int(at.timestamp())}.{number}", "contact_point": f"line-{chance.randrange(20):02}", "channel": "phone",
        "customer": f"+4420{_customer(chance):08}",
    }  # fmt: skip
    out: _Told = []

    def then(seconds: float, kind: str, **details: object) -> None:
        nonlocal at
        at += _SECOND * seconds
        out.append((at, {**base, "kind": kind, **details}))

    then(0.0, "queued")
    then(chance.expovariate(1 / 3.0), "ringing")
    if chance.random() < 0.07:
        then(chance.expovariate(1 / 25.0), "left", reason="caller")
        return out
    then(chance.expovariate(1 / 6.0), "answered")
    if chance.random() < 0.25:
        then(chance.expovariate(1 / 60.0), "held")
        then(chance.expovariate(1 / 50.0), "unheld")
    if chance.random() < 0.08:
        then(chance.expovariate(1 / 60.0), "transferred", how=chance.choice(("blind", "consult")), to="1001")
    then(chance.expovariate(1 / 180.0), "ended")
    return out


def _conversation(chance: random.Random, at: datetime, number: int) -> _Told:
    base: dict[str, object] = {
        "contact": f"<{number}@customer.example>", "contact_point": chance.choice(("info-mail", "orders-mail")),
        "channel": "email", "customer": f"c{_customer(chance)}@customer.example",
    }  # fmt: skip
    out: _Told = []
    for _ in range(chance.choice((1, 1, 2, 3))):
        out.append((at, {**base, "kind": "received"}))
        at += _SECOND * chance.expovariate(1 / 9000.0)
        out.append((at, {**base, "kind": "replied"}))
        at += _SECOND * chance.expovariate(1 / 40000.0)
    return out


def _ticket(chance: random.Random, at: datetime, number: int) -> _Told:
    base: dict[str, object] = {
        "contact": f"T{number}", "contact_point": "service-desk", "channel": "ticket",
        "customer": f"c{_customer(chance)}@customer.example",
    }  # fmt: skip
    out: _Told = [(at, {**base, "kind": "received"})]
    for kind, pause in (("assigned", 1800.0), ("replied", 7200.0), ("pending", 600.0), ("resumed", 50000.0), ("replied", 3600.0)):
        at += _SECOND * chance.expovariate(1 / pause)
        out.append((at, {**base, "kind": kind, **({"to": f"team-{number % 3}"} if kind == "assigned" else {})}))
    if chance.random() < 0.8:
        at += _SECOND * chance.expovariate(1 / 60000.0)
        out.append((at, {**base, "kind": "resolved"}))
    return out


def open_conversations(count: int) -> Iterator[bytes]:
    """Conversations that all wait for an answer: each was answered once and has come back since."""
    for number in range(count):
        begun = BEGIN + timedelta(seconds=20 * number)
        told = ((0, "received"), (40, "replied"), (90, "received"))
        for index, (minutes, kind) in enumerate(told):
            at = (begun + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
            yield json.dumps({
                "id": f"{number}-{index}", "contact": f"<{number}@customer.example>", "contact_point": f"mail-{number % 10}",
                "channel": "email", "customer": f"c{number}@customer.example", "kind": kind, "at": at,
            }).encode() + b"\n"  # fmt: skip
