"""The README's five minutes with Asterisk, as a stranger does them: check, run, and a true figure of his own queue."""

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import pytest

from monitor.config.files import parse_yaml
from tests.cli.conftest import in_own_process
from tests.connectors.scripted_ami import SECRET, ScriptedAmi, listening
from tests.docs.pages import TOP, blocks
from tests.servers.daemon import Daemon


def configuration(port: int) -> dict[str, Any]:
    """The page's own, with the address of the test's server."""
    [text] = [block.text for block in blocks("yaml") if block.page == "README.md" and "type: asterisk" in block.text]
    config: dict[str, Any] = parse_yaml(text, "README.md")
    config["sources"]["pbx"] |= {"host": "127.0.0.1", "port": port}
    return config


async def appears(daemon: Daemon, line: str) -> bool:
    """Whether the metrics show this line within 20 s."""
    for _ in range(400):
        if line in (await daemon.get("/metrics") or ""):
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.waits(22)
async def test_from_the_readme_alone_to_a_true_figure(tmp_path: Path):
    caller = {"Channel": "PJSIP/trunk-1", "Uniqueid": "1793610000.1", "CallerIDNum": "02079460000"}
    ami = ScriptedAmi(
        entries=[{**caller, "Queue": "support", "Position": 1, "Wait": 25}], channels=[{**caller, "Linkedid": "1793610000.1"}]
    )
    (tmp_path / "ami-password").write_text(SECRET + "\n")
    async with listening(ami), Daemon(tmp_path, configuration(ami.port)) as daemon:
        checked = await in_own_process("check", "--config", daemon.config, cwd=tmp_path)
        assert (checked.code, checked.err) == (0, "")
        shown = re.search(r"contactpoint_signals_total\{.*", (TOP / "README.md").read_text())
        assert shown is not None
        assert await appears(daemon, shown[0])
        commands = [
            line for block in blocks("sh") if block.page == "README.md" for line in block.text.splitlines()
            if line.startswith(("contact-monitor signals", "contact-monitor explain"))
        ]  # fmt: skip
        assert len(commands) == 2
        for line in commands:
            said = await in_own_process(*line.split()[1:], cwd=tmp_path)
            assert said.code == 0, said.err
            assert "long_wait" in said.out
            assert "2079460000" not in said.all
    assert SECRET not in daemon.log.read_text()
    assert sorted(os.listdir(tmp_path))[0] == "ami-password"
