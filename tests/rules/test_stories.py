"""Every alert fires when it should and stays silent when it should not, as a real Prometheus computes it."""

from pathlib import Path

import pytest

from tests.rules import stories_monitor, stories_now, stories_objectives
from tests.rules.promtool import alerts, check, load

STORIES = (*stories_now.STORIES, *stories_objectives.STORIES, *stories_monitor.STORIES)
GENERIC = load()


@pytest.mark.parametrize("alert", alerts(GENERIC))
def test_every_story_of_this_alert_comes_true(alert: str, tmp_path: Path) -> None:
    assert check([story for story in STORIES if story.alert == alert], tmp_path, GENERIC) == ""


@pytest.mark.parametrize("alert", alerts(GENERIC))
def test_it_has_a_story_in_which_it_fires_and_one_in_which_it_is_silent(alert: str) -> None:
    fires = {bool(story.fires) for story in STORIES if story.alert == alert}
    assert fires == ({True} if alert == "ContactPointWatchdog" else {True, False})
