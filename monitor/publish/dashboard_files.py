"""The dashboards as they are shipped: JSON files inside the package, or in the checkout that it runs from."""

import json
from pathlib import Path
from typing import Final

_INSTALLED: Final = Path(__file__).parent / "dashboards"
_CHECKOUT: Final = Path(__file__).parents[2] / "dashboards"

#: The name of the text box that holds where the daemon's own pages are.
_PAGES_VARIABLE: Final = "monitor_url"


def directory() -> Path:
    """Where the files lie: a wheel carries them beside this module."""
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


def write_dashboards(out: Path, pages: str | None = None) -> list[Path]:
    """Writes every dashboard into `out` and returns the paths. `pages`: where readers' browsers reach the daemon's own pages.

    Raises OSError where `out` cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for source in sorted(directory().glob("*.json")):
        text = source.read_text(encoding="utf-8")
        target = out / source.name
        target.write_text(_with_pages(text, pages) if pages else text, encoding="utf-8")
        written.append(target)
    return written


def _with_pages(text: str, pages: str) -> str:
    board = json.loads(text)
    value = pages.rstrip("/")
    for variable in board["templating"]["list"]:
        if variable["name"] == _PAGES_VARIABLE:
            chosen = {"selected": True, "text": value, "value": value}
            variable |= {"query": value, "current": chosen, "options": [chosen]}
    return json.dumps(board, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
