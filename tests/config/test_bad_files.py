"""Every mistake in `bad/` is told in the lines beside it: nothing more, nothing less, and never a secret."""

from pathlib import Path

import pytest

from monitor.config.loading import load
from monitor.connectors._discover import source_types
from monitor.errors import ConfigError

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
#: Stands wherever a password, token or key stands in these files, and also where one might land by mistake.
CANARY = "sesame"


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_mistake_is_told_in_these_lines(path: Path):
    text = path.with_suffix(".expected").read_text()
    types = ", ".join(sorted(source_types()))  # another connector makes no mistake of these
    expected = text.replace("THIS_FILE", str(path)).replace("SOURCE_TYPES", types).splitlines()
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    assert sorted(refused.value.problems) == sorted(expected)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_refusal_shows_no_secret(path: Path):
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    chain: list[BaseException] = []
    error: BaseException | None = refused.value
    while error is not None:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert all(CANARY not in str(each) + repr(each) for each in chain)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path):
    merged = ["unknown_key_at_the_top", "country_and_retention", "limits", "places", "opening_hours"]
    bad = Path(__file__).parent / "bad"
    file = tmp_path / "all.yaml"
    file.write_text("".join((bad / f"{name}.yaml").read_text() for name in merged))
    expected = "".join((bad / f"{name}.expected").read_text() for name in merged).splitlines()
    with pytest.raises(ConfigError) as refused:
        load(file, {})
    assert sorted(refused.value.problems) == sorted(expected)
