"""Reads pictures as a browser would, without one."""

from xml.etree import ElementTree as ET

from monitor.publish.charts.shapes import Picture


def shapes(drawn: Picture, tag: str, look: str = "") -> list[ET.Element]:
    """The shapes of a kind, those of a class alone where one is named. Fails where the SVG is not well formed."""
    found = [each for each in ET.fromstring(drawn.svg).iter() if each.tag == tag]
    return [each for each in found if look in ("", *each.get("class", "").split())]


def texts(drawn: Picture) -> list[str]:
    """All words of the picture, in their order."""
    return ["".join(each.itertext()) for each in shapes(drawn, "text")]


def attributes(drawn: Picture, tag: str, look: str, *names: str) -> list[tuple[str | None, ...]]:
    """These attributes of each such shape."""
    return [tuple(each.get(name) for name in names) for each in shapes(drawn, tag, look)]
