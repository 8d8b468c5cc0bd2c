"""Runs commands as a user does, in this process or in one of their own."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from monitor.cli.commands import main


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


Run = Callable[..., Said]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """`run("check", "--config", file)`: exit code, standard output, standard error. The working directory is `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith("CONTACT_MONITOR")]:
        monkeypatch.delenv(name)

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["contact-monitor", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Writes a configuration and gives its path."""

    def put(config: dict[str, Any]) -> Path:
        file = tmp_path / "contact-monitor.yaml"
        file.write_text(json.dumps(config))  # JSON is YAML
        return file

    return put


async def in_own_process(*arguments: object, cwd: Path, environ: dict[str, str] | None = None) -> Said:
    """`python -m monitor …`, for what needs a real process; at most 30 s."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", *map(str, arguments), cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), **(environ or {})},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode is not None
    return Said(process.returncode, out.decode(), err.decode())
