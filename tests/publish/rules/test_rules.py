"""The rule file as a whole: generated, well-formed, and speaking only of what exists."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from monitor.publish.catalogue import METRICS
from monitor.publish.rules.generate import GENERIC, render, rule_groups
from monitor.publish.rules.values import Alert
from monitor.publish.rules.windows import MAX_SHARE, share_at
from tests.publish.rules.promtool import RULES, alerts, load
from tests.servers.requirement import require

DOCS = Path(__file__).parents[3] / "docs"
CONTENT = load()
ALERTS = alerts(CONTENT)
RULES_BY_NAME: dict[str, str] = {
    rule.get("alert") or rule["record"]: rule["expr"] for group in CONTENT["groups"] for rule in group["rules"]
}
RECORDED = {rule["record"] for group in CONTENT["groups"] for rule in group["rules"] if "record" in rule}
#: Made by Prometheus itself, and by the Python client for every program.
GIVEN = {"up", "process_start_time_seconds", "ALERTS"}
SERIES = {
    name
    for spec in METRICS
    for name in (
        [f"{spec.full_name}_{part}" for part in ("bucket", "sum", "count")] if spec.type == "histogram" else [spec.full_name]
    )
}


def selectors(node: Any) -> Iterator[Any]:
    """Every vector selector below a node of a parsed expression."""
    if isinstance(node, promql.VectorSelector):
        yield node
    for name in ("lhs", "rhs", "expr", "args", "vector_selector", "vs"):
        below = getattr(node, name, None)
        for each in below if isinstance(below, list) else [below]:
            if isinstance(each, promql.Expr | promql.VectorSelector):
                yield from selectors(each)


def test_promtool_finds_nothing_wrong() -> None:
    config = RULES.with_name("prometheus.yml")
    for kind, path in (("rules", RULES), ("config", config)):
        done = subprocess.run([require("promtool"), "check", kind, str(path)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "FAILED" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", RULES_BY_NAME)
def test_every_metric_and_label_in_an_expression_exists(name: str) -> None:
    labels = {spec.full_name: set(spec.labels) for spec in METRICS} | {"ALERTS": {"alertname", "alertstate"}}
    found = list(selectors(promql.parse(RULES_BY_NAME[name])))
    assert len(found) == len(
        re.findall(r"contactpoint_\w+|contactpoint:[\w:]+|source:[\w:]+|\bup\b|process_\w+|\bALERTS\b", RULES_BY_NAME[name])
    )
    for selector in found:
        assert selector.name in SERIES | RECORDED | GIVEN
        for matcher in selector.matchers.matchers:
            assert matcher.name in labels.get(selector.name, {"signal", "contact_point"})


def test_an_alert_that_asks_what_fires_names_alerts_that_exist_and_never_in_a_circle() -> None:
    asked = {
        name: {each for found in re.findall(r'alertname=~?"([^"]+)"', rule["expr"]) for each in found.split("|")} - {name}
        for name, rule in ALERTS.items()
    }
    left = set(ALERTS)
    assert {each for found in asked.values() for each in found} <= left
    while left:
        ready = {name for name in left if not asked[name] & left}
        assert ready, left
        left -= ready


def test_metrics_asked_for_in_texts_exist_too() -> None:
    for rule in ALERTS.values():
        for text in (rule["annotations"]["summary"], rule["annotations"]["description"]):
            for name in re.findall(r"contactpoint_\w+|contactpoint:[\w:]+|source:[\w:]+", text):
                assert name in SERIES | RECORDED


def test_every_recording_rule_is_used_and_named_level_metric_operation() -> None:
    text = RULES.read_text(encoding="utf-8")
    for name in RECORDED:
        assert re.fullmatch(r"(contactpoint|source):[a-z0-9_]+:[a-z0-9_]+", name)
        assert text.count(name) > 1, name


def test_no_ratio_is_averaged_and_nothing_is_divided_by_what_may_be_nothing() -> None:
    for name, expr in RULES_BY_NAME.items():
        assert "avg" not in expr, name
        for divisor in re.findall(r"/\s*(\S.*)", expr):
            assert re.match(r"0\.\d+|\(+contactpoint:assessed:\w+ > 0\)", divisor), (name, divisor)


def test_no_objective_limit_or_name_is_written_into_an_expression() -> None:
    for name, expr in RULES_BY_NAME.items():
        assert "contact_point=" not in expr, name
        assert 'job="' not in expr, name
    assert {name for name, expr in RULES_BY_NAME.items() if "objective_ratio" in expr} >= {"contactpoint:page_share:threshold"}


def test_nothing_needs_a_newer_prometheus_than_2_42() -> None:
    groups = {key for group in CONTENT["groups"] for key in group}
    rules = {key for group in CONTENT["groups"] for rule in group["rules"] for key in rule}
    assert groups <= {"name", "interval", "rules"}
    assert rules <= {"record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"}


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_tells_everything_a_person_on_call_needs(name: str) -> None:
    rule = ALERTS[name]
    assert re.fullmatch(r"ContactPoint([A-Z][a-z]+)+", name)
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url", "dashboard_url", "page_url"}
    assert rule["labels"]["severity"] in {"critical", "warning", "info", "none"}
    assert rule["labels"]["family"] in {"customer", "source", "monitor"}
    names = {"customer": "$labels.contact_point", "source": "$labels.source"}.get(rule["labels"]["family"])
    assert names is None or names in rule["annotations"]["summary"]
    if rule["labels"]["severity"] in ("critical", "warning"):
        assert "First: " in rule["annotations"]["description"]
    assert not re.search(r"humanize|1970|\+0000", rule["annotations"]["summary"] + rule["annotations"]["description"])
    assert re.search(r"/d/contactpoint-(now|detail|written|weekly|monitor)(\?|$)", rule["annotations"]["dashboard_url"])


@pytest.mark.parametrize("name", [*ALERTS, "ContactPointMissing"])
def test_the_runbook_page_has_the_heading_that_the_alert_points_to(name: str) -> None:
    page = (DOCS / "runbooks" / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {name}\n")
    for part in ("## What it means", "## What to do"):
        assert part in page
    if name in ALERTS:
        assert ALERTS[name]["annotations"]["runbook_url"].endswith(f"/{name}.md#{name.lower()}")


def test_no_runbook_is_left_over_and_the_overview_names_every_alert() -> None:
    pages = {path.stem for path in (DOCS / "runbooks").glob("*.md")}
    assert pages == {*ALERTS, "ContactPointMissing"}
    overview = (DOCS / "alerts.md").read_text(encoding="utf-8")
    for name in pages:
        assert f"(runbooks/{name}.md)" in overview


def test_alerts_about_customers_speak_of_open_contact_points_only() -> None:
    for name, rule in ALERTS.items():
        if rule["labels"]["family"] == "customer":
            known = ("contactpoint:open_and_seen:max", "contactpoint_open", "contactpoint:source_blind:max")
            assert any(each in rule["expr"] for each in known), name


def test_a_condition_holds_for_two_scrapes_and_windows_span_four() -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    for name, rule in ALERTS.items():
        if "for" in rule:
            assert int(rule["for"][:-1]) * seconds[rule["for"][-1]] >= 30, name
    for name, expr in RULES_BY_NAME.items():
        for number, unit in re.findall(r"\[(\d+)([smhd])\]", expr):
            assert int(number) * seconds[unit] >= 300, name


# Section 2.4 of our notes on burn rates: the share of bad contacts at which each level alerts, worked out by hand.
@pytest.mark.parametrize(
    ("objective", "page", "ticket", "trend"),
    [
        (0.5, 0.8, 0.75, 0.5),  # 2 x 0.5 would be 1: capped
        (0.8, 0.4, 0.3, 0.2),
        (0.85, 0.45, 0.2625, 0.15),  # half way between 2 and 4, and between 1.5 and 2
        (0.9, 0.4, 0.2, 0.1),
        (0.95, 0.4, 0.15, 0.05),
        (0.98, 0.24, 0.1, 0.02),
        (0.99, 0.144, 0.06, 0.01),
        (0.999, 0.0144, 0.006, 0.001),
    ],
)
def test_every_burn_alert_can_fire_at_every_objective(objective: float, page: float, ticket: float, trend: float) -> None:
    for level, share in (("page", page), ("ticket", ticket), ("trend", trend)):
        assert share_at(level, objective) == pytest.approx(share)
        assert share <= MAX_SHARE


def test_prometheus_works_out_the_same_shares(tmp_path: Path) -> None:
    objectives = (0.5, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.999)
    wanted = {f"contactpoint:{level}_share:threshold": level for level in ("page", "ticket", "trend")}
    tests = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": f'contactpoint_objective_ratio{{signal="s{n}"}}', "values": f"{objective}x5"}
                    for n, objective in enumerate((*objectives, 1.0))
                ],
                "promql_expr_test": [
                    {
                        "expr": f"round({record} * 100000)",
                        "eval_time": "3m",
                        "exp_samples": [
                            {"labels": f'{{signal="s{n}"}}', "value": round(100000 * share_at(level, objective))}
                            for n, objective in enumerate(objectives)
                        ],
                    }
                    for record, level in wanted.items()
                ],
            }
        ],
    }
    path = tmp_path / "shares.yml"
    path.write_text(yaml.safe_dump(tests), encoding="utf-8")
    done = subprocess.run([require("promtool"), "test", "rules", str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_links_hold_names_that_contain_anything(tmp_path: Path) -> None:
    here = r'job="m",channel="phone",contact_point="a \"b\" & c/d"'
    series = {
        f'contactpoint_info{{{here},team="t"}}': "1x30",
        f"contactpoint_open{{{here}}}": "1x30",
        f'contactpoint_oldest_wait_business_seconds{{{here},wait="hold"}}': "600x30",
        f'contactpoint_waiting{{{here},wait="hold"}}': "2x30",
        f'contactpoint_limit_seconds{{{here},signal="long_hold"}}': "60x30",
    }
    labels = {
        "severity": "warning", "family": "customer", "signal": "long_hold", "wait": "hold",
        "job": "m", "channel": "phone", "contact_point": 'a "b" & c/d', "team": "t",
    }  # fmt: skip
    annotations = {
        "summary": 'a "b" & c/d: a customer is on hold far too long',
        "description": "A customer has been on hold for 10 min, since an unknown moment; on hold now: 2. The limit is 60 s. "
        "First: ask whoever has the call to take it up, or to call back.",
        "runbook_url": "https://runbooks.example.org/contact-monitor/ContactPointHoldTooLong.md#contactpointholdtoolong",
        "dashboard_url": "http://127.0.0.1:3000/d/contactpoint-detail?var-channel=phone"
        "&var-contact_point=a+%22b%22+%26+c%2Fd&from=now-6h&to=now",
        "page_url": "http://127.0.0.1:9760/contact-points/a%20%22b%22%20%26%20c%2Fd",
    }
    test = {
        "rule_files": [str(RULES)],
        "group_eval_order": [group["name"] for group in CONTENT["groups"]],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "alert_rule_test": [
                    {
                        "eval_time": "10m",
                        "alertname": "ContactPointHoldTooLong",
                        "exp_alerts": [{"exp_labels": labels, "exp_annotations": annotations}],
                    }
                ],
            }
        ],
    }
    path = tmp_path / "links.yml"
    path.write_text(yaml.safe_dump(test), encoding="utf-8")
    done = subprocess.run([require("promtool"), "test", "rules", str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_kubernetes_object_holds_the_same_rules() -> None:
    made = yaml.safe_load(render(rule_groups(), GENERIC.links, "kubernetes"))
    assert (made["apiVersion"], made["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert made["spec"] == CONTENT
    assert sum(isinstance(rule, Alert) for group in rule_groups() for rule in group.rules) == len(ALERTS)
