"""What recording rules come to at their edges, as a real Prometheus computes it."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.publish.rules.promtool import RULES, load
from tests.publish.rules.series import Scrapes, Series, ours
from tests.servers.requirement import require

S = Scrapes(steps=30)
SIGNAL = 'contact_point="support-line",signal="long_wait"'


def check(folder: Path, series: Series, expected: dict[str, float | None], at: str = "20m") -> str:
    """What promtool objects to: expression -> its one value without labels; None: there is none."""
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "group_eval_order": [group["name"] for group in load()["groups"]],
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {"expr": expr, "eval_time": at, "exp_samples": [] if value is None else [{"labels": "{}", "value": value}]}
                    for expr, value in expected.items()
                ],
            }
        ],
    }
    path = folder / "recorded.yml"
    path.write_text(yaml.safe_dump(test), encoding="utf-8")
    done = subprocess.run([require("promtool"), "test", "rules", str(path)], capture_output=True, text=True, timeout=120)
    return "" if done.returncode == 0 else done.stdout + done.stderr


#: Sources are read every 15 s: a watermark may lag 3 x 15 s + 60 s = 105 s.
@pytest.mark.parametrize(
    ("up", "watermark", "blind"),
    [
        ("1x30", "-105+60x30", 0),
        ("1x30", "-106+60x30", 1),
        ("0x30", "0+60x30", 1),
        ("0x30", "_x30", 1),  # down before anything was seen
        ("1x30", "_x30", 1),  # up, and its first complete read is still under way
    ],
)
def test_when_a_source_is_blind(tmp_path: Path, up: str, watermark: str, blind: int) -> None:
    assert check(tmp_path, S.source(up=up, watermark=watermark), {"sum(source:blind:max)": blind}) == ""


def test_a_contact_point_with_two_sources_is_blind_when_one_of_them_is(tmp_path: Path) -> None:
    also = ours("source_info", "1x30", channel="phone", contact_point="support-line", source="log", kind="queue_log")
    series = {**S.point(), **also, **S.source(), **S.source("log", "queue_log", up="0x30")}
    expected: dict[str, float | None] = {"sum(contactpoint:source_blind:max)": 1, "sum(contactpoint:open_and_seen:max)": None}
    assert check(tmp_path, series, expected) == ""


def test_a_contact_point_whose_source_was_not_tried_yet_is_blind(tmp_path: Path) -> None:
    series = {**S.point(), **S.source(up="_x30", watermark="_x30")}
    expected: dict[str, float | None] = {
        "sum(source:blind:max)": None, "sum(contactpoint:source_blind:max)": 1, "sum(contactpoint:open_and_seen:max)": None,
    }  # fmt: skip
    assert check(tmp_path, series, expected) == ""


def test_a_share_never_exceeds_one_though_the_windows_differ(tmp_path: Path) -> None:
    series = S.verdicts("long_wait", lambda _: 1, lambda _: 2)
    assert check(tmp_path, series, {f"sum(contactpoint:signals_per_assessed:ratio_increase5m{{{SIGNAL}}})": 1}) == ""


def test_three_bad_ones_of_three_are_at_least_53_percent(tmp_path: Path) -> None:
    # (3 + 1.64^2 / 2 - 1.64 * sqrt(3 * 0 / 3 + 1.64^2 / 4)) / (3 + 1.64^2) = 3 / 5.6896 = 0.5273
    series = {**ours("assessed_total", "0x30 3x40", channel="phone", contact_point="support-line", signal="long_wait")}
    series |= ours("signals_total", "0x30 3x40", channel="phone", contact_point="support-line", signal="long_wait")
    lower = f"round(1000 * sum(contactpoint:signals_per_assessed:wilson_lower1h{{{SIGNAL}}}))"
    assert check(tmp_path, series, {lower: 527}, at="65m") == ""
