"""Who carries out a story on a real helpdesk: each step through the system's own interface, at exactly its moment."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tests.live.helpdesk.story import Step, System, Ticket, moment
from tests.servers.helpdesk import Helpdesk


@dataclass(frozen=True, order=True)
class Message:
    """Something that was written, as the account that may only read sees it. `by` is a login or the customer's name."""

    at: datetime
    by: str
    public: bool


class Player(ABC):
    """The verbs of the stories. `key` is the ticket's name in the story; `numbers` has the one that people see."""

    system: System

    def __init__(self, helpdesk: Helpdesk) -> None:
        self.helpdesk = helpdesk
        self.numbers: dict[str, str] = {}

    @abstractmethod
    def opened(self, key: str, customer: str, subject: str, queue: str = "support") -> None:
        """The customer's mail opens it."""

    @abstractmethod
    def entered(self, key: str, agent: str, customer: str, subject: str) -> None:
        """An agent enters what the customer has said by phone."""

    @abstractmethod
    def wrote_first(self, key: str, agent: str, customer: str, subject: str) -> None:
        """An agent opens it with words to a customer who has asked nothing."""

    @abstractmethod
    def asked(self, key: str, writer: str, text: str) -> None:
        """The customer writes again; or a colleague of ours does, by mail."""

    @abstractmethod
    def is_away(self, key: str, customer: str) -> None:
        """The customer's mail program answers that she is away."""

    @abstractmethod
    def answered(self, key: str, agent: str, text: str) -> None:
        """An agent, or the bot, writes to the customer."""

    @abstractmethod
    def noted(self, key: str, agent: str, text: str) -> None:
        """An agent writes what the customer does not see."""

    @abstractmethod
    def acknowledged(self, key: str) -> None:
        """A machine tells the customer that the mail has come, where the system has not done so by itself."""

    @abstractmethod
    def assigned(self, key: str, agent: str, to: str | None) -> None:
        """An agent gives it to somebody, or to nobody."""

    @abstractmethod
    def prioritised(self, key: str, agent: str, level: int) -> None:
        """From 1 (low) to 5 (high); mails open tickets with 3."""

    @abstractmethod
    def due(self, key: str, agent: str, hours: float | None) -> None:
        """The due date, so many hours before NOW (negative: after); None empties it."""

    @abstractmethod
    def promised(self, key: str, agent: str, hours: float) -> None:
        """The field "Promised by", so many hours before NOW (negative: after)."""

    @abstractmethod
    def resolved(self, key: str, agent: str) -> None:
        """An agent closes it as done."""

    @abstractmethod
    def rejected(self, key: str, agent: str) -> None:
        """An agent closes it as nothing of ours."""

    @abstractmethod
    def deleted(self, key: str, agent: str) -> None:
        """It is thrown away."""

    @abstractmethod
    def waits_for_customer(self, key: str, agent: str) -> None:
        """An agent sets the status that means so."""

    @abstractmethod
    def taken_back_up(self, key: str, agent: str) -> None:
        """An agent opens it again: it was closed by mistake."""

    @abstractmethod
    def is_open_again(self, key: str, agent: str) -> None:
        """The customer's mail has opened it again; where mail does not, an agent does."""

    @abstractmethod
    def moved(self, key: str, agent: str, queue: str, owner: str | None = None) -> None:
        """An agent hands it to another queue, at once to a new owner if one is named."""

    @abstractmethod
    def merged(self, key: str, agent: str, into: str) -> None:
        """An agent merges it into another ticket of the story, or says that it duplicates it."""

    @abstractmethod
    def messages(self, key: str) -> list[Message]:
        """What was written, oldest first, machines' acknowledgements left out; as the reader sees it."""

    @abstractmethod
    def is_closed(self, key: str) -> bool:
        """Whether the reader finds it closed, merged or gone."""


def timeline(story: Iterable[Ticket]) -> list[tuple[datetime, str, Step]]:
    """(moment, ticket, step) of everything that happens, oldest first; the order of the story within one moment."""
    steps = [(moment(step.hours), ticket.key, step) for ticket in story for step in ticket.steps]
    return sorted(steps, key=lambda each: each[0])


def take(player: Player, when: datetime, key: str, step: Step) -> None:
    """Carries out one step; the clock stands at its moment."""
    player.helpdesk.clock.stand_at(when)
    getattr(player, step.verb)(key, *step.arguments)


def play(player: Player, story: Iterable[Ticket]) -> None:
    """Carries out every step, oldest first, and leaves the clock standing at NOW."""
    for when, key, step in timeline(story):
        take(player, when, key, step)
    player.helpdesk.clock.stand_at(moment(0))
