"""Records what the real helpdesks answer, for unit tests: `python -m tests.live.helpdesk.record SYSTEM…`, all without names.

Plays some tickets of both stories and asks as the account that may only read. The answers go to `tests/recordings`, one
file each, without tokens, keys and passwords; the server is called desk.example there.
"""

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from monitor.connectors.request_tracker import RECORDS_TOLD, TICKETS_LISTED
from tests.live.helpdesk.conftest import PLAYERS, STORIES
from tests.live.helpdesk.player import Player, play
from tests.servers.helpdesk import READER, STRANGER, Answer, Helpdesk, HttpClient
from tests.servers.postgresql import running_postgresql
from tests.servers.redmine import Redmine
from tests.servers.request_tracker import RequestTracker
from tests.servers.znuny import Znuny, ZnunyService

RECORDINGS = Path(__file__).parents[2] / "recordings"
SECRET = "not-recorded"
KEPT_HEADERS = ("content-type", "etag", "last-modified", "location", "retry-after", "www-authenticate")
#: A ticket for each thing that a history can tell.
TICKETS = (
    "in_time", "merged_away", "thanks", "on_hold", "rejected", "due_slipped", "promise_slipped", "reopened_twice", "escalated",
    "auto_only", "note_only", "moved_with_owner", "owner_laid_down", "entered_for_the_customer", "we_wrote_first",
    "answered_by_a_machine", "closed_by_mistake", "away", "colleague_mails", "deleted", "newer", "merged_into_newer",
)  # fmt: skip


@dataclass(frozen=True)
class Recorder:
    """Writes the answers of one system."""

    system: str
    server: str
    secrets: tuple[str, ...]

    def keep(self, name: str, method: str, path: str, answer: Answer, asked: Any = None) -> Answer:
        """One answer, beside what was asked; a body of JSON in order, so that two recordings can be compared."""
        kind = answer.headers.get("Content-Type", "")
        body = answer.body.decode()
        record = {
            "request": {"method": method, "path": path} | ({"body": asked} if asked is not None else {}),
            "status": answer.status,
            "headers": {key: answer.headers[key] for key in KEPT_HEADERS if key in answer.headers},
        } | ({"json": json.loads(body)} if "json" in kind and body.strip() else {"text": body})
        text = json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True).replace(self.server, "http://desk.example")
        for secret in self.secrets:
            text = text.replace(secret, SECRET)
        folder = RECORDINGS / self.system
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.json").write_text(text + "\n")
        return answer

    def get(self, client: HttpClient, name: str, path: str) -> Answer:
        """Asks for `path` and keeps what answers."""
        return self.keep(name, "GET", path, client.ask("GET", path))


