"""docs/notify.md: every address in its table is one, and its table of alerts is the table of facts."""

import re
from pathlib import Path

import pytest

from monitor.notify.delivery import problem
from monitor.notify.values import FACTS

PAGE = (Path(__file__).parents[2] / "docs" / "notify.md").read_text()
#: What stands for a secret on the page -> what one looks like.
LIKE = {
    "INTEGRATION_KEY": "A" * 32,
    "API_KEY": "B" * 20,
    "https://hooks.slack.com/services/T…/B…/…": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "from=…": "from=monitor@example.net",
    "to=…": "to=ops@example.net",
}


def addresses() -> list[str]:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "://" in line]
    found = [text for row in rows for text in re.findall(r"`([a-z]+://[^`]+)`", row)]
    for shown, like in LIKE.items():
        found = [each.replace(shown, like) for each in found]
    return found


def test_there_are_addresses_for_each_kind() -> None:
    assert [each.partition(":")[0] for each in addresses()] == ["mailtos", "mailto", "jsons", "https", "pagerduty", "ntfys"]


@pytest.mark.parametrize("address", addresses())
def test_an_address_on_the_page_is_one(address: str) -> None:
    assert problem(address) is None


def test_the_address_of_a_workflow_of_teams_is_taken_as_teams_shows_it() -> None:
    host = "https://prod-01.westeurope.logic.azure.com:443"
    query = "api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z0eu"
    assert problem(f"{host}/workflows/643e69f83c8944438d68119179a10a64/triggers/manual/paths/invoke?{query}") is None


def test_the_page_names_every_alert_with_its_severity() -> None:
    told = {
        name: severity
        for names, severity in re.findall(r"^\| (ContactPoint[^|]+) \| (critical|warning|info)", PAGE, re.MULTILINE)
        for name in names.split(", ")
    }
    assert told == {name: facts.severity for name, facts in FACTS.items()}
