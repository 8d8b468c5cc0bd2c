"""A daemon that does as the test says, behind the real HTTP side."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from monitor.domain.event import Channel
from monitor.domain.snapshot import Snapshot, WhoWaits
from monitor.domain.weeks import week_name
from monitor.errors import StoreUnavailable
from monitor.publish.report.values import WeekReport, WeekSummary
from monitor.publish.web.hosts import Hosts
from monitor.publish.web.services import Evidence, Gap, MailCount, PushResult, SignalsPage, SignalsWanted
from tests.publish.report.sample import MONDAY, REPORT
from tests.publish.snapshots import contact_centre


@dataclass
class FakeServices:
    """Answers from its fields and remembers what it was asked."""

    current: Snapshot = field(default_factory=contact_centre)
    accounts: Mapping[str, str] | None = None
    wall_accounts: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[str] = ()
    known_hosts: Hosts = field(default_factory=lambda: Hosts(frozenset(), without_dot=False))
    result: PushResult = field(default_factory=lambda: PushResult("stored"))
    pushed: list[tuple[str | None, str | None, list[tuple[int, bytes]]]] = field(default_factory=list)
    reloads: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[SignalsWanted] = field(default_factory=list)
    found_gaps: list[Gap] = field(default_factory=list)
    cursors: Sequence[str] = field(default_factory=lambda: [f"at-{number}" for number in range(2_000)])  # of each row
    contacts: dict[str, Evidence] = field(default_factory=dict)
    readable: bool = True
    tokens: dict[str, str] | None = None  # None: whoever pushes is admitted
    waits: dict[str, Sequence[str]] = field(default_factory=dict)  # what waits in a contact
    settled: list[tuple[str, str, str]] = field(default_factory=list)
    version: int = 0
    moved_on: asyncio.Event = field(default_factory=asyncio.Event)  # set it after raising the version
    who_waits: dict[tuple[str, str], dict[str, WhoWaits]] = field(default_factory=dict)  # by contact point and channel
    reports: dict[date, WeekReport] = field(default_factory=lambda: {MONDAY: REPORT})
    summaries: Sequence[WeekSummary] = ()
    mailed: Sequence[MailCount] = ()
    limits: WhoWaits = field(default_factory=lambda: WhoWaits(0, ()))

    def snapshot(self) -> Snapshot:
        return self.current

    async def changed(self, after: int, within: float) -> int:
        if self.version == after:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.moved_on.wait(), within)
            self.moved_on.clear()
        return self.version

    def waiting(self, contact_point: str, channel: Channel, limit: int) -> Mapping[str, WhoWaits]:
        found = self.who_waits.get((contact_point, channel), {})
        return {wait: WhoWaits(who.total, who.first[:limit]) for wait, who in found.items()}

    def next_limits(self, limit: int) -> WhoWaits:
        return WhoWaits(self.limits.total, self.limits.first[:limit])

    def users(self) -> Mapping[str, str] | None:
        return self.accounts

    def wall_users(self) -> Mapping[str, str]:
        return self.wall_accounts

    def hosts(self) -> Hosts:
        return self.known_hosts

    async def reload(self) -> Sequence[str]:
        self.reloads += 1
        return self.problems

    async def signals(self, wanted: SignalsWanted) -> SignalsPage | None:
        self.asked.append(wanted)
        if not self.readable:
            raise StoreUnavailable("store secret.db: the disk reports an error")
        if wanted.cursor is not None and wanted.cursor not in self.cursors:
            return None
        begin = 0 if wanted.cursor is None else self.cursors.index(wanted.cursor)
        end = begin + wanted.limit
        return SignalsPage(self.rows[begin:end], self.cursors[end] if end < len(self.rows) else None)

    async def gaps(self, since: datetime) -> Sequence[Gap]:
        if not self.readable:
            raise StoreUnavailable("store secret.db: the disk reports an error")
        return [gap for gap in self.found_gaps if gap.until >= since]

    async def weeks(self) -> Sequence[WeekSummary]:
        if not self.readable:
            raise StoreUnavailable("store secret.db: the disk reports an error")
        return self.summaries

    async def week(self, monday: date) -> WeekReport:
        if not self.readable:
            raise StoreUnavailable("store secret.db: the disk reports an error")
        return self.reports.get(monday) or replace(REPORT, week=week_name(monday), monday=monday, contact_points=(), gaps=())

    async def mails(self, week: str) -> Sequence[MailCount]:
        return self.mailed

    async def contact(self, contact: str) -> Evidence | None:
        if not self.readable:
            raise StoreUnavailable("store secret.db: the disk reports an error")
        return self.contacts.get(contact)

    def push_target(self, source: str | None, token: str | None) -> str | PushResult:
        if self.tokens is None:
            return source or "desk"
        return self.tokens.get(token or "") or PushResult("unauthorised")

    async def settle(self, contact: str, reason: str, by: str) -> Sequence[str] | None:
        if not self.readable:
            raise StoreUnavailable("store secret.db: the disk reports an error")
        self.settled.append((contact, reason, by))
        return self.waits.get(contact)

    async def push(self, source: str | None, token: str | None, lines: Sequence[tuple[int, bytes]]) -> PushResult:
        self.pushed.append((source, token, list(lines)))
        return self.result