def record_request_tracker(player: Player, server: RequestTracker) -> None:
    """REST 2: what a pass of reading asks, and its errors."""
    reader = server.client(READER)
    to = Recorder(player.system, server.url, (server.token,))
    fields = "Subject,Status,Created,LastUpdated,Due,Owner,Queue,Priority,EffectiveId"
    to.get(reader, "rt", "/rt")
    to.get(reader, "queues", "/queues/all?fields=Name,Lifecycle,SLADisabled&per_page=3")
    to.get(reader, "queues_last_page", "/queues/all?fields=Name,Lifecycle,SLADisabled&per_page=3&page=2")
    to.get(reader, "users", "/users?fields=Name,EmailAddress,Privileged,Disabled&per_page=100")
    for name in ("alice", "chatbot", "carol@customer.example", "RT_System", "Nobody"):
        to.get(reader, f"user_{name.partition('@')[0]}", f"/user/{name}")
    to.get(reader, "custom_fields", "/customfields?fields=Name,Type,LookupType")
    since = quote("LastUpdated >= '2026-11-15 00:00:00'")
    for page in (1, 2):
        path = f"/tickets?query={since}&orderby=LastUpdated&order=ASC&per_page=5&page={page}&fields={fields}"
        to.get(reader, f"tickets_page_{page}", path)
    to.get(reader, "tickets_none", f"/tickets?query={quote('id > 9999')}&per_page=5&fields={fields}")
    to.get(reader, "tickets_bad_query", f"/tickets?query={quote('Nonsense = 1 AND')}")
    by_id = f"query={quote('id > 0')}&orderby=id&order=ASC&per_page=100&fields={TICKETS_LISTED}&{quote('fields[Queue]')}=Name"
    to.get(reader, "tickets", f"/tickets?{by_id}")
    rows = f"{RECORDS_TOLD},Data"
    for key in TICKETS:
        ticket = f"/ticket/{player.numbers[key]}"
        to.get(reader, f"ticket_{key}", ticket)
        to.get(reader, f"history_{key}", f"{ticket}/history?fields={rows}&per_page=100")
    to.get(reader, "history_page_1", f"/ticket/{player.numbers['in_time']}/history?fields={rows}&per_page=5")
    to.get(reader, "history_last_page", f"/ticket/{player.numbers['in_time']}/history?fields={rows}&per_page=5&page=4")
    for key, number in (("thanks", -1), ("away", -1), ("in_time", 0)):
        words = [row for row in _history(reader, player, key) if row["Type"] in ("Create", "Correspond")]
        path = f"/transaction/{words[number]['id']}/attachments?fields=Content,ContentType,Headers"
        to.get(reader, f"attachments_{key}", path)
    newest = reader.get("/transactions?query=id%3E0&orderby=id&order=DESC&per_page=1")["items"][0]["id"]
    to.get(reader, "transactions", f"/transactions?query=id%3E{int(newest) - 5}&orderby=id&fields={rows},Object")
    ticket = f"/ticket/{player.numbers['in_time']}"
    to.get(HttpClient(reader.base, {"Authorization": "token 1-1-0"}), "error_401", ticket)
    to.get(server.client(STRANGER), "error_403", ticket)
    to.get(server.client(STRANGER), "tickets_of_a_stranger", f"/tickets?query={quote('id > 0')}&per_page=5")
    to.get(reader, "error_404", "/ticket/9999")


def record_redmine(player: Player, server: Redmine) -> None:
    """REST: what a pass of reading asks, and its errors."""
    reader = server.client(READER)
    to = Recorder(player.system, server.url, tuple(server.facts("keys").values()))
    for name, path in (
        ("current_user", "/users/current.json?include=memberships"), ("projects", "/projects.json?limit=2"),
        ("projects_last_page", "/projects.json?limit=2&offset=2"), ("memberships", "/projects/support/memberships.json"),
        ("roles", "/roles.json"), ("role_agent", "/roles/3.json"), ("statuses", "/issue_statuses.json"),
        ("priorities", "/enumerations/issue_priorities.json"), ("trackers", "/trackers.json"), ("error_403", "/users.json"),
        ("custom_fields_403", "/custom_fields.json"), ("error_404", "/issues/9999.json"),
    ):  # fmt: skip
        to.get(reader, name, path)
    since = quote(">=2026-11-15T00:00:00Z")
    for page in (1, 2):
        path = f"/issues.json?status_id=*&sort=updated_on,id&limit=5&offset={5 * (page - 1)}&updated_on={since}"
        to.get(reader, f"issues_page_{page}", path)
    asked = [
        ("sort", "id"), ("limit", "100"), ("f[]", "status_id"), ("f[]", "updated_on"), ("f[]", "issue_id"),
        ("op[status_id]", "*"),
        ("op[updated_on]", ">="), ("v[updated_on][]", "2026-11-15T00:00:00Z"), ("op[issue_id]", ">="), ("v[issue_id][]", "15"),
    ]  # fmt: skip
    to.get(reader, "issues", f"/issues.json?{urlencode(asked)}")
    to.get(reader, "issues_none", f"/issues.json?status_id=*&updated_on={quote('>=2030-01-01T00:00:00Z')}")
    to.get(reader, "issues_bad_filter", f"/issues.json?status_id=*&updated_on={quote('>=2026-11-15T00:00:00+01:00')}")
    for key in TICKETS:
        to.get(reader, f"issue_{key}", f"/issues/{player.numbers[key]}.json?include=journals,relations")
    to.get(HttpClient(server.url, {"X-Redmine-API-Key": "0" * 40}), "error_401", "/issues.json")
    to.get(server.client(STRANGER), "issue_403", f"/issues/{player.numbers['in_time']}.json")
    to.get(server.client(STRANGER), "issues_of_a_stranger", "/issues.json?status_id=*")


