"""For all tests: the `live` marker, and one block at the end of a run that says what could not run here and why."""

from collections import Counter

import pytest

from tests.servers.postgresql import postgresql as postgresql  # a fixture, one server for all folders
from tests.servers.requirement import WANTING


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "live: starts real servers (Asterisk, Dovecot, Prometheus …) on loopback")


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
