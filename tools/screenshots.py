"""Pictures of the pages for README.md and docs, from the demo: `python -m tools.screenshots [DIR] [SECONDS]`.

Starts the demo on a store of its own, waits until its first minutes have brought something on every channel, and has Chromium
draw the board, the wall, a contact and the last week that is over. Written to docs/images unless DIR says otherwise.
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import Request, urlopen

#: The browser as tests/publish/web/chromium.py starts it, for one picture.
_FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--virtual-time-budget=2000",
    "--run-all-compositor-stages-before-draw",  # otherwise parts of the page may not be painted yet
)  # fmt: skip
_PATIENCE_SECONDS: Final = 180


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _read(address: str) -> str:
    with urlopen(Request(address, headers={"Accept": "text/html"}), timeout=30) as answer:  # noqa: S310  # our own demo
        return str(answer.read().decode())


@contextmanager
def _demo(folder: Path, seconds: float) -> Iterator[str]:
    """The demo's address, once it has been read for so long."""
    port = _free_port()
    command = [sys.executable, "-m", "monitor", "demo", "--listen", f"127.0.0.1:{port}", "--store", f"sqlite:{folder}/demo.db"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603  # our own demo
        try:
            address, end = f"http://127.0.0.1:{port}", time.monotonic() + _PATIENCE_SECONDS
            while True:
                try:
                    _read(f"{address}/-/ready")
                    break
                except (URLError, OSError):
                    if time.monotonic() > end or process.poll() is not None:
                        raise SystemExit("the demo did not become ready: run contact-monitor demo to see why") from None
                    time.sleep(1)
            time.sleep(seconds)
            yield address
        finally:
            process.terminate()


def _draw(chromium: str, address: str, picture: Path, width: int, height: int) -> None:
    with tempfile.TemporaryDirectory() as profile:
        arguments = [f"--user-data-dir={profile}", f"--screenshot={picture}", f"--window-size={width},{height}", address]
        subprocess.run([chromium, *_FLAGS, *arguments], check=True, capture_output=True, timeout=120)  # noqa: S603
    print(picture)


def _pages(address: str) -> Iterator[tuple[str, str, int, int]]:
    """Name, address, width and height of each picture."""
    yield "live-board", f"{address}/?refresh=off", 1280, 1300
    yield "wall", f"{address}/?wall=1&refresh=off", 1920, 1080
    signals = json.loads(_read(f"{address}/api/v1/signals?signal=long_hold&limit=1"))
    if signals:
        yield "contact", f"{address}/contacts/{signals[0]['contact']}?refresh=off", 1280, 1150
    yield "week", f"{address}/weeks/{datetime.now(UTC) - timedelta(weeks=1):%G-W%V}", 1280, 1400


def main(folder: Path, seconds: float) -> None:
    """Draws all of them."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("there is no chromium: install Debian's package chromium")
    with tempfile.TemporaryDirectory() as temporary, _demo(Path(temporary), seconds) as address:
        for name, page, width, height in list(_pages(address)):
            _draw(chromium, page, folder / f"{name}.png", width, height)


if __name__ == "__main__":
    given = sys.argv[1:3]
    main(
        Path(given[0]) if given else Path(__file__).parents[1] / "docs" / "images",
        float(given[1]) if len(given) > 1 else 45.0,
    )
