"""The tables of figures in README.md and benchmarks/README.md, from what one run of all benchmarks printed."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

BEGIN: Final = "<!-- figures: written by `python -m benchmarks --write`, never by hand -->"
END: Final = "<!-- end of figures -->"


class Row(NamedTuple):
    """A line of the table in README.md. `{name}` is the figure of this name (`_measure.figure`)."""

    what: str
    measured: str
    benchmark: str


ROWS: Final = (
    Row(
        "AMI bytes to verdicts in the store",
        "{ami.ours} messages/s of one core; asterisk-ami parses {ami.asterisk_ami}, panoramisk {ami.panoramisk}",
        "ami_to_verdicts",
    ),
    Row(
        "the running daemon on an AMI line, 20,000 messages/s",
        "{ami_live.ours} messages/s of one core; stored {ami_live.stored}, limits counted {ami_live.counted} (99 of 100)",
        "ami_live",
    ),
    Row("`import` of 1,000,000 events", "{import.seconds} s, {import.mib} MiB ({import.rate} events/s)", "import_events"),
    Row(
        "pushes of one event, 64 senders",
        "{push.posts} posts/s, one by one {push.one_by_one}; meanwhile {push.in_time} of 20,000 limits counted within a second",
        "push_live",
    ),
    Row("from a limit to its count, 10,000 limits in 10 s", "99 of 100 within {delay.p99}", "detection_delay"),
    Row(
        "`/metrics`, 1,000 lines",
        "{scrape.nothing}; {scrape.some} when a tenth took a call; {scrape.all} when all did; prometheus-client {scrape.plain}",
        "scrape",
    ),
    Row("first read of 10,000 mails' headers", "{imap.ours}; imap-tools {imap.other} for the same headers", "imap_headers"),
    Row(
        "Request Tracker's answers to verdicts in the store",
        "{helpdesk.ours} tickets/s of one core; rt parses {helpdesk.rt}, with its HTTP client {helpdesk.rt_on_httpx}",
        "helpdesk",
    ),
    Row(
        "a pass over 100,000 tickets of a real Request Tracker",
        "50 changed: {helpdesk_pass.changed}; none: {helpdesk_pass.nothing}",
        "helpdesk_pass",
    ),
    Row("a dense `queue_log`", "{queue_log.import} lines/s imported, {queue_log.following} followed", "queue_log"),
    Row("100,000 open conversations", "{memory.resident} MiB; up in {memory.seconds} s, the first time too", "memory"),
    Row(
        "`signals`, 50,000 of them",
        "{listings.table} as a table, {listings.csv} as CSV; csv.writer over plain sqlite3 {listings.csv_writer}",
        "listings",
    ),
    Row(
        "one of 1,200,000 contacts by our id",
        "{listings.by_id}; by a Message-ID that nobody knows {listings.by_unknown}",
        "listings",
    ),
    Row(
        "the weekly report over 13 weeks, 2,000,000 contacts stored",
        "{report.ours}; judging the contacts of its last week anew, alone, {report.anew}",
        "report",
    ),
    Row(
        "the live board, 200 contact points and 5,000 waits",
        "first byte {board.first}; 50 open pages {board.share} of a core, each on its own {board.alone}",
        "board",
    ),
    Row(
        "a push while `recompute` judges history anew",
        "waits {recompute.ours} at most; without it {recompute.nothing}; were it one job {recompute.at_once}",
        "recompute",
    ),
    Row("dropping 600,000 old contacts", "a push waits {retention.ours} at most; as one job {retention.at_once}", "retention"),
)


def table(figures: Mapping[str, str]) -> str:
    """The table of README.md. Raises KeyError for a figure that nothing has printed."""
    lines = ["| | measured | command |", "|---|---|---|"]
    for row in ROWS:
        measured = re.sub(r"\{([\w.]+)\}", lambda name: figures[name[1]], row.measured)
        lines.append(f"| {row.what} | {measured} | `python -m benchmarks.{row.benchmark}` |")
    return "\n".join(lines)


def outputs(said: str, printed: Mapping[str, str]) -> str:
    """What every benchmark printed, for benchmarks/README.md, under the line that says when and where."""
    blocks = [f"### {name}\n\n```\n{text.strip()}\n```" for name, text in printed.items()]
    return "\n\n".join([said, *blocks])


def replaced(page: str, figures: str) -> str:
    """A page with other figures between its two marks. Raises ValueError where it has none."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"there is no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}"
