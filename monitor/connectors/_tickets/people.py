"""Who is who at a helpdesk: what the system says, unless the settings say otherwise. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from monitor.connectors._tickets.facts import Side
from monitor.connectors._tickets.rules import folded
from monitor.connectors._tickets.settings import HelpdeskSettings


@dataclass(frozen=True, slots=True)
class People:
    """Accounts by the name that the system's history calls their authors by; upper and lower case are alike."""

    staff: frozenset[str]
    robots: frozenset[str]
    told_by: str  # for `check`: how we know
    robots_shown: str  # for `check`

    @classmethod
    def of(cls, settings: HelpdeskSettings, staff: Collection[str], robots: Collection[str], told_by: str) -> "People":
        """`staff` and `robots` are what the system says; `told_by` how, as "role Agent"."""
        if settings.staff is not None:
            staff, told_by = settings.staff, "the settings"
        programs = (*robots, *settings.robots)
        known = frozenset(map(folded, programs))
        return cls(frozenset(map(folded, staff)) - known, known, told_by, ", ".join(programs) or "none")

    def side(self, author: str, requestors: Collection[str] = ()) -> Side:
        """On which side `author` acts in a ticket that `requestors` asked for.

        Who asks for something himself is the customer there, whatever he does elsewhere; nobody known is one, too.
        """
        name = folded(author)
        if name in self.robots:
            return "rule"
        if name in self.staff and name not in {folded(each) for each in requestors}:
            return "agent"
        return "customer"

    def described(self) -> str:
        """For `check`, as `staff: 14 accounts by role Agent; robots: RT_System`."""
        return f"staff: {len(self.staff)} accounts by {self.told_by}; robots: {self.robots_shown}"
