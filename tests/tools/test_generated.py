"""What is committed is what the generators write."""

from pathlib import Path

import pytest

from tools.generated import generated_files, write

ROOT = Path(__file__).parents[2]
GENERATED = dict(generated_files())


@pytest.mark.parametrize("name", GENERATED)
def test_the_committed_file_is_what_its_generator_writes(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == GENERATED[name], "run: make generated"


def test_no_board_is_left_that_nothing_generates() -> None:
    committed = {f"dashboards/{path.name}" for path in (ROOT / "dashboards").iterdir()}
    assert committed == {name for name in GENERATED if name.startswith("dashboards/")}


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    assert {str(path.relative_to(tmp_path)) for path in write(tmp_path)} == GENERATED.keys()
    rules = tmp_path / "config/prometheus/rules.yml"
    rules.write_text("old")
    assert write(tmp_path) == [rules]
    assert rules.read_text(encoding="utf-8") == GENERATED["config/prometheus/rules.yml"]
    assert write(tmp_path) == []
