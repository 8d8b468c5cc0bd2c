"""How many lines of a dense queue_log are read a second, from bytes to events?

    python -m benchmarks.queue_log [MINUTES] [ROUNDS]

An invented log of 20 new calls a second over eight queues, with all verbs that say something of a call and some that do not;
after some minutes 4,000 callers wait or talk at any moment. CPU time of
- import: the archive's reader over the file,
- from the start: the connector's first read of it, with the cursor and the open calls for the store in each batch,
- following: the last five minutes polled a second's lines at a time, as a running daemon does; the store is a dictionary,
- split: a loop that does nothing but split each line, the least anybody could do in Python.
In turns; medians.
"""

import asyncio
import random
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from benchmarks._measure import Cost, cost_of, figure, line, machine, median
from monitor.clock import SystemClock
from monitor.connector import Batch, Context
from monitor.connectors._asterisk.log_archive import ARCHIVE
from monitor.connectors.queue_log import QueueLog, Settings, connect

BEGIN: Final = 1_750_000_000
CALLS_A_SECOND: Final = 20
FOLLOWED: Final = 300
QUEUES: Final = ("support", "sales", "billing", "orders", "claims", "dispatch", "night", "vip")
NOT_LET_IN: Final = ("FULL", "CLOSED", "JOINEMPTY", "JOINUNAVAIL")

#: How calls end, and how many of 100 do.
ENDINGS: Final = {
    "served": 66, "ABANDON": 10, "EXITWITHTIMEOUT": 4, "EXITWITHKEY": 1, "EXITEMPTY": 1, "LEAVEEMPTY": 1, "WITHDRAW": 1,
    "SYSCOMPAT": 1, "moved": 1, "BLINDTRANSFER": 4, "TRANSFER": 1, "outside": 2, "attended": 3, "turned away": 2, "paused": 2,
}  # fmt: skip


