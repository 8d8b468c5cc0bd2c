"""A process that is killed and started again counts as one that was left alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.store import make_store
from monitor.store.memory import MemoryStore
from tests.engine.scenarios import SCENARIOS, figures, in_order, ingest_run

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("seed", [2])
def test_killed_wherever_it_stands_and_started_again_it_counts_the_same(tmp_path: Path, seed: int) -> None:
    file = tmp_path / "contacts.db"
    run = subprocess.run(
        [sys.executable, "-m", "tests.engine.killed_reader", str(file), str(seed)], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= 4
    survivor = make_store(f"sqlite:{file}")
    survivor.open()
    whole = MemoryStore()
    undisturbed = ingest_run(whole)
    for together in in_order(SCENARIOS):
        undisturbed.sweep(together[0].at)
        undisturbed.store_batch(together)
    undisturbed.sweep()
    assert figures(survivor) == figures(whole)
    survivor.close()
