"""A daemon that does as the test says, behind the real HTTP side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.snapshot import Snapshot
from monitor.publish.web.services import PushResult
from tests.publish.pictures import contact_centre


@dataclass
class FakeServices:
    """Answers from its fields and remembers what it was asked."""

    picture: Snapshot = field(default_factory=contact_centre)
    well: bool = True
    accounts: Mapping[str, str] | None = None
    problems: Sequence[str] = ()
    result: PushResult = field(default_factory=lambda: PushResult("stored"))
    pushed: list[tuple[str | None, str | None, list[tuple[int, bytes]]]] = field(default_factory=list)
    reloads: int = 0

    def snapshot(self) -> Snapshot:
        return self.picture

    def healthy(self) -> bool:
        return self.well

    def users(self) -> Mapping[str, str] | None:
        return self.accounts

    async def reload(self) -> Sequence[str]:
        self.reloads += 1
        return self.problems

    async def push(self, source: str | None, token: str | None, lines: Sequence[tuple[int, bytes]]) -> PushResult:
        self.pushed.append((source, token, list(lines)))
        return self.result
