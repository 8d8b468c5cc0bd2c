"""What pictures are made of."""

from monitor.publish.charts.shapes import number, per_cent, scaled, stretched, text
from tests.publish.charts.drawn import shapes


def test_numbers_say_nothing_twice():
    assert [number(each) for each in (3.0, 0.5, 9.25, 12.853, 10.0, 0.0)] == ["3", "0.5", "9.25", "12.85", "10", "0"]
    assert per_cent(0.53335) == "53.34%"


def test_words_are_escaped():
    assert "&lt;b&gt; &amp; &quot;" in text('<b> & "', "0", 0)


XMLNS = '<svg xmlns="http://www.w3.org/2000/svg"'


def test_an_image_file_is_made_of_a_picture_with_a_size():
    """Once each: XML knows no attribute twice."""
    size = 'viewBox="0 0 104 28" role="img" aria-label="nothing"></svg>'
    fixed, free = (scaled("trend", 104, 28, [], "nothing", fixed=fixed) for fixed in (True, False))
    assert fixed.standalone(280) == f'{XMLNS} class="trend" width="104" height="28" {size}'
    assert free.standalone(280) == f'{XMLNS} width="104" height="28" class="trend" {size}'
    assert (
        stretched("bar", 12, [], None).standalone(280) == f'{XMLNS} width="280" class="bar" height="12" aria-hidden="true"></svg>'
    )


def test_on_a_page_the_sheet_sizes_what_is_not_fixed():
    assert shapes(scaled("heat", 104, 28, [], "nothing", fixed=False), "svg")[0].get("width") is None
