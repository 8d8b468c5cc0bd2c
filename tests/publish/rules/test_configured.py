"""Rules for one configuration: narrowed, refused where they could never fire, and in the three formats."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from monitor.cli.rules import dead_links, render, tuning, unknown_critical
from monitor.config.loading import build
from monitor.config.models import Settings
from monitor.errors import ConfigError
from tests.publish.rules.cases_written import ONCE, single
from tests.publish.rules.promtool import alerts, check
from tests.publish.rules.series import POINT, Case, Expected, Series
from tests.servers.requirement import require

PBX = {"type": "asterisk", "host": "127.0.0.1", "username": "monitor", "password": "x"}
MAIL = {"type": "imap", "host": "127.0.0.1", "username": "info@example.org", "password": "x"}


def settings(**sections: Any) -> Settings:
    """A telephone system with one line, and what else is said."""
    line = {"support-line": {"source": "pbx", "queue": "support", "team": "desk"}}
    return build({"sources": {"pbx": PBX}, "contact_points": line, **sections})


def made(chosen: Settings) -> dict[str, dict[str, Any]]:
    return alerts(yaml.safe_load(render(chosen, "prometheus")))


def test_a_configuration_with_telephones_only_gets_no_alerts_about_mail() -> None:
    names = set(made(settings()))
    assert "ContactPointHoldTooLong" in names
    assert not names & {"ContactPointReplyVeryLate", "ContactPointComplaintDeadlineNear", "ContactPointNoOutbound"}


def test_a_source_that_may_bring_anything_keeps_them_all() -> None:
    names = set(made(settings(sources={"pbx": PBX, "push": {"type": "events", "token": "0123456789abcdef"}})))
    assert {"ContactPointReplyVeryLate", "ContactPointHoldTooLong", "ContactPointNoOutbound"} <= names


def test_a_configured_contact_point_that_is_not_there_is_missed_by_name() -> None:
    expr = made(settings())["ContactPointMissing"]["expr"]
    assert 'absent(contactpoint_info{contact_point="support-line"})' in expr


def test_links_counts_and_factors_are_those_of_the_configuration() -> None:
    chosen = settings(
        alerts={
            "page_url": "https://monitor.example.org/", "runbook_url": "https://wiki.example.org/runbooks",
            "dashboard_url": "https://grafana.example.org", "minimum_contacts": 50, "hold_factor": 3, "queue_factor": 9,
            "page_factor": 2, "ticket_factor": 1.25,
        }
    )  # fmt: skip
    hold = made(chosen)["ContactPointHoldTooLong"]
    assert "3 * max" in hold["expr"]
    assert hold["annotations"]["page_url"].startswith("https://monitor.example.org/contact-points/")
    assert hold["annotations"]["runbook_url"].startswith("https://wiki.example.org/runbooks/ContactPointHoldTooLong.md#")
    assert hold["annotations"]["dashboard_url"].startswith("https://grafana.example.org/d/contactpoint-detail?")
    assert "9 * max" in made(chosen)["ContactPointQueueUnanswered"]["expr"]
    assert ">= 50" in made(chosen)["ContactPointObjectiveTrend"]["expr"]
    assert "2 * (1 - (contactpoint:objective_ratio:max < 1))" in render(chosen, "prometheus")


def test_a_critical_line_alerts_on_every_single_one_whatever_it_is_called() -> None:
    chosen = settings(alerts={"critical": ["support-line", 'a "b" (c)']})
    assert unknown_critical(chosen) == ['a "b" (c)']
    expr = made(chosen)["ContactPointCriticalSignal"]["expr"]
    promql.parse(expr)
    assert r'contact_point=~"support\\-line|a\\ \"b\"\\ \\(c\\)"' in expr


def test_at_a_critical_line_a_customer_who_comes_again_or_starts_anew_is_no_alarm_unless_the_objective_says_so(
    tmp_path: Path,
) -> None:
    def happened(objective: float) -> Series:
        return {
            name: values
            for signal in ("repeat_contact", "lost_context", "turned_away")
            for name, values in single(objective, ONCE, signal=signal).items()
        }

    def told(*signals: str) -> tuple[Expected, ...]:
        said = (
            "Negative contacts in the last ten minutes: 1. Not one is allowed at this contact point. "
            "First: open its page, find the customer, and call back."
        )
        return tuple(Expected(said, {**POINT, "signal": signal}) for signal in signals)

    alert = "ContactPointCriticalSignal"
    cases = (
        Case(alert, "critical", happened(0.8), "33m", told("turned_away")),
        Case(alert, "not one is allowed", happened(1.0), "33m", told("repeat_contact", "lost_context", "turned_away")),
    )
    made_of = yaml.safe_load(render(settings(alerts={"critical": ["support-line"]}), "prometheus"))
    assert check(cases, tmp_path, made_of) == ""


def test_a_factor_is_not_refused_for_what_no_factor_alerts_of() -> None:
    """Customers who come again are allowed to be a fifth: six times that is more than all, but of them speaks the trend alone."""
    mail = {"mail": {"source": "mail", "address": "info@example.org"}}
    chosen = settings(sources={"mail": MAIL}, contact_points=mail, alerts={"ticket_factor": 6})
    assert "ContactPointSlowBurn" in made(chosen)


def test_factors_that_could_never_fire_are_refused_naming_each() -> None:
    chosen = settings(alerts={"page_factor": 14.4, "ticket_factor": 6})
    with pytest.raises(ConfigError) as error:
        render(chosen, "prometheus")
    told = [problem for problem in error.value.problems if "long_wait" in problem]
    assert told == [  # its objective is 80 %
        "alerts.page_factor: 14.4 x (1 - 0.8) = 2.88: long_wait of support-line (phone) could never alert: more than 80% of its "
        "contacts would have to be bad. With this objective use at most 4",
        "alerts.ticket_factor: 6 x (1 - 0.8) = 1.2: long_wait of support-line (phone) could never alert: more than 80% of its "
        "contacts would have to be bad. With this objective use at most 4",
    ]
    # 98 %: 14.4 x 0.02 = 0.288
    assert not any("long_hold" in problem for problem in error.value.problems)


def test_four_is_the_highest_factor_at_80_percent() -> None:
    assert tuning(settings(alerts={"page_factor": 4})).page_factor == 4
    assert made(settings(alerts={"page_factor": 4}))
    with pytest.raises(ConfigError):
        made(settings(alerts={"page_factor": 4.01}))


@pytest.mark.parametrize("wrong", ["monitor.example.org", "ftp://x", "https://x/{{ $labels.job }}", "https://x?y"])
def test_what_is_no_web_address_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigError, match=r"alerts\.page_url"):
        settings(alerts={"page_url": wrong})


def test_promtool_accepts_what_is_made(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    chosen = settings(sources={"pbx": PBX, "mail": MAIL}, alerts={"critical": ['a "b" (c)'], "page_factor": 2})
    path.write_text(render(chosen, "prometheus"), encoding="utf-8")
    done = subprocess.run([require("promtool"), "check", "rules", str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_addresses_that_lead_nowhere_are_named_with_the_remedy() -> None:
    nowhere = "so links in alerts lead nowhere on a phone; set it to where people on call"
    assert dead_links(settings(alerts={"page_url": "http://127.0.0.1:9760"})) == [
        f"alerts.page_url: note: 127.0.0.1 is the reader's own machine, {nowhere} reach the daemon's pages",
        f"alerts.dashboard_url: note: 127.0.0.1 is the reader's own machine, {nowhere} reach Grafana",
        f"alerts.runbook_url: note: runbooks.example.org is a placeholder, {nowhere} can read docs/runbooks",
    ]


def test_who_has_set_none_of_them_is_told_in_one_line() -> None:
    unset = "alerts: note: page_url, dashboard_url and runbook_url are not set, so links in alerts lead nowhere on a phone"
    assert dead_links(settings()) == [unset]
    assert dead_links(settings(alerts={"minimum_contacts": 5})) == [unset]


@pytest.mark.parametrize(
    ("address", "is_dead"),
    [
        ("http://localhost:9760", True),
        ("http://monitor.localhost", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:9760/monitor", True),
        ("http://0.0.0.0:9760", True),
        ("https://example.com", True),
        ("https://Monitor.Example.NET/x", True),
        ("https://monitor.test", True),
        ("https://user:secret@monitor.example", True),
        ("http://10.0.0.5:9760", False),
        ("http://monitor", False),
        ("https://contest.shop", False),
        ("https://notexample.org", False),
        ("http://[fd00::5]", False),
    ],
)
def test_which_addresses_lead_nowhere(address: str, is_dead: bool) -> None:
    alerts = {"page_url": address, "dashboard_url": "https://grafana.shop.de", "runbook_url": "https://wiki.shop.de/runbooks"}
    found = dead_links(settings(alerts=alerts))
    assert [note.split(":")[0] for note in found] == ["alerts.page_url"] * is_dead
    assert "secret" not in "".join(found)


def test_openslo_documents_have_the_shape_of_the_schema() -> None:
    policies = {"default": {"abandoned": {"objective": "100%"}}}
    documents = list(yaml.safe_load_all(render(settings(timezone="Europe/London", policies=policies), "openslo")))
    assert [each["kind"] for each in documents[:3]] == ["DataSource", "Service", "SLO"]
    names = set()
    for each in documents:
        assert each["apiVersion"] == "openslo/v1"
        assert re.fullmatch(r"[a-z0-9][a-z0-9.|/\\-]*[a-z0-9]*", each["metadata"]["name"])
        assert (each["kind"], each["metadata"]["name"]) not in names
        names.add((each["kind"], each["metadata"]["name"]))
    slos = {each["metadata"]["name"]: each["spec"] for each in documents if each["kind"] == "SLO"}
    # the eleven signals of a telephone line without the one that has no budget
    assert set(slos) == {
        f"support-line-phone-{signal}"
        for signal in (
            "slow-answer",
            "long-wait",
            "long-hold",
            "turned-away",
            "missed-callback",
            "handed-on",
            "slipped-promise",
            "low-rating",
            "repeat-contact",
            "lost-context",
        )
    }
    for spec in slos.values():
        assert spec["budgetingMethod"] == "Occurrences"
        assert all(0 <= objective["target"] < 1 for objective in spec["objectives"])
        assert spec["timeWindow"][0]["calendar"]["timeZone"] == "Europe/London"
        metric = spec["indicator"]["spec"]["ratioMetric"]
        assert ("bad" in metric, "good" in metric, metric["counter"]) == (True, False, True)
        for part in ("bad", "total"):
            promql.parse(metric[part]["metricSource"]["spec"]["query"])
    assert slos["support-line-phone-long-wait"]["objectives"][0]["target"] == 0.8


def test_the_command_prints_rules_and_leaves_with_2_when_it_refuses(tmp_path: Path) -> None:
    path = tmp_path / "monitor.yaml"

    def run(alerts_section: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        path.write_text(
            "sources: {pbx: {type: asterisk, host: 127.0.0.1, username: m, password: x}}\n"
            "contact_points: {support-line: {source: pbx, queue: support}}\n"
            f"alerts: {alerts_section}\n",
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "monitor", "rules", "--config", str(path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ.copy())

    good = run("{critical: [hotline]}", "--format", "kubernetes")
    assert good.returncode == 0
    assert yaml.safe_load(good.stdout)["kind"] == "PrometheusRule"
    assert good.stderr.splitlines() == [
        "alerts.critical: 'hotline' is no configured contact point; it alerts if one is discovered",
        *dead_links(settings()),
    ]
    refused = run("{page_factor: 14.4}")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "could never alert" in refused.stderr
