"""How a state looks in a page: its sign and its word."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader

import monitor.publish.web as web

_TEMPLATES = Environment(loader=FileSystemLoader(Path(web.__file__).parent / "templates"), autoescape=True, trim_blocks=True)


def state(kind: str, words: str) -> str:
    """The markup of a state with these words."""
    macro = _TEMPLATES.get_template("signs.html").module.state  # type: ignore[attr-defined]  # a macro of it
    return str(macro(kind, words))
