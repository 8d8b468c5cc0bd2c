"""A week of seven simulated contact points, through the alert rules on a real Prometheus and a model of Alertmanager.

python -m tools.alert_week [--rules FILE] [--alertmanager FILE] [--messages] [--write] [SEED …]

Prints every bad hour of the first seed and the figures of all; `--messages` also every message of the first seed. `--write`
puts the tables into docs/alerts.md. Needs `prometheus` and `promtool` on the PATH; a week takes about half a minute.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import yaml

from tools.alert_week import report, week
from tools.alert_week.run import Result, run

TOP = Path(__file__).parents[2]
SEEDS = (202, 1, 2, 3, 201, 203, 204, 205, 206, 301, 302, 303, 304, 305)
PAGE = TOP / "docs" / "alerts.md"
BEGIN, END = "<!-- the simulated week: python -m tools.alert_week --write -->\n", "<!-- end of the simulated week -->\n"


def main(arguments: list[str]) -> int:
    """Runs the weeks."""
    parser = argparse.ArgumentParser(prog="python -m tools.alert_week", description=__doc__)
    parser.add_argument("--rules", type=Path, default=TOP / "config" / "prometheus" / "rules.yml")
    parser.add_argument("--alertmanager", type=Path, default=TOP / "config" / "alertmanager" / "alertmanager.yml")
    parser.add_argument("--messages", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("seeds", nargs="*", type=int, default=SEEDS)
    chosen = parser.parse_args(arguments)
    rules, routing = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in (chosen.rules, chosen.alertmanager))
    rows, hours = [], ""
    for seed in chosen.seeds:
        result = run(week.the_week(), seed, rules, routing)
        rows.append((str(seed), report.figures(result)))
        if not hours:
            hours = report.hour_table(result)
            print(hours)
            if chosen.messages:
                _print_messages(result)
    figures = report.figure_table(rows)
    print(figures)
    if chosen.write:
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.index(BEGIN) + len(BEGIN), page.index(END)
        PAGE.write_text(
            f"{page[:before]}\n{figures}\n\nThe first of them hour by hour:\n\n{hours}\n\n{page[after:]}", encoding="utf-8"
        )
    return 0


def _print_messages(result: Result) -> None:
    zone = next(iter(result.places.values())).zone
    for message in result.messages:
        when = datetime.fromtimestamp(message.at, UTC).astimezone(zone)
        names = [f"{each.name}({each.labels.get('signal') or each.labels.get('wait', '')})" for each in message.firing]
        ended = [f"{each.name}({each.labels.get('signal') or each.labels.get('wait', '')})" for each in message.ended]
        print(f"{when:%a %H:%M:%S} {message.receiver} {' '.join(message.group.values())}: fires {names} ended {ended}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
