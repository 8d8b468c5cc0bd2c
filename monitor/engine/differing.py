"""Waits of which a source's own clocks say otherwise than ours (`signals --differs`)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from monitor.domain.event import from_micros, to_micros
from monitor.domain.judge import differing
from monitor.domain.moments import iso
from monitor.engine.directory import Directory
from monitor.engine.evaluation import examine, read_history, read_record, whereabouts
from monitor.store.base import Store

#: What has been counted of such a contact begins so (`ledger`).
_COUNTED: Final = "t:source_verdicts_differ:"


def verdicts_that_differ(store: Store, directory: Directory, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """A row for each such wait of contacts that began in [since, until), as they are judged now: where, which wait, since when,
    what the source holds and what we do. Only contacts of which one was counted are looked at. Blocks."""
    for each in store.begun_between(to_micros(since), to_micros(until)):
        if not any(name.startswith(_COUNTED) for history in read_history(each.row) for name in history.names):
            continue
        record = read_record(each.row)
        where = whereabouts(record, record.events, directory.look_up)
        examined = examine(record, record.events, where, from_micros(each.row.last))
        for theirs, ours in differing(examined.contact, examined.judgement.verdicts):
            yield {
                "contact": each.row.id, "native_id": each.row.contact, "contact_point": where.points[ours.stay],
                "channel": each.row.channel, "source": each.source, "wait": theirs.wait,
                "since": None if ours.wait is None else iso(ours.wait.since), "at": iso(theirs.at),
                "theirs": "breached" if theirs.breached else "kept", "ours": ours.state,
                "due_at": None if ours.due_at is None else iso(ours.due_at),
            }  # fmt: skip
