"""How long a test waits for what a machine with nothing else to do shows in a known time."""

import os


def patience(seconds: float) -> float:
    """So many seconds; longer by as much as more wants to run than there are cores."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
