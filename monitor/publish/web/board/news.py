"""The first line of the board: what happens, as a sentence with name and number. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.domain.snapshot import Reading, Snapshot
from monitor.publish.web.board.lines import PointLine
from monitor.publish.web.board.spans import Age, Left, since_age, span
from monitor.publish.web.board.standing import Standing
from monitor.publish.words import over_now


@dataclass(frozen=True, slots=True)
class News:
    """`text`, then `age` or `left` where the sentence ends in one. `title`: of the window."""

    text: str
    age: Age | None = None
    left: Left | None = None
    title: str = "Board"

    @property
    def plain(self) -> str:
        """What is read aloud: without what grows every second."""
        return self.text.removesuffix(", the longest").removesuffix(", in")


@dataclass(frozen=True, slots=True)
class Silent:
    """A source that is not read up to now."""

    name: str
    said: str  # "is down", "has told nothing newer"
    age: Age | None
    trouble: str


@dataclass(frozen=True, slots=True)
class SourcesLine:
    """How many sources are read up to now, and the first of those that are not."""

    read: int
    total: int
    silent: tuple[Silent, ...]


_SILENT: dict[Reading, str] = {"down": "down", "behind": "silent", "not read yet": "not read yet", "up": ""}
_MOST_SILENT = 3


def news_of(found: Sequence[Standing], lines: Sequence[PointLine], snapshot: Snapshot) -> News:
    """What is said first; `found` and `lines` are of the same contact points, the most urgent first."""
    if not found:
        return News("No contact point yet" if snapshot.sources else "Nothing is connected yet")
    first, line = found[0], lines[0]
    count = sum(each.standing == first.standing for each in found)
    if first.standing in ("failing", "late") and first.main is not None:
        return _over(first, line, count)
    blind = sum(each.standing == "unknown" for each in found)
    if blind == len(found):
        return News("Nobody can tell who waits")
    known = " as far as is known" if blind else ""
    if first.standing == "risk":
        left = line.now.next_limit if line.now is not None else None
        lead = f"Nobody waits too long{known}; {line.title} is next"
        return News(f"{lead}, in", left=left) if left is not None else News(lead)
    if all(each.standing == "closed" for each in found):
        opening = min((each for each in zip(found, lines, strict=True) if each[0].state.turns_at), key=_opens, default=None)
        return News("Closed" if opening is None else f"Closed; {opening[1].title} opens first, {opening[1].since}")
    if not snapshot.today and not snapshot.weeks and not any(line.now for line in lines):
        return News(f"Nobody waits{known}; nothing has been judged yet")
    return News(f"Nobody waits too long{known}")


def _opens(each: tuple[Standing, PointLine]) -> float:
    turns = each[0].state.turns_at
    return float("inf") if turns is None else turns.timestamp()


def _over(first: Standing, line: PointLine, count: int) -> News:
    assert first.main is not None
    over = first.main.running.overdue
    others = f" and {count - 1} more" if count > 1 else ""
    said = over_now(first.main.wait, first.state.info.channel, over)
    age = line.now.age if line.now is not None else None
    title = f"({over}) {line.title}{others} over the limit"
    if age is None:
        return News(f"{line.title}{others}: {said}", title=title)
    return News(f"{line.title}{others}: {said}, the longest", age=_said(age), title=title)


def _said(age: Age) -> Age:
    """People's waits in words; what is measured in opening hours says so."""
    if age.style == "clock":
        minutes, _, seconds = age.text.partition(":")
        counted = seconds.isdecimal() and minutes.isdecimal()
        return replace(age, style="said", text=span(int(minutes) * 60 + int(seconds), "said") if counted else age.text)
    return replace(age, still=f"{age.still} of opening hours", text=f"{age.text} of opening hours") if age.still else age


def sources_line(snapshot: Snapshot) -> SourcesLine:
    """What is said of the sources."""
    at = snapshot.at
    unread = [state for _, state in sorted(snapshot.sources.items()) if state.reading(at) != "up"]
    silent = []
    for state in unread[:_MOST_SILENT]:
        since = state.watermark
        age = None if since is None else since_age(since, at)
        reading = state.reading(at)
        silent.append(Silent(state.name, _SILENT[reading], age, state.trouble or "" if reading == "down" else ""))
    return SourcesLine(len(snapshot.sources) - len(unread), len(snapshot.sources), tuple(silent))
