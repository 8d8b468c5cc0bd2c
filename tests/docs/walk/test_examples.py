"""The examples in config/, copied as their heads say, with the secrets these tell how to make: `check --offline` is content."""

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.pages import EXAMPLES, TOP
from tests.docs.walk.walker import Walk
from tests.servers.requirement import require

#: Of the head's lines, those that are to be typed.
_COMMAND = re.compile(r"^#   (.+)$", re.MULTILINE)
#: "For copying from, not for running", says its head: every key there is, also those that exclude each other in life.
NOT_RUN = "full.yaml"


@pytest.mark.parametrize("example", [path for path in EXAMPLES if path.name != NOT_RUN], ids=lambda path: path.name)
def test_an_example_is_taken_with_what_its_head_makes(example: Path, tmp_path: Path):
    require("openssl")
    head = example.read_text().split("timezone:", 1)[0]
    commands = _COMMAND.findall(head)
    assert commands[-1] == f"contact-monitor check --config {example.name}"
    with Walk(tmp_path) as walk:
        shutil.copy(example, walk.directory())
        walk.type("\n".join((*commands[:-1], f"{commands[-1]} --offline")))
        assert "configuration: ok" in walk.said
        for secret in walk.directory().glob("*-*"):
            assert secret.stat().st_mode & 0o077 == 0, secret


def test_the_one_that_is_not_run_says_so():
    assert "not for running" in (TOP / "config" / NOT_RUN).read_text().splitlines()[0]
