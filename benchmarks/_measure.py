"""How the benchmarks measure: CPU and wall time of several runs, the median, and how far the runs lie apart."""

import gc
import os
import platform
import re
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

#: A line that `figure` printed: its name and its text.
FIGURE: Final = re.compile(r"^= ([\w.]+): (.*)$", re.MULTILINE)


def figure(name: str, text: str) -> None:
    """Prints a figure that the table of README.md shows under this name (`_table.ROWS`)."""
    print(f"= {name}: {text}")


class Cost(NamedTuple):
    """Seconds of one run: CPU time of this whole process (all threads), and time on the wall."""

    cpu: float
    wall: float


def cost_of(work: Callable[[], object]) -> Cost:
    """One run, after what earlier runs left has been cleared away."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall)


def in_turns(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Cost]]:
    """Each way once in every round, so that what else the machine does falls on all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            costs[name].append(cost_of(way))
    return costs


def median(costs: list[Cost]) -> Cost:
    """CPU and wall each by themselves."""
    return Cost(statistics.median(each.cpu for each in costs), statistics.median(each.wall for each in costs))


def spread(costs: list[Cost]) -> str:
    """Slowest over quickest run, by CPU time."""
    return f"runs lie within {max(each.cpu for each in costs) / min(each.cpu for each in costs) - 1:.0%}"


def line(name: str, what: str, count: int, costs: list[Cost]) -> str:
    """One line of a table: the median in seconds, and how many `what` a second that is."""
    middle = median(costs)
    return (
        f"{name:34} CPU {middle.cpu:7.2f} s {count / middle.cpu:10,.0f} {what}/s   "
        f"wall {middle.wall:7.2f} s {count / middle.wall:10,.0f} {what}/s   {spread(costs)}"
    )


def peak_mib() -> float:
    """The most memory this process has had resident, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_mib() -> float:
    """What this process has resident now, in MiB (Linux)."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def machine() -> str:
    """What it ran on, and how busy that was."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {load}"
