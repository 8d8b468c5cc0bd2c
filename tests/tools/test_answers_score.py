"""The labelled replies are many, half of them traps, and are judged as well as the documentation says."""

from pathlib import Path

import pytest

from tools.answers.labelled import labelled, pairs
from tools.answers_score import FOUND, items, score
from tools.halves import Counts

#: Set -> least items, precision and recall that the product needs.
AIMS = {
    "refusal": (150, 0.90, 0.7),
    "asked_again": (150, 0.90, 0.7),
    "canned_reply": (150, 0.90, 0.7),
    "expects_answer": (80, 0.85, 0.7),
    "sends_to": (80, 0.85, 0.7),
}


def test_every_set_has_an_aim():
    assert AIMS.keys() == FOUND.keys()


@pytest.mark.parametrize("name", AIMS)
def test_there_are_enough_items_about_half_of_them_traps(name: str):
    everything = items(name)
    assert len(everything) >= AIMS[name][0]
    assert 0.4 <= sum(not item.wanted for item in everything) / len(everything) <= 0.6
    assert len({item.texts for item in everything}) == len(everything)


@pytest.mark.parametrize("held_back", [False, True])
@pytest.mark.parametrize("name", AIMS)
def test_both_halves_reach_the_aim(name: str, held_back: bool):
    half = [item for item in items(name) if item.held_back == held_back]
    found = score(name, half)
    assert len(half) > 0.4 * len(items(name))
    assert found.precision >= AIMS[name][1]
    assert found.recall >= AIMS[name][2]


def test_what_was_only_scored_is_held_back(tmp_path: Path):
    (tmp_path / "sends_only_scored.txt").write_text("\n".join(f"phone | Call us, {number}." for number in range(20)))
    assert all(item.held_back for item in labelled("sends", tmp_path))


def test_a_line_without_a_label_is_refused(tmp_path: Path):
    (tmp_path / "sends.txt").write_text("no label\n")
    with pytest.raises(ValueError, match=r"sends\.txt:1: 'no label' has no label"):
        list(labelled("sends", tmp_path))


def test_a_template_is_filled_in(tmp_path: Path):
    (tmp_path / "canned.txt").write_text("= mail\nDear {A|B}, it comes {today|on Monday}.\n! topic\none\ntwo\n")
    assert [item.texts for item in pairs(tmp_path)] == [
        ("Dear A, it comes today.", "Dear B, it comes on Monday."),
        ("one", "two"),
    ]
    assert [bool(item.wanted) for item in pairs(tmp_path)] == [True, False]


@pytest.mark.parametrize("text", ["= mail\nDear {A|B}, {1|2|3}\n", "= mail\nno places\n! topic\none\ntwo\n"])
def test_a_set_that_makes_no_pairs_is_refused(text: str, tmp_path: Path):
    (tmp_path / "canned.txt").write_text(text)
    with pytest.raises(ValueError, match=r"canned\.txt"):
        list(pairs(tmp_path))


def test_counts():
    found = Counts().and_one(True, True).and_one(True, False).and_one(False, True).and_one(False, False)
    assert found == Counts(4, 1, 1, 1)
    assert (found.precision, found.recall) == (0.5, 0.5)
