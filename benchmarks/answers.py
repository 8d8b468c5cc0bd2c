"""How many replies to customers are judged in a minute, on one core?

    python -m benchmarks.answers [REPLIES] [ROUNDS]

REPLIES replies of eight sentences each, from the labelled replies of tools/answers, with a greeting, a closing formula and a
quote below. Judged: whether they refuse, what they ask for, whether they want an answer, where they send. Beside it, in the same
run: reading the same replies for promises, and only taking quote and signature off; also the sketches of canned replies, and
what customers give.
"""

import sys
from datetime import UTC
from itertools import islice

from benchmarks._measure import in_turns, line, machine, median
from benchmarks.promises import AT, QUOTE, SENTENCES
from monitor.domain.answers.giving import gives
from monitor.domain.answers.saying import saying
from monitor.domain.answers.sketching import sketch
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.promises.finding import find
from monitor.domain.promises.reading import own_text
from tools.answers.labelled import labelled

KEY = b"a key of the benchmark"


def replies(count: int) -> list[str]:
    """Replies that differ, each in English or German as its sentences come."""
    sentences = [
        item.texts[-1].replace("\n", " ") for name in ("refusal", "asked_again", "expects", "sends") for item in labelled(name)
    ]
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
        "what our words say": lambda: [saying(text) for text in texts],
        "what customers give": lambda: [gives(text) for text in texts],
        "sketches of canned replies": lambda: [sketch(text, KEY) for text in texts],
        "promises and dates": lambda: [find(own_text(text), AT, calendar) for text in texts],
        "only quote and signature": lambda: [own_text(text) for text in texts],
    }
    costs = in_turns(ways, rounds)
    print(f"{count:,} replies of {sum(map(len, texts)) // count} characters, {machine()}")
    for name, each in costs.items():
        print(line(name, "replies", count, each))
    ours, promises = median(costs["what our words say"]).cpu, median(costs["promises and dates"]).cpu
    print(f"{60 * count / ours:,.0f} replies a minute; {ours / promises:.2f} times the CPU time of reading them for promises")


if __name__ == "__main__":
    main(*(int(each) for each in (*sys.argv[1:], *("2000", "3")[len(sys.argv) - 1 :])))
