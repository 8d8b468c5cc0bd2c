"""The README followed as a stranger does: installed from a clone, five minutes with an Asterisk, a pushed visitor, a rule."""

import asyncio
import re
import time
from pathlib import Path

import pytest

from tests.connectors.scripted_ami import SECRET, ScriptedAmi, listening
from tests.docs.walk.checkout import ENVIRONMENT, Repository, with_own_python
from tests.docs.walk.markdown import Block, blocks_of
from tests.docs.walk.plan import Exempt
from tests.docs.walk.walker import PAGE_SECONDS, TOP, Walk, is_printed
from tests.docs.walk.ways import promtool_takes, variant
from tests.servers.requirement import require

PAGE = "README.md"
CALLER = {"Channel": "PJSIP/trunk-1", "Uniqueid": "1793610000.1", "CallerIDNum": "02079460000"}


def makefile_has_them(walk: Walk, block: Block) -> None:
    targets = re.findall(r"^(\w+):", (TOP / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"^make (\w+)", block.text, re.MULTILINE)) <= set(targets)


def account(text: str) -> set[str]:
    """The lines of a manager.conf that say what its accounts may."""
    return {
        re.sub(r"\s*;.*", "", line) for line in text.splitlines() if line.startswith(("[", "secret", "read", "write", "enabled"))
    }


def is_the_account_of_its_page(walk: Walk, block: Block) -> None:
    page = "docs/connect-asterisk.md"
    [full] = [each.text for each in blocks_of(page, (TOP / page).read_text()) if each.language == "ini"]
    assert account(block.text) == account(full)


def until_counted(walk: Walk, block: Block) -> None:
    """The command of the page is repeated, as its reader does, until the counter has moved: at most 40 s."""
    until = time.monotonic() + 40
    while not walk.type(block.text).strip().endswith(" 1.0"):
        assert time.monotonic() < until, walk.said
        time.sleep(0.2)


def lists_and_explains(walk: Walk, block: Block) -> None:
    said = walk.type(block.text)
    assert said.count("long_wait") >= 2
    assert "2079460000" not in said


def pushed(walk: Walk, block: Block) -> None:
    """All three events are taken, and a visitor has left: nobody waits."""
    assert '{"accepted": 3, "repeated": 0, "rejected": 0, "errors": []}' in walk.type(block.text)
    metrics = walk.type("curl -s http://127.0.0.1:9760/metrics | grep front-counter").splitlines()
    waiting = [line for line in metrics if line.startswith(("contactpoint_waiting", "contactpoint_overdue"))]
    assert waiting, metrics
    assert all(line.endswith(" 0.0") for line in waiting), waiting
    assert 'contactpoint_signals_total{channel="counter",contact_point="front-counter",signal="long_wait"} 1.0' in metrics


WAYS = {
    "make run": Exempt("lays the environment of developers, from a package index", makefile_has_them),
    "[monitor]": Exempt("a real Asterisk has it in the walk through its own page", is_the_account_of_its_page),
    "curl -s": until_counted,
    "contactpoint_signals_total{channel": is_printed,
    "contact-monitor explain": lists_and_explains,
    "type: imap": variant(mail_password="made up"),
    "type: request_tracker": variant(desk_token="made up"),
    "--data-binary": pushed,
    "alert: NegativeContact": promtool_takes("rules"),
}


@pytest.mark.waits(9)
@pytest.mark.timeout(PAGE_SECONDS)
async def test_the_readme_leads_from_a_clone_to_a_true_figure(tmp_path: Path):
    for program in ("curl", "openssl"):
        require(program)
    repository = Repository(tmp_path)
    ami = ScriptedAmi(
        entries=[{**CALLER, "Queue": "support", "Position": 1, "Wait": 25}], channels=[{**CALLER, "Linkedid": CALLER["Uniqueid"]}]
    )
    async with listening(ami):
        own = {"CHANGE-ME": SECRET, "host: 10.0.0.5": f"host: 127.0.0.1\n    port: {ami.port}"}
        with with_own_python(Walk(tmp_path, replaced=own, environment=ENVIRONMENT)) as walk:

            def read() -> None:
                repository.cloned(walk)
                walk.follow(PAGE, WAYS)

            await asyncio.to_thread(read)
