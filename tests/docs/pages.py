"""The pages of the documentation, and what stands in them."""

import re
from pathlib import Path
from typing import Any, NamedTuple

from monitor.config.files import parse_yaml
from monitor.config.models import Settings
from monitor.config.schema import secret_files_in
from monitor.config.trees import put, remove

TOP = Path(__file__).parents[2]
PAGES = [TOP / "README.md", TOP / "CHANGELOG.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").glob("*.md"))]
#: What every secret of an example is, long enough for a privacy key.
TOKEN = "canary-canary-canary"
EXAMPLES = sorted((TOP / "config").glob("*.yaml"))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_COMMAND = re.compile(r"^(?: {4})?(contact-monitor .*)$", re.MULTILINE)


class Block(NamedTuple):
    """One fenced block."""

    page: str
    number: int
    language: str
    text: str


def blocks(*languages: str) -> list[Block]:
    """All fenced blocks in these languages."""
    return [
        Block(page.name, number, language, text)
        for page in PAGES
        for number, (language, text) in enumerate(_FENCE.findall(page.read_text()))
        if language in languages
    ]


def links() -> list[tuple[Path, str]]:
    """(page, target) of every link that is not to another host."""
    return [(page, target) for page in PAGES for target in _LINK.findall(page.read_text()) if "://" not in target]


def commands() -> list[tuple[str, str]]:
    """(page, command) of every line that calls contact-monitor, in whatever kind of block; a synopsis is no call."""
    return [(page.name, line) for page in PAGES for line in _COMMAND.findall(page.read_text()) if "[--" not in line]


def with_secrets_inside(text: str, where: str) -> dict[str, Any]:
    """The values of a configuration whose secrets stand in it, so that no file is needed."""
    values: dict[str, Any] = parse_yaml(text, where)
    for named in secret_files_in(Settings, values):
        values = put(remove(values, named.file), named.secret, TOKEN)
    return values