class Log:
    """Lines in the order of their moments."""

    def __init__(self, minutes: int) -> None:
        self._chance = random.Random(9)
        self._lines: list[tuple[int, int, str]] = []
        self._tell(BEGIN - 1, "NONE", "NONE", "NONE", "QUEUESTART")
        end = BEGIN + 60 * minutes
        for number in range(CALLS_A_SECOND * 60 * minutes):
            self._call(BEGIN + number // CALLS_A_SECOND, f"{BEGIN + number // CALLS_A_SECOND}.{3 * number}")
        self.seconds = [
            b"".join(told.encode() + b"\n" for _, _, told in lines)
            for _, lines in groupby(sorted(each for each in self._lines if each[0] < end), lambda each: each[0])
        ]
        self.lines = b"".join(self.seconds).splitlines()

    def _tell(self, at: int, uid: str, queue: str, agent: str, verb: str, *data: object) -> None:
        self._lines.append((at, len(self._lines), "|".join(map(str, (at, uid, queue, agent, verb, *data)))))

    def _agent(self) -> str:
        return f"PJSIP/{7000 + self._chance.randrange(600)}"

    def _call(self, at: int, uid: str) -> None:
        """What one caller leaves in the log."""
        queue, other = self._chance.sample(QUEUES, 2)
        ending = self._chance.choices([*ENDINGS], [*ENDINGS.values()])[0]
        number, wait = f"555{self._chance.randrange(10**6):06}", self._chance.randint(5, 120)
        if ending == "turned away":
            self._tell(at, uid, queue, "NONE", self._chance.choice(NOT_LET_IN))
            return
        if ending == "paused":
            self._tell(at, "NONE", "NONE", self._agent(), self._chance.choice(("PAUSEALL", "UNPAUSEALL")))
            return
        self._tell(at, uid, queue, "NONE", "ENTERQUEUE", "", number, 1)
        match ending:
            case "served":
                self._served(at, uid, queue, self._chance.choice(("COMPLETEAGENT", "COMPLETECALLER")))
            case "moved" | "EXITWITHTIMEOUT" | "EXITWITHKEY":
                self._left(at + wait, uid, queue, "ABANDON" if ending == "moved" else ending, wait)
                self._tell(at + wait, uid, other, "NONE", "ENTERQUEUE", "", number, 1)
                self._served(at + wait, uid, other, "COMPLETECALLER")
            case "BLINDTRANSFER" | "TRANSFER" | "outside":
                to = "0441234567" if ending == "outside" else 600
                at = self._served(at, uid, queue, "TRANSFER" if ending == "TRANSFER" else "BLINDTRANSFER", to, "from-queue")
                if ending != "outside":
                    self._tell(at, uid, other, "NONE", "ENTERQUEUE", "", number, 1)
                    self._served(at, uid, other, "COMPLETEAGENT")
            case "attended":
                self._attended(at, uid, queue, other)
            case _:
                self._left(at + wait, uid, queue, ending, wait)

    def _served(self, at: int, uid: str, queue: str, ending: str, *data: object) -> int:
        """Up to two phones ring in vain, a third is answered; returns when the talk was over."""
        came = at
        for verb in self._chance.choices(("RINGNOANSWER", "RINGCANCELED"), k=self._chance.choice((0, 0, 1, 2))):
            at += self._chance.randint(5, 30)
            self._tell(at, uid, queue, self._agent(), verb, 5000)
        agent, at, talk = self._agent(), at + self._chance.randint(3, 60), self._chance.randint(20, 400)
        self._tell(at, uid, queue, agent, "CONNECT", at - came, f"{at}.1", 3)
        self._tell(at + talk, uid, queue, agent, ending, *data, at - came, talk, 1)
        return at + talk

    def _left(self, at: int, uid: str, queue: str, verb: str, wait: int) -> None:
        data = {"EXITWITHKEY": ("1", 1, 1, wait), "SYSCOMPAT": (), "LEAVEEMPTY": ()}.get(verb, (1, 1, wait))
        self._tell(at, uid, queue, "NONE", verb, *data)

    def _attended(self, at: int, uid: str, queue: str, other: str) -> None:
        """The agent waits in another queue, then the customer in his place, whose Uniqueids nobody has seen before."""
        agent, talk = self._agent(), self._chance.randint(20, 200)
        asking, taken = f"{uid}1", f"{uid}2"
        self._tell(at + 5, uid, queue, agent, "CONNECT", 5, f"{at}.1", 3)
        at += 5 + talk
        self._tell(at - 3, asking, other, "NONE", "ENTERQUEUE", "", agent.removeprefix("PJSIP/"), 1)
        self._tell(at, asking, queue, agent, "ATTENDEDTRANSFER", "APP", "Queue", 5, talk, 1)
        self._tell(at + 20, taken, other, "PJSIP/7009", "CONNECT", 23, f"{at}.2", 2)
        self._tell(at + 110, taken, other, "PJSIP/7009", "COMPLETEAGENT", 23, 90, 1)


class Store:
    """A store that takes no time: what batches ask to remember, and how many events there were."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.cursor: dict[str, Any] | None = None
        self.events = 0

    def take(self, batch: Batch) -> None:
        for key, entry in batch.state.items():
            if entry is None:
                self.entries.pop(key, None)
            else:
                self.entries[key] = entry
        self.cursor = batch.cursor or self.cursor
        self.events += len(batch.events)

    async def keys(self, keys: Iterable[str]) -> dict[str, str]:
        return {key: self.entries[key] for key in keys if key in self.entries}

    async def prefix(self, prefix: str) -> dict[str, str]:
        return {key: entry for key, entry in self.entries.items() if key.startswith(prefix)}


class Stopped(SystemClock):
    """Stands still at the end of the log."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


def context(store: Store, end: int) -> Context:
    """What the engine would give; hashing costs nothing here."""
    return Context("log", Stopped(end), UTC, "GB", lambda number: number, store)


def imported(log: Log, end: int) -> int:
    """Returns how many events the archive holds."""
    return sum(1 for _ in ARCHIVE.read(BytesIO(b"\n".join(log.lines)), None, context(Store(), end)))


async def poll(connector: QueueLog, store: Store) -> None:
    """One poll, as the engine does it."""
    async for batch in connector.read(store.cursor):
        store.take(batch)


async def follow(connector: QueueLog, store: Store, path: Path, seconds: list[bytes]) -> None:
    """A poll after each second's lines."""
    for lines in seconds:
        with path.open("ab") as file:
            file.write(lines)
        await poll(connector, store)


def split(lines: list[bytes]) -> None:
    """The least anybody could do."""
    for each in lines:
        each.split(b"|")


def one_round(log: Log, end: int, directory: Path) -> dict[str, Cost]:
    """Each way once."""
    whole, growing = directory / "whole", directory / "growing"
    whole.write_bytes(b"".join(log.seconds))
    growing.write_bytes(b"".join(log.seconds[:-FOLLOWED]))
    first, second = Store(), Store()
    at_once = connect(Settings(type="queue_log", path=whole), context(first, end))
    following = connect(Settings(type="queue_log", path=growing), context(second, end))
    asyncio.run(poll(following, second))
    costs = {
        "import": cost_of(lambda: imported(log, end)),
        "from the start": cost_of(lambda: asyncio.run(poll(at_once, first))),
        "following": cost_of(lambda: asyncio.run(follow(following, second, growing, log.seconds[-FOLLOWED:]))),
        "split": cost_of(lambda: split(log.lines)),
    }
    if first.events != second.events:
        raise SystemExit(f"{first.events} events from the start, {second.events} by following")
    return costs


def main(minutes: int, rounds: int) -> None:
    """Prints one line each."""
    print(machine())
    log, end = Log(minutes), BEGIN + 60 * minutes
    count, followed = len(log.lines), b"".join(log.seconds[-FOLLOWED:]).count(b"\n")
    print(f"{count:,} lines, {imported(log, end):,} events, {count / len(log.seconds):.0f} lines for each second of the log")
    costs: dict[str, list[Cost]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as directory:
            for name, cost in one_round(log, end, Path(directory)).items():
                costs.setdefault(name, []).append(cost)
    floor = median(costs["split"]).cpu / count
    for name, each in costs.items():
        lines = followed if name == "following" else count
        print(line(name, "lines", lines, each), f" {median(each).cpu / lines / floor:.0f} times split")
        if name in ("import", "following"):
            figure(f"queue_log.{name}", f"{lines / median(each).cpu:,.0f}")


if __name__ == "__main__":
    main(*(int(each) for each in [*sys.argv[1:], *("60", "3")[len(sys.argv) - 1 :]]))
