"""Every alert fires when it should and stays silent when it should not, as a real Prometheus computes it."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.publish.rules import cases_live, cases_monitor, cases_objectives, cases_written
from tests.publish.rules.promtool import RULES, alerts, check, load
from tests.publish.rules.series import Scrapes, ours
from tests.servers.requirement import require

CASES = (*cases_live.CASES, *cases_written.CASES, *cases_objectives.CASES, *cases_monitor.CASES)
GENERIC = load()


@pytest.mark.parametrize("alert", alerts(GENERIC))
def test_every_case_of_this_alert_comes_out_as_expected(alert: str, tmp_path: Path) -> None:
    assert check([case for case in CASES if case.alert == alert], tmp_path, GENERIC) == ""


@pytest.mark.parametrize("alert", alerts(GENERIC))
def test_it_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent(alert: str) -> None:
    fires = {bool(case.fires) for case in CASES if case.alert == alert}
    assert fires == ({True} if alert == "ContactPointWatchdog" else {True, False})


def test_where_all_is_well_nothing_fires_but_the_watchdog(tmp_path: Path) -> None:
    scrapes = Scrapes(steps=150)
    mail = {"name": "info-mail", "channel": "email"}
    series = {
        **scrapes.daemon(),
        **scrapes.source(),
        **scrapes.source("mail", "imap"),
        **ours("source_last_outbound_timestamp_seconds", scrapes.clock(), source="mail", kind="imap"),
        **scrapes.point(objectives={"long_wait": 0.8}, limits={"long_wait": 20, "long_hold": 120}),
        **scrapes.point(**mail, source=("mail", "imap"), objectives={"late_reply": 0.9}, limits={"late_reply": 14400}),
        **scrapes.verdicts("long_wait", lambda _: 1, lambda step: int(step % 6 == 0)),
        **scrapes.verdicts("late_reply", lambda _: 1, lambda _: 0, **mail),
        **scrapes.waits("queue", "0 1 2 1x150", "0 5 15 10x150"),
        **scrapes.waits("hold", "0x150", "0x150"),
        **scrapes.waits("reply", "3x150", "5000x150", **mail),
    }
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "group_eval_order": [group["name"] for group in GENERIC["groups"]],
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": "count by (alertname) (ALERTS)",
                        "eval_time": at,
                        "exp_samples": [{"labels": '{alertname="ContactPointWatchdog"}', "value": 1}],
                    }
                    for at in ("1m", "10m", "61m", "149m")
                ],
            }
        ],
    }
    path = tmp_path / "well.yml"
    path.write_text(yaml.safe_dump(test, width=10_000), encoding="utf-8")
    done = subprocess.run([require("promtool"), "test", "rules", str(path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
