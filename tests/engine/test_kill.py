"""A process that is killed and started again counts as one that was left alone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import make_store
from monitor.store.memory import MemoryStore
from tests.engine.scenarios import SCENARIOS, figures, in_order, ingest_run
from tests.servers.postgresql import REAL_SERVER, Postgresql

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=REAL_SERVER)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store without tables."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path / 'contacts.db'}"
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    made = server.new_database(template="template1")
    yield made
    server.drop(made)


@pytest.mark.parametrize("seed", [2])
def test_killed_wherever_it_stands_and_started_again_it_counts_the_same(url: str, seed: int) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.engine.killed_reader", url, str(seed)], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= 4
    survivor = make_store(url)
    survivor.open()
    whole = MemoryStore()
    undisturbed = ingest_run(whole)
    for together in in_order(SCENARIOS):
        undisturbed.sweep(together[0].at)
        undisturbed.store_batch(together)
    undisturbed.sweep()
    assert figures(survivor) == figures(whole)
    survivor.close()
