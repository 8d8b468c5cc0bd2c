"""Every alert fires when it should and stays silent when it should not, as a real Prometheus computes it."""

from pathlib import Path

import pytest

from tests.rules import stories_now
from tests.rules.promtool import check
from tests.rules.series import Story

FAMILIES = {"now": stories_now.STORIES}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_story_comes_true(family: str, tmp_path: Path) -> None:
    stories: tuple[Story, ...] = FAMILIES[family]
    assert check(stories, tmp_path) == ""
