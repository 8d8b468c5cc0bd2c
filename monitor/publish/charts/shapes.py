"""What every picture is made of: shapes with their light colour as attributes and a class by which a sheet overrides it.

weasyprint reads no `fill` from a sheet, mail programs read no sheet at all; in a browser the sheet's rules win.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

#: Class -> its colour in the light, the same as the token of that name.
AREAS: Final[Mapping[str, str]] = {
    "f-ink": "#191c20",
    "f-soft": "#545b64",
    "f-faint": "#7f8690",
    "f-track": "#e6e5df",
    "f-surface": "#ffffff",
    "f-shut": "#efeee9",
    "f-line": "#dddcd6",
    "f-breached": "#c4211f",
    "f-risk": "#b87100",
    "f-good": "#2b8658",
    "f-unknown": "#7d69b5",
    "h0": "#f1f0ec",
    "h1": "#f7ddd3",
    "h2": "#eeb3a1",
    "h3": "#d97562",
    "h4": "#a5151c",
}
STROKES: Final[Mapping[str, str]] = {
    "l-ink": AREAS["f-ink"],
    "l-soft": AREAS["f-soft"],
    "l-faint": AREAS["f-faint"],
    "l-line": AREAS["f-line"],
    "l-breached": AREAS["f-breached"],
    "l-unknown": AREAS["f-unknown"],
}
TEXTS: Final[Mapping[str, str]] = {"": AREAS["f-ink"], "t-soft": AREAS["f-soft"], "t-breached": "#a5151c", "t-on": "#ffffff"}
_ANCHORS: Final[Mapping[str, str]] = {"mid": "middle", "end": "end"}
#: Lines of a hatch are so far apart, in pixels, and lean by so much.
_HATCH_STEP: Final = 5
_HATCH_LEAN: Final = 0.55


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG element as text, safe to be put into a page as it is."""

    svg: str
    size: str | None  # its attributes in a document of its own, beside those it has; None: it takes the room that it is given

    def __html__(self) -> str:
        return self.svg

    def standalone(self, room: int) -> str:
        """As a document of its own, for what makes an image file of it. `room`: in pixels, for what has no width of its own."""
        size = f' width="{room}"' if self.size is None else self.size
        return self.svg.replace("<svg", f'<svg xmlns="http://www.w3.org/2000/svg"{size}', 1)


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a picture, for `.hidden` or a `details` beside it. The first cell of a row says what the row is of."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __html__(self) -> str:
        head = "".join(f'<th scope="col">{escape(cell)}</th>' if cell else "<td></td>" for cell in self.head)
        rows = (f'<tr><th scope="row">{escape(first)}</th>{_cells(rest)}</tr>' for first, *rest in self.rows)
        caption = f"<caption>{escape(self.caption)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cells(cells: Iterable[str]) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in cells)


def number(value: float) -> str:
    """At most two places, without what says nothing: `9.25`, `3`, `0.5`."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def per_cent(share: float) -> str:
    """A share of the width."""
    return f"{number(share * 100)}%"


def rect(look: str, x: str, y: float, width: str, height: float, *, more: str = "") -> str:
    """A filled rectangle. `x` and `width` as they stand in the attribute: pixels or per cent."""
    area = f'<rect class="{look}" fill="{AREAS[look.split()[0]]}" x="{x}" y="{number(y)}"'
    return f'{area} width="{width}" height="{number(height)}"{more and " " + more}/>'


def area(look: str, path: str) -> str:
    """A filled path."""
    return f'<path class="{look}" fill="{AREAS[look]}" d="{path}"/>'


def stroke(look: str, path: str, width: float = 1.0, *, more: str = "") -> str:
    """A drawn path."""
    line = f'<path class="{look}" fill="none" stroke="{STROKES[look]}" stroke-width="{number(width)}"'
    return f'{line}{more and " " + more} d="{path}"/>'


def line(look: str, x1: str, y1: float, x2: str, y2: float) -> str:
    """A straight line of one pixel."""
    ends = f'x1="{x1}" y1="{number(y1)}" x2="{x2}" y2="{number(y2)}"'
    return f'<line class="{look}" stroke="{STROKES[look]}" stroke-width="1" {ends}/>'


def text(words: str, x: str, y: float, look: str = "", anchor: str = "", *, size: int = 13, dx: float = 0) -> str:
    """Words with their base line at `y`. `anchor`: "mid" or "end", else they begin at `x`."""
    classes = " ".join(each for each in (look, anchor) if each)
    placed = f' text-anchor="{_ANCHORS[anchor]}"' if anchor else ""
    bold = ' font-weight="600"' if look == "t-breached" else ""
    shifted = f' dx="{number(dx)}"' if dx else ""
    of_class = f' class="{classes}"' if classes else ""
    paint = f'fill="{TEXTS[look]}" font-size="{size}"{bold}{placed}'
    return f'<text{of_class} {paint} x="{x}" y="{number(y)}"{shifted}>{escape(words)}</text>'


def hatch(x: str, y: float, width: str, height: float) -> str:
    """A hatched rectangle: nothing is known of what it covers.

    A picture in the picture cuts the lines off, whatever per cent of the width turn out to be. No pattern: it would want an id,
    and a page has many.
    """
    lean = number(height * _HATCH_LEAN)
    lines = "".join(f"M{x0} {number(height)}l{lean} -{number(height)}" for x0 in range(-10, 200, _HATCH_STEP))
    drawn = stroke("l-unknown", lines)
    return f'<svg x="{x}" y="{number(y)}" width="{width}" height="{number(height)}">{drawn}</svg>'


def stretched(look: str, height: float, shapes: Iterable[str], words: str | None) -> Picture:
    """A picture as wide as it is given room; shapes lie in per cent of that. `words` None: beside it stands what it shows."""
    return Picture(f'<svg class="{look}" height="{number(height)}" {_named(words)}>{"".join(shapes)}</svg>', None)


def scaled(look: str, width: float, height: float, shapes: Iterable[str], words: str, *, fixed: bool) -> Picture:
    """A picture whose shapes lie in pixels. `fixed`: it is so wide and high, unless a sheet says otherwise."""
    size = f' width="{number(width)}" height="{number(height)}"'
    box = f'viewBox="0 0 {number(width)} {number(height)}"'
    svg = f'<svg class="{look}"{size if fixed else ""} {box} {_named(words)}>{"".join(shapes)}</svg>'
    return Picture(svg, "" if fixed else size)


def _named(words: str | None) -> str:
    """The attributes by which a screen reader knows a picture."""
    return 'aria-hidden="true"' if words is None else f'role="img" aria-label="{escape(words)}"'
