"""The configuration under which the daemon watches the demo contact centre."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.demo.call_traffic import RECEPTION
from monitor.demo.customers import STORIED, storied
from monitor.demo.mail_generator import ADDRESS
from monitor.demo.ticket_generator import COMPLAINT, QUEUE


def configuration(
    ami_port: int, imap_port: int, rt_port: int, passwords: Mapping[str, str], people: Path, hours: Mapping[str, Any]
) -> dict[str, Any]:
    """Contract section 3 as a dictionary; `passwords` by source; `people`: the file that says which number and which address
    are one customer's; `hours`: when people work there. Limits are those of the table of defaults unless said otherwise.

    The reception follows a published charter (Jamaica, Ministry of Finance; field-facts section 1): answer within five
    rings, hold for at most a minute, hand on to at most three people.
    """
    return {
        "timezone": "Europe/London",
        "country": "GB",
        "calendars": {
            "office": {"hours": hours},
        },
        "sources": {
            "pbx": {
                "type": "asterisk", "host": "127.0.0.1", "port": ami_port,
                "username": "monitor", "password": passwords["pbx"],
            },
            "mail": {
                "type": "imap", "host": "127.0.0.1", "port": imap_port, "tls": "none", "username": ADDRESS,
                "password": passwords["mail"], "addresses": [ADDRESS], "domains": ["demo.example"], "poll_every": "5s",
            },
            "helpdesk": {
                "type": "request_tracker", "url": f"http://127.0.0.1:{rt_port}", "token": passwords["helpdesk"],
                "complaints": [{"field": COMPLAINT[0], "value": COMPLAINT[1], "sector": "energy"}],
                "poll_every": "5s", "requests_per_minute": 6_000,
            },
            "visits": {"type": "events", "token": passwords["visits"]},
            "export": {"type": "events", "token": passwords["export"], "discover": False},
        },
        "contact_points": {
            "support-line": point("pbx", "Support line", "Support", "phone", queue="support"),
            "sales-line": point("pbx", "Sales line", "Sales", "phone", queue="sales"),
            "reception": point("pbx", "Reception", "Front desk", "charter", extension=RECEPTION),
            "info-mail": point("mail", "Mail to info@", "Support", "written", address=ADDRESS),
            "service-desk": point("helpdesk", "Service desk", "Back office", "written", queue=QUEUE),
            "web-chat": point("visits", "Web chat", "Support", "visits", channel="chat"),
            "front-counter": point("visits", "Front counter", "Front desk", "visits", channel="counter"),
        },
        "people": {"file": str(people)},
        "policies": {
            "phone": {"calendar": "office", "slow_answer": {"rings": 5}, "long_hold": {"after": "2m"}},
            "charter": {
                "calendar": "office", "slow_answer": {"rings": 5}, "long_hold": {"after": "1m"}, "handed_on": {"times": 2},
            },
            "written": {"calendar": "office", "late_reply": {"after": "4h"}},
            "visits": {"calendar": "office", "long_wait": {"after": "2m"}},
        },
    }  # fmt: skip


def write_people(file: Path) -> None:
    """The numbers and addresses of the customers who come on several channels."""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("telephone", "address"))
        writer.writerows((who.number, who.address) for who in map(storied, range(STORIED)))


def point(source: str, title: str, team: str, policy: str, **where: str) -> dict[str, str]:
    """One contact point."""
    return {"source": source, "title": title, "team": team, "policy": policy, **where}
