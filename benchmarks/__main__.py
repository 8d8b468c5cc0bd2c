"""`make bench`: every benchmark after the other, each in a process of its own so that none disturbs the next.

python -m benchmarks [NAME …]
python -m benchmarks --write            all of them; then their figures into README.md and benchmarks/README.md
python -m benchmarks --write --brief    the same with one round of most, in ten minutes instead of half an hour
"""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks._measure import FIGURE, machine
from benchmarks._table import outputs, replaced, table

HERE = Path(__file__).parent
ALL = (
    "ami_to_verdicts", "ami_live", "import_events", "push_live", "detection_delay", "retention", "memory", "scrape", "store_rows",
    "imap_headers", "queue_log", "long_contact", "listings", "helpdesk", "helpdesk_zendesk", "helpdesk_pass",
    "strangers", "promises", "event_texts", "answers", "customers", "report", "board", "recompute",
)  # fmt: skip
#: What is given to those that `--brief` shortens: the same sizes, fewer rounds.
BRIEF = {
    "ami_to_verdicts": ("20", "1"), "ami_live": ("20000", "10", "1"), "import_events": ("1000000", "1"),
    "detection_delay": ("10000", "1"), "retention": ("600000", "15"),
    "recompute": ("200000", "10"), "scrape": ("1000", "1"), "imap_headers": ("10000", "3"),
    "queue_log": ("60", "1"), "long_contact": ("7",), "helpdesk": ("2000", "2"), "helpdesk_zendesk": ("1000", "2"),
    "report": ("2000000", "1"),
}  # fmt: skip


def run(name: str, *arguments: str) -> tuple[int, str]:
    """Runs one and shows what it prints. Its exit code, and what it printed."""
    print(f"\n== {name}", flush=True)
    printed = []
    command = [sys.executable, "-u", "-m", f"benchmarks.{name}", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            printed.append(line)
    return process.returncode, "".join(printed)


def write(printed: dict[str, str], how: str) -> None:
    """All figures come from one run of one commit; `how` it was called."""
    commit, changed = (
        subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, cwd=HERE).stdout.strip()
        for arguments in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain"))
    )
    figures = dict(found.groups() for text in printed.values() for found in FIGURE.finditer(text))
    with_changes = " with changes" if changed else ""
    said = f"{datetime.now(UTC):%Y-%m-%d}, commit {commit}{with_changes}, `{how}`. {machine()} at the end."
    for page, text in ((HERE.parent / "README.md", table(figures)), (HERE / "README.md", outputs(said, printed))):
        page.write_text(replaced(page.read_text(), text))


def main(names: list[str]) -> int:
    """Runs those named, else all. One that cannot run here (no Dovecot, say) does not stop the others, but nothing is written."""
    how = " ".join(("python -m benchmarks", *names))
    writing, brief = names[:1] == ["--write"], names == ["--write", "--brief"]
    names = [] if brief or names == ["--write"] else names
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    runs = {name: run(name, *(BRIEF.get(name, ()) if brief else ())) for name in names or ALL}
    failed = [name for name, (code, _) in runs.items() if code]
    if failed:
        print(f"\ndid not work: {', '.join(failed)}", file=sys.stderr)
        return 1
    if writing:
        write({name: printed for name, (_, printed) in runs.items()}, how)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
