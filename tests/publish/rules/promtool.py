"""Stories -> what `promtool test rules` reads, and its verdict."""

import subprocess
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.publish.rules.series import Case
from tests.servers.requirement import require

RULES = Path(__file__).parents[3] / "config" / "prometheus" / "rules.yml"


def load(path: Path = RULES) -> dict[str, Any]:
    """The content of a rule file."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def alerts(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Alert name -> its rule."""
    return {rule["alert"]: rule for group in content["groups"] for rule in group["rules"] if "alert" in rule}


def only(content: dict[str, Any], alert: str) -> dict[str, Any]:
    """The rule file with one alert, the recording rules that it rests on, and no annotation but the description.

    Prometheus would evaluate all the others for every minute of every case, and nobody would look at them.
    """
    wanted = dict(alerts(content)[alert])
    wanted["annotations"] = {"description": wanted["annotations"]["description"]}
    texts, groups = [wanted["expr"], wanted["annotations"]["description"]], []
    for group in reversed(content["groups"]):
        kept = []
        for rule in reversed(group["rules"]):
            if rule.get("alert") == alert:
                kept.append(wanted)
            elif "record" in rule and any(rule["record"] in text for text in texts):
                texts.append(rule["expr"])
                kept.append(rule)
        if kept:
            groups.append({**group, "rules": kept[::-1]})
    return {"groups": groups[::-1]}


def check(cases: Iterable[Case], folder: Path, content: dict[str, Any]) -> str:
    """Runs all cases; what promtool has to say where one comes out otherwise, else nothing."""
    together: defaultdict[tuple[str, int], list[Case]] = defaultdict(list)
    for case in cases:
        together[case.alert, case.evaluated].append(case)
    return "".join(_run(alert, every, these, folder, content) for (alert, every), these in together.items())


def _run(alert: str, every: int, cases: list[Case], folder: Path, content: dict[str, Any]) -> str:
    rules = only(content, alert)
    fixed = alerts(content)[alert].get("labels", {})
    (folder / f"{alert}.rules.yml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    path = folder / f"{alert}.{every}.yml"
    test = {
        "rule_files": [f"{alert}.rules.yml"],
        "evaluation_interval": f"{every}s",
        "group_eval_order": [group["name"] for group in rules["groups"]],
        "tests": [_test(case, fixed) for case in cases],
    }
    path.write_text(yaml.safe_dump(test, sort_keys=False, width=10_000), encoding="utf-8")
    done = subprocess.run([require("promtool"), "test", "rules", str(path)], capture_output=True, text=True, timeout=300)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _test(case: Case, fixed: dict[str, str]) -> dict[str, Any]:
    expected = [{"exp_labels": {**fixed, **each.labels}, "exp_annotations": {"description": each.says}} for each in case.fires]
    return {
        "name": f"{case.alert}: {case.name}",
        "interval": f"{case.every}s",
        "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
        "alert_rule_test": [{"eval_time": case.at, "alertname": case.alert, "exp_alerts": expected}],
    }
