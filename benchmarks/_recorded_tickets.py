"""A Request Tracker of many tickets: the recorded answers of a real one, again and again under other numbers."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from tests.connectors.recorded_answers import recorded

PER_PAGE: Final = 100
#: Recorded tickets that no other was merged into.
KINDS: Final = (
    "due_slipped", "reopened_twice", "on_hold", "promise_slipped", "thanks", "moved_with_owner", "owner_laid_down", "rejected",
    "escalated", "answered_by_a_machine", "note_only", "entered_for_the_customer", "auto_only", "closed_by_mistake", "away",
    "we_wrote_first", "colleague_mails",
)  # fmt: skip
#: Colleagues of whom no account was recorded are as this one.
_COLLEAGUE: Final = "alice"
_CUSTOMER: Final = "somebody@customer.example"
_AFTER: Final = re.compile(r"id > (\d+) AND LastUpdated")
_CHANGED: Final = re.compile(r"id = (\d+) AND LastUpdated >= '([^']+)'")


class RecordedTickets:
    """Answers of Request Tracker's REST 2 as bytes, made beforehand: looking one up costs next to nothing."""

    def __init__(self, tickets: int) -> None:
        """`tickets` is a multiple of PER_PAGE."""
        self.count = tickets
        listed = {item["id"]: item for item in _json("tickets")["items"]}
        kinds = [(recorded("request_tracker", f"ticket_{kind}").path.rpartition("/")[2], f"history_{kind}") for kind in KINDS]
        self._rows: list[dict[str, Any]] = []
        self.histories: list[bytes] = []
        for number in range(1, tickets + 1):
            ref, history = kinds[number % len(kinds)]
            self._rows.append(_renumbered(listed[ref], ref, number))
            self.histories.append(_bytes(_renumbered(_json(history), ref, number)))
        pages = [self._rows[at : at + PER_PAGE] for at in range(0, tickets, PER_PAGE)]
        #: By the last id before it, with what is left; and by number, as a list that is not filtered.
        self._after = {at * PER_PAGE: _listing(rows, 1, tickets - at * PER_PAGE) for at, rows in enumerate(pages)}
        self._pages = [_listing(rows, number, tickets) for number, rows in enumerate(pages, 1)]
        self._others = _other_answers()

    def size(self) -> int:
        """Bytes of all lists and histories."""
        return sum(len(each) for each in (*self._pages, *self.histories))

    def page(self, number: int) -> bytes:
        """A page of all tickets, from 1."""
        return self._pages[number - 1]

    def history(self, ticket: str, page: int) -> bytes:
        """All records are on the first page."""
        return self.histories[int(ticket) - 1] if page == 1 else _listing([], page, None)

    def answer(self, path: str, params: Mapping[str, str]) -> bytes:
        """What `path` below REST/2.0/ answers to a reader of changes. Raises KeyError for what the recordings lack."""
        first, _, rest = path.partition("/")
        if path == "tickets":
            return self._search(params["query"])
        if rest.endswith("/history"):
            return self.history(rest.partition("/")[0], int(params["page"]))
        if first == "transaction":
            return self._others.get(path) or self._others["transaction"]
        if first == "user" and "@" in rest:
            return self._others["user"].replace(_CUSTOMER.encode(), rest.encode())
        return self._others[path]

    def _search(self, query: str) -> bytes:
        if found := _AFTER.match(query):
            return self._after[int(found[1])]
        if found := _CHANGED.match(query):  # which zone is it?
            row = self._rows[int(found[1]) - 1]
            return _listing([row] if row["LastUpdated"] >= found[2].replace(" ", "T") else [], 1, None)
        if query.startswith("("):  # are these still there?
            return _listing([self._rows[int(number) - 1] for number in re.findall(r"id = (\d+)", query)], 1, None)
        return _listing([] if "Status" in query else [self._rows[-1]], 1, None)  # other closed states; the newest


def _other_answers() -> dict[str, bytes]:
    """Queues, accounts, and the words of two messages that end a ticket."""
    queues = _json("queues")["items"] + _json("queues_last_page")["items"]
    answers = {"queues/all": _listing(queues, 1, len(queues))}
    for name in ("RT_System", "Nobody", _COLLEAGUE, "chatbot"):
        answers[f"user/{name}"] = _bytes(_json(f"user_{name}"))
    for name in ("bob", "cindy"):
        answers[f"user/{name}"] = answers[f"user/{_COLLEAGUE}"].replace(_COLLEAGUE.encode(), name.encode())
    customer = {"Name": _CUSTOMER, "EmailAddress": _CUSTOMER, "RealName": ""}  # all that an account without AdminUsers is shown
    answers["user"] = _bytes(_json("user_Nobody") | customer)
    for kind in ("in_time", "thanks", "away"):
        answer = recorded("request_tracker", f"attachments_{kind}")
        answers[answer.path.strip("/").partition("?")[0]] = answers["transaction"] = _bytes(answer.json())
        for part in answer.json()["items"]:
            content = b64encode(part["Content"].encode()).decode()
            answers[f"attachment/{part['id']}"] = _bytes({**part, "Content": content})
    answers["transaction"] = _bytes(_json("attachments_in_time"))
    return answers


def _json(name: str) -> Any:
    return recorded("request_tracker", name).json()


def _renumbered(value: Any, ref: str, number: int) -> Any:
    """The same of another ticket and another customer."""
    text = json.dumps(value)
    text = text.replace(f"/ticket/{ref}", f"/ticket/{number}").replace(f'"ObjectId": "{ref}"', f'"ObjectId": "{number}"')
    found = json.loads(text.replace("@customer.example", f"@customer{number}.example"))
    return {**found, "id": str(number)} if "id" in found else found


def _listing(rows: list[Any], page: int, total: int | None) -> bytes:
    pages = None if total is None else -(-total // PER_PAGE)
    return _bytes({"items": rows, "count": len(rows), "page": page, "pages": pages, "per_page": PER_PAGE, "total": total})


def _bytes(value: Any) -> bytes:
    return json.dumps(value, indent=3, separators=(",", " : ")).encode()  # as Request Tracker writes it
