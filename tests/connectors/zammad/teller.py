"""Tells the stories of the real helpdesks to the simulator: each step as Zammad's agents and customers would do it."""

from tests.connectors.zammad.simulator import ALICE, BOB, BOT, CINDY, NOBODY, Simulator
from tests.live.helpdesk.story import moment

AGENTS = {"alice": ALICE, "bob": BOB, "cindy": CINDY, "chatbot": BOT}
GROUPS = {"support": 1, "projects": 2, "managers": 3, "complaints": 4}
PRIORITIES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 3}


class Teller:
    """The verbs of the stories; `due` and `promised` are fields that the desk has added, with a moment each."""

    def __init__(self, simulator: Simulator) -> None:
        self._zammad = simulator
        self.numbers: dict[str, str] = {}

    def opened(self, key: str, customer: str, subject: str, queue: str = "support") -> None:
        self._zammad.open(self._next(key), customer, subject, group=GROUPS[queue], due_by=None)

    def entered(self, key: str, agent: str, customer: str, subject: str) -> None:
        """Received call: an article of type phone, whose sender is the customer."""
        self._zammad.open(self._next(key), customer, subject, by=AGENTS[agent], kind="phone", due_by=None)

    def wrote_first(self, key: str, agent: str, customer: str, subject: str) -> None:
        self._zammad.open(self._next(key), customer, subject, by=AGENTS[agent], sender="Agent", due_by=None)

    def asked(self, key: str, writer: str, text: str) -> None:
        self._zammad.say(self._number(key), AGENTS.get(writer) or self._zammad.customer(writer), text)

    def is_away(self, key: str, customer: str) -> None:
        self._zammad.say(self._number(key), self._zammad.customer(customer), "I am away.", automatic=True)

    def answered(self, key: str, agent: str, text: str) -> None:
        self._zammad.say(self._number(key), AGENTS[agent], text)

    def noted(self, key: str, agent: str, text: str) -> None:
        self._zammad.say(self._number(key), AGENTS[agent], text, kind="note", internal=True)

    def acknowledged(self, key: str) -> None:
        self._zammad.say(self._number(key), NOBODY, "We have it.", sender="System")

    def assigned(self, key: str, agent: str, to: str | None) -> None:
        self._zammad.set(self._number(key), AGENTS[agent], owner_id=AGENTS[to] if to else NOBODY)

    def prioritised(self, key: str, agent: str, level: int) -> None:
        self._zammad.set(self._number(key), AGENTS[agent], priority_id=PRIORITIES[level])

    def due(self, key: str, agent: str, hours: float | None) -> None:
        due = None if hours is None else f"{moment(hours):%Y-%m-%d %H:%M:%S UTC}"
        self._zammad.set(self._number(key), AGENTS[agent], due_by=due)

    def promised(self, key: str, agent: str, hours: float) -> None:
        self._zammad.set(self._number(key), AGENTS[agent], promised_by=f"{moment(hours):%Y-%m-%d %H:%M:%S UTC}")

    def resolved(self, key: str, agent: str) -> None:
        self._zammad.set(self._number(key), AGENTS[agent], state="closed")

    def rejected(self, key: str, agent: str) -> None:
        self._zammad.set(self._number(key), AGENTS[agent], state="closed")  # no state says that it is nothing of ours

    def deleted(self, key: str, agent: str) -> None:
        self._zammad.delete(self._number(key))

    def waits_for_customer(self, key: str, agent: str) -> None:
        self._zammad.set(self._number(key), AGENTS[agent], state="pending reminder")

    def taken_back_up(self, key: str, agent: str) -> None:
        self._zammad.set(self._number(key), AGENTS[agent], state="open")

    def is_open_again(self, key: str, agent: str) -> None:
        """The customer's words have opened it."""

    def moved(self, key: str, agent: str, queue: str, owner: str | None = None) -> None:
        fields = {"group_id": GROUPS[queue], **({"owner_id": AGENTS[owner]} if owner else {})}
        self._zammad.set(self._number(key), AGENTS[agent], **fields)

    def merged(self, key: str, agent: str, into: str) -> None:
        self._zammad.merge(self._number(key), self._number(into), AGENTS[agent])

    def _next(self, key: str) -> int:
        number = len(self.numbers) + 1
        self.numbers[key] = str(22000 + number)
        return number

    def _number(self, key: str) -> int:
        return int(self.numbers[key]) - 22000
