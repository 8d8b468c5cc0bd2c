"""Hand-made contact centres as the board sees them: contact points with those who wait there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.domain.event import Channel
from monitor.domain.snapshot import Running, Snapshot, SourceState, Waiting, WhoWaits
from monitor.publish.web.board.page import Board, Wanted, board
from monitor.publish.web.board.service import look
from tests.publish.snapshots import NOW, ago, point, snapshot
from tests.publish.web.fakes import FakeServices

#: Limits in seconds; those of letters and call backs are opening time.
LIMITS = {"ring": 12, "queue": 20, "hold": 120, "reply": 4 * 3600, "follow_up": 8 * 3600, "callback": 4 * 3600}
WRITTEN = {"reply", "follow_up", "callback"}


class Scene:
    """A contact centre at 9:30 on a Monday."""

    def __init__(self, *sources: SourceState) -> None:
        self._sources = sources
        self._states: list[Any] = []
        self._who: dict[tuple[str, str], dict[str, WhoWaits]] = {}
        self._today: dict[tuple[str, Channel, str], tuple[int, int]] = {}
        self._weeks: dict[tuple[str, str, str], tuple[int, int]] = {}
        self._unseen: dict[tuple[str, Channel], set[str]] = {}
        self._count = 0

    def add(
        self,
        name: str,
        channel: Channel = "phone",
        waits: Mapping[str, Sequence[float]] | None = {},
        *,
        today: tuple[int, int] | None = None,
        turns_at: datetime | None = None,
        newest_breach: float | None = None,
        soon: int | None = None,
        **more: Any,
    ) -> "Scene":
        """`waits`: wait -> for how many seconds each one has waited; None: nobody can tell. `today`: judged and breached."""
        running: dict[str, Running] | None = None if waits is None else {}
        for wait, ages in (waits or {}).items():
            who = [self._waiting(name, channel, wait, age) for age in sorted(ages, reverse=True)]
            ahead = [each.due_at for each in who if not each.overdue and each.due_at is not None]
            over = sum(each.overdue for each in who)
            broken = newest_breach if over else None
            assert running is not None
            running[wait] = Running(len(who), over, ago(max(ages)), max(ages), min(ahead, default=None), soon, broken)
            self._who.setdefault((name, channel), {})[wait] = WhoWaits(len(who), who)
        state = replace(point(name, channel, running, **more), turns_at=turns_at)
        self._states.append(state)
        if today is not None:
            first = next(signal for signal in ("long_wait", "slow_answer", "late_reply") if signal in state.info.objectives)
            self._today[name, channel, first] = today
        return self

    def _waiting(self, name: str, channel: Channel, wait: str, age: float) -> Waiting:
        self._count += 1
        limit = LIMITS[wait]
        due, opening = NOW + timedelta(seconds=limit - age), float(age) if wait in WRITTEN else None
        return Waiting(f"{self._count:016x}", name, channel, wait, ago(age), due, age > limit, False, opening, float(limit))

    def weeks(self, name: str, signal: str, **counts: tuple[int, int]) -> "Scene":
        """`d20261026=(300, 45)`: judged and breached in the week of this Monday."""
        for monday, count in counts.items():
            self._weeks[name, signal, f"{monday[1:5]}-{monday[5:7]}-{monday[7:]}"] = count
        return self

    def unseen(self, name: str, *mondays: str, channel: Channel = "phone") -> "Scene":
        """The weeks of these Mondays (ISO dates) were not wholly seen."""
        self._unseen[name, channel] = set(mondays)
        return self

    def snapshot(self) -> Snapshot:
        current = snapshot(*self._states, sources=self._sources, weeks=self._weeks)
        return replace(current, today=self._today, unseen=self._unseen)

    def services(self) -> FakeServices:
        found = FakeServices(current=self.snapshot(), who_waits=self._who)
        every = [each for kinds in self._who.values() for who in kinds.values() for each in who.first]
        near = [each for each in every if each.due_at is not None and NOW < each.due_at <= NOW + timedelta(hours=1)]
        found.limits = WhoWaits(len(near), sorted(near, key=lambda each: each.due_at or NOW))
        return found

    def board(self, wanted: Wanted = Wanted()) -> Board:  # noqa: B008  # a value
        return board(*look(self.services(), wanted), wanted)
