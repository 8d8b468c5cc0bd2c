"""Tells the stories of the real helpdesks to the simulator: each step as Jira's agents, customers and automation would do it."""

from tests.connectors.jira.shapes import ALICE, AUTOMATION, BOB, BOT, CINDY, CLOSED, FOR_CUSTOMER, OPEN, RESOLVED
from tests.connectors.jira.simulator import Simulator
from tests.live.helpdesk.story import moment

AGENTS = {"alice": ALICE, "bob": BOB, "cindy": CINDY, "chatbot": BOT}
PROJECTS = {"support": "SUP", "projects": "PRJ", "managers": "MGR", "complaints": "CMP"}
PRIORITIES = {1: "5", 2: "4", 3: "3", 4: "2", 5: "1"}


class Teller:
    """The verbs of the stories; `due` is the due date, `promised` a field that the desk has added: days both."""

    def __init__(self, simulator: Simulator) -> None:
        self._jira = simulator
        self.numbers: dict[str, str] = {}

    def opened(self, key: str, customer: str, subject: str, queue: str = "support") -> None:
        self._jira.open(self._next(key, queue), customer, subject, project=PROJECTS[queue])

    def entered(self, key: str, agent: str, customer: str, subject: str) -> None:
        """Raised on behalf of the customer."""
        self._jira.open(self._next(key), customer, subject, by=AGENTS[agent])

    def wrote_first(self, key: str, agent: str, customer: str, subject: str) -> None:
        """The request has to be raised first; then the words are written."""
        self.entered(key, agent, customer, subject)
        self.answered(key, agent, subject)

    def asked(self, key: str, writer: str, text: str) -> None:
        """Automation opens again what waits, or is closed, when the customer writes."""
        number = self._number(key)
        self._jira.say(number, AGENTS.get(writer) or self._jira.customer(writer), text)
        if writer not in AGENTS and self._jira.issues[number]["status"] != OPEN:
            self._jira.set(number, AUTOMATION, status=OPEN)

    def is_away(self, key: str, customer: str) -> None:
        """Automatic mail becomes no comment: the mail channel drops it [K]."""

    def answered(self, key: str, agent: str, text: str) -> None:
        self._jira.say(self._number(key), AGENTS[agent], text)

    def noted(self, key: str, agent: str, text: str) -> None:
        self._jira.say(self._number(key), AGENTS[agent], text, public=False)

    def acknowledged(self, key: str) -> None:
        """By automation; the notifications of Service Management leave no trace."""
        self._jira.say(self._number(key), AUTOMATION, "We have it.")

    def assigned(self, key: str, agent: str, to: str | None) -> None:
        self._jira.set(self._number(key), AGENTS[agent], assignee=AGENTS[to] if to else None)

    def prioritised(self, key: str, agent: str, level: int) -> None:
        self._jira.set(self._number(key), AGENTS[agent], priority=PRIORITIES[level])

    def due(self, key: str, agent: str, hours: float | None) -> None:
        self._jira.set(self._number(key), AGENTS[agent], duedate=None if hours is None else f"{moment(hours):%Y-%m-%d}")

    def promised(self, key: str, agent: str, hours: float) -> None:
        self._jira.set(self._number(key), AGENTS[agent], promised=f"{moment(hours):%Y-%m-%d}")

    def resolved(self, key: str, agent: str) -> None:
        self._jira.set(self._number(key), AGENTS[agent], status=RESOLVED)

    def rejected(self, key: str, agent: str) -> None:
        self._jira.set(self._number(key), AGENTS[agent], status=CLOSED)  # no category says that it is nothing of ours

    def deleted(self, key: str, agent: str) -> None:
        self._jira.delete(self._number(key))

    def waits_for_customer(self, key: str, agent: str) -> None:
        self._jira.set(self._number(key), AGENTS[agent], status=FOR_CUSTOMER)

    def taken_back_up(self, key: str, agent: str) -> None:
        self._jira.set(self._number(key), AGENTS[agent], status=OPEN)

    def is_open_again(self, key: str, agent: str) -> None:
        """The customer's words have opened it."""

    def moved(self, key: str, agent: str, queue: str, owner: str | None = None) -> None:
        self._jira.move(self._number(key), AGENTS[agent], PROJECTS[queue])
        if owner:
            self._jira.set(self._number(key), AGENTS[agent], assignee=AGENTS[owner])

    def merged(self, key: str, agent: str, into: str) -> None:
        """People say that it is a duplicate, and close it: comments stay where they are."""
        self._jira.link(self._number(key), AGENTS[agent], self._number(into))
        self._jira.set(self._number(key), AGENTS[agent], status=CLOSED)

    def _next(self, key: str, queue: str = "support") -> int:
        number = len(self.numbers) + 1
        self.numbers[key] = f"{PROJECTS[queue]}-{number}"
        return number

    def _number(self, key: str) -> int:
        return int(self.numbers[key].partition("-")[2])
