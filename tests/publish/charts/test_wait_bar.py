"""A wait against its limit, which stands in the middle."""

import pytest

from monitor.publish.charts.wait_bar import Look, draw_wait_bar, draw_wait_scale
from tests.publish.charts.drawn import attributes, shapes, texts


@pytest.mark.parametrize(
    ("used", "width", "beyond"),
    [
        (0.0, "0%", "hidden"),
        (-1.0, "0%", "hidden"),  # a clock that is behind
        (0.8, "40%", "hidden"),
        (1.0, "50%", "hidden"),
        (2.0, "100%", "hidden"),
        (9.6, "100%", None),
    ],
)
def test_the_left_half_is_up_to_the_limit(used: float, width: str, beyond: str | None):
    drawn = draw_wait_bar(used, "breached")
    assert attributes(drawn, "rect", "used", "width", "class") == [(width, "f-breached used")]
    assert attributes(drawn, "svg", "beyond", "visibility", "x") == [(beyond, "100%")]


def test_the_limit_stands_in_the_middle_of_every_bar():
    for drawn in (draw_wait_bar(None, "fine"), draw_wait_bar(3, "breached", 14)):
        assert attributes(drawn, "rect", "f-ink", "x", "width", "transform") == [("50%", "2", "translate(-1)")]


def test_nobody_waits():
    drawn = draw_wait_bar(None, "fine")
    assert shapes(drawn, "rect", "used") == shapes(drawn, "svg", "beyond") == []


@pytest.mark.parametrize(("look", "fill"), [("fine", "#545b64"), ("risk", "#b87100"), ("breached", "#c4211f")])
def test_every_look_has_its_light_colour_for_paper(look: Look, fill: str):
    assert attributes(draw_wait_bar(0.5, look), "rect", "used", "fill") == [(fill,)]


def test_it_is_said_beside_it():
    assert shapes(draw_wait_bar(0.5, "fine"), "svg")[0].get("aria-hidden") == "true"


def test_the_scale_names_the_limit_and_twice_the_limit():
    assert texts(draw_wait_scale("4 h", "8 h")) == ["0", "limit 4 h", "8 h and more"]
