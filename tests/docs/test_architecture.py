"""The tree in docs/architecture.md is the tree."""

import re
from collections import Counter
from pathlib import Path

TOP = Path(__file__).parents[2]
#: What a line says of its files begins after two blanks or more; before that stand names.
_NAMES = re.compile(r"(?:[\w/]+(?:\.py|/)(?: |$))+")


def listed() -> list[str]:
    """Every module that the page's tree names, with its path."""
    [tree] = re.findall(r"^```\n(monitor/\n.*?)^```$", (TOP / "docs" / "architecture.md").read_text(), re.MULTILINE | re.DOTALL)
    rooms: list[str] = []
    found: list[str] = []
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        names = [name for part in re.split(r" {2,}", line.strip()) if _NAMES.fullmatch(part) for name in part.split()]
        rooms = rooms[:depth]
        if names and names[0].endswith("/"):
            rooms.append(names.pop(0))
        found += ["".join(rooms) + name for name in names if name.endswith(".py")]
    return found


def modules() -> set[str]:
    files = (path.relative_to(TOP) for room in ("monitor", "tools") for path in (TOP / room).rglob("*.py"))
    return {str(path) for path in files if path.name != "__init__.py" and "migrations" not in path.parts}


def test_every_module_stands_in_the_tree_once() -> None:
    assert set(listed()) == modules()
    assert [name for name, count in Counter(listed()).items() if count > 1] == []


def test_nothing_but_the_seam_and_what_all_need_lies_loose_at_the_top() -> None:
    loose = {path.name for path in (TOP / "monitor").glob("*.py")}
    assert loose == {"__init__.py", "__main__.py", "connector.py", "push_queue.py", "errors.py", "clock.py", "log.py"}
