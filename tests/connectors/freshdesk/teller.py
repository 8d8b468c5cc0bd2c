"""Tells the stories of the real helpdesks to the simulator: each step as Freshdesk's agents and customers would do it."""

from tests.connectors.freshdesk.simulator import (
    ALICE,
    BOB,
    BOT,
    CINDY,
    CLOSED,
    OPEN,
    OUTBOUND,
    PENDING,
    PHONE,
    RESOLVED,
    Simulator,
)
from tests.live.helpdesk.story import moment

AGENTS = {"alice": ALICE, "bob": BOB, "cindy": CINDY, "chatbot": BOT}
GROUPS = {"support": 11, "projects": 12, "managers": 13, "complaints": 14}
PRIORITIES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4}


class Teller:
    """The verbs of the stories; `due` and `promised` are custom fields of type date. Nobody notes who changed a field."""

    def __init__(self, simulator: Simulator) -> None:
        self._freshdesk = simulator
        self.numbers: dict[str, str] = {}

    def opened(self, key: str, customer: str, subject: str, queue: str = "support") -> None:
        self._freshdesk.open(self._next(key), customer, subject, group=GROUPS[queue])

    def entered(self, key: str, agent: str, customer: str, subject: str) -> None:
        self._freshdesk.open(self._next(key), customer, subject, source=PHONE)

    def wrote_first(self, key: str, agent: str, customer: str, subject: str) -> None:
        self._freshdesk.open(self._next(key), customer, subject, source=OUTBOUND)

    def asked(self, key: str, writer: str, text: str) -> None:
        """A mail, also where a colleague writes it."""
        self._freshdesk.say(self._number(key), AGENTS.get(writer) or self._freshdesk.customer(writer), text, incoming=True)

    def is_away(self, key: str, customer: str) -> None:
        self._freshdesk.say(self._number(key), self._freshdesk.customer(customer), "I am away.", auto_response=True)

    def answered(self, key: str, agent: str, text: str) -> None:
        self._freshdesk.say(self._number(key), AGENTS[agent], text)

    def noted(self, key: str, agent: str, text: str) -> None:
        self._freshdesk.say(self._number(key), AGENTS[agent], text, private=True)

    def acknowledged(self, key: str) -> None:
        """A notification is no conversation."""

    def assigned(self, key: str, agent: str, to: str | None) -> None:
        self._freshdesk.set(self._number(key), responder_id=AGENTS[to] if to else None)

    def prioritised(self, key: str, agent: str, level: int) -> None:
        self._freshdesk.set(self._number(key), priority=PRIORITIES[level])

    def due(self, key: str, agent: str, hours: float | None) -> None:
        self._freshdesk.set(self._number(key), cf_due=None if hours is None else f"{moment(hours):%Y-%m-%d}")

    def promised(self, key: str, agent: str, hours: float) -> None:
        self._freshdesk.set(self._number(key), cf_promised_by=f"{moment(hours):%Y-%m-%d}")

    def resolved(self, key: str, agent: str) -> None:
        self._freshdesk.set(self._number(key), status=RESOLVED)

    def rejected(self, key: str, agent: str) -> None:
        self._freshdesk.set(self._number(key), status=CLOSED)  # no status says that it is nothing of ours

    def deleted(self, key: str, agent: str) -> None:
        self._freshdesk.delete(self._number(key))

    def waits_for_customer(self, key: str, agent: str) -> None:
        self._freshdesk.set(self._number(key), status=PENDING)

    def taken_back_up(self, key: str, agent: str) -> None:
        self._freshdesk.set(self._number(key), status=OPEN)

    def is_open_again(self, key: str, agent: str) -> None:
        """The customer's words have opened it."""

    def moved(self, key: str, agent: str, queue: str, owner: str | None = None) -> None:
        fields = {"group_id": GROUPS[queue], **({"responder_id": AGENTS[owner]} if owner else {})}
        self._freshdesk.set(self._number(key), **fields)

    def merged(self, key: str, agent: str, into: str) -> None:
        self._freshdesk.merge(self._number(key), self._number(into), AGENTS[agent])

    def _next(self, key: str) -> int:
        self.numbers[key] = str(len(self.numbers) + 1)
        return self._number(key)

    def _number(self, key: str) -> int:
        return int(self.numbers[key])
