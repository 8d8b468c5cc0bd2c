"""The labelled sentences are many and of all kinds, and promises are found in them as well as the documentation says."""

from collections import Counter
from pathlib import Path

import pytest

from tools.promises.labelled import labelled
from tools.promises_score import score

EVERYTHING = list(labelled())


def test_there_are_enough_sentences_half_of_them_traps():
    assert len(EVERYTHING) >= 600
    traps = sum(not each.promises for each in EVERYTHING)
    assert 0.45 <= traps / len(EVERYTHING) <= 0.6
    assert len({each.text for each in EVERYTHING}) == len(EVERYTHING)


def test_every_kind_of_trap_and_deed_occurs():
    traps = Counter(each.trap for each in EVERYTHING if each.trap)
    kinds = "conditional question request customer past negation boilerplate politeness immediate reported offer statement hedge"
    assert {kind: traps[kind] for kind in kinds.split() if traps[kind] < 5} == {}
    deeds = Counter(deed for each in EVERYTHING for _, deed in each.promises)
    assert {deed for deed in ("call", "write", "send", "refund", "visit", "do") if deeds[deed] >= 20} == deeds.keys()


@pytest.mark.parametrize("held_back", [False, True])
def test_both_halves_reach_the_aim(held_back: bool):
    half = [each for each in EVERYTHING if each.held_back == held_back]
    found = score(half)
    assert len(half) > 0.4 * len(EVERYTHING)
    assert found.precision >= 0.90
    assert found.recall >= 0.85
    assert found.due >= 0.85


def test_a_line_that_is_no_label_is_refused(tmp_path: Path):
    (tmp_path / "bad.txt").write_text("@ 2026-11-18T14:20 Europe/London\nno label\n")
    with pytest.raises(ValueError, match=r"bad\.txt:2: 'no label' is no labelled sentence"):
        list(labelled(tmp_path))
