"""How many contact events a second are parsed from lines, without and with a text that is read for promises?

    python -m benchmarks.event_texts [LINES] [ROUNDS]

LINES chat lines of ours (`replied`): without a text, as before there was any; with one that nobody reads; with a sentence of
tools/promises, as people write in a chat; with a mail of 1,100 characters (`benchmarks.promises`), of which a tenth as many.
"""

import json
import sys
from datetime import UTC, datetime, timedelta

from benchmarks._measure import figure, in_turns, line, machine, median
from benchmarks.promises import replies
from monitor.connectors._event_lines import parse_lines
from monitor.testing import make_context
from tools.promises.labelled import labelled

AT = datetime(2026, 11, 18, 14, 20, tzinfo=UTC)


def lines(count: int, texts: list[str] | None) -> list[tuple[int, bytes]]:
    """Numbered lines; the texts in turn."""
    told = []
    for number in range(count):
        event = {
            "id": f"{number}", "contact": f"c{number // 4}", "contact_point": "chat", "channel": "chat", "kind": "replied",
            "at": (AT + timedelta(seconds=number)).isoformat(),
        }  # fmt: skip
        if texts is not None:
            event["text"] = texts[number % len(texts)]
        told.append((number, json.dumps(event).encode()))
    return told


def main(count: int, rounds: int) -> None:
    """Prints one line each and the ratio."""
    read = make_context().read_text
    later = AT + timedelta(days=365)
    sentences = [each.text for each in labelled()]
    without, short, long = lines(count, None), lines(count, sentences), lines(count // 10, replies(count // 10))
    ways = {
        "without a text": lambda: sum(1 for _ in parse_lines(without, str, later, None, read)),
        "a sentence, not read": lambda: sum(1 for _ in parse_lines(short, str, later)),
        "a sentence": lambda: sum(1 for _ in parse_lines(short, str, later, None, read)),
        "a mail (of a tenth)": lambda: sum(1 for _ in parse_lines(long, str, later, None, read)),
    }
    costs = in_turns(ways, rounds)
    print(f"{count:,} lines, {machine()}")
    for name, each in costs.items():
        print(line(name, "lines", len(long) if "tenth" in name else count, each))
    per_line = {name: median(each).cpu / (len(long) if "tenth" in name else count) for name, each in costs.items()}
    figure("event_texts.ratio", f"{per_line['a sentence'] / per_line['without a text']:.0f} times the line without")


if __name__ == "__main__":
    main(*(int(each) for each in (*sys.argv[1:], *("50000", "3")[len(sys.argv) - 1 :])))
