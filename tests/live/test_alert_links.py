"""Every link to the daemon's pages that alerts, dashboards and runbooks make leads somewhere, whatever a contact point is called.

The addresses in alerts are made by a real Prometheus from the committed annotations; only the expressions are replaced, so that
every alert fires at every contact point or source.
"""

import asyncio
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import yaml

from tests.servers.daemon import Daemon
from tests.servers.prometheus import READY_SECONDS, Prometheus

TOP = Path(__file__).parents[2]
RUNBOOKS = TOP / "docs" / "runbooks"
NAMES = ("support-line", "Straße 1/2", "100 % + mehr", "a%20b", "ä?x=1&y#z", 'say "hello" <b>', "100%25")
CONFIG = {
    "sources": {"desk": {"type": "events", "token": "secret"}},
    "contact_points": {name: {"source": "desk", "channel": "phone", "title": f"Title of {name}"} for name in NAMES},
}
#: Fires at every contact point, or every source.
EVERYWHERE = {
    "customer": 'max without (instance) (contactpoint_info{contact_point!="other"})',
    "source": "max without (instance, channel, contact_point) (contactpoint_source_info)",
    "monitor": "vector(1)",
}


def rules_that_fire(to: Path) -> dict[str, str]:
    """Writes the committed alerts as rules that fire everywhere; their names and families."""
    content: dict[str, Any] = yaml.safe_load((TOP / "config" / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
    alerts = [rule for group in content["groups"] for rule in group["rules"] if "alert" in rule]
    for rule in alerts:
        rule.pop("for", None)
        rule["expr"] = EVERYWHERE[rule["labels"]["family"]]
    to.write_text(json.dumps({"groups": [{"name": "all", "rules": alerts}]}))
    return {rule["alert"]: rule["labels"]["family"] for rule in alerts}


def ask(address: str, path: str) -> tuple[int, str]:
    """Status and page, as a browser asks."""
    request = urllib.request.Request(f"http://{address}{path}", headers={"Accept": "text/html"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)


def paths_of_dashboards() -> set[str]:
    """What stands behind the address of the monitor in links of the dashboards."""
    found = set()
    for board in sorted((TOP / "dashboards").glob("*.json")):
        for text in texts(json.loads(board.read_text(encoding="utf-8"))):
            found |= set(re.findall(r"\$\{monitor_url[^}]*\}(/(?:\$\{[^}]*\}|[^\s()\"'$])*)", text))
    return found


async def test_every_alert_leads_to_a_page_of_its_own_contact_point(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    families = rules_that_fire(rules)
    assert set(families.values()) == set(EVERYWHERE)
    async with Daemon(tmp_path, CONFIG) as daemon, Prometheus(daemon.address, rules=(rules,)) as prometheus:
        found: list[dict[str, Any]] = []
        until = time.monotonic() + READY_SECONDS
        wanted = sum(len(NAMES) if family == "customer" else 1 for family in families.values())
        while len(found) < wanted:
            assert time.monotonic() < until, f"{len(found)} alerts of {wanted}"
            await asyncio.sleep(0.2)
            found = await prometheus.alerts()
        assert {each["labels"]["alertname"] for each in found} == set(families)
        asked: dict[str, tuple[int, str]] = {}
        for each in found:
            address = urlsplit(each["annotations"]["page_url"])
            assert (address.scheme, address.query, address.fragment) == ("http", "", ""), each["annotations"]["page_url"]
            if address.path not in asked:
                asked[address.path] = await asyncio.to_thread(ask, daemon.address, address.path)
            status, page = asked[address.path]
            assert status == 200, each["annotations"]["page_url"]
            if address.path.startswith("/contact-points/"):
                assert f"<h1>Title of {escape(each['labels']['contact_point'], quote=False)}</h1>" in page.replace("&#34;", '"')
        assert len(asked) > len(NAMES)


async def test_every_page_that_dashboards_and_runbooks_name_is_there(tmp_path: Path) -> None:
    paths = paths_of_dashboards()
    assert {"/", "/contact-points/${__data.fields.Name:percentencode}"} <= paths
    for runbook in sorted(RUNBOOKS.glob("*.md")):
        paths |= set(re.findall(r"[`(](/[\w/-]*)[`)]", runbook.read_text(encoding="utf-8")))
    async with Daemon(tmp_path, CONFIG) as daemon:
        for path in sorted(paths):
            for name in NAMES:
                filled = re.sub(r"\$\{[^}]*\}", quote(name, safe=""), path)
                assert (await asyncio.to_thread(ask, daemon.address, filled))[0] == 200, filled


@pytest.mark.parametrize("runbook", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_every_file_that_a_runbook_links_to_is_there(runbook: Path) -> None:
    for target in re.findall(r"\]\((?!\w+:|/|#)([^)#\s]+)", runbook.read_text(encoding="utf-8")):
        assert (runbook.parent / target).exists(), target
