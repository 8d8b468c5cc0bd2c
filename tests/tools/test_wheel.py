"""What an installation gets: the package with its dashboards, and none of the tools that made them."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("wheel")  # built once

ROOT = Path(__file__).parents[2]
BOARDS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "dashboards").iterdir()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked as an installer does."""
    built, installed = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(built)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [file] = built.iterdir()
    with zipfile.ZipFile(file) as archive:
        archive.extractall(installed)
    return installed


def test_the_package_is_there_and_nothing_else(wheel: Path) -> None:
    assert {path.name for path in wheel.iterdir() if path.suffix != ".dist-info"} == {"monitor"}


def test_no_file_of_the_package_is_missing(wheel: Path) -> None:
    ours = {
        path.relative_to(ROOT) for path in (ROOT / "monitor").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    assert {path for path in ours if not (wheel / path).is_file()} == set()


def test_the_dashboards_lie_inside(wheel: Path) -> None:
    shipped = (wheel / "monitor" / "publish" / "dashboards").iterdir()
    assert {path.name: path.read_text(encoding="utf-8") for path in shipped} == BOARDS


def test_it_hands_out_the_dashboards_without_the_tools_and_their_sdk(wheel: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['grafana_foundation_sdk'] = sys.modules['tools'] = None;"
        "sys.path.insert(0, sys.argv[1]); sys.argv = ['contact-monitor', 'dashboards', '--out', sys.argv[2]];"
        "import monitor; assert monitor.__file__.startswith(sys.path[0]);"
        "from monitor.cli.commands import main; main()"
    )
    subprocess.run([sys.executable, "-c", code, str(wheel), str(tmp_path)], cwd=tmp_path, check=True, capture_output=True)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.json")} == BOARDS
