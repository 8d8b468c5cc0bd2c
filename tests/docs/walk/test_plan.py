"""Every block has exactly one way."""

import pytest

from tests.docs.walk.markdown import Block
from tests.docs.walk.plan import Exempt, NoWay, planned


def block(text: str, language: str = "sh") -> Block:
    return Block("p.md", 1, language, text)


def usual(walk, block):
    """Of a language."""


def special(walk, block):
    """Of one block."""


def test_the_usual_way_and_one_of_a_block_s_own():
    plan = planned([block("ls"), block("docker run")], {"docker": special}, {"sh": usual})
    assert plan == [(block("ls"), usual), (block("docker run"), special)]


@pytest.mark.parametrize(
    ("blocks", "ways", "told"),
    [
        ([block("a", "powershell")], {}, "p.md:1 (powershell): there is no way"),
        ([block("a", "")], {}, "p.md:1 (indented): there is no way"),
        ([], {"docker": special}, "the way for 'docker' fits 0 blocks"),
        ([block("docker"), block("docker")], {"docker": special}, "the way for 'docker' fits 2 blocks"),
        ([block("docker run")], {"docker": special, "run": special}, "several ways fit it: 'docker', 'run'"),
    ],
)
def test_a_page_that_does_not_fit_its_ways_is_refused(blocks, ways, told):
    with pytest.raises(NoWay) as refused:
        planned(blocks, ways, {"sh": usual})
    assert told in str(refused.value)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(NoWay) as refused:
        planned([block("a", "ini"), block("b", "toml")], {"x": special}, {})
    assert len(str(refused.value).splitlines()) == 3


def test_an_exemption_looks_at_something_else():
    seen: list[Block] = []
    Exempt("no engine here", lambda walk, block: seen.append(block))(None, block("docker"))  # type: ignore[arg-type]
    assert seen == [block("docker")]
