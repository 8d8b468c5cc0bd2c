"""The files that put the boards into a Grafana: they fit the boards and the Prometheus beside them."""

import re
from pathlib import Path
from typing import Any

import yaml

from tests.tools.grafana.committed import UIDS, boards

CONFIG = Path(__file__).parents[3] / "config"


def read(path: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CONFIG / path).read_text())
    return found


def test_the_data_source_knows_how_often_prometheus_scrapes() -> None:
    (source,) = read("grafana/provisioning/datasources/prometheus.yaml")["datasources"]
    scraped = read("prometheus/prometheus.yml")["global"]["scrape_interval"]
    assert (source["type"], source["jsonData"]["timeInterval"]) == ("prometheus", scraped)
    assert source["editable"] is False


def test_the_boards_stay_as_the_repository_has_them() -> None:
    (provider,) = read("grafana/provisioning/dashboards/contact-monitor.yaml")["providers"]
    assert provider["allowUiUpdates"] is False
    assert provider["disableDeletion"] is True
    assert provider["folder"]
    assert provider["type"] == "file"


def test_alerts_link_to_boards_that_are_there_with_variables_they_have() -> None:
    known = {uid: {variable["name"] for variable in board["templating"]["list"]} for uid, board in boards().items()}
    links = re.findall(r"dashboard_url: \S*?/d/([a-z-]+)(\S*)", (CONFIG / "prometheus" / "rules.yml").read_text())
    assert links
    for uid, arguments in links:
        assert uid in UIDS
        assert set(re.findall(r"[?&]var-(\w+)=", arguments)) <= known[uid]
