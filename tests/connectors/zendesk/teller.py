"""Tells the stories of the real helpdesks to the simulator: each step as Zendesk's agents, customers and rules would do it."""

from datetime import timedelta

from tests.connectors.zendesk.simulator import ALICE, BOB, BOT, CINDY, PROMISED_BY, SYSTEM, Simulator
from tests.live.helpdesk.story import moment

AGENTS = {"alice": ALICE, "bob": BOB, "cindy": CINDY, "chatbot": BOT}
GROUPS = {"support": 11, "projects": 12, "managers": 13, "complaints": 14}
PRIORITIES = {1: "low", 2: "low", 3: "normal", 4: "high", 5: "urgent"}


class Teller:
    """The verbs of the stories; `due` is the due date of a task, `promised` a field of type date."""

    def __init__(self, simulator: Simulator) -> None:
        self._zendesk = simulator
        self.numbers: dict[str, str] = {}

    def opened(self, key: str, customer: str, subject: str, queue: str = "support") -> None:
        self._zendesk.open(self._next(key), customer, subject, group=GROUPS[queue])

    def entered(self, key: str, agent: str, customer: str, subject: str) -> None:
        """As an internal note: nothing is sent."""
        self._zendesk.open(self._next(key), customer, subject, by=AGENTS[agent], public=False)

    def wrote_first(self, key: str, agent: str, customer: str, subject: str) -> None:
        self._zendesk.open(self._next(key), customer, subject, by=AGENTS[agent])

    def asked(self, key: str, writer: str, text: str) -> None:
        self._zendesk.say(self._number(key), AGENTS.get(writer) or self._zendesk.customer(writer), text, via={"channel": "email"})

    def is_away(self, key: str, customer: str) -> None:
        """An automated answer is suspended and becomes no comment ("Causes for ticket suspension")."""

    def answered(self, key: str, agent: str, text: str) -> None:
        self._zendesk.say(self._number(key), AGENTS[agent], text)

    def noted(self, key: str, agent: str, text: str) -> None:
        self._zendesk.say(self._number(key), AGENTS[agent], text, public=False)

    def acknowledged(self, key: str) -> None:
        """A trigger notifies the requester: an event of the audit, no comment."""
        via = {"channel": "rule", "source": {"from": {"id": 3, "title": "Notify"}, "rel": "trigger"}}
        self._zendesk.update(self._number(key), SYSTEM, {"type": "Notification", "body": "We have it.", "via": via}, via=via)

    def assigned(self, key: str, agent: str, to: str | None) -> None:
        self._zendesk.set(self._number(key), AGENTS[agent], assignee_id=AGENTS[to] if to else None)

    def prioritised(self, key: str, agent: str, level: int) -> None:
        self._zendesk.set(self._number(key), AGENTS[agent], priority=PRIORITIES[level])

    def due(self, key: str, agent: str, hours: float | None) -> None:
        """People choose a day; Zendesk keeps a moment of it, here its end."""
        due = None if hours is None else f"{moment(hours) + timedelta(days=1):%Y-%m-%dT00:00:00Z}"
        self._zendesk.set(self._number(key), AGENTS[agent], type="task", due_at=due)

    def promised(self, key: str, agent: str, hours: float) -> None:
        fields = {f"f{PROMISED_BY}": f"{moment(hours):%Y-%m-%d}"}
        self._zendesk.set(self._number(key), AGENTS[agent], **fields)

    def resolved(self, key: str, agent: str) -> None:
        self._zendesk.set(self._number(key), AGENTS[agent], status="solved")

    def rejected(self, key: str, agent: str) -> None:
        self._zendesk.set(self._number(key), AGENTS[agent], status="solved")  # no status says that it is nothing of ours

    def deleted(self, key: str, agent: str) -> None:
        self._zendesk.delete(self._number(key))

    def waits_for_customer(self, key: str, agent: str) -> None:
        self._zendesk.set(self._number(key), AGENTS[agent], status="pending")

    def taken_back_up(self, key: str, agent: str) -> None:
        self._zendesk.set(self._number(key), AGENTS[agent], status="open")

    def is_open_again(self, key: str, agent: str) -> None:
        """The customer's words have opened it."""

    def moved(self, key: str, agent: str, queue: str, owner: str | None = None) -> None:
        fields = {"group_id": GROUPS[queue], **({"assignee_id": AGENTS[owner]} if owner else {})}
        self._zendesk.set(self._number(key), AGENTS[agent], **fields)

    def merged(self, key: str, agent: str, into: str) -> None:
        self._zendesk.merge(self._number(key), self._number(into), AGENTS[agent])

    def _next(self, key: str) -> int:
        self.numbers[key] = str(len(self.numbers) + 1)
        return self._number(key)

    def _number(self, key: str) -> int:
        return int(self.numbers[key])
