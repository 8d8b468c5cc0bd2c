"""Notes of Redmine -> text as a mail would show it: what its two formats quote or show as code begins with `> `. Pure, bounded.

Redmine does not say which format it uses; neither's marks are written by people for anything else.
"""

import re
from typing import Final

#: Longer notes are hardly written by hand.
_MOST: Final = 100_000
#: Textile: a paragraph that is quoted, or with two points everything up to the next mark of a paragraph.
_QUOTED: Final = re.compile(r"bq[^\s.]{0,80}(?P<on>\.\.?)(?::\S+)? ", re.IGNORECASE)
_PARAGRAPH: Final = re.compile(r"(?:p|h[1-6]|bq|bc|pre|notextile)[^\s.]{0,80}\.\.? ", re.IGNORECASE)
_OPENS: Final = re.compile(r"\s*(?:<(?P<tag>pre|blockquote)\b[^<>]{0,200}>|(?P<fence>```|~~~))", re.IGNORECASE)
_PLAIN_PARAGRAPH: Final = re.compile(r"\Ap\. ", re.IGNORECASE)
#: Bold, italic and inserted words in both formats. The marks would stand between the words of a date.
_EMPHASIS: Final = re.compile(r"(?<![\w*_+])([*_+]{1,3})(?=[^\s*_+])([^*_+\n]{1,300})(?<=\S)\1(?![\w*_+])")


def plain_notes(notes: str) -> str:
    """The same words, line by line."""
    lines: list[str] = []
    until_blank = until_mark = False
    ends = ""  # what ends a block that is quoted as a whole
    for line in _EMPHASIS.sub(r"\2", notes[:_MOST].replace("\r\n", "\n")).split("\n"):
        if ends:
            lines.append(f"> {line}")
            if ends in line.lower():
                ends = ""
            continue
        if until_mark and _PARAGRAPH.match(line):
            until_mark = False
        until_blank = until_blank and bool(line.strip())
        quoted = _QUOTED.match(line)
        if quoted:
            until_mark, until_blank = quoted["on"] == "..", True
        opens = _OPENS.match(line)
        if opens:
            end = f"</{opens['tag'].lower()}>" if opens["tag"] else opens["fence"]
            ends = "" if end in line.lower()[opens.end() :] else end
        is_quoted = until_blank or (until_mark and line.strip()) or opens
        lines.append(f"> {line}" if is_quoted else _PLAIN_PARAGRAPH.sub("", line, count=1))
    return "\n".join(lines)
