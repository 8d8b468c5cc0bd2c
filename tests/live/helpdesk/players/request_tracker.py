"""Plays stories in Request Tracker: customers through its mail gateway, agents through REST 2."""

from datetime import UTC, datetime
from typing import Any

from tests.live.helpdesk.mail import AWAY, CUSTOMERS, mail_from
from tests.live.helpdesk.player import Message, Player
from tests.live.helpdesk.story import moment
from tests.servers.helpdesk import READER
from tests.servers.request_tracker import RequestTracker

PRIORITIES = {1: 0, 2: 25, 3: 50, 4: 75, 5: 100}
NO_DATE = "1970-01-01 00:00:00"
CLOSED = ("resolved", "rejected", "deleted")
_WORDS = {"Create": True, "Correspond": True, "Comment": False}


class RequestTrackerPlayer(Player):
    """`due` is the ticket's Due, `promised` the custom field "Promised by"."""

    system = "request_tracker"

    def __init__(self, helpdesk: RequestTracker) -> None:
        super().__init__(helpdesk)
        self._rt = helpdesk

    def opened(self, key: str, customer: str, subject: str, queue: str = "support") -> None:
        self._rt.deliver(mail_from(customer, queue, subject, self._rt.clock.now()), queue.title())
        newest = self._rt.client().get("/tickets?query=id%3E0&orderby=id&order=DESC&per_page=1")["items"]
        self.numbers[key] = str(newest[0]["id"])

    def entered(self, key: str, agent: str, customer: str, subject: str) -> None:
        words = {"Content": "Called, please help.", "ContentType": "text/plain"}
        self._made(key, agent, {"Subject": subject, "Requestor": f"{customer}@{CUSTOMERS}"} | words)

    def wrote_first(self, key: str, agent: str, customer: str, subject: str) -> None:
        self._made(key, agent, {"Subject": subject, "Requestor": f"{customer}@{CUSTOMERS}"})
        self.answered(key, agent, "We thought that you would like to know.")

    def asked(self, key: str, writer: str, text: str) -> None:
        subject = f"Re: [desk.example #{self.numbers[key]}] again"
        self._rt.deliver(mail_from(writer, "support", subject, self._rt.clock.now(), text), "Support")

    def is_away(self, key: str, customer: str) -> None:
        subject = f"Re: [desk.example #{self.numbers[key]}] away"
        self._rt.deliver(mail_from(customer, "support", subject, self._rt.clock.now(), AWAY, automatic=True), "Support")

    def answered(self, key: str, agent: str, text: str) -> None:
        self._write(key, agent, "correspond", text)

    def noted(self, key: str, agent: str, text: str) -> None:
        self._write(key, agent, "comment", text)

    def acknowledged(self, key: str) -> None:
        """Request Tracker has done so itself: its rule "On Create Autoreply To Requestors"."""

    def assigned(self, key: str, agent: str, to: str | None) -> None:
        self._put(key, agent, {"Owner": to or "Nobody"})

    def prioritised(self, key: str, agent: str, level: int) -> None:
        self._put(key, agent, {"Priority": PRIORITIES[level]})

    def due(self, key: str, agent: str, hours: float | None) -> None:
        self._put(key, agent, {"Due": NO_DATE if hours is None else _written(hours)})

    def promised(self, key: str, agent: str, hours: float) -> None:
        self._put(key, agent, {"CustomFields": {"Promised by": _written(hours)}})

    def resolved(self, key: str, agent: str) -> None:
        self._put(key, agent, {"Status": "resolved"})

    def rejected(self, key: str, agent: str) -> None:
        self._put(key, agent, {"Status": "rejected"})

    def deleted(self, key: str, agent: str) -> None:
        self._put(key, agent, {"Status": "deleted"})

    def waits_for_customer(self, key: str, agent: str) -> None:
        self._put(key, agent, {"Status": "stalled"})

    def taken_back_up(self, key: str, agent: str) -> None:
        self._put(key, agent, {"Status": "open"})

    def is_open_again(self, key: str, agent: str) -> None:
        status = self._rt.client().get(f"/ticket/{self.numbers[key]}")["Status"]
        assert status == "open", (key, status)  # the mail did it

    def moved(self, key: str, agent: str, queue: str, owner: str | None = None) -> None:
        self._put(key, agent, {"Queue": queue.title()} | ({"Owner": owner} if owner else {}))

    def merged(self, key: str, agent: str, into: str) -> None:
        self._put(key, agent, {"MergeInto": self.numbers[into]})

    def messages(self, key: str) -> list[Message]:
        found = []
        for row in self._history(key):
            if row["Type"] in _WORDS:
                at = datetime.strptime(row["Created"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
                found.append(Message(at, row["Creator"]["id"].partition("@")[0], _WORDS[row["Type"]]))
        return sorted(found)

    def is_closed(self, key: str) -> bool:
        ticket = self._rt.client(READER).get(f"/ticket/{self.numbers[key]}")
        return str(ticket["id"]) != self.numbers[key] or ticket["Status"] in CLOSED

    def _history(self, key: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for page in range(1, 100):
            path = f"/ticket/{self.numbers[key]}/history?fields=Type,Created,Creator&per_page=100&page={page}"
            items = self._rt.client(READER).get(path)["items"]
            rows += items
            if len(items) < 100:
                break
        return rows

    def _made(self, key: str, agent: str, ticket: dict[str, str]) -> None:
        self.numbers[key] = str(self._rt.client(agent).post("/ticket", {"Queue": "Support"} | ticket)["id"])

    def _write(self, key: str, agent: str, how: str, text: str) -> None:
        self._rt.client(agent).post(f"/ticket/{self.numbers[key]}/{how}", {"Content": text, "ContentType": "text/plain"})

    def _put(self, key: str, agent: str, fields: dict[str, Any]) -> None:
        said = self._rt.client(agent).put(f"/ticket/{self.numbers[key]}", fields)
        refused = [line for line in said or [] if "denied" in str(line).lower() or "could not" in str(line).lower()]
        assert not refused, (key, fields, said)  # with status 200


def _written(hours: float) -> str:
    # Not ISO 8601: Request Tracker stores "…T…Z" as it stands, and its own searches by date then fail.
    return moment(hours).strftime("%Y-%m-%d %H:%M:%S")
