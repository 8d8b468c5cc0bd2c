"""Grafana's own types can read what is generated, and the command hands it out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard

from monitor.publish.dashboard_files import write_dashboards
from tests.tools.grafana.committed import DIRECTORY, UIDS, boards
from tools.grafana.generate import BOARDS, as_json

ROOT = Path(__file__).parents[3]


def test_every_board_has_its_uid_and_a_title_of_its_own() -> None:
    made = [make() for make in BOARDS]
    assert tuple(board.uid for board in made) == UIDS
    assert len({board.title for board in made}) == len(UIDS)


@pytest.mark.parametrize("uid", UIDS)
def test_no_key_is_misspelt(uid: str) -> None:
    """The SDK drops what it does not know when it reads: what comes back whole has no key that Grafana would not know."""
    register_default_plugins()
    text = (DIRECTORY / f"{uid}.json").read_text()
    assert as_json(dashboard.Dashboard.from_json(json.loads(text))) == text


def test_the_command_writes_the_boards_where_it_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "dashboards", "--out", str(tmp_path / "new" / "place")],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert {path.stem: json.loads(path.read_text()) for path in paths} == boards()


def test_the_command_says_in_one_line_that_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "dashboards", "--out", str(tmp_path / "file")],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_the_command_needs_no_grafana_sdk(tmp_path: Path) -> None:
    """The SDK is for development: an installation without it hands out the boards all the same."""
    code = (
        "import sys; sys.modules['grafana_foundation_sdk'] = None; sys.argv = ['x', 'dashboards', '--out', sys.argv[1]];"
        "from monitor.cli.commands import main; main()"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=ROOT, capture_output=True)
    assert len(list(tmp_path.glob("*.json"))) == len(UIDS)


def test_the_address_of_the_pages_changes_nothing_else(tmp_path: Path) -> None:
    write_dashboards(tmp_path, "https://monitor.example.org/")
    for uid, board in boards().items():
        other = json.loads((tmp_path / f"{uid}.json").read_text())
        (variable,) = (each for each in other["templating"]["list"] if each["name"] == "monitor_url")
        assert (
            variable["query"] == variable["current"]["value"] == variable["options"][0]["value"] == "https://monitor.example.org"
        )
        assert [each for each in other["templating"]["list"] if each is not variable] == [
            each for each in board["templating"]["list"] if each["name"] != "monitor_url"
        ]
        assert {key: value for key, value in other.items() if key != "templating"} == {
            key: value for key, value in board.items() if key != "templating"
        }
