"""Accounts, projects, statuses, fields and documents of the simulated Jira, in the shapes of its description [D].

The letters are those of simulator.py.
"""

from collections.abc import Mapping
from typing import Any

USERNAME, TOKEN = "monitor@desk.example", "ATATT-s3cret-t0ken"
ALICE, BOB, CINDY, BOT, READER = "5b10:alice", "5b10:bob", "5b10:cindy", "5b10:chatbot", "5b10:monitor"
AUTOMATION = "557058:automation"
#: Account -> (name, address, kind); all others are customers, by their names.
PEOPLE: dict[str, tuple[str, str, str]] = {
    ALICE: ("Alice", "alice@desk.example", "atlassian"), BOB: ("Bob", "bob@desk.example", "atlassian"),
    CINDY: ("Cindy", "cindy@desk.example", "atlassian"), BOT: ("Chat Bot", "chatbot@desk.example", "atlassian"),
    READER: ("Monitor", USERNAME, "atlassian"), AUTOMATION: ("Automation for Jira", "", "app"),
}  # fmt: skip
#: By the names that queues have in the stories.
PROJECTS = {"10001": "SUP", "10002": "PRJ", "10003": "MGR", "10004": "CMP"}
#: Number, name, category: those of a workflow that Service Management makes [K].
STATUSES = [
    ("1", "Waiting for support", "indeterminate"), ("2", "Waiting for customer", "indeterminate"),
    ("3", "Pending", "indeterminate"), ("4", "Resolved", "done"), ("5", "Closed", "done"), ("6", "Canceled", "done"),
]  # fmt: skip
OPEN, FOR_CUSTOMER, PENDING, RESOLVED, CLOSED, CANCELED = (number for number, _, _ in STATUSES)
PRIORITIES = ["Highest", "High", "Medium", "Low", "Lowest"]  # the most urgent one first [D]
_SERVICE = "com.atlassian.servicedesk"
#: Key here -> (id, name, kind) of custom fields.
FIELDS = {
    "request_type": ("customfield_10010", "Request Type", f"{_SERVICE}:vp-origin"),
    "participants": ("customfield_10026", "Request participants", f"{_SERVICE}:sd-request-participants"),
    "first_response": ("customfield_10031", "Time to first response", f"{_SERVICE}:sd-sla-field"),
    "resolution_level": ("customfield_10030", "Time to resolution", f"{_SERVICE}:sd-sla-field"),
    "rating": ("customfield_10027", "Satisfaction", f"{_SERVICE}:sd-request-feedback"),
    "rated": ("customfield_10028", "Satisfaction date", f"{_SERVICE}:sd-request-feedback-date"),
    "promised": ("customfield_10100", "Promised by", "com.atlassian.jira.plugin.system.customfieldtypes:datepicker"),
    "kind": ("customfield_10101", "Kind", "com.atlassian.jira.plugin.system.customfieldtypes:select"),
}  # fmt: skip
DEFAULT_FIELDS: dict[str, Any] = dict.fromkeys(("first_response", "resolution_level", "rating", "rated", "promised", "kind"))


def listed() -> list[dict[str, Any]]:
    """What `/field` says."""
    own = [{"id": each, "name": each.title(), "custom": False, "schema": {"type": "string", "system": each}} for each in (
        "status", "priority", "assignee", "labels", "duedate",
    )]  # fmt: skip
    return own + [
        {"id": field, "name": name, "custom": True, "schema": {"type": "any", "custom": kind, "customId": int(field[12:])}}
        for field, name, kind in FIELDS.values()
    ]


def shown_field(key: str, held: Any, statuses: Mapping[str, tuple[str, str]]) -> tuple[str, Any]:
    """(id, value) of a field as an issue shows it."""
    field_id = FIELDS[key][0] if key in FIELDS else key
    if key == "status":
        name, kind = statuses[held]
        held = {"id": held, "name": name, "statusCategory": {"id": 1, "key": kind, "name": kind}}
    elif key == "priority":
        held = {"id": held, "name": PRIORITIES[int(held) - 1]}
    elif key == "issuetype":
        held = {"id": "10001", "name": held}
    elif key == "kind" and held is not None:
        held = {"id": "1", "value": held}
    elif key == "rating" and held is not None:
        held = {"rating": held}
    elif key == "request_type" and held is not None:
        held = {"requestType": {"id": "11", "name": held}, "currentStatus": {"status": "x"}}
    return field_id, held


def person(account: str, *, hides_address: bool) -> dict[str, Any]:
    """An account; its address may be hidden [D]."""
    name, address, kind = PEOPLE.get(account) or (account[3:].title(), f"{account[3:]}@customer.example", "customer")
    found = {"accountId": account, "accountType": kind, "displayName": name, "active": True}
    return found if hides_address or not address else {**found, "emailAddress": address}


def adf(text: str, files: int = 0) -> dict[str, Any]:
    """A document of one paragraph a line, and files."""
    content: list[dict[str, Any]] = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in text.split("\n") if line
    ]
    content += [
        {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"type": "file", "id": str(number)}}]}
        for number in range(files)
    ]
    return {"type": "doc", "version": 1, "content": content}


def level(*cycles: tuple[int, int | None, int, bool]) -> dict[str, Any]:
    """A service level: of each cycle when it began, ended (None: it runs), was or is due, and whether it is late; in seconds."""

    def told(start: int, stop: int | None, due: int, late: bool) -> dict[str, Any]:
        moments = {"startTime": start, "breachTime": due, **({} if stop is None else {"stopTime": stop})}
        spans = {key: {"millis": 1, "friendly": "x"} for key in ("goalDuration", "elapsedTime", "remainingTime")}
        return {
            **{key: {"epochMillis": each * 1000, "iso8601": "x", "jira": "x", "friendly": "x"} for key, each in moments.items()},
            "breached": late, **spans,
        }  # fmt: skip

    over = [told(*each) for each in cycles if each[1] is not None]
    running = [told(*each) for each in cycles if each[1] is None]
    return {"id": "1", "name": "x", "completedCycles": over, **({"ongoingCycle": running[0]} if running else {})}
