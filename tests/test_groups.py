"""Tests that share a server stay on one worker of pytest-xdist: each other worker would start a server of its own."""

import pytest


@pytest.mark.xdist_group("together")
def test_the_marks_of_groups_are_heeded(request: pytest.FixtureRequest) -> None:
    side_by_side = hasattr(request.config, "workerinput")
    assert not side_by_side or request.node.nodeid.endswith("@together")
