"""Colours are tokens: one place, two palettes, each wherever it is written the same."""

import re
from pathlib import Path

import pytest

import monitor.publish.web as web

HERE = Path(web.__file__).parent
TOKENS = re.sub(r"/\*.*?\*/", "", (HERE / "static" / "tokens.css").read_text(), flags=re.DOTALL)
LITERAL = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(", re.IGNORECASE)
#: Paper has no grounds: these are white there.
TINTS = {"--ground", "--breached-tint", "--risk-tint", "--good-tint", "--unknown-tint"}


def palettes() -> list[dict[str, str]]:
    """The blocks that name colours, in the order of the sheet: light, dark by the system, dark by choice, paper."""
    blocks = re.findall(r"\{([^{}]*--ground:[^{}]*)\}", TOKENS)
    return [dict(re.findall(r"(--[\w-]+):\s*(#\w+)", block)) for block in blocks]


def test_both_ways_to_the_dark_are_equal_and_name_every_colour():
    light, by_system, by_choice, paper = palettes()
    assert by_system == by_choice
    assert set(light) == set(by_system) == set(paper)


def test_paper_is_the_light_palette_without_grounds():
    light, _, _, paper = palettes()
    assert {name for name in light if paper[name] != light[name]} == {*TINTS, "--link"}
    assert {paper[name] for name in TINTS} == {light["--surface"]}


@pytest.mark.parametrize("path", sorted((HERE / "static").glob("*.css")), ids=lambda path: path.name)
def test_no_other_sheet_has_a_colour_of_its_own(path: Path):
    rules = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    names = {name for palette in palettes() for name in palette}
    if path.name != "tokens.css":
        assert LITERAL.findall(rules) == []
        assert not re.search(r":\s*(?:white|black|red|gr[ae]y|green)\b", rules)
    used = set(re.findall(r"var\((--[\w-]+)\)", rules))
    assert used <= names | set(re.findall(r"(--[\w-]+):", TOKENS + rules))  # lengths of its own are no colours


def test_signs_have_the_light_colours_for_what_reads_no_sheet():
    literals = LITERAL.findall((HERE / "templates" / "signs.html").read_text())
    assert literals
    assert set(literals) <= set(palettes()[0].values())


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, section 1.4.3."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize(
    ("text", "grounds"),
    [
        (
            "--ink",
            ["--ground", "--surface", "--breached-tint", "--risk-tint", "--unknown-tint", "--shut", "--heat-0"],
        ),
        ("--soft", ["--ground", "--surface", "--breached-tint", "--risk-tint", "--unknown-tint", "--shut"]),
        ("--link", ["--ground", "--surface", "--breached-tint", "--risk-tint", "--unknown-tint", "--shut"]),
        ("--breached", ["--ground", "--surface", "--breached-tint", "--risk-tint"]),
        ("--risk", ["--ground", "--surface", "--risk-tint"]),
        ("--unknown", ["--ground", "--surface", "--unknown-tint"]),
        ("--good", ["--ground", "--surface", "--good-tint"]),
        ("--closed", ["--ground", "--surface"]),
        ("--on-breached", ["--breached-block"]),
        ("--on-heat", ["--heat-4"]),
    ],
)
def test_every_text_can_be_read_on_its_grounds(number: int, text: str, grounds: list[str]):
    palette = palettes()[number]
    found = {ground: contrast(palette[text], palette[ground]) for ground in grounds}
    assert {ground: ratio for ground, ratio in found.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("area", ["--breached-solid", "--risk-solid", "--good-solid", "--unknown-solid", "--faint"])
def test_every_area_stands_out_from_what_lies_under_it(number: int, area: str):
    palette = palettes()[number]
    assert min(contrast(palette[area], palette[ground]) for ground in ("--ground", "--surface")) >= 3
