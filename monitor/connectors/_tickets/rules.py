"""What the configuration and a system's defaults make of a ticket's fields. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from monitor.connectors._tickets.facts import OPEN, State, Value
from monitor.connectors._tickets.settings import HelpdeskSettings


class ComplaintRule(NamedTuple):
    """A value of a field that makes a ticket a complaint."""

    field: str
    value: str
    sector: str | None


@dataclass(frozen=True, slots=True)
class Rules:
    """How one source's tickets are read. Names of values compare without regard to case."""

    states: Mapping[str, State]  # by status, in small letters; what is not there is open
    rank: Callable[[str], float | None]  # how urgent a priority is, more is more urgent; None: nobody can say
    promise_fields: Collection[str] = ()
    escalation_queues: frozenset[str] = frozenset()
    escalate_by_priority: bool = True
    complaints: Sequence[ComplaintRule] = ()
    policies: Mapping[str, Mapping[str, str]] | None = None  # field -> value in small letters -> policy

    def state(self, status: Value) -> State:
        """What a status means."""
        return self.states.get(folded(status), OPEN)

    def raised(self, old: Value, new: Value) -> bool | None:
        """Whether a priority was raised; None where nobody can say, or where nobody wants to know."""
        before, after = (self.rank(value) if isinstance(value, str) else None for value in (old, new))
        return after > before if self.escalate_by_priority and before is not None and after is not None else None

    def policy(self, values: Mapping[str, Value]) -> str | None:
        """The policy of a ticket with these values: of the first field that names one; None: that of its contact point."""
        named = (known.get(folded(values.get(field))) for field, known in (self.policies or {}).items())
        return next((each for each in named if each is not None), None)

    def sector_of(self, field: str, value: Value) -> ComplaintRule | None:
        """The rule that makes a ticket with this value a complaint."""
        held = _each(value)
        return next((r for r in self.complaints if r.field == field and folded(r.value) in held), None)


def rules_of(
    settings: HelpdeskSettings, *, place: str, states: Mapping[str, State], rank: Callable[[str], float | None],
    promise_fields: Sequence[str], tag_field: str = "tags",
) -> Rules:  # fmt: skip
    """The rules of a source: the system's own, where its settings say nothing else.

    `place` is the field that holds the queue, project or group; `tag_field` the one that holds tags, separated by commas.
    """
    known = {folded(name): state for name, state in states.items()}
    if settings.pending_statuses is not None:
        known = {name: state for name, state in known.items() if state.kind != "pending"}
        known |= {folded(name): State("pending") for name in settings.pending_statuses}
    return Rules(
        known,
        rank,
        promise_fields=tuple(settings.promise_fields if settings.promise_fields is not None else promise_fields),
        escalation_queues=frozenset(map(folded, settings.escalation.queues)),
        escalate_by_priority=settings.escalation.priority,
        complaints=tuple(_complaint_rules(settings, place, tag_field)),
        policies={field: {folded(v): policy for v, policy in known.items()} for field, known in settings.policies.items()},
    )


def _complaint_rules(settings: HelpdeskSettings, place: str, tag_field: str) -> list[ComplaintRule]:
    found = []
    for each in settings.complaints:
        if each.place is not None:
            found.append(ComplaintRule(place, each.place, each.sector))
        elif each.tag is not None:
            found.append(ComplaintRule(tag_field, each.tag, each.sector))
        elif each.field is not None and each.value is not None:
            found.append(ComplaintRule(each.field, each.value, each.sector))
    return found


def folded(value: Value) -> str:
    """A value as it is compared."""
    return value.strip().casefold() if isinstance(value, str) else value.isoformat() if isinstance(value, date) else ""


def _each(value: Value) -> frozenset[str]:
    """The whole value, and what is separated by commas in it."""
    whole = folded(value)
    return frozenset((whole, *(part.strip() for part in whole.split(","))))
