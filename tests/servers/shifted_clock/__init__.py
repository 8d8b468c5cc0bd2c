"""The clock of a server that tests set: it stands at a moment, or runs from one, and can be moved while the server runs.

A server started with `perl()` or `ruby()` in its environment asks a file for the time: "@SECONDS" since 1970 is a clock
that stands, "+SECONDS" one that runs so much ahead of the machine's (negative: behind).
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_HERE = Path(__file__).parent


class ShiftedClock:
    """Begins as the machine's own clock. Whole seconds, as helpdesks keep them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._write("+0")

    def stand_at(self, moment: datetime) -> None:
        """It is `moment`, and stays so: whatever happens on the server now has exactly this time."""
        self._write(f"@{int(moment.timestamp())}")

    def run_from(self, moment: datetime) -> None:
        """It is `moment`, and time goes on."""
        self._write(f"+{int(moment.timestamp()) - int(time.time())}")

    def advance(self, by: timedelta) -> None:
        """So much later, standing or running as before."""
        mark, seconds = self._read()
        self._write(f"{mark}{seconds + int(by.total_seconds())}")

    def now(self) -> datetime:
        """What the server takes for the time."""
        mark, seconds = self._read()
        return datetime.fromtimestamp(seconds if mark == "@" else int(time.time()) + seconds, UTC)

    def perl(self) -> dict[str, str]:
        """The environment of a Perl program that follows this clock."""
        return {"SHIFTED_CLOCK": str(self._path), "PERL5OPT": f"-I{_HERE} -MShiftedClock"}

    def ruby(self) -> dict[str, str]:
        """The environment of a Ruby program that follows this clock."""
        return {"SHIFTED_CLOCK": str(self._path), "RUBYOPT": f"-W0 -r{_HERE / 'shifted_clock.rb'}"}

    def _read(self) -> tuple[str, int]:
        text = self._path.read_text()
        return text[0], int(text[1:])

    def _write(self, text: str) -> None:
        # In one step: the server reads it at any time.
        new = self._path.with_suffix(".new")
        new.write_text(text + "\n")
        new.replace(self._path)
