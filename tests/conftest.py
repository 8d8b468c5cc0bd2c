"""For all tests: markers, which tests start first and how many side by side, and a last block that says what could not run."""

import os
from collections import Counter

import pytest

# Fixtures: one server each for all folders.
from tests.servers.postgresql import postgresql as postgresql
from tests.servers.redmine import redmine as redmine
from tests.servers.request_tracker import request_tracker as request_tracker
from tests.servers.requirement import WANTING
from tests.servers.znuny import znuny as znuny

#: So many tests at a time mostly wait for real servers: that many workers beside one for each core. More than
#: MAX_WORKERS gain nothing: each of them imports and collects everything once.
WAITING = 4
MAX_WORKERS = 12


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "live: starts real servers (Asterisk, Dovecot, Prometheus …) on loopback")
    config.addinivalue_line("markers", "waits(seconds): mostly waits, for about so long; side by side, the longest start first")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """How many workers `--numprocesses auto` means; PYTEST_XDIST_AUTO_NUM_WORKERS overrides it."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores + WAITING, MAX_WORKERS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker of pytest-xdist the tests that wait longest come first: the others fill the time."""
    if hasattr(config, "workerinput"):
        items.sort(key=_seconds_waited, reverse=True)


def _seconds_waited(item: pytest.Item) -> float:
    marker = item.get_closest_marker("waits")
    return float(marker.args[0]) if marker else 0.0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    missing: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", ()):
        _, found, what = str(report.longrepr[-1]).partition(WANTING)
        if found:
            missing[what] += 1
    if missing:
        terminalreporter.section("not run here for want of")
        for what, count in sorted(missing.items()):
            terminalreporter.line(f"{what}: {count} test{'s' * (count > 1)} skipped")