def record_znuny(player: Player, server: Znuny) -> None:
    """The generic interface: what a pass of reading asks, and its errors."""
    reader = server.service()
    to = Recorder(player.system, server.url.partition("/otrs")[0], (server.password(), server.password(STRANGER)))

    def keep(service: ZnunyService, name: str, method: str, path: str, body: dict[str, Any]) -> Answer:
        shown = f"{path}?{urlencode(body)}" if method == "GET" else path
        return to.keep(name, method, shown, service.ask(method, path, body), body if method == "POST" else None)

    newer = {"TicketLastChangeTimeNewerDate": "2026-11-15 00:00:00", "SortBy": "Changed", "OrderBy": "Up", "Limit": 500}
    found = keep(reader, "search", "POST", "/Ticket/Search", newer).json()["TicketID"]
    later = {"TicketLastChangeTimeNewerDate": "2030-01-01 00:00:00", "SortBy": "Changed", "OrderBy": "Up", "Limit": 500}
    keep(reader, "search_none", "POST", "/Ticket/Search", later)
    every = {"AllArticles": 1, "DynamicFields": 1, "Extended": 1}
    keep(reader, "tickets", "GET", f"/Ticket/{','.join(found[:3])}", every)
    ids = {ticket["TicketNumber"]: ticket["TicketID"] for ticket in _tickets(reader)}
    for key in TICKETS:
        number = ids.get(player.numbers[key])
        if number is not None:  # not the deleted one
            keep(reader, f"ticket_{key}", "GET", f"/Ticket/{number}", every)
            keep(reader, f"history_{key}", "GET", f"/Ticket/History/{number}", {})
    keep(reader, "error_unknown_ticket", "GET", "/Ticket/9999", every)
    keep(reader, "error_unknown_history", "GET", "/Ticket/History/9999", {})
    keep(server.service(STRANGER), "error_access_denied", "GET", f"/Ticket/{found[0]}", every)
    keep(server.service(STRANGER), "search_of_a_stranger", "POST", "/Ticket/Search", {})
    wrong = ZnunyService(server.url, READER, "wrong")
    keep(wrong, "error_wrong_password", "POST", "/Ticket/Search", {})
    keep(wrong, "error_wrong_password_get", "GET", f"/Ticket/{found[0]}", {})
    keep(reader, "error_unknown_route", "GET", "/Nothing", {})
    keep(ZnunyService(server.url.replace("monitor", "nothing"), READER, "x"), "error_unknown_service", "GET", "/Ticket/1", {})


def _history(reader: HttpClient, player: Player, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = reader.get(f"/ticket/{player.numbers[key]}/history?fields=Type&per_page=100")["items"]
    return rows


def _tickets(reader: ZnunyService) -> list[dict[str, Any]]:
    found = ",".join(reader.call("POST", "/Ticket/Search", {"Limit": 500})["TicketID"])
    tickets: list[dict[str, Any]] = reader.call("GET", f"/Ticket/{found}")["Ticket"]
    return tickets


@contextlib.contextmanager
def _server(system: str) -> Iterator[Helpdesk]:
    with contextlib.ExitStack() as stack:
        if system == "znuny":
            yield stack.enter_context(Znuny(stack.enter_context(running_postgresql())))
        else:
            yield stack.enter_context(Redmine() if system == "redmine" else RequestTracker())


RECORD = {"request_tracker": record_request_tracker, "redmine": record_redmine, "znuny": record_znuny}


def main(systems: list[str]) -> None:
    """Records these systems anew."""
    wanted = [ticket for story in STORIES.values() for ticket in story if ticket.key in TICKETS]
    for system in systems or list(RECORD):
        with _server(system) as server:
            player = PLAYERS[system](server)
            play(player, wanted)
            RECORD[system](player, server)


if __name__ == "__main__":
    main(sys.argv[1:])
