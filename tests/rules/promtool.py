"""Stories -> what `promtool test rules` reads, and its verdict."""

import subprocess
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.rules.series import Story
from tests.servers.requirement import require

RULES = Path(__file__).parents[2] / "config" / "prometheus" / "rules.yml"


def told_only(rules: Path, to: Path) -> dict[str, dict[str, str]]:
    """A copy of the rule file whose alerts have no annotation but the description; returns each alert's fixed labels."""
    content: dict[str, Any] = yaml.safe_load(rules.read_text(encoding="utf-8"))
    labels = {}
    for group in content["groups"]:
        for rule in group["rules"]:
            if "alert" in rule:
                rule["annotations"] = {"description": rule["annotations"]["description"]}
                labels[rule["alert"]] = rule.get("labels", {})
    to.write_text(yaml.safe_dump(content), encoding="utf-8")
    return labels


def check(stories: Iterable[Story], folder: Path, rules: Path = RULES) -> str:
    """Runs all stories; what promtool has to say where one does not come true, else nothing."""
    fixed = told_only(rules, folder / "rules.yml")
    order = [group["name"] for group in yaml.safe_load(rules.read_text(encoding="utf-8"))["groups"]]
    by_interval: defaultdict[int, list[Story]] = defaultdict(list)
    for story in stories:
        by_interval[story.every].append(story)
    said = ""
    for every, these in by_interval.items():
        content = {
            "rule_files": ["rules.yml"],
            "evaluation_interval": f"{every}s",
            "group_eval_order": order,
            "tests": [_test(story, fixed[story.alert]) for story in these],
        }
        path = folder / f"every-{every}.yml"
        path.write_text(yaml.safe_dump(content, sort_keys=False, width=10_000), encoding="utf-8")
        done = subprocess.run([require("promtool"), "test", "rules", str(path)], capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            said += done.stdout + done.stderr
    return said


def _test(story: Story, fixed: dict[str, str]) -> dict[str, Any]:
    expected = [
        {"exp_labels": {**fixed, **each.labels}, "exp_annotations": {"description": each.says}} for each in story.fires
    ]
    return {
        "name": f"{story.alert}: {story.name}",
        "interval": f"{story.every}s",
        "input_series": [{"series": series, "values": values} for series, values in story.series.items()],
        "alert_rule_test": [{"eval_time": story.at, "alertname": story.alert, "exp_alerts": expected}],
    }
