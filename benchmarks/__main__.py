"""`make bench`: every benchmark after the other, each in a process of its own so that none disturbs the next.

python -m benchmarks [NAME …]
"""

import subprocess
import sys

ALL = (
    "ami_to_verdicts", "ami_live", "import_events", "detection_delay", "memory", "scrape", "store_rows", "imap_headers",
    "queue_log", "helpdesk_pass",
)  # fmt: skip


def main(names: list[str]) -> int:
    """Runs those named, else all. One that cannot run here (no Dovecot, say) does not stop the others."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    failed = []
    for name in names or ALL:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"]).returncode:
            failed.append(name)
    if failed:
        print(f"\ndid not work: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
