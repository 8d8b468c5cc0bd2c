"""Plays stories in Znuny: customers through its PostMaster, agents through the web service that it brings along.

Merging and deleting go through the program itself, for no web service can.
"""

from datetime import UTC, datetime
from typing import Any

from tests.live.helpdesk.mail import AWAY, CUSTOMERS, mail_from
from tests.live.helpdesk.player import Message, Player
from tests.live.helpdesk.story import moment
from tests.servers.helpdesk import DOMAIN
from tests.servers.znuny import Znuny

PRIORITIES = {1: "1 very low", 2: "2 low", 3: "3 normal", 4: "4 high", 5: "5 very high"}
NOBODY = "root@localhost"
_CLOSED = ("closed", "merged", "removed")


class ZnunyPlayer(Player):
    """`due` and `promised` are the dynamic fields DueBy and PromisedBy: a ticket has no date of its own that people set."""

    system = "znuny"

    def __init__(self, helpdesk: Znuny) -> None:
        super().__init__(helpdesk)
        self._znuny = helpdesk
        self._ids: dict[str, str] = {}
        self._customers: dict[str, str] = {}

    def opened(self, key: str, customer: str, subject: str, queue: str = "support") -> None:
        self._znuny.deliver(mail_from(customer, queue, subject, self._znuny.clock.now()))
        search = self._znuny.service("alice").call(
            "POST", "/Ticket/Search", {"SortBy": "TicketNumber", "OrderBy": "Down", "Limit": 1}
        )
        self._know(key, customer, str(search["TicketID"][0]))

    def entered(self, key: str, agent: str, customer: str, subject: str) -> None:
        address = f"{customer}@{CUSTOMERS}"
        article = {
            "Body": "Called, please help.", "From": address, "SenderType": "customer", "CommunicationChannel": "Phone",
            "HistoryType": "PhoneCallCustomer",
        }  # fmt: skip
        self._made(key, agent, customer, subject, article)

    def wrote_first(self, key: str, agent: str, customer: str, subject: str) -> None:
        article = {
            "Body": "We thought that you would like to know.", "From": f"{agent}@{DOMAIN}", "To": f"{customer}@{CUSTOMERS}",
            "SenderType": "agent", "CommunicationChannel": "Email", "HistoryType": "EmailAgent",
        }  # fmt: skip
        self._made(key, agent, customer, subject, article)

    def asked(self, key: str, writer: str, text: str) -> None:
        subject = f"Re: [Ticket#{self.numbers[key]}] again"
        self._znuny.deliver(mail_from(writer, "support", subject, self._znuny.clock.now(), text))

    def is_away(self, key: str, customer: str) -> None:
        subject = f"Re: [Ticket#{self.numbers[key]}] away"
        self._znuny.deliver(mail_from(customer, "support", subject, self._znuny.clock.now(), AWAY, automatic=True))

    def answered(self, key: str, agent: str, text: str) -> None:
        article = {
            "CommunicationChannel": "Email", "IsVisibleForCustomer": 1, "From": f"{agent}@{DOMAIN}",
            "To": f"{self._customers[key]}@{CUSTOMERS}", "HistoryType": "SendAnswer", "HistoryComment": "%%",
        }  # fmt: skip
        self._write(key, agent, text, article)

    def noted(self, key: str, agent: str, text: str) -> None:
        self._write(key, agent, text, {"CommunicationChannel": "Internal", "IsVisibleForCustomer": 0})

    def acknowledged(self, key: str) -> None:
        """Znuny has done so itself: the queue's automatic response."""

    def assigned(self, key: str, agent: str, to: str | None) -> None:
        self._update(key, agent, {"Owner": to or NOBODY})

    def prioritised(self, key: str, agent: str, level: int) -> None:
        self._update(key, agent, {"Priority": PRIORITIES[level]})

    def due(self, key: str, agent: str, hours: float | None) -> None:
        self._date(key, agent, "DueBy", hours)

    def promised(self, key: str, agent: str, hours: float) -> None:
        self._date(key, agent, "PromisedBy", hours)

    def resolved(self, key: str, agent: str) -> None:
        self._update(key, agent, {"State": "closed successful"})

    def rejected(self, key: str, agent: str) -> None:
        self._update(key, agent, {"State": "closed unsuccessful"})

    def deleted(self, key: str, agent: str) -> None:
        self._znuny.delete(self._ids[key])

    def waits_for_customer(self, key: str, agent: str) -> None:
        self._update(key, agent, {"State": "pending reminder", "PendingTime": {"Diff": 60 * 24 * 60}})

    def taken_back_up(self, key: str, agent: str) -> None:
        self._update(key, agent, {"State": "open"})

    def is_open_again(self, key: str, agent: str) -> None:
        state = self._get(key)["State"]
        assert state == "open", (key, state)  # the mail did it

    def moved(self, key: str, agent: str, queue: str, owner: str | None = None) -> None:
        self._update(key, agent, {"Queue": queue.title()} | ({"Owner": owner} if owner else {}))

    def merged(self, key: str, agent: str, into: str) -> None:
        self._znuny.merge(self._ids[key], self._ids[into], agent)

    def messages(self, key: str) -> list[Message]:
        found = []
        for article in self._get(key, AllArticles=1).get("Article", []):
            at = datetime.strptime(article["CreateTime"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            if article["SenderType"] != "system" and article["Subject"] != "Ticket Merged":
                found.append(Message(at, _name(article["From"]), bool(article["IsVisibleForCustomer"])))
        return sorted(found)

    def is_closed(self, key: str) -> bool:
        try:
            return self._get(key)["StateType"] in _CLOSED
        except AssertionError:  # of a ticket that is no more the reader is told that access is denied
            return True

    def _made(self, key: str, agent: str, customer: str, subject: str, article: dict[str, Any]) -> None:
        address = f"{customer}@{CUSTOMERS}"
        ticket = {"Title": subject, "Queue": "Support", "State": "new", "Priority": PRIORITIES[3], "CustomerUser": address}
        always = {
            "Subject": subject, "ContentType": "text/plain; charset=utf8", "IsVisibleForCustomer": 1, "HistoryComment": "%%"
        }  # fmt: skip
        made = self._znuny.service(agent).call("POST", "/Ticket", {"Ticket": ticket, "Article": always | article})
        self._know(key, customer, str(made["TicketID"]))

    def _know(self, key: str, customer: str, ticket_id: str) -> None:
        self._ids[key], self._customers[key] = ticket_id, customer
        self.numbers[key] = self._get(key)["TicketNumber"]

    def _get(self, key: str, **options: int) -> dict[str, Any]:
        found: dict[str, Any] = self._znuny.service().call("GET", f"/Ticket/{self._ids[key]}", options)["Ticket"][0]
        return found

    def _write(self, key: str, agent: str, text: str, article: dict[str, Any]) -> None:
        whole = {"Subject": "Re", "Body": text, "ContentType": "text/plain; charset=utf8", "SenderType": "agent"} | article
        self._patch(key, agent, {"Article": whole})

    def _date(self, key: str, agent: str, field: str, hours: float | None) -> None:
        value = "" if hours is None else moment(hours).strftime("%Y-%m-%d %H:%M:%S")
        self._patch(key, agent, {"DynamicField": [{"Name": field, "Value": value}]})

    def _update(self, key: str, agent: str, fields: dict[str, Any]) -> None:
        self._patch(key, agent, {"Ticket": fields})

    def _patch(self, key: str, agent: str, body: dict[str, Any]) -> None:
        self._znuny.service(agent).call("PATCH", f"/Ticket/{self._ids[key]}", body)


def _name(sender: str) -> str:
    """Of `Alice Desk <alice@desk.example>`, `"Alice Desk"` or an address alone."""
    return sender.strip('"').partition("@")[0].rpartition("<")[2].partition(" ")[0].lower()
