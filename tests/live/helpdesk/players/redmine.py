"""Plays stories in Redmine: customers through its web service for mail, agents through REST.

Redmine has no merge (people relate the duplicate and close it), and mail does not open an issue again (an agent does).
"""

from datetime import datetime
from typing import Any

from tests.live.helpdesk.mail import AWAY, mail_from
from tests.live.helpdesk.player import Message, Player
from tests.live.helpdesk.story import moment
from tests.servers.helpdesk import BOT, READER
from tests.servers.redmine import Redmine

PRIORITIES = {1: "Low", 2: "Normal", 3: "High", 4: "Urgent", 5: "Immediate"}


class RedminePlayer(Player):
    """`due` is the issue's due date, `promised` the custom field "Promised by": both are days."""

    system = "redmine"

    def __init__(self, helpdesk: Redmine) -> None:
        super().__init__(helpdesk)
        self._redmine = helpdesk
        self._subjects: dict[str, str] = {}

    def opened(self, key: str, customer: str, subject: str, queue: str = "support") -> None:
        self._redmine.deliver(mail_from(customer, queue, subject, self._redmine.clock.now()), queue)
        newest = self._redmine.client().get("/issues.json?status_id=*&sort=id:desc&limit=1")["issues"]
        self.numbers[key] = str(newest[0]["id"])

    def entered(self, key: str, agent: str, customer: str, subject: str) -> None:
        self._made(key, agent, subject, f"{customer} called, please help.")

    def wrote_first(self, key: str, agent: str, customer: str, subject: str) -> None:
        self._made(key, agent, subject, f"We thought that {customer} would like to know.")

    def asked(self, key: str, writer: str, text: str) -> None:
        subject = f"Re: [Support #{self.numbers[key]}] again"
        self._redmine.deliver(mail_from(writer, "support", subject, self._redmine.clock.now(), text), "support")

    def is_away(self, key: str, customer: str) -> None:
        subject = f"Re: [Support #{self.numbers[key]}] away"
        mail = mail_from(customer, "support", subject, self._redmine.clock.now(), AWAY, automatic=True)
        self._redmine.deliver(mail, "support", accepted=False)

    def answered(self, key: str, agent: str, text: str) -> None:
        self._put(key, agent, notes=text)

    def noted(self, key: str, agent: str, text: str) -> None:
        self._put(key, agent, notes=text, private_notes=True)

    def acknowledged(self, key: str) -> None:
        self._put(key, BOT, notes="We have received your request.")  # Redmine has no acknowledgement of its own

    def assigned(self, key: str, agent: str, to: str | None) -> None:
        self._put(key, agent, assigned_to_id=self._redmine.facts("ids")[to] if to else "")

    def prioritised(self, key: str, agent: str, level: int) -> None:
        self._put(key, agent, priority_id=self._redmine.facts("priorities")[PRIORITIES[level]])

    def due(self, key: str, agent: str, hours: float | None) -> None:
        self._put(key, agent, due_date="" if hours is None else moment(hours).strftime("%Y-%m-%d"))

    def promised(self, key: str, agent: str, hours: float) -> None:
        field = {"id": self._redmine.promise_field, "value": moment(hours).strftime("%Y-%m-%d")}
        self._put(key, agent, custom_fields=[field])

    def resolved(self, key: str, agent: str) -> None:
        self._status(key, agent, "Closed")

    def rejected(self, key: str, agent: str) -> None:
        self._status(key, agent, "Rejected")

    def deleted(self, key: str, agent: str) -> None:
        answer = self._redmine.client(agent).ask("DELETE", f"/issues/{self.numbers[key]}.json")
        assert answer.status == 204, answer

    def waits_for_customer(self, key: str, agent: str) -> None:
        self._status(key, agent, "Feedback")

    def taken_back_up(self, key: str, agent: str) -> None:
        self._status(key, agent, "In Progress")

    def is_open_again(self, key: str, agent: str) -> None:
        self._status(key, agent, "In Progress")

    def moved(self, key: str, agent: str, queue: str, owner: str | None = None) -> None:
        owned = {"assigned_to_id": self._redmine.facts("ids")[owner]} if owner else {}
        self._put(key, agent, project_id=self._redmine.facts("projects")[queue], **owned)

    def merged(self, key: str, agent: str, into: str) -> None:
        relation = {"issue_to_id": self.numbers[into], "relation_type": "duplicates"}
        self._redmine.client(agent).post(f"/issues/{self.numbers[key]}/relations.json", {"relation": relation})
        self._status(key, agent, "Rejected")

    def messages(self, key: str) -> list[Message]:
        issue = self._redmine.client(READER).get(f"/issues/{self.numbers[key]}.json?include=journals")["issue"]
        found = [Message(_moment(issue["created_on"]), _name(issue["author"]), public=True)]
        for journal in issue["journals"]:
            by = _name(journal["user"])
            if journal["notes"] and "received your request" not in journal["notes"]:
                found.append(Message(_moment(journal["created_on"]), by, not journal["private_notes"]))
        return sorted(found)

    def is_closed(self, key: str) -> bool:
        answer = self._redmine.client(READER).ask("GET", f"/issues/{self.numbers[key]}.json")
        return answer.status == 404 or bool(answer.json()["issue"]["status"]["is_closed"])

    def _made(self, key: str, agent: str, subject: str, description: str) -> None:
        tracker, priority = self._redmine.facts("trackers")["Support"], self._redmine.facts("priorities")[PRIORITIES[3]]
        issue = {
            "project_id": "support", "subject": subject, "description": description, "tracker_id": tracker,
            "priority_id": priority,
        }  # fmt: skip
        self.numbers[key] = str(self._redmine.client(agent).post("/issues.json", {"issue": issue})["issue"]["id"])

    def _status(self, key: str, agent: str, name: str) -> None:
        self._put(key, agent, status_id=self._redmine.facts("statuses")[name])

    def _put(self, key: str, agent: str, **fields: Any) -> None:
        self._redmine.client(agent).put(f"/issues/{self.numbers[key]}.json", {"issue": fields})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _name(user: dict[str, Any]) -> str:
    return str(user["name"]).split(" ")[0].lower()
