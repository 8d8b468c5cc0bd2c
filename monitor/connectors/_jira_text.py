"""Atlassian documents (ADF) -> plain text, as a mail would show it. Pure; a document may come from anybody.

Nodes and their attributes: developer.atlassian.com, "Atlassian Document Format". Unknown ones are passed through.
"""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from monitor.connectors._http.fields import part

#: What is behind so many nodes, or characters, is left out.
_MAX_NODES: Final = 20_000
_MAX_TEXT: Final = 100_000
#: Each of them stands on lines of its own.
_BLOCKS: Final = frozenset((
    "paragraph", "heading", "listItem", "taskItem", "decisionItem", "tableRow", "rule", "panel", "expand", "nestedExpand",
    "bulletList", "orderedList", "taskList", "table",
))  # fmt: skip
_QUOTED: Final = ("blockquote", "codeBlock")
_FILES: Final = ("media", "mediaInline")


class Document(NamedTuple):
    """What a description or comment says."""

    text: str
    has_files: bool  # there is more to it than text


def document_of(body: Any) -> Document:
    """The text of a document, quotes and code left out; a body that is plain text is taken as it is."""
    if isinstance(body, str):
        return Document(body[:_MAX_TEXT], has_files=False)
    pieces: list[str] = []
    size, nodes, has_files = 0, 0, False
    waiting: list[Any] = [body]  # no recursion: documents may be nested as deeply as JSON allows
    while waiting and nodes < _MAX_NODES and size < _MAX_TEXT:
        node = waiting.pop()
        if isinstance(node, str):
            pieces.append(node)
            continue
        nodes += 1
        found = part(node, "type")
        kind = found if isinstance(found, str) else ""
        has_files = has_files or kind in _FILES
        if kind in _QUOTED:
            continue
        said = _said(node, kind)
        pieces.append(said)
        size += len(said)
        content = part(node, "content")
        if kind in _BLOCKS:
            pieces.append("\n")
            waiting.append("\n")
        if isinstance(content, list):
            waiting += reversed(content)
    lines = (line.strip() for line in "".join(pieces)[:_MAX_TEXT].split("\n"))
    return Document("\n".join(line for line in lines if line), has_files)


def _said(node: Any, kind: str) -> str:
    """The words of one node itself."""
    if kind == "hardBreak":
        return "\n"
    if kind == "date":
        return _day(part(node, "attrs", "timestamp"))
    found = part(node, "text") if kind == "text" else part(node, "attrs", "text")
    return found if isinstance(found, str) else ""


def _day(timestamp: Any) -> str:
    """A date that was picked from a calendar: milliseconds, as text, of its beginning in UTC."""
    try:
        return f"{datetime.fromtimestamp(int(timestamp) / 1000, UTC):%Y-%m-%d}"
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
