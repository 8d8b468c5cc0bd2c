"""The blocks of a page that are to be typed, saved or compared: fenced ones, and those set off by four spaces. Pure."""

import re
from typing import Final, NamedTuple

_FENCE: Final = re.compile(r"^( *)```(\w*) *$")
_ITEM: Final = re.compile(r"^ *(?:[-*]|\d+\.) ")
_INDENT: Final = " " * 4


class Block(NamedTuple):
    """One block of a page: `line`, from 1, is where its text begins; `language` that of the fence, empty for an indented one."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line} ({self.language or 'indented'})"


def blocks_of(page: str, text: str) -> list[Block]:
    """The blocks of a page in their order, without their indentation. A fence that is never closed ends with the page."""
    lines = text.splitlines()
    found: list[Block] = []
    at, in_list = 0, False
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        if fence:
            begin, at = at + 1, _closed(lines, at + 1, fence[1])
            found.append(_block(page, begin, fence[2], lines[begin:at], len(fence[1])))
            at += 1
        elif _is_set_off(lines, at) and not in_list:
            begin, at = at, _dedented(lines, at)
            found.append(_block(page, begin, "", lines[begin:at], len(_INDENT)))
        else:
            # What is indented below an item of a list belongs to the item, until a line stands at the margin again.
            in_list = bool(_ITEM.match(lines[at])) or (in_list and lines[at][:1] in ("", " "))
            at += 1
    return found


def _block(page: str, begin: int, language: str, lines: list[str], indent: int) -> Block:
    dedented = [line[indent:] if line[:indent].isspace() else line for line in lines]
    return Block(page, begin + 1, language, "".join(line + "\n" for line in dedented))


def _closed(lines: list[str], at: int, indent: str) -> int:
    while at < len(lines) and lines[at].rstrip() != f"{indent}```":
        at += 1
    return at


def _is_set_off(lines: list[str], at: int) -> bool:
    return lines[at].startswith(_INDENT) and bool(lines[at].strip()) and (at == 0 or not lines[at - 1].strip())


def _dedented(lines: list[str], at: int) -> int:
    """The end of an indented block: after its last line that is indented; empty lines between belong to it."""
    end = at
    while at < len(lines) and (lines[at].startswith(_INDENT) or not lines[at].strip()):
        at += 1
        if lines[at - 1].strip():
            end = at
    return end
