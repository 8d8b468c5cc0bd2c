"""How long somebody has waited against the limit. Pure."""

from typing import Final, Literal

from monitor.publish.charts.shapes import Picture, area, number, per_cent, rect, stretched, text

#: How a wait stands to its limit.
Look = Literal["fine", "risk", "breached"]

_AREAS: Final = {"fine": "f-soft", "risk": "f-risk", "breached": "f-breached"}
_ABOVE: Final = 3


def draw_wait_bar(used: float | None, look: Look, height: int = 6) -> Picture:
    """`used`: of the limit, so that 1 is the limit itself; None: nobody waits.

    The limit stands in the middle of every bar. The left half is up to it, the right half as long again; an arrow: longer still.
    Beside it stands in words what it shows. A script sets the width of `.used` and the visibility of `.beyond`.
    """
    tall, colour = height + 2 * _ABOVE, _AREAS[look]
    shapes = [rect("f-track", "0", _ABOVE, "100%", height)]
    if used is not None:
        shapes.append(rect(f"{colour} used", "0", _ABOVE, per_cent(min(max(used, 0), 2) / 2), height))
        tip = area(colour, f"M0 0L{number(height * 0.55)} {number(height / 2)}L0 {number(height)}Z")
        unseen = "" if used > 2 else ' visibility="hidden"'
        shapes.append(f'<svg class="beyond"{unseen} x="100%" y="{_ABOVE}" overflow="visible">{tip}</svg>')
    shapes.append(rect("f-surface", "50%", 0, "4", tall, more='transform="translate(-2)"'))
    shapes.append(rect("f-ink", "50%", 0, "2", tall, more='transform="translate(-1)"'))
    return stretched("bar", tall, shapes, None)


def draw_wait_scale(limit: str, twice: str) -> Picture:
    """What stands under a bar: `limit 0:20` and `0:40`, in words that fit the wait."""
    ends = [text("0", "0", 13, "t-soft"), text(f"limit {limit}", "50%", 13, "", "mid")]
    return stretched("bar", 18, [*ends, text(f"{twice} and more", "100%", 13, "t-soft", "end")], None)
