"""The import contracts of pyproject.toml hold, and each of them sees the fault that it is there for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]

#: What is wrong -> the file it is put into, the line, and words of what the linter then says.
FAULTS = {
    "a library in the domain": ("monitor/domain/judge.py", "import yaml", "monitor.domain.judge -> yaml"),
    "a library in a function of the domain": (
        "monitor/domain/rings.py",
        "def _later() -> None:\n    import msgspec",
        "monitor.domain.rings -> msgspec",
    ),
    "holidays outside their one function's module": (
        "monitor/domain/fold.py",
        "import holidays",
        "monitor.domain.fold -> holidays",
    ),
    "phonenumbers outside their one module": (
        "monitor/domain/customer.py",
        "import phonenumbers",
        "monitor.domain.customer -> phonenumbers",
    ),
    "a circle within a room": ("monitor/engine/evaluation.py", "import monitor.engine.explain", "monitor.engine"),
    "a room that imports upwards": ("monitor/engine/schedule.py", "import monitor.config.policies", "is not allowed to import"),
    "a room beside another": ("monitor/publish/metrics.py", "import monitor.store.base", "is not allowed to import"),
    "a connector that imports a connector": (
        "monitor/connectors/imap.py",
        "import monitor.connectors.events",
        "monitor.connectors.imap -> monitor.connectors.events",
    ),
    "a room that is in no list": ("monitor/attic.py", '"""Nobody knows."""', "attic"),
    "a tool in the daemon": ("monitor/publish/catalogue.py", "import tools.kubernetes", "is not allowed to import"),
}


def lint(checkout: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    # PYTHONPATH goes before the checkout that an editable installation points to.
    return subprocess.run(
        [program, "--no-cache"], cwd=checkout, env={"PYTHONPATH": str(checkout), "COLUMNS": "250"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the linter reads."""
    for room in ("monitor", "tools"):
        shutil.copytree(TOP / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_clean_checkout_keeps_every_contract(checkout: Path) -> None:
    done = lint(checkout)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen(checkout: Path, fault: str) -> None:
    name, line, expected = FAULTS[fault]
    file = checkout / name
    text = file.read_text() if file.exists() else ""
    file.write_text(f"{text}\n{line}\n")
    done = lint(checkout)
    assert done.returncode == 1, done.stdout
    assert expected in done.stdout
