"""Ways to follow a block that is not simply typed, saved or compared."""

import re
import subprocess
from collections.abc import Callable

import yaml

from tests.docs.walk.markdown import Block
from tests.docs.walk.plan import Way
from tests.docs.walk.walker import Walk
from tests.servers.requirement import require


def variant(**files: str) -> Way:
    """A configuration that the page has beside the one that it goes on with: it is checked and left.

    `files`: those that it names and the page tells to make in words: `variant(mail_password="…")` for `mail-password`.
    """

    def way(walk: Walk, block: Block) -> None:
        for name, text in files.items():
            walk.save(name.replace("_", "-"), text)
        walk.save("variant.yaml", block.text)
        walk.type("contact-monitor check --offline --config variant.yaml")

    return way


def saved_as(name: str) -> Way:
    """The block is the file `name`."""
    return lambda walk, block: walk.save(name, block.text)


def alike(walk: Walk, block: Block) -> None:
    """What commands print, but for numbers, addresses, queues and what stands in brackets: another system has its own."""
    for line in walk.read(block.text).splitlines():
        beginning = re.split(r"[\d(]|http|(?<=queues): ", line)[0]
        assert beginning in walk.said, f"nothing like {line!r} was printed, but: {walk.said}"


def lines_with(said: str, *words: str) -> list[list[str]]:
    """The lines that hold each of these words, in any order, split at spaces."""
    return [line.split() for line in said.splitlines() if set(words) <= set(line.split())]


def shell_syntax(walk: Walk, block: Block) -> None:
    """Commands that bash can at least read."""
    done = subprocess.run([require("bash"), "-n"], input=block.text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def after(step: Callable[[Walk], None], way: Way) -> Way:
    """What the page asks for in words, and then the block."""

    def both(walk: Walk, block: Block) -> None:
        step(walk)
        way(walk, block)

    return both


def promtool_takes(kind: str) -> Way:
    """The block is a file of Prometheus': `rules` or `config`."""

    def way(walk: Walk, block: Block) -> None:
        require("promtool")
        yaml.safe_load(block.text)
        walk.save("checked.yml", block.text)
        walk.type(f"promtool check {kind} checked.yml")

    return way
