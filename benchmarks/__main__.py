"""`make bench`: every benchmark after the other, each in a process of its own so that none disturbs the next.

python -m benchmarks [NAME …]
python -m benchmarks --write    all of them; then their figures into README.md and benchmarks/README.md
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
    "imap_headers", "queue_log", "long_contact", "listings", "helpdesk", "helpdesk_pass",
)  # fmt: skip


def run(name: str) -> tuple[int, str]:
    """Runs one and shows what it prints. Its exit code, and what it printed."""
    print(f"\n== {name}", flush=True)
    printed = []
    with subprocess.Popen([sys.executable, "-u", "-m", f"benchmarks.{name}"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            printed.append(line)
    return process.returncode, "".join(printed)


def write(printed: dict[str, str]) -> None:
    """All figures come from one run of one commit."""
    commit, changed = (
        subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, cwd=HERE).stdout.strip()
        for arguments in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain"))
    )
    figures = dict(found.groups() for text in printed.values() for found in FIGURE.finditer(text))
    said = f"{datetime.now(UTC):%Y-%m-%d}, commit {commit}{' with changes' if changed else ''}. {machine()} at the end."
    for page, text in ((HERE.parent / "README.md", table(figures)), (HERE / "README.md", outputs(said, printed))):
        page.write_text(replaced(page.read_text(), text))


def main(names: list[str]) -> int:
    """Runs those named, else all. One that cannot run here (no Dovecot, say) does not stop the others, but nothing is written."""
    writing = names == ["--write"]
    names = [] if writing else names
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    runs = {name: run(name) for name in names or ALL}
    failed = [name for name, (code, _) in runs.items() if code]
    if failed:
        print(f"\ndid not work: {', '.join(failed)}", file=sys.stderr)
        return 1
    if writing:
        write({name: printed for name, (_, printed) in runs.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
