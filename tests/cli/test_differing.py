"""`signals --differs`: waits that a helpdesk's own clocks judge otherwise."""

import csv
import io
import json
from pathlib import Path

import pytest

from monitor.store import make_store
from tests.cli.conftest import Run
from tests.engine.test_differing import CONFIGURATION, TICKETS, told


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_the_command(tmp_path: Path, run: Run, form: str) -> None:
    store = make_store(f"sqlite:{tmp_path / 'contacts.db'}")
    store.open()
    told(store)
    store.close()
    config = tmp_path / "contact-monitor.yaml"
    config.write_text(json.dumps({**CONFIGURATION, "store": "sqlite:contacts.db"}))
    said = run("signals", "--differs", "--since", "520w", "--format", form, "--config", config)
    assert said.code == 0
    if form == "json":
        names = [row["native_id"] for row in json.loads(said.out)]
    elif form == "csv":
        names = [row["native_id"] for row in csv.DictReader(io.StringIO(said.out))]
    else:
        titles, *rows = said.out.splitlines()
        assert titles.split()[:2] == ["since", "contact"]
        names = [next(name for name in TICKETS if name in row) for row in rows]
    assert names == ["closed", "milder", "stricter"]
    nothing = run("signals", "--differs", "--since", "1s", "--config", config)
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "no verdicts that differ in that time\n")
