"""How many replies to customers are read for promises in a minute, on one core?

    python -m benchmarks.promises [REPLIES] [ROUNDS]

REPLIES replies of eight sentences each, from the labelled sentences of tools/promises, with a greeting, a closing formula and
a quote below. Beside it, in the same run: taking quote and signature off, and only the dates.
"""

import sys
from datetime import UTC, datetime
from itertools import islice

from benchmarks._measure import figure, in_turns, line, machine, median
from monitor.domain.dates.english import ENGLISH
from monitor.domain.dates.expressions import expressions
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.promises.finding import find
from monitor.domain.promises.reading import own_text
from tools.promises.labelled import labelled

SENTENCES = 8
AT = datetime(2026, 11, 18, 14, 20, tzinfo=UTC)
QUOTE = "\n".join(f"> line {number} of what the customer asked, on Monday at 9" for number in range(12))


def replies(count: int) -> list[str]:
    """Replies that differ, each in English or German as its sentences come."""
    sentences = [each.text for each in labelled()]
    bodies = (" ".join(sentences[(n * 3 + k) % len(sentences)] for k in range(SENTENCES)) for n in range(count))
    wrote = "On Tue, 17 Nov 2026 at 09:00, Lang <lang@example.net> wrote:"
    return [
        f"Dear Mrs Lang,\n\n{body}\n\nKind regards\nJo Ward\nCustomer care\n\n{wrote}\n{QUOTE}\n"
        for body in islice(bodies, count)
    ]


def main(count: int, rounds: int) -> None:
    texts = replies(count)
    calendar = Calendar("office", UTC, parse_week({"mon-fri": "09:00-17:30"}))
    ways = {
        "promises and dates": lambda: [find(own_text(text), AT, calendar) for text in texts],
        "only the dates": lambda: [expressions(own_text(text), AT, calendar, ENGLISH) for text in texts],
        "only quote and signature": lambda: [own_text(text) for text in texts],
    }
    costs = in_turns(ways, rounds)
    print(f"{count:,} replies of {sum(map(len, texts)) // count} characters, {machine()}")
    for name, each in costs.items():
        print(line(name, "replies", count, each))
    figure("promises.ours", f"{60 * count / median(costs['promises and dates']).cpu:,.0f}")


if __name__ == "__main__":
    main(*(int(each) for each in (*sys.argv[1:], *("2000", "3")[len(sys.argv) - 1 :])))
