"""Blocks of pages, by hand."""

from hypothesis import given
from hypothesis import strategies as st

from tests.docs.walk.markdown import Block, blocks_of


def test_fences_and_indented_blocks_come_in_their_order():
    page = "# A\n\n```sh\nls\n```\n\n    out\n\n    more\n\ntext\n\n```yaml\na: 1\n\nb: 2\n```\n"
    assert blocks_of("p.md", page) == [
        Block("p.md", 4, "sh", "ls\n"),
        Block("p.md", 7, "", "out\n\nmore\n"),
        Block("p.md", 14, "yaml", "a: 1\n\nb: 2\n"),
    ]


def test_a_fence_in_a_list_loses_the_indentation_of_the_list():
    assert blocks_of("p", "1. first\n\n   ```sh\n   ls\n     -l\n   ```\n") == [Block("p", 4, "sh", "ls\n  -l\n")]


def test_what_is_indented_below_an_item_is_text_until_the_margin():
    assert blocks_of("p", "- item\n\n    its text\n\nmargin\n\n    block\n") == [Block("p", 7, "", "block\n")]


def test_an_indented_line_that_goes_on_a_paragraph_is_none():
    assert blocks_of("p", "text\n    goes on\n") == []


def test_a_fence_holds_what_looks_like_other_blocks():
    assert blocks_of("p", "```sh\n\n    four\n- item\n```\n    \n") == [Block("p", 2, "sh", "\n    four\n- item\n")]


def test_a_fence_that_is_not_closed_ends_with_the_page():
    assert blocks_of("p", "```sh\nls\n") == [Block("p", 2, "sh", "ls\n")]


LINES = st.lists(st.sampled_from(["", "text", "    four", "   three", "- item", "```", "```sh", "   ```", "1. one"]), max_size=12)


@given(LINES)
def test_every_line_of_a_block_stands_on_the_page_where_the_block_says(lines: list[str]):
    last = 0
    for block in blocks_of("p", "\n".join(lines)):
        assert block.line > last
        for offset, line in enumerate(block.text.splitlines()):
            assert lines[block.line - 1 + offset].endswith(line)
        last = block.line + len(block.text.splitlines()) - 1
