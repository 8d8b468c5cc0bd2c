"""Where a helpdesk's own clocks judge a wait otherwise than ours: counted once, listed as it is judged now."""

from datetime import timedelta
from typing import Any

from monitor.config.loading import build
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.connector import Batch
from monitor.engine.differing import verdicts_that_differ
from monitor.engine.ingest import Ingest
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import NINE, at, event

HOUR = 3600.0
CONFIGURATION: dict[str, Any] = {
    "timezone": "UTC", "sources": {"desk": {"type": "events"}},
    "policies": {
        "default": {"late_reply": {"after": "4h"}, "late_follow_up": {"after": "4h"}, "late_resolution": {"after": "24h"}},
    },
}  # fmt: skip


def ticket(name: str, kind: str, hours: float, /, **details: Any) -> Any:
    return event(name, kind, hours * HOUR, "group:support", "ticket", **{"by": "customer", **details})


def judged(name: str, wait: str, hours: float, how: str) -> Any:
    return ticket(name, "judged", hours, id=f"sla:{wait}", name=wait, how=how, by="rule")


#: Opened at nine; what follows, and what the helpdesk says of it.
TICKETS = {
    "same": [ticket("same", "replied", 5, by="agent"), judged("same", "reply", 4, "breached")],
    "in time, too": [ticket("in time, too", "replied", 1, by="agent"), judged("in time, too", "reply", 1, "kept")],
    "stricter": [ticket("stricter", "replied", 2, by="agent"), judged("stricter", "reply", 1, "breached")],
    "milder": [ticket("milder", "replied", 6, by="agent"), judged("milder", "reply", 6, "kept")],
    "still open": [judged("still open", "reply", 1, "breached")],
    "another wait": [ticket("another wait", "replied", 2, by="agent"), judged("another wait", "follow_up", 1, "breached")],
    "closed": [
        ticket("closed", "replied", 1, by="agent"), ticket("closed", "resolved", 30, by="agent"),
        judged("closed", "resolution", 30, "kept"),
    ],
}  # fmt: skip


def told(store: Store) -> Ingest:
    """All of them, until half past twelve: later is not known yet."""
    settings = build(CONFIGURATION)
    resolver = PolicyResolver(settings, calendars(settings))
    ingest = Ingest(store, make_directory(settings, resolver), resolver.bounds())
    events = [each for name, rest in TICKETS.items() for each in (ticket(name, "opened", 0), *rest)]
    until = at(3 * HOUR + 1800)
    for _ in range(2):  # telling it again changes nothing
        ingest.batch("desk", "events", Batch(events), store.cursor_row("desk"), until, until, now=until)
    return ingest


def listed(store: Store) -> list[dict[str, Any]]:
    settings = build(CONFIGURATION)
    directory = make_directory(settings, PolicyResolver(settings, calendars(settings)))
    return list(verdicts_that_differ(store, directory, NINE - timedelta(days=1), NINE + timedelta(days=9)))


def test_waits_that_are_late_there_and_in_time_here_are_counted_once_and_listed() -> None:
    store = MemoryStore()
    told(store)
    assert store.totals()["source_verdicts_differ_total", ("desk", "events")] == 3
    assert [(row["native_id"], row["wait"], row["theirs"], row["ours"]) for row in listed(store)] == [
        ("closed", "resolution", "kept", "breached"), ("milder", "reply", "kept", "breached"),
        ("stricter", "reply", "breached", "kept"),
    ]  # fmt: skip
    row = listed(store)[-1]
    assert (row["contact_point"], row["source"], row["since"], row["at"], row["due_at"]) == (
        "support", "desk", "2026-11-02T09:00:00Z", "2026-11-02T10:00:00Z", "2026-11-02T13:00:00Z",
    )  # fmt: skip


def test_what_the_helpdesk_says_changes_no_verdict_of_ours() -> None:
    store, without = MemoryStore(), MemoryStore()
    told(store)
    settings = build(CONFIGURATION)
    resolver = PolicyResolver(settings, calendars(settings))
    ingest = Ingest(without, make_directory(settings, resolver), resolver.bounds())
    events = [each for name, rest in TICKETS.items() for each in (ticket(name, "opened", 0), *rest) if each.kind != "judged"]
    until = at(3 * HOUR + 1800)
    ingest.batch("desk", "events", Batch(events), without.cursor_row("desk"), until, until, now=until)

    def counted(of: Store) -> dict[Any, float]:
        return {key: each for key, each in of.totals().items() if not key[0].startswith("source_")}

    assert counted(store) == counted(without)
